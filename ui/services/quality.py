"""Audits of coded charts: draw a sample, record findings, answer them, count what is left."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from core.codes.chapters import chapter
from core.metrics import coders
from core.metrics.audit import Worksheet, together
from db import audits, decisions, details, inbox, screens, unit_of_work
from db.audit_records import (
    AuditEvent,
    AuditTurn,
    ChartAudit,
    Finding,
    FindingDraft,
    FindingKind,
    FindingState,
)
from db.coded import coded, codes_of
from db.records import Action, Decision, Pass, Status
from db.standing import final
from ui.services.audited import Audited, Sheet, audited, responsible, sheet_of
from ui.services.sampling import Candidate, Method, draw

__all__ = [
    "AuditEvent",
    "AuditTurn",
    "Audited",
    "Candidate",
    "Finding",
    "FindingDraft",
    "FindingKind",
    "FindingState",
    "Method",
    "Quality",
    "Scorecard",
    "Sheet",
]


@dataclass(frozen=True, kw_only=True)
class Scorecard:
    """A coder's finished audits put together, code over code."""

    coder: str
    diagnoses: Worksheet
    procedures: Worksheet


@dataclass(frozen=True, kw_only=True)
class Quality:
    """What leads, auditors and audited coders do. Each call is one unit of work."""

    engine: Engine
    now: Callable[[], datetime]

    def candidates(self, *, unfinished: bool = False) -> tuple[Candidate, ...]:
        """Charts that could be audited: those that are done, or all that have a code."""
        with unit_of_work(self.engine, write=False) as session:
            rows = [row for row in inbox.rows(session) if unfinished or row.status is Status.DONE]
            made = decisions.of_notes(session, [row.note_id for row in rows])
            twice = inbox.finished(session, Pass.SECOND)
            shown = screens.confidences(session, _suggestions(made.values()))
            return tuple(
                _candidate(session, row.note_id, row.status, made[row.note_id], shown, twice)
                for row in rows
                if codes_of(made[row.note_id])
            )

    def draw(
        self, method: Method, *, size: int, seed: int, by: str, unfinished: bool = False
    ) -> tuple[ChartAudit, ...]:
        """Draw a sample and keep it: the same seed on the same charts draws it again."""
        found = self.candidates(unfinished=unfinished)
        drawn, at = draw(found, method, size=size, seed=seed), self.now()
        with unit_of_work(self.engine) as session:
            return audits.draw(
                session,
                drawn,
                sample=f"{at.isoformat()} {by}",
                method=method.value,
                seed=seed,
                population=len(found),
                drawn_by=by,
                at=at,
            )

    def every(self) -> tuple[Audited, ...]:
        """All audits, oldest first."""
        with unit_of_work(self.engine, write=False) as session:
            return tuple(audited(session, audit) for audit in audits.every(session))

    def open(self, audit_id: int) -> Audited:
        """One audit as it stands; BadInput if there is none."""
        with unit_of_work(self.engine, write=False) as session:
            return audited(session, audits.get(session, audit_id))

    def sheet(self, audit_id: int) -> Sheet:
        """One audit with the words its codes rest on; BadInput if there is none."""
        with unit_of_work(self.engine, write=False) as session:
            return sheet_of(session, audited(session, audits.get(session, audit_id)))

    def mine(self, *, coder: str) -> tuple[Sheet, ...]:
        """The finished audits that this coder answers for, oldest first."""
        with unit_of_work(self.engine, write=False) as session:
            found = [audited(session, audit) for audit in audits.of_coder(session, coder)]
            own = [each for each in found if each.finished and coder in each.answering]
            return tuple(sheet_of(session, each) for each in own)

    def to_answer(self, *, coder: str) -> int:
        """How many findings wait for this coder's answer."""
        with unit_of_work(self.engine, write=False) as session:
            found = [audited(session, audit) for audit in audits.of_coder(session, coder)]
        return sum(len(each.open) for each in found if coder in each.answering)

    def find(self, draft: FindingDraft) -> Finding:
        """Record a finding of the auditor; see `db.audits.add_finding`."""
        with unit_of_work(self.engine) as session:
            return audits.add_finding(session, draft, at=self.now())

    def finish(self, audit_id: int, *, auditor: str) -> None:
        """Nothing more will be found: hand the findings to the coder."""
        with unit_of_work(self.engine) as session:
            audits.finish(session, audit_id, auditor=auditor, at=self.now())

    def answer(self, finding_id: int, turn: AuditTurn, *, by: str, comment: str = "") -> AuditEvent:
        """Acknowledge, rebut, withdraw, escalate, uphold or overturn a finding."""
        with unit_of_work(self.engine) as session:
            return audits.answer(session, finding_id, turn, by=by, at=self.now(), comment=comment)

    def scorecards(self) -> tuple[Scorecard, ...]:
        """Every audited coder's finished audits, by name."""
        of_coder: dict[str, list[Audited]] = defaultdict(list)
        for each in self.every():
            if each.finished:
                of_coder[each.coder].append(each)
        return tuple(
            Scorecard(
                coder=coder,
                diagnoses=together(each.diagnoses for each in found),
                procedures=together(each.procedures for each in found),
            )
            for coder, found in sorted(of_coder.items())
        )


def _candidate(
    session: Session,
    note_id: int,
    status: Status,
    made: tuple[Decision, ...],
    shown: Mapping[int, tuple[float, float | None]],
    twice: Collection[int],
) -> Candidate:
    chart = coded(made, details.of_note(session, note_id, coding_pass=None))
    listed = [shown[each] for each in _suggestions([made])]
    gaps = [abs(own - category) for own, category in listed if category is not None]
    return Candidate(
        note_id=note_id,
        coder=responsible(session, note_id, made),
        status=status,
        chapter=chapter(chart.principal or chart.codes[0].code),
        confidence=min((own for own, _ in listed), default=None),
        coders_differ=_difference(made) if note_id in twice else None,
        branches_differ=max(gaps, default=None),
    )


def _difference(made: tuple[Decision, ...]) -> float:
    one, other = ({"": codes_of(made, coding_pass=each)} for each in (Pass.FIRST, Pass.SECOND))
    agreed = coders.agreement(one, other).positive
    return 0.0 if agreed is None else 1 - agreed


def _accepted(made: Iterable[Decision]) -> list[Decision]:
    return [row for row in final(made).values() if row.action is Action.ACCEPT]


def _suggestions(every: Iterable[tuple[Decision, ...]]) -> list[int]:
    rows = [row for made in every for row in _accepted(made)]
    return [row.suggestion_id for row in rows if row.suggestion_id is not None]
