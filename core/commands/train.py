"""`python -m core train`: a row of the systems table and a corpus in, a checkpoint out."""

import argparse
import hashlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from core.aggregators import RAM
from core.assembly import Model, assemble
from core.checkpoints import SPEC, Checkpoint, save_checkpoint
from core.codes import shared_tables
from core.commands.card import model_card
from core.commands.data import digest, examples_of, tell, tell_problems
from core.commands.report import table
from core.corpora import holdout, label_spaces, load, splits, unlabelled
from core.encoders import BiGRU
from core.errors import BadSettings
from core.systems import System, system
from core.text import FALLBACKS, Vocabulary, fallback, word_vectors
from core.training import (
    Examples,
    Plan,
    Trained,
    calibrate,
    figures,
    score,
    thresholds_of,
    watched,
)
from core.training import train as fit
from core.types import CodeSpace, Note

UNFINISHED = ".training"  # the folder in OUT that a killed run goes on from
HELD_OUT = 0.1  # share of the notes, where a corpus has no dev split
ENOUGH = 10  # notes below which none is held out
MIN_NOTES = 3  # notes that hold a word before it is known; MARN sec. 4.1


@dataclass(frozen=True, kw_only=True)
class Material:
    """All that a run learns from."""

    train: tuple[Note, ...]
    dev: tuple[Note, ...]
    spaces: Mapping[str, CodeSpace]
    vocabulary: Vocabulary
    vectors: NDArray[np.float32]


def train(options: argparse.Namespace) -> int:
    """Train, tune thresholds on dev, save the checkpoint at once; resume after a kill."""
    row = _row(options)
    _check_out(options)
    if options.threads:
        torch.set_num_threads(options.threads)
    started = time.monotonic()
    material = _material(options, row)
    model = assemble(
        row,
        vocabulary_size=len(material.vocabulary),
        labels={task: len(space) for task, space in material.spaces.items()},
        vectors=torch.from_numpy(material.vectors),
        seed=options.seed,
    ).to(options.device)
    learnt = _examples(material.train, material, row, "unknown")
    dev = _examples(material.dev, material, row, options.fallback) if material.dev else None
    plan = Plan(
        system=row,
        seed=options.seed,
        epochs=options.epochs,
        data=_digest(material, options.fallback),
    )
    trained = fit(
        model,
        plan,
        learnt,
        watch=None if dev is None else lambda model: watched(score(model, dev), dev),
        folder=options.out / UNFINISHED,
        overwrite=options.overwrite,
    )
    scored = learnt if dev is None else dev
    checkpoint = _checkpoint(options, row, material, model=model, scored=scored, trained=trained)
    minutes = (time.monotonic() - started) / 60
    saved = save_checkpoint(checkpoint, options.out, overwrite=True)
    tell(table(checkpoint.metrics["figures"]))
    tell(f"saved {options.out} ({saved[:12]}) after {minutes:.1f} minutes")
    return 0


def _row(options: argparse.Namespace) -> System:
    """The row with the sizes and the recipe the command line asks for."""
    row = system(options.row)
    if options.fallback not in FALLBACKS:
        raise BadSettings(f"--fallback {options.fallback!r}: use one of {', '.join(FALLBACKS)}")
    if options.epochs < 1 or options.min_count < 1:
        raise BadSettings("--epochs and --min-count are at least 1")
    asked = {
        "batch_size": options.batch_size,
        "learning_rate": options.learning_rate,
        "max_length": options.max_length,
        "patience": options.patience,
    }
    given = {name: value for name, value in asked.items() if value is not None}
    if any(value <= 0 for value in given.values()):
        raise BadSettings(f"{', '.join(given)}: give numbers above 0")
    row = replace(row, recipe=replace(row.recipe, **given))
    if options.hidden is not None:
        if not isinstance(row.encoder, BiGRU):
            raise BadSettings(f"--hidden is a setting of BiGRU rows; {row.name} has none")
        row = replace(row, encoder=replace(row.encoder, hidden=options.hidden))
    if options.dropout is not None:
        row = replace(row, embedding=replace(row.embedding, dropout=options.dropout))
        if isinstance(row.aggregator, RAM):
            row = replace(row, aggregator=replace(row.aggregator, dropout=options.dropout))
    return row


