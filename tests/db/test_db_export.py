"""The export: standing decisions or all, exact in JSONL, safe in CSV, whole or not at all."""

import csv
import hashlib
import io
import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

import db
from core.corpora import Lesson, held_out, read_feedback
from core.errors import BadFile, BadNote
from core.types import CodeSystem, Span
from db import charts, counting, decisions, feedback, lessons, screens, tombstones
from db.cells import defuse, restore
from db.corpus_line import coded_note
from db.export import Export, Format, save, write
from db.kinds import EVERYTHING, Filter
from db.records import Action, Turn
from db.workflow_tables import SeedRow
from tests.db.desk import (
    COUGH,
    FEVER,
    PRESSURE,
    TEXT,
    TOKEN,
    a_note,
    a_screen,
    clock,
    decide,
    some_evidence,
)

ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "'=1", "''", '"=1"', ",", "a\r\nb\n")

HELD_OUT = [f"note-{number}" for number in (4, 5, 9, 11, 13, 16, 18)]
TYPED = ("text", "title", "reason", "coder")


def _export(engine: Engine, export: Export) -> str:
    file = io.BytesIO()
    with db.unit_of_work(engine, write=False) as session:
        write(session, file, export, at=clock(60))
    return file.getvalue().decode()


def _records(engine: Engine, **settings_) -> list[dict[str, object]]:
    exported = _export(engine, Export(format=Format.JSONL, where=EVERYTHING, **settings_))
    return [json.loads(line) for line in exported.splitlines()]


def _restored(exported: str) -> list[dict[str, str]]:
    rows = csv.DictReader(io.StringIO(exported, newline=""))
    return [{name: restore(cell) for name, cell in row.items()} for row in rows]


@pytest.fixture
def coded(engine: Engine) -> Engine:
    """A finished chart: I10 accepted on its evidence, R50.9 rejected, R05 added and taken back."""
    with db.unit_of_work(engine) as session:
        note = a_note(session)
        screen = a_screen(session, note)
        pressure, fever, _ = screen.suggestions
        for minute, score in ((0, 0.5), (1, 1.0), (9, 0.125)):  # the last one after the decision
            screens.record_explanation(
                session, some_evidence(score=score), suggestion_id=pressure.id, at=clock(minute)
            )
        on_screen = {"screen_id": screen.id}
        decide(
            session,
            note,
            PRESSURE,
            at=2,
            title="Hypertension",
            evidence=(Span(20, 32),),
            suggestion_id=pressure.id,
            **on_screen,
        )
        decide(session, note, FEVER, Action.REJECT, at=3, suggestion_id=fever.id, **on_screen)
        cough = decide(session, note, COUGH, Action.ADD, at=4, **on_screen)
        decisions.retract(session, cough, coder="bob", token=TOKEN, seen=3, at=clock(5))
        charts.record(session, note.id, Turn.FINISHED, coder="ana", at=clock(6))
    return engine


def test_a_decision_leaves_with_what_its_coder_was_looking_at(coded: Engine) -> None:
    accepted, rejected = _records(coded)
    assert accepted == {
        "note_id": "letter",
        "external_id": None,
        "encounter_id": None,
        "patient_id": None,
        "sha256": hashlib.sha256(TEXT.encode()).hexdigest(),
        "chart": "finished",
        "sequence": 1,
        "kind": "accepted",
        "stands": True,
        "system": "ICD-10-CM",
        "code": "I10",
        "title": "Hypertension",
        "decision": "accept",
        "reason": None,
        "coder": "ana",
        "time": "2026-01-02T03:02:00.123456+00:00",
        "checkpoint": "c0ffee",
        "memory": "3 notes 5eed",
        "score": 0.75,
        "rank": 1,
        "source": "network and memory",
        "provenance": '"hta": seen in 14 coded notes, 13 times I10',
        "contexts": ["family", "historical"],
        "method": "attention",
        "evidence": [[20, 32, 1.0], [0, 5, 0.25]],
        "marked": [[20, 32]],
        "replaces": None,
        "coding_pass": "first",
    }
    assert (rejected["code"], rejected["decision"]) == ("R50.9", "reject")
    assert (rejected["reason"], rejected["rank"]) == ("not in the note", 2)
    assert rejected["evidence"] == []


def test_the_history_has_what_was_taken_back_and_who_did(coded: Engine) -> None:
    rows = _records(coded, history=True)
    told = ("sequence", "decision", "kind", "stands", "replaces")
    assert [tuple(row[name] for name in told) for row in rows] == [
        (1, "accept", "accepted", True, None),
        (2, "reject", "rejected", True, None),
        (3, "add", "never shown", False, None),
        (4, "retract", "taken back", False, 3),
    ]
    assert rows[3]["coder"] == "bob"
    assert rows[2]["checkpoint"] == "c0ffee"  # the screen it was added beside
    assert (rows[2]["score"], rows[2]["rank"]) == (None, None)


