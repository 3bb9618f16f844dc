"""Frames of what happened at a desk: what was decided, what held, what was shown."""

from uuid import uuid4

import pytest
from sqlalchemy import Engine

from core.metrics import insights
from core.types import Code, CodeSystem
from db.audit_records import AuditTurn, FindingDraft, FindingKind
from tests.ui.conftest import Clock, Desk
from ui.services.insights import Insights
from ui.services.intents import REASONS, Kind
from ui.services.quality import Method, Quality


@pytest.fixture
def finished(at_desk: Desk) -> Desk:
    """Ana accepts I10 and R50.9, rejects J18.9, adds K35.80, and finishes."""
    at_desk.do(Kind.ACCEPT, "I10")
    at_desk.do(Kind.ACCEPT, "R50.9")
    at_desk.do(Kind.REJECT, "J18.9", reason=REASONS[0])
    at_desk.do(Kind.ADD, "K35.80")
    at_desk.do(Kind.FINISH)
    return at_desk


def test_a_finished_chart_is_a_row_of_minutes_and_codes(finished: Desk, engine: Engine) -> None:
    found = Insights(engine=engine).frames()
    (chart,) = found.charts.to_dict("records")
    assert (chart["coder"], chart["codes"]) == ("ana", 3)
    assert chart["minutes"] >= 5, "the clock goes on a minute at every look"
    assert insights.throughput(found.charts)["charts"].tolist() == [1]
    decided = found.decided.set_index("code")
    assert decided["given"].to_dict() == {
        "ICD-10-CM I10": True,
        "ICD-10-CM R50.9": True,
        "ICD-10-CM J18.9": False,
        "ICD-10-CM K35.80": True,
    }
    assert not decided["overturned"].any()
    assert not decided.loc["ICD-10-CM K35.80", "suggested"]
    right = found.suggested.set_index("code")["right"]
    assert set(right[right].index) == {"ICD-10-CM I10", "ICD-10-CM R50.9"}
    assert len(found.finals) == 3
    model = insights.model_over_time(found.suggested, found.finals)
    likely_hits = (found.suggested["likely"] & found.suggested["right"]).sum()
    assert model["recall"].tolist() == [pytest.approx(likely_hits / 3)]


def test_what_an_auditor_found_overturns_a_decision_until_it_is_withdrawn(
    finished: Desk, engine: Engine, clock: Clock
) -> None:
    quality = Quality(engine=engine, now=clock)
    (audit,) = quality.draw(Method.RANDOM, size=1, seed=0, by="lead")

    def find(kind: FindingKind, code: str) -> int:
        draft = FindingDraft(
            audit_id=audit.id,
            kind=kind,
            code=Code(CodeSystem.ICD10CM, code),
            auditor="eva",
            token=str(uuid4()),
        )
        return quality.find(draft).id

    def overturned() -> set[str]:
        decided = Insights(engine=engine).frames().decided
        return set(decided[decided["overturned"]]["code"])

    find(FindingKind.REMOVED, "R50.9")
    missed = find(FindingKind.ADDED, "J18.9")
    assert overturned() == {"ICD-10-CM R50.9", "ICD-10-CM J18.9"}
    quality.answer(missed, AuditTurn.WITHDRAWN, by="eva")
    assert overturned() == {"ICD-10-CM R50.9"}


def test_an_unfinished_chart_is_nowhere(at_desk: Desk, engine: Engine) -> None:
    at_desk.do(Kind.ACCEPT, "I10")
    found = Insights(engine=engine).frames()
    assert all(f.empty for f in (found.charts, found.decided, found.suggested, found.finals))
