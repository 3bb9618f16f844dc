"""The models page: what is in use, putting another into use and back, and who may."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import db
from core.checkpoints import WEIGHTS
from db import models
from tests.models import changed_checkpoint
from ui.services.rights import Actor, Role

PAGE = "ui/pages/models.py"


@pytest.fixture
def page(app: AppTest, tmp_path: Path) -> AppTest:
    """The page over a folder with two models that nobody registered yet."""
    spring = tmp_path / "models" / "spring"
    changed_checkpoint(spring, of=tmp_path / "tiny")
    changed_checkpoint(tmp_path / "models" / "summer", of=spring)
    app.run()
    return app.switch_page(PAGE).run()


@pytest.fixture
def registered(page: AppTest) -> AppTest:
    for _ in ("spring", "summer"):
        page.button(key="register-do").click().run()
    return page


def texts(page: AppTest) -> str:
    return "\n".join(each.value for each in page.text)


def look_at(page: AppTest, name: str) -> AppTest:
    chosen = page.selectbox(key="models-chosen")
    place = next(at for at, said in enumerate(chosen.options) if said.startswith(f"{name} ("))
    return chosen.select_index(place).run()


def fill(page: AppTest, what: str, reason: str, *, sure: bool = True) -> AppTest:
    """Fill the form and send it."""
    (field,) = [each for each in page.text_input if str(each.key).startswith(f"{what}-reason")]
    (box,) = [each for each in page.checkbox if str(each.key).startswith(f"{what}-sure")]
    field.input(reason)
    if sure:
        box.check()
    return page.button(key=f"{what}-do").click().run()


def promote(page: AppTest, name: str, reason: str = "better") -> AppTest:
    return fill(look_at(page, name), "promote", reason)


def table(page: AppTest, column: str) -> list[tuple[object, ...]]:
    """The rows of the table that has this column."""
    (found,) = [each.value for each in page.dataframe if column in each.value.columns]
    return list(found.itertuples(index=False, name=None))


def test_nothing_was_trained_here_at_first(app: AppTest) -> None:
    app.run()
    page = app.switch_page(PAGE).run()
    assert not page.exception
    assert "● In use: tiny" in texts(page)
    assert "there is none to go back to" in texts(page)
    assert [each for each in page.button if each.key == "register-do"] == []


def test_a_folder_somebody_put_there_is_registered_with_its_lineage(page: AppTest) -> None:
    assert [said.split(" ")[0] for said in page.selectbox(key="register-folder").options] == [
        "spring",
        "summer",
    ]
    page.button(key="register-do").click().run()
    assert not page.exception
    rows = table(page, "Stands")
    assert [row[0] for row in rows] == ["spring", "tiny"]
    assert rows[0][3:5] == ("tiny", "feedback on 12 notes")
    assert "● In use: tiny" in texts(page), "registering puts nothing into use"
    look_at(page, "spring")
    assert ("Notes of feedback", "12") in table(page, "Value")
    assert " ← tiny (" in texts(page)


def test_a_model_is_put_into_use_and_rolled_back_with_a_reason(registered: AppTest) -> None:
    page = promote(registered, "spring", "micro-F1 +2 on dev")
    assert not page.exception
    assert "● In use: spring" in texts(page)
    promote(page, "summer", "more codes")
    assert "● In use: summer" in texts(page)
    stands = {row[0]: row[1] for row in table(page, "Stands")}
    assert stands == {"summer": "● in use", "spring": "◐ the one before", "tiny": "–"}
    fill(page, "roll-back", "coders complain")
    assert "● In use: spring" in texts(page)
    past = [row[1:] for row in table(page, "Why")]
    assert past == [
        ("rolled back", "spring", "summer", "coders complain", "coder"),
        ("put into use", "summer", "spring", "more codes", "coder"),
        ("put into use", "spring", "tiny", "micro-F1 +2 on dev", "coder"),
    ]


def test_without_a_reason_or_the_tick_nothing_changes(registered: AppTest) -> None:
    page = look_at(registered, "spring")
    fill(page, "promote", "better", sure=False)
    assert "Tick the box first" in page.warning[0].value
    fill(page, "promote", "  ")
    assert "needs a reason" in texts(page)
    assert "● In use: tiny" in texts(page)


def test_whoever_looks_at_an_old_page_is_told_that_another_changed_it(
    registered: AppTest, tmp_path: Path
) -> None:
    page = look_at(registered, "spring")
    engine = db.connect(tmp_path / "evicode.sqlite")
    with db.unit_of_work(engine) as session:
        summer = models.every(session)[0].hash
        models.promote(session, summer, reason="me first", by="ada", at=datetime.now(UTC))
    fill(page, "promote", "better")
    assert "somebody else has changed which model is in use" in texts(page)
    assert "● In use: summer" in texts(page)
    page.button(key="promote-do").click().run()  # they have looked at it again
    assert "● In use: spring" in texts(page)
    engine.dispose()


def test_a_model_that_cannot_be_read_is_refused_in_plain_words(
    registered: AppTest, tmp_path: Path
) -> None:
    (tmp_path / "models" / "spring" / WEIGHTS).unlink()
    page = promote(registered, "spring")
    assert "nothing was changed" in texts(page)
    assert "● In use: tiny" in texts(page)


def test_a_model_in_use_that_is_lost_is_said_and_coding_goes_on(
    registered: AppTest, tmp_path: Path
) -> None:
    import streamlit as st

    promote(registered, "spring")
    (tmp_path / "models" / "spring" / WEIGHTS).unlink()
    st.cache_resource.clear()  # the server starts again
    page = registered.switch_page("ui/pages/review.py").run()
    assert not page.exception
    page.switch_page(PAGE).run()
    assert "⚠ spring is to be in use and cannot be loaded" in texts(page)
    assert "Suggestions come from tiny-marn meanwhile" in texts(page)
    page.switch_page("ui/pages/health.py").run()
    assert "The model in use cannot be loaded" in texts(page)


def test_an_auditor_sees_the_models_and_changes_none(
    registered: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.app.is_alone", lambda: False)
    monkeypatch.setattr("ui.session.is_alone", lambda: False)
    monkeypatch.setattr("ui.session.signed_in", lambda: Actor(name="Sam", role=Role.AUDITOR))
    monkeypatch.setattr("ui.app.leave_when_idle", lambda: None)
    page = registered.switch_page(PAGE).run()
    assert not page.exception
    assert [row[0] for row in table(page, "Stands")] == ["summer", "spring", "tiny"]
    doing = {"promote-do", "roll-back-do", "register-do"}
    assert not doing & {str(each.key) for each in page.button}
