"""What two models are compared on: notes with what is known of their codes, and lists of codes."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from core.corpora import Lesson
from core.types import Code, Note


@dataclass(frozen=True, kw_only=True)
class Case:
    """A note with the codes known to be right and wrong.

    wrong: None where every code that is not right is wrong, as in a whole chart. Of any other code
    nothing is known: it counts for nobody and against nobody.
    """

    note: Note = field(repr=False)
    right: frozenset[Code]
    wrong: frozenset[Code] | None = None

    def knows(self, code: Code) -> bool:
        """Whether somebody decided on this code."""
        return self.wrong is None or code in self.right or code in self.wrong


@dataclass(frozen=True, kw_only=True)
class Ranked:
    """What one model says of one note: codes with their probabilities, the best first."""

    codes: Mapping[Code, float]
    likely_from: float  # the probability from which a code is a likely one

    @cached_property
    def likely(self) -> frozenset[Code]:
        """The codes a coder is told are likely."""
        return frozenset(code for code, said in self.codes.items() if said >= self.likely_from)

    @cached_property
    def ranks(self) -> Mapping[Code, int]:
        """The place of each code, from 1."""
        return {code: rank for rank, code in enumerate(self.codes, start=1)}

    def rank(self, code: Code) -> int:
        """The place of a code; one behind the last where it is not listed."""
        return self.ranks.get(code, len(self.codes) + 1)


def of_lessons(lessons: Iterable[Lesson]) -> Iterator[Case]:
    """Feedback: what nobody decided on is not known."""
    for lesson in lessons:
        if lesson.note.codes or lesson.rejected:
            yield Case(note=lesson.note, right=lesson.note.codes, wrong=lesson.rejected)


def of_corpus(notes: Iterable[Note]) -> Iterator[Case]:
    """Whole charts: what they do not carry is wrong."""
    return (Case(note=note, right=note.codes) for note in notes)
