"""A chart as the JSON the board draws. Nothing in it is markup; all of it becomes text nodes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any

from core.codes import Instruction
from core.types import Code, Span
from ui.language import msgid, said, t
from ui.services import methods
from ui.services.charts import Category, Chart, Row, State
from ui.services.intents import REASONS
from ui.services.lookup import Entry
from ui.services.search import Found
from ui.services.supposing import Supposed
from ui.services.worklist import Claim, Pass

JSON = dict[str, Any]  # Any: JSON has no type of its own
_FLAGS = (msgid("unspecified"), msgid("retired"), msgid("truncated"))  # one word each; for `said`
# What `core.fusion` says of a phrase that was found, for the catalogue.
_REMEMBERED = (
    msgid("marked in {notes}"),
    msgid("a phrase added by this site"),
    msgid("seen in {notes}, once {code}"),
    msgid("seen in {notes}, {count} times {code}"),
    msgid("a phrase like it was seen in {notes}, once {code}"),
    msgid("a phrase like it was seen in {notes}, {count} times {code}"),
    msgid("1 coded note"),
    msgid("{count} coded notes"),
    msgid("code title"),
    msgid("inclusion term"),
    msgid("category title"),
)


@dataclass(frozen=True, kw_only=True)
class Answers:
    """What the server answers to the browser's last message."""

    answered: int = 0  # which message; the browser's own number
    outcomes: Mapping[str, str | None] = field(default_factory=dict)
    query: tuple[int, str] | None = None
    around: Code | None = None  # the code that those found stand around
    found: tuple[Found, ...] = ()
    about: Entry | None = None  # the code whose notes and relatives were asked for
    unexplained: Mapping[tuple[Code, str], str] = field(default_factory=dict)
    unsaid: Mapping[tuple[Code, str], str] = field(default_factory=dict)
    computing: tuple[tuple[Code, str], float] | None = None  # evidence, and the share that is done
    supposed: Supposed | None = None
    unsupposed: tuple[tuple[Span, ...], str] | None = None
    problem: str | None = None


def payload(chart: Chart, answers: Answers, *, coder: str, coding_pass: Pass = Pass.FIRST) -> JSON:
    """Everything the board shows, once; clicking through codes needs nothing more."""
    note, screen = chart.opened.note, chart.opened.screen
    return {
        "key": f"{note.id}:{screen.id if screen else 0}",
        "note": {
            "id": note.id,
            "name": note.name,
            "text": note.text,
            "status": chart.status.value,
            "truncated_at": screen.truncated_at if screen else None,
            "outline": _places(chart.opened.outline),
        },
        "screen": screen.id if screen else None,
        "model": f"{screen.checkpoint} {screen.checkpoint_hash[:8]}" if screen else t("no model"),
        "threshold": screen.thresholds.get("icd", 0.5) if screen else None,
        "coder": coder,
        "coding_pass": coding_pass.value,
        "withheld": chart.opened.withheld,
        "held": _held(chart.held),
        "about": _about(answers.about),
        "rows": [_row(row, ranked=row.code not in chart.opened.unranked) for row in chart.rows],
        "categories": {str(each.code): _category(each) for each in chart.categories},
        "methods": [_method(method) for method in chart.opened.methods],
        "coverage": chart.opened.coverage,
        "cut": screen.cut if screen else None,
        "cuts": [list(cut) for cut in sorted(chart.opened.cuts.items())],
        "rightness": list(chart.opened.rightness),
        "evidence": _evidence(chart),
        "instead": _nested(
            (code, method, used) for (code, method), used in chart.opened.instead.items()
        ),
        "unexplained": _nested(
            (code, method, said(why)) for (code, method), why in answers.unexplained.items()
        ),
        "said": _nested(
            (code, method, said(each.sentences))
            for (code, method), each in chart.opened.said.items()
        ),
        "unsaid": _nested(
            (code, method, said(why)) for (code, method), why in answers.unsaid.items()
        ),
        "computing": _computing(answers),
        "what_if": _what_if(answers),
        "sequence": chart.sequence,
        "undo": _target(chart.undo),
        "redo": _target(chart.redo),
        "reasons": list(REASONS),
        "answered": answers.answered,
        "outcomes": {token: why and said(why) for token, why in answers.outcomes.items()},
        "search": _search(answers),
        "problem": answers.problem and said(answers.problem),
    }


