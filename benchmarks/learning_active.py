"""Does it pay to code first what teaches most? Simulated coders code CodiEsp in either order.

    python -m benchmarks.learning_active [--dir CODIESP] [--runs build/learning] [--only NAME ...]

A simulated coder gives a note its gold codes and marks their evidence. Memory and combiner are
learned from the first notes of an order, nothing else, and rank the codes of notes that nobody
coded. The active order is made as it would be at work: in steps, from what memory knows after the
notes before. The weights of `core.active` were chosen inside train. Every run leaves a JSON file
and is not repeated. `section` gives the page's part.
"""

import argparse
import json
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.learning_active_report import report
from core.active import Known, ordered, prospect
from core.codes import shared_tables
from core.corpora import load, translations
from core.fusion import CombinerSettings, Fusion, fit
from core.fusion.strength import share
from core.memory import WHOLE, Bridge, Listed, Reading, learn_bridge
from core.memory.index import Match, PhraseIndex, Sentences
from core.metrics.track import Judged, mean_average_precision
from core.metrics.track import Listed as Suggested
from core.training import FusionPlan, folds, own_category, remember, rows_of
from core.training.fusing import MEMORY_FOLDS
from core.types import CodeSystem, Note, Suggestion

SIZES = (10, 50, 100, 150, 200, 250, 300, 400)
FIRST_SHOWN = (300, 100, 200, 400, 50, 250, 150, 10)
SEEDS, FOLDS = 2, 5
FIRST, STEP = 10, 30  # notes that are chosen at once
RUNS = Path("build") / "learning"
PICTURE = Path("docs") / "benchmarks" / "learning" / "active.svg"
Json = dict[str, Any]  # Any: plain JSON


@dataclass(frozen=True, kw_only=True)
class Data:
    train: tuple[Note, ...]
    dev: tuple[Note, ...]
    plan: FusionPlan


class Remembered:
    """A fixed index of phrases that answers the same note from a table: it never learns."""

    def __init__(self, index: PhraseIndex) -> None:
        self._index = index
        self._found: dict[tuple[str, ...], list[Match]] = {}

    def __getattr__(self, name: str) -> Any:  # Any: what the index has
        return getattr(self._index, name)

    def find(self, sentences: Sentences) -> list[Match]:
        stems = tuple(stem for stem, _ in sentences.words)
        if stems not in self._found:
            self._found[stems] = list(self._index.find(sentences))
        return self._found[stems]


def main() -> None:
    options = _options()
    torch.set_num_threads(1)
    options.runs.mkdir(parents=True, exist_ok=True)
    data = cache(partial(_data, options.dir, options.runs))
    for name, run in _runs(options.runs).items():
        kept = options.runs / f"active-{name}.json"
        if kept.exists() or (options.only and not any(each in name for each in options.only)):
            continue
        started = time.monotonic()
        found = run(data())
        kept.write_text(json.dumps({**found, "seconds": time.monotonic() - started}, indent=1))
        print(name, json.dumps(found)[:120], flush=True)  # noqa: T201 - a script's progress


def _runs(folder: Path) -> dict[str, Callable[[Data], Json]]:
    runs: dict[str, Callable[[Data], Json]] = {
        "order": lambda data: {"order": active(data.train, data.plan)},
    }
    for size in FIRST_SHOWN:  # what matters most first: the benchmark may be stopped
        runs[f"dev-active-{size}"] = partial(_dev_active, folder=folder, size=size)
        runs[f"dev-random-{size}-0"] = partial(_dev_random, size=size, seed=0)
    runs["dev-random-500-0"] = partial(_dev_random, size=500, seed=0)
    for seed in range(1, SEEDS):
        for size in FIRST_SHOWN:
            runs[f"dev-random-{size}-{seed}"] = partial(_dev_random, size=size, seed=seed)
    for fold in range(FOLDS):
        runs[f"wide-{fold}"] = partial(_wide, fold=fold)
    return runs


def _dev_active(data: Data, *, folder: Path, size: int) -> Json:
    order = json.loads((folder / "active-order.json").read_text())["order"]
    return _learned(_chosen(data.train, order[:size]), data.dev, data.plan)


def _dev_random(data: Data, *, size: int, seed: int) -> Json:
    return _learned(_chosen(data.train, shuffled(data.train, seed)[:size]), data.dev, data.plan)


def _wide(data: Data, *, fold: int) -> Json:
    """Train and dev as one pool of 600 notes, and the 150 left out to be tested on."""
    notes = (*data.train, *data.dev)
    places = shuffled(notes, 7)
    test = _chosen(notes, places[fold::FOLDS])
    pool = [note for note in notes if note not in test]
    order = active(pool, data.plan, most=400)
    found = {
        f"active {size}": _learned(_chosen(pool, order[:size]), test, data.plan)
        for size in (250, 300, 400)
    }
    found["random 500"] = _learned(_chosen(pool, shuffled(pool, 0)[:500]), test, data.plan)
    return found


