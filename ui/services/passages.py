"""A note cut into pieces that are printed alike: how strong, shown or not, marked or not."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from core.types import Evidence, Span

LEVELS = (0.1, 0.3, 0.55, 0.8)  # a word's score, whatever its sign, from which it is printed so
AROUND = 70  # characters printed on both sides of what is shown
JOINED = 60  # characters left out at least: fewer are printed
WHOLE = 1_500  # characters of a note that is printed as a whole
BLOCK = 400  # characters at least of a block of a whole note, if it has lines
LONGEST = 1_200  # characters of a block of a note that has none


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A stretch of the note that is printed in one way."""

    text: str
    level: int = 0  # 0 (nothing) to 4 (strongest)
    against: bool = False  # the word speaks against the code
    span: int = 0  # number of the shown span it is in, from 1; 0: none
    starts: bool = False  # the first piece of that span
    marked: bool = False  # by the coder
    unread: bool = False  # the model read nothing here

    @property
    def styles(self) -> str:
        """What it looks like, as style sheets name it; empty: plain text."""
        strength = f"{'against' if self.against else 'for'} l{self.level}" if self.level else ""
        marks = {
            "shown": self.span,
            "starts": self.starts,
            "marked": self.marked,
            "unread": self.unread,
        }
        return " ".join(filter(None, [strength, *(name for name, on in marks.items() if on)]))


@dataclass(frozen=True, kw_only=True)
class Passage:
    """A stretch of the note, and how many characters were left out before it."""

    skipped: int
    pieces: tuple[Piece, ...]


def windows(text: str, shown: Iterable[Evidence | Span], *, whole: int = WHOLE) -> list[Span]:
    """What to print of a note so that all of these can be read in their place.

    A note of at most `whole` characters is printed as a whole.
    """
    if len(text) <= whole:
        return [Span(0, len(text))]
    found: list[Span] = []
    for span in sorted(shown, key=lambda each: (each.start, each.end)):
        start = _outwards(text, max(0, span.start - AROUND), -1)
        end = _outwards(text, min(len(text), span.end + AROUND), 1)
        if found and start - found[-1].end < JOINED:
            found[-1] = Span(found[-1].start, max(found[-1].end, end))
        else:
            found.append(Span(start, end))
    return [_trimmed(text, window) for window in found]


def blocks(text: str) -> list[Span]:
    """A whole note in stretches of a few lines, so that several of it can be set side by side."""
    found: list[Span] = []
    start = 0
    while start < len(text):
        line = text.find("\n", start + BLOCK)
        end = len(text) if line < 0 else line + 1
        if end - start > LONGEST:
            end = _outwards(text, start + LONGEST, 1)
        found.append(Span(start, end))
        start = end
    return found


@dataclass(frozen=True, kw_only=True)
class Printing:
    """A note and all that is printed on it."""

    text: str
    words: Sequence[Evidence] = ()
    spans: Sequence[Evidence] = ()  # shown, strongest first
    marks: Sequence[Span] = ()
    read_to: int | None = None  # where the model stopped reading; None: it read everything

    def passages(self, printed: Iterable[Span]) -> Iterator[Passage]:
        """These windows of the note in pieces, and last what is left out after them."""
        words = sorted(self.words)
        starts = [word.start for word in words]
        edges = self._edges()
        before = 0
        for window in printed:
            pieces = []
            inside = edges[bisect_right(edges, window.start) : bisect_left(edges, window.end)]
            for start, end in pairwise([window.start, *inside, window.end]):
                at = bisect_right(starts, start) - 1
                over = at >= 0 and start < words[at].end
                pieces.append(self._piece(start, end, words[at].score if over else 0.0))
            yield Passage(skipped=window.start - before, pieces=tuple(pieces))
            before = window.end
        if before < len(self.text):
            yield Passage(skipped=len(self.text) - before, pieces=())

    def _edges(self) -> list[int]:
        """Where the way of printing may change, in order."""
        places: list[Evidence | Span] = [*self.words, *self.spans, *self.marks]
        edges = {edge for each in places for edge in (each.start, each.end)}
        return sorted(edges if self.read_to is None else {*edges, self.read_to})

    def _piece(self, start: int, end: int, score: float) -> Piece:
        inside = (n for n, span in enumerate(self.spans, 1) if span.start <= start < span.end)
        number = next(inside, 0)
        return Piece(
            text=self.text[start:end],
            level=bisect_right(LEVELS, abs(score)),
            against=score < 0,
            span=number,
            starts=number > 0 and self.spans[number - 1].start == start,
            marked=any(mark.start <= start < mark.end for mark in self.marks),
            unread=self.read_to is not None and start >= self.read_to,
        )


def _trimmed(text: str, window: Span) -> Span:
    """Without the blank lines at its ends."""
    inside = text[window.start : window.end]
    start = window.end - len(inside.lstrip())
    return Span(start, start + len(inside.strip()))


def _outwards(text: str, place: int, step: int, most: int = 20) -> int:
    """The nearest blank outwards, so that no word is cut; not farther than `most`."""
    for away in range(most):
        near = place + step * away
        if near <= 0 or near >= len(text):
            return min(max(near, 0), len(text))
        if text[near].isspace() or text[near - 1].isspace():
            return near
    return place
