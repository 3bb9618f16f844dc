"""The auditor's page: which code is open, what is told of it, what is said if there is none."""

import json
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

import db
from core.explanations.reading import Progress, nobody
from core.inference import Coder
from core.types import Note
from db import notes
from tests.models import tiny_checkpoint
from tests.ui.conftest import Clock, Desk
from tests.ui.test_ui_sheet import HOSTILE
from ui.services.coding import Coding
from ui.services.intents import Kind

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 90
STYLES = set("for against l1 l2 l3 l4 shown starts marked unread".split())
TEXT = "Fever and cough.\r\nPatient with hypertension, no diabetes, chest pain."
NETWORK = ["Attention × gradient", "Attention", "Integrated gradients"]


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AppTest]:
    import streamlit as st

    st.cache_resource.clear()
    tiny_checkpoint(tmp_path / "tiny", sharpness=8.0)
    monkeypatch.setenv("EVICODE_CHECKPOINT", str(tmp_path / "tiny"))
    monkeypatch.setenv("EVICODE_DATABASE", str(tmp_path / "evicode.sqlite"))
    yield AppTest.from_file(ROOT / "streamlit_app.py", default_timeout=PATIENCE)
    st.cache_resource.clear()


def at_work(text: str = TEXT, *, name: str = "letter") -> Desk:
    """A coder at work on a new note, on the database and with the model of the app."""
    from ui.workbench import _model

    coding: Coding = _model().coding
    with db.unit_of_work(coding.engine) as session:
        added = notes.add(
            session, Note(id=name, text=text), source=name, uploaded_by="ana", at=Clock()()
        )
    return Desk(coding=coding, opened=coding.open(added.note.id, coder="ana"))


def audit(app: AppTest, note_id: int | None = None, code: str | None = None) -> AppTest:
    """The page, once everything is computed."""
    app.run()
    for name, value in {"note": note_id, "code": code}.items():
        if value is not None:
            app.query_params[name] = str(value)
    return computed(app.switch_page("ui/pages/audit.py").run())


def computed(app: AppTest) -> AppTest:
    """Look again and again, as the browser does, until nothing is waited for."""
    for _ in range(200):
        if not app.get("bidi_component") or progress(app).endswith("methods computed."):
            return app
        app.run()
    raise AssertionError(progress(app))


def panels(app: AppTest) -> dict[str, Any]:
    (drawn,) = app.get("bidi_component")
    return json.loads(drawn.proto.json)


def column(rows: list[dict[str, Any]], place: int) -> str:
    """The text of one panel."""
    return "".join(piece[0] for row in rows for piece in (row["cells"] or [[]] * 9)[place])


def progress(app: AppTest) -> str:
    (bar,) = app.get("progress")
    return str(bar.proto.text)


def said(app: AppTest) -> str:
    return "\n".join(text.value for text in app.text)


def test_without_a_chart_in_the_address_one_is_chosen_from_a_list(app: AppTest) -> None:
    audit(app)
    assert not app.exception
    assert "Choose a chart" in said(app)
    charts = app.selectbox(key="audit-note")
    assert "sample-01-discharge-summary · new" in charts.options
    charts.select("1").run()
    assert not app.exception
    assert app.query_params["note"] == "1"
    assert app.selectbox(key="audit-code").value is not None, "the first code is open"


def test_one_code_is_told_as_shown_decided_and_explained(app: AppTest) -> None:
    app.run()
    desk = at_work()
    assert desk.do(Kind.REJECT, "I10", reason="history only") is None
    data = panels(audit(app, desk.opened.note.id, "ICD-10-CM I10"))
    assert not app.exception
    assert data["standing"].startswith("Rejected by ana, ")
    assert data["standing"].endswith(": history only")
    names = [each["name"] for each in data["columns"]]
    assert names == ["ana saw: attention × gradient", *NETWORK]
    assert data["columns"][0]["said"] == ["The same words as attention × gradient shows now."]
    for method in data["columns"][1:]:
        assert method["said"][0].startswith("Removing these words ")
        assert method["meta"].startswith("Computed 20")
    assert [line[0] for line in data["agreement"]["lines"]] == NETWORK[:-1]
    assert data["agreement"]["across"] == NETWORK[1:]
    assert data["agreement"]["lines"][0][1].endswith("%")
    assert [column(data["rows"], place) for place in range(4)] == [TEXT] * 4, "letter by letter"
    facts = {what: (then, now) for what, then, now, _ in data["facts"]}
    assert facts["Probability"][0] == facts["Probability"][1]
    assert facts["Evidence shown"][0].startswith("attention × gradient, ")


def test_codes_are_listed_decided_ones_first_and_keys_turn_to_the_next(app: AppTest) -> None:
    app.run()
    desk = at_work()
    ranked = [row.code.code for row in desk.chart().rows]
    last = ranked[-1]
    assert desk.do(Kind.ACCEPT, last) is None
    audit(app, desk.opened.note.id)
    options = app.selectbox(key="audit-code").options
    assert [option.split(" · ")[0] for option in options] == ["✓ accepted"] + ["○ open"] * 4
    assert panels(app)["code"] == last
    assert app.button(key="audit-previous").disabled
    app.button(key="audit-next").click().run()
    assert app.query_params["code"] == f"ICD-10-CM {ranked[0]}"
    assert panels(app)["code"] == ranked[0]
    app.button(key="audit-previous").click().run()
    assert panels(app)["code"] == last
    app.selectbox(key="audit-code").select(f"ICD-10-CM {ranked[1]}").run()
    assert panels(app)["code"] == ranked[1]


