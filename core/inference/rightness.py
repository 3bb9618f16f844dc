"""How often suggestions were right that said as much: what a probability is worth."""

from collections.abc import Mapping
from typing import Any

from core.fusion.calibration import BINS


def rightness(metrics: Mapping[str, Any]) -> tuple[float | None, ...]:  # Any: plain JSON
    """For each tenth of probability, the share that was right in cross-validation.

    None where no suggestion fell; empty where a checkpoint was not measured so.
    """
    measured = metrics.get("with_dev") or metrics.get("cross_validated") or {}
    found: list[float | None] = [None] * BINS
    for _, said, right in measured.get("reliability", ()):
        found[min(int(said * BINS), BINS - 1)] = right
    return tuple(found) if any(share is not None for share in found) else ()
