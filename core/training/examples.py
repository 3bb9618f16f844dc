"""Coded notes as numbers: word ids, which codes each note carries, and what is marked for them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from core.corpora import Category, targets
from core.errors import BadNote
from core.losses import Mark, Marks
from core.text import Encoded, Fallback, Tokenizer
from core.types import Code, CodeSpace, Note, Span


@dataclass(frozen=True, kw_only=True)
class Examples:
    """Notes as a model reads them, in one order throughout.

    targets: notes x codes per task, 1 where the note carries the code. missed: per task, how many
    of each note's gold codes the label space does not hold. marks: per task, for each note, the
    tokens that are evidence for its codes, where somebody marked them.
    """

    notes: tuple[Note, ...]
    ids: tuple[tuple[int, ...], ...]
    targets: Mapping[str, Tensor]
    missed: Mapping[str, Tensor]
    marks: Mapping[str, Marks] = field(default_factory=dict)
    problems: tuple[str, ...] = ()  # notes left out, and why
    cut: int = 0  # notes that are too long to be read to their end

    def __add__(self, other: "Examples") -> "Examples":
        """These examples and then the others, which must have the same label spaces."""
        return Examples(
            notes=self.notes + other.notes,
            ids=self.ids + other.ids,
            targets={t: torch.cat([p, other.targets[t]]) for t, p in self.targets.items()},
            missed={t: torch.cat([p, other.missed[t]]) for t, p in self.missed.items()},
            marks={t: [*p, *other.marks[t]] for t, p in self.marks.items()},
            problems=self.problems + other.problems,
            cut=self.cut + other.cut,
        )


def examples(
    notes: Sequence[Note],
    vocabulary: Tokenizer,
    spaces: Mapping[str, CodeSpace],
    *,
    category: Category,
    max_length: int,
    fallback: Fallback | None = None,
) -> Examples:
    """Number notes and their codes; a note without words is left out and reported."""
    kept: list[Note] = []
    read: list[Encoded] = []
    problems = []
    for note in notes:
        try:
            encoded = vocabulary.encode(note.text, max_length=max_length, fallback=fallback)
        except BadNote as error:
            problems.append(f"note {note.id}: {error}")
            continue
        kept.append(note)
        read.append(encoded)
    labelled = targets(kept, spaces, category)
    return Examples(
        notes=tuple(kept),
        ids=tuple(encoded.ids for encoded in read),
        targets={task: torch.from_numpy(found.targets) for task, found in labelled.items()},
        missed={task: torch.from_numpy(found.missed) for task, found in labelled.items()},
        marks={
            task: [
                _marks(note, encoded, space, category if task == "ccs" else None)
                for note, encoded in zip(kept, read, strict=True)
            ]
            for task, space in spaces.items()
        },
        problems=tuple(problems),
        cut=sum(encoded.truncated_at is not None for encoded in read),
    )


def _marks(
    note: Note, encoded: Encoded, space: CodeSpace, category: Category | None
) -> tuple[Mark, ...]:
    """The marked tokens of every code of `space`; a category is marked where its codes are."""
    found: dict[int, set[int]] = {}
    for annotation in note.annotations:
        code: Code | None = annotation.code
        if category is not None:
            code = category(annotation.code)
        if code is not None and code in space:
            tokens = _tokens(annotation.evidence, encoded)
            if tokens:
                found.setdefault(space.index(code), set()).update(tokens)
    return tuple(Mark(code=code, tokens=tuple(sorted(tokens))) for code, tokens in found.items())


def _tokens(evidence: Sequence[Span], encoded: Encoded) -> set[int]:
    return {
        index
        for index, (start, end) in enumerate(encoded.spans)
        if any(start < span.end and span.start < end for span in evidence)
    }
