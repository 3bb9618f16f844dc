"""One language's sentences, read from its .po file: by their English, or found again in a made one.

The English sentence is the key. `{names}` in it are filled in afterwards; nothing else in braces is
touched, so a sentence may quote JSON.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel.dates import format_datetime
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

HERE = Path(__file__).parent
ENGLISH = "en"
LANGUAGES: Mapping[str, str] = {ENGLISH: "English", "es": "Español"}
PLACE = re.compile(r"\{([a-z_][a-z0-9_]*)\}")  # of a value in a sentence
_END = re.compile(r"(?<=[.!?;]) (?=\w)")  # of one sentence, before the next
_LONGEST = 2_000  # characters of a made sentence that is looked for
_TELLING = 6  # letters of its own that a sentence is known by
_DEPTH = 3  # sentences in sentences: a file's name, why it was refused, and for what reason


@dataclass(frozen=True)
class Catalogue:
    """The sentences of one language; of English, themselves."""

    language: str
    catalog: Catalog = field(repr=False)

    @cached_property
    def _translations(self) -> NullTranslations:
        if not len(self.catalog):
            return NullTranslations()
        compiled = BytesIO()
        write_mo(compiled, self.catalog)
        compiled.seek(0)
        return GNUTranslations(compiled)

    @cached_property
    def _templates(self) -> list[tuple[re.Pattern[str], str]]:
        """Sentences with places for values, those with most words of their own first."""
        ids = [m.id for m in self.catalog if isinstance(m.id, str) and m.string]
        found = [each for each in ids if PLACE.search(each) and _own(each) >= _TELLING]
        found.sort(key=_own, reverse=True)
        return [(_pattern(each), each) for each in found]

    def say(self, english: str, values: Mapping[str, object]) -> str:
        """The sentence, with its values."""
        return self._filled(self._translations.gettext(english) if english else "", values)

    def say_many(self, one: str, many: str, count: int, values: Mapping[str, object]) -> str:
        """The sentence for one or for many; the count is a value of it."""
        said = self._translations.ngettext(one, many, count)
        return self._filled(said, {"count": count, **values})

    def recognise(self, sentence: str, depth: int = _DEPTH) -> str:
        """A sentence that was made in English, with its values in it, in this language.

        What is not found stays as it is. Values of more than one word are looked for, too.
        """
        if not sentence:  # the key of the catalogue's own head
            return sentence
        exact = self._translations.gettext(sentence)
        if exact != sentence or not self._templates or len(sentence) > _LONGEST or not depth:
            return exact
        parts = _END.split(sentence)
        told = [self.recognise(part, depth - 1) for part in parts[1:] and parts]
        if told and all(one != other for one, other in zip(told, parts, strict=True)):
            return " ".join(told)
        for pattern, english in self._templates:
            if match := pattern.fullmatch(sentence):
                values = {
                    name: self.recognise(value, depth - 1) if " " in value else value
                    for name, value in match.groupdict().items()
                }
                return self._filled(self._translations.gettext(english), values)
        return self._in_parts(sentence, depth - 1)

    def _in_parts(self, sentence: str, depth: int) -> str:
        """A file's name and what is wrong with it; or several sentences."""
        head, colon, rest = sentence.partition(": ")
        if colon and (found := self.recognise(rest, depth)) != rest:
            return f"{head}{colon}{found}"
        parts = _END.split(sentence)
        return " ".join(self.recognise(part, depth) for part in parts) if parts[1:] else sentence

    def _filled(self, said: str, values: Mapping[str, object]) -> str:
        if not values:
            return said
        return PLACE.sub(
            lambda place: self._written(values[place[1]]) if place[1] in values else place[0], said
        )

    def _written(self, value: object) -> str:
        """A value as this language writes it: whole numbers with their groups."""
        if isinstance(value, int) and not isinstance(value, bool):
            return format_decimal(value, locale=self.language)
        if hasattr(value, "tzinfo"):
            return format_datetime(value, "medium", locale=self.language)  # type: ignore[arg-type]
        return str(value)


@cache
def catalogue_of(language: str) -> Catalogue:
    """The catalogue of a language of LANGUAGES; an empty one for English."""
    return Catalogue(language, read(language))


def read(language: str) -> Catalog:
    """The .po file of a language; an empty one where there is none, as for English."""
    file = path(language)
    if not file.exists():
        return Catalog(locale=language)
    with file.open("rb") as opened:
        return read_po(opened, locale=language)


def path(language: str) -> Path:
    """Where the sentences of a language stand."""
    return HERE / f"{language}.po"


def _own(english: str) -> int:
    """Letters of a sentence that are not of its values."""
    return sum(letter.isalpha() for letter in PLACE.sub("", english))


def _pattern(english: str) -> re.Pattern[str]:
    seen: set[str] = set()

    def place(name: str) -> str:
        if name in seen:
            return f"(?P={name})"
        seen.add(name)
        return f"(?P<{name}>.*?)"

    parts = PLACE.split(english)  # words, name, words, name, words
    return re.compile(
        "".join(re.escape(p) if i % 2 == 0 else place(p) for i, p in enumerate(parts)), re.DOTALL
    )
