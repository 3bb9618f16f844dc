"""The tabular list's instructional notes on a code, inherited from every heading above it.

ICD-10-CM puts a note once, at the highest heading it holds for: the Excludes1 note at E11 holds for
E11.65 too, and those of a chapter or a block for all codes in them. The other code systems come
without notes in every table there is here, so nothing is known of theirs.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from core.codes.writing import plain


class Kind(StrEnum):
    """What an instructional note asks for; the value is the wording of the tabular list."""

    INCLUSION_TERM = "Inclusion term"
    INCLUDES = "Includes"
    EXCLUDES1 = "Excludes1"
    EXCLUDES2 = "Excludes2"
    CODE_FIRST = "Code first"
    USE_ADDITIONAL_CODE = "Use additional code"
    CODE_ALSO = "Code also"


INHERITED = frozenset(Kind) - {Kind.INCLUSION_TERM}  # a term is of the very code it stands under


@dataclass(frozen=True)
class Instruction:
    """One note, and the heading (code, block or chapter) it stands at."""

    kind: Kind
    text: str
    heading: str
    heading_title: str
    own: bool  # it stands at the code itself


# an optional end of a range, then what narrows the whole down: "E08-E13 with .21"
_CODE = r"[A-Z][0-9][0-9A-Z](?:\.[0-9A-Z]{1,4})?"
_CITED = re.compile(rf"\b({_CODE})[.-]*(?:\s?-\s?({_CODE}))?(?![0-9A-Z])")
_BRACKETS = re.compile(r"\(([^()]*)\)")
_WITH = re.compile(r"\bwith\b\s*(.*)")
_NARROWED = (
    (re.compile(r"^\.([0-9A-Z]+)-?$"), 3),  # "with .21": the characters after the dot
    (re.compile(r"^final characters -([0-9A-Z]+)$"), 4),
    (re.compile(r"^(?:5th|fifth)[ -]character \.?([0-9A-Z])$"), 4),
    (re.compile(r"^fifth to sixth characters ([0-9A-Z]{2})$"), 4),
    (re.compile(r"^(?:7th|seventh) character ([0-9A-Z])$"), 6),
)


@dataclass(frozen=True)
class Cited:
    """Codes that a note names: from `first` to `last` and all below, with `ending` at `place`."""

    first: str  # without dots, as all here
    last: str
    ending: str = ""
    place: int = 0

    def holds(self, code: str) -> bool:
        """Whether a code is one of them; a heading is if all below it are."""
        written = plain(code)
        return (
            len(written) >= min(len(self.first), len(self.last))
            and written[: len(self.first)] >= self.first
            and written[: len(self.last)] <= self.last
            and written[self.place : self.place + len(self.ending)] == self.ending
        )


def cited(text: str) -> Iterator[Cited]:
    """The codes in a note's brackets: `(E10.-)`, `(O10-O11, O13)`, `(E08-E13 with .21)`.

    A note that narrows its codes down in words not understood here cites nothing: better silent
    than wrong.
    """
    for bracket in _BRACKETS.findall(text):
        with_ = _WITH.search(bracket)
        narrowed = _narrowed(with_[1].strip()) if with_ else ("", 0)
        if narrowed is None:
            continue
        for found in _CITED.finditer(bracket[: with_.start()] if with_ else bracket):
            first, last = plain(found[1]), plain(found[2] or found[1])
            yield Cited(first, last, *narrowed)


def _narrowed(words: str) -> tuple[str, int] | None:
    for pattern, place in _NARROWED:
        if (found := pattern.match(words)) is not None:
            return found[1], place
    return None
