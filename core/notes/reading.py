"""Uploaded files to notes. Uploads are hostile until read: names, sizes, bytes and tables."""

import hashlib
from dataclasses import dataclass

from core.errors import BadFile, BadNote
from core.notes.decoding import decode
from core.notes.limits import Limits, check_note
from core.notes.names import note_id, told
from core.notes.tables import read_table
from core.types import Note


@dataclass(frozen=True, kw_only=True)
class Reading:
    """The notes of a file, and what its user must know: rows not used, an encoding assumed."""

    notes: tuple[Note, ...]
    problems: tuple[str, ...] = ()


DEFAULTS = Limits()


def read_notes(name: str, data: bytes, *, limits: Limits = DEFAULTS) -> Reading:
    """Read one uploaded file: .txt is one note, named after the file; .csv (id, text) is many.

    Texts are exactly as decoded, line ends included; only a byte order mark is taken off. BadNote
    or BadFile if nothing of the file can be used; messages name the file and never hold its text.
    """
    kind = name.lower().rpartition(".")[2]
    if kind not in ("txt", "csv"):
        raise BadFile(f"{told(name)} is neither .txt (one note) nor .csv (columns id and text)")
    problems: list[str] = []
    try:
        _check_size(data, limits.txt_bytes if kind == "txt" else limits.csv_bytes)
        text, assumed = decode(data)
        if kind == "txt":
            check_note(text, limits)
            notes = [Note(id=note_id(name), text=text)]
        elif not text.strip():
            raise BadNote("there is no text in it; was the right file chosen?")
        else:
            notes, problems = read_table(text, limits)
    except (BadNote, BadFile) as error:
        raise type(error)(f"{told(name)}: {error}") from None
    told_first = [assumed] if assumed else []
    return Reading(notes=tuple(notes), problems=(*told_first, *problems))


def sha256_of(text: str) -> str:
    """The SHA-256 of a text in UTF-8, as 64 hexadecimal digits."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _check_size(data: bytes, most: int) -> None:
    if len(data) > most:
        raise BadNote(
            f"{len(data) / 1e6:.1f} MB is more than the {most / 1e6:g} MB such a file may have; "
            "split it, or check that it is plain text"
        )
