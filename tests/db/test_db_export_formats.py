"""XLSX, Parquet, FHIR and MIMIC's tables: what others read out of them is what coders decided."""

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from fhir.resources.R4B import get_fhir_model_class
from fhir.resources.R4B.bundle import Bundle
from openpyxl import load_workbook
from sqlalchemy import Engine

import db
from core.errors import BadInput, BadSettings
from core.types import Code, CodeSystem, Span
from db import charts, feedback, screens
from db.cells import restore
from db.export import TABLES, Export, Format, Written, sheet, tables, write
from db.export.mimic import write_mimic
from db.feedback import Feedback
from db.identity import Identity
from db.kinds import EVERYTHING
from db.records import Action, Turn
from tests.db.desk import (
    COUGH,
    FEVER,
    PRESSURE,
    TEXT,
    a_note,
    a_screen,
    clock,
    decide,
    some_evidence,
)

ICD9, ICD9_PROCEDURE, PROCEDURE, CATEGORY = (
    Code(CodeSystem.ICD9CM, "401.9"),
    Code(CodeSystem.ICD9PROC, "47.01"),
    Code(CodeSystem.ICD10PCS, "0DTJ4ZZ"),
    Code(CodeSystem.CCS, "98"),
)
FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\tx", "'=1", "＝1+1")


@pytest.fixture
def coded(engine: Engine) -> Engine:
    """A finished chart with a code of each kind and system.

    1 I10 accepted on its evidence, 2 R50.9 rejected, 3 R05 (never shown), 4 401.9, 5 procedure
    47.01, 6 procedure 0DTJ4ZZ and 7 category CCS 98 added.
    """
    with db.unit_of_work(engine) as session:
        note = a_note(session)
        screen = a_screen(session, note)
        pressure, fever, _ = screen.suggestions
        screens.record_explanation(session, some_evidence(), suggestion_id=pressure.id, at=clock())
        shown = {"screen_id": screen.id}
        decide(
            session, note, PRESSURE, at=1, title="Hypertension", evidence=(Span(20, 32),),
            suggestion_id=pressure.id, **shown,
        )  # fmt: skip
        decide(session, note, FEVER, Action.REJECT, at=2, suggestion_id=fever.id, **shown)
        for minute, code in enumerate((COUGH, ICD9, ICD9_PROCEDURE, PROCEDURE, CATEGORY), 3):
            decide(session, note, code, Action.ADD, at=minute, coder="bob", **shown)
        charts.record(session, note.id, Turn.FINISHED, coder="ana", at=clock(9))
    return engine


def _file(engine: Engine, format_: Format, **settings) -> tuple[io.BytesIO, Written]:
    file = io.BytesIO()
    with db.unit_of_work(engine, write=False) as session:
        export = Export(format=format_, **settings)
        written = write(session, file, export, at=clock(60))
    return io.BytesIO(file.getvalue()), written


def _rows(engine: Engine, **settings) -> list[Feedback]:
    with db.unit_of_work(engine, write=False) as session:
        return list(feedback.decided(session, **settings))


def _jsonl(engine: Engine, **settings) -> list[dict[str, object]]:
    return [json.loads(line) for line in _file(engine, Format.JSONL, **settings)[0]]


# Tables


def test_parquet_read_by_pandas_says_what_jsonl_says(coded: Engine) -> None:
    asked = {"text": True, "quotes": True, "history": True}
    read = pd.read_parquet(_file(coded, Format.PARQUET, **asked)[0])
    expected = _jsonl(coded, **asked)
    assert list(read.columns) == list(expected[0])
    for row, record in zip(read.to_dict("records"), expected, strict=True):
        for name in ("code", "kind", "decision", "coder", "text", "sha256", "stands", "title"):
            assert row[name] == record[name]
        for name in ("evidence_text", "marked_text", "contexts"):
            assert list(row[name]) == record[name]
        assert [[e["start"], e["end"], e["score"]] for e in row["evidence"]] == record["evidence"]
        assert [[m["start"], m["end"]] for m in row["marked"]] == record["marked"]
        assert row["time"] == pd.Timestamp(record["time"])


def test_parquet_in_several_batches_loses_no_row(
    coded: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "_BATCH", 3)
    file, written = _file(coded, Format.PARQUET)
    assert list(pd.read_parquet(file)["sequence"]) == [1, 2, 3, 4, 5, 6, 7]
    assert written == Written(records=7)


def test_a_sheet_read_by_pandas_says_what_csv_says(coded: Engine) -> None:
    asked = {"quotes": True, "history": True}
    read = pd.read_excel(_file(coded, Format.XLSX, **asked)[0], dtype=str, keep_default_na=False)
    lines = io.TextIOWrapper(_file(coded, Format.CSV, **asked)[0], "utf-8", newline="")
    expected = [
        {name: restore(value) for name, value in row.items()} for row in csv.DictReader(lines)
    ]
    assert read.to_dict("records") == expected


