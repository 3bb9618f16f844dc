"""Coders at random, and crashes, against a plain dictionary: the store agrees with it always."""

from collections import Counter
from dataclasses import dataclass
from uuid import uuid4

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import Engine, event, select
from sqlalchemy.orm import Session

import db
from core.errors import Conflict
from core.types import Code
from db import decisions
from db.records import Action, Decision
from db.standing import standing
from db.tables import DecisionRow
from tests.db.desk import COUGH, FEVER, PRESSURE, a_draft, a_note, clock

CODERS = st.sampled_from(["ana", "bob", "eve"])
CODES = st.sampled_from([FEVER, COUGH, PRESSURE])
ACTIONS = st.sampled_from([Action.ACCEPT, Action.REJECT, Action.ADD])
MOMENTS = st.sampled_from(["before its entry in the trail", "before the commit"])


class Crash(Exception):
    """The connection went away in the middle of a transaction."""


@dataclass
class Made:
    """A decision in the model. It goes from the code's pile when taken back."""

    code: Code
    action: Action
    coder: str


class Desk(RuleBasedStateMachine):
    """The model: a pile of decisions for each code, and what each coder may make again."""

    def __init__(self, engine: Engine, steps: Counter[str]) -> None:
        super().__init__()
        self.engine, self.steps = engine, steps
        name = f"chart {uuid4()}"
        with db.unit_of_work(self.engine) as session:
            self.note = a_note(session, name=name, text=name)
        self.piles: dict[Code, list[Made]] = {}
        self.order: list[Made] = []  # standing or not, oldest first
        self.taken_back: dict[str, list[Made]] = {"ana": [], "bob": [], "eve": []}
        self.touched: dict[Code, int] = {}  # code -> sequence of its last row
        self.seen = {"ana": 0, "bob": 0, "eve": 0}
        self.rows = 0

    @rule(coder=CODERS)
    def look(self, coder: str) -> None:
        self.steps["look"] += 1
        self.seen[coder] = self.rows

    @rule(coder=CODERS, code=CODES, action=ACTIONS)
    def decide(self, coder: str, code: Code, action: Action) -> None:
        self.steps["decide"] += 1
        draft = a_draft(self.note, code, action, coder=coder)
        if self._write(coder, code, lambda session, **how: decisions.append(session, draft, **how)):
            self.taken_back[coder].clear()
            self._put(Made(code, action, coder))

    @rule(coder=CODERS)
    def undo(self, coder: str) -> None:
        self.steps["undo"] += 1
        tops = [pile[-1] for pile in self.piles.values() if pile and pile[-1].coder == coder]
        target = max(tops, key=self._age, default=None)
        if self._step(decisions.undo, coder, target):
            self.piles[target.code].pop()
            self.taken_back[coder].append(target)

    @rule(coder=CODERS)
    def redo(self, coder: str) -> None:
        self.steps["redo"] += 1
        target = self.taken_back[coder][-1] if self.taken_back[coder] else None
        if self._step(decisions.redo, coder, target):
            self.taken_back[coder].pop()
            self._put(Made(target.code, target.action, coder))

    @rule(coder=CODERS, code=CODES)
    def retract_whoever_decided(self, coder: str, code: Code) -> None:
        if not self.piles.get(code):
            return
        self.steps["retract"] += 1
        with db.unit_of_work(self.engine, write=False) as session:
            holds = standing(decisions.of_note(session, self.note.id))[code]
        token = str(uuid4())
        if self._write(
            coder,
            code,
            lambda session, **how: decisions.retract(
                session, holds, coder=coder, token=token, **how
            ),
        ):
            self.taken_back[coder].append(self.piles[code].pop())

    @rule(coder=CODERS, code=CODES, action=ACTIONS, moment=MOMENTS)
    def crash(self, coder: str, code: Code, action: Action, moment: str) -> None:
        """Nothing of a decision is kept whose transaction was cut off; the invariant looks."""
        self.steps["crash"] += 1
        draft = a_draft(self.note, code, action, coder=coder)

        def go_away(session: Session) -> None:
            session.connection().invalidate()
            raise Crash(moment)

        try:
            with db.unit_of_work(self.engine) as session:
                decisions.append(session, draft, seen=self.rows, at=clock(self.rows))
                if moment != "before the commit":
                    go_away(session)
                event.listen(session, "before_commit", go_away)
        except Crash:
            return
        raise AssertionError("nothing crashed")

    @invariant()
    def what_stands_is_what_the_model_holds(self) -> None:
        expected = {code: pile[-1].action for code, pile in self.piles.items() if pile}
        with db.unit_of_work(self.engine, write=False) as session:
            rows = decisions.of_note(session, self.note.id)
            here = DecisionRow.note_id == self.note.id
            by_sql = set(session.scalars(select(DecisionRow.id).where(here, decisions.stands())))
        holds = standing(rows)
        assert {code: row.action for code, row in holds.items()} == expected
        assert by_sql == {row.id for row in holds.values()}
        assert [row.sequence for row in rows] == list(range(1, self.rows + 1))

    def _step(self, act, coder: str, target: Made | None) -> bool:
        """Undo or redo; nothing to do is None and writes nothing."""
        if target is None:
            with db.unit_of_work(self.engine) as session:
                nothing = act(
                    session, self.note.id, coder=coder, token=str(uuid4()), seen=0, at=clock()
                )
            assert nothing is None
            return False
        token = str(uuid4())
        return self._write(
            coder,
            target.code,
            lambda session, **how: act(session, self.note.id, coder=coder, token=token, **how),
        )

    def _write(self, coder: str, code: Code, act) -> bool:
        """Do it twice, as an impatient coder would; True if it was written (once)."""
        stale = self.touched.get(code, 0) > self.seen[coder]
        made: list[Decision] = []
        for _ in range(2):
            try:
                with db.unit_of_work(self.engine) as session:
                    made.append(act(session, seen=self.seen[coder], at=clock(self.rows)))
            except Conflict:
                assert stale
        assert stale == (made == [])
        if stale:
            return False
        self.rows += 1
        assert [row.sequence for row in made] == [self.rows, self.rows]
        self.touched[code] = self.rows
        if self.seen[coder] == self.rows - 1:
            self.seen[coder] = self.rows
        return True

    def _put(self, made: Made) -> None:
        self.piles.setdefault(made.code, []).append(made)
        self.order.append(made)

    def _age(self, made: Made) -> int:
        return next(i for i, each in enumerate(self.order) if each is made)


def run(engine: Engine, *, examples: int, steps: int, shorten: bool = True) -> Counter[str]:
    """Let random coders work on `examples` charts, at most `steps` steps each; what they did.

    AssertionError if store and model ever disagree, with the shortest story that leads there if
    `shorten`.
    """
    counted: Counter[str] = Counter()
    run_state_machine_as_test(
        lambda: Desk(engine, counted),
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            phases=[Phase.generate, *([Phase.shrink] if shorten else [])],
            suppress_health_check=list(HealthCheck),
        ),
    )
    return counted
