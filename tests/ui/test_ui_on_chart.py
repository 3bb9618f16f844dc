"""On the chart: what a browser says of codes beyond the codes, undo over all, and finishing."""

import json
from collections.abc import Callable
from dataclasses import replace
from uuid import uuid4

import pytest
from sqlalchemy import Engine
from streamlit.testing.v1 import AppTest

import db
from core.codes import CodeTables
from core.errors import BadInput, BadSettings
from core.types import Code, CodeSystem, Encounter, Note, Sex
from db import notes
from db.records import Pass
from tests.ui.conftest import Clock, Desk
from ui.components.review_board import Answers, payload
from ui.components.review_board.chart_payload import OnChart, chart_payload
from ui.services.charts import Status
from ui.services.checking import Checking, only_warn, sequencing
from ui.services.coding import Coding
from ui.services.detailing import Detail, Detailed, Detailing
from ui.services.grouping import AskedGroups, read_groups
from ui.services.intents import Kind, read_intents


def icd10(written: str) -> Code:
    return Code(CodeSystem.ICD10CM, written)


I10, FEVER, TYPE_1, TYPE_2 = map(icd10, ("I10", "R50.9", "E10.9", "E11.9"))
PAIR = frozenset({TYPE_1, TYPE_2})


@pytest.fixture
def checking(tables: CodeTables) -> Checking:
    return Checking(tables=tables)


@pytest.fixture
def desk(at_desk: Desk, checking: Checking) -> Desk:
    return replace(at_desk, coding=replace(at_desk.coding, checking=checking))


@pytest.fixture
def detailing(desk: Desk) -> Detailing:
    return Detailing(engine=desk.coding.engine, now=desk.coding.now)


def look(desk: Desk, detailing: Detailing) -> Detailed:
    return detailing.detailed(desk.opened.note.id, coder=desk.coder)


def say(
    desk: Desk, detailing: Detailing, kind: Kind, code: str | None = None, **said: object
) -> str | None:
    """As a browser that shows the chart as it stands says it."""
    said = {"seen_details": look(desk, detailing).sequence} | said
    return desk.do(kind, code, **said)


def accept(desk: Desk, *codes: str) -> None:
    for code in codes:
        assert desk.do(Kind.ADD, code) is None


def shown(desk: Desk, detailing: Detailing, checking: Checking) -> dict[str, object]:
    chart, detailed = desk.chart(), look(desk, detailing)
    checked = checking.check(chart, sequencing=sequencing(detailed.coded))
    on = OnChart(detailed=detailed, checked=checked)
    page = payload(chart, Answers(), coder=desk.coder)
    return json.loads(json.dumps(page | chart_payload(chart, on, coder=desk.coder)))


def test_order_poa_and_comments_are_kept_as_a_browser_says_them(
    desk: Desk, detailing: Detailing, checking: Checking
) -> None:
    accept(desk, "R50.9", "I10")
    assert say(desk, detailing, Kind.ORDER, codes=(I10, FEVER)) is None
    assert say(desk, detailing, Kind.POA, "I10", value="Y") is None
    assert say(desk, detailing, Kind.COMMENT, "I10", value="since 2019") is None
    assert say(desk, detailing, Kind.COMMENT, value="short stay") is None
    chart = shown(desk, detailing, checking)["chart"]
    assert [(each["code"], each["poa"]) for each in chart["codes"]] == [("I10", "Y"), ("R50.9", "")]
    assert chart["principal"] == "ICD-10-CM I10"
    (comment,) = chart["codes"][0]["comments"]
    assert (comment["by"], comment["text"], comment["own"]) == ("ana", "since 2019", True)
    assert comment["at"].startswith("2026-01-02 ")
    assert [each["text"] for each in chart["comments"]] == ["short stay"]


def test_the_only_diagnosis_is_principal_and_of_several_none_until_one_is_put_first(
    desk: Desk, detailing: Detailing, checking: Checking
) -> None:
    accept(desk, "R50.9")
    assert shown(desk, detailing, checking)["chart"]["principal"] == "ICD-10-CM R50.9"
    accept(desk, "I10")
    assert shown(desk, detailing, checking)["chart"]["principal"] is None
    say(desk, detailing, Kind.ORDER, codes=(I10, FEVER))
    desk.do(Kind.RETRACT, "I10")
    accept(desk, "E11.9")
    assert shown(desk, detailing, checking)["chart"]["principal"] is None, "nobody is promoted"


