"""A mention's contexts: is it said to be absent, of the past, a relative's or a supposition?"""

from bisect import bisect_left, bisect_right

from core.context.cues import cues
from core.context.rules import BITS
from core.context.scopes import masks
from core.context.sections import sections
from core.context.words import split
from core.text.language import language_of
from core.types import Context

_SETS = tuple(
    frozenset(context for context, bit in BITS.items() if mask & bit) for mask in range(16)
)


class ContextReader:
    """Reads a note once; then tells the contexts of any of its mentions in microseconds.

    Offsets count code points and are half-open. Reading takes time linear in the length of the
    note, and a reader never changes: any number of threads may ask it.
    """

    __slots__ = ("_ahead", "_behind", "_ends", "_starts", "language")

    def __init__(self, text: str, language: str | None = None) -> None:
        """Read `text`; the language ("es" or "en") is found from the text if none is given."""
        self.language = language or language_of(text)
        listed = cues(self.language)
        words = split(text)
        found = masks(words, list(listed.cues.all(words.words, words.gaps)))
        section = sections(words, listed)
        self._starts, self._ends = words.starts, words.ends
        self._ahead = bytes(a | b for a, b in zip(found.ahead, section, strict=True))
        self._behind = bytes(found.behind)

    def of(self, start: int, end: int) -> frozenset[Context]:
        """The contexts of `text[start:end]`; none if no word stands there.

        Cues within the mention do not count: "ausencia de dolor" as a whole is not negated.
        """
        first = bisect_right(self._ends, start)
        last = bisect_left(self._starts, end) - 1
        if first > last or start >= end:
            return _SETS[0]
        return _SETS[self._ahead[first] | self._behind[last]]
