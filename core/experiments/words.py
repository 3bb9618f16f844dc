"""Vocabulary and word vectors, learned once for all runs on the same notes."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from core.corpora import unlabelled
from core.experiments.keeping import locked
from core.experiments.notes import Selection
from core.text import Vocabulary, word_vectors
from core.types import Note

MIN_NOTES = 3  # notes that hold a word before it is known; MARN sec. 4.1
Words = tuple[Vocabulary, NDArray[np.float32]]


def words(notes: Sequence[Note], selection: Selection, *, width: int, folder: Path) -> Words:
    """Words of the notes to learn from and of unlabelled texts, with vectors of this width.

    Kept in `folder`, so that every run of an experiment starts from the same ones.
    """
    place = folder / f"words-{width}.safetensors"
    with locked(folder / f"words-{width}.lock"):
        found = _kept(place)
        if found is None:
            found = _learned(notes, selection, width)
            _keep(found, place)
    return found


def _learned(notes: Sequence[Note], selection: Selection, width: int) -> Words:
    texts = [note.text for note in notes]
    for path in selection.texts:
        texts += unlabelled(Path(path))
    texts = list(dict.fromkeys(texts))
    vocabulary = Vocabulary.build(texts, min_notes=min(MIN_NOTES, len(texts)))
    return vocabulary, word_vectors(
        texts, vocabulary, width=width, epochs=selection.vector_epochs, seed=0
    )


def _keep(found: Words, place: Path) -> None:
    vocabulary, vectors = found
    draft = place.with_suffix(".draft")
    save_file({"vectors": vectors}, draft, metadata={"words": json.dumps(vocabulary.words)})
    draft.replace(place)


def _kept(place: Path) -> Words | None:
    if not place.exists():
        return None
    try:
        with safe_open(place, framework="numpy") as file:
            told, vectors = file.metadata() or {}, file.get_tensor("vectors")
    except SafetensorError:
        return None
    return Vocabulary(words=tuple(json.loads(told["words"]))), vectors
