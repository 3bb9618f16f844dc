"""An order of notes in which each teaches most after those before it.

What a unit is worth grows with the number of notes that hold it, for it will be met again, and
falls with every note before that holds it: ten notes alike do not stand one after the other. The
sum is submodular, so the greedy choice is near the best one (Nemhauser et al. 1978), and values
need only be looked at again when they come up ("lazy greedy", Minoux 1978).
"""

import heapq
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping
from typing import TypeVar

from core.active.prospects import Prospect

Name = TypeVar("Name", bound=Hashable)
AGAIN = 0.5  # power of the number of notes that hold a unit
WEAR = 1.0  # power of the number of notes before that held it


def ordered(
    prospects: Mapping[Name, Prospect], *, before: Iterable[Prospect] = (), first: int | None = None
) -> Iterator[tuple[Name, float]]:
    """Names with what each adds to the notes before it, the most first.

    before: notes that are chosen already; first: how many to choose so, the rest follow by what
    they would add alone. Equal values keep the order they came in.
    """
    common = Counter(unit.number for each in prospects.values() for unit in each.units)
    seen = Counter(unit.number for each in before for unit in each.units)

    def gain(name: Name) -> float:
        value: float = sum(
            unit.worth * common[unit.number] ** AGAIN / (1 + unit.met + seen[unit.number]) ** WEAR
            for unit in prospects[name].units
        )
        return value

    waiting = [(-gain(name), at, name) for at, name in enumerate(prospects)]
    heapq.heapify(waiting)
    chosen = 0
    while waiting and (first is None or chosen < first):
        _, at, name = heapq.heappop(waiting)
        value = gain(name)
        if waiting and -value > waiting[0][0]:
            heapq.heappush(waiting, (-value, at, name))
            continue
        seen.update(unit.number for unit in prospects[name].units)
        chosen += 1
        yield name, value
    for value, _, name in sorted(waiting):
        yield name, -value
