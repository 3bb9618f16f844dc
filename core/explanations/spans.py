"""From token scores to words, and to the spans a coder is shown."""

from collections.abc import Sequence

from core.text import Encoded
from core.types import Evidence

SHOWN_FROM = 0.3  # share of the strongest token's score from which a token is shown
JOINED_OVER = 1  # weaker tokens bridged between two shown ones
MOST_SPANS = 8


def words(encoded: Encoded, scores: Sequence[float]) -> list[Evidence]:
    """The words of a note with their scores; a word in several tokens has the sum of theirs."""
    parts = encoded.words or range(len(encoded.ids))
    joined: list[Evidence] = []
    last = -1
    for part, (start, end), score in zip(parts, encoded.spans, scores, strict=True):
        if part == last:
            word = joined.pop()
            start, score = word.start, word.score + score
        joined.append(Evidence(start, end, score))
        last = part
    return joined


def spans(tokens: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """Join neighbouring strong tokens into spans, strongest first.

    `tokens` are in note order with scores that peak at 1. A span runs over the original text from
    its first token to its last and has its strongest token's score.
    """
    runs: list[list[int]] = []
    for position, token in enumerate(tokens):
        if token.score < SHOWN_FROM:
            continue
        if runs and position - runs[-1][-1] <= JOINED_OVER + 1:
            runs[-1].append(position)
        else:
            runs.append([position])
    found = [
        Evidence(tokens[run[0]].start, tokens[run[-1]].end, max(tokens[p].score for p in run))
        for run in runs
    ]
    return tuple(sorted(found, key=lambda span: (-span.score, span.start))[:MOST_SPANS])
