"""The folders of models trained here: where they are, and which checkpoint each says it holds."""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from core.errors import BadCheckpoint
from core.settings import settings

_DATA = Path(__file__).resolve().parents[2] / "data"
_SPEC = "spec.json"  # lists the files of a checkpoint with their hashes


def models_folder() -> Path:
    """The folder of the models trained here, one checkpoint in each folder of it."""
    return settings().models or _DATA / "models"


def folder_of(name: str, *, within: Path) -> Path:
    """The folder of this name. BadCheckpoint if it is not there, or leads elsewhere."""
    found = within / name
    if found.resolve().parent != within.resolve() or not found.is_dir():
        raise BadCheckpoint(f"there is no folder {name!r} in the folder of models; restore it")
    return found


def hash_of(folder: Path) -> str:
    """The hash of the checkpoint in a folder: that of its list of files and their hashes.

    Loading it compares every file with that list.
    """
    try:
        return sha256((folder / _SPEC).read_bytes()).hexdigest()
    except OSError as error:
        raise BadCheckpoint(
            f"checkpoint {folder.name} cannot be read ({error.strerror}); restore the whole folder"
        ) from error


def checkpoints_in(folder: Path) -> Mapping[str, str]:
    """The checkpoints of this folder: the name of each one's folder, and its hash."""
    found = {}
    for spec in sorted(folder.glob(f"[!.]*/{_SPEC}")):
        try:
            found[spec.parent.name] = hash_of(folder_of(spec.parent.name, within=folder))
        except BadCheckpoint:
            continue  # it went meanwhile, or leads elsewhere
    return found