def test_undo_goes_back_over_decisions_and_details_in_the_order_they_were_made(
    desk: Desk, detailing: Detailing, checking: Checking
) -> None:
    accept(desk, "R50.9")
    say(desk, detailing, Kind.POA, "R50.9", value="Y")
    accept(desk, "I10")
    say(desk, detailing, Kind.ORDER, codes=(I10, FEVER))
    say(desk, detailing, Kind.COMMENT, value="short stay")
    steps = []
    for _ in range(5):
        steps.append(shown(desk, detailing, checking)["undo"])
        assert say(desk, detailing, Kind.UNDO) is None
    assert [step.get("says") or step["row"] for step in steps] == [
        "the comment",
        "the order of the codes",
        "ICD-10-CM I10",
        "the POA indicator of R50.9",
        "ICD-10-CM R50.9",
    ]
    assert shown(desk, detailing, checking)["undo"] is None
    assert "nothing to undo" in (say(desk, detailing, Kind.UNDO) or "")
    for _ in range(5):
        assert say(desk, detailing, Kind.REDO) is None
    assert "nothing to redo" in (say(desk, detailing, Kind.REDO) or "")
    found = look(desk, detailing)
    assert [(each.code, each.poa) for each in found.coded.codes] == [(I10, ""), (FEVER, "Y")]
    assert [comment.value for comment in found.comments] == ["short stay"]


def test_a_new_detail_ends_the_redo_of_decisions(
    desk: Desk, detailing: Detailing, checking: Checking
) -> None:
    accept(desk, "R50.9", "I10")
    say(desk, detailing, Kind.UNDO)
    assert shown(desk, detailing, checking)["redo"]["row"] == "ICD-10-CM I10"
    say(desk, detailing, Kind.POA, "R50.9", value="Y")
    assert shown(desk, detailing, checking)["redo"] is None
    assert "nothing to redo" in (say(desk, detailing, Kind.REDO) or "")
    assert desk.states().get("I10") in (None, "open")


def test_hurried_details_of_one_browser_do_not_conflict_and_a_repeat_changes_nothing(
    desk: Desk, detailing: Detailing
) -> None:
    accept(desk, "I10")
    hurried = [
        desk.intent(Kind.POA, "I10", value=value, seen_details=0) for value in ("Y", "N", "U")
    ]
    tokens = [each.token for each in hurried]
    sent = [replace(each, after=frozenset(tokens[:place])) for place, each in enumerate(hurried)]
    undo = replace(desk.intent(Kind.UNDO, seen_details=0), after=frozenset(tokens))
    assert set(desk.coding.apply([*sent, undo], coder="ana").values()) == {None}
    assert look(desk, detailing).coded.codes[0].poa == "N"
    assert set(desk.coding.apply([*sent, undo], coder="ana").values()) == {None}
    assert look(desk, detailing).sequence == 4


def test_what_somebody_else_changed_meanwhile_is_a_conflict(
    desk: Desk, detailing: Detailing
) -> None:
    accept(desk, "I10")
    bob = replace(desk, coder="bob")
    assert say(bob, detailing, Kind.POA, "I10", value="N") is None
    why = desk.do(Kind.POA, "I10", value="Y", seen_details=0)
    assert "the POA indicator of ICD-10-CM I10 was changed by bob" in (why or "")
    assert say(bob, detailing, Kind.COMMENT, "I10", value="why?") is None
    assert desk.do(Kind.COMMENT, "I10", value="since 2019", seen_details=0) is None
    said = {each.coder: each.value for each in look(desk, detailing).comments}
    assert said == {"bob": "why?", "ana": "since 2019"}


def test_a_chart_with_an_error_is_not_finished_and_the_coder_is_told_why(
    desk: Desk, detailing: Detailing, checking: Checking
) -> None:
    accept(desk, "E11.9", "E10.9")
    why = desk.do(Kind.FINISH) or ""
    assert "an error keeps this chart from being finished" in why
    assert "exclude each other" in why
    assert desk.chart().status is Status.IN_PROGRESS
    chart = shown(desk, detailing, checking)["chart"]
    assert chart["blocks"]
    assert {"ICD-10-CM E10.9", "ICD-10-CM E11.9"} == set(chart["findings"][0]["rows"])
    desk.do(Kind.UNDO)
    assert desk.do(Kind.FINISH) is None, "warnings never keep a chart from being finished"
    assert desk.chart().status is Status.DONE


