"""The figures of a model on coded notes, per task and per code system.

"label space" asks only for codes the model ranks; "all gold" counts the gold codes it does not
rank as missed, which is what a coder would feel.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from core.corpora import Category, targets
from core.metrics import best_threshold, evaluate
from core.training.examples import Examples
from core.types import CodeSpace, CodeSystem

Figures = dict[str, Any]  # Any: plain JSON
Scores = NDArray[np.float32]


def thresholds_of(scores: Mapping[str, Tensor], examples: Examples) -> dict[str, float]:
    """For each task, the probability from which predictions have the best micro-F1."""
    return {
        task: best_threshold(
            scores[task].numpy(), examples.targets[task].numpy(), examples.missed[task].numpy()
        )
        for task in scores
    }


def figures(
    scores: Mapping[str, Tensor],
    examples: Examples,
    spaces: Mapping[str, CodeSpace],
    *,
    thresholds: Mapping[str, float],
    category: Category,
) -> Figures:
    """All metrics of each task; "icd" also for each code system it mixes."""
    found: Figures = {}
    for task, space in spaces.items():
        found[task] = _both_ways(
            scores[task].numpy(),
            examples.targets[task].numpy(),
            examples.missed[task].numpy(),
            threshold=thresholds[task],
        )
        if task == "icd":
            found[task]["systems"] = {
                system.value: _of_system(
                    scores[task].numpy(),
                    examples,
                    space,
                    system=system,
                    threshold=thresholds[task],
                    category=category,
                )
                for system in sorted({code.system for code in space})
            }
    return found


def watched(scores: Mapping[str, Tensor], examples: Examples) -> dict[str, float]:
    """A few figures of the first task to follow during training, all gold codes counted."""
    task = next(iter(scores))
    found = evaluate(
        scores[task].numpy(),
        examples.targets[task].numpy(),
        threshold=thresholds_of(scores, examples)[task],
        missed_N=examples.missed[task].numpy(),
    )
    precision = {name: value or 0.0 for name, value in found.precision_at.items()}
    return {
        **precision,
        "MAP": found.mean_average_precision or 0.0,
        "micro-F1": found.micro_f1,
    }


def _of_system(
    scores_NL: Scores,
    examples: Examples,
    space: CodeSpace,
    *,
    system: CodeSystem,
    threshold: float,
    category: Category,
) -> Figures:
    """The same figures as if the task held the codes of one system only."""
    columns = [place for place, code in enumerate(space) if code.system is system]
    part = CodeSpace(name="icd", codes=tuple(space.codes[place] for place in columns))
    notes = [
        replace(note, annotations=tuple(a for a in note.annotations if a.code.system is system))
        for note in examples.notes
    ]
    labelled = targets(notes, {"icd": part}, category)["icd"]
    return _both_ways(scores_NL[:, columns], labelled.targets, labelled.missed, threshold=threshold)


def _both_ways(
    scores_NL: Scores, targets_NL: Scores, missed_N: NDArray[np.int64], *, threshold: float
) -> Figures:
    return {
        "label space": evaluate(scores_NL, targets_NL, threshold=threshold).to_json(),
        "all gold": evaluate(
            scores_NL, targets_NL, threshold=threshold, missed_N=missed_N
        ).to_json(),
    }
