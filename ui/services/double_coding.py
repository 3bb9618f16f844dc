"""Blind double coding: ask for a second coder, see how two agree, settle what they differ in."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from core.errors import BadInput
from core.metrics import coders
from core.metrics.coders import CoderAgreement, Coding
from core.types import Code
from db import charts, decisions, details, inbox, notes, unit_of_work, worklist
from db.coded import coded, codes_of
from db.records import Action, Decision, Draft, Pass, Status, Turn
from db.workflow_records import Work
from ui.services import coded_twice
from ui.services.coded_twice import Compared, Difference, TwiceCoded, differences

__all__ = [
    "Agreements",
    "CoderAgreement",
    "Compared",
    "Decision",
    "Difference",
    "DoubleCoding",
    "Status",
    "TwiceCoded",
]

Pair = tuple[str, str]  # names: who coded first, who second


@dataclass(frozen=True, kw_only=True)
class Agreements:
    """How first and second coders agree on the charts that both finished."""

    charts: int
    overall: CoderAgreement
    by_code: Mapping[Code, CoderAgreement]
    by_chart: Mapping[str, CoderAgreement]  # by the note's name
    by_pair: Mapping[Pair, CoderAgreement]  # of two coders, whoever of them coded first
    same_principal: int  # charts on which both chose the same principal diagnosis
    both_chose_principal: int


@dataclass(frozen=True, kw_only=True)
class DoubleCoding:
    """What leads and adjudicators do with second codings. Each call is one unit of work."""

    engine: Engine
    now: Callable[[], datetime]
    changed: Callable[[int], None] | None = None  # told of each note whose codes changed

    def request(self, note_ids: Iterable[int], *, by: str, coder: str | None = None) -> None:
        """Put second codings of these notes on the worklist, for one coder or anyone."""
        with unit_of_work(self.engine) as session:
            for note_id in note_ids:
                work = Work(note_id=note_id, coding_pass=Pass.SECOND)
                worklist.assign(session, work, coder, by=by, at=self.now())

    def agreement(self, *, coder: str | None = None) -> Agreements:
        """Over all charts that were coded twice, or those that `coder` was one of the two of.

        BadInput if there are none.
        """
        with unit_of_work(self.engine, write=False) as session:
            ids = inbox.finished(session, Pass.FIRST) & inbox.finished(session, Pass.SECOND)
            made = decisions.of_notes(session, ids)
            by = {note_id: coded_twice.coders(session, note_id, made[note_id]) for note_id in made}
            if coder is not None:  # who gave nothing has coded it too
                made = {
                    note_id: rows
                    for note_id, rows in made.items()
                    if coder in by[note_id] or _among(rows, coder)
                }
            names = notes.names(session, made)
            chosen = [_principals(session, note_id, rows) for note_id, rows in made.items()]
            pairs = {names[note_id]: by[note_id] for note_id in made}
        if not made:
            raise BadInput("no chart was finished by two coders yet; ask for second codings")
        one, other = (
            {names[note_id]: codes_of(rows, coding_pass=each) for note_id, rows in made.items()}
            for each in (Pass.FIRST, Pass.SECOND)
        )
        both = [pair for pair in chosen if None not in pair]
        return Agreements(
            charts=len(made),
            overall=coders.agreement(one, other),
            by_code=coders.by_code(one, other),
            by_chart=coders.by_chart(one, other),
            by_pair=_by_pair(one, other, pairs),
            same_principal=sum(first == second for first, second in both),
            both_chose_principal=len(both),
        )

    def charts(self) -> tuple[TwiceCoded, ...]:
        """Every chart of which a second coding has begun, and how far it is."""
        with unit_of_work(self.engine, write=False) as session:
            return coded_twice.listing(session)

    def open(self, note_id: int) -> Compared:
        """Two codings side by side; BadInput unless both have finished: it would unblind."""
        with unit_of_work(self.engine, write=False) as session:
            return coded_twice.compared(session, note_id)

    def differences(self, note_id: int) -> tuple[Difference, ...]:
        """What the two coders differ in; BadInput unless both have finished: it would unblind."""
        with unit_of_work(self.engine, write=False) as session:
            return differences(session, note_id)

    def settle(
        self,
        note_id: int,
        code: Code,
        *,
        keep: bool,
        coder: str,
        token: str,
        reason: str | None = None,
        seen: int = 0,
    ) -> Decision:
        """Decide one difference. Who adjudicates was neither of the two; `seen` as in `append`."""
        with unit_of_work(self.engine) as session:
            if charts.status(session, note_id, coding_pass=Pass.ADJUDICATED) is Status.DONE:
                raise BadInput("this adjudication is finished; reopen it to change it")
            found = {each.code: each for each in differences(session, note_id)}.get(code)
            if found is None:
                raise BadInput(f"the two coders do not differ in {code}; reload the chart")
            draft = _settling(note_id, found, keep=keep, coder=coder, token=token, reason=reason)
            made = decisions.append(session, draft, seen=seen, at=self.now())
        self._tell(note_id)
        return made

    def undo(self, note_id: int, *, coder: str, token: str, seen: int) -> Decision | None:
        """Take back the adjudicator's latest decision; None if there is none."""
        with unit_of_work(self.engine) as session:
            undone = decisions.undo(
                session,
                note_id,
                coder=coder,
                token=token,
                seen=seen,
                at=self.now(),
                coding_pass=Pass.ADJUDICATED,
            )
        self._tell(note_id)
        return undone

    def finish(self, note_id: int, *, coder: str) -> None:
        """End the adjudication; BadInput, naming them, while differences are open."""
        with unit_of_work(self.engine) as session:
            found = differences(session, note_id)
            left = [str(each.code) for each in found if each.settled is None]
            if left:
                raise BadInput(f"settle these codes first: {', '.join(left)}")
            self._turn(session, note_id, Turn.FINISHED, coder)

    def reopen(self, note_id: int, *, coder: str) -> None:
        """Open a finished adjudication again."""
        with unit_of_work(self.engine) as session:
            self._turn(session, note_id, Turn.REOPENED, coder)

    def _turn(self, session: Session, note_id: int, turn: Turn, coder: str) -> None:
        charts.record(
            session, note_id, turn, coder=coder, at=self.now(), coding_pass=Pass.ADJUDICATED
        )

    def _tell(self, note_id: int) -> None:
        if self.changed is not None:
            self.changed(note_id)


