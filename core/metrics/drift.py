"""Whether what comes in has changed: length of notes, their words, the mix of their codes.

Pure functions. A period is a pandas alias, as in `core.metrics.insights`.
"""

from collections.abc import Hashable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from core.metrics.insights import periods
from core.metrics.shares import with_interval

SHUFFLES = 19  # the highest of 19 is passed once in 20 times by chance alone
Counts = NDArray[np.float64]


def lengths(notes: pd.DataFrame, *, period: str = "MS") -> pd.DataFrame:
    """period, notes, p10, median, p90 of characters; of notes with created_at and characters."""
    named = notes.assign(
        period=periods(notes["created_at"], period), characters=notes["characters"].astype(float)
    )
    characters = named.groupby("period")["characters"]
    found = pd.DataFrame(
        {
            "notes": characters.count(),
            "p10": characters.quantile(0.1),
            "median": characters.median(),
            "p90": characters.quantile(0.9),
        }
    )
    return found.reset_index()


def unknown_words(notes: pd.DataFrame, *, period: str = "MS") -> pd.DataFrame:
    """period, notes, words, unknown, share and its interval; of notes with words and unknown."""
    by_period = notes.assign(period=periods(notes["created_at"], period)).groupby("period")
    found = by_period.agg(
        notes=("note", "count"), words=("words", "sum"), unknown=("unknown", "sum")
    )
    return with_interval(found.reset_index(), hits="unknown", of="words", share="share")


def distances(
    things: Sequence[Sequence[Hashable]], when: pd.Series, *, period: str = "MS", seed: int = 0
) -> pd.DataFrame:
    """period, notes, distance, by_chance: each period's mix of things against the first period's.

    things: of each note its words or codes, `when` it came in. distance is Jensen-Shannon's, the
    square root of the divergence in bits: 0 the same mix, 1 nothing in common. by_chance is the
    highest of 19 distances after notes of both periods were shuffled between them: what is below
    it may be no change. Whole notes are shuffled, because words of one note belong together.
    """
    named = periods(when, period).to_numpy()
    counted = _counts(things)
    order = sorted(set(named))
    lot = np.random.default_rng(seed)
    rows = []
    for each in order:
        one, other = np.flatnonzero(named == order[0]), np.flatnonzero(named == each)
        first = each == order[0]
        distance = 0.0 if first else jensen_shannon(_sum(counted, one), _sum(counted, other))
        chance = np.nan if first else _by_chance(counted, one, other, lot)
        rows.append((each, len(other), distance, chance))
    return pd.DataFrame(rows, columns=["period", "notes", "distance", "by_chance"])


def mix(finals: pd.DataFrame, *, period: str = "MS") -> pd.DataFrame:
    """period, chapter, codes, of, share and its interval; of codes with shown_at and chapter."""
    named = finals.assign(period=periods(finals["shown_at"], period))
    found = named.groupby(["period", "chapter"], as_index=False).agg(codes=("code", "size"))
    found["of"] = found.groupby("period")["codes"].transform("sum")
    return with_interval(found, hits="codes", of="of", share="share")


def jensen_shannon(one: Counts, other: Counts) -> float:
    """Jensen-Shannon distance of two counts of the same things, 0 to 1; NaN if one is empty."""
    if not one.sum() or not other.sum():
        return float("nan")
    p, q = one / one.sum(), other / other.sum()
    middle = (p + q) / 2
    return float(np.sqrt(max(0.0, (_bits(p, middle) + _bits(q, middle)) / 2)))


def _bits(p: Counts, q: Counts) -> float:
    held = p > 0
    return float((p[held] * np.log2(p[held] / q[held])).sum())


def _by_chance(
    counted: csr_matrix, one: NDArray[np.intp], other: NDArray[np.intp], lot: np.random.Generator
) -> float:
    both = counted[np.concatenate([one, other])]
    together = _sum(both, np.arange(both.shape[0]))
    found = []
    for _ in range(SHUFFLES):
        mixed = lot.permutation(both.shape[0])
        half = _sum(both, mixed[: len(one)])
        found.append(jensen_shannon(half, together - half))
    return float(max(found))


def _counts(things: Sequence[Sequence[Hashable]]) -> csr_matrix:
    """Notes x different things: how often each stands in each note."""
    places: dict[Hashable, int] = {}
    columns = [places.setdefault(each, len(places)) for of_note in things for each in of_note]
    rows = np.repeat(np.arange(len(things)), [len(of_note) for of_note in things])
    shape = (len(things), max(1, len(places)))
    return csr_matrix((np.ones(len(columns)), (rows, columns)), shape=shape)


def _sum(counted: csr_matrix, rows: NDArray[np.intp]) -> Counts:
    """The counts of these notes together."""
    chosen = np.zeros(counted.shape[0])
    chosen[rows] = 1
    return np.asarray(chosen @ counted).ravel()
