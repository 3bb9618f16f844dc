"""The export page: a count before, a file when asked for, filters, and what is not to be had."""

import json
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine
from streamlit.testing.v1 import AppTest

import db
from db import charts
from db.kinds import days
from db.records import Action, Turn
from tests.db.desk import COUGH, FEVER, PRESSURE, a_note, a_screen, clock, decide
from tests.ui.conftest import Clock, Desk
from ui.services.export import DECIDED, Export, Exporting, Filter, Format, Kind
from ui.services.intents import REASONS
from ui.services.intents import Kind as Intent

PATIENCE = 90
HOSTILE = "=1+1 ![x](http://evil.test/a) <img src=x>"


def _run_page(*, with_text: bool = True) -> None:
    from datetime import UTC, datetime

    import streamlit as st

    from db import connect
    from ui.components.errors import shown_errors
    from ui.components.export_form import export_form
    from ui.services.export import Exporting
    from ui.session import desk

    with shown_errors():
        engine = connect()
        exporting = Exporting(engine=engine, now=lambda: datetime.now(UTC))
        export_form(exporting, desk(), with_text=with_text)
        engine.dispose()
        st.text("drawn")


@pytest.fixture
def coded(engine: Engine) -> Engine:
    """Two charts: one finished with I10 accepted, R50.9 rejected, R05 missed; one begun."""
    with db.unit_of_work(engine) as session:
        one, two = a_note(session, name=HOSTILE, text="1"), a_note(session, name="two", text="2")
        screen = a_screen(session, one)
        pressure, fever, _ = screen.suggestions
        shown = {"screen_id": screen.id}
        decide(session, one, PRESSURE, suggestion_id=pressure.id, **shown)
        decide(session, one, FEVER, Action.REJECT, suggestion_id=fever.id, **shown)
        decide(session, one, COUGH, Action.ADD, coder=HOSTILE, **shown)
        charts.record(session, one.id, Turn.FINISHED, coder="ana", at=clock(9))
        decide(session, two, FEVER, Action.ADD, coder="bob")
    return engine


@pytest.fixture
def page(coded: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setenv("EVICODE_DATABASE", str(tmp_path / "evicode.sqlite"))
    return AppTest.from_function(_run_page, default_timeout=PATIENCE).run()


def _texts(page: AppTest) -> str:
    assert not page.exception
    return "\n".join(text.value for text in page.text)


def test_the_page_says_what_the_file_will_hold_before_there_is_one(page: AppTest) -> None:
    assert "3 codes of 1 chart: 1 accepted, 1 never shown, 1 rejected" in _texts(page)
    assert not page.get("download_button")


def test_who_may_not_have_the_words_of_notes_is_offered_none(page: AppTest) -> None:
    bare = AppTest.from_function(
        _run_page, default_timeout=PATIENCE, kwargs={"with_text": False}
    ).run()
    assert "3 codes of 1 chart" in _texts(bare)
    assert [bare.checkbox(key=f"with-{what}").disabled for what in ("text", "quotes")] == [True] * 2
    assert "Corpus" in page.radio(key="format").options
    assert not {"Corpus", "Feedback"} & set(bare.radio(key="format").options)


def test_every_format_is_explained_in_a_sentence(page: AppTest) -> None:
    captions = page.radio(key="format").proto.captions
    assert len(captions) == len(Format)
    assert all(caption.endswith(".") and len(caption) < 100 for caption in captions)


@pytest.mark.parametrize("format_", Format)
def test_every_format_is_prepared_and_offered(page: AppTest, format_: Format) -> None:
    page.radio(key="format").set_value(format_).run()
    page.button(key="prepare").click().run()
    (button,) = page.get("download_button")
    assert button.proto.label == "Download"
    assert "bytes" in _texts(page)
    if format_ is Format.MIMIC3:
        assert "0 codes, " in _texts(page)
        assert "3 have no place in MIMIC-III and are left out" in _texts(page)
        assert button.proto.disabled


def test_a_file_is_not_offered_once_something_else_is_chosen(page: AppTest) -> None:
    page.button(key="prepare").click().run()
    page.checkbox(key="with-text").check().run()
    assert not page.get("download_button")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda page: page.selectbox(key="export-charts").set_value(False), "4 codes of 2 charts"),
        (lambda page: page.selectbox(key="export-coder").set_value("ana"), "2 codes of 1 chart"),
        (lambda page: page.selectbox(key="export-coder").set_value(HOSTILE), "1 never shown"),
        (lambda page: page.selectbox(key="export-checkpoint").set_value("c0ffee"), "3 codes"),
        (lambda page: page.multiselect(key="export-kinds").set_value([Kind.REJECTED]), "1 code of"),
        (lambda page: page.multiselect(key="export-kinds").set_value([Kind.ADDED]), "Nothing to"),
        (lambda page: page.date_input(key="export-since").set_value(date(2026, 1, 3)), "Nothing"),
        (lambda page: page.date_input(key="export-until").set_value(date(2026, 1, 2)), "3 codes"),
        (lambda page: page.radio(key="format").set_value(Format.CORPUS), "2 codes of 1 chart"),
        (lambda page: page.radio(key="format").set_value(Format.FEEDBACK), "3 codes of 1 chart"),
    ],
)  # fmt: skip
def test_the_count_follows_the_filters(page: AppTest, change, said: str) -> None:
    change(page).run()
    assert said in _texts(page)


