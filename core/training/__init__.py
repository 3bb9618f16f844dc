"""Training: a row of the systems table and coded notes in, a trained model out."""

from core.training.calibration import calibrate
from core.training.examples import Examples, examples
from core.training.figures import figures, thresholds_of, watched
from core.training.fusing import FusionPlan, folds, fuse, origin, remember, rows_of
from core.training.loop import Plan, Trained, score, train
from core.training.network import (
    Network,
    NetworkPlan,
    held_out_scores,
    own_category,
    scores_of,
    train_network,
)
from core.training.phrase_texts import phrase_notes
from core.training.pretrained import Pretrained, read_pretrained
from core.training.start import drawn_together

__all__ = [
    "Examples",
    "FusionPlan",
    "Network",
    "NetworkPlan",
    "Plan",
    "Pretrained",
    "Trained",
    "calibrate",
    "drawn_together",
    "examples",
    "figures",
    "folds",
    "fuse",
    "held_out_scores",
    "origin",
    "own_category",
    "phrase_notes",
    "read_pretrained",
    "remember",
    "rows_of",
    "score",
    "scores_of",
    "thresholds_of",
    "train",
    "train_network",
    "watched",
]
