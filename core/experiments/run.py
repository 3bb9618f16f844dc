"""One run: a row, a seed and a selection of notes in; figures, size, time and memory out."""

import hashlib
import json
import resource
import statistics
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import torch
from torch import Tensor

from core.assembly import Model
from core.codes import shared_tables
from core.corpora import labels_of
from core.encoders import Bert
from core.errors import BadSettings
from core.experiments.keeping import Json
from core.experiments.notes import Notes, Selection, read
from core.experiments.words import words
from core.metrics import evaluate
from core.systems import System
from core.text import Tokenizer, fallback
from core.training import (
    Examples,
    Network,
    NetworkPlan,
    Pretrained,
    own_category,
    read_pretrained,
    score,
    thresholds_of,
    train_network,
    watched,
)
from core.training.network import read as read_notes
from core.types import Code, CodeSpace

CUT = 0.5  # as in the papers
OWN_CUT = "own cut"


@dataclass(frozen=True, kw_only=True)
class Spec:
    """All that decides a run's figures, and where and how it is computed."""

    system: System
    seed: int
    epochs: int
    selection: Selection
    data: str  # the selection's fingerprint
    device: str = "cpu"
    threads: int = 1
    bert: str = ""  # the checkpoint folder that a BERT row starts from
    start: str = ""  # its digest

    @property
    def fingerprint(self) -> str:
        """Names the run by what decides its figures; names and sources of rows do not."""
        row = json.loads(self.system.to_json())
        settings = {cell: value for cell, value in row.items() if cell not in ("name", "source")}
        what = [settings, self.seed, self.epochs, self.data, *filter(None, [self.start])]
        told = json.dumps(what, sort_keys=True)
        return hashlib.sha256(told.encode()).hexdigest()[:16]

    def to_json(self) -> Json:
        return {
            "system": self.system.to_json(),
            "tasks": list(self.system.tasks.items()),  # in order: it decides how weights are drawn
            "seed": self.seed,
            "epochs": self.epochs,
            "selection": self.selection.to_json(),
            "data": self.data,
            "device": self.device,
            "threads": self.threads,
            "bert": self.bert,
            "start": self.start,
        }

    @staticmethod
    def from_json(fields: Json) -> "Spec":
        row = System.from_json(fields["system"])
        return Spec(
            system=replace(row, tasks=dict(fields["tasks"])),
            seed=fields["seed"],
            epochs=fields["epochs"],
            selection=Selection.from_json(fields["selection"]),
            data=fields["data"],
            device=fields["device"],
            threads=fields["threads"],
            bert=fields["bert"],
            start=fields["start"],
        )


def run(spec: Spec, folder: Path, *, shared: Path) -> Json:
    """Train, and measure on the notes to report; goes on from the last epoch kept in `folder`.

    Words are kept in `shared`.
    """
    torch.set_num_threads(spec.threads)
    notes = read(spec.selection)
    plan = _plan(spec, notes, shared)
    watch = _Watch(notes, plan)
    network = train_network(notes.train, plan, folder=folder, watch=watch, overwrite=True)
    reported = read_notes(notes.report, plan, network.spaces)
    started = time.perf_counter()
    scores = score(network.model, reported)
    seconds = time.perf_counter() - started
    cuts = thresholds_of(score(network.model, watch.examples(network.spaces)), watch.seen)
    return {
        "figures": _figures(scores, reported, cuts),
        "cuts": cuts,
        "labels": {task: len(space) for task, space in network.spaces.items()},
        "parameters": sum(p.numel() for p in network.model.parameters() if p.requires_grad),
        "cost": {**_cost(watch, network), "ms_per_note": 1000 * seconds / len(reported.ids)},
    }


