"""Computed evidence is kept once, comes back as it was, stays within bounds and is never needed."""

import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, text

import db
from core.types import Evidence, Explanation, Note
from db import computed, notes
from db.computed import packed, unpacked
from db.records import Computed, EvidenceKey
from tests.db.conftest import on_sqlite
from tests.db.desk import FEVER, PRESSURE, TEXT, a_note, clock

FOUND = Explanation(
    code=PRESSURE,
    method="attention",
    tokens=(Evidence(0, 5, 0.25), Evidence(8, 11, -0.1234567), Evidence(20, 32, 1.0)),
    spans=(Evidence(20, 32, 1 / 3), Evidence(0, 5, 0.25)),
    peak=0.7,
    delta=1e-9,
)


@pytest.fixture
def key(engine: Engine) -> EvidenceKey:
    with db.unit_of_work(engine) as session:
        note_id = a_note(session).id
    return EvidenceKey(
        note_id=note_id, code=PRESSURE, method="phrases", checkpoint_hash="c0ffee", memory="1 note"
    )


def _keep(engine: Engine, key: EvidenceKey, found: Explanation = FOUND, *, at: int = 0) -> bool:
    with db.unit_of_work(engine) as session:
        return computed.keep(session, key, Computed(explanation=found, at=clock(at)))


def _find(engine: Engine, key: EvidenceKey) -> Computed | None:
    with db.unit_of_work(engine, write=False) as session:
        return computed.find(session, key)


def _damage(engine: Engine, content: str) -> None:
    """Put this content in place of what is kept, as a damaged disk might."""
    with db.unit_of_work(engine) as session:
        of = "" if engine.dialect.name == "sqlite" else " ON computed_evidence"
        session.execute(text(f"DROP TRIGGER computed_evidence_refuse_update{of}"))
        session.execute(text("UPDATE computed_evidence SET content = :c"), {"c": content})


def test_what_was_kept_comes_back_with_its_time(engine: Engine, key: EvidenceKey) -> None:
    assert _find(engine, key) is None
    assert _keep(engine, key, at=3)
    found = _find(engine, key)
    assert found is not None
    assert found.at == clock(3)
    assert replace(found.explanation, tokens=()) == replace(FOUND, tokens=())
    scores = [word.score for word in found.explanation.tokens]
    assert scores == [0.25, -0.123457, 1.0], "words are kept in millionths"


