"""FHIR R4 and HL7 v2: which notes stand in a message, whose they are, and what is left out."""

import base64
import json
from datetime import date

import pytest

from core.errors import BadFile
from core.notes import Limits, Reading, read_notes
from core.types import Encounter, Sex
from tests.uploads import MDM, PATIENT, TEXT, bundle, document_reference, hl7, pdf, rich_text

FACTS = Encounter(
    external_id="d1",
    encounter_id="v1",
    patient_id="p1",
    age=75,
    sex=Sex.FEMALE,
    birth_date=date(1950, 1, 2),
    service_date=date(2025, 3, 4),
)


def fhir(*resources: object) -> Reading:
    return read_notes("a.json", bundle(*resources))  # type: ignore[arg-type]


def test_a_document_of_a_bundle_comes_with_its_patient_and_encounter() -> None:
    (note,) = fhir(document_reference(), PATIENT).notes
    assert (note.id, note.text, note.encounter) == ("d1", TEXT, FACTS)


def test_a_single_document_and_lines_of_them_are_read() -> None:
    one = json.dumps(document_reference())
    assert len(read_notes("a.json", one.encode()).notes) == 1
    two = json.dumps(document_reference(id="d2"))
    assert [n.id for n in read_notes("a.ndjson", f"{one}\n{two}\n".encode()).notes] == ["d1", "d2"]


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("text/plain; charset=utf-8", TEXT.encode()),
        ("Text/HTML", f"<p>{TEXT}</p>".encode()),
        ("application/pdf", pdf(TEXT)),
        ("application/rtf", rich_text(TEXT)),
    ],
)
def test_attachments_of_each_kind_become_text(kind: str, data: bytes) -> None:
    assert fhir(document_reference(data, kind)).notes[0].text == TEXT


def test_of_several_forms_of_a_document_the_plainest_is_read() -> None:
    forms = [
        document_reference(data, kind)["content"][0]  # type: ignore[index]
        for data, kind in ((pdf("As PDF"), "application/pdf"), (b"As text", "text/plain"))
    ]
    assert fhir(document_reference(content=forms)).notes[0].text == "As text"


def test_a_document_held_as_a_binary_of_the_bundle_is_found() -> None:
    binary = {"resourceType": "Binary", "id": "b", "data": base64.b64encode(b"fever").decode()}
    linked = [{"attachment": {"contentType": "text/plain", "url": "Binary/b"}}]
    assert fhir(binary, document_reference(content=linked)).notes[0].text == "fever"


@pytest.mark.parametrize(
    ("attachment", "reason"),
    [
        ({"contentType": "text/plain", "url": "https://ehr.example/1"}, "fetches nothing"),
        ({"contentType": "text/plain", "data": "%%%"}, "not base64"),
        ({"contentType": "image/png", "data": ""}, "no attachment of a kind that is read"),
        ({}, "no attachment of a kind that is read"),
    ],
)
def test_a_document_that_cannot_be_read_is_named_and_the_rest_goes_on(
    attachment: object, reason: str
) -> None:
    reading = fhir(document_reference(content=[{"attachment": attachment}]), document_reference())
    assert len(reading.notes) == 1
    assert reading.problems[0].startswith("document 1: ")
    assert reason in reading.problems[0]


@pytest.mark.parametrize(
    "data",
    [
        b'{"resourceType": "Patient"}',
        b'{"resourceType": "Bundle", "entry": 5}',
        b'[{"resourceType":"X"}]',
    ],
)
def test_fhir_without_a_document_is_refused(data: bytes) -> None:
    with pytest.raises(BadFile, match="no DocumentReference in it"):
        read_notes("a.json", data)


