"""Where the checkpoint is that is used when nobody names one."""

from pathlib import Path

from core.errors import BadCheckpoint
from core.settings import settings

CHECKPOINTS = Path(__file__).resolve().parents[2] / "checkpoints"


def shipped_checkpoint() -> Path:
    """The folder the settings name, or else the one under checkpoints/."""
    if (named := settings().checkpoint) is not None:
        return named
    found = sorted(path.parent for path in CHECKPOINTS.glob("[!.]*/spec.json"))
    if len(found) != 1:
        raise BadCheckpoint(
            f"{len(found)} checkpoints stand under checkpoints/, so none is the default; "
            "name one with --checkpoint or EVICODE_CHECKPOINT"
        )
    return found[0]
