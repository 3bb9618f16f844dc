"""Charts that two coders code: how far each is, and two finished codings side by side.

What one of the two gave is told only once both have finished: it would unblind the other.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from core.errors import BadInput
from core.types import Code
from db import charts, decisions, details, inbox, notes
from db.coded import coded
from db.records import Action, Decision, Pass, Status, StoredNote
from db.standing import standing
from ui.services.grounds import Ground, ground

BOTH = (Pass.FIRST, Pass.SECOND)
Made = tuple[Decision, ...]  # of one note, of all passes


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A code that one of the two coders gave and the other did not."""

    code: Code
    title: str
    first: Decision | None  # accepted or added; None: not given
    second: Decision | None
    refused: Decision | None  # the other's rejection of it; None: they said nothing of it
    settled: Decision | None  # the adjudicator's; None: still open

    @property
    def given(self) -> Decision:
        """The decision of the one who gave it."""
        found = self.first or self.second
        if found is None:
            raise BadInput(f"nobody gave {self.code}; reload the chart")
        return found


@dataclass(frozen=True, kw_only=True)
class TwiceCoded:
    """A chart that has a second coding, and how far it is."""

    note_id: int
    name: str
    coders: tuple[str, str]  # first and second; empty: nobody yet
    statuses: tuple[Status, Status]
    differences: int | None  # None: one coding is not finished, so nothing is told
    open: int | None  # differences that nobody settled
    adjudicated: bool


@dataclass(frozen=True, kw_only=True)
class Compared:
    """Two finished codings of a chart side by side."""

    note: StoredNote
    coders: tuple[str, str]
    parties: frozenset[str]  # everybody who decided in either coding: they cannot settle
    principals: tuple[Code | None, Code | None]
    agreed: Made  # the first coder's decisions on the codes that both gave
    differences: tuple[Difference, ...]
    grounds: Mapping[int, Ground]  # by decision
    finished: bool  # its adjudication is
    sequence: int  # of the last decision on the chart, as `seen` in `settle`

    @property
    def unsettled(self) -> tuple[Difference, ...]:
        return tuple(each for each in self.differences if each.settled is None)


def listing(session: Session) -> tuple[TwiceCoded, ...]:
    """Every chart of which a second coding has begun, in the order of upload."""
    begun = charts.begun(session, Pass.SECOND)
    done = {each: inbox.finished(session, each) for each in Pass}
    made = decisions.of_notes(session, begun)
    return tuple(
        _twice_coded(session, row.note_id, row.name, made[row.note_id], done)
        for row in inbox.rows(session)
        if row.note_id in begun
    )


def differences(session: Session, note_id: int) -> tuple[Difference, ...]:
    """What the two coders differ in; BadInput unless both have finished: it would unblind."""
    for each in BOTH:
        if charts.status(session, note_id, coding_pass=each) is not Status.DONE:
            raise BadInput(f"the {each} coding of this note is not finished; wait for it")
    return _differing(decisions.of_note(session, note_id, coding_pass=None))


def compared(session: Session, note_id: int) -> Compared:
    """The two codings side by side; BadInput unless both have finished."""
    found = differences(session, note_id)
    made = decisions.of_note(session, note_id, coding_pass=None)
    said = details.of_note(session, note_id, coding_pass=None)
    first, second = (coded(made, said, coding_pass=each) for each in BOTH)
    given = {each.code for each in second.codes}
    given_first = [each.decision for each in first.codes]
    given_second = [each.decision for each in second.codes]
    adjudication = charts.status(session, note_id, coding_pass=Pass.ADJUDICATED)
    return Compared(
        note=notes.kept(session, note_id),
        coders=coders(session, note_id, made),
        parties=frozenset(row.coder for row in made if row.coding_pass in BOTH),
        principals=(first.principal, second.principal),
        agreed=tuple(row for row in given_first if row.code in given),
        differences=found,
        grounds={row.id: ground(session, row) for row in [*given_first, *given_second]},
        finished=adjudication is Status.DONE,
        sequence=made[-1].sequence if made else 0,
    )


def _twice_coded(
    session: Session,
    note_id: int,
    name: str,
    made: Made,
    done: Mapping[Pass, Iterable[int]],
) -> TwiceCoded:
    first, second = (Status.DONE if note_id in done[e] else Status.IN_PROGRESS for e in BOTH)
    both = first is second is Status.DONE
    found = _differing(made) if both else ()
    return TwiceCoded(
        note_id=note_id,
        name=name,
        coders=coders(session, note_id, made),
        statuses=(first, second),
        differences=len(found) if both else None,
        open=sum(each.settled is None for each in found) if both else None,
        adjudicated=note_id in done[Pass.ADJUDICATED],
    )


def _differing(made: Made) -> tuple[Difference, ...]:
    first, second, settled = (
        standing(row for row in made if row.coding_pass is each)
        for each in (*BOTH, Pass.ADJUDICATED)
    )
    one, other = _given(first), _given(second)
    return tuple(
        Difference(
            code=code,
            title=(one.get(code) or other[code]).title,
            first=one.get(code),
            second=other.get(code),
            refused=(second if code in one else first).get(code),
            settled=settled.get(code),
        )
        for code in sorted(one.keys() ^ other.keys())
    )


def _given(stands: Mapping[Code, Decision]) -> dict[Code, Decision]:
    return {code: row for code, row in stands.items() if row.action is not Action.REJECT}


def coders(session: Session, note_id: int, made: Made) -> tuple[str, str]:
    """Who coded first and who second: who decided last, or, where nothing was given, turned up."""

    def of(coding_pass: Pass) -> str:
        found = [row.coder for row in made if row.coding_pass is coding_pass]
        if not found:
            turns = charts.events(session, note_id, coding_pass=coding_pass)
            found = [each.coder for each in turns]
        return found[-1] if found else ""

    return of(Pass.FIRST), of(Pass.SECOND)
