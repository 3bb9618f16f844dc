"""One note of 4,000 tokens on a CPU: ours, the plain model in PyTorch, and the reference.

python -m benchmarks.speed_note KIND LABELS     peak memory of one forward pass, in bytes
"""

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor

from benchmarks.reference import Reference
from core.assembly import Model, assemble
from core.inference.engine import Engine, TorchEngine, engine
from core.systems import system

LENGTH, VOCABULARY, ROUNDS = 4000, 50_000, 9
SPACES: Mapping[str, Mapping[str, int]] = {
    "50 + 38": {"icd": 50, "ccs": 38},
    "8,921 + 295": {"icd": 8921, "ccs": 295},
}
KINDS = ("reference", "plain", "ours")
Scores = Callable[[Tensor], Mapping[str, Tensor]]


def section() -> Iterator[str]:
    """A table of seconds and ratios, one of memory."""
    yield (
        "## One note of 4,000 tokens, MARN (d_r = 300, vocabulary 50,000 x 100)\n\n"
        f"One thread; reference, plain and ours in turn, {ROUNDS} rounds; medians, ratios round by "
        "round. *Wall* is what a coder waits for on this (busy) machine; *CPU* is what the core "
        "works, and hardly depends on what else runs. *Reference*: attention matrix, no masks. "
        "*PyTorch*: our model where ONNX Runtime is missing. Targets: 1.5 x and 2 x.\n\n"
        "| codes | clock | reference | PyTorch | ours | PyTorch, times faster | "
        "ours, times faster | largest difference of a logit |\n|---|---|---|---|---|---|---|---|\n"
    )
    for name, labels in SPACES.items():
        yield from _timed(name, labels)
    yield (
        "\nPeak memory of one forward pass: each in a process of its own that has built its model "
        "and scored a note of 50 tokens; the kernel's high-water mark of resident memory is set "
        "back, and what the pass adds to it is read (median of three). Target: a third.\n\n"
        "| codes | reference | PyTorch | ours | ours / reference |\n|---|---|---|---|---|\n"
    )
    for name in SPACES:
        peaks = [statistics.median(_peak(kind, name) for _ in range(3)) for kind in KINDS]
        cells = " | ".join(f"{peak / 2**20:,.0f} MiB" for peak in peaks)
        yield f"| {name} | {cells} | {peaks[2] / peaks[0]:.2f} |\n"


def _timed(name: str, labels: Mapping[str, int]) -> Iterator[str]:
    model, note_BT = _model(labels), torch.randint(2, VOCABULARY, (1, LENGTH))
    scorers = [_scorer(kind, model) for kind in KINDS]
    expected, *others = [score(note_BT) for score in scorers]
    apart = max(float((o[t] - expected[t]).abs().max()) for o in others for t in expected)
    rounds = [[_seconds(score, note_BT) for score in scorers] for _ in range(ROUNDS)]
    for clock, place in (("wall", 0), ("CPU", 1)):
        times = [[each[place] for each in found] for found in rounds]
        middle = [statistics.median(column) for column in zip(*times, strict=True)]
        ratios = [statistics.median(row[0] / row[kind] for row in times) for kind in (1, 2)]
        yield (
            f"| {name} | {clock} | {' | '.join(f'{m * 1000:,.0f} ms' for m in middle)} | "
            f"{ratios[0]:.2f} | **{ratios[1]:.2f}** | {apart:.0e} |\n"
        )


def _model(labels: Mapping[str, int]) -> Model:
    """MARN with statistics of some notes in its norms."""
    model = assemble(system("marn"), vocabulary_size=VOCABULARY, labels=labels).train()
    with torch.no_grad():
        model.read(torch.randint(2, VOCABULARY, (4, 200)), torch.ones(4, 200, dtype=torch.bool))
    return model.eval().requires_grad_(requires_grad=False)


def _scorer(kind: str, model: Model) -> Scores:
    if kind == "reference":
        reference = Reference(model).eval()
        return torch.inference_mode()(lambda note_BT: reference(note_BT))  # type: ignore[no-any-return]
    engines: Mapping[str, Callable[[Model], Engine]] = {"plain": TorchEngine, "ours": engine}
    used = engines[kind](model)
    return lambda note_BT: used.logits(*used.read(note_BT))


def _seconds(score: Scores, note_BT: Tensor) -> tuple[float, float]:
    wall, busy = time.perf_counter(), time.process_time()
    score(note_BT)
    return time.perf_counter() - wall, time.process_time() - busy


def _peak(kind: str, name: str) -> int:
    command = [sys.executable, "-m", "benchmarks.speed_note", kind, name]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)  # noqa: S603


def _memory(kind: str, name: str) -> int:
    """Bytes that one forward pass adds to the resident memory of this process at its peak."""
    score = _scorer(kind, _model(SPACES[name]))
    score(torch.randint(2, VOCABULARY, (1, 50)))
    note_BT = torch.randint(2, VOCABULARY, (1, LENGTH))
    Path("/proc/self/clear_refs").write_text("5")  # the high-water mark becomes what is there now
    before = _status("VmRSS")
    score(note_BT)
    return _status("VmHWM") - before


def _status(field: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    (kilobytes,) = (line.split()[1] for line in lines if line.startswith(f"{field}:"))
    return int(kilobytes) * 1024


def main(arguments: Sequence[str]) -> None:
    torch.set_num_threads(1)
    print(_memory(*arguments))  # noqa: T201 - read by the process that started this one


if __name__ == "__main__":
    main(sys.argv[1:])
