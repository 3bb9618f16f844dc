"""Label spaces: which codes a model ranks, and which of them each note carries."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.types import Annotation, Code, CodeSpace, Note

Category = Callable[[Code], Code | None]  # ICD -> CCS/CCSR; None where the tables have none


@dataclass(frozen=True, kw_only=True)
class Labelled:
    """Which codes of a label space each note carries, and how many it carries besides."""

    targets: NDArray[np.float32]  # notes x codes, 1 where the note carries the code
    missed: NDArray[np.int64]  # per note, gold codes the space does not hold


def gold(note: Note, task: str, category: Category) -> frozenset[Code]:
    """The codes of a note for a task: its own ("icd"), or their categories ("ccs")."""
    if task == "icd":
        return note.codes
    return frozenset(found for code in note.codes if (found := category(code)) is not None)


def label_spaces(
    notes: Sequence[Note], *, min_count: int, category: Category, labels: Sequence[Code] = ()
) -> dict[str, CodeSpace]:
    """For each task, the codes that at least `min_count` notes carry, by system and code.

    Where `labels` are given the space is theirs, and that of their categories, whatever the notes
    carry: the papers rank codes that only dev or test notes have.
    """
    spaces = {}
    for task in ("icd", "ccs"):
        if labels:
            listed = Note(id="", text="", annotations=tuple(Annotation(code=c) for c in labels))
            spaces[task] = CodeSpace(name=task, codes=tuple(sorted(gold(listed, task, category))))
            continue
        counts = Counter(code for note in notes for code in gold(note, task, category))
        kept = sorted(code for code, notes_with in counts.items() if notes_with >= min_count)
        spaces[task] = CodeSpace(name=task, codes=tuple(kept))
    return spaces


def targets(
    notes: Sequence[Note], spaces: Mapping[str, CodeSpace], category: Category
) -> dict[str, Labelled]:
    """Multi-hot targets of each task, and how many gold codes of each note its space lacks."""
    found = {}
    for task, space in spaces.items():
        matrix = np.zeros((len(notes), len(space)), dtype=np.float32)
        missed = np.zeros(len(notes), dtype=np.int64)
        for row, note in enumerate(notes):
            codes = gold(note, task, category)
            held = [space.index(code) for code in codes if code in space]
            matrix[row, held] = 1
            missed[row] = len(codes) - len(held)
        found[task] = Labelled(targets=matrix, missed=missed)
    return found