def test_a_workbook_keeps_the_texts_on_a_sheet_of_their_own(coded: Engine) -> None:
    file, _ = _file(coded, Format.XLSX, text=True)
    notes = pd.read_excel(file, sheet_name="notes")
    assert list(notes["note_id"]) == ["letter"]
    assert list(notes["characters"]) == [len(TEXT)]
    assert notes["text"][0].split() == TEXT.split()
    assert "text" not in pd.read_excel(file, sheet_name="codes").columns


def test_what_looks_like_a_formula_is_text_in_every_sheet(engine: Engine) -> None:
    with db.unit_of_work(engine) as session:
        for number, formula in enumerate(FORMULAS):
            note = a_note(session, name=formula, text=f"{formula} {number}")
            decide(session, note, FEVER, Action.REJECT, title=formula, reason=formula + "!")
    file, _ = _file(engine, Format.XLSX, text=True, where=EVERYTHING)
    book = load_workbook(file)
    cells = [cell for page in book for row in page.iter_rows() for cell in row if cell.value]
    assert {cell.data_type for cell in cells if isinstance(cell.value, str)} <= {"s", "inlineStr"}
    titles = [row["title"] for row in pd.read_excel(file).to_dict("records")]
    assert titles == list(FORMULAS)
    marked = [cell for cell in cells if cell.value in FORMULAS]
    assert len(marked) == 3 * len(FORMULAS)  # name and title, and the name beside the text
    assert all(cell.quotePrefix for cell in marked)


def test_what_a_cell_cannot_hold_is_replaced_or_cut(engine: Engine) -> None:
    with db.unit_of_work(engine) as session:
        decide(session, a_note(session, text="a\x01b" + "x" * 40_000), FEVER, title="bell\x07")
    file, _ = _file(engine, Format.XLSX, text=True, where=EVERYTHING)
    assert pd.read_excel(file)["title"][0] == "bell\ufffd"
    (text,) = pd.read_excel(file, sheet_name="notes")["text"]
    assert (len(text), text[:3]) == (32_767, "a\ufffdb")


def test_more_rows_than_a_sheet_holds_are_refused(
    coded: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheet, "_MOST", 6)
    with pytest.raises(BadInput, match="choose CSV or Parquet"):
        _file(coded, Format.XLSX)


def test_quotes_are_the_words_that_evidence_points_at(coded: Engine) -> None:
    accepted = _jsonl(coded, quotes=True)[0]
    assert accepted["evidence_text"] == ["Hypertension", "Fever"]  # 20-32 and 0-5
    assert accepted["marked_text"] == ["Hypertension"]
    assert "text" not in accepted


@pytest.mark.parametrize("format_", sorted(set(Format) - TABLES))
def test_history_is_refused_where_there_is_no_place_for_it(format_: Format) -> None:
    with pytest.raises(BadSettings, match="no place for decisions that no longer stand"):
        Export(format=format_, history=True)


# FHIR


def _resources(engine: Engine, **settings) -> list[dict]:
    file, _ = _file(engine, Format.FHIR, **settings)
    bundle = json.load(file)
    Bundle.model_validate(bundle)
    resources = [entry["resource"] for entry in bundle["entry"]]
    for resource in resources:
        get_fhir_model_class(resource["resourceType"]).model_validate(resource)
    return resources


def _of(resources: list[dict], code: str) -> tuple[dict, dict]:
    """The resource of this code, and its provenance."""
    (coded,) = (
        r for r in resources if r.get("code", {}).get("coding", [{}])[0].get("code") == code
    )
    target = [{"reference": f"urn:uuid:{coded['id']}"}]
    (provenance,) = (r for r in resources if r.get("target") == target)
    return coded, provenance


@pytest.mark.parametrize("text", [True, False])
def test_the_bundle_is_fhir_r4b_also_when_there_is_nothing_in_it(
    coded: Engine, engine: Engine, text: bool
) -> None:
    kinds = [r["resourceType"] for r in _resources(coded, text=text, quotes=text)]
    assert kinds.count("Condition") == 5
    assert kinds.count("Procedure") == 2
    assert kinds.count("Provenance") == 7
    assert kinds.count("DocumentReference") == text


def test_an_empty_bundle_is_fhir_r4b(engine: Engine) -> None:
    assert _resources(engine) == []


