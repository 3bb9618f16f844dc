"""The insights page: every section draws, says what to do where it is empty, and is for leads."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from streamlit.testing.v1 import AppTest

import db
from core.errors import NotAllowed
from db.tables import ScreenRow
from db.workflow_tables import SeedRow, TrialEventRow
from tests.ui.finished import CODERS, finish_charts
from ui.components.insights import Section
from ui.services.drift import Drift
from ui.services.guard import guarded
from ui.services.insights import Insights
from ui.services.rights import Actor, Role

HOSTILE = "=1 ![x](http://evil.test/a) <b>"
PAGE = "ui/pages/insights.py"


def _as(monkeypatch: pytest.MonkeyPatch, role: Role) -> None:
    """Log somebody of this role in, whatever the cookie says."""
    monkeypatch.setattr("ui.app.is_alone", lambda: False)
    monkeypatch.setattr("ui.session.is_alone", lambda: False)
    monkeypatch.setattr("ui.session.signed_in", lambda: Actor(name="Sam", role=role))
    monkeypatch.setattr("ui.app.leave_when_idle", lambda: None)


@pytest.fixture
def busy(app: AppTest, tmp_path: Path) -> AppTest:
    """The app over 60 finished charts, one of them by a coder with a hostile name."""
    engine = db.connect(tmp_path / "evicode.sqlite")
    db.migrate(engine)
    finish_charts(engine, 60, days=90)
    finish_charts(engine, 1, first=900, coders=(HOSTILE,), seed=5)
    with db.unit_of_work(engine) as session:
        screen = session.scalars(select(ScreenRow).order_by(ScreenRow.id)).first()
        assert screen is not None
        session.add(
            TrialEventRow(
                note_id=screen.note_id,
                coder=screen.coder,
                kind="seeded",
                by="lea",
                at=screen.shown_at,
            )
        )
        planted, sibling = screen.suggestions[-1].id, screen.suggestions[0].id
        session.add(SeedRow(suggestion_id=planted, sibling_id=sibling, at=screen.shown_at))
    engine.dispose()
    app.run()
    return app.switch_page(PAGE).run()


def _open(app: AppTest, section: Section) -> AppTest:
    app.button_group(key="insights-section").set_value(section).run()
    assert not app.exception
    return app


def _titles(app: AppTest) -> list[str]:
    return [each.value for each in app.subheader]


def _said(app: AppTest) -> str:
    return "\n".join(each.value for each in app.text)


def _in_view(app: AppTest) -> int:
    (line,) = [each.value for each in app.text if each.value.startswith("Finished charts in view")]
    return int(line.rpartition(" ")[2])


@pytest.mark.parametrize(
    ("section", "title", "figures"),
    [
        (Section.WORK, "Active minutes on a chart", 2),
        (Section.DECISIONS, "Accepted, rejected, overturned: by coder", 3),
        (Section.MODEL, "Calibration: what was said against what held", 5),
        (Section.DRIFT, "Words the checkpoint does not know", 5),
        (Section.TRIALS, "Wrong suggestions that were accepted", 1),
        (Section.PAPERS, "Code embeddings", 1),
    ],
)
def test_every_section_draws_its_figures_each_with_its_data(
    busy: AppTest, section: Section, title: str, figures: int
) -> None:
    _open(busy, section)
    assert title in _titles(busy)
    assert len(busy.get("plotly_chart")) >= figures
    downloads = busy.get("download_button")
    assert len(downloads) >= figures
    assert {each.proto.label for each in downloads} == {"Download CSV"}
    assert all(len(each.value) > 40 for each in busy.caption if "single" not in each.value.lower())


def test_filters_narrow_what_is_counted(busy: AppTest) -> None:
    assert _in_view(busy) == 61
    counts = {}
    for coder in CODERS:
        busy.selectbox(key="insights-coder").set_value(coder).run()
        counts[coder] = _in_view(busy)
    assert sum(counts.values()) == 60
    busy.selectbox(key="insights-coder").set_value("").run()
    checkpoints = [each for each in busy.selectbox(key="insights-checkpoint").options if each]
    assert any("evicode-next · c0ffee01" in each for each in checkpoints)


def test_a_filter_that_leaves_nothing_says_so(busy: AppTest) -> None:
    busy.date_input(key="insights-since").set_value(date(2030, 1, 1)).run()
    assert "No finished chart is as chosen above" in _said(busy)
    assert not busy.get("plotly_chart")
    busy.date_input(key="insights-until").set_value(date(2029, 1, 1)).run()
    assert "swap the dates" in _said(busy)


@pytest.mark.parametrize("section", list(Section))
def test_before_anything_is_finished_every_section_says_what_is_missing(
    app: AppTest, section: Section
) -> None:
    app.run()
    app.switch_page(PAGE).run()
    _open(app, section)
    wanted = {
        Section.WORK: "No chart is finished yet",
        Section.DECISIONS: "No chart is finished yet",
        Section.MODEL: "No chart is finished yet",
        Section.TRIALS: "No chart is on trial",
        Section.PAPERS: "There are too few yet",
    }
    if section is Section.DRIFT:
        assert "Length of the notes that came in" in _titles(app), "the samples came in"
        assert any("once charts are finished" in each.value for each in app.caption)
    else:
        assert wanted[section] in _said(app)


def test_names_from_outside_are_never_markup(busy: AppTest) -> None:
    for section in Section:
        _open(busy, section)
        words = [each.value for each in (*busy.caption, *busy.subheader, *busy.markdown)]
        assert not any("evil" in each for each in words)
        for figure in busy.get("plotly_chart"):
            assert "<b>" not in figure.proto.spec


def test_a_lead_reveals_what_was_planted_and_an_auditor_is_not_offered_it(
    busy: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    _open(busy, Section.TRIALS)
    assert busy.selectbox(key="trial-which").options
    busy.button(key="trial-reveal-it").click().run()
    assert not busy.exception
    assert "Revealed. ICD-10-CM" in _said(busy)
    assert "No finished chart waits for it." in _said(busy)
    _as(monkeypatch, Role.AUDITOR)
    _open(busy.run(), Section.TRIALS)
    assert "Charts on trial" in _titles(busy)
    assert "Tell a coder what was wrong on purpose" not in _titles(busy)


@pytest.mark.parametrize("role", [Role.CODER, Role.SECOND_CODER, Role.ADMINISTRATOR])
@pytest.mark.parametrize("page", ["insights", "export"])
def test_who_is_neither_lead_nor_auditor_does_not_get_in(
    app: AppTest, monkeypatch: pytest.MonkeyPatch, role: Role, page: str
) -> None:
    _as(monkeypatch, role)
    app.run()
    assert not app.exception
    with pytest.raises(ValueError, match="Could not find a navigation page"):
        app.switch_page(f"ui/pages/{page}.py")


@pytest.mark.parametrize("role", [Role.LEAD, Role.AUDITOR])
@pytest.mark.parametrize("page", ["insights", "export"])
def test_leads_and_auditors_get_in(
    app: AppTest, monkeypatch: pytest.MonkeyPatch, role: Role, page: str
) -> None:
    _as(monkeypatch, role)
    app.run()
    app.switch_page(f"ui/pages/{page}.py").run()
    assert not app.exception
    assert page.capitalize() in _titles(app)


@pytest.mark.parametrize("role", [Role.CODER, Role.SECOND_CODER, Role.ADMINISTRATOR])
def test_below_the_page_a_coder_gets_no_figure_either(engine: Engine, role: Role) -> None:
    sam = Actor(name="Sam", role=role)
    insights = guarded(Insights(engine=engine), sam)
    drift = guarded(Drift(engine=engine, vocabulary=None), sam)
    for ask in (insights.frames, insights.state, drift.state):
        with pytest.raises(NotAllowed, match="Sam may not audit charts"):
            ask()
    with pytest.raises(NotAllowed, match="Sam may not audit charts"):
        drift.incoming(period="MS")
