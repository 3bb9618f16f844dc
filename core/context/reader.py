"""A mention's contexts: is it said to be absent, of the past, a relative's or a supposition?

And where it stands: in which sentence, under which heading.
"""

import re

from core.context.cues import cues
from core.context.rules import BITS
from core.context.scopes import masks
from core.context.sections import sections
from core.context.words import SENTENCE, split
from core.text.language import language_of
from core.types import Context, Span

_SETS = tuple(
    frozenset(context for context, bit in BITS.items() if mask & bit) for mask in range(16)
)
_CLOSING = re.compile(r"[^\s\w]*")  # what stands right after the last word: ".", "?)"


class ContextReader:
    """Reads a note once; then tells the contexts of any of its mentions in microseconds.

    Offsets count code points and are half-open. Reading takes time linear in the length of the
    note, and a reader never changes: any number of threads may ask it.
    """

    __slots__ = ("_ahead", "_behind", "_headings", "_text", "_words", "language")

    def __init__(self, text: str, language: str | None = None) -> None:
        """Read `text`; the language ("es" or "en") is found from the text if none is given."""
        self.language = language or language_of(text)
        listed = cues(self.language)
        words = self._words = split(text)
        found = masks(words, list(listed.cues.all(words.words, words.gaps)))
        section = sections(words, listed)
        self._text, self._headings = text, section.headings
        self._ahead = bytes(a | b for a, b in zip(found.ahead, section.mask, strict=True))
        self._behind = bytes(found.behind)

    def of(self, start: int, end: int) -> frozenset[Context]:
        """The contexts of `text[start:end]`; none if no word stands there.

        Cues within the mention do not count: "ausencia de dolor" as a whole is not negated.
        """
        within = self._words.touched(start, end)
        return _SETS[self._ahead[within[0]] | self._behind[within[-1]]] if within else _SETS[0]

    def heading(self, start: int, end: int) -> Span | None:
        """The heading of the section in which `text[start:end]` begins; None if it has none."""
        within = self._words.touched(start, end)
        title = self._headings[within[0]] if within else None
        if title is None:
            return None
        return Span(self._words.starts[title[0]], self._words.ends[title[-1]])

    def outline(self) -> tuple[Span, ...]:
        """The headings of the note's sections, in order."""
        titles = dict.fromkeys(title for title in self._headings if title is not None)
        words = self._words
        return tuple(Span(words.starts[title[0]], words.ends[title[-1]]) for title in titles)

    def sentence(self, start: int, end: int) -> Span:
        """The sentence that holds `text[start:end]`, or all from its first sentence to its last.

        It ends with its closing punctuation. Where no word stands it is the span itself.
        """
        words = self._words
        within = words.touched(start, end)
        if not within:
            return Span(start, end)
        first, last = within[0], within[-1]
        while first and words.gaps[first] < SENTENCE:
            first -= 1
        while last + 1 < len(words) and words.gaps[last + 1] < SENTENCE:
            last += 1
        following = words.starts[last + 1] if last + 1 < len(words) else len(self._text)
        closing = _CLOSING.match(self._text, words.ends[last], following)
        return Span(words.starts[first], closing.end() if closing else words.ends[last])
