"""An audit from the draw to the last answer: arithmetic, who may do what, what stays."""

from collections.abc import Callable
from dataclasses import replace
from uuid import uuid4

import pytest
from sqlalchemy import Engine

import db
from core.errors import BadInput, Conflict, NotAllowed
from core.types import Code, CodeSystem
from db import details
from db.audit_records import AuditTurn, ChartAudit, Finding, FindingDraft, FindingKind, FindingState
from db.records import Pass
from db.workflow_records import DetailDraft, Field
from tests.ui.conftest import Clock, Desk
from ui.services.coding import Coding
from ui.services.guard import guarded
from ui.services.intents import REASONS, Kind
from ui.services.quality import Method, Quality
from ui.services.rights import Actor, Role

K35 = Code(CodeSystem.ICD10CM, "K35.80")


def icd(code: str) -> Code:
    return Code(CodeSystem.ICD10CM, code)


@pytest.fixture
def quality(engine: Engine, clock: Clock) -> Quality:
    return Quality(engine=engine, now=clock)


@pytest.fixture
def coded(at_desk: Desk) -> Desk:
    """Ana's finished chart of five codes, I10 principal, all POA."""
    codes = ["I10", "R50.9", "J18.9", "E11.9", "R07.9"]
    for code in codes:
        assert at_desk.do(Kind.ACCEPT, code) is None
    _say(at_desk, Field.ORDER, None, details.order(map(icd, codes)))
    for code in codes:
        _say(at_desk, Field.POA, icd(code), "Y")
    assert at_desk.do(Kind.FINISH) is None
    return at_desk


def _say(desk: Desk, field: Field, code: Code | None, value: str) -> None:
    draft = DetailDraft(
        note_id=desk.opened.note.id,
        field=field,
        code=code,
        value=value,
        coder=desk.coder,
        token=str(uuid4()),
    )
    with db.unit_of_work(desk.coding.engine) as session:
        details.append(session, draft, seen=99, at=desk.coding.now())


@pytest.fixture
def audit(coded: Desk, quality: Quality) -> ChartAudit:
    (audit,) = quality.draw(Method.RANDOM, size=1, seed=3, by="lead")
    return audit


def find(
    quality: Quality,
    audit: ChartAudit,
    kind: FindingKind,
    code: Code,
    *,
    auditor: str = "eva",
    **changes: object,
) -> Finding:
    settings = {"token": str(uuid4())} | changes
    draft = FindingDraft(
        audit_id=audit.id,
        kind=kind,
        code=code,
        auditor=auditor,
        **settings,  # type: ignore[arg-type]
    )
    return quality.find(draft)


@pytest.fixture
def found(quality: Quality, audit: ChartAudit) -> Finding:
    """One finding in a finished audit."""
    finding = find(quality, audit, FindingKind.REMOVED, icd("R07.9"))
    quality.finish(audit.id, auditor="eva")
    return finding


def test_a_worksheet_by_hand_where_the_principal_counts_twice(
    quality: Quality, audit: ChartAudit
) -> None:
    assert quality.open(audit.id).diagnoses.accuracy == 1.0
    find(quality, audit, FindingKind.PRINCIPAL, icd("J18.9"))
    assert quality.open(audit.id).diagnoses.accuracy == pytest.approx(1 - 2 / 5)
    find(quality, audit, FindingKind.POA, icd("E11.9"), poa="N")
    find(quality, audit, FindingKind.REMOVED, icd("R07.9"))
    sheet = quality.open(audit.id).diagnoses
    assert (sheet.codes_before, sheet.changes) == (5, 4)
    assert sheet.accuracy == pytest.approx(1 - 4 / 5)
    find(quality, audit, FindingKind.ADDED, Code(CodeSystem.ICD10PCS, "0DTJ4ZZ"))
    assert quality.open(audit.id).diagnoses == sheet, "a procedure has a worksheet of its own"
    assert quality.open(audit.id).procedures.accuracy == 0.0