def _plan(spec: Spec, notes: Notes, shared: Path) -> NetworkPlan:
    row, selection = spec.system, spec.selection
    encoder: Mapping[str, Tensor] = {}
    vocabulary: Tokenizer
    if isinstance(row.encoder, Bert):
        pretrained = _pretrained(spec)
        row, encoder = pretrained.fitted(row), pretrained.weights
        vocabulary, vectors = pretrained.subwords, pretrained.vectors
    else:
        width = row.embedding.width
        vocabulary, vectors = words(notes.train, selection, width=width, folder=shared)
    unknown = "nearest" if row.recipe.phrase_texts else "unknown"  # as `train` has it
    return NetworkPlan(
        system=row,
        vocabulary=vocabulary,
        vectors=vectors,
        fallback=fallback(unknown, vocabulary),
        tables=shared_tables(),
        category=cache(own_category(shared_tables().category)),
        min_count=1,
        epochs=spec.epochs,
        seed=spec.seed,
        device=spec.device,
        encoder=encoder,
        labels=_labels(selection),
    )


def _labels(selection: Selection) -> tuple[Code, ...]:
    """The label space that an ingested corpus brings along, where all of it is asked for."""
    if selection.top is not None or selection.codes != "all":
        return ()
    return labels_of(selection.corpus, Path(selection.folder))


def _pretrained(spec: Spec) -> Pretrained:
    if not spec.bert:
        raise BadSettings(
            f"row {spec.system.name} starts from a pretrained BERT: name its folder with --bert DIR"
        )
    return read_pretrained(Path(spec.bert))


class _Watch:
    """Figures of the notes to stop by after each epoch, and how long the epochs took."""

    def __init__(self, notes: Notes, plan: NetworkPlan) -> None:
        self._notes, self._plan = notes.stop, plan
        self._since = time.perf_counter(), time.process_time()
        self.seen: Examples
        self.seconds: list[tuple[float, float]] = []  # by the clock, and of CPU time

    def __call__(self, model: Model, spaces: Mapping[str, CodeSpace]) -> dict[str, float]:
        wall, cpu = self._since
        self.seconds.append((time.perf_counter() - wall, time.process_time() - cpu))
        found = watched(score(model, self.examples(spaces)), self.seen)
        self._since = time.perf_counter(), time.process_time()
        return found

    def examples(self, spaces: Mapping[str, CodeSpace]) -> Examples:
        if not hasattr(self, "seen"):
            self.seen = read_notes(self._notes, self._plan, spaces)
        return self.seen


def _figures(
    scores: Mapping[str, Tensor], examples: Examples, cuts: Mapping[str, float]
) -> dict[str, dict[str, float | None]]:
    """Every figure of each task in per cent, all gold codes counted; F1 at 0.5 and at own cut."""
    found = {}
    for task, scored in scores.items():
        parts = scored.numpy(), examples.targets[task].numpy()
        missed = examples.missed[task].numpy()
        plain = evaluate(*parts, threshold=CUT, missed_N=missed)
        own = evaluate(*parts, threshold=cuts[task], missed_N=missed)
        named = {
            "macro AUC": plain.macro_auc,
            "micro AUC": plain.micro_auc,
            "macro F1": plain.macro_f1,
            "micro F1": plain.micro_f1,
            **plain.precision_at,
            "MAP": plain.mean_average_precision,
            f"macro F1, {OWN_CUT}": own.macro_f1,
            f"micro F1, {OWN_CUT}": own.micro_f1,
        }
        found[task] = {name: None if v is None else 100 * v for name, v in named.items()}
    return found


def _cost(watch: _Watch, network: Network) -> Json:
    """Seconds an epoch (the first of a process also reads the notes), and memory at its peak."""
    timed = watch.seconds[1:] or watch.seconds
    wall, cpu = (
        (statistics.median(part) for part in zip(*timed, strict=True)) if timed else (None, None)
    )
    on_gpu = torch.cuda.is_available() and torch.cuda.max_memory_allocated() > 0
    return {
        "epochs": len(network.trained.history),
        "best_epoch": network.trained.best_epoch + 1,
        "seconds_per_epoch": wall,
        "cpu_seconds_per_epoch": cpu,
        "peak_mb": _peak_mb(),
        "peak_gpu_mb": torch.cuda.max_memory_allocated() / 2**20 if on_gpu else None,
    }


def _peak_mb() -> float:
    """Most memory this process held; in Linux' own words, as rusage also counts its parent."""
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    unit = 2**20 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
