"""Training at the shape of MIMIC-III full on a GPU: notes a second, memory, and what bounds it.

    python -m benchmarks.speed_gpu [--device cuda] [--rounds 5]     writes build/speed_gpu.md

`benchmarks.speed` puts that page into docs/benchmarks/speed.md. All notes are as long as a note
can be, so nothing is gained from padding here.
"""

import argparse
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from torch.profiler import ProfilerActivity, profile

from benchmarks.reference import Reference
from core.assembly import Model, assemble
from core.systems import System, system
from core.training.steps import JointLoss, Part

FOUND = Path("build") / "speed_gpu.md"
ROWS_OF_PROFILE = 12


@dataclass(frozen=True, kw_only=True)
class Shape:
    """Sizes of a step."""

    notes: int = 64
    tokens: int = 4000
    icd: int = 8921
    ccs: int = 295
    vocabulary: int = 50_000

    @property
    def labels(self) -> dict[str, int]:
        return {"icd": self.icd, "ccs": self.ccs}


def page(shape: Shape, row: System, *, device: torch.device, rounds: int) -> Iterator[str]:
    """Figures of both, and the profile of our step."""
    yield (
        f"\n## Training on a GPU, {shape.notes} notes of {shape.tokens:,} tokens, "
        f"{shape.icd:,} + {shape.ccs} codes\n\n{_named(device)}; the median of {rounds} steps of "
        "one and the other in turn; memory is the most that was allocated. Reference: float32, "
        "attention matrix, plain Adam. Ours: bf16 autocast, label attention in pieces, fused Adam. "
        "Targets: 5 x the notes a second, a quarter of the memory.\n\n"
        "| | notes a second | peak memory |\n|---|---|---|\n"
    )
    part = _part(shape, device)
    # one after the other, so that neither model stands in the other's memory
    found = {}
    for name, made in (("reference", _reference), ("ours", _ours)):
        update = made(_model(shape, row, device), part)
        found[name] = _measured(update, part, device, rounds)
        if name == "ours":
            table = _profiled(update, device)
        del update
    for name, (rate, peak) in found.items():
        yield f"| {name} | {rate:,.1f} | {peak / 2**30:,.1f} GiB |\n"
    (slow, large), (fast, small) = found["reference"], found["ours"]
    share = f"{small / large:.2f} of it" if large else "–"
    yield f"| ours | **{fast / slow:.1f} x** | **{share}** |\n"
    yield f"\nWhere our step spends its time:\n\n```\n{table}\n```\n"


def _measured(
    update: Callable[[], None], part: Part, device: torch.device, rounds: int
) -> tuple[float, int]:
    """Notes a second, and the most memory that was allocated (0 on a CPU)."""
    update()
    _wait(device)
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        update()
        _wait(device)
        times.append(time.perf_counter() - start)
    peak = torch.cuda.max_memory_allocated(device) if device.type == "cuda" else 0
    return len(part.tokens_BT) / statistics.median(times), peak


def _profiled(update: Callable[[], None], device: torch.device) -> str:
    kinds = [ProfilerActivity.CPU]
    if device.type == "cuda":
        kinds.append(ProfilerActivity.CUDA)
    with profile(activities=kinds) as seen:
        update()
        _wait(device)
    order = "self_cuda_time_total" if device.type == "cuda" else "self_cpu_time_total"
    table: str = seen.key_averages().table(sort_by=order, row_limit=ROWS_OF_PROFILE)
    return table


def _model(shape: Shape, row: System, device: torch.device) -> Model:
    model = assemble(row, vocabulary_size=shape.vocabulary, labels=shape.labels)
    return model.to(device).train()


def _part(shape: Shape, device: torch.device) -> Part:
    size = shape.notes, shape.tokens
    targets = {
        task: (torch.rand(shape.notes, codes, device=device) < 0.01).float()
        for task, codes in shape.labels.items()
    }
    return Part(
        tokens_BT=torch.randint(2, shape.vocabulary, size, device=device),
        mask_BT=torch.ones(size, dtype=torch.bool, device=device),
        targets=targets,
        carried=targets,
        marks={},
        share=1.0,
        mark_shares={},
    )


def _reference(model: Model, part: Part) -> Callable[[], None]:
    reference = Reference(model).to(part.tokens_BT.device).train()
    optimizer = torch.optim.Adam(reference.parameters(), lr=1e-3)

    def update() -> None:
        optimizer.zero_grad()
        model.loss(reference(part.tokens_BT), part.targets).backward()
        optimizer.step()

    return update


def _ours(model: Model, part: Part) -> Callable[[], None]:
    learner = JointLoss(model)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)

    def update() -> None:
        optimizer.zero_grad()
        learner(part, None).backward()
        optimizer.step()

    return update


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def _named(device: torch.device) -> str:
    return torch.cuda.get_device_name(device) if device.type == "cuda" else "CPU"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    FOUND.parent.mkdir(exist_ok=True)
    device = torch.device(options.device)
    parts = page(Shape(), system("marn"), device=device, rounds=options.rounds)
    FOUND.write_text("".join(parts))


if __name__ == "__main__":
    main()
