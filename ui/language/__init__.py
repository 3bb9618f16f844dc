"""The language layer: every word a user reads goes through `t`, and the English is its key.

A page writes `t("{count} codes", count=3)`; services write plain English, in which `said` finds the
sentences of the catalogue again where a page shows them. Services know no language, so a record
reads alike whoever looks at it. `python -m ui.language` brings es.po up to date and lists what
has no translation yet.
"""

from collections.abc import Mapping

from ui.language.catalogue import ENGLISH, LANGUAGES, catalogue_of
from ui.language.choice import COOKIE, choose_language, language, of_request
from ui.language.scripts import words

__all__ = [
    "COOKIE",
    "ENGLISH",
    "LANGUAGES",
    "catalogue_of",
    "choose_language",
    "for_scripts",
    "language",
    "msgid",
    "nt",
    "of_request",
    "said",
    "t",
]


def t(english: str, /, **values: object) -> str:
    """The sentence in the language of this session, its {names} replaced by the values."""
    return catalogue_of(language()).say(english, values)


def nt(one: str, many: str, count: int, /, **values: object) -> str:
    """As `t`, for one or for many; {count} is among the values."""
    return catalogue_of(language()).say_many(one, many, count, values)


def said(sentence: str, /) -> str:
    """What a service or an error said in English, in the language of this session."""
    return catalogue_of(language()).recognise(sentence)


def msgid(english: str, /) -> str:
    """The sentence as it is: marks it for the catalogue where `t` only sees a variable."""
    return english


def for_scripts() -> Mapping[str, object]:
    """The words of this session's language, for the data of a component with words.js."""
    return words(language())
