"""Which models can be held against each other: those that are there, each with its folder."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Engine

from core.checkpoints import SPEC
from core.errors import BadCheckpoint, BadInput, EvicodeError
from core.inference import Coder, shipped_checkpoint
from core.settings import settings
from db import models, unit_of_work

MODELS = Path(__file__).resolve().parents[2] / "data" / "models"


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A model: the shipped checkpoint, or one that was trained here."""

    checkpoint: str  # hash
    name: str
    folder: Path = field(repr=False)
    in_use: bool = False
    shadow: bool = False


Candidates = Callable[[], tuple[Candidate, ...]]


def models_folder() -> Path:
    """The folder of models trained here."""
    return settings().models or MODELS


def registered(engine: Engine) -> tuple[Candidate, ...]:
    """The model in use first, then the newest first; what has no folder is left out."""
    with unit_of_work(engine, write=False) as session:
        stored, standing = models.every(session), models.standing(session)
    folder = models_folder()
    trained = {each.hash: (each.name, folder / each.folder) for each in stored}
    found = {**_shipped(), **trained}
    in_use = standing.in_use or next(iter(_shipped()), None)
    there = [
        Candidate(
            checkpoint=checkpoint,
            name=name,
            folder=place,
            in_use=checkpoint == in_use,
            shadow=checkpoint == standing.shadow,
        )
        for checkpoint, (name, place) in found.items()
        if (place / SPEC).is_file()
    ]
    return tuple(sorted(there, key=lambda each: not each.in_use))


def named(those: Iterable[Candidate], checkpoint: str) -> Candidate:
    """The one with this hash; BadInput if there is none."""
    found = next((each for each in those if each.checkpoint == checkpoint), None)
    if found is None:
        raise BadInput(f"there is no model {checkpoint[:12]} here any more; choose another")
    return found


def loaded(folder: Path, checkpoint: str) -> Coder:
    """The coder in a folder; BadCheckpoint if it is another than it was."""
    coder = Coder.load(folder)
    if coder.checkpoint != checkpoint:
        raise BadCheckpoint(
            f"the folder {folder.name!r} holds another checkpoint than it did; restore it"
        )
    return coder


def _shipped() -> Mapping[str, tuple[str, Path]]:
    try:
        folder = shipped_checkpoint()
        digest = hashlib.sha256((folder / SPEC).read_bytes()).hexdigest()
    except (EvicodeError, OSError):
        return {}
    return {digest: (folder.name, folder)}
