"""Uploaded files to notes. Uploads are hostile until read: names, sizes, bytes and tables.

`read_notes` reads in this process. What strangers upload goes through `core.notes.apart`, which
calls it in a child process with limits of its own.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from core.errors import BadFile, BadNote
from core.notes.attachments import document_text
from core.notes.decoding import decode
from core.notes.formats import ENDINGS, TEXTS, Format, format_of
from core.notes.limits import Limits, check_note
from core.notes.names import note_id, told
from core.notes.tables import read_rows
from core.types import Note

SHOWN = 50  # problems of a file that are told one by one
MEDIA = {Format.PDF: "application/pdf", Format.RTF: "application/rtf"}


@dataclass(frozen=True, kw_only=True)
class Reading:
    """The notes of a file, and what its user must know: rows not used, an encoding assumed."""

    format: Format
    notes: tuple[Note, ...]
    problems: tuple[str, ...] = ()


DEFAULTS = Limits()


def read_notes(name: str, data: bytes, *, limits: Limits = DEFAULTS) -> Reading:
    """Read one uploaded file of any format; its content counts for more than its name.

    Plain texts are exactly as decoded, line ends included; only a byte order mark is taken off.
    What a reader extracts from PDF, Word, RTF or HTML is the note's text from then on. BadNote or
    BadFile if nothing of the file can be used; messages name the file and never hold its text.
    """
    format_: Format | None = None
    try:
        _check_size(data, limits.file_bytes)
        format_ = format_of(name, data, limits)
        notes, problems = _read(format_, name, data, limits)
    except (BadNote, BadFile) as error:
        raise type(error)(f"{told(name)}: {error}") from None
    except RecursionError:
        raise BadFile(
            f"{told(name)}: it is nested too deeply; export it in a plainer form"
        ) from None
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001  (readers of hostile bytes raise anything; its message may hold text)
        raise BadFile(
            f"{told(name)} is damaged, or is no {format_} file (its reader stopped with "
            f"{type(error).__name__}); open it in its own program, save it again, or upload text"
        ) from None
    problems = [*_misnamed(name, format_), *problems]
    return Reading(format=format_, notes=tuple(notes), problems=_shortened(problems))


def _misnamed(name: str, found: Format) -> Iterator[str]:
    """A word on a name that says another format; texts and JSON may be any of those of text."""
    ending = name.lower().rpartition(".")[2]
    named = ENDINGS.get(ending, found)
    loose = named in (Format.TXT, Format.JSONL, Format.FHIR) and found in TEXTS
    if named is not found and not loose:
        yield f"named .{ending}, read as {found} by its content"


def sha256_of(text: str) -> str:
    """The SHA-256 of a text in UTF-8, as 64 hexadecimal digits."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _read(format_: Format, name: str, data: bytes, limits: Limits) -> tuple[list[Note], list[str]]:
    """Notes and problems. Readers load on first use: a child that needs none starts fast."""
    match format_:
        case Format.PDF | Format.RTF:
            found = document_text(data, MEDIA[format_], limits)
            return _one(found.text, name, limits), list(found.problems)
        case Format.DOCX:
            from core.notes.word import word_text

            found = word_text(data, limits)
            return _one(found.text, name, limits), list(found.problems)
        case Format.XLSX:
            from core.notes import spreadsheet

            return read_rows(spreadsheet.rows(data, limits), limits)
        case Format.PARQUET:
            from core.notes import columnar

            return read_rows(columnar.rows(data, limits), limits)
    return _read_text(format_, name, data, limits)


def _read_text(
    format_: Format, name: str, data: bytes, limits: Limits
) -> tuple[list[Note], list[str]]:
    if format_ is Format.TXT:
        _check_size(data, limits.txt_bytes)
    text, assumed = decode(data)
    told_first = [assumed] if assumed else []
    notes: list[Note]
    problems: list[str] = []
    match format_:
        case Format.TXT:
            notes = _one(text, name, limits)
        case Format.FHIR:
            from core.notes.fhir import read_fhir

            notes, problems = read_fhir(text, note_id(name), limits)
        case Format.HL7:
            from core.notes.hl7 import read_hl7

            notes, problems = read_hl7(text, note_id(name), limits)
        case Format.JSONL:
            from core.notes import jsonl

            notes, problems = read_rows(jsonl.rows(text, limits), limits, unit="line")
        case _:
            from core.notes import delimited

            notes, problems = read_rows(delimited.rows(text, limits), limits)
    return notes, told_first + problems


def _one(text: str, name: str, limits: Limits) -> list[Note]:
    check_note(text, limits)
    return [Note(id=note_id(name), text=text)]


def _check_size(data: bytes, most: int) -> None:
    if len(data) > most:
        raise BadNote(
            f"{len(data) / 1e6:.1f} MB is more than the {most / 1e6:g} MB such a file may have; "
            "split it, or check that it is plain text"
        )


def _shortened(problems: list[str]) -> tuple[str, ...]:
    if len(problems) <= SHOWN:
        return tuple(problems)
    return (*problems[:SHOWN], f"and {len(problems) - SHOWN:,} more problems")
