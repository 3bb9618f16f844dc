"""Ids of notes from names that strangers chose."""

import unicodedata

LONGEST = 120
UNNAMED = "note"
_LONG_ENDINGS = ("parquet", "ndjson", "jsonl")


def note_id(file_name: str) -> str:
    """A file's name without folders and ending, fit to show and to store; never empty."""
    name = file_name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    stem, dot, ending = name.rpartition(".")
    return short(stem if dot and (len(ending) <= 4 or ending in _LONG_ENDINGS) else name)


def short(name: str) -> str:
    """`name` as the name of a note: clean, not too long, never empty."""
    return clean(name).strip(". ")[:LONGEST].strip() or UNNAMED


def clean(name: str) -> str:
    """`name` on one line, without control, direction and other invisible characters."""
    shown = (" " if character.isspace() else character for character in name)
    seen = "".join(character for character in shown if unicodedata.category(character)[0] != "C")
    return " ".join(seen.split())


def told(name: str) -> str:
    """A name for a message: clean, short, in quotation marks."""
    name = clean(name)
    return repr(name if len(name) <= 40 else f"{name[:40]}…")
