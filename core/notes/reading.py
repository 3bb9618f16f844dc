"""Uploaded files to notes. Uploads are hostile until read: names, sizes, bytes and tables.

`read_notes` reads in this process. What strangers upload goes through `core.notes.apart`, which
calls it in a child process with limits of its own.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from core.errors import BadColumns, BadFile, BadNote
from core.notes.attachments import document_text
from core.notes.decoding import decode
from core.notes.formats import ENDINGS, TEXTS, Format, format_of
from core.notes.limits import Limits, check_note
from core.notes.names import note_id, told
from core.notes.tables import NOTHING_CHOSEN, Chosen, Table, read_rows
from core.types import Note

SHOWN = 50  # problems of a file that are told one by one
MEDIA = {Format.PDF: "application/pdf", Format.RTF: "application/rtf"}


@dataclass(frozen=True, kw_only=True)
class Reading:
    """The notes of a file, and what its user must know: rows not used, an encoding assumed."""

    format: Format
    notes: tuple[Note, ...]
    problems: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()  # of a table: those that can be chosen from
    taken: Mapping[str, str] = field(default_factory=dict)  # ours -> theirs


DEFAULTS = Limits()


def read_notes(
    name: str, data: bytes, *, limits: Limits = DEFAULTS, chosen: Chosen = NOTHING_CHOSEN
) -> Reading:
    """Read one uploaded file of any format; its content counts for more than its name.

    Plain texts are exactly as decoded, line ends included; only a byte order mark is taken off.
    What a reader extracts from PDF, Word, RTF or HTML is the note's text from then on. BadNote or
    BadFile if nothing of the file can be used; messages name the file and never hold its text.
    chosen: our name -> the table's, for columns somebody pointed at (`core.notes.tables.COLUMNS`).
    """
    format_: Format | None = None
    try:
        _check_size(data, limits.file_bytes)
        format_ = format_of(name, data, limits)
        found = _read(format_, name, data, limits, chosen)
    except BadColumns as error:
        raise BadColumns(f"{told(name)}: {error}", error.columns) from None
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
    return replace(found, problems=_shortened([*_misnamed(name, format_), *found.problems]))


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


def _read(format_: Format, name: str, data: bytes, limits: Limits, chosen: Chosen) -> Reading:
    """Notes and problems. Readers load on first use: a child that needs none starts fast."""
    match format_:
        case Format.PDF | Format.RTF:
            document = document_text(data, MEDIA[format_], limits)
        case Format.DOCX:
            from core.notes.word import word_text

            document = word_text(data, limits)
        case Format.XLSX:
            from core.notes import spreadsheet

            return _tabled(format_, spreadsheet.table(data, limits, chosen), limits)
        case Format.PARQUET:
            from core.notes import columnar

            return _tabled(format_, columnar.table(data, limits, chosen), limits)
        case _:
            return _read_text(format_, name, data, limits, chosen)
    return _reading(format_, _one(document.text, name, limits), document.problems)


def _read_text(format_: Format, name: str, data: bytes, limits: Limits, chosen: Chosen) -> Reading:
    if format_ is Format.TXT:
        _check_size(data, limits.txt_bytes)
    text, assumed = decode(data)
    match format_:
        case Format.TXT:
            found = _reading(format_, _one(text, name, limits))
        case Format.FHIR:
            from core.notes.fhir import read_fhir

            found = _reading(format_, *read_fhir(text, note_id(name), limits))
        case Format.HL7:
            from core.notes.hl7 import read_hl7

            found = _reading(format_, *read_hl7(text, note_id(name), limits))
        case Format.JSONL:
            from core.notes import jsonl

            found = _tabled(format_, jsonl.table(text, limits, chosen), limits, unit="line")
        case _:
            from core.notes import delimited

            found = _tabled(format_, delimited.table(text, limits, chosen), limits)
    return replace(found, problems=(assumed, *found.problems)) if assumed else found


def _reading(format_: Format, notes: Sequence[Note], problems: Sequence[str] = ()) -> Reading:
    return Reading(format=format_, notes=tuple(notes), problems=tuple(problems))


def _tabled(format_: Format, table: Table, limits: Limits, *, unit: str = "row") -> Reading:
    notes, problems = read_rows(table.rows, limits, unit=unit)
    taken = {ours: table.header[place] for ours, place in table.taken.items()}
    return replace(_reading(format_, notes, problems), columns=table.offered, taken=taken)


def _one(text: str, name: str, limits: Limits) -> list[Note]:
    check_note(text, limits)
    return [Note(id=note_id(name), text=text)]


def _check_size(data: bytes, most: int) -> None:
    if len(data) > most:
        raise BadNote(
            f"{len(data) / 1e6:.1f} MB is more than the {most / 1e6:g} MB such a file may have; "
            "split it, or check that it is plain text"
        )


def _shortened(problems: Sequence[str]) -> tuple[str, ...]:
    if len(problems) <= SHOWN:
        return tuple(problems)
    return (*problems[:SHOWN], f"and {len(problems) - SHOWN:,} more problems")
