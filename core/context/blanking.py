"""A note without some of its words, in which all else stands where it stood.

Blanked words become spaces, one for each code point: offsets of the rest stay, and whoever reads
words (network, phrase memory, cues) finds none there. The words on both sides follow one another,
as if the sentence had been written so; punctuation and line ends stay, so no two sentences join.
"""

from collections.abc import Iterable

from core.context.words import split
from core.errors import BadInput
from core.types import Span


def blanked(text: str, spans: Iterable[Span]) -> str:
    """The note without every word that a span touches, be it only in part.

    BadInput if a span is empty or does not lie in the note.
    """
    words = split(text)
    gone: list[tuple[int, int]] = []
    for span in spans:
        if not 0 <= span.start < span.end <= len(text):
            raise BadInput(
                f"the span {span.start}-{span.end} does not lie in the note "
                f"({len(text)} characters); choose words of this note"
            )
        places = words.touched(span.start, span.end)
        gone += [(words.starts[place], words.ends[place]) for place in places]
    letters = list(text)
    for start, end in gone:
        letters[start:end] = " " * (end - start)
    return "".join(letters)
