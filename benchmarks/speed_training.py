"""Training MARN at a CodiEsp-like length mix on a CPU: notes a second, ours and the reference."""

import math
import random
import time
from collections.abc import Callable, Iterator, Sequence

import torch
from torch import Tensor

from benchmarks.reference import Reference, random_batches
from core.assembly import Model, assemble
from core.systems import system
from core.text import batches
from core.training import Examples
from core.training.steps import JointLoss, steps

NOTES, BATCH, VOCABULARY = 500, 16, 50_000
CENTRE, SPREAD, LONGEST = math.log(306), 0.476, 1130  # of CodiEsp, whose train has 500 notes
LABELS = {"icd": 50, "ccs": 38}
Update = Callable[[], None]


def section(*, seed: int = 0, notes: int = NOTES) -> Iterator[str]:
    """Every note once with both, step by step in turn."""
    examples = _examples(seed, notes)
    reference, ours = _reference(examples, seed), _ours(examples, seed)
    lengths = [len(ids) for ids in examples.ids]
    spent = [[0.0, 0.0], [0.0, 0.0]]  # wall and CPU seconds
    for pair in zip(reference, ours, strict=True):
        for kind, update in enumerate(pair):
            wall, busy = time.perf_counter(), time.process_time()
            update()
            spent[kind][0] += time.perf_counter() - wall
            spent[kind][1] += time.process_time() - busy
    cells = [
        sum(tokens_BT.numel() for tokens_BT, _ in _random(examples, seed)),
        sum(len(b) * max(lengths[i] for i in b) for b in _bucketed(lengths, seed)),
    ]
    yield (
        f"## Training on a CPU, {notes} notes of CodiEsp's lengths, MARN, 50 + 38 codes\n\n"
        f"Batches of {BATCH}, one thread, one epoch of each, a step of one and a step of the other "
        f"in turn. Lengths are log-normal (median {math.exp(CENTRE):.0f}, standard deviation of "
        f"the logarithm {SPREAD}). Target: 1.7 x.\n\n"
        "| | computed tokens / real ones | notes a second, wall | notes a second, CPU |\n"
        "|---|---|---|---|\n"
    )
    for name, (wall, busy), computed in zip(("reference", "ours"), spent, cells, strict=True):
        share = computed / sum(lengths)
        yield f"| {name} | {share:.2f} | {notes / wall:.1f} | {notes / busy:.1f} |\n"
    ratios = [spent[0][clock] / spent[1][clock] for clock in (0, 1)]
    yield f"| times faster | | **{ratios[0]:.2f}** | **{ratios[1]:.2f}** |\n"


def _examples(seed: int, notes: int) -> Examples:
    generator = random.Random(seed)  # noqa: S311 - lengths, not secrets
    lengths = [min(LONGEST, int(generator.lognormvariate(CENTRE, SPREAD))) for _ in range(notes)]
    targets = {task: (torch.rand(notes, codes) < 0.1).float() for task, codes in LABELS.items()}
    return Examples(
        notes=(),
        ids=tuple(tuple(generator.randrange(2, VOCABULARY) for _ in range(n)) for n in lengths),
        targets=targets,
        missed={task: torch.zeros(notes, dtype=torch.int64) for task in targets},
    )


def _random(examples: Examples, seed: int) -> Iterator[tuple[Tensor, list[int]]]:
    return random_batches(examples.ids, batch_size=BATCH, seed=seed)


def _bucketed(lengths: Sequence[int], seed: int) -> list[list[int]]:
    return batches(lengths, batch_size=BATCH, seed=seed)


def _marn() -> Model:
    return assemble(system("marn"), vocabulary_size=VOCABULARY, labels=LABELS).train()


def _reference(examples: Examples, seed: int) -> Iterator[Update]:
    model, joint = Reference(_marn()).train(), _marn().loss
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for tokens_BT, batch in _random(examples, seed):

        def update(tokens_BT: Tensor = tokens_BT, batch: Sequence[int] = batch) -> None:
            optimizer.zero_grad()
            targets = {task: part[list(batch)] for task, part in examples.targets.items()}
            joint(model(tokens_BT), targets).backward()
            optimizer.step()

        yield update


def _ours(examples: Examples, seed: int) -> Iterator[Update]:
    model = _marn()
    learner = JointLoss(model)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)
    order = _bucketed([len(ids) for ids in examples.ids], seed)
    prepared = steps(examples, order, device=torch.device("cpu"))

    def update() -> None:
        step = next(prepared)
        optimizer.zero_grad()
        learner(step.parts[0], step.codes).backward()
        optimizer.step()

    for _ in order:
        yield update
