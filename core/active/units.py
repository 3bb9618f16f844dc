"""What can be learned from a note, in units: a word, a code, a category that is disputed."""

from dataclasses import dataclass
from enum import StrEnum
from zlib import crc32


class Kind(StrEnum):
    """Why coding something next would teach; the value is how it is stored."""

    WORD = "word"  # may be evidence, and few coded notes hold it
    UNDECIDED = "undecided"  # a code that the note names, and nobody has decided on yet
    RARE = "rare"  # a likely code that few coded notes carry
    UNSURE = "unsure"  # a code that is about as likely as not
    DISPUTED = "disputed"  # the code branch and the category branch contradict each other


@dataclass(frozen=True, slots=True)
class Unit:
    """One thing to learn. `number` names it without its words; `worth` is how much it may teach.

    met: coded notes that hold it; with each it teaches less.
    """

    kind: Kind
    number: int
    worth: float
    met: int = 0


def number_of(kind: Kind, name: str) -> int:
    """The same name has the same number, everywhere; that two share one hardly matters."""
    return crc32(f"{kind} {name}".encode())
