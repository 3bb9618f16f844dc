"""What a reader got out of a document that is not plain text."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Extracted:
    """The text from now on is the note's original; `problems` name what it does not hold."""

    text: str
    problems: tuple[str, ...] = ()