def test_the_draw_is_kept_with_its_method_seed_and_population(
    quality: Quality, audit: ChartAudit
) -> None:
    assert (audit.method, audit.seed, audit.population) == ("random", 3, 1)
    assert audit.drawn_by == "lead"
    before = quality.open(audit.id).before
    assert (len(before.codes), before.principal) == (5, icd("I10"))


def test_what_is_decided_after_the_draw_is_not_audited(
    coded: Desk, quality: Quality, audit: ChartAudit
) -> None:
    assert coded.do(Kind.REOPEN) is None
    assert coded.do(Kind.ADD, "K35.80") is None
    _say(coded, Field.POA, K35, "N")
    before = quality.open(audit.id).before
    assert K35 not in {each.code for each in before.codes}
    find(quality, audit, FindingKind.ADDED, K35)


def test_the_coder_acknowledges_and_it_still_counts(
    quality: Quality, audit: ChartAudit, found: Finding
) -> None:
    quality.answer(found.id, AuditTurn.ACKNOWLEDGED, by="ana")
    audited = quality.open(audit.id)
    assert audited.states == {found.id: FindingState.ACKNOWLEDGED}
    assert (audited.unsettled, audited.diagnoses.accuracy) == ((), pytest.approx(0.8))


def test_a_rebuttal_the_auditor_accepts_no_longer_counts(
    quality: Quality, audit: ChartAudit, found: Finding
) -> None:
    quality.answer(found.id, AuditTurn.REBUTTED, by="ana", comment="see the last line")
    assert quality.open(audit.id).unsettled == (found,)
    quality.answer(found.id, AuditTurn.WITHDRAWN, by="eva")
    audited = quality.open(audit.id)
    assert (audited.unsettled, audited.diagnoses.accuracy) == ((), 1.0)


@pytest.mark.parametrize(
    ("ruling", "accuracy"), [(AuditTurn.UPHELD, 0.8), (AuditTurn.OVERTURNED, 1.0)]
)
def test_what_is_escalated_is_ruled_by_a_third_person(
    quality: Quality, audit: ChartAudit, found: Finding, ruling: AuditTurn, accuracy: float
) -> None:
    quality.answer(found.id, AuditTurn.REBUTTED, by="ana", comment="no")
    quality.answer(found.id, AuditTurn.ESCALATED, by="eva")
    for party in ("ana", "eva"):
        with pytest.raises(BadInput, match=f"by a third person; {party} is not"):
            quality.answer(found.id, ruling, by=party)
    quality.answer(found.id, ruling, by="lead")
    audited = quality.open(audit.id)
    assert audited.diagnoses.accuracy == pytest.approx(accuracy)
    assert [event.turn for event in audited.events] == [
        AuditTurn.FINISHED,
        AuditTurn.REBUTTED,
        AuditTurn.ESCALATED,
        ruling,
    ]


@pytest.mark.parametrize(
    ("turn", "by", "why"),
    [
        (AuditTurn.ACKNOWLEDGED, "eva", "by who coded the chart; eva is not"),
        (AuditTurn.REBUTTED, "lead", "by who coded the chart; lead is not"),
        (AuditTurn.WITHDRAWN, "ana", "by its auditor; ana is not"),
        (AuditTurn.ESCALATED, "ana", "a finding that is open cannot be escalated"),
        (AuditTurn.UPHELD, "lead", "a finding that is open cannot be upheld"),
        (AuditTurn.REBUTTED, "ana", "a rebuttal needs its reason"),
    ],
)
def test_answers_out_of_turn_are_refused(
    quality: Quality, found: Finding, turn: AuditTurn, by: str, why: str
) -> None:
    with pytest.raises(BadInput, match=why):
        quality.answer(found.id, turn, by=by)


def test_findings_are_answered_once_the_audit_is_finished_and_made_only_before(
    quality: Quality, audit: ChartAudit
) -> None:
    finding = find(quality, audit, FindingKind.REMOVED, icd("R07.9"))
    with pytest.raises(BadInput, match="the audit is not finished"):
        quality.answer(finding.id, AuditTurn.ACKNOWLEDGED, by="ana")
    quality.finish(audit.id, auditor="eva")
    quality.finish(audit.id, auditor="eva")  # a second click
    with pytest.raises(BadInput, match="this audit is finished"):
        find(quality, audit, FindingKind.REMOVED, icd("I10"))


