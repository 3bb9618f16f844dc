"""The inbox page as a coder, a second coder, a lead, an auditor and a lone user see it."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from streamlit.testing.v1 import AppTest

import db
from core.types import Code, CodeSystem
from db import charts, decisions, tombstones, trials
from db.records import Action, Draft, Turn
from db.tables import NoteRow
from db.trials import TrialKind
from tests import uploads
from tests.models import tiny_fused_checkpoint
from tests.ui.accounts import log_in
from ui.identity import now
from ui.services.accounts import Role
from ui.services.worklist import Order, Pass, Priority, Work, Worklist

FEVER = Code(CodeSystem.ICD10CM, "R50.9")
Sit = Callable[[str], None]


@pytest.fixture
def sit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, app: AppTest) -> Sit:
    """Accounts, and a call that says who sits at the browser."""
    people = {
        "Ada": Role.ADMINISTRATOR,
        "Aud": Role.AUDITOR,
        "Lea": Role.LEAD,
        "Cora": Role.CODER,
        "Carl": Role.CODER,
        "Sam": Role.SECOND_CODER,
        "Sue": Role.SECOND_CODER,
    }
    return log_in(monkeypatch, tmp_path / "evicode.sqlite", **people)


@pytest.fixture
def service(tmp_path: Path, app: AppTest) -> Worklist:
    """The worklist of the app's database, as somebody else's browser has it."""
    engine = db.connect(tmp_path / "evicode.sqlite")
    db.migrate(engine)
    return Worklist(engine=engine, now=now)


def _table(app: AppTest) -> dict[str, Any]:
    (table,) = (
        json.loads(each.proto.json)
        for each in app.get("bidi_component")
        if '"columns"' in each.proto.json
    )
    return table


def _names(app: AppTest) -> list[str]:
    return [row["name"] for row in _table(app)["rows"]]


def _line(app: AppTest, note: int, coding: str = "first") -> dict[str, Any]:
    (line,) = (r for r in _table(app)["rows"] if (r["note"], r["pass"]) == (note, coding))
    return line


def _said(app: AppTest) -> str:
    return "\n".join(text.value for text in app.text)


def _mark(app: AppTest, *works: tuple[int, str]) -> AppTest:
    app.session_state["worklist"] = {"marked": [list(work) for work in works]}
    return app.run()


def _unfold(app: AppTest, *names: str) -> AppTest:
    for name in names:
        app.session_state[name] = True
    return app.run()


def _open(app: AppTest, note: int, coding: str = "first") -> AppTest:
    app.session_state["worklist"] = {"open": [note, coding]}
    return app.run()


def _decided(service: Worklist, note: int, coder: str) -> None:
    """A first coding of a note with one code, finished."""
    with db.unit_of_work(service.engine) as session:
        charts.record(session, note, Turn.OPENED, coder=coder, at=now())
        draft = Draft(
            note_id=note,
            code=FEVER,
            title="Fever",
            action=Action.ADD,
            coder=coder,
            token=f"t{note}",
        )
        decisions.append(session, draft, seen=0, at=now())
        charts.record(session, note, Turn.FINISHED, coder=coder, at=now())


def test_alone_the_list_has_priorities_and_no_claims(app: AppTest, service: Worklist) -> None:
    app.run()
    assert not app.exception
    assert len(_names(app)) >= 8
    assert not {"has", "assigned"} & set(_table(app)["columns"])
    assert {button.key for button in app.button} >= {"next-chart"}
    assert "let-go" not in {button.key for button in app.button}
    _mark(app, (3, "first"))
    service.prioritise([Work(note_id=3)], Priority.URGENT, by="coder")
    app.run()
    assert _names(app)[0].startswith("sample-03")
    app.button(key="next-chart").click().run()
    assert not app.exception
    assert app.query_params["note"] == "3"
    assert service.rows()[0].claim is None


def test_a_chart_that_is_opened_is_its_coders_and_another_is_told_who_has_it(
    app: AppTest, sit: Sit, service: Worklist
) -> None:
    sit("Cora")
    app.run()
    _open(app, 2)
    assert not app.exception
    assert app.query_params["note"] == "2"
    (held,) = [row for row in service.rows() if row.claim is not None]
    assert (held.work, held.claim.coder) == (Work(note_id=2), "Cora")  # type: ignore[union-attr]

    sit("Carl")
    app.switch_page("ui/pages/inbox.py").run()
    assert (_line(app, 2)["has"], _line(app, 2)["mine"]) == ("Cora", False)
    _open(app, 2)
    assert "Cora has this chart since" in _said(app)
    assert "ask them to hand it over" in _said(app)
    app.query_params["note"] = "2"
    app.switch_page("ui/pages/review.py").run()
    assert "Cora has this chart since" in _said(app), "by its address neither"
    assert not app.get("bidi_component") or "screen" not in app.get("bidi_component")[0].proto.json


def test_a_coder_lets_go_of_a_chart_or_hands_it_over(
    app: AppTest, sit: Sit, service: Worklist
) -> None:
    sit("Cora")
    app.run()
    for note in (1, 2):
        service.claim(Work(note_id=note), coder="Cora")
    service.claim(Work(note_id=3), coder="Carl")
    _mark(app, (3, "first"))
    assert app.button(key="let-go").disabled, "it is Carl's"
    _mark(app, (1, "first"))
    app.button(key="let-go").click().run()
    assert _line(app, 1)["has"] is None
    _mark(app, (2, "first"))
    _unfold(app, "hand-over")
    assert app.selectbox(key="hand-over-to").options == ["Carl", "Lea", "Sam", "Sue"]
    app.selectbox(key="hand-over-to").select("Carl").run()
    app.button(key="hand-over-do").click().run()
    assert not app.exception
    assert (_line(app, 2)["has"], _line(app, 2)["mine"]) == ("Carl", False)


def test_a_second_coder_finds_the_second_coding_and_nothing_of_the_first(
    app: AppTest, sit: Sit, service: Worklist
) -> None:
    sit("Sam")
    app.run()
    _decided(service, 4, "Cora")
    service.assign([Work(note_id=4, coding_pass=Pass.SECOND)], "Sam", by="Lea")
    app.run()
    (line,) = [row for row in _table(app)["rows"] if row["note"] == 4]
    assert (line["pass"], line["status"], line["added"]) == ("second", "new", 0)
    assert "Cora" not in json.dumps(_table(app))
    _open(app, 4, "second")
    assert not app.exception
    assert (app.query_params["note"], app.query_params["pass"]) == ("4", "second")
    board = app.get("bidi_component")[0].proto.json
    assert "Cora" not in board
    with db.unit_of_work(service.engine) as session:
        charts.record(session, 4, Turn.FINISHED, coder="Sam", at=now(), coding_pass=Pass.SECOND)
    app.switch_page("ui/pages/inbox.py").run()
    assert _line(app, 4, "first")["added"] == 1, "both are done: there is nothing to hide"


def test_a_coder_is_offered_no_second_coding_and_cannot_open_one(
    app: AppTest, sit: Sit, service: Worklist
) -> None:
    sit("Carl")
    app.run()
    _decided(service, 4, "Cora")
    service.assign([Work(note_id=4, coding_pass=Pass.SECOND)], None, by="Lea")
    app.run()
    assert {row["pass"] for row in _table(app)["rows"]} == {"first"}
    _open(app, 4, "second")
    assert "Carl may not code a chart for comparison" in _said(app)


def test_a_lead_hands_out_work(app: AppTest, sit: Sit, service: Worklist) -> None:
    sit("Lea")
    app.run()
    service.claim(Work(note_id=5), coder="Cora")
    _mark(app, (1, "first"), (2, "first"), (5, "first"))
    _unfold(app, "assign", "priority", "again", "trial", "free")
    assert not app.exception
    assert app.selectbox(key="assign-to").options == ["Anyone", "Carl", "Cora", "Lea", "Sam", "Sue"]
    assert app.selectbox(key="second-by").options == ["Anyone", "Sam", "Sue"]
    app.selectbox(key="assign-to").select("Carl").run()
    app.button(key="assign-do").click().run()
    assert {_line(app, note)["assigned"] for note in (1, 2, 5)} == {"Carl"}
    assert app.button(key="priority-do").disabled
    app.segmented_control(key="set-priority").set_value(Priority.HIGH).run()
    app.button(key="priority-do").click().run()
    assert _line(app, 2)["priority"] == "high"
    app.button(key="free-do").click().run()
    assert _line(app, 5)["has"] is None
    app.selectbox(key="second-by").select("Sue").run()
    app.button(key="again-do").click().run()
    assert _line(app, 2, "second")["assigned"] == "Sue"
    app.selectbox(key="trial-of").select("Carl").run()
    assert app.button(key="trial-do").disabled, "no kind is chosen"
    app.checkbox(key="trial-blind").check().run()
    app.button(key="trial-do").click().run()
    with db.unit_of_work(service.engine, write=False) as session:
        (event,) = trials.every(session, note_id=2, coder="Carl")
    assert (event.kind, event.by) == (TrialKind.BLIND_FIRST, "Lea")
    assert not app.exception


def _delete(app: AppTest, *, reason: str, count: str) -> AppTest:
    _unfold(app, "delete")
    app.text_input(key="delete-reason").input(reason)
    app.text_input(key="delete-count").input(count)
    return app.button(key="delete-do").click().run()


def _texts(service: Worklist, *ids: int) -> list[str]:
    with db.unit_of_work(service.engine, write=False) as session:
        return [*session.scalars(select(NoteRow.text).where(NoteRow.id.in_(ids)))]


def test_a_lead_deletes_marked_notes_for_good_and_the_trail_says_why(
    app: AppTest, sit: Sit, service: Worklist
) -> None:
    sit("Lea")
    app.run()
    service.assign([Work(note_id=2, coding_pass=Pass.SECOND)], None, by="Lea")
    _open(app, 2)
    app.switch_page("ui/pages/inbox.py").run()
    _mark(app, (2, "first"), (3, "first"))
    _delete(app, reason="request 7", count="2")
    assert not app.exception
    assert "2 notes deleted for good" in app.toast[0].value
    assert not {2, 3} & {row["note"] for row in _table(app)["rows"]}
    assert _texts(service, 2, 3) == ["", ""]
    with db.unit_of_work(service.engine, write=False) as session:
        found = [tombstones.of_note(session, note_id) for note_id in (2, 3)]
    assert [(each.by, each.reason) for each in found if each] == [("Lea", "request 7")] * 2
    assert app.session_state["desk"].opened is None, "the lead's own session holds no words of it"
    assert app.button(key="next-chart"), "the list is there to go on with"
    app.query_params["note"] = "2"
    app.switch_page("ui/pages/review.py").run()
    assert "its words are gone; choose another note" in _said(app)


@pytest.mark.parametrize(
    ("reason", "count", "why"),
    [
        ("request 7", "", "type the number of notes that go"),
        ("request 7", "1", "type the number of notes that go"),
        ("  ", "2", "a deletion needs a name and a reason"),
    ],
)
def test_without_reason_or_confirmation_no_note_goes(
    app: AppTest, sit: Sit, service: Worklist, reason: str, count: str, why: str
) -> None:
    sit("Lea")
    app.run()
    _mark(app, (2, "first"), (3, "first"))
    _delete(app, reason=reason, count=count)
    assert not app.exception
    assert why in _said(app)
    assert all(_texts(service, 2, 3))
    assert app.text_input(key="delete-reason").value == reason, "what was typed is kept"


def test_a_coder_is_offered_no_deletion(app: AppTest, sit: Sit) -> None:
    sit("Cora")
    app.run()
    _mark(app, (2, "first"))
    _unfold(app, "delete")
    assert "let-go" in {button.key for button in app.button}
    assert "delete-do" not in {button.key for button in app.button}


def test_what_a_lead_may_not_do_is_said_and_nothing_is_changed(
    app: AppTest, sit: Sit, service: Worklist
) -> None:
    sit("Lea")
    app.run()
    _decided(service, 4, "Sam")
    _mark(app, (4, "first"), (6, "first"))
    _unfold(app, "again")
    app.selectbox(key="second-by").select("Sam").run()
    app.button(key="again-do").click().run()
    assert "Sam took part in the first coding of this note" in _said(app)
    assert {row["pass"] for row in _table(app)["rows"]} == {"first"}


def test_an_auditor_reads_the_list_and_opens_charts_to_audit(
    app: AppTest, sit: Sit, service: Worklist
) -> None:
    sit("Aud")
    app.run()
    assert "mark" not in _table(app)["columns"]
    assert "next-chart" not in {button.key for button in app.button}
    _open(app, 3)
    assert not app.exception
    assert [row for row in service.rows() if row.claim is not None] == []


def test_filters_narrow_the_list_and_an_empty_one_says_what_to_do(app: AppTest) -> None:
    app.run()
    app.text_input(key="inbox-filter").input("informe").run()
    assert _names(app) == ["sample-06-informe-de-alta"]
    app.text_input(key="inbox-filter").input("nothing like it").run()
    assert "No chart matches. Take a filter off to see more." in _said(app)


def test_an_empty_inbox_says_to_upload_notes(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.services.intake.Intake.load_samples", lambda _self: 0)
    app.run()
    assert "No chart is here for you yet. Upload notes" in _said(app)
    assert app.expander[0].proto.expanded
    app.switch_page("ui/pages/review.py").run()
    assert "No chart waits for you." in _said(app)


def _upload(app: AppTest, name: str, data: bytes) -> AppTest:
    app.run()
    return app.file_uploader[0].upload(name, data, "application/octet-stream").run()


def test_an_upload_is_shown_first_and_stored_when_the_coder_says_so(app: AppTest) -> None:
    _upload(app, "letter.txt", b"fever and cough")
    assert "Understood, not stored yet: 1 new, 0 already here, 0 refused" in _said(app)
    assert app.query_params["unstored"] == "yes"
    files, notes = app.dataframe
    assert [files.value[each][0] for each in ("File", "Format", "Notes")] == [
        "letter.txt",
        "txt",
        1,
    ]
    assert list(notes.value["Begins"]) == ["fever and cough"]
    assert app.code[0].value == "fever and cough"
    assert "letter" not in _names(app)
    app.button(key="store-all").click().run()
    assert "1 new, 0 already here, 0 refused" in _said(app)
    assert "letter" in _names(app)
    assert "unstored" not in app.query_params
    _upload(app, "again.txt", b"fever and cough")
    assert list(app.dataframe[1].value["Already here as"]) == ["letter"]
    assert app.button(key="store-all").disabled


def test_a_discarded_upload_leaves_nothing(app: AppTest) -> None:
    _upload(app, "letter.txt", b"fever and cough")
    app.button(key="discard").click().run()
    assert "Understood" not in _said(app)
    assert "letter" not in _names(app)


def test_a_refused_file_is_listed_with_the_reason_and_offers_nothing(app: AppTest) -> None:
    _upload(app, "scan.png", b"\x89PNG\r\n")
    assert not app.exception
    assert "PNG picture" in app.dataframe[0].value["What to know"][0]
    assert app.button(key="store-all").disabled


def test_the_text_of_a_table_can_be_taken_from_another_column(app: AppTest) -> None:
    rows = [("Doc", "Comment", "Letter"), ("1", "see letter", "fever"), ("2", "none", "cough")]
    _upload(app, "odd.csv", uploads.delimited(rows=rows))
    assert "no column id and text" in app.dataframe[0].value["What to know"][0]
    assert app.button(key="store-all").disabled
    app.selectbox(key="column-text-1-0").select("Letter").run()
    app.selectbox(key="column-id-1-0").select("Doc").run()
    files, notes = app.dataframe
    assert list(files.value["Text from column"]) == ["Letter"]
    assert list(notes.value["Begins"]) == ["fever", "cough"]
    app.selectbox(key="column-text-1-0").select("Comment").run()
    assert list(app.dataframe[1].value["Begins"]) == ["see letter", "none"]
    app.button(key="store-all").click().run()
    assert {"1", "2"} <= set(_names(app))


def test_a_reload_before_an_upload_was_stored_says_that_it_is_lost(app: AppTest) -> None:
    app.query_params["unstored"] = "yes"  # and this session holds nothing
    app.run()
    assert "nothing of it was kept. Choose the files again." in _said(app)
    _upload(app, "letter.txt", b"fever and cough")
    assert "nothing of it was kept" not in _said(app)


@pytest.fixture
def learning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, app: AppTest) -> None:
    """A model that learns, in place of the one that does not."""
    tiny_fused_checkpoint(tmp_path / "fused")
    monkeypatch.setenv("EVICODE_CHECKPOINT", str(tmp_path / "fused"))


def _teaching(app: AppTest) -> AppTest:
    """The list in order of what charts would teach, once that is known."""
    app.query_params["order"] = "learning"
    app.run()
    wait_for = time.monotonic() + 60
    while any(row["teaches"] == "not yet known" for row in _table(app)["rows"]):
        assert time.monotonic() < wait_for
        time.sleep(0.2)
        app.run()
    return app


@pytest.mark.usefixtures("learning")
def test_the_list_may_be_in_order_of_what_charts_would_teach(
    app: AppTest, service: Worklist
) -> None:
    _teaching(app)
    assert not app.exception
    taught = [row["teaches"] for row in _table(app)["rows"]]
    assert any("new words" in each for each in taught)
    first = _table(app)["rows"][0]["note"]
    app.button(key="next-chart").click().run()
    assert app.query_params["note"] == str(first), "N follows the order"
    app.switch_page("ui/pages/inbox.py").run()
    assert app.query_params["order"] == "learning", "and so does the list, back from a chart"
    assert (_line(app, first)["status"], _line(app, first)["teaches"]) == ("in progress", "")
    app.segmented_control(key="inbox-order").set_value(Order.URGENT).run()
    assert "teaches" not in _table(app)["columns"]
    assert "order" not in app.query_params


def test_without_a_model_that_learns_the_order_says_so(app: AppTest, service: Worklist) -> None:
    app.query_params["order"] = "learning"
    app.run()
    assert not app.exception
    assert any("Without a model that learns" in each.value for each in app.caption)
    assert _names(app)[0].startswith("sample-01")


@pytest.mark.usefixtures("learning")
def test_a_second_coder_reads_nothing_of_what_a_chart_would_teach(
    app: AppTest, sit: Sit, service: Worklist
) -> None:
    sit("Lea")
    app.run()  # the samples come in
    _decided(service, 1, "Cora")
    service.assign([Work(note_id=1, coding_pass=Pass.SECOND)], "Sam", by="Lea")
    sit("Sam")
    _teaching(app)
    assert not app.exception
    assert _line(app, 1, "second")["teaches"] == ""
