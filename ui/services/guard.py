"""The guard before every service: asks the table of rights, then passes the call on.

Pages only ever hold guarded services (`ui.workbench`). What has no line in NEEDS is refused, so a
new service or method is closed until somebody decides who may use it.
"""

import inspect
import time
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from functools import wraps
from typing import Any, Protocol, TypeVar, cast

from core.errors import NotAllowed
from db.audit_records import AuditTurn
from ui.services.export import TEXTS, Export
from ui.services.rights import Action, Actor, allow
from ui.services.worklist import Pass

T = TypeVar("T")
Need = (
    Action | Callable[[object, Mapping[str, Any]], Action]
)  # of the service and a call's arguments
A = Action

IDENTITY = ("by", "auditor", "coder")  # the first of these that a call has names who makes it
OF_ANYBODY = frozenset({"DoubleCoding.agreement", "History.compare", "Trials.reliance"})  # a filter
# fields that lead past the guard
HIDDEN = (
    *("background", "backups", "checking", "chosen", "desk", "edited", "engine", "explainer"),
    *("folder", "forgotten", "found", "learning", "lines", "loaded", "loading", "models"),
    *("places", "remembering", "shadow", "trials", "watch"),
)


def _export(_service: object, arguments: Mapping[str, Any]) -> Action:
    wanted: Export = arguments["export"]
    text = wanted.text or wanted.quotes or wanted.format in TEXTS
    return A.EXPORT_TEXT if text else A.EXPORT


def _code(service: object, _arguments: Mapping[str, Any]) -> Action:
    again = getattr(service, "coding_pass", "first") == "second"
    return A.CODE_AGAIN if again else A.CODE


def _work(_service: object, arguments: Mapping[str, Any]) -> Action:
    needs = {Pass.SECOND: A.CODE_AGAIN, Pass.ADJUDICATED: A.AUDIT}
    return needs.get(arguments["work"].coding_pass, A.CODE)


def _answer(_service: object, arguments: Mapping[str, Any]) -> Action:
    coders_own = (AuditTurn.ACKNOWLEDGED, AuditTurn.REBUTTED, AuditTurn.ESCALATED)
    return A.READ if arguments["turn"] in coders_own else A.AUDIT


def _timeline(_service: object, arguments: Mapping[str, Any]) -> Action:
    return A.EXPORT_TEXT if arguments.get("comments") else A.EXPORT


_METHODS: dict[str, dict[Need, str]] = {  # service -> what its methods need
    "Accounts": {
        A.CODE: "coders",  # whom a chart can be handed to
        A.MANAGE_ACCOUNTS: "add close give_email give_role listing open_again reset_password",
    },
    "Analysing": {A.AUDIT: "elsewhere of_charts of_checkpoint shipped"},
    "Auditing": {
        A.AUDIT: "again audit begin codes export file_name go_on progress stop",
    },
    "Benefits": {A.READ: "look"},
    "Checking": {A.READ: "check check_coded difference groups impact"},
    "Comparing": {
        A.AUDIT: "candidates grounds kept running",
        A.TEACH: "start stop",
    },
    "Coding": {
        _code: "apply cover do explain_list keep_explanation open",
        A.READ: "chart",
    },
    "Detailing": {
        A.READ: "coded detailed sequence undoes_detail",
        _code: "comment order poa redo undo",
    },
    "DoubleCoding": {
        A.ASSIGN: "request",
        A.AUDIT: "agreement charts differences finish open reopen settle undo",
    },
    "Drift": {A.AUDIT: "incoming state"},
    "Explainer": {A.READ: "ask call_off look progress"},
    "Exporting": {A.EXPORT: "choices preview", _export: "file"},
    "Forgetting": {A.DELETE: "due forget"},
    "Health": {A.OPERATE: "back_up look verify"},
    "History": {A.AUDIT: "as_shown compare timeline", _timeline: "file"},
    "Insights": {A.AUDIT: "frames state"},
    "Intake": {A.UPLOAD: "receive store understand", A.READ: "listing note"},
    "Models": {A.AUDIT: "listing", A.TEACH: "promote register roll_back shadow"},
    "Memory": {A.READ: "events grounds listing remembers", A.TEACH: "add switch undo"},
    "Quality": {
        A.READ: "mine to_answer",  # of one's own charts; the service looks whose they are
        _answer: "answer",
        A.AUDIT: "candidates draw every find finish open scorecards sheet",
    },
    "Shadowing": {A.AUDIT: "candidates report state", A.TEACH: "start stop"},
    "Suggesting": {A.CODE: "suggest"},  # who decides on codes also reads notes
    "Supposing": {A.READ: "without"},
    "Training": {
        A.TEACH: "cancel current discard go_on has_base_corpus listing material start",
    },
    "Trials": {
        A.ASSIGN: "start reveal",
        A.CODE: "plant submit unmasked withheld",
        A.AUDIT: "every reliance",
    },
    "Trusting": {A.READ: "say"},
    "Worklist": {
        A.READ: "listing look",
        A.CODE: "next",
        _work: "claim hand_over open release renew",
        A.AUDIT: "rows",  # of both codings of a note
        A.ASSIGN: "assign free prioritise",
    },
}
NEEDS: dict[str, Need] = {
    f"{service}.{method}": need
    for service, needs in _METHODS.items()
    for need, methods in needs.items()
    for method in methods.split()
}


