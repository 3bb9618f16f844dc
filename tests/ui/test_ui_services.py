"""Intake, search, export and messages from the browser."""

import json
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Engine

import db
from core.codes import CodeTables
from core.errors import BadInput
from core.inference import Coder
from core.types import Code, CodeSystem, Note
from db import notes
from tests.ui.conftest import Desk
from tests.uploads import MDM, TEXT, excel, hl7, word
from ui.components.review_board import Answers, payload
from ui.services.explaining import Explainer
from ui.services.intake import SAMPLES, Intake, outcome
from ui.services.intents import read_intents
from ui.services.search import find

TOKEN = str(uuid4())


def test_files_become_notes_and_refused_ones_are_named_with_the_reason(intake: Intake) -> None:
    files = [
        ("a.txt", b"fever and cough"),
        ("copy.txt", b"fever and cough"),
        ("empty.txt", b""),
        ("picture.txt", b"\x89PNG\r\n\x1a\n\x00"),
        ("many.csv", b"id,text\n1,chest pain\n2,no fever\n"),
        ("columns.csv", b"key,words\n1,chest pain\n"),
    ]
    a, copy, empty, picture, many, columns = intake.receive(files, by="ana")
    assert (a.added, copy.duplicates) == (("a",), ("a",))
    assert "empty" in str(empty.refused)
    assert "PNG" in str(picture.refused)
    assert many.added == ("1", "2")
    assert columns.refused is not None
    assert [row.name for row in intake.listing()] == ["a", "1", "2"]


def test_nothing_is_stored_before_it_is_wanted_and_then_with_what_came_along(
    intake: Intake, engine: Engine
) -> None:
    files = [("a.hl7", hl7(*MDM)), ("b.xlsx", excel()), ("c.txt", TEXT.encode())]
    message, table, text = intake.understand(files)
    assert intake.listing() == ()
    assert [each.known_as for each in (*table.notes, *text.notes)] == [None, None, "n1"]
    (first,) = message.notes
    assert (first.words, first.language, first.format) == (8, "en", "hl7")
    assert first.first_lines == "Fever & cough second line BP 120^80 high"
    stored = list(intake.store([first, table.notes[1]], by="ana"))
    assert [row.name for row in intake.listing()] == ["d1", "n2"]
    with db.unit_of_work(engine, write=False) as session:
        kept = notes.get(session, stored[0].note.id)
    assert (kept.format, kept.language, kept.source) == ("hl7", "en", "a.hl7")
    assert (kept.encounter.encounter_id, kept.encounter.age) == ("v1", 75)
    report = outcome(table, [(table.notes[1], stored[1])])
    assert (report.added, report.refused) == (("n2",), None)


def test_a_text_that_is_stored_already_is_named_before_it_is_stored_again(intake: Intake) -> None:
    list(intake.receive([("a.txt", TEXT.encode())], by="ana"))
    (again,) = intake.understand([("b.docx", word(TEXT))])
    assert again.notes[0].known_as == "a"
    assert [each.duplicate for each in intake.store(again.notes, by="ana")] == [True]


def test_a_hostile_file_name_is_kept_without_what_a_database_cannot_hold(intake: Intake) -> None:
    (received,) = intake.receive([("a\0\ud83d\n" + "b" * 999 + ".txt", TEXT.encode())], by="ana")
    assert received.added
    assert received.file == "a " + "b" * 198


def test_a_table_of_bad_rows_only_is_refused_with_its_rows(intake: Intake) -> None:
    (understood,) = intake.understand([("a.csv", b"id,text\n1,\n2,\n")])
    assert understood.refused == "not one note in it could be read"
    assert [problem[:5] for problem in understood.problems] == ["row 2", "row 3"]


def test_a_printed_preview_keeps_the_text_to_itself(intake: Intake) -> None:
    (understood,) = intake.understand([("a.txt", TEXT.encode())])
    assert "Canary" not in repr(understood)


def test_samples_go_into_an_empty_database_only(intake: Intake) -> None:
    count = intake.load_samples()
    assert count == len(list(SAMPLES.glob("*.txt"))) >= 8
    assert intake.load_samples() == 0
    assert all(row.name.startswith("sample-") for row in intake.listing())


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.txt")), ids=lambda path: path.stem)
def test_a_sample_note_is_of_a_real_notes_length_and_names_itself_fictional(path: Path) -> None:
    text = path.read_bytes().decode()
    assert 150 <= len(text.split()) <= 450
    assert "(fictional)" in text or "fictici" in text


def test_a_search_of_one_letter_asks_nothing(tables: CodeTables) -> None:
    assert find(tables, " a ") == ()


def test_search_results_carry_what_a_coder_must_beware_of(tables: CodeTables) -> None:
    hits = {hit.code.code: hit for hit in find(tables, "appendicitis")}
    assert "unspecified" in hits["K35.80"].flags
    assert not hits["K35"].billable
    assert "category, not billable" in hits["K35"].flags


@pytest.mark.parametrize(
    "raw",
    [
        None,
        [None],
        [{}],
        [{"kind": "accept", "token": TOKEN, "note": 1}],
        [{"kind": "erase", "token": TOKEN, "note": 1}],
        [{"kind": "undo", "token": "not a uuid", "note": 1}],
        [{"kind": "undo", "token": TOKEN, "note": "x"}],
        [{"kind": "reject", "token": TOKEN, "note": 1, "system": "ICD-10-CM", "code": "I10",
          "reason": "I do not like it"}],
        [{"kind": "accept", "token": TOKEN, "note": 1, "system": "ICD-10-CM", "code": "I10",
          "marks": [[1]]}],
        [{"kind": "undo", "token": TOKEN, "note": 1}] * 201,
    ],
)  # fmt: skip
def test_a_message_the_page_would_not_send_is_refused_whole(raw: object) -> None:
    with pytest.raises(BadInput, match="reload"):
        read_intents(raw)


def test_an_unknown_code_system_in_a_message_is_refused() -> None:
    raw = {"kind": "add", "token": TOKEN, "note": 1, "system": "SNOMED", "code": "1"}
    with pytest.raises(BadInput, match="SNOMED"):
        read_intents([raw])


def test_the_boards_data_is_json_and_holds_the_first_codes_evidence(at_desk: Desk) -> None:
    data = json.loads(json.dumps(payload(at_desk.chart(), Answers(), coder="ana")))
    assert data["note"]["text"] == at_desk.opened.note.text
    assert set(data["evidence"]["attention_x_gradient"]) == {data["rows"][0]["id"]}
    assert {row["category"] for row in data["rows"]} - {None} == set(data["categories"])


def test_evidence_asked_for_is_computed_once_in_the_background(
    model: Coder, a_note: Callable[..., int]
) -> None:
    explainer = Explainer(model)
    note, code = Note(id="1", text="fever and chest pain"), Code(CodeSystem.ICD10CM, "I10")
    assert explainer.ask(note, code, "integrated_gradients") is None
    explainer.wait()
    found = explainer.ask(note, code, "integrated_gradients")
    assert found is not None
    assert found.delta is not None
    assert explainer.ask(note, code, "integrated_gradients") is found


def test_evidence_that_cannot_be_computed_says_why(model: Coder) -> None:
    explainer = Explainer(model)
    note, code = Note(id="1", text="fever"), Code(CodeSystem.ICD10CM, "A00.0")
    assert explainer.ask(note, code, "attention") is None
    explainer.wait()
    with pytest.raises(BadInput, match=r"A00\.0 is not among"):
        explainer.ask(note, code, "attention")
