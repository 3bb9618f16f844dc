"""Checks of an open chart, and what its codes group to, through the services the page uses."""

from dataclasses import replace

import pytest

from core.checks import DRG, Level, Uncomputed
from core.codes import CodeTables
from core.types import Code, CodeSystem, Encounter, Sex
from tests.ui.conftest import Desk
from ui.services.checking import Checking, Sequencing
from ui.services.intents import Kind
from ui.services.lookup import look_up
from ui.services.search import find


def icd10(written: str) -> Code:
    return Code(CodeSystem.ICD10CM, written)


@pytest.fixture
def checking(tables: CodeTables) -> Checking:
    return Checking(tables=tables)


def test_codes_that_exclude_each_other_block_the_chart_until_one_is_taken_back(
    at_desk: Desk, checking: Checking
) -> None:
    at_desk.do(Kind.ADD, "E11.9")
    at_desk.do(Kind.ADD, "E10.9")
    checked = checking.check(at_desk.chart())
    assert checked.blocks
    (finding,) = checked.of(icd10("E10.9"))
    assert (finding.rule, finding.level) == ("Excludes1", Level.ERROR)
    at_desk.do(Kind.UNDO)
    assert not checking.check(at_desk.chart()).blocks


def test_only_what_stands_is_checked(at_desk: Desk, checking: Checking) -> None:
    at_desk.do(Kind.REJECT, "E11.9", reason="not documented")
    at_desk.do(Kind.ADD, "E10.9")
    assert checking.check(at_desk.chart()).of(icd10("E10.9")) == ()


def test_the_patient_and_the_sequence_reach_the_rules(at_desk: Desk, checking: Checking) -> None:
    at_desk.do(Kind.ADD, "Z38.00")
    at_desk.do(Kind.ADD, "V00.01XA")
    rules = {
        finding.rule
        for finding in checking.check(
            at_desk.chart(),
            encounter=Encounter(age=40),
            sequencing=Sequencing(principal=icd10("V00.01XA"), poa={icd10("Z38.00"): "?"}),
        ).findings
    }
    assert {"age conflict", "external cause as principal", "invalid POA"} <= rules
    assert "missing principal" not in rules


def test_a_pair_called_unrelated_no_longer_blocks(at_desk: Desk, checking: Checking) -> None:
    at_desk.do(Kind.ADD, "E11.9")
    at_desk.do(Kind.ADD, "E10.9")
    pair = frozenset({icd10("E11.9"), icd10("E10.9")})
    said = Sequencing(unrelated=frozenset({pair}), principal=icd10("E11.9"))
    assert not checking.check(at_desk.chart(), sequencing=said).blocks


def test_the_category_branch_as_shown_is_held_against_the_codes(
    at_desk: Desk, checking: Checking
) -> None:
    screen = at_desk.opened.screen
    assert screen is not None
    shown = {s.suggestion.code: s.suggestion.probability for s in screen.suggestions}
    row = next(row for row in at_desk.chart().rows if row.category in shown)
    assert row.category is not None
    surer = replace(
        screen,
        suggestions=tuple(
            replace(each, suggestion=replace(each.suggestion, probability=0.02))
            if each.suggestion.code == row.category
            else each
            for each in screen.suggestions
        ),
    )
    at_desk.do(Kind.ACCEPT, row.code.code)
    chart = replace(at_desk.chart(), opened=replace(at_desk.opened, screen=surer))
    told = [f for f in checking.check(chart).findings if f.rule == "code without category"]
    assert [finding.codes for finding in told] == [(row.code, row.category)]


def test_a_code_that_may_be_added_says_what_it_would_change(
    at_desk: Desk, checking: Checking
) -> None:
    at_desk.do(Kind.ADD, "I50.20")
    woman = Encounter(age=70, sex=Sex.FEMALE)
    changed = checking.difference(at_desk.chart(), icd10("N17.9"), encounter=woman)
    before, after = changed.without_it.drg, changed.with_it.drg
    assert isinstance(before, DRG)
    assert isinstance(after, DRG)
    assert (before.number, after.number) == (293, 292)
    assert checking.impact(at_desk.chart(), encounter=woman).drg == before


def test_of_an_unknown_patient_the_groups_are_not_guessed(
    at_desk: Desk, checking: Checking
) -> None:
    at_desk.do(Kind.ADD, "I50.20")
    assert isinstance(checking.impact(at_desk.chart(), encounter=Encounter()).drg, Uncomputed)


def test_a_code_looked_up_has_its_notes_and_neighbours(tables: CodeTables) -> None:
    entry = look_up(tables, icd10("J18.9"))
    assert entry.billable
    assert entry.heading is not None
    assert (entry.heading.code, entry.heading.billable) == (icd10("J18"), False)
    assert icd10("J18.0") in [sibling.code for sibling in entry.siblings]
    assert any(note.heading == "J18" for note in entry.instructions)
    assert entry.unknown is None


def test_a_code_of_a_system_without_notes_says_so(tables: CodeTables) -> None:
    entry = look_up(tables, Code(CodeSystem.ICD9CM, "250.00"))
    assert entry.instructions == ()
    assert "no notes" in (entry.unknown or "")
    assert [sibling.code.code for sibling in entry.siblings] == ["250.01", "250.02", "250.03"]


def test_an_icd_9_code_is_found_where_no_icd_10_code_is(tables: CodeTables) -> None:
    assert find(tables, "250.00")[0].code == Code(CodeSystem.ICD9CM, "250.00")
    assert {hit.code.system for hit in find(tables, "fever")} <= {
        CodeSystem.ICD10CM,
        CodeSystem.ICD10PCS,
    }
    only = find(tables, "fever", systems=[CodeSystem.ICD9CM])
    assert {hit.code.system for hit in only} == {CodeSystem.ICD9CM}
