"""The notes of an experiment: which codes count, what is learned from, watched, and reported."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from core.corpora import holdout, load, splits
from core.errors import BadFile, BadSettings
from core.types import Code, CodeSystem, Note

DIAGNOSES = (CodeSystem.ICD10CM, CodeSystem.ICD9CM)
PROCEDURES = (CodeSystem.ICD10PCS, CodeSystem.ICD9PROC)
KINDS: Mapping[str, tuple[CodeSystem, ...]] = {
    "all": DIAGNOSES + PROCEDURES,
    "diagnoses": DIAGNOSES,
    "procedures": PROCEDURES,
}
REPORTED = 0.2  # share of the notes that is reported where a corpus is one split
STOPPING = 0.1  # share of the notes to learn from that stops training where no split is left for it
SPLIT_SEED = 0  # the same notes for every seed of a run


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Which notes of which corpus, with which codes. `top` None keeps every code of train."""

    corpus: str
    folder: str
    language: str = "es"
    top: int | None = 50
    codes: str = "all"
    texts: tuple[str, ...] = ()  # unlabelled texts for words and vectors
    vector_epochs: int = 5

    def __post_init__(self) -> None:
        if self.codes not in KINDS:
            raise BadSettings(f"--codes {self.codes!r}: use one of {', '.join(KINDS)}")
        if self.top is not None and self.top < 1:
            raise BadSettings("--top is at least 1, or 0 for every code")

    def to_json(self) -> dict[str, Any]:  # Any: plain JSON
        return asdict(self)

    @staticmethod
    def from_json(fields: Mapping[str, Any]) -> "Selection":  # Any: the mirror of to_json
        return Selection(**{**fields, "texts": tuple(fields["texts"])})

    @property
    def fingerprint(self) -> str:
        """Names what the files say and how they are read, wherever they lie."""
        summed = hashlib.sha256()
        told = (self.corpus, self.language, self.top, self.codes, self.vector_epochs)
        summed.update(repr(told).encode())
        for place in (self.folder, *self.texts):
            summed.update(digest_of(Path(place)).encode())
        return summed.hexdigest()


def digest_of(place: Path) -> str:
    """SHA-256 of the files of a folder with their names in it, or of one file."""
    summed = hashlib.sha256()
    root = place if place.is_dir() else place.parent
    inside = sorted(place.rglob("*")) if place.is_dir() else [place]
    for path in filter(Path.is_file, inside):
        with path.open("rb") as file:
            summed.update(path.relative_to(root).as_posix().encode())
            summed.update(hashlib.file_digest(file, "sha256").digest())
    return summed.hexdigest()


@dataclass(frozen=True, kw_only=True)
class Counts:
    """What a report states of the notes."""

    train: int
    stop: int
    report: int
    how: str  # where the three parts come from
    dropped: Mapping[str, int]  # part -> notes that carry none of the codes
    codes: int


@dataclass(frozen=True, kw_only=True)
class Notes:
    """Notes to learn from, to stop by, and to report."""

    train: tuple[Note, ...]
    stop: tuple[Note, ...]
    report: tuple[Note, ...]
    counts: Counts


def read(selection: Selection) -> Notes:
    """Load, split, keep the codes that count; a note with none of them is dropped (MIMIC-III-50).

    BadFile where nothing is left to learn from, stop by or report.
    """
    parts, how = _parts(selection)
    kinds = KINDS[selection.codes]
    held_by = Counter(c for note in parts["train"] for c in note.codes if c.system in kinds)
    ordered = sorted(held_by, key=lambda code: (-held_by[code], code))
    if selection.top is None:  # codes that train lacks stay, and count as missed
        kept = {part: _only(notes, kinds, None) for part, notes in parts.items()}
    else:
        allowed = frozenset(ordered[: selection.top])
        kept = {part: _only(notes, kinds, allowed) for part, notes in parts.items()}
    empty = [part for part, notes in kept.items() if not notes]
    if empty:
        raise BadFile(
            f"{selection.folder}: no note to {', '.join(empty)} carries one of the codes asked "
            f"for; try another --codes or --top"
        )
    counts = Counts(
        **{part: len(notes) for part, notes in kept.items()},
        how=how,
        dropped={part: len(parts[part]) - len(kept[part]) for part in parts},
        codes=len(ordered[: selection.top]),
    )
    return Notes(**kept, counts=counts)


def _parts(selection: Selection) -> tuple[dict[str, Sequence[Note]], str]:
    """train, stop and report; the reported notes neither teach nor stop a run."""
    folder = Path(selection.folder)
    found = splits(selection.corpus, folder)
    named = {
        split: load(selection.corpus, folder, split=split, language=selection.language).notes
        for split in ("train", "dev", "test")
        if split in found
    }
    train, dev, test = (named.get(split) for split in ("train", "dev", "test"))
    if train is None:
        train, dev, test = _whole(selection), None, None
    if dev and test:
        return {"train": train, "stop": dev, "report": test}, "stops by dev, reports test"
    reported = test or dev
    how = f"reports {'test' if test else 'dev'}"
    if reported is None:
        train, reported = holdout(train, share=REPORTED, seed=SPLIT_SEED)
        how = f"reports {REPORTED:.0%} of the notes, set aside at random"
    train, stop = holdout(train, share=STOPPING, seed=SPLIT_SEED)
    how += f"; stops by {STOPPING:.0%} of the notes to learn from, set aside at random"
    return {"train": train, "stop": stop, "report": reported}, how


def _whole(selection: Selection) -> tuple[Note, ...]:
    """The notes of a corpus that is one split, whatever its name."""
    folder = Path(selection.folder)
    return load(selection.corpus, folder, language=selection.language).notes


def _only(
    notes: Sequence[Note], kinds: Sequence[CodeSystem], allowed: frozenset[Code] | None
) -> tuple[Note, ...]:
    """The notes with their codes of these kinds, and among these; without one, not there."""
    cut = (
        replace(
            note,
            annotations=tuple(
                a
                for a in note.annotations
                if a.code.system in kinds and (allowed is None or a.code in allowed)
            ),
        )
        for note in notes
    )
    return tuple(note for note in cut if note.annotations)
