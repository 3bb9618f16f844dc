"""Faithfulness: whether the words an explanation ranks first are those the probability hangs on.

Comprehensiveness asks what is lost without them, sufficiency what is lost when nothing else is left
(DeYoung et al. 2020, eq. 1-2). Over several numbers of words, first the most and then the least
important ones going, they make two perturbation curves; the area over each (AOPC) is what
Edin et al. 2024 report, relative to the probability of the whole note.

What "without" means is up to the caller, who passes a function of the words that stay. Deleting
them is what a coder's what-if does, and serves network and fused systems alike, but brings together
words that stood apart; another word in their place (Edin et al. take the mask token) keeps the
distances, but is itself something the model may have hardly ever read.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from core.errors import BadSettings

SIZES = (0, 1, 2, 5, 10, 20, 50, 100)  # words; Edin et al. go to 100 in steps of two

Kept = NDArray[np.bool_]
Floats = NDArray[np.float64]
Probabilities = Callable[[Kept], Floats]
"""Which words stay, one row for each text (kept_KT) -> one code's probability in each (K)."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Curves:
    """One code's probability in the whole note, without its k first words, and with only them."""

    sizes: tuple[int, ...]  # k, rising from 0
    whole: float
    without_K: Floats  # most important words removed first
    only_K: Floats  # least important words removed first, until k are left


@dataclass(frozen=True, kw_only=True)
class Faithfulness:
    """Shares of the whole note's probability, means over the curves.

    comprehensiveness: lost without the first words; high is faithful. sufficiency: lost with
    nothing but them; low is faithful, and a gain counts as no loss.
    """

    comprehensiveness: float
    sufficiency: float


def comprehensiveness(probabilities: Probabilities, evidence_T: NDArray[np.bool_]) -> float:
    """What the probability loses without the evidence (DeYoung et al. 2020, eq. 1)."""
    whole, without = probabilities(np.stack([np.ones_like(evidence_T), ~evidence_T]))
    return float(whole - without)


def sufficiency(probabilities: Probabilities, evidence_T: NDArray[np.bool_]) -> float:
    """What the probability loses when only the evidence is left (eq. 2)."""
    whole, only = probabilities(np.stack([np.ones_like(evidence_T), evidence_T]))
    return float(whole - only)


def perturbation(
    probabilities: Probabilities, scores_T: NDArray[np.floating], sizes: Sequence[int] = SIZES
) -> Curves:
    """Both curves of one code from the scores of its T words; equal scores go in note order.

    Sizes beyond the note end at the whole of it.
    """
    if not sizes or sizes[0] != 0 or any(a >= b for a, b in pairwise(sizes)):
        raise BadSettings(f"sizes are {tuple(sizes)}; give numbers of words that rise from 0")
    words = len(scores_T)
    taken = tuple(dict.fromkeys(min(size, words) for size in sizes))
    rank_T = np.empty(words, dtype=np.int64)
    rank_T[np.argsort(-scores_T, kind="stable")] = np.arange(words)
    first_KT = rank_T < np.array(taken)[:, None]
    found = probabilities(np.concatenate([~first_KT, first_KT]))
    without_K, only_K = np.split(np.asarray(found, dtype=np.float64), 2)
    whole = float(without_K[0])  # without none of its words
    return Curves(sizes=taken, whole=whole, without_K=without_K, only_K=only_K)


def faithfulness(curves: Curves) -> Faithfulness:
    """The areas over both curves, relative to the whole note's probability.

    BadSettings where that is 0: nothing can be lost, so nothing can be said.
    """
    if curves.whole <= 0:
        raise BadSettings("the whole note gives this code a probability of 0; leave the code out")
    lost_K = (curves.whole - curves.without_K) / curves.whole
    missing_K = np.maximum(curves.whole - curves.only_K, 0) / curves.whole
    return Faithfulness(
        comprehensiveness=area(curves.sizes, lost_K), sufficiency=area(curves.sizes, missing_K)
    )


def at_random(
    probabilities: Probabilities,
    words: int,
    *,
    draws: int,
    seed: int,
    sizes: Sequence[int] = SIZES,
) -> Faithfulness:
    """The same for words in random order, the mean of several: what any method has to beat."""
    generator = np.random.default_rng(seed)
    found = [
        faithfulness(perturbation(probabilities, generator.random(words), sizes))
        for _ in range(draws)
    ]
    return Faithfulness(
        comprehensiveness=float(np.mean([each.comprehensiveness for each in found])),
        sufficiency=float(np.mean([each.sufficiency for each in found])),
    )


def area(sizes: Sequence[int], changes_K: Floats) -> float:
    """Mean height of a curve over its sizes: straight lines between points (trapezoids)."""
    if len(sizes) < 2:
        return float(changes_K[0])
    return float(np.trapezoid(changes_K, sizes) / (sizes[-1] - sizes[0]))