class Told(Protocol):
    """Who is told how each call went."""

    def __call__(
        self, what: str, *, seconds: float, error: BaseException | None, user: str
    ) -> None: ...


def guarded(service: T, actor: Actor, told: Told | None = None) -> T:
    """The service, for this actor: each call is refused with NotAllowed unless they may make it.

    A call that names somebody else as its coder is refused too: nobody acts in another's name.
    """
    return cast(T, _Guarded(service, actor, told))


class _Guarded:
    def __init__(self, service: object, actor: Actor, told: Told | None) -> None:
        self._service, self._actor, self._told = service, actor, told

    def __getattr__(self, name: str) -> Any:  # Any: whatever the service has
        value = getattr(self._service, name)
        if _is_field(self._service, name) and name not in HIDDEN:
            return value
        kind = type(self._service).__name__
        need = NEEDS.get(f"{kind}.{name}")
        if need is None:
            raise NotAllowed(f"{kind}.{name} has no line in the table of rights; nobody may use it")
        asking = _asking(value, need, self._actor, anybody=f"{kind}.{name}" in OF_ANYBODY)
        if self._told is None:
            return asking
        return _telling(asking, f"{kind}.{name}", self._actor, self._told)


def _is_field(service: object, name: str) -> bool:
    return is_dataclass(service) and name in {field.name for field in fields(service)}


def _asking(
    method: Callable[..., Any], need: Need, actor: Actor, *, anybody: bool
) -> Callable[..., Any]:
    signature, service = inspect.signature(method), getattr(method, "__self__", None)

    @wraps(method)
    def call(*args: Any, **kwargs: Any) -> Any:
        given = signature.bind(*args, **kwargs).arguments
        allow(actor, need if isinstance(need, Action) else need(service, given))
        draft = getattr(given.get("draft"), "auditor", None)  # of a finding
        named = next((given[name] for name in IDENTITY if name in given), draft)
        if not anybody and named not in (None, actor.name):
            raise NotAllowed(f"{actor.name} may not act in another's name; log in as that person")
        return method(*args, **kwargs)

    return call


def _telling(method: Callable[..., Any], what: str, actor: Actor, told: Told) -> Callable[..., Any]:
    @wraps(method)
    def call(*args: Any, **kwargs: Any) -> Any:
        failed: Exception | None = None
        begun = time.monotonic()
        try:
            return method(*args, **kwargs)
        except Exception as error:  # not those that only stop a page
            failed = error
            raise
        finally:
            seconds = time.monotonic() - begun
            told(what, seconds=seconds, error=failed, user=actor.name)

    return call
