"""Notes on which coders decided, to be learned from."""

from sqlalchemy import Engine

import db
from core.types import Code, CodeSystem, Note
from db import charts, decisions, notes
from db.records import Action, Draft, Turn
from tests.ui.conftest import Clock

FEVER, CHEST, ASTHMA = (Code(CodeSystem.ICD10CM, code) for code in ("R50.9", "R07.9", "J45.909"))


def decided_notes(engine: Engine, clock: Clock, *, count: int = 40) -> list[str]:
    """Notes with decisions; those of the even ones are finished. A fifth is held out."""
    names = [f"note-{number}" for number in range(count)]
    with db.unit_of_work(engine) as session:
        for number, name in enumerate(names):
            note = Note(id=name, text=f"Patient {number} with fever and cough.")
            kept = notes.add(session, note, source=name, uploaded_by="ana", at=clock()).note
            for sequence, (code, action) in enumerate(
                [(FEVER, Action.ADD), (ASTHMA, Action.ADD), (CHEST, Action.REJECT)]
            ):
                draft = Draft(
                    note_id=kept.id,
                    code=code,
                    title="",
                    action=action,
                    reason="no" if action is Action.REJECT else None,
                    coder="ana",
                    token=f"{name}/{sequence}",
                )
                decisions.append(session, draft, seen=sequence, at=clock())
            if number % 2 == 0:
                charts.record(session, kept.id, Turn.FINISHED, coder="ana", at=clock())
    return names
