"""De-identification: what patterns find is blanked where it stands, and what they miss is said."""

import io
import json
import logging
import socket
from collections.abc import Callable

import pandas as pd
import pytest
from sqlalchemy import Engine

import db
from core.errors import BadSettings
from core.types import Span
from db import charts
from db.export import Export, Format, masking, write
from db.export.masking import by_patterns
from db.export.records import LIMITS
from db.kinds import EVERYTHING
from db.records import Action, Turn
from tests.db.desk import FEVER, PRESSURE, a_note, clock, decide

FOUND = {
    "e-mail": "eva.ruiz@hospital-norte.es",
    "web": "https://clinic.example.org/p?id=7",
    "telephone, US": "(212) 555-0187",
    "telephone, Spain": "+34 612 345 678",
    "date": "12/03/2021",
    "ISO date": "2021-03-04",
    "date with month": "05-Mar-2019",
    "social security": "856-45-6789",
    "DNI": "12345678Z",
    "NIE": "X1234567L",
    "IP address": "192.168.10.12",
    "card": "4111 1111 1111 1111",
}
MISSED = ("Eva Ruiz", "Calle Mayor 4", "May 3, 2020", "3 de mayo de 2020", "91-year-old")


@pytest.fixture(scope="module")
def mask() -> Callable[[str], str]:
    pytest.importorskip("presidio_analyzer", reason="the extra `deidentify` is not installed")
    return by_patterns()


@pytest.mark.parametrize("said", FOUND.values(), ids=FOUND)
def test_what_a_pattern_finds_is_blanked_in_place(mask: Callable[[str], str], said: str) -> None:
    before, after = "Seen 😀 with BP 120/80 on 5 mg: ", " and fever since."
    assert mask(f"{before}{said}{after}") == f"{before}{'█' * len(said)}{after}"


@pytest.mark.parametrize("said", MISSED)
def test_what_the_page_says_is_not_found_is_not_found(
    mask: Callable[[str], str], said: str
) -> None:
    assert mask(f"Seen: {said}.") == f"Seen: {said}."


def test_masking_asks_no_network_and_logs_no_text(
    mask: Callable[[str], str], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("masking opened a connection")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    with caplog.at_level(logging.DEBUG):
        assert "canary" not in mask("mail canary@somewhere.com or https://canary.org/x")
    assert "canary" not in caplog.text


@pytest.fixture
def coded(engine: Engine) -> Engine:
    """A chart named like its patient; the evidence is the word behind a date."""
    text = "On 12/03/2021 hypertension. Call 212-555-0187."
    with db.unit_of_work(engine) as session:
        note = a_note(session, name="Eva Ruiz 12345678Z", text=text)
        decide(session, note, PRESSURE, evidence=(Span(14, 26),))
        decide(session, note, FEVER, Action.REJECT, reason="mail eva@ruiz.com")
        charts.record(session, note.id, Turn.FINISHED, coder="ana", at=clock(9))
    return engine


def _file(engine: Engine, format_: Format) -> bytes:
    file = io.BytesIO()
    plain = format_ is Format.CORPUS
    export = Export(format=format_, text=not plain, quotes=not plain, deidentified=True)
    with db.unit_of_work(engine, write=False) as session:
        write(session, file, export, at=clock())
    return file.getvalue()


def test_offsets_still_point_at_the_evidence_and_ids_are_gone(
    coded: Engine, mask: Callable[[str], str]
) -> None:
    accepted, rejected = map(json.loads, _file(coded, Format.JSONL).splitlines())
    assert accepted["text"] == "On ██████████ hypertension. Call ████████████."
    assert accepted["marked_text"] == ["hypertension"]
    assert (accepted["note_id"], accepted["sha256"]) == ("note-1", "")
    assert rejected["reason"] == "mail ████████████"
    assert accepted["deidentified"] == LIMITS
    assert "names" in LIMITS


@pytest.mark.parametrize("format_", Format)
def test_no_format_lets_through_what_was_found_and_each_says_its_limits(
    coded: Engine, mask: Callable[[str], str], format_: Format
) -> None:
    content = _file(coded, format_)
    if format_ is Format.PARQUET:
        content = pd.read_parquet(io.BytesIO(content)).to_csv().encode()
    elif format_ is Format.XLSX:
        sheets = pd.read_excel(io.BytesIO(content), sheet_name=None)
        content = "".join(sheet.to_csv() for sheet in sheets.values()).encode()
    elif format_ in {Format.MIMIC3, Format.MIMIC4}:
        import zipfile

        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            content = b"".join(map(archive.read, archive.namelist()))
    for secret in (b"12/03/2021", b"212-555", b"Ruiz", b"eva@", b"12345678Z"):
        assert secret not in content
    if format_ is not Format.CORPUS:
        assert b"names, places, ages" in content


def test_without_the_extra_the_message_says_how_to_get_it(
    coded: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "presidio_analyzer", None)
    with pytest.raises(BadSettings, match=r"pip install '\.\[deidentify\]'"):
        _file(coded, Format.CSV)


def test_whether_the_extra_is_there_is_known_without_importing_it() -> None:
    assert masking.can_mask() is (masking.find_spec("presidio_analyzer") is not None)
    assert EVERYTHING.finished is False
