"""Experiments: rows x seeds on a corpus, each run in its own process, and one report of them."""

from core.experiments.cells import Cell, Changes, changed, parsed
from core.experiments.conduct import MOST_EPOCHS, Conduct, Found, conduct
from core.experiments.notes import KINDS, Counts, Notes, Selection
from core.experiments.report import costs, failures, figures, preamble
from core.experiments.summary import Line, Spread, difference, verdict
from core.experiments.table import BLOCKS, EXPERIMENTS, Experiment, experiment, with_blocks

__all__ = [
    "BLOCKS",
    "EXPERIMENTS",
    "KINDS",
    "MOST_EPOCHS",
    "Cell",
    "Changes",
    "Conduct",
    "Counts",
    "Experiment",
    "Found",
    "Line",
    "Notes",
    "Selection",
    "Spread",
    "changed",
    "conduct",
    "costs",
    "difference",
    "experiment",
    "failures",
    "figures",
    "parsed",
    "preamble",
    "verdict",
    "with_blocks",
]
