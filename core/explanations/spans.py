"""From token scores to words, and to the spans a coder is shown.

A span reads like what a coder would mark: whole words of one stretch of text. It begins and ends
with a word that says something; weaker words and small words between two strong ones are in it;
it runs over no punctuation and no line's end. So did 5,512 of 5,514 spans that coders marked in the
dev notes of CodiEsp; 2 % began or ended with a small word.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache

from core.context.words import SPACE, Words
from core.text import Encoded
from core.text.small_words import DENYING, SMALL_WORDS
from core.types import Evidence

SHOWN_FROM = 0.3  # share of the strongest word's score from which a word is shown
JOINED_OVER = 1  # weaker words bridged between two shown ones, small words not counted
MOST_BETWEEN = 4  # small words counted
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


def spans(
    note: Words, tokens: Iterable[Evidence], *, shown_from: float = SHOWN_FROM
) -> tuple[Evidence, ...]:
    """Join strong words into spans, strongest first; each has its strongest word's score.

    note: `core.context.words.split(text)`. tokens: of the same note, with scores.
    """
    return joined(note, telling(note, tokens), shown_from=shown_from)


def telling(note: Words, tokens: Iterable[Evidence]) -> dict[int, float]:
    """The words that say something and speak for the code, by place, each with its best token."""
    found: dict[int, float] = {}
    for token in tokens:
        for place in note.touched(token.start, token.end):
            if token.score > found.get(place, 0.0) and not small(note, place):
                found[place] = token.score
    return found


def joined(note: Words, scores: dict[int, float], *, shown_from: float) -> tuple[Evidence, ...]:
    """The spans of the words whose score is at least that share of the best; see `telling`."""
    least = shown_from * max(scores.values(), default=0.0)
    runs: list[list[int]] = []
    for place in sorted(place for place, score in scores.items() if score >= least):
        if runs and _bridged(note, runs[-1][-1], place):
            runs[-1].append(place)
        else:
            runs.append([place])
    found = [
        Evidence(note.starts[run[0]], note.ends[run[-1]], max(scores[place] for place in run))
        for run in runs
    ]
    return tuple(sorted(found, key=lambda span: (-span.score, span.start))[:MOST_SPANS])


def _bridged(note: Words, before: int, after: int) -> bool:
    """Whether what stands between two strong words is little enough to belong to them."""
    between = range(before + 1, after)
    if len(between) > MOST_BETWEEN or any(g > SPACE for g in note.gaps[before + 1 : after + 1]):
        return False
    if any(note.words[place] in DENYING for place in between):
        return False
    return sum(not small(note, place) for place in between) <= JOINED_OVER


def small(note: Words, place: int) -> bool:
    """A word that says nothing alone; not the "A" of "hepatitis A"."""
    word = note.words[place]
    if len(word) == 1 and note.capital[place] and note.gaps[place] == SPACE:
        return False
    return _says_nothing(word)


@lru_cache(maxsize=1 << 16)
def _says_nothing(word: str) -> bool:
    return word in SMALL_WORDS or not any(sign.isalnum() for sign in word)
