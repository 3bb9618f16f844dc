"""What a training run learns from: notes, words, word vectors, the bridge between languages."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from core import ranks
from core.codes import shared_tables
from core.commands.data import tell, tell_problems
from core.corpora import holdout, load, splits, translations, unlabelled
from core.knowledge import read_texts
from core.memory import Bridge, learn_bridge
from core.systems import System
from core.text import Tokenizer, Vocabulary, fallback, word_vectors
from core.training import NetworkPlan, Pretrained, drawn_together, own_category
from core.types import Note

HELD = ("dev", "test")
HELD_OUT = 0.1  # share of the notes, where a corpus has no dev split
ENOUGH = 10  # notes below which none is held out
MIN_NOTES = 3  # notes that hold a word before it is known; MARN sec. 4.1


@dataclass(frozen=True, kw_only=True)
class Material:
    """All that a run learns from. dev is empty where nothing validates the run."""

    train: tuple[Note, ...]
    dev: tuple[Note, ...]
    vocabulary: Tokenizer
    vectors: NDArray[np.float32]
    bridge: Bridge
    pretrained: Pretrained | None = None  # what the row starts from, if it reads subwords


def gather(
    options: argparse.Namespace, row: System, pretrained: Pretrained | None = None
) -> Material:
    """Read corpus and texts, learn word vectors, and the bridge where the row has a memory.

    A row that starts from a pretrained model has its words and vectors.
    """
    there = splits(options.corpus, options.dir)
    train_notes, dev_notes = _notes(options, there)
    if pretrained is not None:
        tell(f"{len(train_notes)} notes to learn from, {len(dev_notes)} to validate")
        return Material(
            train=train_notes,
            dev=dev_notes,
            vocabulary=pretrained.subwords,
            vectors=pretrained.vectors,
            bridge=Bridge(),
            pretrained=pretrained,
        )
    texts = [note.text for note in train_notes]
    for path in options.text:
        texts += unlabelled(path)
    texts = list(dict.fromkeys(texts))
    vocabulary = Vocabulary.build(texts, min_notes=min(MIN_NOTES, len(texts)))
    tell(
        f"{len(train_notes)} notes to learn from, {len(dev_notes)} to validate; "
        f"{len(texts)} texts, {len(vocabulary)} words"
    )
    vectors = ranks.from_first(
        lambda: word_vectors(
            texts,
            vocabulary,
            width=row.embedding.width,
            epochs=options.vector_epochs,
            seed=options.seed,
        )
    )
    bridge = _bridge(options, there) if row.fusion else Bridge()
    return Material(
        train=train_notes,
        dev=dev_notes,
        vocabulary=vocabulary,
        vectors=drawn_together(vectors, vocabulary, bridge),
        bridge=bridge,
    )


def network_plan(options: argparse.Namespace, row: System, material: Material) -> NetworkPlan:
    """How the networks of this run are trained."""
    unknown = options.fallback if row.recipe.phrase_texts else "unknown"
    return NetworkPlan(
        system=row,
        vocabulary=material.vocabulary,
        vectors=material.vectors,
        encoder=material.pretrained.weights if material.pretrained else {},
        fallback=fallback(unknown, material.vocabulary),
        tables=shared_tables(),
        category=cache(own_category(shared_tables().category)),
        min_count=options.min_count,
        epochs=options.epochs,
        seed=options.seed,
        device=options.device,
        texts=read_texts(options.knowledge) if options.knowledge else {},
    )


def _notes(
    options: argparse.Namespace, there: Sequence[str]
) -> tuple[tuple[Note, ...], tuple[Note, ...]]:
    """Notes to learn from, and to validate."""
    corpus = load(
        options.corpus,
        options.dir,
        split="train" if "train" in there else None,
        language=options.language,
    )
    tell_problems(corpus)
    if "dev" in there and "train" in there:
        dev = load(options.corpus, options.dir, split="dev", language=options.language)
        tell_problems(dev)
        return corpus.notes, dev.notes
    if len(corpus.notes) < ENOUGH:
        tell(f"only {len(corpus.notes)} notes: none is held out, so nothing validates this run")
        return corpus.notes, ()
    tell(f"no dev split: {HELD_OUT:.0%} of the notes are held out to validate")
    return holdout(corpus.notes, share=HELD_OUT, seed=options.seed)


def _bridge(options: argparse.Namespace, there: Sequence[str]) -> Bridge:
    """Learned from every note with a translation, but for those that are held out."""
    used = tuple(split for split in there if split not in HELD)
    pairs = translations(options.corpus, options.dir, splits=used)
    if pairs:
        tell(f"learning the bridge between languages from {len(pairs)} translated notes")
    return learn_bridge(pairs) if pairs else Bridge()
