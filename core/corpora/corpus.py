"""The table of corpora, and what they have in common: splits, notes, problems."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.corpora import cmc, codiesp, jsonl
from core.corpora.reading import Read
from core.errors import BadFile, BadSettings
from core.types import Code, Note


@dataclass(frozen=True, kw_only=True)
class Corpus:
    """One split of a corpus. `problems` name file and line of whatever could not be used."""

    name: str
    split: str
    notes: tuple[Note, ...]
    problems: tuple[str, ...]


Translations = Callable[..., list[tuple[str, str]]]  # folder, splits=... -> texts and translations


@dataclass(frozen=True, kw_only=True)
class Layout:
    """How a corpus lies on disk: which splits a folder holds, and how one is read."""

    splits: Callable[[Path], tuple[str, ...]]
    read: Callable[[Path, str, str], Read]  # folder, split, language
    translations: Translations | None = None
    labels: Callable[[Path], tuple[Code, ...]] | None = None


CORPORA: Mapping[str, Layout] = {
    "cmc": Layout(splits=cmc.splits, read=cmc.read),
    "codiesp": Layout(splits=codiesp.splits, read=codiesp.read, translations=codiesp.translations),
    "jsonl": Layout(splits=jsonl.splits, read=jsonl.read, labels=jsonl.labels),
}


def splits(name: str, folder: Path) -> tuple[str, ...]:
    """The splits `folder` holds; BadFile if it has none in this corpus's layout."""
    if name not in CORPORA:
        raise BadSettings(f"{name!r} is not a corpus; use one of {', '.join(CORPORA)}")
    if not folder.exists():
        raise BadFile(f"there is no folder {folder}")
    found = CORPORA[name].splits(folder)
    if not found:
        raise BadFile(f"{folder} holds no {name} corpus; see the README for its layout")
    return found


def load(name: str, folder: Path, *, split: str | None = None, language: str = "es") -> Corpus:
    """Read one split (default: the only one, or dev).

    `language` matters where a corpus has several: "es", "en" or "both" for codiesp.
    """
    found = splits(name, folder)
    if split is None:
        split = found[0] if len(found) == 1 else "dev"
    if split not in found:
        raise BadFile(f"{folder} holds no split {split!r}; it has {', '.join(found)}")
    read = CORPORA[name].read(folder, split, language)
    if not read.notes:
        raise BadFile(f"split {split!r} of {folder} holds no usable note")
    return Corpus(
        name=name, split=split, notes=tuple(read.notes.values()), problems=tuple(read.problems)
    )


def labels_of(name: str, folder: Path) -> tuple[Code, ...]:
    """The label space a corpus brings along; none where its notes decide."""
    read = CORPORA[name].labels
    return read(folder) if read else ()


def translations(name: str, folder: Path, *, splits: tuple[str, ...]) -> list[tuple[str, str]]:
    """The (Spanish, English) texts of notes that come in both languages; none for most corpora."""
    read = CORPORA[name].translations
    return read(folder, splits=splits) if read else []


def holdout(
    notes: Sequence[Note], *, share: float, seed: int
) -> tuple[tuple[Note, ...], tuple[Note, ...]]:
    """Set a share of the notes aside, the same ones for the same seed; (kept, set aside).

    A note and its translation (`.en`) stay on one side.
    """
    origins = [note.id.removesuffix(".en") for note in notes]
    order = sorted(set(origins))
    random.Random(seed).shuffle(order)  # noqa: S311 - a split, not a secret
    aside = set(order[: round(len(order) * share)])
    return (
        tuple(note for note, origin in zip(notes, origins, strict=True) if origin not in aside),
        tuple(note for note, origin in zip(notes, origins, strict=True) if origin in aside),
    )
