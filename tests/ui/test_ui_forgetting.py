"""A lead deletes a note in the app: its words are gone from the database and from memory."""

from dataclasses import replace
from pathlib import Path

import pytest

import db
from core.errors import BadInput
from core.inference import Coder
from core.types import Span
from db import notes
from db.export.request import Export, Format
from tests.models import tiny_fused_checkpoint
from tests.ui.conftest import Desk
from ui.services.coding import Coding
from ui.services.export import Exporting
from ui.services.forgetting import Forgetting
from ui.services.history import History
from ui.services.intents import Kind

REQUEST = {"by": "lea", "reason": "request 7"}
MARK = Span(6, 21)  # "😀 and cough.\r\nP": words no table lists


@pytest.fixture
def coding(coding: Coding, tmp_path: Path) -> Coding:
    checkpoint = tiny_fused_checkpoint(tmp_path / "fused")
    assert coding.coder is not None
    return replace(coding, coder=Coder(checkpoint, coding.tables))


@pytest.fixture
def forgetting(coding: Coding) -> Forgetting:
    return Forgetting(engine=coding.engine, now=coding.now, forgotten=coding.unlearn)


def _known(coding: Coding) -> str:
    """All that memory holds of what coders decided."""
    assert coding.coder is not None
    fusion = coding.coder._checkpoint.fusion
    assert fusion is not None
    return f"{list(fusion.memory.decided)} {fusion.memory.tallies}"


def test_memory_forgets_the_phrases_of_a_deleted_note(
    at_desk: Desk, coding: Coding, forgetting: Forgetting
) -> None:
    at_desk.do(Kind.ACCEPT, at_desk.chart().rows[0].code.code, marks=(MARK,))
    assert "cough" in _known(coding)
    forgetting.forget([at_desk.opened.note.id], **REQUEST)
    assert "cough" not in _known(coding)
    assert coding.coder is not None
    assert coding.coder.memory == ""
    assert coding.learn_all() == 0, "nor does the next start learn them again"


def test_without_being_told_memory_would_know_them_on(
    at_desk: Desk, coding: Coding, forgetting: Forgetting
) -> None:
    """The protection taken out."""
    at_desk.do(Kind.ACCEPT, at_desk.chart().rows[0].code.code, marks=(MARK,))
    replace(forgetting, forgotten=None).forget([at_desk.opened.note.id], **REQUEST)
    assert "cough" in _known(coding)


def test_history_says_who_deleted_the_note_and_still_opens_its_decisions(
    at_desk: Desk, forgetting: Forgetting
) -> None:
    at_desk.do(Kind.ACCEPT, at_desk.chart().rows[0].code.code)
    history, note_id = History(engine=forgetting.engine), at_desk.opened.note.id
    forgetting.forget([note_id], **REQUEST)
    last = history.timeline(note_id, by="lea")[-1]
    assert (last.by, last.what) == ("lea", "deleted the note (request 7)")
    shown = history.as_shown(1, by="lea")
    assert shown.note.deleted
    assert shown.note.name.startswith(f"note {note_id}, deleted on 2026-01-")
    assert shown.screen is not None
    assert at_desk.coding.coder is not None
    assert history.compare(shown, at_desk.coding.coder) is None


def test_an_export_goes_on_and_says_when_the_note_was_deleted(
    at_desk: Desk, forgetting: Forgetting
) -> None:
    at_desk.do(Kind.ACCEPT, at_desk.chart().rows[0].code.code)
    at_desk.do(Kind.FINISH)
    forgetting.forget([at_desk.opened.note.id], **REQUEST)
    exporting = Exporting(engine=forgetting.engine, now=forgetting.now)
    file = exporting.file(Export(format=Format.CSV, text=True))
    assert b"deleted on 2026-01-" in file.content
    assert b"hypertension" not in file.content


def test_all_of_several_notes_go_or_none(at_desk: Desk, forgetting: Forgetting) -> None:
    note_id = at_desk.opened.note.id
    with pytest.raises(BadInput, match="there is no note 99"):
        forgetting.forget([note_id, 99], **REQUEST)
    with db.unit_of_work(forgetting.engine, write=False) as session:
        assert notes.get(session, note_id).text


def test_what_falls_due_is_listed(at_desk: Desk, forgetting: Forgetting) -> None:
    at_desk.do(Kind.FINISH)
    assert forgetting.due(1) == ()
    later = replace(forgetting, now=lambda: at_desk.coding.now().replace(month=6))
    assert [note.id for note in later.due(30)] == [at_desk.opened.note.id]