def _settling(
    note_id: int, found: Difference, *, keep: bool, coder: str, token: str, reason: str | None
) -> Draft:
    """A decision on what one of the two gave, with the screen and evidence they gave it on."""
    given = found.given
    return Draft(
        note_id=note_id,
        code=found.code,
        title=found.title,
        action=given.action if keep else Action.REJECT,
        coder=coder,
        token=token,
        reason=None if keep else reason,
        screen_id=given.screen_id,
        suggestion_id=given.suggestion_id,
        evidence=given.evidence if keep else (),
        coding_pass=Pass.ADJUDICATED,
    )


def _among(made: Iterable[Decision], coder: str) -> bool:
    return any(row.coder == coder and row.coding_pass is not Pass.ADJUDICATED for row in made)


def _by_pair(one: Coding, other: Coding, pairs: Mapping[str, Pair]) -> dict[Pair, CoderAgreement]:
    of_pair: dict[Pair, dict[str, frozenset[Code]]] = defaultdict(dict)
    for chart, (first, second) in pairs.items():
        of_pair[min(first, second), max(first, second)][chart] = one[chart]
    return {pair: coders.agreement(given, other) for pair, given in sorted(of_pair.items())}


def _principals(
    session: Session, note_id: int, made: tuple[Decision, ...]
) -> tuple[Code | None, Code | None]:
    said = details.of_note(session, note_id, coding_pass=None)
    return (
        coded(made, said, coding_pass=Pass.FIRST).principal,
        coded(made, said, coding_pass=Pass.SECOND).principal,
    )
