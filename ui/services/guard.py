"""The guard before every service: asks the table of rights, then passes the call on.

Pages only ever hold guarded services (`ui.session`). What has no line in NEEDS is refused, so a
new service or method is closed until somebody decides who may use it.
"""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from functools import wraps
from typing import Any, TypeVar, cast

from core.errors import NotAllowed
from ui.services.export import Export, Format
from ui.services.rights import Action, Actor, allow

T = TypeVar("T")
Need = Action | Callable[[Mapping[str, Any]], Action]  # of a call's arguments

IDENTITY = ("by", "auditor", "coder")  # the first of these that a call has names who makes it
HIDDEN = ("engine", "learning")  # fields that lead past the guard


def _export(arguments: Mapping[str, Any]) -> Action:
    wanted: Export = arguments["export"]
    text = wanted.text or wanted.format is Format.CORPUS
    return Action.EXPORT_TEXT if text else Action.EXPORT


NEEDS: dict[str, Need] = {
    "Intake.receive": Action.UPLOAD,
    "Intake.listing": Action.READ,
    "Coding.open": Action.CODE,
    "Coding.cover": Action.CODE,
    "Coding.chart": Action.READ,
    "Coding.apply": Action.CODE,
    "Coding.next_note": Action.READ,
    "Coding.first_note": Action.READ,
    "Coding.keep_explanation": Action.CODE,
    "Exporting.preview": Action.EXPORT,
    "Exporting.file": _export,
    "Explainer.ask": Action.READ,
    "Explainer.look": Action.READ,
    "Explainer.progress": Action.READ,
    "Explainer.call_off": Action.READ,
    "Auditing.begin": Action.AUDIT,
    "Auditing.go_on": Action.AUDIT,
    "Auditing.progress": Action.AUDIT,
    "Auditing.stop": Action.AUDIT,
    "Auditing.audit": Action.AUDIT,
    "Auditing.export": Action.AUDIT,
    "Accounts.add": Action.MANAGE_ACCOUNTS,
    "Accounts.give_role": Action.MANAGE_ACCOUNTS,
    "Accounts.give_email": Action.MANAGE_ACCOUNTS,
    "Accounts.reset_password": Action.MANAGE_ACCOUNTS,
    "Accounts.close": Action.MANAGE_ACCOUNTS,
    "Accounts.open_again": Action.MANAGE_ACCOUNTS,
    "Accounts.listing": Action.MANAGE_ACCOUNTS,
}


def guarded(service: T, actor: Actor) -> T:
    """The service, for this actor: each call is refused with NotAllowed unless they may make it.

    A call that names somebody else as its coder is refused too: nobody acts in another's name.
    """
    return cast(T, _Guarded(service, actor))


class _Guarded:
    def __init__(self, service: object, actor: Actor) -> None:
        self._service, self._actor = service, actor

    def __getattr__(self, name: str) -> Any:  # Any: whatever the service has
        value = getattr(self._service, name)
        if _is_field(self._service, name) and name not in HIDDEN:
            return value
        kind = type(self._service).__name__
        need = NEEDS.get(f"{kind}.{name}")
        if need is None:
            raise NotAllowed(f"{kind}.{name} has no line in the table of rights; nobody may use it")
        return _asking(value, need, self._actor)


def _is_field(service: object, name: str) -> bool:
    return is_dataclass(service) and name in {field.name for field in fields(service)}


def _asking(method: Callable[..., Any], need: Need, actor: Actor) -> Callable[..., Any]:
    signature = inspect.signature(method)

    @wraps(method)
    def call(*args: Any, **kwargs: Any) -> Any:
        given = signature.bind(*args, **kwargs).arguments
        allow(actor, need if isinstance(need, Action) else need(given))
        named = next((given[name] for name in IDENTITY if name in given), actor.name)
        if named != actor.name:
            raise NotAllowed(f"{actor.name} may not act in another's name; log in as that person")
        return method(*args, **kwargs)

    return call
