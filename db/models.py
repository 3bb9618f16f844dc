"""Models trained here: which there are, which one is in use, and how that came to be.

A model is known by the hash of its checkpoint. None stands for the checkpoint Evicode came with,
which is in use until a model is promoted. What is in use now is folded from what happened, so that
rolling back can be repeated until nothing is left to take back.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from core.errors import BadInput, Conflict
from db.model_tables import ModelEventRow, ModelRow

LONGEST_NAME = 80
_HASH = re.compile(r"[0-9a-f]{64}")
_FOLDER = re.compile(r"[^\W_][\w.+-]*")  # no path, nothing hidden


class Change(StrEnum):
    """What can happen to the models."""

    PROMOTED = "promoted"
    ROLLED_BACK = "rolled back"
    SHADOWED = "shadowed"


@dataclass(frozen=True, kw_only=True)
class StoredModel:
    """A model that was trained here. `by` and `at` are set once it is registered."""

    hash: str
    name: str
    folder: str  # its name in the folder of models, never a path
    parent: str | None = None  # the hash of the checkpoint it was trained from
    lineage: Mapping[str, Any] = field(default_factory=dict)  # Any: JSON (feedback, settings, ...)
    by: str = ""
    at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class ModelEvent:
    """One change: from then on `model` was in use instead of `replaced`, or ran as the shadow."""

    id: int
    change: Change
    model: str | None
    replaced: str | None
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What is in use now.

    before: what rolling back brings, the next first; empty: nothing was promoted. turn: names this
    state of affairs; whoever promotes or rolls back says which they saw.
    """

    in_use: str | None = None
    before: tuple[str | None, ...] = ()
    shadow: str | None = None
    turn: int = 0


def register(session: Session, model: StoredModel, *, by: str, at: datetime) -> StoredModel:
    """Keep a model; one that is known already is given back as it is.

    BadInput if its folder is another model's, or no plain name.
    """
    if (known := find(session, model.hash)) is not None:
        return known
    _check(model)
    if (
        other := session.scalar(select(ModelRow).where(ModelRow.folder == model.folder))
    ) is not None:
        raise BadInput(
            f"the folder {model.folder!r} was registered as {other.name!r} with other content; "
            "give the new model a folder of its own"
        )
    row = ModelRow(
        hash=model.hash,
        name=" ".join(model.name.split()),
        folder=model.folder,
        parent=model.parent,
        lineage=dict(model.lineage),
        by=by,
        at=at,
    )
    session.add(row)
    session.flush()
    return _stored(row)


def every(session: Session) -> tuple[StoredModel, ...]:
    """All models, the newest first. The shipped checkpoint is not among them."""
    rows = session.scalars(select(ModelRow).order_by(ModelRow.id.desc()))
    return tuple(_stored(row) for row in rows)


def find(session: Session, hash: str) -> StoredModel | None:
    """The model with this checkpoint, or None."""
    row = session.scalar(select(ModelRow).where(ModelRow.hash == hash))
    return None if row is None else _stored(row)


def in_use(session: Session) -> str | None:
    """The hash of the model in use; None: the shipped checkpoint. One query of one row."""
    last = (
        select(ModelRow.hash)
        .select_from(ModelEventRow)
        .outerjoin(ModelRow, ModelRow.id == ModelEventRow.model_id)
        .where(ModelEventRow.kind.in_((Change.PROMOTED.value, Change.ROLLED_BACK.value)))
        .order_by(ModelEventRow.id.desc())
    )
    return session.scalar(last.limit(1))


def shadowing(session: Session) -> str | None:
    """The hash of the model that runs silently beside the one in use, or None."""
    return standing(session).shadow


def standing(session: Session) -> Standing:
    """What is in use, what was before it, and the shadow."""
    return _folded(session)[0]


def history(session: Session) -> tuple[ModelEvent, ...]:
    """All changes, the newest first."""
    return tuple(reversed(_folded(session)[1]))


def promote(
    session: Session,
    hash: str | None,
    *,
    reason: str,
    by: str,
    at: datetime,
    seen: int | None = None,
) -> Standing:
    """Put a model into use; None: the shipped checkpoint.

    seen: the `turn` of the Standing that whoever decides looked at; None: whatever it is now.
    Conflict if another turn came since; BadInput if the model is not registered or in use already,
    or without a reason.
    """
    before = _unchanged(session, seen)
    if hash == before.in_use:
        raise BadInput("this model is in use already; choose another")
    model_id = _id(session, hash)
    return _append(session, Change.PROMOTED, model_id, reason=_said(reason), by=by, at=at)


