"""How much an upload may hold, and what a note must hold to be one."""

from dataclasses import dataclass

from core.errors import BadNote


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The most an uploaded file may hold. Beyond a limit a file or note is refused, never cut."""

    txt_bytes: int = 5_000_000
    csv_bytes: int = 25_000_000
    characters: int = 200_000  # of one note; long discharge summaries have some 60,000
    notes: int = 10_000  # in one CSV


def check_note(text: str, limits: Limits) -> None:
    """BadNote if `text` cannot be coded: blank, without a letter, or too long."""
    if not text.strip():
        raise BadNote("there is no text in it; was the right file chosen?")
    if not any(character.isalpha() for character in text):
        raise BadNote("there is not a single letter in it; was the right file chosen?")
    if len(text) > limits.characters:
        raise BadNote(
            f"{len(text):,} characters are more than the {limits.characters:,} a note may have; "
            "split it into its encounters"
        )
