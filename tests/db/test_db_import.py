"""`python -m db import`: what export wrote becomes charts again, and nothing else does."""

import json
from pathlib import Path

import pytest
from sqlalchemy import Engine

import db
from core.errors import BadNote
from core.types import Code, CodeSystem, Span
from db import charts, decisions, notes, tombstones, users
from db.__main__ import main
from db.account_records import Role
from db.corpus_line import coded_note
from db.records import Action, Status, Turn
from db.verify import verify
from tests.db.conftest import on_sqlite
from tests.db.desk import (
    COUGH,
    FEVER,
    PRESSURE,
    TEXT,
    a_draft,
    a_note,
    a_screen,
    clock,
    decide,
)

PROCEDURE = Code(CodeSystem.ICD10PCS, "0DTJ4ZZ")
ODD = "Nichts 😀\r\n\u2028\x85 @SUM(A1) zu kodieren."
LINE = {
    "id": "letter",
    "text": TEXT,
    "codes": [{"system": "ICD-10-CM", "code": "R50.9", "evidence": [[0, 5]]}],
}


def _finish(engine: Engine) -> None:
    """Three finished charts by two coders, and one that nobody finished."""
    with db.unit_of_work(engine) as session:
        note = a_note(session)
        screen = a_screen(session, note)
        shown = {"screen_id": screen.id, "suggestion_id": screen.suggestions[0].id}
        marked = (Span(20, 32), Span(0, 5), Span(20, 32))
        decide(session, note, COUGH, Action.ADD, coder="bob", evidence=(Span(12, 17),))
        decide(session, note, PRESSURE, evidence=marked, title="Hypertension", **shown)
        decide(session, note, FEVER, Action.REJECT)
        taken = decide(session, note, PROCEDURE, Action.ADD)
        retract = a_draft(note, PROCEDURE, Action.RETRACT, replaces=taken.id)
        decisions.append(session, retract, seen=9, at=clock(2))
        nothing = a_note(session, name="=2+3", text=ODD)
        procedures = a_note(session, name="procedures", text="Appendix out.")
        decide(session, procedures, PROCEDURE, Action.ADD)
        for each in (note, nothing, procedures):
            charts.record(session, each.id, Turn.FINISHED, coder="ana", at=clock(9))
        decide(session, a_note(session, name="open", text="Not yet."), FEVER)


def _export(database: str, path: Path) -> bytes:
    assert main(["export", "--format", "corpus", "--out", str(path), "--database", database]) == 0
    return path.read_bytes()


def _import(database: str, path: Path, coder: str = "carla") -> int:
    return main(["import", str(path), "--coder", coder, "--database", database])


def _write(path: Path, *lines: object) -> Path:
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
    return path