def test_the_text_is_there_only_when_asked_for(coded: Engine) -> None:
    with_text, without = _records(coded, text=True), _records(coded)
    assert {row["text"] for row in with_text} == {TEXT}
    assert not any({"text", "evidence_text", "marked_text"} & set(row) for row in without)


@pytest.mark.parametrize("text", [True, False])
@pytest.mark.parametrize("history", [True, False])
def test_csv_and_jsonl_say_the_same(coded: Engine, text: bool, history: bool) -> None:
    rows = _restored(_export(coded, Export(text=text, history=history, where=EVERYTHING)))
    records = _records(coded, text=text, history=history)
    assert [list(row) for row in rows] == [list(record) for record in records]
    for row, record in zip(rows, records, strict=True):
        for name, value in record.items():
            if isinstance(value, list):
                assert json.loads(row[name]) == value
            else:
                assert row[name] == ("" if value is None else str(value))


def test_an_empty_database_exports_a_header_alone(engine: Engine) -> None:
    assert _export(engine, Export()).startswith("note_id,external_id,encounter_id,")
    assert _restored(_export(engine, Export())) == []
    assert _export(engine, Export(format=Format.CORPUS)) == ""


@given(cell=ANY_TEXT)
@example(cell="＝1+1")
def test_any_cell_is_harmless_and_comes_back(cell: str) -> None:
    assert not defuse(cell).startswith(("=", "+", "-", "@", "\t", "\r"))
    assert restore(defuse(cell)) == cell


@given(typed=st.lists(ANY_TEXT | st.sampled_from(FORMULAS), min_size=3, max_size=3))
@example(typed=list(FORMULAS[:3]))
@example(typed=list(FORMULAS[3:6]))
@example(typed=list(FORMULAS[6:9]))
@example(typed=['"', "a\x85b\u2028c", "\1"])
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_whatever_people_type_survives_the_export(engine: Engine, typed: Sequence[str]) -> None:
    title, reason, coder = (each if each.strip() else f"{each}." for each in typed)
    with db.unit_of_work(engine) as session:
        text = f"{title}{reason}{coder}"
        note = a_note(session, name=title, text=text)
        seen = len(decisions.of_note(session, note.id))
        decide(
            session, note, FEVER, Action.REJECT, seen=seen, title=title, reason=reason, coder=coder
        )
    expected = (text, title, reason, coder)
    rows = _restored(_export(engine, Export(text=True, where=EVERYTHING)))
    assert expected in {tuple(row[name] for name in TYPED) for row in rows}
    records = _records(engine, text=True)
    assert expected in {tuple(record[name] for name in TYPED) for record in records}


def test_no_cell_of_a_hostile_export_is_a_formula(engine: Engine) -> None:
    with db.unit_of_work(engine) as session:
        for number, payload in enumerate(FORMULAS[:6]):
            note = a_note(session, name=payload, text=f"{payload}{number}")
            decide(session, note, FEVER, Action.REJECT, title=payload, reason=payload + "!")
    rows = list(
        csv.reader(io.StringIO(_export(engine, Export(text=True, where=EVERYTHING)), newline=""))
    )
    assert len(rows) == 7
    assert not [cell for row in rows for cell in row if cell.startswith(tuple("=+-@\t\r"))]


def test_the_corpus_holds_finished_charts_with_what_coders_said(coded: Engine) -> None:
    with db.unit_of_work(coded) as session:
        decide(session, a_note(session, name="unfinished", text="not yet"), FEVER)
        clean = a_note(session, name="nothing to code", text="A clean bill of health.")
        charts.record(session, clean.id, Turn.FINISHED, coder="ana", at=clock(7))
    lines = _export(coded, Export(format=Format.CORPUS)).splitlines()
    assert [json.loads(line) for line in lines] == [
        {
            "id": "letter",
            "text": TEXT,
            "codes": [{"system": "ICD-10-CM", "code": "I10", "evidence": [[20, 32]]}],
        },
        {"id": "nothing to code", "text": "A clean bill of health.", "codes": []},
    ]


def _feedback(engine: Engine, path: Path, **asked) -> list[Lesson]:
    save(engine, path, Export(format=Format.FEEDBACK, **asked), at=clock(60))
    lessons, problems = read_feedback(path)
    assert not problems
    return list(lessons)


@pytest.fixture
def undecided(coded: Engine) -> Engine:
    """Two more charts nobody finished: one with marks and a rejection, one with a seeded code."""
    with db.unit_of_work(coded) as session:
        half = a_note(session, name="half done", text="Fever, fever and cough. No fever.")
        decide(session, half, FEVER, at=20, evidence=(Span(7, 12), Span(0, 5)))
        decide(session, half, COUGH, Action.REJECT, at=21)
        seeded = a_note(session, name="seeded", text="Cough.")
        screen = a_screen(session, seeded)
        real, planted, _ = screen.suggestions
        session.add(SeedRow(suggestion_id=planted.id, sibling_id=real.id, at=clock()))
        on_screen = {"screen_id": screen.id, "suggestion_id": planted.id}
        decide(session, seeded, planted.suggestion.code, Action.REJECT, at=22, **on_screen)
        gone = a_note(session, name="gone", text="To be deleted.")
        decide(session, gone, FEVER, at=23)
        tombstones.forget(session, gone.id, by="lead", reason="request 7", at=clock(24))
    return coded


