"""Where the checkpoint is that is used when nobody names one."""

import os
from pathlib import Path

from core.errors import BadCheckpoint

CHECKPOINTS = Path(__file__).resolve().parents[2] / "checkpoints"


def shipped_checkpoint() -> Path:
    """The folder EVICODE_CHECKPOINT names, or else the one under checkpoints/."""
    named = os.environ.get("EVICODE_CHECKPOINT")
    if named:
        return Path(named)
    found = sorted(path.parent for path in CHECKPOINTS.glob("[!.]*/spec.json"))
    if len(found) != 1:
        raise BadCheckpoint(
            f"{len(found)} checkpoints stand under checkpoints/, so none is the default; "
            "name one with --checkpoint or EVICODE_CHECKPOINT"
        )
    return found[0]
