"""Charts on the app's own database: coded twice, finished, audited; and who is at the browser."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

import db
from core.types import Code, CodeSystem, Note, Span
from db import notes
from db.audit_records import FindingDraft, FindingKind
from db.records import Pass
from tests.ui.conftest import Clock, Desk
from ui.services.coding import Coding
from ui.services.double_coding import DoubleCoding
from ui.services.intents import REASONS, Kind
from ui.services.quality import Method, Quality
from ui.services.rights import Actor, Role

TEXT = "Fever and cough.\r\nPatient with hypertension, no diabetes, chest pain."


def icd(code: str) -> Code:
    return Code(CodeSystem.ICD10CM, code)


def at_work(
    name: str = "letter",
    *,
    coder: str = "ana",
    coding_pass: Pass = Pass.FIRST,
    text: str = TEXT,
) -> Desk:
    """A coder at work on this note, on the database and with the model of the app."""
    from ui.workbench import _model

    coding: Coding = replace(_model().coding, coding_pass=coding_pass)
    with db.unit_of_work(coding.engine) as session:
        note = Note(id=name, text=f"{name}. {text}")
        added = notes.add(session, note, source=name, uploaded_by="lead", at=Clock()())
    return Desk(coding=coding, opened=coding.open(added.note.id, coder=coder), coder=coder)


def coded(
    name: str,
    codes: Iterable[str],
    *,
    coder: str = "ana",
    coding_pass: Pass = Pass.FIRST,
    marks: tuple[Span, ...] = (),
    rejects: Iterable[str] = (),
) -> int:
    """A finished coding; the note's id."""
    desk = at_work(name, coder=coder, coding_pass=coding_pass)
    for code in codes:
        assert desk.do(Kind.ACCEPT, code) is None
        if marks:
            assert desk.do(Kind.UNDO) is None
            assert desk.do(Kind.ADD, code, screen_id=None, marks=marks) is None
    for code in rejects:
        assert desk.do(Kind.REJECT, code, reason=REASONS[2]) is None
    assert desk.do(Kind.FINISH) is None
    return desk.opened.note.id


def differing(name: str = "letter") -> int:
    """Both gave I10; only Ana R50.9, which Bob rejected; only Bob J18.9. Both have finished."""
    coded(name, ["I10", "R50.9"])
    return coded(name, ["I10", "J18.9"], coder="bob", coding_pass=Pass.SECOND, rejects=["R50.9"])


def services() -> tuple[DoubleCoding, Quality]:
    """The app's own, unguarded."""
    from ui.workbench import _services

    return _services().double_coding, _services().quality


def audited(name: str = "letter", *, finish: bool = True) -> int:
    """Ana's chart of I10 and R50.9, of which Eva says that R50.9 should not be there."""
    coded(name, ["I10", "R50.9"])
    _, quality = services()
    (audit,) = quality.draw(Method.RANDOM, size=1, seed=3, by="lead")
    draft = FindingDraft(
        audit_id=audit.id,
        kind=FindingKind.REMOVED,
        code=icd("R50.9"),
        auditor="eva",
        token=str(uuid4()),
        comment="only a symptom",
    )
    quality.find(draft)
    if finish:
        quality.finish(audit.id, auditor="eva")
    return audit.id


@dataclass(frozen=True)
class Browser:
    """Whoever is at the browser of an AppTest."""

    monkeypatch: pytest.MonkeyPatch

    def is_at(self, name: str, role: Role) -> None:
        for module in ("ui.app", "ui.session", "ui.workbench"):
            self.monkeypatch.setattr(f"{module}.is_alone", lambda: False)
        self.monkeypatch.setattr("ui.session.signed_in", lambda: Actor(name=name, role=role))


def said(app: AppTest) -> str:
    """All plain text on the page."""
    return "\n".join(each.value for each in app.text)


def table(app: AppTest, column: str) -> dict[str, list[Any]]:
    """The only table on the page with this column; a missing figure is None."""
    (found,) = [each.value for each in app.dataframe if column in each.value]
    return {name: [None if pd.isna(cell) else cell for cell in found[name]] for name in found}
