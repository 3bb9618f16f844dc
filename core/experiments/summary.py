"""What the runs of an experiment say together: mean, spread, and differences pair by pair."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.experiments.cells import Cell
from core.experiments.keeping import Json
from core.experiments.running import Outcome, Run, outcome
from core.systems import System


@dataclass(frozen=True, kw_only=True)
class Spread:
    """Mean and standard deviation (of a sample; None for one value) over seeds."""

    values: tuple[float, ...]

    @property
    def mean(self) -> float:
        return statistics.fmean(self.values)

    @property
    def sd(self) -> float | None:
        return statistics.stdev(self.values) if len(self.values) > 1 else None

    def __str__(self) -> str:
        return f"{self.mean:.1f}" + ("" if self.sd is None else f" ± {self.sd:.1f}")


@dataclass(frozen=True, kw_only=True)
class Line:
    """A cell with what its seeds left."""

    cell: Cell
    system: System | None  # None where the cell's settings cannot be
    outcomes: dict[int, Outcome]  # by seed

    @property
    def results(self) -> dict[int, Json]:
        """The results there are, by seed."""
        return {seed: o.result for seed, o in self.outcomes.items() if o.result is not None}

    def figure(self, task: str, metric: str) -> dict[int, float]:
        """One figure of each seed that has it."""
        found = {
            seed: result["figures"].get(task, {}).get(metric)
            for seed, result in self.results.items()
        }
        return {seed: value for seed, value in found.items() if value is not None}

    def spread(self, task: str, metric: str) -> Spread | None:
        """The same over the seeds; None if no seed has it."""
        values = tuple(self.figure(task, metric).values())
        return Spread(values=values) if values else None

    def cost(self, name: str) -> float | None:
        """The median over seeds of what a run cost; None if nobody measured it."""
        found = (result["cost"].get(name) for result in self.results.values())
        values = [value for value in found if value is not None]
        return statistics.median(values) if values else None

    @property
    def parameters(self) -> int | None:
        return next((int(result["parameters"]) for result in self.results.values()), None)


def lines(cells: Sequence[Cell], runs: Sequence[Run], folder: Path) -> list[Line]:
    """A line for every cell, in their order."""
    found = []
    for cell in cells:
        own = [run for run in runs if run.cell == cell.name]
        system = next((run.spec.system for run in own if run.spec), None)
        outcomes = {run.seed: outcome(run, folder) for run in own}
        found.append(Line(cell=cell, system=system, outcomes=outcomes))
    return found


def difference(with_it: Line, without: Line, task: str, metric: str) -> Spread | None:
    """What one line has more than the other, seed by seed; None without a seed in common."""
    more, less = with_it.figure(task, metric), without.figure(task, metric)
    values = tuple(more[seed] - less[seed] for seed in sorted(more.keys() & less.keys()))
    return Spread(values=values) if values else None


def verdict(found: Spread) -> str:
    """In words: every seed agrees and the mean exceeds the spread, or nothing can be said."""
    if len(found.values) < 2 or found.sd is None or abs(found.mean) <= found.sd:
        return "no clear difference"
    if all(value > 0 for value in found.values):
        return "better with it"
    if all(value < 0 for value in found.values):
        return "worse with it"
    return "no clear difference"
