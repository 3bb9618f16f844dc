"""Ours beside a plain re-implementation of the reference, and how long a coder waits; on one core.

    python -m benchmarks.speed          writes docs/benchmarks/speed.md

What was measured on a GPU with `python -m benchmarks.speed_gpu` is taken over, if it was.
"""

import statistics
import time
from collections.abc import Callable
from pathlib import Path

import torch

from benchmarks import speed_note, speed_training
from benchmarks.report import header
from benchmarks.speed_gpu import FOUND
from core.inference import Coder
from core.types import Note

REPORT = Path(__file__).parents[1] / "docs" / "benchmarks" / "speed.md"
TOKENS = (250, 1000, 4000)
ROUNDS = 7
NO_GPU = (
    "\n## Training on a GPU\n\nNot measured: no CUDA device was at hand. On one, `python -m "
    "benchmarks.speed_gpu` measures a step at MIMIC-III's shape (64 notes of 4,000 tokens, 8,921 + "
    "295 codes) against the reference, with a profile; this page then shows it.\n"
)
WORDS = (
    *("the", "patient", "was", "admitted", "with", "acute", "chest", "pain", "and", "fever"),
    *("paciente", "con", "dolor", "torácico"),
)


def main() -> None:
    torch.set_num_threads(1)
    coder = Coder.load()
    coder.suggest(Note(id="warm", text="fever"))
    rows = [_row(coder, tokens) for tokens in TOKENS]
    said = (
        "\n## How long a coder waits\n\n"
        f"Checkpoint `{coder.name}` ({coder.checkpoint[:12]}), one thread; best / median of "
        f"{ROUNDS} notes. Targets at 1,000 tokens: suggestions within 0.5 s, attention within "
        "50 ms more.\n\n"
        "| tokens | suggestions | attention, one code more | integrated gradients, one more |\n"
        "|---|---|---|---|\n"
    )
    REPORT.write_text(
        header("Speed on one core", "make bench-speed")
        + "".join(speed_note.section())
        + "\n"
        + "".join(speed_training.section())
        + (FOUND.read_text() if FOUND.exists() else NO_GPU)
        + said
        + "".join(rows)
    )


def _row(coder: Coder, tokens: int) -> str:
    suggest, attend, integrate = [], [], []
    for number in range(ROUNDS):
        text = " ".join((WORDS * tokens)[: tokens - 1]) + f" note{number}"
        note = Note(id=str(number), text=text)
        suggest.append(_seconds(lambda note=note: coder.suggest(note)))
        code = coder.suggest(note).of("icd")[0].code
        attend.append(_seconds(lambda n=note, c=code: coder.explain(n, [c], method="attention")))
        if number < 2:
            integrate.append(
                _seconds(
                    lambda n=note, c=code: coder.explain(n, [c], method="integrated_gradients")
                )
            )
    cells = [_figure(times) for times in (suggest, attend, integrate)]
    return f"| {tokens:,} | {' | '.join(cells)} |\n"


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _figure(times: list[float]) -> str:
    best, middle = min(times) * 1000, statistics.median(times) * 1000
    return f"{best:,.0f} / {middle:,.0f} ms"


if __name__ == "__main__":
    main()