def _row(row: Row, *, ranked: bool) -> JSON:
    return {
        "id": str(row.code),
        "system": row.code.system.value,
        "code": row.code.code,
        "title": row.title,
        "probability": row.probability,
        "likely": row.likely,
        "category": None if row.category is None else str(row.category),
        "group": row.group,
        "source": row.source,
        "networked": ranked,
        "provenance": said(row.provenance),
        "contexts": [context.value for context in row.contexts],
        "flags": [said(flag) for flag in row.flags],
        "state": row.state.value,
        "reason": row.reason,
        "by": row.decided_by,
        "marks": _places(row.marks),
    }


def _category(category: Category) -> JSON:
    return {
        "id": str(category.code),
        "code": category.code.code,
        "title": category.title,
        "probability": category.probability,
    }


def _method(method: str) -> JSON:
    return {
        "id": method,
        "name": said(methods.name(method)),
        "finds": said(methods.finds(method)),
        "slow": method in methods.SLOW,
        "unranked": method in methods.OF_MEMORY,  # explains codes the network does not rank
    }


def _computing(answers: Answers) -> JSON | None:
    if answers.computing is None:
        return None
    (code, method), share = answers.computing
    return {"row": str(code), "method": method, "share": round(share, 3)}


def _what_if(answers: Answers) -> JSON | None:
    """The list without some words, or why there is none."""
    if answers.unsupposed is not None and answers.supposed is None:
        spans, why = answers.unsupposed
        return {"spans": _places(spans), "removed": None, "problem": said(why)}
    if answers.supposed is None:
        return None
    found = answers.supposed
    return {
        "spans": _places(found.spans),
        "removed": _places(found.removed),
        "problem": None,
        "changes": {str(code): [each.before, each.after] for code, each in found.changes.items()},
        "appeared": [
            {
                "id": str(each.code),
                "code": each.code.code,
                "title": each.title,
                "before": each.before,
                "after": each.after,
            }
            for each in found.appeared
        ],
        "hidden": found.hidden,
        "anew": found.anew,
    }


def _places(spans: Iterable[Span]) -> list[list[int]]:
    return [[span.start, span.end] for span in spans]


def _evidence(chart: Chart) -> JSON:
    return _nested(
        (
            code,
            method,
            {
                "spans": [[span.start, span.end, round(span.score, 4)] for span in each.spans],
                "delta": each.delta,
            },
        )
        for (code, method), each in chart.opened.explanations.items()
    )


def _nested(entries: Iterable[tuple[Code, str, Any]]) -> JSON:
    """method -> code -> value"""
    found: JSON = {}
    for code, method, value in entries:
        found.setdefault(method, {})[str(code)] = value
    return found


def _target(target: tuple[Code, State] | None) -> JSON | None:
    return None if target is None else {"row": str(target[0]), "state": target[1].value}


def _held(claim: Claim | None) -> JSON | None:
    """Who else has the chart, since when, and when they were last seen."""
    if claim is None:
        return None
    return {
        "by": claim.coder,
        "since": claim.since.astimezone(UTC).isoformat(),
        "seen": claim.renewed_at.astimezone(UTC).isoformat(),
    }


def _about(entry: Entry | None) -> JSON | None:
    """A code's notes, by kind and place, and the codes to choose instead of it."""
    if entry is None:
        return None
    return {
        "id": str(entry.code),
        "code": entry.code.code,
        "title": entry.title,
        "flags": [said(flag) for flag in entry.flags],
        "notes": [
            {"kind": note.kind.value, "text": note.text, "at": _place(note)}
            for note in entry.instructions
        ],
        "heading": None if entry.heading is None else _hit(entry.heading),
        "children": [_hit(each) for each in entry.children],
        "siblings": [_hit(each) for each in entry.siblings],
        "unknown": entry.unknown and said(entry.unknown),
    }


def _place(note: Instruction) -> str:
    """The heading a note stands at; empty: the code itself."""
    if note.own:
        return ""
    return t("chapter {number}", number=note.heading) if note.heading.isdigit() else note.heading


def _search(answers: Answers) -> JSON | None:
    if answers.query is None:
        return None
    number, query = answers.query
    around = None if answers.around is None else str(answers.around)
    return {"n": number, "q": query, "around": around, "hits": [_hit(f) for f in answers.found]}


def _hit(found: Found) -> JSON:
    return {
        "id": str(found.code),
        "system": found.code.system.value,
        "code": found.code.code,
        "title": found.title,
        "flags": [said(flag) for flag in found.flags],
        "found_by": found.found_by,
    }