def active(notes: Sequence[Note], plan: FusionPlan, *, most: int | None = None) -> list[int]:
    """The places of the notes in active order; each step knows what the notes before taught."""
    coded: list[int] = []
    left = list(range(len(notes)))
    while left and (most is None or len(coded) < most):
        memory = remember([notes[place] for place in coded], plan)
        known = Known.of(memory)
        prospects = {}
        for place in left:
            reading = memory.read(notes[place].text)
            prospects[place] = prospect(reading, guessed(reading) if coded else (), memory, known)
        step = STEP if coded else FIRST
        coded += [place for place, _ in islice(ordered(prospects, first=step), step)]
        left = sorted(set(left) - set(coded))
    return coded


def guessed(reading: Reading) -> list[Suggestion]:
    """What memory alone says of codes: that not all of its three best mentions are wrong."""
    shares: dict[Any, list[float]] = {}  # Any: Code
    for mention in reading.mentions:
        sure = min(share(mention), 0.98) if mention.coverage >= WHOLE else 0.0
        shares.setdefault(mention.code, []).append(sure)
    return [
        Suggestion(
            code=code,
            title="",
            task="icd",
            probability=float(1 - np.prod([1 - each for each in sorted(found)[-3:]])),
        )
        for code, found in shares.items()
    ]


def shuffled(notes: Sequence[Note], seed: int) -> list[int]:
    places = list(range(len(notes)))
    random.Random(seed).shuffle(places)  # noqa: S311 - an order, not a secret
    return places


def _chosen(notes: Sequence[Note], places: Sequence[int]) -> list[Note]:
    return [notes[place] for place in sorted(places)]


def _learned(notes: Sequence[Note], test: Sequence[Note], plan: FusionPlan) -> Json:
    """MAP of memory and combiner, taught as `core.training.fuse` does but for where 0.5 cuts."""
    parts = folds(notes, MEMORY_FOLDS, seed=plan.seed)
    rows = []
    for fold in range(MEMORY_FOLDS):
        memory = remember([note for note in notes if parts[note.id] != fold], plan)
        held = [note for note in notes if parts[note.id] == fold]
        rows += rows_of(held, memory, {}, category=plan.category)
    features_NF = np.concatenate([each.features_NF for each in rows])
    right_N = np.concatenate([each.right_N for each in rows]).astype(np.float32)
    combiner = fit(features_NF, right_N, settings=plan.settings, seed=plan.seed)
    fusion = Fusion(memory=remember(notes, plan), combiner=combiner)
    judged = [_judged(note, fusion, plan) for note in test]
    system = CodeSystem.ICD10CM
    return {
        "notes": len(notes),
        "codes": sum(code.system is system for note in notes for code in note.codes),
        "characters": sum(len(note.text) for note in notes),
        "MAP": mean_average_precision(judged, system),
    }


def _judged(note: Note, fusion: Fusion, plan: FusionPlan) -> Judged:
    ranking = fusion.rank(note, None, category=plan.category)
    ranked = [Suggested(code=each.code, probability=each.probability) for each in ranking.fused]
    return Judged(ranked=ranked, gold=note.codes, mentions=frozenset())


def _data(folder: Path, runs: Path) -> Data:
    train, dev = (load("codiesp", folder, split=split).notes for split in ("train", "dev"))
    listed = Listed.diagnoses(shared_tables())
    vars(listed)["index"] = Remembered(listed.index)
    plan = FusionPlan(
        listed=listed,
        bridge=_bridge(folder, runs / "active-bridge.json"),
        settings=CombinerSettings(),
        category=cache(own_category(shared_tables().category)),
    )
    return Data(train=train, dev=dev, plan=plan)


def _bridge(folder: Path, kept: Path) -> Bridge:
    if kept.exists():
        return Bridge(lexicons=json.loads(kept.read_text(encoding="utf-8")))
    bridge = learn_bridge(translations("codiesp", folder, splits=("train", "background")))
    kept.write_text(json.dumps(bridge.lexicons), encoding="utf-8")
    return bridge


def section(folder: Path = RUNS) -> str:
    """The part of docs/benchmarks/learning.md, from the runs there are; writes its picture."""
    return report(folder, PICTURE)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    shared = Path(__file__).parents[2] / "shared" / "data"
    parser.add_argument("--dir", type=Path, default=shared / "codiesp", help="official folder")
    parser.add_argument("--runs", type=Path, default=RUNS)
    parser.add_argument("--only", nargs="*", help="runs whose names hold one of these")
    return parser.parse_args()


if __name__ == "__main__":
    main()
