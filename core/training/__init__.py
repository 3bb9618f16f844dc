"""Training: a row of the systems table and coded notes in, a trained model out."""

from core.training.calibration import calibrate
from core.training.examples import Examples, examples
from core.training.figures import figures, thresholds_of, watched
from core.training.loop import Plan, Trained, score, train

__all__ = [
    "Examples",
    "Plan",
    "Trained",
    "calibrate",
    "examples",
    "figures",
    "score",
    "thresholds_of",
    "train",
    "watched",
]