def test_a_diagnosis_is_confirmed_or_refuted_and_says_of_which_kind_it_is(coded: Engine) -> None:
    found = _resources(coded)

    def told(code: str) -> tuple[str, str, str]:
        resource, _ = _of(found, code)
        status = resource["verificationStatus"]["coding"][0]["code"]
        coding = resource["code"]["coding"][0]
        return status, resource["meta"]["tag"][0]["code"], coding["system"]

    icd10 = "http://hl7.org/fhir/sid/icd-10-cm"
    assert told("I10") == ("confirmed", "accepted", icd10)
    assert told("R50.9") == ("refuted", "rejected", icd10)
    assert told("R05") == ("confirmed", "never shown", icd10)
    assert told("401.9")[2] == "http://hl7.org/fhir/sid/icd-9-cm"
    rejected, provenance = _of(found, "R50.9")
    assert rejected["note"] == [{"text": "not in the note"}]
    assert provenance["reason"] == [{"text": "not in the note"}]


def test_a_procedure_is_completed(coded: Engine) -> None:
    procedure, _ = _of(_resources(coded), "0DTJ4ZZ")
    assert (procedure["resourceType"], procedure["status"]) == ("Procedure", "completed")
    assert procedure["code"]["coding"][0]["system"] == "http://www.cms.gov/Medicare/Coding/ICD10"


def test_provenance_names_coder_checkpoint_and_evidence(coded: Engine) -> None:
    _, provenance = _of(_resources(coded, quotes=True), "I10")
    person, device = provenance["agent"]
    assert person["who"]["display"] == "ana"
    assert device["who"]["identifier"] == {"system": "urn:evicode:checkpoint", "value": "c0ffee"}
    said = {each["url"]: each for each in device["extension"]}
    assert said["urn:evicode:rank"]["valueInteger"] == 1
    assert said["urn:evicode:probability"]["valueDecimal"] == 0.75
    assert provenance["recorded"] == "2026-01-02T03:01:00.123456+00:00"
    spans = [
        {part["url"]: next(v for k, v in part.items() if k != "url") for part in e["extension"]}
        for e in provenance["entity"][0]["extension"]
    ]
    assert spans == [
        {"whose": "marked", "start": 20, "end": 32, "text": "Hypertension"},
        {"whose": "shown", "start": 20, "end": 32, "score": 1.0, "text": "Hypertension"},
        {"whose": "shown", "start": 0, "end": 5, "score": 0.25, "text": "Fever"},
    ]


def test_an_added_code_still_names_the_list_that_missed_it_but_no_rank(coded: Engine) -> None:
    _, provenance = _of(_resources(coded), "R05")
    person, device = provenance["agent"]
    assert person["who"]["display"] == "bob"
    assert "extension" not in device


def test_the_same_decision_has_the_same_id_in_every_bundle(coded: Engine) -> None:
    assert _resources(coded) == _resources(coded)


def test_hostile_words_leave_the_bundle_valid(engine: Engine) -> None:
    hostile = ("", " \u2028", "\x1c\x85", '"}], "x": [', "</script>", "😀\x01")
    with db.unit_of_work(engine) as session:
        for number, word in enumerate(hostile):
            note = a_note(session, name=f"{word}{number}", text=f"{word}Fever {number}")
            decide(
                session, note, FEVER, Action.REJECT, title=word, reason=f"{word}.", coder="a\x85"
            )
            decide(session, note, COUGH, title=word, coder="b\x01", evidence=(Span(0, 1),))
    assert len(_resources(engine, text=True, quotes=True, where=EVERYTHING)) == 5 * len(hostile)


# MIMIC


def _members(file: io.BytesIO) -> dict[str, list[dict[str, str]]]:
    with zipfile.ZipFile(file) as archive:
        return {
            name: list(csv.DictReader(io.StringIO(archive.read(name).decode(), newline="")))
            for name in archive.namelist()
            if name.endswith(".csv")
        }


def _of_columns(rows: list[dict[str, str]], *names: str) -> list[tuple[str, ...]]:
    return [tuple(row[name] for name in names) for row in rows]


def test_mimic_iii_holds_icd_9_alone_and_counts_what_it_leaves_out(coded: Engine) -> None:
    file, written = _file(coded, Format.MIMIC3)
    found = _members(file)
    assert list(found["DIAGNOSES_ICD.csv"][0])[:5] == [
        *("ROW_ID", "SUBJECT_ID", "HADM_ID", "SEQ_NUM", "ICD9_CODE"),
    ]
    columns = ("ROW_ID", "SUBJECT_ID", "HADM_ID", "SEQ_NUM", "ICD9_CODE", "KIND", "CODER")
    surrogate = "1000000001"
    assert _of_columns(found["DIAGNOSES_ICD.csv"], *columns) == [
        ("1", surrogate, surrogate, "1", "4019", "never shown", "bob"),
    ]
    assert _of_columns(found["PROCEDURES_ICD.csv"], *columns) == [
        ("1", surrogate, surrogate, "1", "4701", "never shown", "bob"),
    ]
    assert found["REJECTED_ICD.csv"] == []
    assert written == Written(records=2, left_out=5)