def _check_out(options: argparse.Namespace) -> None:
    """BadSettings unless --out is free, holds a stopped run, or a checkpoint to be overwritten."""
    out: Path = options.out
    if out.exists() and not out.is_dir():
        raise BadSettings(f"{out} is a file; name a folder with --out")
    inside = sorted(path.name for path in out.iterdir()) if out.exists() else []
    if SPEC in inside and not options.overwrite:
        raise BadSettings(f"{out} holds a finished checkpoint; choose another --out or --overwrite")
    strangers = [name for name in inside if name != UNFINISHED]
    if strangers and SPEC not in inside:  # never overwritten: it may be anything
        raise BadSettings(f"{out} is not empty ({strangers[0]}); choose another --out")
    if options.device.startswith("cuda") and not torch.cuda.is_available():
        raise BadSettings("--device cuda: this machine has no CUDA device; use --device cpu")


def _material(options: argparse.Namespace, row: System) -> Material:
    there = splits(options.corpus, options.dir)
    corpus = load(
        options.corpus,
        options.dir,
        split="train" if "train" in there else None,
        language=options.language,
    )
    tell_problems(corpus)
    train_notes, dev_notes = _divided(options, corpus.notes, there)
    spaces = {
        task: space
        for task, space in label_spaces(
            train_notes, min_count=options.min_count, category=shared_tables().category
        ).items()
        if task in row.tasks
    }
    texts = [note.text for note in train_notes]
    for path in options.text:
        texts += unlabelled(path)
    texts = list(dict.fromkeys(texts))
    vocabulary = Vocabulary.build(texts, min_notes=min(MIN_NOTES, len(texts)))
    sizes = ", ".join(f"{task} {len(space)}" for task, space in spaces.items())
    tell(
        f"{len(train_notes)} notes to learn from, {len(dev_notes)} to validate; "
        f"{len(texts)} texts, {len(vocabulary)} words; codes: {sizes}"
    )
    vectors = word_vectors(
        texts,
        vocabulary,
        width=row.embedding.width,
        epochs=options.vector_epochs,
        seed=options.seed,
    )
    return Material(
        train=train_notes, dev=dev_notes, spaces=spaces, vocabulary=vocabulary, vectors=vectors
    )


def _divided(
    options: argparse.Namespace, notes: tuple[Note, ...], there: tuple[str, ...]
) -> tuple[tuple[Note, ...], tuple[Note, ...]]:
    if "dev" in there and "train" in there:
        dev = load(options.corpus, options.dir, split="dev", language=options.language)
        tell_problems(dev)
        return notes, dev.notes
    if len(notes) < ENOUGH:
        tell(f"only {len(notes)} notes: none is held out, so nothing validates this run")
        return notes, ()
    tell(f"no dev split: {HELD_OUT:.0%} of the notes are held out to validate")
    return holdout(notes, share=HELD_OUT, seed=options.seed)


def _examples(notes: Sequence[Note], material: Material, row: System, strategy: str) -> Examples:
    return examples_of(
        notes,
        vocabulary=material.vocabulary,
        spaces=material.spaces,
        max_length=row.recipe.max_length,
        fallback=fallback(strategy, material.vocabulary),
    )


def _checkpoint(
    options: argparse.Namespace,
    row: System,
    material: Material,
    *,
    model: Model,
    scored: Examples,
    trained: Trained,
) -> Checkpoint:
    calibration = calibrate(model, scored)
    scores = score(model, scored)
    thresholds = thresholds_of(scores, scored)
    metrics = {
        "corpus": options.corpus,
        "language": options.language,
        "measured_on": "dev" if material.dev else "the training notes themselves",
        "notes": len(scored.ids),
        "train_notes": len(material.train),
        "min_count": options.min_count,
        "seed": options.seed,
        "best_epoch": trained.best_epoch + 1,
        "history": trained.history,
        "calibration": {task: list(pair) for task, pair in calibration.items()},
        "figures": figures(
            scores,
            scored,
            material.spaces,
            thresholds=thresholds,
            category=shared_tables().category,
        ),
    }
    checkpoint = Checkpoint(
        name=options.out.resolve().name,
        model=model,
        vocabulary=material.vocabulary,
        spaces=material.spaces,
        thresholds=thresholds,
        max_length=row.recipe.max_length,
        fallback=options.fallback,
        metrics=metrics,
    )
    return replace(checkpoint, card=model_card(checkpoint, options))


def _digest(material: Material, unknown: str) -> str:
    summed = hashlib.sha256()
    for part in (
        digest(material.train),
        digest(material.dev),
        "\0".join(material.vocabulary.words),
        repr([tuple(space) for space in material.spaces.values()]),
        unknown,  # dev is read with it, and dev chooses the epoch
    ):
        summed.update(part.encode("utf-8", "surrogatepass"))
    summed.update(material.vectors.tobytes())
    return summed.hexdigest()
