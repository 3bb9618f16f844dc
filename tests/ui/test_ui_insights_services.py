"""What the services of a lead say of many charts, of what comes in, and of the checkpoint."""

import csv
import io
from collections.abc import Callable
from datetime import UTC, date, datetime

import pandas as pd
import pytest
from sqlalchemy import Engine

import db
from core.codes import CodeTables
from core.errors import BadSettings
from core.inference import Coder
from core.types import Note
from db import notes
from tests.ui.conftest import Clock, Desk
from tests.ui.finished import CHECKPOINTS, CODERS, START, finish_charts
from ui.services.analysing import ENOUGH, Analysing
from ui.services.coding import Coding
from ui.services.drift import READ, Drift
from ui.services.insights import Insights, as_csv, wanted
from ui.services.intents import Kind
from ui.services.on_trial import Reached
from ui.services.trials import Trials

CHARTS = 60
DAY = START.date()


@pytest.fixture
def many(engine: Engine) -> Engine:
    finish_charts(engine, CHARTS, days=60)
    return engine


def _chosen(first: date | None = None, last: date | None = None, **more: str | None) -> object:
    return wanted(
        first=first, last=last, coder=more.get("coder"), checkpoint=more.get("checkpoint")
    )


def test_every_frame_follows_the_filters(many: Engine) -> None:
    found = Insights(engine=many).frames()
    assert len(found.charts) == CHARTS
    for coder in CODERS:
        of_coder = found.of(_chosen(coder=coder))
        assert set(of_coder.charts["coder"]) == set(of_coder.decided["coder"]) == {coder}
        assert set(of_coder.finals["note"]) <= set(of_coder.charts["note"])
    name, digest = CHECKPOINTS[0]
    old = found.of(_chosen(checkpoint=digest))
    assert set(old.suggested["checkpoint"]) == {digest}
    assert 0 < len(old.charts) < CHARTS
    assert found.checkpoints[digest] == name
    assert sum(len(found.of(_chosen(coder=coder)).charts) for coder in CODERS) == CHARTS


def test_days_are_counted_whole_and_may_not_run_backwards(many: Engine) -> None:
    found = Insights(engine=many).frames()
    assert len(found.of(_chosen(first=DAY, last=DAY)).charts) == 1, "one chart a day"
    assert len(found.of(_chosen(last=DAY)).charts) == 1
    with pytest.raises(BadSettings, match="swap the dates"):
        _chosen(first=date(2026, 2, 2), last=date(2026, 1, 1))


def test_what_is_kept_is_kept_until_a_chart_is_finished(
    at_desk: Desk, engine: Engine, a_note: Callable[..., int]
) -> None:
    insights = Insights(engine=engine)
    before = insights.state()
    at_desk.do(Kind.ACCEPT, "I10")
    a_note("another", "Another note with fever.")
    assert insights.state() == before, "work on charts that are not finished changes no figure"
    at_desk.do(Kind.FINISH)
    after = insights.state()
    assert after != before
    at_desk.do(Kind.REOPEN)
    assert insights.state() not in {before, after}


def test_a_file_holds_no_formula() -> None:
    table = pd.DataFrame({"coder": ["=1+1", "@cmd", "ana"], "charts": [1, 2, 3]})
    rows = list(csv.reader(io.StringIO(as_csv(table).decode())))
    assert rows == [["coder", "charts"], ["'=1+1", "1"], ["'@cmd", "2"], ["ana", "3"]]


def test_what_comes_in_is_counted_by_month_finished_or_not(engine: Engine) -> None:
    texts = {1: ("fever and cough", "fever and zebrafish"), 2: ("zebrafish zebrafish",)}
    with db.unit_of_work(engine) as session:
        for month, said in texts.items():
            at = datetime(2026, month, 3, tzinfo=UTC)
            for text in said:
                note = Note(id=text[-9:], text=text)
                notes.add(session, note, source="a.txt", uploaded_by="ana", at=at)
    drift = Drift(engine=engine, vocabulary={"fever", "and", "cough"})
    found = drift.incoming(period="MS")
    assert (found.notes, found.read) == (3, 3)
    assert found.lengths["median"].tolist() == [(15 + 19) / 2, 19]
    assert found.unknown is not None
    assert found.unknown[["words", "unknown"]].to_numpy().tolist() == [[6, 1], [2, 2]]
    assert found.words["distance"].iloc[1] > 0.5
    january = drift.incoming(period="MS", last=date(2026, 1, 31))
    assert (january.notes, len(january.lengths)) == (2, 1)