def test_more_errors_are_counted(desk: Desk) -> None:
    accept(desk, "E11.9", "E10.9", "E11")
    assert "errors keep this chart from being finished. The first:" in (desk.do(Kind.FINISH) or "")


def test_a_pair_of_unrelated_codes_no_longer_blocks_until_that_is_taken_back(
    desk: Desk, detailing: Detailing, checking: Checking
) -> None:
    accept(desk, "E11.9", "E10.9")
    assert say(desk, detailing, Kind.UNRELATED, pairs=(PAIR,)) is None
    chart = shown(desk, detailing, checking)["chart"]
    assert chart["unrelated"] == [["ICD-10-CM E10.9", "ICD-10-CM E11.9"]]
    assert not chart["blocks"]
    say(desk, detailing, Kind.UNDO)
    assert "exclude each other" in (desk.do(Kind.FINISH) or "")
    say(desk, detailing, Kind.REDO)
    assert desk.do(Kind.FINISH) is None


def test_a_second_coding_has_details_and_checks_of_its_own(
    desk: Desk, detailing: Detailing
) -> None:
    accept(desk, "I10")
    say(desk, detailing, Kind.COMMENT, value="of the first")
    again = replace(desk.coding, coding_pass=Pass.SECOND)
    opened = again.open(desk.opened.note.id, coder="bob")
    bob = Desk(coding=again, opened=opened, coder="bob")
    second = replace(detailing, coding_pass=Pass.SECOND)
    assert look(bob, second).coded.codes == look(bob, second).comments == ()
    accept(bob, "E11.9", "E10.9")
    assert say(bob, second, Kind.POA, "E11.9", value="Y") is None
    assert "exclude each other" in (bob.do(Kind.FINISH) or "")
    assert isinstance(look(bob, second).undo, Detail)
    assert [each.code for each in look(desk, detailing).coded.codes] == [I10]


