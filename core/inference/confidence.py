"""How far the evidence for a suggestion can be trusted: two checks anybody can follow.

Comprehensiveness (DeYoung et al. 2020, eq. 1), of what the coder sees: the note is read again
without the shown words, and the probability on the screen, fused ranking included, is compared.
Agreement: which of the shown words attention and a gradient method would each show as well.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.context.words import split
from core.errors import BadSettings, UnknownCode
from core.explanations import METHODS
from core.explanations.spans import small
from core.inference.coder import Coder
from core.types import Code, Evidence, Explanation, Note, Span

ATTENTION = "attention"
GRADIENTS = ("input_x_gradient", "integrated_gradients")  # the quickest first


@dataclass(frozen=True, kw_only=True)
class Confidence:
    """What was found of the evidence for one code.

    before, after: the probability with and without the shown words; `after` is None if the code is
    then not ranked at all. words: how many words are shown, small ones not counted; agreed: how
    many of them attention and gradient both show, or None where the model has no two such methods
    for the code.
    """

    code: Code
    method: str
    before: float
    after: float | None
    words: int
    agreed: int | None

    @property
    def comprehensiveness(self) -> float:
        """How far the probability drops without the shown words, in [-1, 1]."""
        return self.before - (self.after or 0.0)

    @property
    def agreement(self) -> float | None:
        """The share of the shown words that both methods show."""
        return None if self.agreed is None or not self.words else self.agreed / self.words


def confidence(coder: Coder, note: Note, shown: Explanation) -> Confidence:
    """Check the evidence that `shown` gives for a code; nothing is learned, kept or stored.

    It takes one more reading of the note, and a gradient of the code: for the background.
    UnknownCode if the code is not ranked for this note. Without any span nothing is removed.
    """
    what_if = coder.without(note, [Span(span.start, span.end) for span in shown.spans])
    change = what_if.of(shown.code)
    if change is None or change.before is None:
        raise UnknownCode(f"{shown.code} is not ranked for this note; open the note again")
    words = _words(note, shown.spans)
    both = _both(coder, note, shown)
    return Confidence(
        code=shown.code,
        method=shown.method,
        before=change.before,
        after=change.after,
        words=len(words),
        agreed=None if both is None else len(words & both),
    )


def _both(coder: Coder, note: Note, shown: Explanation) -> frozenset[int] | None:
    """The words that attention and gradient both show."""
    gradient = next(name for name in GRADIENTS if name in METHODS)
    known: Mapping[str, Explanation] = {shown.method: shown}
    try:
        looked, moved = (
            known.get(method) or coder.explain(note, [shown.code], method=method)[0]
            for method in (ATTENTION, gradient)
        )
    except (UnknownCode, BadSettings):  # memory alone ranks it; the model has no label attention
        return None
    return _words(note, looked.spans) & _words(note, moved.spans)


def _words(note: Note, spans: Sequence[Evidence]) -> frozenset[int]:
    """The words of spans, by place."""
    words = split(note.text)
    return frozenset(
        place
        for span in spans
        for place in words.touched(span.start, span.end)
        if not small(words, place)
    )
