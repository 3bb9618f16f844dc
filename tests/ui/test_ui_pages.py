"""The pages draw, what they must not do they do not, and the settings are the safe ones."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.ui.remembering import Remembering
from ui import VERSION

ROOT = Path(__file__).resolve().parents[2]


def test_where_no_browser_can_come_in_nobody_has_to_log_in(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("EVICODE_SINGLE_USER")
    app.run()
    assert not app.exception
    assert [caption.value for caption in app.caption][-1].startswith("Single-user mode")


def test_the_export_page_counts_and_offers_nothing_when_there_is_nothing(app: AppTest) -> None:
    app.run()
    app.switch_page("ui/pages/export.py").run()
    assert not app.exception
    assert "Nothing to export" in app.text[0].value
    assert "finish a chart" in app.text[1].value
    assert not app.get("download_button")


def test_a_broken_checkpoint_is_explained_and_the_note_still_opens(
    app: AppTest, tmp_path: Path
) -> None:
    (tmp_path / "tiny" / "vocab.json").unlink()
    app.run()
    app.switch_page("ui/pages/review.py").run()
    assert not app.exception
    (board,) = app.get("bidi_component")
    assert "vocab.json" in board.proto.json


def test_a_note_that_is_not_there_is_an_error_not_a_crash(app: AppTest) -> None:
    app.run()
    app.query_params["note"] = "999"
    app.switch_page("ui/pages/review.py").run()
    assert not app.exception
    assert any("there is no note 999" in text.value for text in app.text)


def _board(app: AppTest) -> dict[str, Any]:
    (board,) = app.get("bidi_component")
    return json.loads(board.proto.json)


def test_the_review_page_shows_what_memory_knows_and_the_lists_on_offer(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.services.loading.Coder", Remembering)
    app.run()
    app.switch_page("ui/pages/review.py").run()
    assert not app.exception
    data = _board(app)
    (pressure,) = (row for row in data["rows"] if row["code"] == "I10")
    assert "seen in 14 coded notes" in pressure["provenance"]
    assert pressure["contexts"] == ["family", "historical"]
    assert [each["name"] for each in data["methods"]] == [
        "Phrases and network",
        "Phrases",
        "Attention",
        "Integrated gradients",
    ]
    assert data["cuts"] == [[0.8, 0.5], [0.9, 0.2], [0.95, None]]
    assert (data["coverage"], len(data["rows"])) == (None, 6)


@pytest.mark.parametrize(("coverage", "codes"), [("0.9", 3), ("0.95", 6), ("much", 6)])
def test_the_kind_of_list_is_in_the_address_and_one_out_of_reach_is_the_likely_one(
    app: AppTest, monkeypatch: pytest.MonkeyPatch, coverage: str, codes: int
) -> None:
    monkeypatch.setattr("ui.services.loading.Coder", Remembering)
    app.query_params["coverage"] = coverage
    app.switch_page("ui/pages/review.py").run()
    assert not app.exception
    assert len(_board(app)["rows"]) == codes


KINDS = {".py", ".js", ".html", ".css"}
FORBIDDEN = ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(")
UNSAFE = ("unsafe_allow_html", "unsafe_allow_javascript", "st.html", "components.v1", "st.markdown")


CODE = [path for path in sorted((ROOT / "ui").rglob("*.*")) if path.suffix in KINDS]


@pytest.mark.parametrize("path", CODE, ids=lambda path: path.name)
def test_nothing_in_the_app_can_turn_text_into_markup(path: Path) -> None:
    text = path.read_text("utf-8")
    assert [word for word in (*FORBIDDEN, *UNSAFE) if word in text] == []
    others = r"https?://(?!www\.w3\.org|127\.0\.0\.1|\{asked\.host\})"
    assert not re.search(others, text), "the app names no other host"


def test_the_settings_keep_everything_on_this_machine() -> None:
    settings = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())
    assert settings["browser"]["gatherUsageStats"] is False
    assert settings["client"]["showErrorDetails"] == "none"
    assert settings["client"]["toolbarMode"] == "minimal"
    assert settings["server"]["fileWatcherType"] == "none"
    assert settings["server"]["enableXsrfProtection"] is True
    assert settings["server"]["address"] == "localhost"
    assert "enableStaticServing" not in settings["server"]
    assert "enableAgentApi" not in settings["server"]
    assert settings["server"]["maxUploadSize"] <= 25


def test_the_version_on_screens_is_the_projects() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["version"] == VERSION
