"""How much an upload may hold, and what a note must hold to be one. All limits stand here."""

import re
from dataclasses import dataclass

from core.errors import BadNote

_HALVES = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The most an uploaded file may hold or cost. Beyond a limit it is refused, never cut."""

    file_bytes: int = 25_000_000  # what .streamlit/config.toml lets through
    txt_bytes: int = 5_000_000  # one note; a larger .txt is some other file
    characters: int = 200_000  # of one note; long discharge summaries have some 60,000
    notes: int = 10_000  # in one file: what a coder can still look over before storing
    all_characters: int = 25_000_000  # of all notes of a file: they wait in memory for "Store"
    columns: int = 1_000  # of a table
    pages: int = 500  # of a PDF; more is a whole chart, not a note
    unpacked_bytes: int = 50_000_000  # of a .docx or .xlsx; a bomb of 10 MB unpacks to gigabytes
    members: int = 2_000  # files inside a .docx or .xlsx; Word writes some twenty
    # The child process that reads a file. Every bomb must be refused within 10 seconds.
    cpu_seconds: int = 6  # of computing; 50 dense pages of PDF take 0.12
    wall_seconds: int = 9  # from handing a file over to its answer, however busy the machine is
    memory_bytes: int = 512_000_000  # address space; Python and its readers alone map 300 MB


def check_note(text: str, limits: Limits) -> None:
    """BadNote if `text` cannot be coded: blank, without a letter, too long, or not all text."""
    if not text.strip():
        raise BadNote("there is no text in it; was the right file chosen?")
    if not any(character.isalpha() for character in text):
        raise BadNote("there is not a single letter in it; was the right file chosen?")
    if len(text) > limits.characters:
        raise BadNote(
            f"{len(text):,} characters are more than the {limits.characters:,} a note may have; "
            "split it into its encounters"
        )
    if "\0" in text:
        raise BadNote("it holds NUL characters, so it is not plain text; take them out")
    if _HALVES.search(text):
        raise BadNote("it holds half a character (a lone surrogate); export it again as UTF-8")
