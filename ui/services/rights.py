"""Who may do what: one table of roles and actions, and the question that is asked of it.

Pages are offered by it, and below them `ui/services/guard.py` asks it before every call.
"""

from dataclasses import dataclass
from enum import StrEnum

from core.errors import NotAllowed
from db.account_records import Role
from db.records import Pass

__all__ = ["ALLOWED", "Action", "Actor", "Role", "allow", "codings_of", "may"]


class Action(StrEnum):
    """What can be done, in words that fit behind "may not"."""

    READ = "read notes and their codes"
    UPLOAD = "upload notes"
    CODE = "decide on codes"
    CODE_AGAIN = "code a chart for comparison"
    AUDIT = "audit charts"
    ASSIGN = "hand out work"
    EXPORT = "export decisions"
    EXPORT_TEXT = "export the text of notes"
    DELETE = "delete notes"
    MANAGE_ACCOUNTS = "manage accounts"
    OPERATE = "see how the server is doing"
    TEACH = "train models, put them into use and edit what memory learned"


_A = Action
ALLOWED: dict[Role, frozenset[Action]] = {
    Role.CODER: frozenset({_A.READ, _A.UPLOAD, _A.CODE}),
    Role.SECOND_CODER: frozenset({_A.READ, _A.CODE, _A.CODE_AGAIN}),
    Role.AUDITOR: frozenset({_A.READ, _A.AUDIT, _A.EXPORT}),
    Role.LEAD: frozenset(
        {
            *(_A.READ, _A.UPLOAD, _A.CODE, _A.AUDIT, _A.ASSIGN),
            *(_A.EXPORT, _A.EXPORT_TEXT, _A.DELETE, _A.TEACH),
        }
    ),
    # Who gives out accounts sees no patient's note: the two together would need no second person.
    Role.ADMINISTRATOR: frozenset({_A.MANAGE_ACCOUNTS, _A.OPERATE}),
}
ALONE = frozenset(Action) - {_A.MANAGE_ACCOUNTS}  # at one's own laptop there are no accounts


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Who is asking. Role None: the only user of a laptop, in single-user mode."""

    name: str
    role: Role | None


def may(actor: Actor, action: Action) -> bool:
    """Whether the actor's role includes the action."""
    return action in (ALONE if actor.role is None else ALLOWED[actor.role])


def allow(actor: Actor, action: Action) -> None:
    """NotAllowed, saying who could, if the actor's role does not include the action."""
    if may(actor, action):
        return
    others = [role.value for role in Role if action in ALLOWED[role]]
    raise NotAllowed(
        f"{actor.name} may not {action.value}: as {actor.role or 'the single user'} that is not "
        f"included; ask for one of these roles: {', '.join(others)}"
    )


def codings_of(actor: Actor) -> frozenset[Pass]:
    """The codings of a note that the actor may do on the worklist."""
    again = may(actor, Action.CODE_AGAIN)
    return frozenset({Pass.FIRST, Pass.SECOND} if again else {Pass.FIRST})