def test_nobody_audits_their_own_chart_or_beside_another_auditor(
    quality: Quality, audit: ChartAudit
) -> None:
    with pytest.raises(BadInput, match="ana coded this chart; its audit must be somebody else"):
        find(quality, audit, FindingKind.REMOVED, icd("I10"), auditor="ana")
    find(quality, audit, FindingKind.REMOVED, icd("I10"))
    with pytest.raises(Conflict, match="eva audits this chart"):
        find(quality, audit, FindingKind.REMOVED, icd("R07.9"), auditor="fay")


@pytest.mark.parametrize(
    ("kind", "code", "changes", "why"),
    [
        (FindingKind.REMOVED, "K35.80", {}, "K35.80 is not among the codes"),
        (FindingKind.ADDED, "I10", {}, "I10 is among the codes of this chart already"),
        (FindingKind.EDITED, "I10", {}, "an edited code needs the one it should be"),
        (FindingKind.EDITED, "I10", {"corrected": icd("J18.9")}, "needs the one it should be"),
        (FindingKind.POA, "I10", {"poa": "Y"}, "needs the indicator that ICD-10-CM I10 should"),
        (FindingKind.PRINCIPAL, "I10", {}, "is the principal diagnosis already"),
        (FindingKind.PRINCIPAL, "K35.80", {}, "K35.80 is not among the codes .* add it first"),
        (FindingKind.REMOVED, "R50.9", {}, "there is a finding on ICD-10-CM R50.9 already"),
    ],
)
def test_a_finding_that_does_not_fit_the_chart_is_refused(
    quality: Quality,
    audit: ChartAudit,
    kind: FindingKind,
    code: str,
    changes: dict[str, object],
    why: str,
) -> None:
    find(quality, audit, FindingKind.EDITED, icd("R50.9"), corrected=icd("R50.81"))
    with pytest.raises(BadInput, match=why):
        find(quality, audit, kind, icd(code), **changes)


def test_an_added_or_corrected_code_can_become_the_principal(
    quality: Quality, audit: ChartAudit
) -> None:
    find(quality, audit, FindingKind.EDITED, icd("I10"), corrected=icd("I11.9"))
    find(quality, audit, FindingKind.PRINCIPAL, icd("I11.9"))
    assert quality.open(audit.id).diagnoses.changes == 3


def test_a_finding_withdrawn_makes_room_for_another(quality: Quality, audit: ChartAudit) -> None:
    first = find(quality, audit, FindingKind.REMOVED, icd("I10"))
    quality.answer(first.id, AuditTurn.WITHDRAWN, by="eva")
    find(quality, audit, FindingKind.EDITED, icd("I10"), corrected=icd("I11.9"))
    assert quality.open(audit.id).diagnoses.changes == 1


def test_a_repeated_click_finds_once(quality: Quality, audit: ChartAudit) -> None:
    for _ in range(2):
        find(quality, audit, FindingKind.REMOVED, icd("I10"), token="same")  # noqa: S106
    assert len(quality.open(audit.id).findings) == 1


def test_a_coder_asks_for_their_own_finished_audits_and_for_nobody_elses(
    quality: Quality, audit: ChartAudit
) -> None:
    assert (quality.mine(coder="ana"), quality.to_answer(coder="ana")) == ((), 0), "not finished"
    find(quality, audit, FindingKind.REMOVED, icd("R07.9"))
    quality.finish(audit.id, auditor="eva")
    (own,) = quality.mine(coder="ana")
    assert (own.audited.audit, quality.to_answer(coder="ana")) == (audit, 1)
    assert (quality.mine(coder="bob"), quality.to_answer(coder="bob")) == ((), 0)
    ana = guarded(quality, Actor(name="ana", role=Role.CODER))
    with pytest.raises(NotAllowed, match="in another's name"):
        ana.mine(coder="bob")
    for refused in (ana.every, ana.scorecards, lambda: ana.open(audit.id)):
        with pytest.raises(NotAllowed, match="ana may not audit charts"):
            refused()