def test_mimic_iv_holds_both_versions_and_rejected_codes_apart(coded: Engine) -> None:
    file, written = _file(coded, Format.MIMIC4)
    found = _members(file)
    columns = ("hadm_id", "seq_num", "icd_code", "icd_version", "kind")
    surrogate = "1000000001"
    assert _of_columns(found["diagnoses_icd.csv"], *columns) == [
        (surrogate, "1", "I10", "10", "accepted"),
        (surrogate, "2", "R05", "10", "never shown"),
        (surrogate, "3", "4019", "9", "never shown"),
    ]
    assert list(found["procedures_icd.csv"][0])[:6] == [
        *("subject_id", "hadm_id", "seq_num", "chartdate", "icd_code", "icd_version"),
    ]
    assert _of_columns(found["procedures_icd.csv"], *columns, "chartdate") == [
        (surrogate, "1", "4701", "9", "never shown", ""),
        (surrogate, "2", "0DTJ4ZZ", "10", "never shown", ""),
    ]
    assert _of_columns(found["rejected_icd.csv"], *columns, "reason") == [
        (surrogate, "1", "R509", "10", "rejected", "not in the note"),
    ]
    (note,) = found["notes.csv"]
    assert (note["subject_id_is"], note["hadm_id_is"]) == ("surrogate", "surrogate")
    assert note["note_id"] == "letter"
    assert written == Written(records=6, left_out=1)  # the category


def _mimic(rows: Iterator[Feedback]) -> dict[str, list[dict[str, str]]]:
    file = io.BytesIO()
    write_mimic(rows, file, Export(format=Format.MIMIC4, where=EVERYTHING), clock())
    return _members(io.BytesIO(file.getvalue()))


def test_ids_come_from_the_source_and_an_admission_counts_over_its_notes(coded: Engine) -> None:
    row = _rows(coded)[0]
    same = Identity(patient="10006", encounter="142345")
    rows = [
        replace(row, note=1, identity=same),
        replace(row, note=2, identity=Identity(encounter="E-7")),
        replace(row, note=3, identity=same, code=COUGH),
        replace(row, note=4, identity=Identity(encounter="E-7"), code=COUGH),
        replace(row, note=5, identity=Identity(external="1234567890")),  # too long: a surrogate
    ]
    found = _mimic(iter(rows))
    assert _of_columns(
        found["diagnoses_icd.csv"], "subject_id", "hadm_id", "seq_num", "icd_code"
    ) == [
        ("10006", "142345", "1", "I10"),
        ("1000000002", "1000000002", "1", "I10"),
        ("10006", "142345", "2", "R05"),
        ("1000000002", "1000000002", "2", "R05"),
        ("1000000005", "1000000005", "1", "I10"),
    ]
    assert _of_columns(found["notes.csv"], "subject_id_is", "hadm_id_is", "encounter_id") == [
        ("source", "source", "142345"),
        ("surrogate", "surrogate", "E-7"),
        ("source", "source", "142345"),
        ("surrogate", "surrogate", "E-7"),
        ("surrogate", "surrogate", ""),
    ]


def test_no_cell_of_mimics_tables_is_a_formula(engine: Engine) -> None:
    with db.unit_of_work(engine) as session:
        for number, formula in enumerate(FORMULAS):
            note = a_note(session, name=formula, text=f"{formula}{number}")
            decide(session, note, FEVER, Action.REJECT, title=formula, reason=formula)
            decide(session, note, COUGH, title=formula, coder=formula)
    file, _ = _file(engine, Format.MIMIC4, text=True, where=EVERYTHING)
    cells = [value for rows in _members(file).values() for row in rows for value in row.values()]
    assert cells
    assert not [
        value for value in cells if value.startswith(("=", "+", "-", "@", "\t", "\r", "＝"))
    ]


def test_our_own_ingest_finds_the_codes_in_mimics_tables(coded: Engine, tmp_path: Path) -> None:
    from core.corpora.mimic.tables import Log, rows

    with zipfile.ZipFile(_file(coded, Format.MIMIC3)[0]) as archive:
        archive.extract("DIAGNOSES_ICD.csv", tmp_path)
    read = list(rows(tmp_path / "DIAGNOSES_ICD.csv", ("hadm_id", "icd9_code"), Log()))
    assert read == [(2, ("1000000001", "4019"))]
