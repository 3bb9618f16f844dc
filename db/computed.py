"""Computed evidence, kept so that nobody waits for it twice.

A cache: what is missing or unreadable is computed again. It holds offsets and scores, no text.
Scores of words are kept in millionths of the strongest; spans are kept exactly, because they are
what a screen records.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from core.types import Code, Evidence, Explanation
from db.records import Computed, EvidenceKey
from db.tables import ComputedRow, NoteRow

KEPT = 5_000  # rows; the oldest give way. A note of 1,000 words takes some 10 KB each
MOST_CHARACTERS = 1_000_000  # of one row; the words of the longest note a model reads take a tenth
MILLIONTHS = 1_000_000
# Any: two classes that both know conflicts, as their common one does not
_INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def find(session: Session, key: EvidenceKey) -> Computed | None:
    """What was computed under this key; None if nothing was, or if it cannot be read."""
    kept = select(ComputedRow.content, ComputedRow.computed_at, NoteRow.characters)
    of_note = kept.join(NoteRow, NoteRow.id == ComputedRow.note_id)
    row = session.execute(of_note.where(*_is(key))).one_or_none()
    if row is None:
        return None
    explanation = unpacked(row.content, code=key.code, characters=row.characters)
    return None if explanation is None else Computed(explanation=explanation, at=row.computed_at)


def keep(session: Session, key: EvidenceKey, computed: Computed) -> bool:
    """Keep evidence unless somebody else kept it first; whether it was kept now.

    What is too large, or would not come back as it is, is not kept.
    """
    content = packed(computed.explanation)
    if content is None or len(content) > MOST_CHARACTERS or find(session, key) is not None:
        return False
    session.execute(delete(ComputedRow).where(*_is(key)))  # there, but unreadable
    columns = _columns(key)
    insert = _INSERT[session.get_bind().dialect.name]
    row = insert(ComputedRow).values(**columns, content=content, computed_at=computed.at)
    first = row.on_conflict_do_nothing(index_elements=list(columns)).returning(ComputedRow.id)
    added = session.scalar(first)
    if added is None:
        return False
    session.execute(delete(ComputedRow).where(ComputedRow.id <= added - KEPT))
    return True


def packed(explanation: Explanation) -> str | None:
    """Evidence as compact JSON; None if reading it back would lose more than small digits.

    Words are one flat list: for each the gap to the word before, its length, and its score.
    """
    try:
        content = {
            "method": explanation.method,
            "peak": explanation.peak,
            "delta": explanation.delta,
            "spans": [[span.start, span.end, span.score] for span in explanation.spans],
            "words": list(_steps(explanation.tokens)),
        }
        text = json.dumps(content, separators=(",", ":"), allow_nan=False)
    except (ValueError, OverflowError):  # a score that is no number
        return None
    everything = (*explanation.tokens, *explanation.spans)
    farthest = max((each.end for each in everything), default=0)
    again = unpacked(text, code=explanation.code, characters=farthest)
    return text if again is not None and _same(again, explanation) else None


def unpacked(text: str, *, code: Code, characters: int) -> Explanation | None:
    """Evidence for a note of so many characters, from JSON; None if it cannot be that."""
    try:
        content = json.loads(text, parse_constant=int)  # int("NaN") is refused
        explanation = Explanation(
            code=code,
            method=str(content["method"]),
            tokens=tuple(_words(content["words"])),
            spans=tuple(Evidence(int(s), int(e), float(score)) for s, e, score in content["spans"]),
            peak=float(content["peak"]),
            delta=None if content["delta"] is None else float(content["delta"]),
        )
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        return None
    everything = (*explanation.tokens, *explanation.spans)
    fits = all(0 <= each.start <= each.end <= characters for each in everything)
    return explanation if fits else None


def _steps(words: Iterable[Evidence]) -> Iterator[int]:
    before = 0
    for word in words:
        yield from (word.start - before, word.end - word.start, round(word.score * MILLIONTHS))
        before = word.end


def _words(steps: list[int]) -> Iterator[Evidence]:
    if not all(type(step) is int for step in steps):
        raise TypeError("a step is no whole number")
    before = 0
    for gap, length, score in zip(steps[::3], steps[1::3], steps[2::3], strict=True):
        start, before = before + gap, before + gap + length
        yield Evidence(start, before, score / MILLIONTHS)


def _same(again: Explanation, explanation: Explanation) -> bool:
    """Whether only digits of the words' scores were lost; a field this file does not know shows."""
    return replace(again, tokens=()) == replace(explanation, tokens=()) and all(
        replace(word, score=kept.score) == kept
        for word, kept in zip(explanation.tokens, again.tokens, strict=True)
    )


def _columns(key: EvidenceKey) -> dict[str, str | int]:
    return {
        "note_id": key.note_id,
        "system": key.code.system.value,
        "code": key.code.code,
        "method": key.method,
        "checkpoint_hash": key.checkpoint_hash,
        "memory": key.memory,
        "program": key.program,
    }


def _is(key: EvidenceKey) -> Iterator[ColumnElement[bool]]:
    for column, value in _columns(key).items():
        yield getattr(ComputedRow, column) == value
