# ruff: noqa: S106  (tokens are no secrets)
"""Two coders who do not see each other, and a third who settles what they differ in."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine

import db
from core.errors import BadInput
from core.inference import Coder
from core.types import Code, CodeSystem
from db import details, feedback, lessons
from db.records import Pass
from db.workflow_records import DetailDraft, Field
from tests.models import tiny_fused_checkpoint
from tests.ui.conftest import Clock, Desk
from ui.services.coding import Coding
from ui.services.double_coding import DoubleCoding
from ui.services.intents import REASONS, Kind
from ui.services.remembering import PHRASES


def icd(code: str) -> Code:
    return Code(CodeSystem.ICD10CM, code)


@pytest.fixture
def fused(tmp_path: Path) -> Coder:
    """A coder with a memory of its own: decisions change it."""
    tiny_fused_checkpoint(tmp_path / "fused")
    return Coder.load(tmp_path / "fused")


@pytest.fixture
def double(engine: Engine, clock: Clock) -> DoubleCoding:
    return DoubleCoding(engine=engine, now=clock)


@pytest.fixture
def second(at_desk: Desk) -> Desk:
    """Bob, who opens the chart for a second coding after Ana opened it."""
    coding = replace(at_desk.coding, coding_pass=Pass.SECOND)
    return Desk(coding=coding, opened=coding.open(at_desk.opened.note.id, coder="bob"), coder="bob")


@pytest.fixture
def differing(at_desk: Desk, second: Desk) -> int:
    """Both gave I10; only Ana R50.9, only Bob J18.9; both finished."""
    for desk, codes in ((at_desk, ("I10", "R50.9")), (second, ("I10", "J18.9"))):
        for code in codes:
            assert desk.do(Kind.ACCEPT, code) is None
        assert desk.do(Kind.FINISH) is None
    return at_desk.opened.note.id


def test_the_second_coder_sees_the_first_list_and_none_of_the_decisions(at_desk: Desk) -> None:
    note_id, first = at_desk.opened.note.id, at_desk.opened.screen
    at_desk.do(Kind.ACCEPT, "I10")
    at_desk.do(Kind.REJECT, "R50.9", reason=REASONS[0])
    coding = replace(at_desk.coding, coding_pass=Pass.SECOND)
    bob = Desk(coding=coding, opened=coding.open(note_id, coder="bob"), coder="bob")
    assert set(bob.states().values()) == {"open"}
    shown = bob.opened.screen
    assert shown is not None
    assert first is not None
    assert (shown.coder, shown.id != first.id) == ("bob", True)
    assert [each.suggestion for each in shown.suggestions] == [
        each.suggestion for each in first.suggestions
    ]
    assert bob.opened.explanations.keys() == at_desk.opened.explanations.keys()
    assert bob.chart().undo is None
    assert bob.coding.open(note_id, coder="bob").screen == shown, "and again after a refresh"


def test_what_memory_learned_from_the_first_coder_is_not_shown_to_the_second(
    coding: Coding, a_note: Callable[..., int], fused: Coder
) -> None:
    coding = replace(coding, coder=fused)
    note_id = a_note()
    ana = Desk(coding=coding, opened=coding.open(note_id, coder="ana"))
    assert ana.do(Kind.ADD, "K35.80", marks=()) is None
    again = replace(coding, coding_pass=Pass.SECOND).open(note_id, coder="bob")
    assert again.screen is not None
    assert again.screen.memory == "", "the list was made before anything was learned"
    assert fused.memory != ""
    assert PHRASES not in again.methods


def test_both_can_decide_on_the_same_code_and_each_sees_their_own(
    at_desk: Desk, second: Desk
) -> None:
    assert at_desk.do(Kind.ACCEPT, "I10") is None
    assert second.do(Kind.REJECT, "I10", reason=REASONS[1]) is None
    assert second.do(Kind.ADD, "K35.80") is None
    assert (at_desk.states()["I10"], second.states()["I10"]) == ("accepted", "rejected")
    assert "K35.80" not in at_desk.states()
    assert second.do(Kind.UNDO) is None
    assert second.do(Kind.UNDO) is None
    assert (at_desk.states()["I10"], second.states()["I10"]) == ("accepted", "open")


def test_two_browsers_at_once_lose_nothing(at_desk: Desk, second: Desk) -> None:
    codes = ["I10", "R50.9", "J18.9", "E11.9", "R07.9"]

    def work(desk: Desk) -> list[str | None]:
        return [desk.do(Kind.ACCEPT, code) for code in codes]

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(work, [at_desk, second])) == [[None] * 5] * 2
    for desk in (at_desk, second):
        assert [desk.states()[code] for code in codes] == ["accepted"] * 5


def test_the_first_coder_cannot_be_the_second(at_desk: Desk) -> None:
    at_desk.do(Kind.ACCEPT, "I10")
    coding = replace(at_desk.coding, coding_pass=Pass.SECOND)
    with pytest.raises(BadInput, match=r"your own \(first\) coding of this note is not finished"):
        coding.open(at_desk.opened.note.id, coder="ana")
    at_desk.do(Kind.FINISH)
    blind = replace(at_desk, coding=coding)
    assert "ana took part in the first coding" in (blind.do(Kind.ACCEPT, "R50.9") or "")


def test_the_second_coder_cannot_look_at_the_first_coding_meanwhile(
    at_desk: Desk, second: Desk
) -> None:
    with pytest.raises(BadInput, match=r"your own \(second\) coding of this note is not finished"):
        at_desk.coding.open(second.opened.note.id, coder="bob")


def test_a_second_coding_keeps_its_list(second: Desk) -> None:
    assert second.opened.cuts == {}
    with pytest.raises(BadInput, match="this list is not on offer"):
        second.coding.cover(second.opened, None, coder="bob")


def test_differences_are_shown_only_once_both_have_finished(
    at_desk: Desk, second: Desk, double: DoubleCoding
) -> None:
    at_desk.do(Kind.FINISH)
    with pytest.raises(BadInput, match="the second coding of this note is not finished"):
        double.differences(at_desk.opened.note.id)


def test_agreement_of_two_coders(differing: int, double: DoubleCoding) -> None:
    found = double.agreement()
    overall = found.overall
    assert (found.charts, overall.both, overall.only_one, overall.only_other) == (1, 1, 1, 1)
    assert overall.positive == pytest.approx(0.5)
    assert found.by_chart["letter"] == overall
    assert found.by_code[icd("R50.9")].only_one == 1
    assert double.agreement(coder="bob") == found
    with pytest.raises(BadInput, match="no chart was finished by two coders"):
        double.agreement(coder="cleo")


def test_agreement_on_the_principal_diagnosis(
    at_desk: Desk, second: Desk, differing: int, double: DoubleCoding
) -> None:
    def choose(code: str, coder: str, coding_pass: Pass) -> None:
        draft = DetailDraft(
            note_id=differing,
            field=Field.ORDER,
            code=None,
            value=details.order([icd(code)]),
            coder=coder,
            token=f"{coder}{code}",
            coding_pass=coding_pass,
        )
        with db.unit_of_work(double.engine) as session:
            details.append(session, draft, seen=99, at=double.now())

    choose("I10", "ana", Pass.FIRST)
    assert (double.agreement().same_principal, double.agreement().both_chose_principal) == (0, 0)
    choose("J18.9", "bob", Pass.SECOND)
    assert (double.agreement().same_principal, double.agreement().both_chose_principal) == (0, 1)
    choose("I10", "bob", Pass.SECOND)
    assert (double.agreement().same_principal, double.agreement().both_chose_principal) == (1, 1)


def test_a_third_person_settles_and_what_they_say_holds(
    differing: int, double: DoubleCoding
) -> None:
    told: list[int] = []
    double = replace(double, changed=told.append)
    assert [each.code.code for each in double.differences(differing)] == ["J18.9", "R50.9"]
    with pytest.raises(
        BadInput, match=r"settle these codes first: ICD-10-CM J18\.9, ICD-10-CM R50"
    ):
        double.finish(differing, coder="cleo")
    double.settle(differing, icd("J18.9"), keep=True, coder="cleo", token="1")
    double.settle(differing, icd("R50.9"), keep=False, coder="cleo", token="2", reason=REASONS[0])
    double.finish(differing, coder="cleo")
    with db.unit_of_work(double.engine, write=False) as session:
        lesson = lessons.of_note(session, differing)
        rows = {row.code.code: row for row in feedback.decided(session)}
    assert {code.code for code in lesson.note.codes} == {"I10", "J18.9"}
    assert lesson.rejected == {icd("R50.9")}
    assert (rows["J18.9"].coder, rows["J18.9"].coding_pass) == ("cleo", Pass.ADJUDICATED)
    assert rows["J18.9"].score is not None, "it is still known what was suggested"
    assert told == [differing, differing]


def test_settling_can_be_undone_until_it_is_finished(differing: int, double: DoubleCoding) -> None:
    double.settle(differing, icd("J18.9"), keep=True, coder="cleo", token="1")
    assert double.undo(differing, coder="cleo", token="2", seen=99)
    assert all(each.settled is None for each in double.differences(differing))
    for number, code in enumerate(["J18.9", "R50.9"]):
        double.settle(differing, icd(code), keep=True, coder="cleo", token=f"x{number}", seen=99)
    double.finish(differing, coder="cleo")
    with pytest.raises(BadInput, match="this adjudication is finished; reopen it"):
        double.settle(differing, icd("J18.9"), keep=True, coder="cleo", token="3", seen=99)
    double.reopen(differing, coder="cleo")


@pytest.mark.parametrize("coder", ["ana", "bob"])
def test_neither_of_the_two_can_settle(differing: int, double: DoubleCoding, coder: str) -> None:
    with pytest.raises(BadInput, match=f"{coder} took part in the .* coding of this note"):
        double.settle(differing, icd("J18.9"), keep=True, coder=coder, token="1")


def test_what_they_agree_on_is_not_settled(differing: int, double: DoubleCoding) -> None:
    with pytest.raises(BadInput, match="do not differ in ICD-10-CM I10"):
        double.settle(differing, icd("I10"), keep=True, coder="cleo", token="1")
