"""Audits: charts drawn, findings, and their way from open to settled. Only ever added to."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.errors import BadInput, Conflict
from core.types import Code, CodeSystem
from db import decisions, details, tombstones
from db.audit_records import (
    GONE,
    AuditEvent,
    AuditTurn,
    ChartAudit,
    Drawn,
    Finding,
    FindingDraft,
    FindingKind,
    FindingState,
)
from db.coded import coded
from db.records import Pass
from db.tables import DecisionRow, NoteRow
from db.workflow_records import POA, Coded
from db.workflow_tables import AuditRow, AuditTurnRow, DetailRow, FindingRow

_OF_A_CODE = frozenset({FindingKind.EDITED, FindingKind.REMOVED, FindingKind.POA})
AUDITED = (Pass.FIRST, Pass.ADJUDICATED)  # what holds is of these
_NEXT: Mapping[FindingState, Collection[AuditTurn]] = {
    FindingState.OPEN: (AuditTurn.ACKNOWLEDGED, AuditTurn.REBUTTED, AuditTurn.WITHDRAWN),
    FindingState.REBUTTED: (AuditTurn.ACKNOWLEDGED, AuditTurn.WITHDRAWN, AuditTurn.ESCALATED),
    FindingState.ESCALATED: (AuditTurn.UPHELD, AuditTurn.OVERTURNED),
}


_WHO = {
    AuditTurn.ACKNOWLEDGED: "who coded the chart",
    AuditTurn.REBUTTED: "who coded the chart",
    AuditTurn.WITHDRAWN: "its auditor",
    AuditTurn.ESCALATED: "its auditor or who coded the chart",
    AuditTurn.UPHELD: "a third person",
    AuditTurn.OVERTURNED: "a third person",
}


def draw(
    session: Session,
    charts: Iterable[Drawn],
    *,
    sample: str,
    method: str,
    seed: int,
    population: int,
    drawn_by: str,
    at: datetime,
) -> tuple[ChartAudit, ...]:
    """Keep a draw; each chart is judged as its coding stands now."""
    rows = [
        AuditRow(
            note_id=chart.note_id,
            sample=sample,
            method=method,
            stratum=chart.stratum,
            seed=seed,
            population=population,
            decisions_up_to=_last(session, DecisionRow, chart.note_id),
            details_up_to=_last(session, DetailRow, chart.note_id),
            drawn_by=drawn_by,
            at=at,
        )
        for chart in charts
    ]
    session.add_all(rows)
    session.flush()
    return tuple(map(_audit, rows))


def get(session: Session, audit_id: int) -> ChartAudit:
    """The audit with this id; BadInput if there is none."""
    row = session.get(AuditRow, audit_id)
    if row is None:
        raise BadInput(f"there is no audit {audit_id}; go back to the list")
    return _audit(row)


def every(session: Session, note_id: int | None = None) -> tuple[ChartAudit, ...]:
    """All audits, or those of one note, oldest first."""
    rows = select(AuditRow).order_by(AuditRow.id)
    if note_id is not None:
        rows = rows.where(AuditRow.note_id == note_id)
    return tuple(map(_audit, session.scalars(rows)))


def before(session: Session, audit: ChartAudit) -> Coded:
    """The chart as it was coded when it was drawn."""
    made = decisions.of_note(session, audit.note_id, coding_pass=None)
    said = details.of_note(session, audit.note_id, coding_pass=None)
    return coded(
        [row for row in made if row.sequence <= audit.decisions_up_to],
        [row for row in said if row.sequence <= audit.details_up_to],
    )


def findings(session: Session, audit_id: int) -> tuple[Finding, ...]:
    """What was found, in the order of finding it."""
    rows = select(FindingRow).where(FindingRow.audit_id == audit_id).order_by(FindingRow.id)
    return tuple(map(_finding, session.scalars(rows)))


def events(session: Session, audit_id: int) -> tuple[AuditEvent, ...]:
    """All turns of an audit and its findings, oldest first."""
    rows = select(AuditTurnRow).where(AuditTurnRow.audit_id == audit_id).order_by(AuditTurnRow.id)
    return tuple(map(_event, session.scalars(rows)))


def states(found: Iterable[Finding], turns: Iterable[AuditEvent]) -> dict[int, FindingState]:
    """How each finding stands: a fold over the turns, oldest first."""
    state = {finding.id: FindingState.OPEN for finding in found}
    for event in turns:
        if event.finding_id is not None:
            state[event.finding_id] = FindingState(event.turn.value)
    return state


def is_finished(turns: Iterable[AuditEvent]) -> bool:
    """Whether the auditor has said that nothing more will be found."""
    return any(event.turn is AuditTurn.FINISHED for event in turns)


def add_finding(session: Session, draft: FindingDraft, *, at: datetime) -> Finding:
    """Record a finding; a token that was written before returns that one.

    BadInput if it does not fit the chart as drawn or another finding, if the audit is finished, or
    if the auditor coded the chart; Conflict if another auditor is at it.
    """
    known = session.scalar(select(FindingRow).where(FindingRow.token == draft.token))
    if known is not None:
        return _finding(known)
    audit = _locked(session, draft.audit_id)
    _check_auditor(session, audit, draft.auditor)
    turns, past = events(session, audit.id), findings(session, audit.id)
    if is_finished(turns):
        raise BadInput("this audit is finished; draw the chart again to find more")
    state = states(past, turns)
    kept = [finding for finding in past if state[finding.id] not in GONE]
    _check_fits(draft, before(session, audit), kept)
    row = _finding_row(draft, at=at)
    session.add(row)
    session.flush()
    return _finding(row)


def finish(session: Session, audit_id: int, *, auditor: str, at: datetime) -> None:
    """Say that nothing more will be found; the coder can answer from then on."""
    audit = _locked(session, audit_id)
    _check_auditor(session, audit, auditor)
    if is_finished(events(session, audit_id)):
        return
    session.add(_turn_row(audit_id, None, AuditTurn.FINISHED, by=auditor, comment="", at=at))
    session.flush()


def answer(
    session: Session, finding_id: int, turn: AuditTurn, *, by: str, at: datetime, comment: str = ""
) -> AuditEvent:
    """Take a turn on a finding; BadInput if it is not the next one, or not theirs to take."""
    row = session.get(FindingRow, finding_id)
    if row is None:
        raise BadInput(f"there is no finding {finding_id}; reload the audit")
    finding, audit = _finding(row), _locked(session, row.audit_id)
    turns = events(session, audit.id)
    state = states([finding], turns)[finding.id]
    if turn not in turns_of(state, finished=True):
        raise BadInput(f"a finding that is {state} cannot be {turn}; reload the audit")
    if turn not in turns_of(state, finished=is_finished(turns)):
        raise BadInput("the audit is not finished; its findings can be answered then")
    answering = coders(session, audit, AUDITED)
    if not is_theirs(turn, by=by, auditor=finding.auditor, coders=answering):
        raise BadInput(f"a finding can only be {turn} by {_WHO[turn]}; {by} is not")
    if turn is AuditTurn.REBUTTED and not comment.strip():
        raise BadInput("a rebuttal needs its reason; write it down")
    made = _turn_row(audit.id, finding_id, turn, by=by, comment=comment, at=at)
    session.add(made)
    session.flush()
    return _event(made)


def turns_of(state: FindingState, *, finished: bool) -> tuple[AuditTurn, ...]:
    """What can be done next on a finding; before its audit is finished it is only withdrawn."""
    return tuple(turn for turn in _NEXT.get(state, ()) if finished or turn is AuditTurn.WITHDRAWN)


def is_theirs(turn: AuditTurn, *, by: str, auditor: str, coders: Collection[str]) -> bool:
    """Whether this turn on a finding of `auditor`, on a chart of `coders`, is theirs to take."""
    match turn:
        case AuditTurn.ACKNOWLEDGED | AuditTurn.REBUTTED:
            return by in coders
        case AuditTurn.WITHDRAWN:
            return by == auditor
        case AuditTurn.ESCALATED:
            return by == auditor or by in coders
        case _:
            return by != auditor and by not in coders


def _check_auditor(session: Session, audit: ChartAudit, auditor: str) -> None:
    if not auditor.strip():
        raise BadInput("an audit needs the name of its auditor; enter yours")
    if auditor in coders(session, audit):
        raise BadInput(f"{auditor} coded this chart; its audit must be somebody else's")
    others = {finding.auditor for finding in findings(session, audit.id)} - {auditor}
    if others:
        raise Conflict(f"{min(others)} audits this chart; choose another")


def _check_fits(draft: FindingDraft, chart: Coded, past: Iterable[Finding]) -> None:
    codes = {each.code: each for each in chart.codes}
    kept = list(past)
    if draft.kind in _OF_A_CODE and draft.code not in codes:
        raise BadInput(f"{draft.code} is not among the codes of this chart as drawn")
    if draft.kind in _OF_A_CODE and any(
        each.kind in _OF_A_CODE and each.code == draft.code for each in kept
    ):
        raise BadInput(f"there is a finding on {draft.code} already; withdraw it first")
    given = {each.code for each in kept if each.kind is FindingKind.ADDED}
    given |= {each.corrected for each in kept if each.corrected is not None}
    match draft.kind:
        case FindingKind.ADDED if draft.code in codes or draft.code in given:
            raise BadInput(f"{draft.code} is among the codes of this chart already")
        case FindingKind.EDITED if draft.corrected in (None, *codes, *given):
            raise BadInput(f"an edited code needs the one it should be, in place of {draft.code}")
        case FindingKind.POA if draft.poa not in POA or draft.poa == codes[draft.code].poa:
            raise BadInput(f"a POA finding needs the indicator that {draft.code} should have")
        case FindingKind.PRINCIPAL:
            if draft.code not in codes and draft.code not in given:
                raise BadInput(f"{draft.code} is not among the codes of this chart; add it first")
            if draft.code == chart.principal:
                raise BadInput(f"{draft.code} is the principal diagnosis already")
            if any(each.kind is FindingKind.PRINCIPAL for each in kept):
                raise BadInput("the principal diagnosis was changed already; withdraw that first")


def of_coder(session: Session, coder: str) -> tuple[ChartAudit, ...]:
    """The audits of charts that this coder decided anything on, oldest first."""
    theirs = select(DecisionRow.note_id).where(DecisionRow.coder == coder)
    rows = select(AuditRow).where(AuditRow.note_id.in_(theirs)).order_by(AuditRow.id)
    return tuple(map(_audit, session.scalars(rows)))


def coders(
    session: Session, audit: ChartAudit, passes: Iterable[Pass] = tuple(Pass)
) -> frozenset[str]:
    """Everybody who decided anything in these codings of the chart, as drawn."""
    found = select(DecisionRow.coder).where(
        DecisionRow.note_id == audit.note_id,
        DecisionRow.sequence <= audit.decisions_up_to,
        DecisionRow.coding_pass.in_([each.value for each in passes]),
    )
    return frozenset(session.scalars(found.distinct()))


def _locked(session: Session, audit_id: int) -> ChartAudit:
    audit = get(session, audit_id)
    session.scalar(select(NoteRow.id).where(NoteRow.id == audit.note_id).with_for_update())
    tombstones.refuse(session, audit.note_id)
    return audit


def _last(session: Session, table: type[DecisionRow | DetailRow], note_id: int) -> int:
    last = select(func.max(table.sequence)).where(table.note_id == note_id)
    return session.scalar(last) or 0


def _finding_row(draft: FindingDraft, *, at: datetime) -> FindingRow:
    corrected = draft.corrected
    return FindingRow(
        audit_id=draft.audit_id,
        kind=draft.kind.value,
        system=draft.code.system.value,
        code=draft.code.code,
        corrected_system=corrected and corrected.system.value,
        corrected=corrected and corrected.code,
        poa=draft.poa,
        comment=draft.comment,
        auditor=draft.auditor,
        at=at,
        token=draft.token,
    )


def _turn_row(
    audit_id: int, finding_id: int | None, turn: AuditTurn, *, by: str, comment: str, at: datetime
) -> AuditTurnRow:
    return AuditTurnRow(
        audit_id=audit_id, finding_id=finding_id, turn=turn.value, by=by, comment=comment, at=at
    )


def _audit(row: AuditRow) -> ChartAudit:
    return ChartAudit(
        id=row.id,
        note_id=row.note_id,
        sample=row.sample,
        method=row.method,
        stratum=row.stratum,
        seed=row.seed,
        population=row.population,
        decisions_up_to=row.decisions_up_to,
        details_up_to=row.details_up_to,
        drawn_by=row.drawn_by,
        at=row.at,
    )


def _finding(row: FindingRow) -> Finding:
    corrected = None
    if row.corrected_system is not None and row.corrected is not None:
        corrected = Code(CodeSystem(row.corrected_system), row.corrected)
    return Finding(
        id=row.id,
        audit_id=row.audit_id,
        kind=FindingKind(row.kind),
        code=Code(CodeSystem(row.system), row.code),
        corrected=corrected,
        poa=row.poa,
        comment=row.comment,
        auditor=row.auditor,
        token=row.token,
        at=row.at,
    )


def _event(row: AuditTurnRow) -> AuditEvent:
    return AuditEvent(
        id=row.id,
        audit_id=row.audit_id,
        finding_id=row.finding_id,
        turn=AuditTurn(row.turn),
        by=row.by,
        comment=row.comment,
        at=row.at,
    )