def test_a_corpus_imported_into_an_empty_database_is_exported_as_the_same_bytes(
    engine: Engine, database: str, empty: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _finish(engine)
    first = _export(database, tmp_path / "first.jsonl")
    capsys.readouterr()
    assert _import(empty, tmp_path / "first.jsonl") == 0
    said = capsys.readouterr()
    assert said.out == "3 notes imported with 3 codes, 0 left out, 0 lines not usable\n"
    assert said.err == ""
    assert _export(empty, tmp_path / "again.jsonl") == first
    assert len(first.splitlines()) == 3
    other = db.connect(empty)
    assert verify(other).fault is None
    other.dispose()


def test_codes_become_added_decisions_of_the_coder_in_a_finished_chart(
    engine: Engine, database: str, tmp_path: Path
) -> None:
    with db.unit_of_work(engine) as session:
        users.add(session, "Ana López", Role.CODER, by="test", at=clock())
        decide(session, a_note(session, name="old", text="Old."), FEVER, title="Fever")
    assert _import(database, _write(tmp_path / "c.jsonl", LINE), coder="ana lópez") == 0
    with db.unit_of_work(engine, write=False) as session:
        note = notes.named(session, "letter")
        assert note is not None
        assert (note.source, note.uploaded_by) == ("c.jsonl", "Ana López")
        (made,) = decisions.of_note(session, note.id)
        assert charts.status(session, note.id) is Status.DONE
    assert (made.action, made.code, made.coder) == (Action.ADD, FEVER, "Ana López")
    assert made.evidence == (Span(0, 5),)
    assert made.title == "Fever"  # as this database calls it


def test_a_text_that_is_there_is_left_out_with_a_word_and_its_chart_stays_as_it_was(
    engine: Engine, database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with db.unit_of_work(engine) as session:
        gone = a_note(session, name="gone", text="Deleted on request.")
        kept = a_note(session, name="mine")
    with db.unit_of_work(engine) as session:
        tombstones.forget(session, gone.id, by="lead", reason="request 7", at=clock())
    file = _write(
        tmp_path / "c.jsonl",
        LINE,
        LINE | {"text": "Deleted on request."},
        LINE | {"id": "mine", "text": "Fever again."},
    )
    assert _import(database, file) == 0
    said = capsys.readouterr()
    assert said.out == "1 notes imported with 1 codes, 2 left out, 0 lines not usable\n"
    assert said.err.splitlines() == [
        "line 1: left out: its text is there already",
        "line 2: left out: its text was deleted here",
        "line 3: another note has its id, so a number was put behind it",
    ]
    with db.unit_of_work(engine, write=False) as session:
        assert decisions.of_note(session, kept.id) == ()
        assert notes.named(session, "mine (2)") is not None
    assert _import(database, file) == 0
    assert capsys.readouterr().out.startswith("0 notes imported with 0 codes, 3 left out")


def _coded(**changes: object) -> dict[str, object]:
    return LINE | {"codes": [*LINE["codes"], LINE["codes"][0] | {"code": "I10"} | changes]}


UNUSABLE: dict[str, tuple[object, str]] = {
    "no object": ([TEXT], "not an object"),
    "no codes": ({"id": "a", "text": TEXT}, "not an object with id, text and codes"),
    "a number as id": (LINE | {"id": 7}, "id is empty or no string"),
    "no words": (LINE | {"text": " \n"}, "text is empty"),
    "a NUL": (LINE | {"text": f"{TEXT}\0"}, "text holds a NUL"),
    "half a character": (LINE | {"id": "\ud83d"}, "id holds a NUL or half a character"),
    "codes that are no list": (LINE | {"codes": {}}, "codes is not a list"),
    "a code without evidence": (LINE | {"codes": [{"system": "CCS", "code": "98"}]}, "list of ev"),
    "an unknown system": (_coded(system="SNOMED"), "is not a code system"),
    "a code without its dot": (_coded(code="R509"), "upper case with its dot"),
    "words as a code": (_coded(code="Hypertension."), "is not written like one of ICD-10-CM"),
    "a code twice": (_coded(code="R50.9"), "a code stands twice"),
    "evidence past the end": (_coded(evidence=[[0, 5], [3, 99]]), "within the text"),
    "evidence from nothing": (_coded(evidence=[[3, 3]]), "within the text"),
    "evidence that is no number": (_coded(evidence=[[False, True]]), "within the text"),
}


@on_sqlite
@pytest.mark.parametrize("name", UNUSABLE)
def test_a_line_that_cannot_be_used_is_named_by_number_and_nothing_of_it_is_kept(
    engine: Engine,
    database: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
) -> None:
    line, why = UNUSABLE[name]
    good = LINE | {"id": "good", "text": "Coughs."}
    assert _import(database, _write(tmp_path / "c.jsonl", line, good)) == 2
    said = capsys.readouterr().err
    assert said.startswith("line 1: ")
    assert why in said
    assert "1 notes imported with 1 codes, 0 left out, 1 lines not usable; mend" in said
    assert not any(word in said for word in ("Fever", "cough", "Hypertension"))
    with db.unit_of_work(engine, write=False) as session:
        assert notes.named(session, "letter") is None
        assert notes.named(session, "good") is not None


def test_a_failure_in_the_middle_of_a_note_keeps_nothing_of_it(
    engine: Engine, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(charts, "record", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        _import(database, _write(tmp_path / "c.jsonl", LINE))
    with db.unit_of_work(engine, write=False) as session:
        assert notes.named(session, "letter") is None
    assert verify(engine).entries == 0


@pytest.mark.parametrize(
    "line", [b"{", b'{"id": "\xff"}', b"[" * 100_000, b"1" * 10_000, "{}".encode("utf-16")]
)
def test_what_is_no_json_is_refused_without_quoting_it(line: bytes) -> None:
    with pytest.raises(BadNote, match=r"^not JSON in UTF-8$"):
        coded_note(line)


@pytest.mark.parametrize(
    ("system", "codes"),
    [
        ("ICD-10-CM", ["I10", "R50.9", "C4A.0", "QA0.0101", "T36.0X1A"]),
        ("ICD-10-PCS", ["0DTJ4ZZ", "0DTJ"]),
        ("ICD-9-CM", ["311", "401.9", "250.00", "V10", "V10.11", "E849", "E849.0"]),
        ("ICD-9-PROC", ["47", "47.0", "47.01"]),
        ("CCS", ["98", "2621"]),
        ("CCS-PROC", ["80"]),
        ("CCSR", ["CIR007"]),
    ],
)
def test_codes_are_read_as_they_are_written(system: str, codes: list[str]) -> None:
    listed = [{"system": system, "code": each, "evidence": []} for each in codes]
    note = coded_note(json.dumps(LINE | {"codes": listed}).encode())
    assert [each.code for each in note.annotations] == [Code(CodeSystem(system), c) for c in codes]


@on_sqlite
def test_a_file_that_is_not_there_and_a_coder_without_a_name_are_refused(
    database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _import(database, tmp_path / "none.jsonl") == 2
    assert "cannot be read" in capsys.readouterr().err
    assert _import(database, _write(tmp_path / "c.jsonl", LINE), coder=" ") == 2
    assert "name one with --coder" in capsys.readouterr().err
