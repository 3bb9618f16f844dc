"""Screens: what a coder was shown, so that any past screen can be rebuilt from its record."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from types import EllipsisType

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from core.errors import BadInput
from core.types import Code, CodeSystem, Context, Evidence, Explanation, Suggestion, Suggestions
from db.records import Screen, ShownExplanation, ShownSuggestion
from db.tables import EvidenceRow, ExplanationRow, ScreenRow, SuggestionRow
from db.workflow_tables import SeedRow

_CHUNK = 500  # suggestions read at a time; keeps the IN lists short
_SETTINGS = (
    *("checkpoint", "checkpoint_hash", "thresholds", "truncated_at", "app_version"),
    *("memory", "coverage", "cut"),
)


def record(
    session: Session,
    suggestions: Suggestions,
    *,
    note_id: int,
    coder: str,
    checkpoint: str,
    thresholds: Mapping[str, float],
    app_version: str,
    at: datetime,
    coverage: float | None = None,
    cut: float | None = None,
) -> Screen:
    """Keep a set of suggestions as shown, in its order; ranks count from 1 within each task.

    `checkpoint` is the checkpoint's name; its hash comes with the suggestions. `coverage` is the
    share of a note's codes that the list, cut at probability `cut`, was expected to hold. Showing
    what their latest screen of that coverage shows already (a refresh) keeps nothing new.
    """
    row = ScreenRow(
        note_id=note_id,
        coder=coder,
        checkpoint=checkpoint,
        checkpoint_hash=suggestions.checkpoint,
        thresholds=dict(thresholds),
        truncated_at=suggestions.truncated_at,
        app_version=app_version,
        shown_at=at,
        memory=suggestions.memory,
        coverage=coverage,
        cut=cut,
        suggestions=_suggestion_rows(suggestions.ranked),
    )
    before = latest(session, note_id, coder=coder, coverage=coverage)
    if before is not None and _shows_the_same(before, row):
        return before
    session.add(row)
    session.flush()
    return _screen(row)


def get(session: Session, screen_id: int) -> Screen:
    """The screen with this id; BadInput if there is none."""
    row = session.get(ScreenRow, screen_id)
    if row is None:
        raise BadInput(f"there is no screen {screen_id}; open the note again")
    return _screen(row)


def of_note(session: Session, note_id: int) -> tuple[Screen, ...]:
    """Every screen anybody was shown of this note, in the order of showing."""
    rows = select(ScreenRow).where(ScreenRow.note_id == note_id).order_by(ScreenRow.id)
    return tuple(map(_screen, session.scalars(rows)))


def latest(
    session: Session,
    note_id: int,
    *,
    coder: str | None = None,
    coverage: float | EllipsisType | None = ...,
) -> Screen | None:
    """The last screen of this note that this coder was shown, or None.

    coder: left out, whoever was shown it. coverage: only screens of that coverage (None: of
    likely codes); left out: any.
    """
    mine = select(ScreenRow).where(ScreenRow.note_id == note_id)
    if coder is not None:
        mine = mine.where(ScreenRow.coder == coder)
    if coverage is not ...:
        mine = mine.where(ScreenRow.coverage.is_not_distinct_from(coverage))
    row = session.scalar(mine.order_by(ScreenRow.id.desc()).limit(1))
    return None if row is None else _screen(row)


def earliest(session: Session, note_id: int) -> Screen | None:
    """The first screen anybody was shown of this note, or None."""
    of_note = select(ScreenRow).where(ScreenRow.note_id == note_id).order_by(ScreenRow.id)
    row = session.scalar(of_note.limit(1))
    return None if row is None else _screen(row)


def show_again(session: Session, screen: Screen, *, coder: str, at: datetime) -> Screen:
    """Keep the same list as shown to another coder, with the evidence it was first shown with.

    Evidence that was asked for later is left out: it may have been asked for after a decision. So
    are seeded suggestions: they were put in for one coder.
    """
    ids = [each.id for each in screen.suggestions]
    planted = set(
        session.scalars(select(SeedRow.suggestion_id).where(SeedRow.suggestion_id.in_(ids)))
    )
    listed = [each for each in screen.suggestions if each.id not in planted]
    row = ScreenRow(
        note_id=screen.note_id,
        coder=coder,
        **{name: getattr(screen, name) for name in _SETTINGS},
        shown_at=at,
        suggestions=_suggestion_rows(each.suggestion for each in listed),
    )
    session.add(row)
    session.flush()
    again = _screen(row)
    shown = all_explanations(session, screen)
    for before, after in zip(listed, again.suggestions, strict=True):
        for first in shown.get(before.id, ())[:1]:
            explanation = Explanation(
                code=after.suggestion.code,
                method=first.method,
                tokens=(),
                spans=first.spans,
                delta=first.delta,
            )
            session.add(_explanation_row(explanation, after.id, at))
    session.flush()
    return again


def confidences(
    session: Session, suggestion_ids: Iterable[int]
) -> dict[int, tuple[float, float | None]]:
    """Each suggestion's probability, and its category's on the same screen (None: not there)."""
    category = aliased(SuggestionRow)
    query = select(SuggestionRow.id, SuggestionRow.probability, category.probability).outerjoin(
        category,
        (category.screen_id == SuggestionRow.screen_id)
        & (category.system == SuggestionRow.category_system)
        & (category.code == SuggestionRow.category_code),
    )
    found: dict[int, tuple[float, float | None]] = {}
    wanted = sorted(set(suggestion_ids))
    for start in range(0, len(wanted), _CHUNK):
        of_these = SuggestionRow.id.in_(wanted[start : start + _CHUNK])
        for suggestion_id, own, categorys in session.execute(query.where(of_these)):
            found[suggestion_id] = (own, categorys)
    return found


def listing(session: Session, note_id: int, code: Code) -> Screen | None:
    """The last screen of this note that listed this code, whoever was shown it; or None."""
    found = (
        select(ScreenRow)
        .join(SuggestionRow, SuggestionRow.screen_id == ScreenRow.id)
        .where(ScreenRow.note_id == note_id)
        .where(SuggestionRow.system == code.system.value, SuggestionRow.code == code.code)
        .order_by(ScreenRow.id.desc())
    )
    row = session.scalar(found.limit(1))
    return None if row is None else _screen(row)


def record_explanation(
    session: Session, explanation: Explanation, *, suggestion_id: int, at: datetime
) -> ShownExplanation:
    """Keep the evidence for a suggestion as shown, strongest first.

    Showing again what this suggestion showed last keeps nothing new.
    """
    suggestion = session.get(SuggestionRow, suggestion_id)
    if suggestion is None or _code(suggestion) != explanation.code:
        raise BadInput(f"suggestion {suggestion_id} is not of {explanation.code}; open it again")
    shown = explanations(session, suggestion_id)
    if shown and _is_on_screen(explanation, shown[-1]):
        return shown[-1]
    row = _explanation_row(explanation, suggestion_id, at)
    session.add(row)
    session.flush()
    return _explanation(row)


def record_explanations(
    session: Session, found: Iterable[Explanation], *, screen: Screen, at: datetime
) -> None:
    """Keep the evidence for many codes of a screen at once; what it shows already is not kept."""
    ids = {shown.suggestion.code: shown.id for shown in screen.suggestions}
    before = all_explanations(session, screen)
    for explanation in found:
        suggestion_id = ids[explanation.code]
        shown = before.get(suggestion_id, ())
        if not shown or not _is_on_screen(explanation, shown[-1]):
            session.add(_explanation_row(explanation, suggestion_id, at))
    session.flush()


def explanations(session: Session, suggestion_id: int) -> tuple[ShownExplanation, ...]:
    """All evidence shown for a suggestion, in the order it was shown."""
    of_it = select(ExplanationRow).where(ExplanationRow.suggestion_id == suggestion_id)
    return tuple(map(_explanation, session.scalars(of_it.order_by(ExplanationRow.id))))


def all_explanations(
    session: Session, screen: Screen
) -> Mapping[int, tuple[ShownExplanation, ...]]:
    """All evidence shown on a screen, by the suggestion's id, in the order it was shown."""
    of_screen = (
        select(ExplanationRow)
        .join(SuggestionRow, SuggestionRow.id == ExplanationRow.suggestion_id)
        .where(SuggestionRow.screen_id == screen.id)
        .order_by(ExplanationRow.id)
    )
    found = defaultdict(list)
    for row in session.scalars(of_screen):
        found[row.suggestion_id].append(_explanation(row))
    return {suggestion_id: tuple(shown) for suggestion_id, shown in found.items()}


