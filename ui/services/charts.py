"""What a page shows of a chart: frozen views, built from records, with nothing left to compute."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from core.types import Code, Context, Span, Suggestion, Suggestions
from db.records import Action, Decision, Said, Screen, ShownExplanation, Status, StoredNote
from db.standing import redoable_step, standing, undoable_step
from db.workflow_records import Claim
from ui.services.tables import About, Tables, about

__all__ = ["Category", "Chart", "Opened", "Row", "State", "Status", "chart"]

SHOWN_AT_LEAST = 20  # suggestions; all that reach the threshold are shown even if there are more
SHOWN_AT_MOST = 60


class State(StrEnum):
    """How a code of a chart stands."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    ADDED = "added"


_STATES = {
    Action.ACCEPT: State.ACCEPTED,
    Action.REJECT: State.REJECTED,
    Action.ADD: State.ADDED,
}


@dataclass(frozen=True, kw_only=True)
class Row:
    """One code of the chart: a suggestion, or a code that the coder added."""

    code: Code
    title: str
    state: State
    likely: bool = False
    probability: float | None = None  # None: the model did not suggest it
    group: str = ""  # title of the category the code stands under
    category: Code | None = None
    source: str = "coder"
    provenance: str = ""
    contexts: tuple[Context, ...] = ()
    flags: tuple[str, ...] = ()
    reason: str | None = None
    decided_by: str | None = None
    marks: tuple[Span, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Category:
    """A CCS or CCSR category over the codes of the chart; probability is its own branch's."""

    code: Code
    title: str
    probability: float | None


@dataclass(frozen=True, kw_only=True)
class Opened:
    """What stays the same while a chart is open: the note, and what the coder was shown."""

    note: StoredNote
    screen: Screen | None  # None: no model was at hand, and none had been
    outline: tuple[Span, ...] = ()  # headings of the note's sections
    withheld: bool = False  # the coder makes a first list before any suggestion is shown
    methods: tuple[str, ...] = ()
    explanations: Mapping[tuple[Code, str], ShownExplanation] = field(default_factory=dict)
    instead: Mapping[tuple[Code, str], str] = field(default_factory=dict)  # method used for another
    said: Mapping[tuple[Code, str], Said] = field(default_factory=dict)  # of the explanations
    known: Mapping[Code, About] = field(default_factory=dict)  # of every suggestion
    unranked: frozenset[Code] = frozenset()  # by the network: only phrases speak for these
    cuts: Mapping[float, float | None] = field(default_factory=dict)  # per coverage on offer
    rightness: tuple[float | None, ...] = ()  # of suggestions, for each tenth of probability
    ranked: Suggestions | None = field(default=None, compare=False)  # all of it, if scored now

    @property
    def coverage(self) -> float | None:
        """The share of the note's codes the list is expected to hold; None: likely codes."""
        return None if self.screen is None else self.screen.coverage


@dataclass(frozen=True, kw_only=True)
class Chart:
    """An open chart as it stands now."""

    opened: Opened
    status: Status
    rows: tuple[Row, ...]  # likely first, then less likely, then added; best first within each
    categories: tuple[Category, ...]
    sequence: int  # of the last decision: what this coder has seen
    undo: tuple[Code, State] | None  # the code an undo changes, and the state it gets
    redo: tuple[Code, State] | None
    held: Claim | None = None  # by another coder: nobody else may decide


def chart(
    opened: Opened,
    decisions: tuple[Decision, ...],
    *,
    status: Status,
    coder: str,
    tables: Tables,
    held: Claim | None = None,
) -> Chart:
    """The chart as these decisions leave it."""
    standing_now = standing(decisions)
    suggested = _suggested(opened, standing_now)
    known = {row.code for row in suggested}
    added = tuple(
        _added(decision, tables) for code, decision in standing_now.items() if code not in known
    )
    rows = suggested + added
    return Chart(
        opened=opened,
        status=status,
        rows=rows,
        categories=_categories(opened, rows),
        sequence=max((decision.sequence for decision in decisions), default=0),
        undo=_undo(decisions, coder),
        redo=_redo(decisions, coder),
        held=None if held is None or held.coder == coder else held,
    )


def shown(ranked: tuple[Suggestion, ...], threshold: float) -> tuple[Suggestion, ...]:
    """The suggestions worth a coder's look: all likely ones, filled up with the next best."""
    likely = sum(suggestion.probability >= threshold for suggestion in ranked)
    return ranked[: min(max(likely, SHOWN_AT_LEAST), SHOWN_AT_MOST)]


def covering(ranked: tuple[Suggestion, ...], cut: float) -> tuple[Suggestion, ...]:
    """Every suggestion from the cut on: a list cut there holds its share of a note's codes."""
    return tuple(suggestion for suggestion in ranked if suggestion.probability >= cut)


def scored(screen: Screen) -> dict[Code, float]:
    """The probability of every code and category of a screen, as it was shown."""
    return {each.suggestion.code: each.suggestion.probability for each in screen.suggestions}


def differs(shown: float, scored: float) -> bool:
    """Whether two probabilities read differently on the page, because memory learned meanwhile."""
    return f"{shown:.2f}" != f"{scored:.2f}"


def _suggested(opened: Opened, standing_now: Mapping[Code, Decision]) -> tuple[Row, ...]:
    if opened.screen is None:
        return ()
    threshold = opened.screen.thresholds.get("icd", 0.5)
    rows = []
    for each in opened.screen.suggestions:
        suggestion = each.suggestion
        if suggestion.task != "icd":
            continue
        row = Row(
            code=suggestion.code,
            title=suggestion.title,
            state=State.OPEN,
            likely=suggestion.probability >= threshold,
            probability=suggestion.probability,
            group=opened.known[suggestion.code].group,
            category=suggestion.category,
            source=suggestion.source,
            provenance=suggestion.provenance,
            contexts=suggestion.contexts,
            flags=opened.known[suggestion.code].flags,
        )
        decision = standing_now.get(suggestion.code)
        rows.append(row if decision is None else _decided(row, decision))
    return tuple(sorted(rows, key=lambda row: not row.likely))


def _added(decision: Decision, tables: Tables) -> Row:
    """A code decided on that this screen does not suggest: added, or suggested by another."""
    title = decision.title or tables.title(decision.code) or ""  # imported codes have no title
    known = about(tables, decision.code, title)
    row = Row(
        code=decision.code,
        title=title,
        state=State.OPEN,
        group=known.group,
        category=known.category,
        flags=known.flags,
    )
    return _decided(row, decision)


def _decided(row: Row, decision: Decision) -> Row:
    return replace(
        row,
        state=_STATES[decision.action],
        reason=decision.reason,
        decided_by=decision.coder,
        marks=decision.evidence,
    )


def _categories(opened: Opened, rows: tuple[Row, ...]) -> tuple[Category, ...]:
    ranked = {} if opened.screen is None else scored(opened.screen)
    titles = {row.category: row.group for row in rows if row.category is not None}
    return tuple(
        Category(code=code, title=title, probability=ranked.get(code))
        for code, title in titles.items()
    )


def _undo(decisions: tuple[Decision, ...], coder: str) -> tuple[Code, State] | None:
    step = undoable_step(decisions, coder=coder)
    if not step:
        return None
    last = step[-1]  # of a change, the code that was changed
    retracted = {d.replaces for d in decisions if d.action is Action.RETRACT} | {last.id}
    before = [
        d
        for d in sorted(decisions, key=lambda d: d.sequence)
        if d.code == last.code and d.action is not Action.RETRACT and d.id not in retracted
    ]
    return last.code, _STATES[before[-1].action] if before else State.OPEN


def _redo(decisions: tuple[Decision, ...], coder: str) -> tuple[Code, State] | None:
    again = next(iter(redoable_step(decisions, coder=coder)), None)
    return None if again is None else (again.code, _STATES[again.action])
