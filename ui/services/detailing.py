"""What a coder says of codes beyond the codes: their order, the principal, POA, comments."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from core.errors import BadInput
from core.types import Code
from db import charts, decisions, details, unit_of_work, worklist
from db.coded import coded
from db.records import Decision, Pass, Status
from db.standing import latest
from db.workflow_records import POA, Coded, CodedCode, Detail, DetailDraft, Field, Work
from ui.services.retracing import done_last, taken_back_last

__all__ = ["POA", "Coded", "CodedCode", "Detail", "Detailed", "Detailing", "Field"]


@dataclass(frozen=True, kw_only=True)
class Detailed:
    """A chart as coded, with who said what of it, and what an undo and a redo concern."""

    coded: Coded
    comments: tuple[Detail, ...]  # those that stand and say something, oldest first
    sequence: int  # of the last detail: what somebody who looks now has seen
    undo: Decision | Detail | None
    redo: Decision | Detail | None


@dataclass(frozen=True, kw_only=True)
class Detailing:
    """Order, POA and comments of one coding of each note. Each call is one unit of work.

    `seen` is the last detail on the coder's screen (`sequence`), `token` a fresh UUID for each
    intent, as for decisions. Conflict if somebody changed the same thing since.
    """

    engine: Engine
    now: Callable[[], datetime]
    coding_pass: Pass = Pass.FIRST
    claims: bool = False  # True: as for `Coding`, the chart is taken, or refused

    def coded(self, note_id: int) -> Coded:
        """The codes of the chart in order, with all that is said of them."""
        with unit_of_work(self.engine, write=False) as session:
            made = decisions.of_note(session, note_id, coding_pass=None)
            said = details.of_note(session, note_id, coding_pass=None)
        return coded(made, said, coding_pass=self.coding_pass)

    def detailed(self, note_id: int, *, coder: str) -> Detailed:
        """All that a page shows of the chart as coded to this coder, read at one moment."""
        with unit_of_work(self.engine, write=False) as session:
            made = decisions.of_note(session, note_id, coding_pass=None)
            said = details.of_note(session, note_id, coding_pass=None)
        own_made = [row for row in made if row.coding_pass is self.coding_pass]
        own_said = [row for row in said if row.coding_pass is self.coding_pass]
        comments = (
            row
            for row in latest(own_said, lambda row: row.subject).values()
            if row.field is Field.COMMENT and row.value
        )
        return Detailed(
            coded=coded(made, said, coding_pass=self.coding_pass),
            comments=tuple(sorted(comments, key=lambda row: row.sequence)),
            sequence=own_said[-1].sequence if own_said else 0,
            undo=done_last(own_made, own_said, coder=coder),
            redo=taken_back_last(own_made, own_said, coder=coder),
        )

    def sequence(self, note_id: int) -> int:
        """Of the last detail: what somebody who looks now has seen."""
        with unit_of_work(self.engine, write=False) as session:
            said = details.of_note(session, note_id, coding_pass=self.coding_pass)
        return said[-1].sequence if said else 0

    def order(
        self, note_id: int, codes: Sequence[Code], *, coder: str, token: str, seen: int
    ) -> Detail:
        """Put the codes into this order; its first diagnosis is the principal one."""
        value = details.order(codes)
        return self._set(note_id, Field.ORDER, None, value, coder=coder, token=token, seen=seen)

    def poa(
        self, note_id: int, code: Code, indicator: str, *, coder: str, token: str, seen: int
    ) -> Detail:
        """Say whether a diagnosis was present on admission: one of `POA`, or blank."""
        return self._set(note_id, Field.POA, code, indicator, coder=coder, token=token, seen=seen)

    def comment(
        self, note_id: int, code: Code | None, text: str, *, coder: str, token: str, seen: int
    ) -> Detail:
        """Comment on a code, or (None) on the chart, in place of what this coder said before."""
        return self._set(note_id, Field.COMMENT, code, text, coder=coder, token=token, seen=seen)

    def undoes_detail(self, note_id: int, *, coder: str) -> bool:
        """Whether the last thing this coder did that stands is a detail, not a decision."""
        with unit_of_work(self.engine, write=False) as session:
            made = decisions.of_note(session, note_id, coding_pass=self.coding_pass)
            said = details.of_note(session, note_id, coding_pass=self.coding_pass)
        return isinstance(done_last(made, said, coder=coder), Detail)

    def undo(self, note_id: int, *, coder: str, token: str, seen: int) -> Detail | None:
        """Take back this coder's last detail; None if there is none."""
        return self._step(details.undo, note_id, coder=coder, token=token, seen=seen)

    def redo(self, note_id: int, *, coder: str, token: str, seen: int) -> Detail | None:
        """Say again what this coder last took back; None if nothing is left."""
        return self._step(details.redo, note_id, coder=coder, token=token, seen=seen)

    def _set(
        self,
        note_id: int,
        field: Field,
        code: Code | None,
        value: str,
        *,
        coder: str,
        token: str,
        seen: int,
    ) -> Detail:
        draft = DetailDraft(
            note_id=note_id,
            field=field,
            code=code,
            value=value,
            coder=coder,
            token=token,
            coding_pass=self.coding_pass,
        )
        with unit_of_work(self.engine) as session:
            self._take(session, note_id, coder)
            self._refuse_done(session, note_id)
            return details.append(session, draft, seen=seen, at=self.now())

    def _take(self, session: Session, note_id: int, coder: str) -> None:
        work = Work(note_id=note_id, coding_pass=self.coding_pass)
        if self.claims:
            worklist.claim(session, work, coder=coder, at=self.now())

    def _refuse_done(self, session: Session, note_id: int) -> None:
        if charts.status(session, note_id, coding_pass=self.coding_pass) is Status.DONE:
            raise BadInput("this chart is finished; reopen it to change its codes")

    def _step(
        self,
        step: Callable[..., Detail | None],  # details.undo or details.redo
        note_id: int,
        *,
        coder: str,
        token: str,
        seen: int,
    ) -> Detail | None:
        with unit_of_work(self.engine) as session:
            self._take(session, note_id, coder)
            self._refuse_done(session, note_id)
            return step(
                session,
                note_id,
                coder=coder,
                token=token,
                seen=seen,
                at=self.now(),
                coding_pass=self.coding_pass,
            )