@pytest.mark.parametrize(
    "change",
    [
        {"code": FEVER},
        {"method": "attention"},
        {"checkpoint_hash": "decaf"},
        {"memory": "2 notes"},
        {"program": "0.2.0"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_nothing_is_found_under_another_key(
    engine: Engine, key: EvidenceKey, change: dict[str, object]
) -> None:
    _keep(engine, key)
    assert _find(engine, replace(key, **change)) is None
    with db.unit_of_work(engine) as session:
        other = a_note(session, name="second", text="Another note.")
    assert _find(engine, replace(key, note_id=other.id)) is None


def test_who_comes_second_keeps_nothing(engine: Engine, key: EvidenceKey) -> None:
    assert _keep(engine, key)
    assert not _keep(engine, key, replace(FOUND, peak=0.1), at=5)
    found = _find(engine, key)
    assert found is not None
    assert (found.explanation.peak, found.at) == (0.7, clock(0))


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "null",
        "{}",
        '{"method":"a","peak":1,"delta":null,"spans":[],"words":[1,2]}',
        '{"method":"a","peak":1,"delta":null,"spans":[[0,5,NaN]],"words":[]}',
        '{"method":"a","peak":1,"delta":null,"spans":[[0,5]],"words":[]}',
        '{"method":"a","peak":1,"delta":null,"spans":[[30,99,1.0]],"words":[]}',
        '{"method":"a","peak":1,"delta":null,"spans":[[5,3,1.0]],"words":[]}',
        '{"method":"a","peak":1,"delta":null,"spans":[],"words":[-4,2,0]}',
        '{"method":"a","peak":1,"delta":null,"spans":[],"words":[0.5,2,0]}',
        '{"method":"a","peak":1,"delta":null,"spans":[],"words":"Fever and cough"}',
        "[" * 100_000,
    ],
)
def test_what_cannot_be_read_counts_as_missing_and_is_replaced(
    engine: Engine, key: EvidenceKey, content: str
) -> None:
    _keep(engine, key)
    _damage(engine, content)
    assert _find(engine, key) is None
    assert _keep(engine, key, at=9)
    found = _find(engine, key)
    assert found is not None
    assert found.at == clock(9)


def test_the_oldest_give_way(
    engine: Engine, key: EvidenceKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(computed, "KEPT", 3)
    keys = [replace(key, method=f"m{number}") for number in range(5)]
    for each in keys:
        assert _keep(engine, each)
    assert [_find(engine, each) is not None for each in keys] == [False, False, True, True, True]


def test_what_is_too_large_is_not_kept(
    engine: Engine, key: EvidenceKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(computed, "MOST_CHARACTERS", 50)
    assert not _keep(engine, key)
    assert _find(engine, key) is None


@pytest.mark.parametrize("score", [float("nan"), float("inf")])
def test_a_score_that_is_no_number_is_not_kept(score: float) -> None:
    assert packed(replace(FOUND, tokens=(Evidence(0, 5, score),))) is None
    assert packed(replace(FOUND, spans=(Evidence(0, 5, score),))) is None


@dataclass(frozen=True, order=True)
class Richer(Evidence):
    heading: str = "Plan"


def test_evidence_that_says_more_than_can_be_kept_is_not_kept() -> None:
    """A field added later must be added here too, or evidence would change when seen again."""
    richer = Richer(0, 5, 1.0)
    assert packed(replace(FOUND, spans=(richer,))) is None
    assert packed(replace(FOUND, tokens=(richer,))) is None


def test_a_thousand_words_take_some_ten_kilobytes() -> None:
    words = tuple(Evidence(6 * n, 6 * n + 5, (n * 7919 % 1000) / 1000) for n in range(1000))
    kept = packed(replace(FOUND, tokens=words))
    assert kept is not None
    assert len(kept) < 12_000


offsets = st.integers(min_value=0, max_value=200_000)
scores = st.floats(min_value=-1, max_value=1)


@st.composite
def evidence(draw: st.DrawFn) -> Evidence:
    start, end = sorted((draw(offsets), draw(offsets)))
    return Evidence(start, end, draw(scores))


@given(
    tokens=st.lists(evidence(), max_size=30),
    spans=st.lists(evidence(), max_size=8),
    peak=st.floats(allow_nan=False, allow_infinity=False),
    delta=st.none() | st.floats(allow_nan=False, allow_infinity=False),
)
def test_whatever_is_kept_comes_back(
    tokens: list[Evidence], spans: list[Evidence], peak: float, delta: float | None
) -> None:
    found = replace(FOUND, tokens=tuple(tokens), spans=tuple(spans), peak=peak, delta=delta)
    text = packed(found)
    assert text is not None
    again = unpacked(text, code=PRESSURE, characters=200_000)
    assert again is not None
    assert replace(again, tokens=()) == replace(found, tokens=())
    for word, kept in zip(tokens, again.tokens, strict=True):
        assert (word.start, word.end) == (kept.start, kept.end)
        assert kept.score == pytest.approx(word.score, abs=1e-6)


def test_a_note_is_known_by_its_name_and_text_together(engine: Engine, key: EvidenceKey) -> None:
    with db.unit_of_work(engine, write=False) as session:
        assert notes.id_of(session, Note(id="letter", text=TEXT)) == key.note_id
        assert notes.id_of(session, Note(id="other", text=TEXT)) is None
        assert notes.id_of(session, Note(id="letter", text=TEXT + " ")) is None
        assert notes.id_of(session, Note(id="letter", text="\ud800")) is None


def _start(database: str, note_id: int, *, count: int) -> "subprocess.Popen[str]":
    script = Path(__file__).with_name("cache_writer.py")
    return subprocess.Popen(
        [sys.executable, str(script), database, str(note_id), str(count)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_four_processes_keep_every_key_once_and_meet_no_lock(
    engine: Engine, database: str, key: EvidenceKey
) -> None:
    writers = [_start(database, key.note_id, count=25) for _ in range(4)]
    outcomes = [writer.communicate(timeout=120) for writer in writers]
    assert [errors for _, errors in outcomes] == [""] * 4
    kept = [line for output, _ in outcomes for line in output.splitlines()]
    assert sorted(kept) == sorted(f"m{number}" for number in range(25)), "each by one process only"


@on_sqlite
def test_a_killed_writer_leaves_what_it_kept_and_nothing_halfway(
    engine: Engine, database: str, key: EvidenceKey
) -> None:
    engine.dispose()
    for run in range(4):
        writer = _start(database, key.note_id, count=100_000)
        assert writer.stdout is not None
        first = writer.stdout.readline()
        time.sleep(0.02 * run)  # somewhere else within a transaction each time
        writer.kill()
        output, errors = writer.communicate(timeout=60)
        assert errors == ""
        output = first + output
        for method in output[: output.rfind("\n") + 1].split():
            found = _find(engine, EvidenceKey(
                note_id=key.note_id, code=PRESSURE, method=method, checkpoint_hash="c0ffee"
            ))  # fmt: skip
            assert found is not None
            assert found.explanation.spans == FOUND.spans
        with engine.connect() as connection:
            assert connection.execute(text("PRAGMA integrity_check")).scalar() == "ok"
        engine.dispose()