def test_a_code_no_list_had_is_audited_and_said_so(app: AppTest) -> None:
    data = panels(audit(app, 1, "icd10cm K35.80"))
    assert not app.exception
    assert data["title"].startswith("Unspecified acute appendicitis")
    assert "No list of this chart ever had this code" in data["warnings"][0][0]
    assert {each["state"] for each in data["columns"]} == {"problem"}
    assert "on no list of this chart" in app.selectbox(key="audit-code").options[-1]


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("ICD-10-CM K99.999", "is in no code table and on no list"),
        ("I10", "write system and code"),
        ("SNOMED 38341003", "is not a code system"),
    ],
)
def test_what_is_no_code_is_refused_in_words(app: AppTest, code: str, why: str) -> None:
    audit(app, 1, code)
    assert not app.exception
    assert why in said(app)
    assert not app.get("bidi_component")


@pytest.mark.parametrize("note", ["999", "one"])
def test_a_note_that_is_not_there_is_said_and_another_can_be_chosen(
    app: AppTest, note: str
) -> None:
    app.run()
    app.query_params["note"] = note
    app.switch_page("ui/pages/audit.py").run()
    assert not app.exception
    assert "There is no such note here" in said(app)
    assert not app.selectbox(key="audit-note").disabled


def test_an_empty_inbox_says_what_to_do(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.services.intake.Intake.load_samples", lambda self: 0)
    audit(app)
    assert not app.exception
    assert "Upload a note in the inbox first" in said(app)


def test_without_a_model_what_is_on_record_is_shown(app: AppTest, tmp_path: Path) -> None:
    import streamlit as st

    app.run()
    desk = at_work()
    assert desk.do(Kind.ACCEPT, "I10") is None
    note_id = desk.opened.note.id
    (tmp_path / "tiny" / "vocab.json").unlink()
    st.cache_resource.clear()
    app.query_params["note"] = str(note_id)
    app.switch_page("ui/pages/audit.py").run()
    assert not app.exception
    assert "vocab.json" in said(app)
    data = panels(app)
    assert data["standing"].startswith("Accepted by ana")
    assert "no model at hand" in data["warnings"][0][0]
    assert [each["name"] for each in data["columns"]] == ["ana saw: attention × gradient"]
    assert "not computed now" in data["columns"][0]["said"][0]


def test_what_is_stopped_stays_and_can_go_on(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    explain, gate = Coder.explain, Event()

    def slowly(self: Coder, *asked: Any, progress: Progress = nobody, **how: Any) -> Any:
        while how["method"] == "integrated_gradients" and not gate.wait(0.01):
            progress(0.5)
        return explain(self, *asked, progress=progress, **how)

    monkeypatch.setattr(Coder, "explain", slowly)
    app.query_params["note"] = "1"
    app.switch_page("ui/pages/audit.py").run()
    for _ in range(8):
        app.run()
    assert progress(app) == "2 of 3 methods computed; now: integrated gradients…"
    states = {each["name"]: each["state"] for each in panels(app)["columns"]}
    assert states == dict(zip(NETWORK, ("done", "done", "computing"), strict=True))
    app.button(key="audit-stop").click().run()
    assert progress(app) == "Stopped: 2 of 3 methods computed."
    assert panels(app)["columns"][2]["state"] == "stopped"
    assert app.button(key="audit-stop").label == "Go on"
    gate.set()
    app.button(key="audit-stop").click().run()
    assert progress(computed(app)) == "3 of 3 methods computed."


def test_a_long_note_is_shown_around_its_evidence_or_whole(app: AppTest) -> None:
    app.run()
    text = (
        "lorem ipsum dolor sit amet.\n" * 200 + "fever and chest pain\n" + "no more of it\n" * 200
    )
    data = panels(audit(app, at_work(text).opened.note.id))
    excerpts = column(data["rows"], 0)
    assert len(excerpts) + sum(row["skipped"] for row in data["rows"]) == len(text)
    assert len(excerpts) < len(text) / 2
    app.toggle(key="audit-whole").set_value(True).run()
    whole = panels(app)["rows"]
    assert [column(whole, place) for place in range(3)] == [text] * 3


def test_a_hostile_note_is_handed_on_as_text_and_never_as_markup(app: AppTest) -> None:
    app.run()
    text = "Fever.\n" + "\n".join(HOSTILE)
    desk = at_work(text, name=HOSTILE[0])
    data = panels(audit(app, desk.opened.note.id))
    assert not app.exception
    assert not app.markdown
    assert column(data["rows"], 0) == text
    for piece in (piece for row in data["rows"] for cell in row["cells"] for piece in cell):
        assert len(piece) == 3
        assert not set(piece[1].split()) - STYLES
