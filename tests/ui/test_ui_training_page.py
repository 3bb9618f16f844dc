"""The tab Train: what there is to learn, a run started, cancelled, resumed, and past runs."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import db
from tests.ui.conftest import Clock
from tests.ui.decided import decided_notes
from tests.ui.tables import table_with
from ui.services.training import State, Training

PATIENCE = 120.0  # seconds, on a busy machine


@pytest.fixture
def page(app: AppTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AppTest]:
    monkeypatch.setenv("EVICODE_MODELS", str(tmp_path / "models"))
    app.run()
    app.switch_page("ui/pages/models.py").run()
    yield app
    for run in _runs(tmp_path):
        if run.state is State.GOES_ON:
            _service(tmp_path).discard(run.run.name, by="lea")


def _service(folder: Path) -> Training:
    engine = db.connect(folder / "evicode.sqlite")
    return Training(engine=engine, now=Clock(), folder=folder / "models")


def _runs(folder: Path) -> tuple:
    return _service(folder).listing()


def _texts(page: AppTest) -> str:
    assert not page.exception
    return "\n".join(each.value for each in (*page.text, *page.caption))


def _metrics(page: AppTest) -> dict[str, str]:
    return {each.label: each.value for each in page.metric}


def _outcomes(page: AppTest) -> list[str]:
    return list(table_with(page, "Outcome")["Outcome"])


def test_where_nobody_decided_anything_nothing_can_be_started(page: AppTest) -> None:
    assert "No model is being trained." in _texts(page)
    assert "None yet." in _texts(page)
    assert page.button(key="training-start").disabled
    assert page.checkbox(key="training-corpus").disabled


def test_a_lead_sees_what_there_is_and_trains_a_model(page: AppTest, tmp_path: Path) -> None:
    engine = db.connect(tmp_path / "evicode.sqlite")
    decided_notes(engine, Clock())
    page.run()
    metrics = _metrics(page)
    notes = int(metrics["Notes"])
    assert 20 < notes < 40
    assert (int(metrics["Codes added"]), int(metrics["Codes rejected"])) == (2 * notes, notes)
    assert "1 new code would be learned:" in _texts(page)
    assert list(table_with(page, "Code", "Title", "Notes")["Code"]) == ["J45.909"]
    page.number_input(key="training-min-count").set_value(100).run()
    assert "No new code would be learned." in _texts(page)
    assert "1 new code is in too few notes yet." in _texts(page)
    page.number_input(key="training-min-count").set_value(3)
    page.number_input(key="training-epochs").set_value(1)
    page.button(key="training-start").click().run()
    assert "A model is being trained for " in _texts(page)
    assert page.button(key="training-start").disabled
    end = time.monotonic() + PATIENCE
    while "goes on" in _outcomes(page)[0] and time.monotonic() < end:
        time.sleep(0.3)
        page.run()
    assert _outcomes(page) == ["✓ done"]
    assert _metrics(page)["New since the last run"] == "0"


def test_a_run_is_cancelled_resumed_and_discarded_by_buttons(page: AppTest, tmp_path: Path) -> None:
    decided_notes(db.connect(tmp_path / "evicode.sqlite"), Clock())
    page.run()
    page.number_input(key="training-epochs").set_value(1000)
    page.button(key="training-start").click().run()
    page.button(key="training-cancel").click().run()
    assert "Cancelled. Resume goes on" in _texts(page)
    page.button(key="training-resume").click().run()
    assert _outcomes(page) == ["▶ goes on"]
    page.button(key="training-cancel").click().run()
    page.button(key="training-discard").click().run()
    assert _outcomes(page) == ["✕ discarded"]
    assert not list((tmp_path / "training").iterdir())