def roll_back(
    session: Session, *, reason: str, by: str, at: datetime, seen: int | None = None
) -> Standing:
    """Return to the model that was in use before the last promotion; raises as `promote` does.

    Again: to the one before that, at last to the shipped checkpoint.
    """
    standing = _unchanged(session, seen)
    if not standing.before:
        raise BadInput("no model was promoted, so there is none to go back to")
    model_id = _id(session, standing.before[0])
    return _append(session, Change.ROLLED_BACK, model_id, reason=_said(reason), by=by, at=at)


def shadow(
    session: Session,
    hash: str | None,
    *,
    by: str,
    at: datetime,
) -> Standing:
    """Let a model run silently beside the one in use; None: none any more.

    BadInput if it is not registered or is the one in use. Promoting it ends its shadow.
    """
    before = standing(session)
    if hash == before.shadow:
        return before
    if hash is not None and hash == before.in_use:
        raise BadInput("this model is in use, so it cannot run beside itself; choose another")
    return _append(session, Change.SHADOWED, _id(session, hash), reason="", by=by, at=at)


def _check(model: StoredModel) -> None:
    if not _HASH.fullmatch(model.hash):
        raise BadInput("a model is known by the SHA-256 of its checkpoint: 64 digits and letters")
    if not _FOLDER.fullmatch(model.folder) or len(model.folder) > LONGEST_NAME:
        raise BadInput(
            f"the folder of a model is a plain name of at most {LONGEST_NAME} letters, digits and "
            "-_.+ that begins with a letter or digit; rename it"
        )
    if not 0 < len(model.name.strip()) <= LONGEST_NAME:
        raise BadInput(f"a model needs a name of at most {LONGEST_NAME} characters; enter one")
    try:
        json.dumps(dict(model.lineage), allow_nan=False)
    except (TypeError, ValueError):
        raise BadInput(
            "the lineage of a model is not plain JSON; write numbers and words"
        ) from None


def _unchanged(session: Session, seen: int | None) -> Standing:
    now = standing(session)
    if seen is not None and seen != now.turn:
        raise Conflict(
            "somebody else has changed which model is in use meanwhile; look at it again, then "
            "decide"
        )
    return now


def _said(reason: str) -> str:
    if not (said := reason.strip()):
        raise BadInput("a change of the model in use needs a reason; enter one")
    return said


def _id(session: Session, hash: str | None) -> int | None:
    if hash is None:
        return None
    found = session.scalar(select(ModelRow.id).where(ModelRow.hash == hash))
    if found is None:
        raise BadInput(f"no model {hash[:12]} is registered; register its folder first")
    return found


def _append(
    session: Session, change: Change, model_id: int | None, *, reason: str, by: str, at: datetime
) -> Standing:
    session.add(ModelEventRow(kind=change.value, model_id=model_id, reason=reason, by=by, at=at))
    session.flush()
    return standing(session)


def _folded(session: Session) -> tuple[Standing, list[ModelEvent]]:
    now, past = Standing(), []
    for row, model in session.execute(_events()):
        change = Change(row.kind)
        replaced = now.shadow if change is Change.SHADOWED else now.in_use
        past.append(
            ModelEvent(
                id=row.id,
                change=change,
                model=model,
                replaced=replaced,
                reason=row.reason,
                by=row.by,
                at=row.at,
            )
        )
        now = _after(now, past[-1])
    return now, past


def _after(now: Standing, event: ModelEvent) -> Standing:
    if event.change is Change.SHADOWED:
        return Standing(in_use=now.in_use, before=now.before, shadow=event.model, turn=now.turn)
    promoted = event.change is Change.PROMOTED
    return Standing(
        in_use=event.model,
        before=(now.in_use, *now.before) if promoted else now.before[1:],
        shadow=None if now.shadow == event.model else now.shadow,
        turn=event.id,
    )


def _events() -> Select[ModelEventRow, str]:
    return (
        select(ModelEventRow, ModelRow.hash)
        .outerjoin(ModelRow, ModelRow.id == ModelEventRow.model_id)
        .order_by(ModelEventRow.id)
    )


def _stored(row: ModelRow) -> StoredModel:
    return StoredModel(
        hash=row.hash,
        name=row.name,
        folder=row.folder,
        parent=row.parent,
        lineage=row.lineage,
        by=row.by,
        at=row.at,
    )
