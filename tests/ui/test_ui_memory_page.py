"""The memory page: what is listed, what a phrase came from, and who may change it."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.types import Span
from tests.models import tiny_fused_checkpoint
from tests.ui.second_desk import Browser, at_work, said, table
from ui.services.intents import Kind
from ui.services.rights import Role

NOTE = "Patient with sugar disease and fever."
SUGAR = ("en", ("diseas", "sugar"), "ICD-10-CM E11.9")


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Browser:
    return Browser(monkeypatch)


@pytest.fixture
def fused(app: AppTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The whole app on a tiny checkpoint that has a phrase memory."""
    tiny_fused_checkpoint(tmp_path / "fused")
    monkeypatch.setenv("EVICODE_CHECKPOINT", str(tmp_path / "fused"))
    return app


def memory(app: AppTest) -> AppTest:
    app.run()
    app.switch_page("ui/pages/memory.py").run()
    assert not app.exception
    return app


def marked() -> None:
    """Ana marks two words and adds a code with them."""
    desk = at_work("letter", text=NOTE)
    start = desk.opened.note.text.index("sugar")
    assert desk.do(Kind.ADD, "E11.9", marks=(Span(start, start + 13),)) is None


def choose(app: AppTest, name: tuple[str, tuple[str, ...], str] = SUGAR) -> AppTest:
    app.session_state["memory-chosen"] = name
    app.run()
    assert not app.exception
    return app


def field(app: AppTest, kind: str, start: str):
    (found,) = (each for each in app.get(kind) if (each.key or "").startswith(start))
    return found


def press(app: AppTest, label: str) -> AppTest:
    (button,) = (each for each in app.button if each.label == label)
    button.click().run()
    assert not app.exception
    return app


def test_a_model_without_memory_leaves_the_page_empty_and_says_so(app: AppTest) -> None:
    memory(app)
    assert "The model in use has no phrase memory" in said(app)
    assert not app.dataframe
    assert not any(each.label == "Add" for each in app.button)


def test_what_was_marked_is_listed_first_with_where_it_is_from(fused: AppTest) -> None:
    fused.run()
    marked()
    rows = table(memory(fused), "Phrase")
    assert (rows["Phrase"][0], rows["Code"][0], rows["From"][0]) == (
        *("sugar disease", "ICD-10-CM E11.9"),
        "this site",
    )
    assert set(rows["From"][1:]) == {"shipped"}
    assert "Choose a line" in said(fused)
    fused.text_input(key="memory-search").set_value("nothing such").run()
    assert "No phrase matches" in said(fused)
    fused.text_input(key="memory-search").set_value("sugar").run()
    assert table(fused, "Phrase")["Phrase"] == ["sugar disease"]


def test_a_phrase_shows_its_decisions_and_can_be_switched_off_and_taken_back(
    fused: AppTest,
) -> None:
    fused.run()
    marked()
    choose(memory(fused))
    rows = table(fused, "Who")
    assert (rows["Who"], rows["Decision"], rows["Phrase"]) == (["ana"], ["✓ accepted"], ["marked"])
    assert "«sugar disease»" in rows["In the note"][0]
    press(fused, "Switch off for this code")
    assert "needs a reason" in said(fused)
    field(fused, "text_input", "memory-reason").set_value("too vague")
    press(fused, "Switch off for this code")
    assert "Switched off: the phrase does not speak for this code" in said(fused)
    assert "switched off by coder · too vague" in said(fused)
    assert table(fused, "State")["State"][0] == "✕ off"
    press(fused, "Undo the last change")
    assert table(fused, "State")["State"][0] == "on"


def test_a_phrase_of_the_site_is_added_with_its_code_and_reason(fused: AppTest) -> None:
    memory(fused)
    fused.text_input(key="memory-words-0").set_value("DM2")
    fused.text_input(key="memory-code-0-query").set_value("E11.9").run()
    fused.text_input(key="memory-why-0").set_value("as we write it")
    press(fused, "Add")
    rows = table(fused, "Phrase")
    assert (rows["Phrase"][0], rows["From"][0]) == ("DM2", "added by hand")
    assert fused.text_input(key="memory-words-1").value == ""


def test_a_coder_looks_and_changes_nothing(fused: AppTest, browser: Browser) -> None:
    fused.run()
    marked()
    browser.is_at("cora", Role.CODER)
    choose(memory(fused))
    assert table(fused, "Who")["Who"] == ["ana"]
    assert not any("Switch" in each.label or each.label == "Add" for each in fused.button)
