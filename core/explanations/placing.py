"""A span of evidence as one reads it: how much it says, where it stands, how it is spoken of."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.context import ContextReader
from core.types import Context, Evidence, Span


@dataclass(frozen=True, kw_only=True)
class EvidenceSpan:
    """A shown span with what stands around it, in offsets of the note.

    share: of all that speaks for the code, how much stands in the span, in [0, 1]; None where no
    token scores are at hand. heading: of the section it stands in. contexts: how the note speaks of
    it, if it does not plainly say that the patient has it now.
    """

    span: Evidence
    share: float | None
    sentence: Span
    heading: Span | None
    contexts: tuple[Context, ...]


def placed(
    text: str, shown: Iterable[Evidence], tokens: Sequence[Evidence] = ()
) -> tuple[EvidenceSpan, ...]:
    """The spans of one explanation of the note `text`, in their order.

    tokens: the explanation's, for the shares; evidence read from the database has none.
    """
    reader = ContextReader(text)
    return tuple(_placed(reader, span, tokens) for span in shown)


def share(span: Evidence, tokens: Sequence[Evidence]) -> float:
    """The part of the tokens' positive scores that stands in a span; 0 if nothing is positive."""
    total = sum(token.score for token in tokens if token.score > 0)
    within = sum(
        token.score
        for token in tokens
        if token.score > 0 and token.start < span.end and span.start < token.end
    )
    return within / total if total else 0.0


def _placed(reader: ContextReader, span: Evidence, tokens: Sequence[Evidence]) -> EvidenceSpan:
    found = reader.of(span.start, span.end)
    return EvidenceSpan(
        span=span,
        share=share(span, tokens) if tokens else None,
        sentence=reader.sentence(span.start, span.end),
        heading=reader.heading(span.start, span.end),
        contexts=tuple(context for context in Context if context in found),
    )
