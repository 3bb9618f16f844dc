"""Words that two languages share but for their spelling: microcefalia, microcephaly.

Medical words are Greek and Latin in both, so a skeleton without the differences of spelling finds
the translation of words too rare for the bridge to have met.
"""

from functools import lru_cache

import regex

SHORTEST = 6  # letters of a skeleton; shorter ones meet by chance
WEIGHT = 0.9  # how surely a cognate is meant
_RULES = tuple(
    (regex.compile(found), spelled)
    for found, spelled in (
        ("ph", "f"),
        ("rrh", "r"),
        ("([rt])h", r"\1"),
        ("ch|ck|k|qu", "c"),
        ("y", "i"),
        ("w", "u"),
        ("z", "c"),
        ("ae|oe", "e"),
        ("oi", "o"),
        ("tion|sion|cion", "cion"),
        (r"(.)\1", r"\1"),
        ("^es(?=[cptmlf])", "s"),
        ("(?<=[io])es(?=[cpt])", "s"),
        ("arteries?o", "arterio"),
        ("(?:[aeiou]|us|um|os|is|ic|ical|al|ar|ari|os|ous|iti|itis)+$", ""),
    )
)


@lru_cache(maxsize=200_000)
def skeleton(stem: str) -> str:
    """What is left of a stem without spelling and ending; empty if too little is."""
    if any(letter.isdigit() for letter in stem):
        return ""
    inflamed = regex.search("itis?$", stem) is not None  # -itis is meaning, not ending
    for found, spelled in _RULES:
        stem = found.sub(spelled, stem)
    stem += "itis" if inflamed else ""
    return stem if len(stem) >= SHORTEST else ""
