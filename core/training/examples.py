"""Coded notes as numbers: word ids, and which codes of each label space a note carries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from core.corpora import Category, targets
from core.errors import BadNote
from core.text import Fallback, Vocabulary
from core.types import CodeSpace, Note


@dataclass(frozen=True, kw_only=True)
class Examples:
    """Notes as a model reads them, in one order throughout.

    targets: notes x codes per task, 1 where the note carries the code. missed: per task, how many
    of each note's gold codes the label space does not hold.
    """

    notes: tuple[Note, ...]
    ids: tuple[tuple[int, ...], ...]
    targets: Mapping[str, Tensor]
    missed: Mapping[str, Tensor]
    problems: tuple[str, ...] = ()  # notes left out, and why


def examples(
    notes: Sequence[Note],
    vocabulary: Vocabulary,
    spaces: Mapping[str, CodeSpace],
    *,
    category: Category,
    max_length: int,
    fallback: Fallback | None = None,
) -> Examples:
    """Number notes and their codes; a note without words is left out and reported."""
    kept, ids, problems = [], [], []
    for note in notes:
        try:
            encoded = vocabulary.encode(note.text, max_length=max_length, fallback=fallback)
        except BadNote as error:
            problems.append(f"note {note.id}: {error}")
            continue
        kept.append(note)
        ids.append(encoded.ids)
    labelled = targets(kept, spaces, category)
    return Examples(
        notes=tuple(kept),
        ids=tuple(ids),
        targets={task: torch.from_numpy(found.targets) for task, found in labelled.items()},
        missed={task: torch.from_numpy(found.missed) for task, found in labelled.items()},
        problems=tuple(problems),
    )
