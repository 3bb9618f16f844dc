"""MIMIC's tables of codes: a ZIP of DIAGNOSES_ICD, PROCEDURES_ICD, and what they leave out.

MIMIC-III's tables hold ICD-9 alone; MIMIC-IV's name the version of each code. Codes are written
without their dot. Behind MIMIC's columns stand ours. A rejected code is in REJECTED_ICD and in no
other table. Ids come from the note's source where they are numbers of up to nine digits; other
notes get a surrogate of ten, and NOTES says which.
"""

import codecs
import csv
import shutil
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO, Any, BinaryIO

from core.types import CodeSystem
from db.cells import defuse
from db.export.records import LIMITS, record
from db.export.request import Export, Format, Written
from db.export.tables import cell
from db.feedback import Feedback
from db.kinds import POSITIVE, Kind

DIAGNOSES, PROCEDURES, REJECTED, NOTES = (
    *("DIAGNOSES_ICD", "PROCEDURES_ICD", "REJECTED_ICD", "NOTES"),
)
_SURROGATES = 1_000_000_000  # above every id of nine digits
_VERSIONS = {
    Format.MIMIC3: {CodeSystem.ICD9CM: 9, CodeSystem.ICD9PROC: 9},
    Format.MIMIC4: {
        CodeSystem.ICD9CM: 9,
        CodeSystem.ICD9PROC: 9,
        CodeSystem.ICD10CM: 10,
        CodeSystem.ICD10PCS: 10,
    },
}
_IS_PROCEDURE = {CodeSystem.ICD9PROC, CodeSystem.ICD10PCS}
_OURS = (
    *("kind", "system", "title", "reason", "coder", "time", "checkpoint", "memory", "score"),
    *("rank", "method", "evidence", "evidence_text", "marked", "marked_text", "note_id"),
)
_OF_NOTE = ("note_id", "external_id", "encounter_id", "patient_id", "sha256", "text")


def write_mimic(rows: Iterator[Feedback], file: BinaryIO, export: Export, _at: datetime) -> Written:
    """The ZIP. Codes of other systems, and codes nobody decided on, are left out and counted."""
    versions = _VERSIONS[export.format]
    written, left_out, last = 0, 0, None
    with ExitStack() as stack:
        tables = {
            name: _Table(name, export, stack.enter_context(tempfile.TemporaryFile()))
            for name in (DIAGNOSES, PROCEDURES, REJECTED, NOTES)
        }
        ids = _Ids()
        for row in rows:
            table = _table(row, versions)
            if table is None:
                left_out += 1
                continue
            patient, admission = ids.of(row)
            if row.note != last:
                tables[NOTES].write_note(row, patient, admission)
                last = row.note
            tables[table].write_code(row, patient, admission, versions[row.code.system])
            written += 1
        _zip(file, tables, export)
    return Written(records=written, left_out=left_out)


def _table(row: Feedback, versions: Mapping[CodeSystem, int]) -> str | None:
    if row.code.system not in versions:
        return None
    if row.kind is Kind.REJECTED:
        return REJECTED
    if row.kind not in POSITIVE:
        return None
    return PROCEDURES if row.code.system in _IS_PROCEDURE else DIAGNOSES


@dataclass
class _Ids:
    """SUBJECT_ID and HADM_ID: what the source said, else surrogates that stay together."""

    surrogates: dict[tuple[str, str], int] = field(default_factory=dict)

    def of(self, row: Feedback) -> tuple[int, int]:
        identity = row.identity
        admission = identity.encounter or identity.external
        own = f"note {row.note}" if admission is None else f"admission {admission}"
        return (
            self._number("patient", identity.patient or own, row.note),
            self._number("admission", admission or own, row.note),
        )

    def _number(self, what: str, known: str, note: int) -> int:
        if is_number(known):
            return int(known)
        return self.surrogates.setdefault((what, known), _SURROGATES + note)


def is_number(known: str | None) -> bool:
    """Whether an id of the source can be MIMIC's as it is."""
    return known is not None and known.isascii() and known.isdigit() and 0 < len(known) <= 9


class _Table:
    """One CSV of the ZIP, written to a file of its own until all are complete."""

    def __init__(self, name: str, export: Export, file: IO[bytes]) -> None:
        self.name = name if export.format is Format.MIMIC3 else name.lower()
        self.third = export.format is Format.MIMIC3
        self.file = file
        self.writer = csv.writer(codecs.getwriter("utf-8")(self.file))
        self.ours = [name for name in _OURS if export.quotes or not name.endswith("_text")]
        self.of_note = [name for name in _OF_NOTE if export.text or name != "text"]
        self.rows = 0
        self.sequences: Counter[int] = Counter()
        self._write(self._header(name))

    def write_code(self, row: Feedback, patient: int, admission: int, version: int) -> None:
        self.rows += 1
        self.sequences[admission] += 1
        code = row.code.code.replace(".", "")
        place = (patient, admission, self.sequences[admission])
        theirs: tuple[Any, ...] = (  # Any: numbers and text
            (self.rows, *place, code)
            if self.third
            else (*place, *([""] if self._dated() else []), code, version)
        )
        self._write([*theirs, *record(row, self.ours).values()])

    def write_note(self, row: Feedback, patient: int, admission: int) -> None:
        identity = row.identity
        known = is_number(identity.patient), is_number(identity.encounter or identity.external)
        whose = ["source" if each else "surrogate" for each in known]
        self._write([patient, admission, *whose, *record(row, self.of_note).values()])

    def _header(self, name: str) -> list[str]:
        if name == NOTES:
            ids = ["subject_id", "hadm_id", "subject_id_is", "hadm_id_is"]
            header = [*ids, *self.of_note]
        elif self.third:
            header = ["row_id", "subject_id", "hadm_id", "seq_num", "icd9_code", *self.ours]
        else:
            date = ["chartdate"] if self._dated() else []
            place = ["subject_id", "hadm_id", "seq_num", *date]
            header = [*place, "icd_code", "icd_version", *self.ours]
        return [column.upper() for column in header] if self.third else header

    def _dated(self) -> bool:
        return self.name == PROCEDURES.lower()  # MIMIC-IV dates procedures; we know no dates

    def _write(self, values: list[Any]) -> None:  # Any: numbers and text
        self.writer.writerow([defuse(cell(value)) for value in values])


def _zip(file: BinaryIO, tables: Mapping[str, _Table], export: Export) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for table in tables.values():
            table.file.seek(0)
            with archive.open(f"{table.name}.csv", "w", force_zip64=True) as member:
                shutil.copyfileobj(table.file, member)
        archive.writestr("READ_ME.txt", _read_me(export))


def _read_me(export: Export) -> str:
    lines = [
        *(__doc__ or "").strip().splitlines(),
        "",
        "SEQ_NUM follows the order in which codes were decided on, from 1 for each admission and",
        "table. `kind` says accepted, added (a list had shown it) or never shown (added; no list",
        "had it). A cell that would be a formula in a spreadsheet has an apostrophe in front.",
    ]
    if export.deidentified:
        lines += ["", f"De-identified by {LIMITS}."]
    return "\n".join(lines) + "\n"
