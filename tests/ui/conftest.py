"""Services on a real database file, real code tables, and a real but tiny untrained model."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Engine
from streamlit.testing.v1 import AppTest

import db
from core.codes import CodeTables, shared_tables
from core.inference import Coder
from core.notes import Limits
from core.types import Code, CodeSystem, Note
from db import notes
from tests.models import tiny_checkpoint
from ui.services.charts import Chart, Opened
from ui.services.coding import Coding
from ui.services.intake import Intake
from ui.services.intents import Intent, Kind

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 90  # seconds for a page
TEXT = "Fever 😀 and cough.\r\nPatient with hypertension, no diabetes, chest pain."


@dataclass
class Clock:
    """A minute passes at every look."""

    looks: int = 0

    def __call__(self) -> datetime:
        self.looks += 1
        return datetime(2026, 1, 2, 3, tzinfo=UTC) + timedelta(minutes=self.looks)


@dataclass(kw_only=True)
class Desk:
    """A coder at work: opens a chart and sends what the page would send."""

    coding: Coding
    opened: Opened
    coder: str = "ana"
    sent: list[str] = field(default_factory=list)

    def chart(self) -> Chart:
        return self.coding.chart(self.opened, coder=self.coder)

    def intent(self, kind: Kind, code: str | None = None, **changes: object) -> Intent:
        settings: dict[str, object] = {
            "token": str(uuid4()),
            "kind": kind,
            "note_id": self.opened.note.id,
            "screen_id": self.opened.screen.id if self.opened.screen else None,
            "code": None if code is None else Code(CodeSystem.ICD10CM, code),
            "seen": self.chart().sequence,
        }
        return Intent(**(settings | changes))  # type: ignore[arg-type]

    def do(self, kind: Kind, code: str | None = None, **changes: object) -> str | None:
        """Send one intent; None if it was kept, else why not."""
        (why,) = self.coding.apply([self.intent(kind, code, **changes)], coder=self.coder).values()
        return why

    def states(self) -> dict[str, str]:
        return {row.code.code: row.state.value for row in self.chart().rows}


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = db.connect(tmp_path / "evicode.sqlite")
    db.migrate(engine)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def tables() -> CodeTables:
    return shared_tables()


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Coder:
    folder = tmp_path_factory.mktemp("checkpoint") / "tiny"
    tiny_checkpoint(folder, sharpness=8.0, max_length=8)
    return Coder.load(folder)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def intake(engine: Engine, clock: Clock) -> Intake:
    return Intake(engine=engine, now=clock, limits=Limits(wall_seconds=60))  # a busy machine


@pytest.fixture
def coding(engine: Engine, model: Coder, tables: CodeTables, clock: Clock) -> Coding:
    return Coding(engine=engine, coder=model, tables=tables, version="0.1.0", now=clock)


@pytest.fixture
def a_note(engine: Engine, clock: Clock) -> Callable[..., int]:
    def add(name: str = "letter", text: str = TEXT) -> int:
        with db.unit_of_work(engine) as session:
            note = Note(id=name, text=text)
            added = notes.add(session, note, source=name, uploaded_by="ana", at=clock())
        return added.note.id

    return add


@pytest.fixture
def at_desk(coding: Coding, a_note: Callable[..., int]) -> Desk:
    return Desk(coding=coding, opened=coding.open(a_note(), coder="ana"))


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The whole app on a tiny checkpoint and an empty database."""
    import streamlit as st

    st.cache_resource.clear()
    tiny_checkpoint(tmp_path / "tiny")
    monkeypatch.setenv("EVICODE_CHECKPOINT", str(tmp_path / "tiny"))
    monkeypatch.setenv("EVICODE_DATABASE", str(tmp_path / "evicode.sqlite"))
    monkeypatch.setenv("EVICODE_MODELS", str(tmp_path / "models"))
    return AppTest.from_file(ROOT / "streamlit_app.py", default_timeout=PATIENCE)
