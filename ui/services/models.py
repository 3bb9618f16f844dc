"""Models: what was trained here, which one is in use, and putting another into use.

Nothing goes into use that was not loaded first, whole and unaltered: what a lead promotes here is
at hand for the next chart, and what cannot be loaded is refused before anything changes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine

from core.checkpoints import load_checkpoint
from core.errors import BadCheckpoint
from db import models, unit_of_work
from db.models import Change, ModelEvent, Standing, StoredModel
from ui.services.loading import Loading
from ui.services.logs import event
from ui.services.model_folders import checkpoints_in, folder_of

__all__ = ["Change", "Known", "Models", "Overview", "Standing"]


@dataclass(frozen=True, kw_only=True)
class Known:
    """A model as the registry knows it. The shipped one has neither folder nor lineage here."""

    hash: str
    name: str
    folder: str | None
    parent: str | None
    lineage: Mapping[str, Any]  # Any: JSON as training wrote it
    by: str
    at: datetime | None
    promotes_as: str | None  # what `promote` takes
    in_use: bool = False
    before: bool = False  # what rolling back brings
    shadow: bool = False


@dataclass(frozen=True, kw_only=True)
class Overview:
    """All there is to say of the models.

    models: the newest first, the shipped one last. problem: why the model in use is not, and
    instead: which one goes on meanwhile. unregistered: folders with a checkpoint nobody
    registered, with its hash.
    """

    models: tuple[Known, ...]
    standing: Standing
    history: tuple[ModelEvent, ...]
    unregistered: Mapping[str, str]
    problem: str | None = None
    instead: str | None = None

    def name_of(self, checkpoint: str | None) -> str:
        """The name of a model by its hash; None: the shipped one. A hash nobody knows stays one."""
        if checkpoint is None:
            return self.models[-1].name
        known = (each.name for each in self.models if each.hash == checkpoint)
        return next(known, checkpoint[:12])


@dataclass(frozen=True, kw_only=True)
class Models:
    """What a lead does with models, and an auditor sees of them."""

    engine: Engine
    loading: Loading
    now: Callable[[], datetime]

    def listing(self) -> Overview:
        """Every model, what is in use, and how that came to be."""
        with unit_of_work(self.engine, write=False) as session:
            every = models.every(session)
            standing = models.standing(session)
            history = models.history(session)
        known = [_known(each, standing) for each in every]
        registered = {each.hash for each in every} | {each.folder for each in every}
        found = checkpoints_in(self.loading.folder)
        serving, failure = self.loading.serving(), self.loading.failure()
        return Overview(
            models=(*known, self._shipped(standing)),
            standing=standing,
            history=history,
            unregistered={
                name: digest
                for name, digest in found.items()
                if name not in registered and digest not in registered
            },
            problem=None if failure is None else failure.why,
            instead=None if failure is None or serving is None else serving.coder.name,
        )

    def register(self, folder: str, *, by: str) -> StoredModel:
        """Register the checkpoint in a folder of models, once it was read whole.

        BadCheckpoint if it cannot be used; BadInput if the folder's name is no plain name.
        """
        checkpoint = load_checkpoint(folder_of(folder, within=self.loading.folder))
        past = checkpoint.metrics.get("lineage") or [{}]
        lineage = past[-1] if isinstance(past, list) and isinstance(past[-1], dict) else {}
        model = StoredModel(
            hash=checkpoint.hash,
            name=checkpoint.name,
            folder=folder,
            parent=lineage.get("parent"),
            lineage=lineage,
        )
        with unit_of_work(self.engine) as session:
            kept = models.register(session, model, by=by, at=self.now())
        event("registered", model=kept.hash[:12], user=by)
        return kept

    def promote(self, checkpoint: str | None, *, reason: str, by: str, seen: int) -> Standing:
        """Put a model into use for every chart opened from now on; None: the shipped one.

        seen: the turn of the standing that was looked at. Raises what `db.models.promote` raises,
        and BadCheckpoint, with nothing changed, if the model cannot be loaded.
        """
        self._loads(checkpoint)
        with unit_of_work(self.engine) as session:
            after = models.promote(
                session, checkpoint, reason=reason, by=by, at=self.now(), seen=seen
            )
        return self._told("promoted", after, by)

    def roll_back(self, *, reason: str, by: str, seen: int) -> Standing:
        """Return to the model that was in use before the last promotion; raises as `promote`."""
        with unit_of_work(self.engine, write=False) as session:
            before = models.standing(session).before
        if before:
            self._loads(before[0])
        with unit_of_work(self.engine) as session:
            after = models.roll_back(session, reason=reason, by=by, at=self.now(), seen=seen)
        return self._told("rollback", after, by)

    def shadow(self, checkpoint: str | None, *, by: str) -> Standing:
        """Let a model run silently beside the one in use; None: none any more."""
        if checkpoint is not None:
            self.loading.load(checkpoint)
        with unit_of_work(self.engine) as session:
            after = models.shadow(session, checkpoint, by=by, at=self.now())
        event("shadow", model=(after.shadow or "none")[:12], user=by)
        return after

    def _loads(self, checkpoint: str | None) -> None:
        try:
            self.loading.load(checkpoint or self.loading.shipped_hash())
        except BadCheckpoint as error:
            raise BadCheckpoint(f"nothing was changed: {error}") from error

    def _told(self, what: str, after: Standing, by: str) -> Standing:
        """Say it in the log, without the reason; the model is in use at once."""
        event(what, model=(after.in_use or "shipped")[:12], user=by)
        self.loading.in_use()
        return after

    def _shipped(self, standing: Standing) -> Known:
        try:
            digest = self.loading.shipped_hash()
            name = self.loading.shipped().name
        except BadCheckpoint:
            digest, name = "", "none"
        return Known(
            hash=digest,
            name=name,
            folder=None,
            parent=None,
            lineage={},
            by="",
            at=None,
            promotes_as=None,
            in_use=standing.in_use is None,
            before=standing.before[:1] == (None,),
        )


def _known(model: StoredModel, standing: Standing) -> Known:
    return Known(
        hash=model.hash,
        name=model.name,
        folder=model.folder,
        parent=model.parent,
        lineage=model.lineage,
        by=model.by,
        at=model.at,
        promotes_as=model.hash,
        in_use=standing.in_use == model.hash,
        before=standing.before[:1] == (model.hash,),
        shadow=standing.shadow == model.hash,
    )
