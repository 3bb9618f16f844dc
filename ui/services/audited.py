"""An audit as it stands: the chart as drawn, findings and their answers, and its arithmetic."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from core.metrics.audit import Worksheet, worksheet
from core.types import Code, CodeSystem
from db import audits, charts, decisions, notes
from db.audit_records import (
    GONE,
    AuditEvent,
    AuditTurn,
    ChartAudit,
    Finding,
    FindingKind,
    FindingState,
)
from db.coded import DIAGNOSES
from db.records import Decision, Pass, StoredNote, Turn
from db.workflow_records import POA, Coded, CodedCode
from ui.services.grounds import Ground, ground

__all__ = ["POA", "Audited", "CodedCode", "Sheet", "audited", "responsible", "sheet_of"]

PROCEDURES = frozenset({CodeSystem.ICD10PCS, CodeSystem.ICD9PROC})


@dataclass(frozen=True, kw_only=True)
class Audited:
    """An audit as it stands now."""

    audit: ChartAudit
    note: StoredNote
    before: Coded  # the chart as drawn
    coder: str  # who finished its first coding, or coded last
    answering: frozenset[str]  # who may answer: they gave what holds
    coded_by: frozenset[str]  # in any coding; none of them can audit it
    findings: tuple[Finding, ...]
    states: Mapping[int, FindingState]  # by the finding's id
    events: tuple[AuditEvent, ...]
    finished: bool

    @property
    def diagnoses(self) -> Worksheet:
        """The arithmetic of its diagnoses; withdrawn and overturned findings do not count."""
        return self._worksheet(DIAGNOSES)

    @property
    def procedures(self) -> Worksheet:
        """The same of its procedures."""
        return self._worksheet(PROCEDURES)

    @property
    def auditor(self) -> str:
        """Whose audit it is: the first who found something or ended it; empty: nobody's yet."""
        names = [each.auditor for each in self.findings]
        names += [each.by for each in self.events if each.turn is AuditTurn.FINISHED]
        return names[0] if names else ""

    def turns(self, finding: Finding, *, by: str) -> tuple[AuditTurn, ...]:
        """What this person could do next on a finding, as `db.audits.answer` takes it."""
        state, ended = self.states[finding.id], self.finished
        return tuple(
            turn
            for turn in audits.turns_of(state, finished=ended)
            if audits.is_theirs(turn, by=by, auditor=finding.auditor, coders=self.answering)
        )

    @property
    def open(self) -> tuple[Finding, ...]:
        """Findings that the coder has still to answer; none before the audit is finished."""
        found = [each for each in self.findings if self.states[each.id] is FindingState.OPEN]
        return tuple(found) if self.finished else ()

    @property
    def kept(self) -> tuple[Finding, ...]:
        """Findings that count."""
        return tuple(each for each in self.findings if self.states[each.id] not in GONE)

    @property
    def subjects(self) -> tuple[Code, ...]:
        """What a finding can be about: the codes as drawn, then those that were found missing."""
        added = [each.code for each in self.kept if each.kind is FindingKind.ADDED]
        corrected = [each.corrected for each in self.kept if each.corrected is not None]
        return (*(each.code for each in self.before.codes), *added, *corrected)

    @property
    def unsettled(self) -> tuple[Finding, ...]:
        """Findings that somebody has still to answer or to decide on."""
        waiting = (FindingState.OPEN, FindingState.REBUTTED, FindingState.ESCALATED)
        return tuple(each for each in self.findings if self.states[each.id] in waiting)

    def _worksheet(self, systems: Collection[CodeSystem]) -> Worksheet:
        kinds = [each.kind for each in self.kept if each.code.system in systems]
        return worksheet(
            codes_before=sum(each.code.system in systems for each in self.before.codes),
            added=kinds.count(FindingKind.ADDED),
            edited=kinds.count(FindingKind.EDITED),
            removed=kinds.count(FindingKind.REMOVED),
            poa_changed=kinds.count(FindingKind.POA),
            principal_changed=FindingKind.PRINCIPAL in kinds,
        )


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """An audit as it stands now, and the words each of its codes rests on."""

    audited: Audited
    grounds: Mapping[int, Ground]  # by decision


def sheet_of(session: Session, found: Audited) -> Sheet:
    """The same with the words its codes rest on."""
    made = [each.decision for each in found.before.codes]
    return Sheet(audited=found, grounds={row.id: ground(session, row) for row in made})


def audited(session: Session, audit: ChartAudit) -> Audited:
    """An audit with all that was found and answered."""
    found, turns = audits.findings(session, audit.id), audits.events(session, audit.id)
    made = [
        row
        for row in decisions.of_note(session, audit.note_id)
        if row.sequence <= audit.decisions_up_to
    ]
    return Audited(
        audit=audit,
        note=notes.kept(session, audit.note_id),
        answering=audits.coders(session, audit, audits.AUDITED),
        coded_by=audits.coders(session, audit),
        before=audits.before(session, audit),
        coder=responsible(session, audit.note_id, made, until=audit.at),
        findings=found,
        states=audits.states(found, turns),
        events=turns,
        finished=audits.is_finished(turns),
    )


def responsible(
    session: Session, note_id: int, made: Iterable[Decision], *, until: datetime | None = None
) -> str:
    """Who answers for a chart: who finished its first coding last, else who decided last."""
    ends = [
        event.coder
        for event in charts.events(session, note_id)
        if event.turn is Turn.FINISHED and (until is None or event.at <= until)
    ]
    last = [row.coder for row in made if row.coding_pass is Pass.FIRST]
    return (ends or last or [""])[-1]