def test_an_mdm_message_is_one_note_with_its_escapes_decoded() -> None:
    (note,) = read_notes("x.hl7", hl7(*MDM)).notes
    assert note.text == "Fever & cough\nsecond line\nBP 120^80 high"
    assert (note.id, note.encounter) == ("d1", FACTS)


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (r"a\F\b\S\c\T\d\R\e\E\f", r"a|b^c&d~e" + "\\" + "f"),
        (r"one\.br\two\.sp\three\.in+4\four", "one\ntwo\nthree four"),
        (r"caf\XC3A9\ ", "café "),
        (r"50 \% of \Zq\ and a\lone", r"50 \% of \Zq\ and a\lone"),
    ],
)
def test_escape_sequences_become_what_they_stand_for(written: str, text: str) -> None:
    data = hl7(MDM[0], f"OBX|1|FT|x||{written}||")
    assert read_notes("a.hl7", data).notes[0].text == text


def test_each_report_of_an_oru_message_is_a_note() -> None:
    data = hl7(
        "MSH|^~\\&|LAB|H|||20250304||ORU^R01|M1|P|2.5",
        MDM[1],
        "OBR|1|o1|f1|XR|||20250304",
        "OBX|1|TX|||No fracture",
        "OBX|2|NM|||5",
        "OBR|2|o2||CT|||20250305",
        "OBX|1|FT|||No bleed",
    )
    reading = read_notes("a.txt", data)
    assert [(n.id, n.text) for n in reading.notes] == [("f1", "No fracture"), ("o2", "No bleed")]
    assert reading.notes[1].encounter.service_date == date(2025, 3, 5)
    assert reading.problems == ("message 1: 1 OBX hold no text (numbers, codes) and were left out",)


def test_messages_with_their_own_separators_in_a_batch_with_frames_are_read() -> None:
    framed = "\x0b" + "\n".join(MDM) + "\x1c\r"
    other = "MSH$#*!%$A$B$$$$$MDM#T02$M2$P$2.5\rOBX$1$TX$$$fever !T! cough*line\r"
    reading = read_notes("a.hl7", f"FHS|^~\\&|\rBHS|^~\\&|\r{framed}{other}BTS|2\r".encode())
    assert [note.id for note in reading.notes] == ["d1", "M2"]
    assert reading.notes[1].text == "fever % cough\nline"


def test_a_document_in_base64_is_read() -> None:
    data = base64.b64encode(pdf(TEXT)).decode()
    (note,) = read_notes("a.hl7", hl7(MDM[0], f"OBX|1|ED|x||H^Application^PDF^Base64^{data}")).notes
    assert note.text == TEXT


@pytest.mark.parametrize(
    ("segments", "reason"),
    [
        (["MSH|^~\\&|||||||ADT^A01|"], "neither MDM nor ORU"),
        (["MSH|^^^^|||||||MDM^T02|"], "five separators"),
        (["MSH|^~\\&|||||||MDM^T02|"], "no OBX segment with text"),
        ([MDM[0], "OBX|1|TX|||  "], "there is no text in it"),
        ([MDM[0], "OBX|1|ED|||H^A^JPEG^Base64^xx"], "read only as base64 of pdf"),
    ],
)
def test_a_message_without_a_note_is_named_with_the_reason(
    segments: list[str], reason: str
) -> None:
    reading = read_notes("a.hl7", hl7(*segments))
    assert reading.notes == ()
    assert reason in reading.problems[0]


def test_a_file_that_only_calls_itself_hl7_is_refused() -> None:
    with pytest.raises(BadFile, match="no message"):
        read_notes("a.hl7", b"fever and cough")


def test_messages_beyond_the_limit_are_not_read_and_that_is_said() -> None:
    reading = read_notes("a.hl7", hl7(*MDM, *MDM), limits=Limits(notes=1))
    assert len(reading.notes) == 1
    assert reading.problems[0].startswith("message 2 and all after it were not read")
    documents = bundle(document_reference(), document_reference())
    reading = read_notes("a.json", documents, limits=Limits(notes=1))
    assert reading.problems[0].startswith("document 2 and all after it were not read")