def _is_on_screen(explanation: Explanation, shown: ShownExplanation) -> bool:
    return (shown.method, shown.delta, shown.spans) == (
        explanation.method,
        explanation.delta,
        explanation.spans,
    )


def _explanation_row(explanation: Explanation, suggestion_id: int, at: datetime) -> ExplanationRow:
    return ExplanationRow(
        suggestion_id=suggestion_id,
        method=explanation.method,
        delta=explanation.delta,
        shown_at=at,
        evidence=[
            EvidenceRow(rank=rank, start=span.start, end=span.end, score=span.score)
            for rank, span in enumerate(explanation.spans, start=1)
        ],
    )


def _suggestion_rows(suggestions: Iterable[Suggestion]) -> list[SuggestionRow]:
    ranks: Counter[str] = Counter()
    rows = []
    for suggestion in suggestions:
        ranks[suggestion.task] += 1
        category = suggestion.category
        rows.append(
            SuggestionRow(
                task=suggestion.task,
                system=suggestion.code.system.value,
                code=suggestion.code.code,
                title=suggestion.title,
                category_system=category and category.system.value,
                category_code=category and category.code,
                rank=ranks[suggestion.task],
                probability=suggestion.probability,
                source=suggestion.source,
                provenance=suggestion.provenance,
                contexts=",".join(suggestion.contexts),
            )
        )
    return rows