def test_without_a_checkpoint_no_word_is_called_unknown(many: Engine) -> None:
    found = Drift(engine=many, vocabulary=None).incoming(period="W")
    assert found.unknown is None
    assert found.notes == CHARTS
    assert not found.words.empty


def test_of_a_busy_month_a_sample_is_read_and_always_the_same(engine: Engine) -> None:
    finish_charts(engine, READ + 20, days=10, words=20)
    drift = Drift(engine=engine, vocabulary={"fever"})
    told: list[tuple[int, int]] = []
    found = drift.incoming(period="MS", progress=lambda *each: told.append(each))
    assert (found.notes, found.read) == (READ + 20, READ)
    assert told[-1] == (READ, READ)
    again = drift.incoming(period="MS")
    assert found.words["distance"].tolist() == again.words["distance"].tolist()


def test_the_state_of_what_came_in_changes_with_a_note(
    engine: Engine, a_note: Callable[..., int]
) -> None:
    drift = Drift(engine=engine, vocabulary=None)
    before = drift.state()
    a_note()
    assert drift.state() != before


def test_pictures_of_charts_need_enough_of_them_and_of_this_checkpoint(
    engine: Engine, model: Coder, tables: CodeTables
) -> None:
    analysing = Analysing(coder=model, tables=tables)
    own = ((model.name, model.checkpoint), (model.name, model.checkpoint))
    finish_charts(engine, ENOUGH - 1)
    assert analysing.of_charts(Insights(engine=engine).frames()) == ()
    finish_charts(engine, ENOUGH, checkpoints=own, seed=1, words=90, first=1000)
    found = {each.name: each for each in analysing.of_charts(Insights(engine=engine).frames())}
    assert set(found) == {"frequency", "bins"}
    counted = found["frequency"].table
    assert 0 < counted["notes"].max() <= ENOUGH, "charts of another checkpoint are left out"
    bins = found["bins"].table
    assert bins["hits"].sum() > 0
    assert (bins["hits"] <= bins[["gold", "decided"]].min(axis=1)).all()


def test_what_ships_with_a_checkpoint_and_what_is_made_elsewhere_is_said(
    model: Coder, tables: CodeTables
) -> None:
    analysing = Analysing(coder=model, tables=tables)
    shipped = analysing.shipped()
    assert (shipped.name, shipped.checkpoint) == (model.name, model.checkpoint)
    assert all(each.figure is not None or each.notes for each in analysing.of_checkpoint())
    assert set(analysing.elsewhere()) == {"loss", "sweeps", "blocks", "seeds"}
    assert all(why.endswith(".") for why in analysing.elsewhere().values())


def test_trials_are_listed_with_how_far_they_are(
    engine: Engine, coding: Coding, tables: CodeTables, clock: Clock, a_note: Callable[..., int]
) -> None:
    trials = Trials(engine=engine, tables=tables, siblings=lambda code: [], now=clock)
    one, two = a_note(), a_note("second", "Cough.")
    trials.start([one, two], coder="ana", by="lea", blind_first=True)
    (latest, first) = trials.every()
    assert (first.note, first.coder, first.by, first.reached) == (
        "letter",
        "ana",
        "lea",
        Reached.WAITING,
    )
    assert (first.blind_first, first.seeded, first.can_be_revealed) == (True, False, False)
    assert latest.note == "second"
    desk = Desk(coding=coding, opened=coding.open(one, coder="ana"))
    assert trials.every()[1].reached is Reached.BEGUN
    trials.submit(one, coder="ana")
    assert trials.every()[1].reached is Reached.FIRST_LIST
    desk.do(Kind.ACCEPT, "I10")
    desk.do(Kind.FINISH)
    assert trials.every()[1].reached is Reached.FINISHED
    assert trials.every()[0].reached is Reached.WAITING
