"""Boosted trees: features of a candidate -> a probability, where networks are too smooth.

All nodes of one depth ask the same question (oblivious trees: Kohavi 1994; boosted so by CatBoost,
Prokhorenkova et al. 2018), so that a tree of depth 4 is four questions and 16 answers. Questions
are chosen by the second-order gain of the log loss (Chen & Guestrin 2016), each from a random part
of the features. Legend: N candidates, F features, B bins, T trees, D depth.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class TreeSettings:
    """How trees are grown. Chosen by cross-validation on CMC 2007 (docs/benchmarks/cmc.md)."""

    members: int = 4
    trees: int = 150
    depth: int = 4
    bins: int = 32
    learning_rate: float = 0.08
    share: float = 0.4  # of the features that a question is chosen from
    ridge: float = 3.0  # added to the curvature of every leaf


@dataclass(frozen=True, kw_only=True)
class Trees:
    """An ensemble of boosted ensembles; their logits are averaged."""

    features_MTD: Ints
    cuts_MTD: Floats  # a candidate goes up where its feature is above
    leaves_MTL: Floats
    start: float

    def probabilities(self, features_NF: Floats) -> Floats:
        """Give one probability for each candidate."""
        logits_N = np.full(len(features_NF), self.start)
        weights_D = 2 ** np.arange(self.features_MTD.shape[2])
        for features_TD, cuts_TD, leaves_TL in zip(
            self.features_MTD, self.cuts_MTD, self.leaves_MTL, strict=True
        ):
            for features_D, cuts_D, leaves_L in zip(features_TD, cuts_TD, leaves_TL, strict=True):
                leaf_N = (features_NF[:, features_D] > cuts_D) @ weights_D
                logits_N += leaves_L[leaf_N] / len(self.features_MTD)
        found: Floats = (1 / (1 + np.exp(-logits_N))).astype(np.float32)
        return found


def grow(
    features_NF: Floats, targets_N: Floats, *, settings: TreeSettings | None = None, seed: int = 0
) -> Trees:
    """Train trees; the same seed and numbers give the same trees."""
    settings = settings or TreeSettings()
    random = np.random.default_rng(seed)
    steps = np.linspace(0, 1, settings.bins + 1)[1:-1]
    cuts_FB = np.quantile(features_NF, steps, axis=0, method="lower").T.astype(np.float32)
    binned_NF = np.stack(
        [
            np.searchsorted(cuts, column)
            for cuts, column in zip(cuts_FB, features_NF.T, strict=True)
        ],
        axis=1,
    )
    mean = float(np.clip(targets_N.mean(), 1e-3, 1 - 1e-3))
    start = float(np.log(mean / (1 - mean)))
    grown = [
        _boost(binned_NF, targets_N, start=start, settings=settings, random=random)
        for _ in range(settings.members)
    ]
    features_MTD = np.array([[tree[0] for tree in member] for member in grown])
    places_MTD = np.array([[tree[1] for tree in member] for member in grown])
    return Trees(
        features_MTD=features_MTD,
        cuts_MTD=cuts_FB[features_MTD, places_MTD],
        leaves_MTL=np.array([[tree[2] for tree in member] for member in grown], dtype=np.float32),
        start=start,
    )


Tree = tuple[list[int], list[int], Floats]  # features asked, bins cut after, answers


def _boost(
    binned_NF: Ints,
    targets_N: Floats,
    *,
    start: float,
    settings: TreeSettings,
    random: np.random.Generator,
) -> list[Tree]:
    logits_N = np.full(len(targets_N), start)
    trees = []
    for _ in range(settings.trees):
        guess_N = 1 / (1 + np.exp(-logits_N))
        slopes_2N = np.stack([targets_N - guess_N, guess_N * (1 - guess_N)])
        tree, leaf_N = _tree(binned_NF, slopes_2N, settings, random)
        trees.append(tree)
        logits_N += tree[2][leaf_N]
    return trees


def _tree(
    binned_NF: Ints,
    slopes_2N: NDArray[np.float64],
    settings: TreeSettings,
    random: np.random.Generator,
) -> tuple[Tree, Ints]:
    """One tree, and the leaf of every candidate. A question that gains nothing does no harm."""
    width = binned_NF.shape[1]
    asked: list[int] = []
    cut: list[int] = []
    leaf_N = np.zeros(len(binned_NF), dtype=np.int64)
    for depth in range(settings.depth):
        tried = random.choice(width, max(1, round(settings.share * width)), replace=False)
        gain_FB = _gain(binned_NF[:, tried], slopes_2N, leaf_N, 2**depth, settings)
        best, place = np.unravel_index(int(gain_FB.argmax()), gain_FB.shape)
        asked.append(int(tried[best]))
        cut.append(int(place))
        leaf_N = leaf_N + 2**depth * (binned_NF[:, asked[-1]] > place)
    slope_L, curve_L = (np.bincount(leaf_N, part, 2**settings.depth) for part in slopes_2N)
    answers = settings.learning_rate * slope_L / (curve_L + settings.ridge)
    return (asked, cut, answers.astype(np.float32)), leaf_N


def _gain(
    binned_NF: Ints,
    slopes_2N: NDArray[np.float64],
    leaf_N: Ints,
    leaves: int,
    settings: TreeSettings,
) -> NDArray[np.float64]:
    """F x (B - 1): what cutting every leaf at this bin of this feature takes off the loss."""
    width = binned_NF.shape[1]
    bins = settings.bins
    place_NF = (leaf_N[:, None] * width + np.arange(width)) * bins + binned_NF
    sums = [
        np.bincount(place_NF.ravel(), np.repeat(part, width), leaves * width * bins)
        .reshape(leaves, width, bins)
        .cumsum(axis=2)
        for part in slopes_2N
    ]
    (below_s, all_s), (below_c, all_c) = ((each[..., :-1], each[..., -1:]) for each in sums)
    ridge = settings.ridge
    gain = below_s**2 / (below_c + ridge) + (all_s - below_s) ** 2 / (all_c - below_c + ridge)
    total: NDArray[np.float64] = gain.sum(axis=0)
    return total
