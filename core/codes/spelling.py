"""Words near to a misspelled one: a letter off, or the same but for how a language spells it.

Medical words are Greek and Latin in most languages, so without what differs in spelling
"neumonia" is "pneumonia" and "colecistitis" "cholecystitis". The titles themselves are English
only: no table of Spanish titles comes with any package.
"""

import re
import unicodedata
from collections.abc import Iterator

SHORTEST = 5  # letters; shorter words are near to too many
_MARK = "~"  # before a skeleton, so that it is never taken for a word
_RULES = tuple(
    (re.compile(found), spelled)
    for found, spelled in (
        ("^p(?=[ns])", ""),  # pneumonia, neumonia; psoriasis, soriasis
        ("^es(?=[cqptmlf])", "s"),  # esclerosis, sclerosis
        ("[ts]ion", "cion"),
        ("ph", "f"),
        ("ae|oe", "e"),
        ("ck|qu|k|z", "c"),
        ("y", "i"),
        ("h", ""),
        (r"(.)\1+", r"\1"),
        ("[aeiou]+$", ""),
    )
)


def folded(text: str) -> str:
    """Lower case without accents."""
    decomposed = unicodedata.normalize("NFD", text.lower())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def variants(word: str) -> Iterator[str]:
    """What a word and a near one have in common: itself, each letter left out, its skeleton."""
    if len(word) < SHORTEST or not word.isalpha():
        return
    yield word
    yield from {word[:place] + word[place + 1 :] for place in range(len(word))}
    skeleton = word
    for found, spelled in _RULES:
        skeleton = found.sub(spelled, skeleton)
    if len(skeleton) >= SHORTEST - 1:
        yield _MARK + skeleton