def test_a_site_may_let_a_rule_only_warn(
    desk: Desk, tables: CodeTables, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EVICODE_ONLY_WARN", "Excludes1, duplicate")
    assert only_warn() == {"Excludes1", "duplicate"}
    lenient = replace(desk.coding, checking=Checking(tables=tables, only_warn=only_warn()))
    here = replace(desk, coding=lenient)
    accept(here, "E11.9", "E10.9")
    assert here.do(Kind.FINISH) is None


def test_a_rule_that_does_not_exist_is_told(tables: CodeTables, desk: Desk) -> None:
    with pytest.raises(BadSettings, match="no rules"):
        Checking(tables=tables, only_warn=frozenset({"excludes"})).check(desk.chart())


def test_the_age_that_came_with_the_note_is_checked_when_it_is_finished(
    coding: Coding, checking: Checking, engine: Engine, clock: Clock
) -> None:
    with db.unit_of_work(engine) as session:
        note = Note(id="old", text="Fever.", encounter=Encounter(age=40))
        note_id = notes.add(session, note, source="x", uploaded_by="ana", at=clock()).note.id
    here = replace(coding, checking=checking)
    desk = Desk(coding=here, opened=here.open(note_id, coder="ana"))
    accept(desk, "Z38.00")
    assert "the patient is 40" in (desk.do(Kind.FINISH) or "")


WOMAN = AskedGroups(note_id=1, code=icd10("N17.9"), age=70, sex=Sex.FEMALE)


def test_groups_are_computed_in_the_background_and_say_what_a_code_changes(
    desk: Desk, detailing: Detailing, checking: Checking
) -> None:
    accept(desk, "I50.20")
    said = sequencing(look(desk, detailing).coded)
    checking.groups(desk.chart(), WOMAN, sequencing=said)
    checking.background.wait()
    groups = checking.groups(desk.chart(), WOMAN, sequencing=said, patience=10)
    on = OnChart(
        detailed=look(desk, detailing), checked=checking.check(desk.chart()), groups=groups
    )
    found = chart_payload(desk.chart(), on, coder="ana")["chart"]["groups"]
    assert (found["row"], found["age"], found["sex"]) == ("ICD-10-CM N17.9", 70, "female")
    assert (found["now"]["drg"]["number"], found["other"]["drg"]["number"]) == (293, 292)
    assert "226" in [number for number, _, _ in found["now"]["risk"]["hccs"]]


def test_without_age_and_sex_it_says_what_is_missing(
    desk: Desk, detailing: Detailing, checking: Checking
) -> None:
    accept(desk, "I50.20")
    asked = AskedGroups(note_id=1)
    said = sequencing(look(desk, detailing).coded)
    groups = checking.groups(desk.chart(), asked, sequencing=said, patience=10)
    on = OnChart(
        detailed=look(desk, detailing), checked=checking.check(desk.chart()), groups=groups
    )
    now = chart_payload(desk.chart(), on, coder="ana")["chart"]["groups"]["now"]
    assert "age and sex (female or male) are needed" in now["drg"]["why"]


def test_what_came_with_the_note_goes_before_what_was_entered() -> None:
    patient = WOMAN.of(Encounter(age=30))
    assert (patient.age, patient.sex) == (30, Sex.FEMALE)


@pytest.mark.parametrize(
    "raw",
    [[], {"note": "x"}, {"note": 1, "age": 200}, {"note": 1, "sex": "?"}, {"note": 1, "row": 3}],
)
def test_an_odd_question_about_groups_is_refused(raw: object) -> None:
    with pytest.raises(BadInput, match=r"unreadable|not a code system"):
        read_groups(raw)


def _raw(kind: str, **said: object) -> dict[str, object]:
    return {"token": str(uuid4()), "kind": kind, "note": 1, "seen_details": 3} | said


def test_details_are_read_as_the_page_sends_them() -> None:
    order, poa, comment, pair = read_intents(
        [
            _raw("order", codes=["ICD-10-CM I10", "ICD-10-CM R50.9"]),
            _raw("poa", system="ICD-10-CM", code="I10", value="Y"),
            _raw("comment", system=None, code=None, value="short stay"),
            _raw("unrelated", pairs=[["ICD-10-CM E10.9", "ICD-10-CM E11.9"]]),
        ]
    )
    assert (order.codes, order.seen_details) == ((I10, FEVER), 3)
    assert (poa.code, poa.value) == (I10, "Y")
    assert (comment.code, comment.value) == (None, "short stay")
    assert pair.pairs == (PAIR,)
    assert "short stay" not in repr(comment)


@pytest.mark.parametrize(
    "raw",
    [
        _raw("order", codes="ICD-10-CM I10"),
        _raw("order", codes=["I10"]),
        _raw("poa", value="Y"),
        _raw("unrelated", pairs=["x"]),
    ],
)
def test_an_odd_detail_is_refused(raw: dict[str, object]) -> None:
    with pytest.raises(BadInput, match=r"unreadable|not a code system"):
        read_intents([raw])


@pytest.mark.parametrize(
    ("kind", "said", "why"),
    [
        (Kind.POA, {"value": "X"}, "a POA indicator is one of"),
        (Kind.ORDER, {"codes": (I10, I10)}, "stands twice"),
        (Kind.ORDER, {"codes": (TYPE_1,)}, "is not among the codes"),
        (Kind.UNRELATED, {"pairs": (frozenset({I10}),)}, "come in pairs"),
        (Kind.COMMENT, {"value": "x" * 2001}, "2,000 fit"),
    ],
)
def test_what_cannot_be_said_is_told_in_a_coders_words(
    desk: Desk, detailing: Detailing, kind: Kind, said: dict[str, object], why: str
) -> None:
    accept(desk, "I10")
    assert why in (say(desk, detailing, kind, "I10" if kind is Kind.POA else None, **said) or "")


def test_no_comment_is_said_in_a_failure(
    desk: Desk, detailing: Detailing, a_note: Callable[..., int]
) -> None:
    why = say(desk, detailing, Kind.COMMENT, value="Mrs Canary " * 400)
    assert "Canary" not in (why or "Canary")


def test_the_review_page_sends_the_chart_with_its_findings(app: AppTest) -> None:
    app.run()
    app.switch_page("ui/pages/review.py").run()
    assert not app.exception
    (board,) = app.get("bidi_component")
    chart = json.loads(board.proto.json)["chart"]
    assert (chart["codes"], chart["blocks"], chart["groups"]) == ([], False, None)
    assert "The chart has no code." in [each["says"] for each in chart["findings"]]


def test_a_page_that_names_a_rule_that_does_not_exist_says_so(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EVICODE_ONLY_WARN", "excludes")
    app.run()
    app.switch_page("ui/pages/review.py").run()
    assert not app.exception
    assert any("are no rules" in text.value for text in app.text)
