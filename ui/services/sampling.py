"""Which charts to audit: at random, by strata, or where something is likely to be wrong.

Pure functions. The same candidates, size and seed give the same sample in whatever order they come.
"""

import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from core.errors import BadInput
from db.audit_records import Drawn
from db.records import Status


class Method(StrEnum):
    """How a sample is drawn."""

    RANDOM = "random"
    BY_CODER = "stratified by coder"
    BY_STATUS = "stratified by status"
    BY_CHAPTER = "stratified by code chapter"
    LOW_CONFIDENCE = "lowest confidence first"
    CODERS_DIFFER = "coders differ most first"
    BRANCHES_DIFFER = "branches differ most first"


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A chart that could be audited. Risks are None where nothing is known of them."""

    note_id: int
    coder: str
    status: Status
    chapter: str
    confidence: float | None = None  # of the least probable code that was accepted
    coders_differ: float | None = None  # 1 - positive agreement of first and second coding
    branches_differ: float | None = None  # widest gap of a code's probability to its category's


_STRATA: dict[Method, Callable[[Candidate], str]] = {
    Method.BY_CODER: lambda each: each.coder,
    Method.BY_STATUS: lambda each: each.status.value,
    Method.BY_CHAPTER: lambda each: each.chapter,
}
_RISKS: dict[Method, Callable[[Candidate], float | None]] = {
    Method.LOW_CONFIDENCE: lambda each: None if each.confidence is None else 1 - each.confidence,
    Method.CODERS_DIFFER: lambda each: each.coders_differ,
    Method.BRANCHES_DIFFER: lambda each: each.branches_differ,
}


def draw(
    candidates: Iterable[Candidate], method: Method, *, size: int, seed: int
) -> tuple[Drawn, ...]:
    """At most `size` charts. BadInput if there is nothing to draw from.

    Strata get places in proportion to their charts, each at least one while there are places. By
    risk, the riskiest come first and equals by lot; charts of unknown risk are never drawn.
    """
    ordered = sorted(candidates, key=lambda each: each.note_id)
    if size < 1 or not ordered:
        raise BadInput(
            f"a sample of {size} of {len(ordered)} charts cannot be drawn; change either"
        )
    lot = random.Random(seed)  # noqa: S311  (an audit sample, not a secret)
    if method in _RISKS:
        return _riskiest(ordered, _RISKS[method], size, lot)
    return _stratified(ordered, _STRATA.get(method, lambda _: ""), size, lot)


def _riskiest(
    ordered: Sequence[Candidate],
    risk: Callable[[Candidate], float | None],
    size: int,
    lot: random.Random,
) -> tuple[Drawn, ...]:
    known = [(each, found) for each in ordered if (found := risk(each)) is not None]
    lot.shuffle(known)
    known.sort(key=lambda pair: -pair[1])
    return tuple(
        Drawn(note_id=each.note_id, stratum=f"risk {found:.3f}") for each, found in known[:size]
    )


def _stratified(
    ordered: Sequence[Candidate],
    stratum: Callable[[Candidate], str],
    size: int,
    lot: random.Random,
) -> tuple[Drawn, ...]:
    strata: dict[str, list[Candidate]] = defaultdict(list)
    for each in ordered:
        strata[stratum(each)].append(each)
    places = _places({name: len(found) for name, found in strata.items()}, size)
    return tuple(
        Drawn(note_id=each.note_id, stratum=name)
        for name, found in sorted(strata.items())
        for each in lot.sample(found, places[name])
    )


def _places(sizes: dict[str, int], size: int) -> dict[str, int]:
    """Places per stratum: the largest remainders, each stratum one before any gets its second."""
    total = sum(sizes.values())
    places = dict.fromkeys(sizes, 0)
    by_size = sorted(sizes, key=lambda name: (-sizes[name], name))
    for _ in range(min(size, total)):
        open_ones = [name for name in by_size if places[name] < sizes[name]]
        name = max(
            open_ones,
            key=lambda each: (places[each] == 0, sizes[each] / total * size - places[each]),
        )
        places[name] += 1
    return places
