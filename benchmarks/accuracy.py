"""How good suggestions are, lever by lever, on CodiEsp: trained on train, measured on dev.

    python -m benchmarks.accuracy [--dir CODIESP] [--runs FOLDER] [--seeds 5] [--only NAME ...]

Every run leaves one JSON file in the runs folder and is not repeated, so the benchmark may be
stopped and gone on with; docs/benchmarks/accuracy.md is written from the files there are. Nothing
is tuned on dev: epochs, sizes and the cut at 0.5 are fixed, or come from cross-validation in train.
"""

import argparse
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import LinearSVC

from benchmarks.accuracy_report import REPORT, page
from core.codes import shared_tables
from core.corpora import load, translations, unlabelled
from core.encoders import BiGRU
from core.fusion import CombinerSettings, Fusion, NetworkScores
from core.fusion.strength import share
from core.losses import BinaryCrossEntropy, EvidenceLoss
from core.memory import Bridge, Listed, PhraseMemory, Source, learn_bridge
from core.metrics.track import Judged, code_score, evidence_score, mean_average_precision
from core.metrics.track import Listed as Suggested
from core.systems import EVICODE, Recipe, System, system
from core.text import Vocabulary, fallback, tokenize, word_vectors
from core.training import (
    FusionPlan,
    NetworkPlan,
    drawn_together,
    fuse,
    own_category,
    scores_of,
    train_network,
)
from core.types import CodeSystem, Note

EPOCHS = 10
SIZES = (10, 50, 100, 250, 500)  # notes of the learning curve
Json = dict[str, Any]  # Any: plain JSON
SAME = Recipe(learning_rate=4e-3, decay=True, sampled_codes=300, patience=EPOCHS)


@dataclass(frozen=True, kw_only=True)
class Data:
    """What every run shares."""

    train: tuple[Note, ...]
    dev: tuple[Note, ...]
    vocabulary: Vocabulary
    plain: np.ndarray  # word vectors as word2vec gave them
    drawn: np.ndarray  # and with translations drawn together
    bridge: Bridge
    listed: Listed


def main() -> None:
    options = _options()
    torch.set_num_threads(options.threads)
    options.runs.mkdir(parents=True, exist_ok=True)
    data = cache(partial(data_of, options.dir, options.text))
    for name, run in _runs(options.seeds).items():
        kept = options.runs / f"{name}.json"
        if (options.only and not any(part in name for part in options.only)) or kept.exists():
            continue
        started = time.monotonic()
        found = run(data(), options.runs / f"{name}.part")
        kept.write_text(json.dumps({**found, "seconds": time.monotonic() - started}, indent=1))
        print(name, json.dumps(found)[:200], flush=True)  # noqa: T201 - a script's progress
    REPORT.write_text(page(options.runs))


def _runs(seeds: int) -> Mapping[str, Callable[[Data, Path], Json]]:
    runs: dict[str, Callable[[Data, Path], Json]] = {
        "priors": lambda data, _: _priors(data),
        "tfidf-linear": lambda data, _: _tfidf(data),
        "memory-noisy-or": lambda data, _: _noisy_or(data),
    }
    for seed in range(seeds):
        for name, row in _rows().items():
            runs[f"network-{name}-{seed}"] = partial(_network, row=row, seed=seed)
        runs[f"memory-combined-{seed}"] = partial(_combined, size=500, seed=seed)
        for size in SIZES[:-1]:
            runs[f"curve-{size}-{seed}"] = partial(_combined, size=size, seed=seed)
    return runs


def _rows() -> Mapping[str, System]:
    """The published rows with one recipe, and MARN with each lever alone, then with all."""
    small = BiGRU(hidden=64)
    marn = replace(system("marn"), encoder=small, recipe=SAME)
    bce = replace(marn, loss=BinaryCrossEntropy())
    return {
        "cnn": replace(system("cnn"), recipe=SAME),
        "caml": replace(system("caml"), recipe=SAME),
        "bigru": replace(system("bigru"), encoder=small, recipe=SAME),
        "marn": marn,
        "marn-bce": bce,
        "marn-bce-evidence": replace(bce, evidence=EvidenceLoss(weight=0.5)),
        "marn-bce-phrases": replace(bce, recipe=replace(SAME, phrase_texts=1000)),
        "marn-bce-titled": replace(bce, recipe=replace(SAME, titled_start=True)),
        "all-levers": replace(EVICODE, fusion=None),
    }


def _network(data: Data, folder: Path, *, row: System, seed: int) -> Json:
    """One network alone; its own probabilities, cut at the best of the training notes."""
    levers = row.name == EVICODE.name
    plan = NetworkPlan(
        system=row,
        vocabulary=data.vocabulary,
        vectors=data.drawn if levers else data.plain,
        fallback=fallback("nearest", data.vocabulary),
        tables=shared_tables(),
        category=cache(own_category(shared_tables().category)),
        min_count=1,
        epochs=EPOCHS,
        seed=seed,
    )
    network = train_network(data.train, plan, folder=folder)
    scores = scores_of(data.dev, network, plan)
    judged = [_ranked(note, scores[note.id].icd) for note in data.dev]
    return {name: {"MAP": mean_average_precision(judged, kind)} for name, kind in KINDS.items()}


def _ranked(note: Note, logits: Mapping[Any, float]) -> Judged:  # Any: Code
    ordered = sorted(logits, key=lambda code: (-logits[code], code))
    return Judged(
        ranked=[Suggested(code=code, probability=_sigmoid(logits[code])) for code in ordered],
        gold=note.codes,
        mentions=frozenset(),
    )


