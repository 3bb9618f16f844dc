"""Every role against every action, asked of the services themselves, not of the pages."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import wraps
from inspect import isfunction, signature
from typing import get_type_hints

import pytest
from sqlalchemy import Engine

from core.errors import BadSettings, EvicodeError, NotAllowed
from core.types import Code, CodeSystem
from db.audit_records import AuditTurn
from tests.ui.accounts import PASSWORD
from tests.ui.conftest import Desk
from ui.app import OFFERS, offered
from ui.services.accounts import Accounts
from ui.services.alone import is_single_user
from ui.services.analysing import Analysing
from ui.services.auditing import Auditing
from ui.services.benefits import Benefits
from ui.services.checking import Checking
from ui.services.coding import Coding
from ui.services.comparing import Comparing
from ui.services.detailing import Detailing
from ui.services.double_coding import DoubleCoding
from ui.services.drift import Drift
from ui.services.explaining import Explainer
from ui.services.export import Export, Exporting, Format
from ui.services.forgetting import Forgetting
from ui.services.guard import HIDDEN, IDENTITY, NEEDS, guarded
from ui.services.health import Health
from ui.services.history import History
from ui.services.insights import Insights
from ui.services.intake import Intake
from ui.services.intents import Kind
from ui.services.memory import Memory
from ui.services.models import Models
from ui.services.quality import Quality
from ui.services.rights import ALLOWED, ALONE, Action, Actor, Role, allow, may
from ui.services.shadowing import Shadowing
from ui.services.suggesting import Suggesting
from ui.services.supposing import Supposing
from ui.services.training import Training
from ui.services.trials import Trials
from ui.services.trusting import Trusting
from ui.services.worklist import Pass, Work, Worklist

A = Action
# Written out again, by hand: a slip in the table of rights has to be made twice to go unseen.
EXPECTED = {
    #                  coder second auditor lead administrator
    A.READ: (True, True, True, True, False),
    A.UPLOAD: (True, False, False, True, False),
    A.CODE: (True, True, False, True, False),
    A.CODE_AGAIN: (False, True, False, False, False),
    A.AUDIT: (False, False, True, True, False),
    A.ASSIGN: (False, False, False, True, False),
    A.EXPORT: (False, False, True, True, False),
    A.EXPORT_TEXT: (False, False, False, True, False),
    A.DELETE: (False, False, False, True, False),
    A.MANAGE_ACCOUNTS: (False, False, False, False, True),
    A.OPERATE: (False, False, False, False, True),
    A.TEACH: (False, False, False, True, False),
}
CELLS = [
    (role, action, cells[place])
    for action, cells in EXPECTED.items()
    for place, role in enumerate(Role)
]
SERVICES = (
    *(Accounts, Auditing, Checking, Coding, Detailing, DoubleCoding, Explainer, Exporting),
    *(Forgetting, Health, History, Insights, Intake, Memory, Quality, Supposing, Trials, Trusting),
    *(Worklist, Analysing, Benefits, Drift, Models, Training, Comparing, Shadowing, Suggesting),
)


def test_the_table_has_a_cell_for_every_role_and_action() -> None:
    assert set(ALLOWED) == set(Role)
    assert set(EXPECTED) == set(Action)


@pytest.mark.parametrize(("role", "action", "included"), CELLS)
def test_a_role_may_do_what_its_cell_says_and_nothing_else(
    role: Role, action: Action, included: bool
) -> None:
    actor = Actor(name="Sam", role=role)
    assert may(actor, action) is included
    if not included:
        with pytest.raises(NotAllowed, match=f"Sam may not {action.value}: as {role}"):
            allow(actor, action)


def test_the_only_user_of_a_laptop_may_do_all_but_keep_accounts() -> None:
    assert set(Action) - {A.MANAGE_ACCOUNTS} == ALONE


Call = Callable[[Actor], object]


@pytest.fixture
def calls(at_desk: Desk, engine: Engine, intake: Intake) -> dict[str, tuple[Call, A]]:
    """One real call of a service for each action that has one, and the right it needs."""
    now, note_id = at_desk.coding.now, at_desk.opened.note.id
    exporting = Exporting(engine=engine, now=now)
    accounts = Accounts(engine=engine, now=now)
    training = Training(engine=engine, now=now)
    forgetting = Forgetting(engine=engine, now=now)
    auditing = Auditing(
        engine=engine,
        coder=at_desk.coding.coder,
        explainer=None,
        tables=at_desk.coding.tables,
        version="0",
        now=now,
    )
    fever = Code(CodeSystem.ICD10CM, "R50.9")
    files = [("letter.txt", b"fever and cough")]
    return {
        "list": (lambda who: guarded(intake, who).listing(), A.READ),
        "upload": (lambda who: list(guarded(intake, who).receive(files, by=who.name)), A.UPLOAD),
        "open": (lambda who: guarded(at_desk.coding, who).open(note_id, coder=who.name), A.CODE),
        "decide": (lambda who: _accept(at_desk, who), A.CODE),
        "preview": (
            lambda who: guarded(exporting, who).preview(Export(format=Format.CSV)),
            A.EXPORT,
        ),
        "export": (lambda who: guarded(exporting, who).file(Export(format=Format.CSV)), A.EXPORT),
        "export quotes": (
            lambda who: guarded(exporting, who).file(Export(format=Format.CSV, quotes=True)),
            A.EXPORT_TEXT,
        ),
        "export text": (
            lambda who: guarded(exporting, who).file(Export(format=Format.CSV, text=True)),
            A.EXPORT_TEXT,
        ),
        "corpus": (
            lambda who: guarded(exporting, who).file(Export(format=Format.CORPUS)),
            A.EXPORT_TEXT,
        ),
        "feedback": (
            lambda who: guarded(exporting, who).file(Export(format=Format.FEEDBACK)),
            A.EXPORT_TEXT,
        ),
        "audit": (lambda who: guarded(auditing, who).begin(note_id, fever), A.AUDIT),
        "delete": (
            lambda who: guarded(forgetting, who).forget([note_id], by=who.name, reason="7"),
            A.DELETE,
        ),
        "teach": (lambda who: guarded(training, who).listing(), A.TEACH),
        "people": (lambda who: guarded(accounts, who).listing(), A.MANAGE_ACCOUNTS),
        "account": (
            lambda who: guarded(accounts, who).add(
                "New", Role.CODER, by=who.name, password=PASSWORD
            ),
            A.MANAGE_ACCOUNTS,
        ),
    }


def _accept(desk: Desk, who: Actor) -> object:
    return guarded(desk.coding, who).apply([desk.intent(Kind.ACCEPT, "R50.9")], coder=who.name)


@pytest.mark.parametrize("role", Role)
def test_below_the_pages_each_role_gets_through_exactly_where_the_table_says(
    calls: dict[str, tuple[Call, A]], role: Role
) -> None:
    actor = Actor(name="Sam", role=role)
    for name, (call, action) in calls.items():
        refused = False
        try:
            call(actor)
        except NotAllowed:
            refused = True
        assert refused is not may(actor, action), name


def test_a_refused_decision_is_not_kept(at_desk: Desk) -> None:
    with pytest.raises(NotAllowed):
        _accept(at_desk, Actor(name="Sam", role=Role.AUDITOR))
    assert set(at_desk.states().values()) == {"open"}


def test_nobody_acts_in_another_name(at_desk: Desk, intake: Intake) -> None:
    eve = Actor(name="eve", role=Role.LEAD)
    with pytest.raises(NotAllowed, match="in another's name"):
        guarded(at_desk.coding, eve).apply([at_desk.intent(Kind.ACCEPT, "R50.9")], coder="ana")
    with pytest.raises(NotAllowed, match="in another's name"):
        guarded(intake, eve).receive([("x.txt", b"fever")], by="ana")


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.__name__)
def test_every_public_method_of_a_service_has_its_line_in_the_guards_table(service: type) -> None:
    # a field may default to a function
    held = {each.name for each in fields(service)} if is_dataclass(service) else set[str]()
    methods = {name for name, value in vars(service).items() if isfunction(value)} - held
    public = {f"{service.__name__}.{name}" for name in methods if not name.startswith("_")}
    inner = {
        "Benefits.wait",
        "Explainer.wait",
        "Coding.learn",
        "Coding.learn_all",
        "Coding.take_edits",
        "Coding.teach",
        "Coding.unlearn",
        "Intake.load_samples",
        "Health.answers",
        "Health.loaded",
        "Training.forget_deleted",
        "Training.tidy",
    }  # on start, by the app
    assert public - inner <= NEEDS.keys()


METHODS = [(service, name) for service in SERVICES for name in vars(service)]
GUARDED = [(service, name) for service, name in METHODS if f"{service.__name__}.{name}" in NEEDS]


@pytest.mark.parametrize(
    ("service", "name"), GUARDED, ids=[f"{service.__name__}.{name}" for service, name in GUARDED]
)
@pytest.mark.parametrize("role", [*Role, None])
def test_every_method_lets_in_exactly_the_roles_of_its_line(
    service: type, name: str, role: Role | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = getattr(service, name)
    monkeypatch.setattr(service, name, wraps(real)(lambda *_args, **_kwargs: "let in"))
    actor = Actor(name="Sam", role=role)
    for coding_pass in ("first", "second"):
        for with_text in (False, True):
            held = object.__new__(service)
            object.__setattr__(held, "coding_pass", coding_pass)
            asked = {
                "export": Export(format=Format.CSV, text=with_text),
                "work": Work(note_id=1, coding_pass=Pass(coding_pass)),
                "turn": AuditTurn.REBUTTED if with_text else AuditTurn.OVERTURNED,
            }
            given = _arguments(real, actor, asked)
            need = NEEDS[f"{service.__name__}.{name}"]
            action = need if isinstance(need, Action) else need(held, given)
            try:
                answer = getattr(guarded(held, actor), name)(**given)
            except NotAllowed:
                answer = "refused"
            assert answer == ("let in" if may(actor, action) else "refused")


def _arguments(
    method: Callable[..., object], actor: Actor, asked: Mapping[str, object]
) -> dict[str, object]:
    """One argument for each name; who makes the call is the actor."""
    names = [name for name in signature(method).parameters if name != "self"]
    own = dict.fromkeys(IDENTITY, actor.name) | asked
    return {name: own.get(name) for name in names}


def test_the_table_has_no_line_for_what_is_not_there() -> None:
    assert {f"{service.__name__}.{name}" for service, name in GUARDED} == NEEDS.keys()


def test_a_new_method_is_closed_to_everybody_until_it_has_a_line() -> None:
    @dataclass
    class Intake:
        def listing(self) -> str:
            return "the old"

        def everything(self) -> str:
            return "the new"

    for role in (*Role, None):
        who = Actor(name="Sam", role=role)
        with pytest.raises(NotAllowed, match=r"Intake\.everything has no line"):
            guarded(Intake(), who).everything()
    assert guarded(Intake(), Actor(name="Sam", role=Role.CODER)).listing() == "the old"


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.__name__)
def test_no_field_of_a_service_leads_past_the_guard(service: type) -> None:
    hints = get_type_hints(service)
    inner = ("Engine", "Learning", "Watch", "Backups", *(each.__name__ for each in SERVICES))
    for field in fields(service) if hasattr(service, "__dataclass_fields__") else ():
        said = str(hints[field.name])
        if any(said.rstrip("'>").replace(" | None", "").endswith(f".{name}") for name in inner):
            assert field.name in HIDDEN, field.name


def test_what_has_no_line_is_closed_to_everybody_and_the_engine_is_out_of_reach(
    at_desk: Desk,
) -> None:
    alone = guarded(at_desk.coding, Actor(name="ana", role=None))
    with pytest.raises(NotAllowed, match="no line in the table"):
        alone.learn_all()
    with pytest.raises(NotAllowed, match="no line in the table"):
        _ = alone.engine
    assert alone.coder is at_desk.coding.coder


def test_pages_are_offered_by_role() -> None:
    pages = {
        role: [offer.page for offer in offered(Actor(name="Sam", role=role))]
        for role in (*Role, None)
    }
    assert pages[Role.CODER] == ["inbox", "review", "quality", "memory", "account"]
    past = ["compare", "quality", "history", "memory", "insights", "models"]
    assert pages[Role.AUDITOR] == ["inbox", "audit", *past, "export", "account"]
    assert pages[Role.LEAD] == ["inbox", "review", "audit", *past, "export", "account"]
    assert pages[Role.ADMINISTRATOR] == ["people", "health", "account"]
    assert pages[None] == ["inbox", "review", "audit", *past, "export", "health"]
    assert {offer.page for offer in OFFERS} >= {page for each in pages.values() for page in each}


@pytest.mark.parametrize("address", ["0.0.0.0", "", None, "192.168.1.5", "evicode.clinic.example"])  # noqa: S104
def test_single_user_mode_refuses_any_address_that_others_reach(
    address: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EVICODE_SINGLE_USER", "1")
    with pytest.raises(BadSettings, match="only runs on localhost"):
        is_single_user(address=address)
    assert is_single_user(address="localhost")
    monkeypatch.setenv("EVICODE_SINGLE_USER", "0")
    assert not is_single_user(address=address)
    monkeypatch.setenv("EVICODE_SINGLE_USER", "perhaps")
    with pytest.raises(EvicodeError, match="cannot be 'perhaps'; it is true or false"):
        is_single_user(address="localhost")
