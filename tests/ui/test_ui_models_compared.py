"""The tabs Compare and Shadow of the models page: what a lead starts, sees and reads there."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import db
from core.checkpoints import load_checkpoint
from core.comparing import Figure, Verdict
from core.types import Note
from db import models, notes, unit_of_work
from db.models import StoredModel
from tests.builders import a_code
from tests.db.desk import decide
from tests.models import tiny_checkpoint
from tests.ui.conftest import PATIENCE, Clock
from tests.ui.tables import table_with
from ui.components.models.drawing import both
from ui.components.models.outcome import FIGURES

PAGE = "ui/pages/models.py"
ON_PAGE = Callable[[], AppTest]


@pytest.fixture
def filled(app: AppTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: Clock) -> AppTest:
    """The app with a second model and decisions, some of them held out."""
    folder = tmp_path / "models"
    tiny_checkpoint(folder / "second", sharpness=4.0)
    monkeypatch.setenv("EVICODE_MODELS", str(folder))
    engine = db.connect(tmp_path / "evicode.sqlite")
    db.migrate(engine)
    with unit_of_work(engine) as session:
        checkpoint = load_checkpoint(folder / "second").hash
        model = StoredModel(hash=checkpoint, name="<b>second</b>", folder="second")
        models.register(session, model, by="lead", at=clock())
        for number in range(12):
            text = f"Fever and cough, letter {number}."
            note = Note(id=f"letter {number}", text=text)
            kept = notes.add(session, note, source="x", uploaded_by="ana", at=clock()).note
            decide(session, kept, a_code("R50.9"))
    engine.dispose()
    return app


def said(app: AppTest) -> str:
    return " ".join(each.value for each in [*app.text, *app.caption, *app.subheader])


def opened(app: AppTest) -> AppTest:
    app.run()
    assert not app.exception
    app.switch_page(PAGE).run()
    assert not app.exception
    return app


def test_two_models_are_compared_from_the_page(filled: AppTest) -> None:
    app = opened(filled)
    assert "These two were not compared on this yet." in said(app)
    assert "has scored no chart beside the model in use yet" in said(app)
    app.button(key="compare-start").click().run()
    deadline = time.monotonic() + PATIENCE
    while "Compared by" not in said(app) and time.monotonic() < deadline:
        time.sleep(0.2)
        app.run()
    assert not app.exception
    assert "Compared by coder" in said(app)
    assert "Too few notes to tell" in said(app)
    codes = table_with(app, "What is shown")
    assert list(codes["Code"]) == ["ICD-10-CM R50.9"]
    assert list(codes["What is shown"]) == ["too few notes to tell"]
    app.text_input(key="compare-code").set_value("Q99").run()
    assert "No code is as chosen above." in said(app)


def test_a_shadow_is_started_and_stopped_from_the_page(filled: AppTest, tmp_path: Path) -> None:
    app = opened(filled)
    app.button(key="shadow-start").click().run()
    engine = db.connect(tmp_path / "evicode.sqlite")
    with unit_of_work(engine, write=False) as session:
        shadow = models.shadowing(session)
    assert shadow == load_checkpoint(tmp_path / "models" / "second").hash
    app.button(key="shadow-stop").click().run()
    with unit_of_work(engine, write=False) as session:
        assert models.shadowing(session) is None
    engine.dispose()


def test_with_one_model_the_page_says_what_to_do_next(app: AppTest) -> None:
    app = opened(app)
    assert "There is only one model here" in said(app)
    assert "There is no model beside the one in use" in said(app)


def a_figure(name: str, difference: float) -> Figure:
    ends = {"low": difference - 0.01, "high": difference + 0.01}
    whiskers = dict.fromkeys(("a_low", "a_high", "b_low", "b_high"), 0.5)
    return Figure(name=name, a=0.5, b=0.5 + difference, difference=difference, **ends, **whiskers)


def test_a_smaller_calibration_error_is_drawn_as_better() -> None:
    told = [a_figure("MAP", 0.1), a_figure("F1", 0.0), a_figure("calibration error", -0.1)]
    assert [each.verdict for each in told] == [Verdict.BETTER, Verdict.NONE, Verdict.BETTER]
    picture = both(told, {"a": "A: <b>x", "b": "B: y"}, FIGURES)
    differences = picture.data[-1]
    assert list(differences.text) == ["B is better", "", "B is better"]
    assert list(differences.marker.symbol) == ["square", "square-open", "square"]
    assert picture.data[0].name == "A: &lt;b&gt;x"
    assert [each.marker.symbol for each in picture.data[:2]] == ["circle", "diamond"]