def test_a_coder_answers_but_rules_on_nobodys_finding(quality: Quality, found: Finding) -> None:
    ana = guarded(quality, Actor(name="ana", role=Role.CODER))
    ana.answer(found.id, AuditTurn.REBUTTED, by="ana", comment="see the last line")
    ana.answer(found.id, AuditTurn.ESCALATED, by="ana")
    bob = guarded(quality, Actor(name="bob", role=Role.CODER))
    with pytest.raises(NotAllowed, match="bob may not audit charts"):
        bob.answer(found.id, AuditTurn.OVERTURNED, by="bob")


def test_nobody_finds_in_another_name(quality: Quality, audit: ChartAudit) -> None:
    fay = guarded(quality, Actor(name="fay", role=Role.AUDITOR))
    with pytest.raises(NotAllowed, match="fay may not act in another's name"):
        find(fay, audit, FindingKind.REMOVED, icd("R07.9"), auditor="eva")
    assert find(fay, audit, FindingKind.REMOVED, icd("R07.9"), auditor="fay").auditor == "fay"


def test_each_person_is_offered_the_turns_that_are_theirs(
    quality: Quality, audit: ChartAudit, found: Finding
) -> None:
    def offered() -> list[tuple[AuditTurn, ...]]:
        audited = quality.open(audit.id)
        return [audited.turns(found, by=who) for who in ("ana", "eva", "lead")]

    answers = (AuditTurn.ACKNOWLEDGED, AuditTurn.REBUTTED)
    assert offered() == [answers, (AuditTurn.WITHDRAWN,), ()]
    quality.answer(found.id, AuditTurn.REBUTTED, by="ana", comment="no")
    assert offered()[0] == (AuditTurn.ACKNOWLEDGED, AuditTurn.ESCALATED)
    quality.answer(found.id, AuditTurn.ESCALATED, by="ana")
    assert offered() == [(), (), (AuditTurn.UPHELD, AuditTurn.OVERTURNED)]


def test_scorecards_put_finished_audits_together(
    quality: Quality, audit: ChartAudit, found: Finding
) -> None:
    quality.draw(Method.RANDOM, size=1, seed=4, by="lead")  # not finished: does not count
    (card,) = quality.scorecards()
    assert card.coder == "ana"
    assert (card.diagnoses.charts, card.diagnoses.accuracy) == (1, pytest.approx(0.8))


def test_candidates_carry_what_the_samples_are_drawn_by(
    coded: Desk, coding: Coding, a_note: Callable[..., int], quality: Quality
) -> None:
    (found,) = quality.candidates()
    screen = coded.opened.screen
    assert screen is not None
    shown = {each.suggestion.code: each.suggestion for each in screen.suggestions}
    given = [shown[icd(code)] for code in ("I10", "R50.9", "J18.9", "E11.9", "R07.9")]
    pairs = [(each, shown.get(each.category)) for each in given]
    gaps = [abs(each.probability - other.probability) for each, other in pairs if other]
    assert gaps, "the other branch knows some of these categories"
    assert (found.coder, found.chapter) == ("ana", "Circulation")
    assert found.confidence == min(each.probability for each in given)
    assert found.branches_differ == pytest.approx(max(gaps))
    assert found.coders_differ is None

    note_id = coded.opened.note.id
    blind = replace(coding, coding_pass=Pass.SECOND)
    bob = Desk(coding=blind, opened=blind.open(note_id, coder="bob"), coder="bob")
    bob.do(Kind.ACCEPT, "I10")
    bob.do(Kind.REJECT, "R50.9", reason=REASONS[0])
    bob.do(Kind.FINISH)
    assert quality.candidates()[0].coders_differ == pytest.approx(1 - 2 / 6)

    half = a_note("other", "Fever.")
    Desk(coding=coding, opened=coding.open(half, coder="ana")).do(Kind.ADD, "I10")
    assert len(quality.candidates()) == 1
    assert len(quality.candidates(unfinished=True)) == 2