def _shows_the_same(before: Screen, row: ScreenRow) -> bool:
    return all(getattr(before, name) == getattr(row, name) for name in _SETTINGS) and [
        shown.suggestion for shown in before.suggestions
    ] == [_suggestion(new) for new in row.suggestions]


def _code(row: SuggestionRow) -> Code:
    return Code(CodeSystem(row.system), row.code)


def _suggestion(row: SuggestionRow) -> Suggestion:
    category = None
    if row.category_system is not None and row.category_code is not None:
        category = Code(CodeSystem(row.category_system), row.category_code)
    return Suggestion(
        code=_code(row),
        title=row.title,
        task=row.task,
        probability=row.probability,
        category=category,
        source=row.source,
        provenance=row.provenance,
        contexts=contexts(row.contexts),
    )


def contexts(stored: str) -> tuple[Context, ...]:
    """The contexts of a suggestion, from its row."""
    return tuple(map(Context, filter(None, stored.split(","))))


def _screen(row: ScreenRow) -> Screen:
    return Screen(
        id=row.id,
        note_id=row.note_id,
        coder=row.coder,
        checkpoint=row.checkpoint,
        checkpoint_hash=row.checkpoint_hash,
        thresholds=row.thresholds,
        truncated_at=row.truncated_at,
        app_version=row.app_version,
        shown_at=row.shown_at,
        memory=row.memory,
        coverage=row.coverage,
        cut=row.cut,
        suggestions=tuple(
            ShownSuggestion(id=each.id, rank=each.rank, suggestion=_suggestion(each))
            for each in row.suggestions
        ),
    )


def _explanation(row: ExplanationRow) -> ShownExplanation:
    return ShownExplanation(
        id=row.id,
        suggestion_id=row.suggestion_id,
        method=row.method,
        delta=row.delta,
        shown_at=row.shown_at,
        spans=tuple(Evidence(each.start, each.end, each.score) for each in row.evidence),
    )