def test_days_that_run_backwards_are_an_answer_not_a_crash(page: AppTest) -> None:
    page.date_input(key="export-since").set_value(date(2026, 1, 3))
    page.date_input(key="export-until").set_value(date(2026, 1, 2)).run()
    assert "swap the dates" in _texts(page)


def test_no_kind_chosen_is_nothing_to_export(page: AppTest) -> None:
    page.multiselect(key="export-kinds").set_value([]).run()
    assert "Nothing to export" in _texts(page)


def test_a_corpus_takes_no_filters_and_no_history(page: AppTest) -> None:
    page.checkbox(key="history").check().run()
    page.radio(key="format").set_value(Format.CORPUS).run()
    assert page.checkbox(key="history").disabled
    assert page.selectbox(key="export-coder").disabled
    assert "half a chart would teach" in _texts(page)


def test_a_lead_who_deidentifies_reads_what_is_not_found(page: AppTest) -> None:
    pytest.importorskip("presidio_analyzer", reason="the extra `deidentify` is not installed")
    page.checkbox(key="deidentify").check().run()
    assert "names, places, ages and dates in words are not found" in _texts(page)


def test_words_from_outside_are_never_markup(page: AppTest) -> None:
    page.selectbox(key="export-coder").set_value(HOSTILE).run()
    page.button(key="prepare").click().run()
    assert not page.markdown or all("evil" not in each.value for each in page.markdown)
    (button,) = page.get("download_button")
    assert "evil" not in button.proto.label


def test_the_service_counts_then_writes_what_it_counted(
    at_desk: Desk, engine: Engine, clock: Clock
) -> None:
    exporting = Exporting(engine=engine, now=clock)
    export = Export(format=Format.JSONL, text=True)
    assert exporting.preview(export).notes == 0
    at_desk.do(Intent.ACCEPT, "I10")
    at_desk.do(Intent.REJECT, "E11.9", reason=REASONS[0])
    at_desk.do(Intent.FINISH)
    assert dict(exporting.preview(export).kinds) == {Kind.ACCEPTED: 1, Kind.REJECTED: 1}
    told: list[tuple[int, int]] = []
    prepared = exporting.file(export, progress=lambda *each: told.append(each))
    assert prepared.name.startswith("evicode-jsonl-2026")
    assert prepared.name.endswith(".jsonl")
    assert (prepared.written.records, told) == (2, [(1, 1)])
    first = json.loads(prepared.content.decode().splitlines()[0])
    assert (first["code"], first["text"]) == ("I10", at_desk.opened.note.text)


def test_a_list_of_the_real_board_leaves_the_rest_undecided(
    at_desk: Desk, engine: Engine, clock: Clock
) -> None:
    rows = len(at_desk.chart().rows)
    at_desk.do(Intent.ACCEPT, "I10")
    where = Filter(finished=False, kinds=DECIDED | {Kind.UNDECIDED})
    counted = Exporting(engine=engine, now=clock).preview(Export(where=where))
    assert dict(counted.kinds) == {Kind.ACCEPTED: 1, Kind.UNDECIDED: rows - 1}
    assert days(None, None) == {"since": None, "until": None}
