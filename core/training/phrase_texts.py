"""Short training texts strung together from phrases, so that the rarest code is met every epoch.

A text is a run of phrases with their codes marked on them: the same lesson as a note with evidence,
a hundred times shorter. Which phrases stand together derives from (seed, epoch) alone.
"""

import random
from collections.abc import Sequence

from core.memory import Phrase
from core.types import Annotation, Note, Span

PHRASES_A_TEXT = 10


def phrase_notes(phrases: Sequence[Phrase], *, texts: int, seed: int, epoch: int) -> list[Note]:
    """At most `texts` notes of ten phrases each; every distinct phrase is as likely as another."""
    drawn = list(dict.fromkeys(phrases))
    random.Random(f"{seed}/{epoch}/phrases").shuffle(drawn)  # noqa: S311 - order, not secrets
    drawn = drawn[: texts * PHRASES_A_TEXT]
    return [
        _strung(drawn[start : start + PHRASES_A_TEXT], f"phrases-{epoch}-{start}")
        for start in range(0, len(drawn), PHRASES_A_TEXT)
    ]


def _strung(phrases: Sequence[Phrase], name: str) -> Note:
    text, annotations = "", []
    for phrase in phrases:
        span = Span(len(text), len(text) + len(phrase.text))
        annotations.append(Annotation(code=phrase.code, evidence=(span,)))
        text += f"{phrase.text}. "
    return Note(id=name, text=text, annotations=tuple(annotations))
