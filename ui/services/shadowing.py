"""Shadowing: which candidate scores silently beside the model in use, and how both have done."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from core.comparing import Case, Comparison, Place, Places, Ranked, Side, Tally
from core.types import Code, Note
from db import decisions, facts, inbox, models, shadow, unit_of_work
from db.records import Action, Decision, Pass
from db.shadow import Pair, ShadowList
from db.standing import final
from ui.services.candidates import Candidate, Candidates

KINDS = ("accepted", "added", "rejected")
_KIND = {Action.ACCEPT: "accepted", Action.ADD: "added", Action.REJECT: "rejected"}
Decided = Mapping[str, Sequence[Code]]  # kind -> the codes that came to stand so


@dataclass(frozen=True, kw_only=True)
class Report:
    """Both models against what came to stand on finished charts."""

    comparison: Comparison
    places: tuple[Place, ...]
    scored: int  # notes that both models listed
    on_trial: int  # of these: left out
    unfinished: int  # of these: not counted yet
    apart: int  # counted notes on which the two had not learned the same decisions


@dataclass(frozen=True, kw_only=True)
class Shadowing:
    """The shadow, and what is known of it."""

    engine: Engine
    models: Candidates
    now: Callable[[], datetime]

    def candidates(self) -> tuple[Candidate, ...]:
        """The models, the one in use first; one of them may be the shadow."""
        return self.models()

    def start(self, checkpoint: str, *, by: str) -> None:
        """Let a model score silently beside the one in use, from the next chart on.

        BadInput if it is not registered, or is the one in use.
        """
        with unit_of_work(self.engine) as session:
            models.shadow(session, checkpoint, by=by, at=self.now())

    def stop(self, *, by: str) -> None:
        """Let none do so any more. What was kept stays."""
        with unit_of_work(self.engine) as session:
            models.shadow(session, None, by=by, at=self.now())

    def state(self, *, in_use: str, candidate: str) -> str:
        """Another text whenever the report may be another."""
        with unit_of_work(self.engine, write=False) as session:
            return f"{facts.state(session)} {shadow.state(session)} {in_use} {candidate}"

    def report(self, *, in_use: str, candidate: str) -> Report:
        """How the two (hashes) listed what came to stand on finished charts.

        Of a code that nobody decided on nothing is known. Coders saw the list of the model in use
        and not the candidate's, which makes the first look better.
        """
        tally, places, counted = Tally(), Places(), Counter[str]()
        sides = {"in_use": Side(name="", checkpoint=in_use, codes=0)}
        sides["candidate"] = Side(name="", checkpoint=candidate, codes=0)
        with unit_of_work(self.engine, write=False) as session:
            scored, on_trial = shadow.counted(session, in_use=in_use, candidate=candidate)
            finished, planted = inbox.finished(session, Pass.FIRST), facts.planted(session)
            for pair in shadow.pairs(session, in_use=in_use, candidate=candidate):
                for which, said in (("in_use", pair.in_use), ("candidate", pair.candidate)):
                    sides[which] = _side(said)
                if pair.note_id not in finished:
                    counted["unfinished"] += 1
                    continue
                decided = _decided(session, pair.note_id, planted)
                counted["apart"] += pair.in_use.memory != pair.candidate.memory
                _add(tally, places, pair, decided)
        return Report(
            comparison=tally.comparison(sides["in_use"], sides["candidate"]),
            places=places.found(KINDS),
            scored=scored,
            on_trial=on_trial,
            unfinished=counted["unfinished"],
            apart=counted["apart"],
        )


def _add(tally: Tally, places: Places, pair: Pair, decided: Decided) -> None:
    a, b = _ranked(pair.in_use), _ranked(pair.candidate)
    right = frozenset((*decided["accepted"], *decided["added"]))
    case = Case(
        note=Note(id=str(pair.note_id), text=""), right=right, wrong=frozenset(decided["rejected"])
    )
    if right or case.wrong:
        tally.add(case, a, b)
    places.add(decided, a, b)


def _decided(session: Session, note_id: int, planted: Collection[int]) -> Decided:
    made = decisions.of_note(session, note_id, coding_pass=None)
    found: dict[str, list[Code]] = {kind: [] for kind in KINDS}
    for code, row in _genuine(final(made), planted):
        found[_KIND[row.action]].append(code)
    return found


def _genuine(
    stands: Mapping[Code, Decision], planted: Collection[int]
) -> Iterator[tuple[Code, Decision]]:
    """Without what was decided on a suggestion that no model made."""
    return ((code, row) for code, row in stands.items() if row.suggestion_id not in planted)


def _side(said: ShadowList) -> Side:
    return Side(name=said.checkpoint, checkpoint=said.checkpoint_hash, codes=0)


def _ranked(said: ShadowList) -> Ranked:
    return Ranked(codes=said.codes, likely_from=said.likely_from)