def _priors(data: Data) -> Json:
    counts: dict[Any, int] = {}  # Any: Code
    for note in data.train:
        for code in note.codes:
            counts[code] = counts.get(code, 0) + 1
    judged = [_ranked(note, {c: float(n) for c, n in counts.items()}) for note in data.dev]
    return {name: {"MAP": mean_average_precision(judged, kind)} for name, kind in KINDS.items()}


def _tfidf(data: Data) -> Json:
    """One linear SVM a code over words and word pairs."""
    words = TfidfVectorizer(analyzer=words_and_pairs, min_df=2, sublinear_tf=True, dtype=np.float32)
    seen = words.fit_transform(note.text for note in data.train)
    new = words.transform(note.text for note in data.dev)
    scores = {}
    for code in sorted({code for note in data.train for code in note.codes}):
        right = [code in note.codes for note in data.train]
        machine = LinearSVC(C=1, class_weight="balanced").fit(seen, right)
        scores[code] = machine.decision_function(new)
    judged = [
        _ranked(note, {code: float(found[row]) for code, found in scores.items()})
        for row, note in enumerate(data.dev)
    ]
    return {name: {"MAP": mean_average_precision(judged, kind)} for name, kind in KINDS.items()}


def words_and_pairs(text: str) -> list[str]:
    words = [token.word for token in tokenize(text)]
    return words + [f"{a} {b}" for a, b in pairwise(words)]


def _noisy_or(data: Data) -> Json:
    """Memory of marked phrases alone, without titles, bridge or combiner."""
    memory = PhraseMemory()
    memory.learn(data.train)
    judged = []
    for note in data.dev:
        none: dict[Any, float] = {}  # Any: Code
        for mention in memory.read(note.text).mentions:
            if mention.source is Source.EVIDENCE and mention.coverage >= 0.98 and not mention.gap:
                none[mention.code] = none.get(mention.code, 1.0) * (1 - min(share(mention), 0.99))
        ordered = sorted(none, key=lambda code: (none[code], code))
        judged.append(
            Judged(
                ranked=[Suggested(code=code, probability=1 - none[code]) for code in ordered],
                gold=note.codes,
                mentions=frozenset(),
            )
        )
    return _figures(judged)


def _combined(data: Data, _: Path, *, size: int, seed: int) -> Json:
    """Memory with titles, bridge and combiner, learned from `size` notes; no network."""
    generator = np.random.default_rng(seed)
    chosen = [data.train[i] for i in sorted(generator.permutation(len(data.train))[:size])]
    plan = FusionPlan(
        listed=data.listed,
        bridge=data.bridge,
        settings=CombinerSettings(),
        category=cache(own_category(shared_tables().category)),
        seed=seed,
    )
    fusion, cross_validated = fuse(chosen, {}, plan)
    judged = [_fused(note, fusion, None, plan) for note in data.dev]
    return {**_figures(judged), "cross_validated": cross_validated}


def _fused(note: Note, fusion: Fusion, scores: NetworkScores | None, plan: FusionPlan) -> Judged:
    ranking = fusion.rank(note, scores, category=plan.category)
    return Judged(
        ranked=[
            Suggested(
                code=each.code,
                probability=each.probability,
                mentions=tuple(
                    (spans[0].start, spans[-1].end)
                    for spans in map(ranking.reading.spans, each.mentions)
                ),
            )
            for each in ranking.fused
        ],
        gold=note.codes,
        mentions=frozenset(
            (a.code, (a.evidence[0].start, a.evidence[-1].end))
            for a in note.annotations
            if a.evidence
        ),
    )


KINDS = {"D": CodeSystem.ICD10CM, "P": CodeSystem.ICD10PCS}


def _figures(judged: Sequence[Judged]) -> Json:
    found: Json = {
        name: {"MAP": mean_average_precision(judged, kind), "F1": code_score(judged, kind).f1}
        for name, kind in KINDS.items()
    }
    if any(note.mentions for note in judged):
        found["X"] = {"F1": evidence_score(judged).f1}
    return found


def _sigmoid(logit: float) -> float:
    return float(1 / (1 + np.exp(-np.clip(logit, -60, 60))))


def data_of(folder: Path, texts: Sequence[Path]) -> Data:
    train, dev = (load("codiesp", folder, split=split).notes for split in ("train", "dev"))
    read = [note.text for note in train]
    for path in (folder / "background", *texts):
        read += unlabelled(path)
    read = list(dict.fromkeys(read))
    vocabulary = Vocabulary.build(read, min_notes=3)
    vectors = word_vectors(read, vocabulary, epochs=10)
    bridge = learn_bridge(translations("codiesp", folder, splits=("train", "background")))
    return Data(
        train=train,
        dev=dev,
        vocabulary=vocabulary,
        plain=vectors,
        drawn=drawn_together(vectors, vocabulary, bridge),
        bridge=bridge,
        listed=Listed.diagnoses(shared_tables()),
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    shared = Path(__file__).parents[2] / "shared" / "data"
    mtsamples = shared / "mtsamples" / "mtsamples.csv.gz"
    parser.add_argument("--dir", type=Path, default=shared / "codiesp", help="official folder")
    parser.add_argument("--text", type=Path, action="append", default=[mtsamples])
    parser.add_argument("--runs", type=Path, default=Path("build") / "accuracy")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--only", nargs="*", help="runs whose names hold one of these")
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    main()
