"""A coder's worklist through its service: what is next, and two coders who reach for it at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from uuid import uuid4

import pytest
from sqlalchemy import Engine

import db
from core.errors import BadInput, Conflict, NotAllowed
from core.types import Code, CodeSystem
from db import charts, decisions
from db.records import Action, Draft, Turn
from tests.ui.accounts import Hands, an_account
from tests.ui.conftest import Clock
from ui.services.accounts import Accounts
from ui.services.guard import guarded
from ui.services.rights import Actor, Role
from ui.services.worklist import Filter, Pass, Priority, Status, Work, Worklist


@pytest.fixture
def worklist(engine: Engine, clock: Clock) -> Worklist:
    return Worklist(engine=engine, now=clock)


@pytest.fixture
def works(a_note: Callable[..., int]) -> list[Work]:
    return [Work(note_id=a_note(f"n{i}", f"note {i}")) for i in range(4)]


def test_next_is_the_most_urgent_then_what_is_mine_then_the_oldest(
    worklist: Worklist, works: list[Work]
) -> None:
    worklist.prioritise([works[3]], Priority.URGENT, by="lead")
    worklist.assign([works[1]], "ana", by="lead")
    assert worklist.next(coder="ana") == works[3]
    assert worklist.next(coder="ana") == works[3], "what she has already is still the most urgent"
    left, order = works[3], [works[3]]
    for _ in range(3):
        left = worklist.next(coder="ana", after=left)
        order.append(left)
        with db.unit_of_work(worklist.engine) as session:
            charts.record(session, left.note_id, Turn.FINISHED, coder="ana", at=worklist.now())
    assert order == [works[3], works[1], works[3], works[0]]


def test_next_passes_over_what_others_have_or_are_to_do(
    worklist: Worklist, works: list[Work]
) -> None:
    worklist.claim(works[0], coder="bob")
    worklist.assign([works[1]], "bob", by="lead")
    assert worklist.next(coder="ana") == works[2]
    assert worklist.next(coder="ana", after=works[2]) == works[3]
    assert worklist.rows(Filter(claimed_by="ana"))[0].work == works[3], "the other was let go"
    assert worklist.next(coder="bob") == works[1], "assigned to him, and so before his own claim"


def test_nothing_left_is_none(worklist: Worklist, works: list[Work]) -> None:
    for work in works:
        worklist.claim(work, coder="bob")
    assert worklist.next(coder="ana") is None


def test_filters_narrow_the_list(worklist: Worklist, works: list[Work]) -> None:
    worklist.assign(works[:2], "ana", by="lead")
    worklist.prioritise(works[1:], Priority.HIGH, by="lead")
    worklist.claim(works[2], coder="bob")
    second = Work(note_id=works[3].note_id, coding_pass=Pass.SECOND)
    worklist.assign([second], None, by="lead")

    def found(**wanted: object) -> list[Work]:
        return [row.work for row in worklist.rows(Filter(**wanted))]  # type: ignore[arg-type]

    assert found(assigned_to="ana") == [works[1], works[0]]
    assert found(priority=Priority.HIGH) == works[1:]
    assert found(claimed_by="bob") == [works[2]]
    assert found(free_for="ana") == [works[1], works[3], works[0], second]
    assert found(coding_passes=frozenset({Pass.SECOND})) == [second]
    assert found(name="N3") == [works[3], second]
    assert found(statuses=frozenset({Status.DONE})) == []


def test_an_assignment_of_many_is_all_or_nothing(worklist: Worklist, works: list[Work]) -> None:
    with pytest.raises(Exception, match="there is no note 99"):
        worklist.assign([works[0], Work(note_id=99)], "ana", by="lead")
    assert worklist.rows(Filter(assigned_to="ana")) == ()


def test_two_coders_at_once_never_get_the_same_chart(worklist: Worklist, works: list[Work]) -> None:
    start = Barrier(2)

    def grab(coder: str) -> str:
        start.wait()
        try:
            return worklist.claim(works[0], coder=coder).coder
        except Conflict as error:
            return str(error)

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(grab, ["ana", "bob"]))
    got = [answer for answer in answers if answer in ("ana", "bob")]
    (refused,) = [answer for answer in answers if answer not in got]
    assert refused.startswith(f"{got[0]} has this chart since 2026-01-02")


def test_eight_threads_asking_for_the_next_chart_get_different_ones(
    engine: Engine, a_note: Callable[..., int]
) -> None:
    worklist = Worklist(engine=engine, now=Hands())  # time stands still: no claim runs out
    notes = [a_note(f"m{i}", f"text {i}") for i in range(8)]
    coders = [f"coder{i}" for i in range(8)]
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda coder: worklist.next(coder=coder), coders))
    assert sorted(work.note_id for work in taken if work) == notes


def test_next_goes_round_what_its_coder_leaves_unfinished(
    worklist: Worklist, works: list[Work]
) -> None:
    first = worklist.next(coder="ana")
    seen = [first]
    for _ in works:
        seen.append(worklist.next(coder="ana", after=seen[-1]))
    assert seen == [*works, works[0]]
    assert [row.work for row in worklist.rows(Filter(claimed_by="ana"))] == [works[0]]


def test_who_finds_no_other_chart_keeps_the_one_they_have(
    worklist: Worklist, works: list[Work]
) -> None:
    mine, *others = works
    worklist.claim(mine, coder="ana")
    worklist.assign(others, "bob", by="lead")
    assert worklist.next(coder="ana", after=mine) is None
    assert [row.work for row in worklist.rows(Filter(claimed_by="ana"))] == [mine]


def test_alone_next_goes_by_priority_and_nobody_has_a_chart(
    worklist: Worklist, works: list[Work]
) -> None:
    alone = replace(worklist, claims=False)
    alone.prioritise([works[2]], Priority.HIGH, by="coder")
    assert alone.next(coder="coder") == works[2]
    assert alone.next(coder="coder", after=works[2]) == works[0]
    assert alone.open(works[2], coder="coder") is None
    assert all(row.claim is None for row in alone.rows())


def test_a_chart_is_free_again_fifteen_minutes_after_the_last_sign_of_life(
    engine: Engine, works: list[Work]
) -> None:
    hands = Hands()
    worklist = Worklist(engine=engine, now=hands)
    worklist.open(works[0], coder="ana")
    hands.move(minutes=14)
    worklist.open(works[0], coder="ana")
    hands.move(minutes=14)
    with pytest.raises(Conflict, match="ana has this chart since 2026-01-02 03:00"):
        worklist.open(works[0], coder="bob")
    hands.move(minutes=1)
    assert worklist.rows()[0].claim is None
    assert worklist.open(works[0], coder="bob")
    with pytest.raises(Conflict, match="bob has this chart"):
        worklist.open(works[0], coder="ana")


def test_a_finished_chart_is_looked_at_without_taking_it(
    worklist: Worklist, works: list[Work]
) -> None:
    _finish(worklist, works[0], coder="ana")
    assert worklist.open(works[0], coder="bob") is None


def test_only_who_has_a_chart_lets_go_of_it_and_a_lead_takes_it_back(
    worklist: Worklist, works: list[Work]
) -> None:
    worklist.claim(works[0], coder="ana")
    with pytest.raises(Conflict, match="ana has this chart; ask them, or a lead"):
        worklist.release(works[0], by="bob")
    worklist.free(works, by="lead")
    assert worklist.claim(works[0], coder="bob").coder == "bob"


def test_what_was_assigned_to_who_hands_it_over_is_the_others_from_then_on(
    worklist: Worklist, works: list[Work]
) -> None:
    worklist.assign([works[0]], "ana", by="lead")
    worklist.claim(works[0], coder="ana")
    worklist.hand_over(works[0], to="bob", by="ana")
    (row,) = worklist.rows(Filter(assigned_to="bob"))
    assert (row.work, row.claim and row.claim.coder) == (works[0], "bob")


def test_counts_and_last_change_are_those_of_each_coding(
    worklist: Worklist, works: list[Work]
) -> None:
    second = replace(works[0], coding_pass=Pass.SECOND)
    worklist.assign([second], None, by="lead")
    _add(worklist, works[0], "R50.9", coder="ana")
    _add(worklist, second, "R50.9", coder="bob")
    _add(worklist, second, "I10", coder="bob")
    rows = {row.work: row for row in worklist.rows()}
    assert [rows[work].added for work in (works[0], second, works[1])] == [1, 2, 0]
    assert rows[second].changed_at > rows[works[0]].changed_at > rows[works[0]].created_at


def test_a_second_coder_sees_nothing_of_the_first_coding_until_they_finished(
    worklist: Worklist, works: list[Work]
) -> None:
    second = replace(works[0], coding_pass=Pass.SECOND)
    _add(worklist, works[0], "R50.9", coder="ana")
    worklist.assign([second], "bob", by="lead")

    def seen(coder: str) -> list[Work]:
        mine = worklist.listing(coder=coder)
        return [row.work for row in mine if row.work.note_id == second.note_id]

    assert seen("bob") == [second]
    assert seen("ana") == [works[0]], "and the first coder nothing of the second"
    assert seen("eve") == [works[0], second], "who is to do neither may see both"
    _finish(worklist, second, coder="bob")
    assert seen("bob") == [works[0], second]
    assert replace(worklist, passes=frozenset({Pass.FIRST})).listing(coder="bob")


def test_a_second_coding_for_anyone_hides_the_first_from_all_who_could_do_it(
    worklist: Worklist, works: list[Work]
) -> None:
    second = replace(works[0], coding_pass=Pass.SECOND)
    _add(worklist, works[0], "R50.9", coder="ana")
    worklist.prioritise([works[0], second], Priority.URGENT, by="lead")
    worklist.assign([second], None, by="lead")
    assert works[0] not in [row.work for row in worklist.listing(coder="bob")]
    assert worklist.next(coder="bob") == second, "nor does it come next, which would unblind"
    first_only = replace(worklist, passes=frozenset({Pass.FIRST}))
    assert first_only.next(coder="carl") == works[0]


def test_a_second_coding_that_nobody_asked_for_is_not_opened(
    worklist: Worklist, works: list[Work]
) -> None:
    with pytest.raises(BadInput, match="nobody asked for a second coding"):
        worklist.open(replace(works[0], coding_pass=Pass.SECOND), coder="bob")


def _add(worklist: Worklist, work: Work, code: str, *, coder: str) -> None:
    draft = Draft(
        note_id=work.note_id,
        code=Code(CodeSystem.ICD10CM, code),
        title=code,
        action=Action.ADD,
        coder=coder,
        token=str(uuid4()),
        coding_pass=work.coding_pass,
    )
    with db.unit_of_work(worklist.engine) as session:
        decisions.append(session, draft, seen=0, at=worklist.now())


def _finish(worklist: Worklist, work: Work, *, coder: str) -> None:
    with db.unit_of_work(worklist.engine) as session:
        charts.record(
            session,
            work.note_id,
            Turn.FINISHED,
            coder=coder,
            at=worklist.now(),
            coding_pass=work.coding_pass,
        )


def test_below_the_page_second_codings_and_a_leads_actions_are_guarded(
    worklist: Worklist, works: list[Work]
) -> None:
    second = replace(works[0], coding_pass=Pass.SECOND)
    worklist.assign([second], None, by="lead")
    as_coder = guarded(worklist, Actor(name="ana", role=Role.CODER))
    with pytest.raises(NotAllowed, match="may not code a chart for comparison"):
        as_coder.claim(second, coder="ana")
    with pytest.raises(NotAllowed, match="may not audit charts"):
        as_coder.rows()
    with pytest.raises(NotAllowed, match="may not hand out work"):
        as_coder.free(works, by="ana")
    with pytest.raises(NotAllowed, match="may not hand out work"):
        as_coder.prioritise(works, Priority.HIGH, by="ana")
    again = guarded(worklist, Actor(name="sam", role=Role.SECOND_CODER))
    assert again.claim(second, coder="sam").coder == "sam"
    with pytest.raises(NotAllowed, match="in another's name"):
        again.listing(coder="ana")


def test_charts_are_handed_to_open_accounts_that_may_code_them(engine: Engine) -> None:
    accounts = Accounts(engine=engine, now=Hands())
    for name, role in (("Ada", Role.ADMINISTRATOR), ("Aud", Role.AUDITOR), ("Lea", Role.LEAD)):
        an_account(accounts, name, role)
    an_account(accounts, "Sam", Role.SECOND_CODER)
    gone = an_account(accounts, "Cora", Role.CODER)
    assert accounts.coders() == ("Cora", "Lea", "Sam")
    assert accounts.coders(again=True) == ("Sam",)
    accounts.close(gone.id, by="Ada")
    assert accounts.coders() == ("Lea", "Sam")