def test_feedback_is_read_back_as_the_lessons_memory_learns(
    undecided: Engine, tmp_path: Path
) -> None:
    found = _feedback(undecided, tmp_path / "feedback.jsonl", where=EVERYTHING)
    with db.unit_of_work(undecided, write=False) as session:
        kept = list(lessons.every(session))
        counted = counting.lesson_counts(session)
    assert [each.note.id for each in found] == ["letter", "half done"]
    assert [each.rejected for each in found] == [each.rejected for each in kept]
    for one, other in zip(found, kept, strict=True):
        assert one.note.text == other.note.text
        assert sorted(one.note.annotations, key=str) == sorted(other.note.annotations, key=str)
    assert (counted.notes, counted.codes) == (2, 4)


def test_feedback_of_some_days_or_of_finished_charts_leaves_the_rest_unknown(
    undecided: Engine, tmp_path: Path
) -> None:
    (finished,) = _feedback(undecided, tmp_path / "feedback.jsonl")
    assert finished.note.id == "letter"
    late = Filter(finished=False, since=clock(21))
    (half,) = _feedback(undecided, tmp_path / "feedback.jsonl", where=late)
    assert (half.note.id, half.note.codes, half.rejected) == ("half done", set(), {COUGH})
    with db.unit_of_work(undecided, write=False) as session:
        assert counting.lesson_counts(session, where=late).codes == 1


def test_feedback_is_no_corpus_and_is_not_imported_as_one(undecided: Engine) -> None:
    for line in _export(undecided, Export(format=Format.FEEDBACK)).splitlines():
        with pytest.raises(BadNote, match="may be half a chart"):
            coded_note(line.encode())


def test_a_fifth_of_all_notes_is_held_out_the_same_ones_for_ever() -> None:
    names = [f"note-{number}" for number in range(5000)]
    assert 0.18 < sum(map(held_out, names)) / len(names) < 0.22
    assert [name for name in names[:20] if held_out(name)] == HELD_OUT


def test_more_rows_than_one_chunk_come_in_order(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feedback, "_CHUNK", 3)
    with db.unit_of_work(engine) as session:
        for number in range(4):
            note = a_note(session, name=f"n{number}", text=f"text {number}")
            for code in (FEVER, COUGH):
                decide(session, note, code, evidence=(Span(0, number + 1),))
            charts.record(session, note.id, Turn.FINISHED, coder="ana", at=clock())
    expected = [(f"n{n}", code, [[0, n + 1]]) for n in range(4) for code in ("R50.9", "R05")]
    assert [(row["note_id"], row["code"], row["marked"]) for row in _records(engine)] == expected
    corpus = map(json.loads, _export(engine, Export(format=Format.CORPUS)).splitlines())
    assert [
        (note["id"], code["code"], code["evidence"]) for note in corpus for code in note["codes"]
    ] == expected


def test_a_saved_export_is_whole_and_replaces_the_old_one(coded: Engine, tmp_path: Path) -> None:
    path = tmp_path / "out" / "feedback.csv"
    path.parent.mkdir()
    path.write_text("old")
    assert save(coded, path, Export(), at=clock()).records == 2
    assert path.read_bytes().decode() == _export(coded, Export())
    assert list(path.parent.iterdir()) == [path]


def test_an_export_that_fails_leaves_the_old_file(
    coded: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "out" / "feedback.jsonl"
    path.parent.mkdir()
    path.write_text("old")
    monkeypatch.setattr(feedback, "CodeSystem", lambda name: CodeSystem(f"no {name}"))
    with pytest.raises(ValueError, match="no ICD-10-CM"):
        save(coded, path, Export(format=Format.JSONL), at=clock())
    assert path.read_text() == "old"
    assert list(path.parent.iterdir()) == [path]


def test_a_place_that_cannot_be_written_is_named(coded: Engine, tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="cannot be written"):
        save(coded, tmp_path / "nowhere" / "feedback.csv", Export(), at=clock())
    with pytest.raises(BadFile, match="cannot be written"):
        save(coded, tmp_path, Export(), at=clock())


def test_the_corpus_is_read_back_by_core(coded: Engine, tmp_path: Path) -> None:
    corpora = pytest.importorskip("core.corpora", reason="core.corpora is not built yet")
    save(coded, tmp_path / "train.jsonl", Export(format=Format.CORPUS), at=clock())
    (note,) = corpora.load("jsonl", tmp_path).notes
    assert (note.id, note.text) == ("letter", TEXT)
    (annotation,) = note.annotations
    assert (annotation.code, annotation.evidence) == (PRESSURE, (Span(20, 32),))
