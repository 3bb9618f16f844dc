"""Places of codes in the Poincaré ball: constructed (ours) against trained (gensim).

python -m benchmarks.hierarchy     writes docs/benchmarks/hierarchy.md
"""

import random
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from gensim.models.poincare import PoincareModel
from scipy.stats import spearmanr
from torch import Tensor

from benchmarks.report import header
from core.codes import shared_tables
from core.knowledge import distance
from core.knowledge.poincare import path, places
from core.types import Code, CodeSystem

REPORT = Path(__file__).parents[1] / "docs" / "benchmarks" / "hierarchy.md"
CODES, EPOCHS, SEED = 600, 50, 0


def steps(first: Sequence[str], second: Sequence[str]) -> int:
    """Edges between two codes of the hierarchy, given their lines of ancestors."""
    shared = 0
    while shared < min(len(first), len(second)) and first[shared] == second[shared]:
        shared += 1
    return len(first) + len(second) - 2 * shared


def figures(places_LP: Tensor, lines: Sequence[Sequence[str]]) -> tuple[float, float]:
    """Rank correlation of distance and steps; share of codes whose nearest is as near as any."""
    labels = len(lines)
    apart_LL = distance(places_LP[:, None], places_LP[None])
    steps_LL = torch.tensor([[steps(one, other) for other in lines] for one in lines])
    upper = torch.triu_indices(labels, labels, 1)
    correlation = spearmanr(apart_LL[*upper], steps_LL[*upper]).statistic
    nearest_L = apart_LL.fill_diagonal_(torch.inf).argmin(dim=1)
    fewest_L = steps_LL.fill_diagonal_(99).amin(dim=1)
    hit = (steps_LL[torch.arange(labels), nearest_L] == fewest_L).double().mean().item()
    return float(correlation), hit


def trained(lines: Sequence[tuple[str, ...]], *, dimensions: int, ancestors: bool) -> Tensor:
    """gensim's places, from edges to the parent or to every ancestor."""
    pairs = set()
    for line in lines:
        for depth in range(1, len(line)):
            above = line[:depth] if ancestors else line[depth - 1 : depth]
            pairs |= {(line[depth], other) for other in above}
    model = PoincareModel(sorted(pairs), size=dimensions, seed=SEED)
    model.train(epochs=EPOCHS, print_every=10**9)
    return torch.from_numpy(np.stack([model.kv[line[-1]] for line in lines]).astype(np.float64))


def main() -> None:
    listed = shared_tables().icd10cm.codes()
    drawn = random.Random(SEED).sample(listed, CODES)  # noqa: S311 - a sample, not a secret
    codes = [Code(CodeSystem.ICD10CM, code) for code in drawn]
    lines = [path(code) for code in codes]
    kinds = {
        "constructed, 10 dimensions": lambda: places(codes, dimensions=10).double(),
        "constructed, 50 dimensions (`hypercore`)": lambda: places(codes, dimensions=50).double(),
        "gensim, 50 dimensions, parents": lambda: trained(lines, dimensions=50, ancestors=False),
        "gensim, 50 dimensions, all ancestors": lambda: trained(
            lines, dimensions=50, ancestors=True
        ),
    }
    rows = []
    for name, make in kinds.items():
        started = time.monotonic()
        found_LP = make()
        seconds = time.monotonic() - started
        correlation, nearest = figures(found_LP, lines)
        rows.append(f"| {name} | {correlation:.3f} | {nearest:.1%} | {seconds:.2f} s |\n")
    REPORT.write_text(
        header("Places of codes in hyperbolic space", "python -m benchmarks.hierarchy")
        + f"{CODES} random codes of ICD-10-CM (seed {SEED}); gensim's `PoincareModel` for {EPOCHS} "
        "epochs with its defaults. Times are of one run on a machine with other work to do: "
        "compare them with each other. A good place keeps what the hierarchy says: distances "
        "in the order of the steps through the tree, and a nearest neighbour that is a nearest "
        "relative.\n\n"
        "| places | rank correlation of distance with steps | nearest is as near as any | time |\n"
        "|---|---|---|---|\n" + "".join(rows)
    )


if __name__ == "__main__":
    main()
