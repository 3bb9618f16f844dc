"""The past as it was: a decision's screen rebuilt and compared with now; one timeline."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine

from core.errors import BadInput
from core.inference import Coder
from core.types import Code, CodeSystem, Explanation
from db.audit_records import AuditTurn, FindingDraft, FindingKind
from db.records import Pass
from tests.models import tiny_checkpoint
from tests.ui.conftest import Clock, Desk
from ui.services.history import History
from ui.services.intents import REASONS, Kind
from ui.services.quality import Method, Quality
from ui.services.worklist import Priority, Work, Worklist


@pytest.fixture
def history(engine: Engine) -> History:
    return History(engine=engine)


@pytest.fixture
def other_model(tmp_path: Path) -> Coder:
    tiny_checkpoint(tmp_path / "other", sharpness=3.0, max_length=8)
    return Coder.load(tmp_path / "other")


def test_a_decision_opens_as_it_was_shown_whatever_was_shown_since(
    at_desk: Desk, history: History, other_model: Coder
) -> None:
    screen, before = at_desk.opened.screen, dict(at_desk.opened.explanations)
    assert screen is not None
    assert at_desk.do(Kind.REJECT, "I10", reason=REASONS[0]) is None
    newer = replace(at_desk.coding, coder=other_model)
    newer.open(at_desk.opened.note.id, coder="ana")
    spans = next(iter(before.values())).spans
    code = Code(CodeSystem.ICD10CM, "I10")
    later = Explanation(code=code, method="integrated_gradients", tokens=(), spans=spans)
    at_desk.coding.keep_explanation(at_desk.opened, later)

    shown = history.as_shown(1, by="eva")
    assert shown.screen == screen
    assert shown.suggestion is not None
    assert (shown.suggestion.suggestion.code, shown.suggestion.rank >= 1) == (code, True)
    assert shown.screen.checkpoint_hash == at_desk.coding.coder.checkpoint  # type: ignore[union-attr]
    assert shown.screen.thresholds == at_desk.coding.coder.thresholds  # type: ignore[union-attr]
    kept = {(each.method, each.spans) for found in shown.evidence.values() for each in found}
    assert kept == {(each.method, each.spans) for each in before.values()}
    assert (shown.decision.reason, shown.seeded) == (REASONS[0], frozenset())


def test_a_decision_made_without_suggestions_says_so(at_desk: Desk, history: History) -> None:
    assert at_desk.do(Kind.ADD, "K35.80", screen_id=None) is None
    shown = history.as_shown(1, by="eva")
    assert (shown.screen, shown.suggestion, shown.evidence) == (None, None, {})
    assert history.compare(shown, at_desk.coding.coder) is None  # type: ignore[arg-type]


def test_an_unknown_decision_is_said(history: History) -> None:
    with pytest.raises(BadInput, match="there is no decision 9"):
        history.as_shown(9, by="eva")


def test_the_same_model_says_the_same_now(at_desk: Desk, history: History) -> None:
    at_desk.do(Kind.ACCEPT, "I10")
    found = history.compare(history.as_shown(1, by="eva"), at_desk.coding.coder)  # type: ignore[arg-type]
    assert found is not None
    assert found.same_model
    for line in found.lines:
        assert (line.rank_now, line.likely_now) == (line.rank_then, line.likely_then)
        assert line.probability_now == pytest.approx(line.probability_then)


def test_another_model_is_named_and_compared_code_by_code(
    at_desk: Desk, history: History, other_model: Coder
) -> None:
    at_desk.do(Kind.ACCEPT, "I10")
    shown = history.as_shown(1, by="eva")
    found = history.compare(shown, other_model)
    assert found is not None
    assert shown.screen is not None
    assert not found.same_model
    assert found.checkpoint_then == shown.screen.checkpoint_hash
    assert found.checkpoint_now == other_model.checkpoint
    then = {each.suggestion.code: each.suggestion for each in shown.screen.suggestions}
    now = {each.code: each for each in other_model.suggest(shown.note.as_note()).ranked}
    assert [line.code for line in found.lines][: len(then)] == list(then)
    for line in found.lines:
        expected = None if line.code not in now else now[line.code].probability
        assert line.probability_now == (None if expected is None else pytest.approx(expected))
    assert any(line.probability_then != line.probability_now for line in found.lines)


def test_the_timeline_merges_everything_in_its_order(
    at_desk: Desk, history: History, engine: Engine, clock: Clock
) -> None:
    note_id = at_desk.opened.note.id
    work = Work(note_id=note_id)
    worklist = Worklist(engine=engine, now=clock)
    worklist.prioritise([work], Priority.URGENT, by="lead")
    worklist.claim(work, coder="ana")
    at_desk.do(Kind.ACCEPT, "I10")
    at_desk.do(Kind.UNDO)
    at_desk.do(Kind.ADD, "K35.80")
    at_desk.do(Kind.FINISH)
    quality = Quality(engine=engine, now=clock)
    (audit,) = quality.draw(Method.RANDOM, size=1, seed=0, by="lead")
    draft = FindingDraft(
        audit_id=audit.id,
        kind=FindingKind.REMOVED,
        code=Code(CodeSystem.ICD10CM, "K35.80"),
        auditor="eva",
        token="t",  # noqa: S106
        comment="Mrs Canary",
    )
    finding = quality.find(draft)
    quality.finish(audit.id, auditor="eva")
    quality.answer(finding.id, AuditTurn.ACKNOWLEDGED, by="ana")
    events = history.timeline(note_id, by="eva")
    name, digest = at_desk.coding.coder.name, at_desk.coding.coder.checkpoint  # type: ignore[union-attr]
    listed = len(at_desk.opened.screen.suggestions)  # type: ignore[union-attr]
    assert [(event.by, event.what) for event in events] == [
        ("ana", "uploaded the note"),
        ("ana", f"was shown {listed} suggestions of {name} ({digest})"),
        ("ana", "opened the chart"),
        ("lead", "made it urgent"),
        ("ana", "claimed it for ana"),
        ("ana", "accepted"),
        ("ana", "took back"),
        ("ana", "added"),
        ("ana", "finished the chart"),
        ("lead", "drew it for audit (random)"),
        ("eva", "found: removed"),
        ("eva", "finished the audit"),
        ("ana", "acknowledged a finding"),
    ]
    assert [event.at for event in events] == sorted(event.at for event in events)
    assert "Canary" not in repr(events), "a comment may quote the note"
    assert events[10].comment == "Mrs Canary"


def test_the_timeline_tells_the_passes_apart(at_desk: Desk, history: History) -> None:
    note_id = at_desk.opened.note.id
    blind = replace(at_desk.coding, coding_pass=Pass.SECOND)
    bob = Desk(coding=blind, opened=blind.open(note_id, coder="bob"), coder="bob")
    bob.do(Kind.ACCEPT, "I10")
    passes = [
        (e.by, e.coding_pass) for e in history.timeline(note_id, by="eva") if e.what == "accepted"
    ]
    assert passes == [("bob", Pass.SECOND)]
