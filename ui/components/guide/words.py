"""What the help and the tour say of each page: what it is for, how one works there, its keys."""

from collections.abc import Mapping
from dataclasses import dataclass

from ui.language import msgid

Keys = tuple[tuple[str, str], ...]  # key, and what it does


@dataclass(frozen=True, kw_only=True)
class Help:
    """What is said of one page. The tour says the first sentence alone."""

    is_for: str
    hints: tuple[str, ...] = ()
    keys: Keys = ()


_STEPPING: Keys = (("J", msgid("next code")), ("K", msgid("previous code")))
_TURNING: Keys = (
    *_STEPPING,
    ("S", msgid("stop what is being computed, or go on")),
    ("E", msgid("save the evidence sheet")),
)
HELP: Mapping[str, Help] = {
    "inbox": Help(
        is_for=msgid(
            "The inbox is the worklist: notes come in here, and every chart has its status."
        ),
        hints=(
            msgid("Drop files on the field at the top; nothing is stored before you say so."),
            msgid("Open a chart by a click on its line, or take the next one that waits."),
            msgid('"Most to learn first" puts the charts first that would teach the model most.'),
        ),
        keys=(("N", msgid("next note that is not done")),),
    ),
    "review": Help(
        is_for=msgid(
            "On the review page you decide on the codes of one chart, "
            "with the evidence in its note."
        ),
        hints=(
            msgid(
                "A suggestion is never a decision: accept or reject each, and add what is missing."
            ),
            msgid("Select words in the note before you accept, and they are kept as evidence."),
            msgid("Everything is saved as you go, and every decision can be undone."),
        ),
        keys=(
            ("A", msgid("accept the code")),
            ("X", msgid("reject it, with the reason")),
            ("U", msgid("undo your last decision")),
            ("/", msgid("add a code by number or words")),
            ("O", msgid("the chart as coded, or the suggestions; what is selected stays")),
            ("N", msgid("next note that is not done")),
            ("F", msgid("finish the chart, or reopen it")),
            ("?", msgid("all keys of the page")),
        ),
    ),
    "compare": Help(
        is_for=msgid(
            "On the compare page two codings of one chart stand side by side, to be settled."
        ),
        hints=(
            msgid(
                "Settle every code on which the two differ; then the adjudication can be finished."
            ),
        ),
        keys=(
            *_STEPPING,
            ("A", msgid("accept the code")),
            ("1–6", msgid("reject it, with the reason")),
            ("Z", msgid("undo your last decision")),
            ("F", msgid("finish the chart, or reopen it")),
        ),
    ),
    "audit": Help(
        is_for=msgid(
            "The audit page shows one code as it was shown, decided and explained by every method."
        ),
        hints=(
            msgid("Choose a chart and a code; evidence comes in while you look on."),
            msgid("The evidence sheet is one file with all of it, for your records."),
        ),
        keys=_TURNING,
    ),
    "quality": Help(
        is_for=msgid(
            "On the quality page charts are drawn for audit, judged, and findings answered."
        ),
        hints=(
            msgid(
                "A finding is acknowledged or rebutted by the coder of the "
                "chart; either may escalate it."
            ),
        ),
        keys=_STEPPING,
    ),
    "history": Help(
        is_for=msgid(
            "The history page tells all that happened to a chart, and opens it as it was shown."
        ),
        hints=(
            msgid("Compare any past list with the one of now: what came, what went, what moved."),
        ),
    ),
    "memory": Help(
        is_for=msgid(
            "The memory page lists the phrases that marked evidence taught, and the decisions "
            "behind each."
        ),
        hints=(
            msgid("Choose a line: who marked the phrase, when, in which note, and who refused it."),
            msgid(
                "A lead switches a phrase off for a code, or adds one of this site; both hold from "
                "the next note on and can be taken back."
            ),
        ),
    ),
    "insights": Help(
        is_for=msgid("The insights page has the figures of the team and of the model, over time."),
        hints=(msgid("Every figure can be downloaded as data."),),
    ),
    "models": Help(
        is_for=msgid(
            "The models page says which model makes the suggestions, and how that came to be."
        ),
        hints=(
            msgid("A chart that somebody decided on goes on with the model it was begun with."),
            msgid("Rolling back returns to the model before, as often as you like."),
            msgid("Training runs beside the work of coders; you may close the browser meanwhile."),
            msgid(
                "Compare holds two models against each other on notes that neither learned from."
            ),
            msgid("A shadow scores every chart that is opened; nobody sees its list."),
        ),
    ),
    "export": Help(
        is_for=msgid(
            "The export page writes the decisions to a file, with or without the text of notes."
        ),
        hints=(
            msgid("Choose a format and a filter; the page counts what would be in the file."),
            msgid("De-identification is assistive: read the file before it leaves the house."),
        ),
    ),
    "people": Help(
        is_for=msgid(
            "On the people page an administrator gives out accounts, roles and passwords."
        ),
        hints=(msgid("An account is never deleted, only closed: its decisions keep their name."),),
    ),
    "account": Help(
        is_for=msgid("On the account page you change your password and log out everywhere."),
    ),
    "health": Help(
        is_for=msgid("The health page shows an administrator how the server is doing."),
        hints=(msgid("It shows no note and no patient."),),
    ),
}
