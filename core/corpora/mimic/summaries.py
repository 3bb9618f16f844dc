"""Discharge summaries: found in the notes, spilt to disk, joined by admission with their addenda.

60,000 summaries have 600 MB of text, so texts go to a file as they are met and only their places
stay in memory. CAML joins an admission's summaries in the order of the file; here reports come
first, then addenda, each by chart date, and the report counts where that differs.
"""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import groupby, pairwise
from pathlib import Path
from typing import BinaryIO, NamedTuple

from core.corpora.mimic.tables import Log, readable, rows, whole_number

SUMMARY = "discharge summary"
_BYTES = ("utf-8", "surrogateescape")  # as the table was read
BETWEEN = "\n\n"  # texts of one admission; CAML puts a space, which makes the same words


class Document(NamedTuple):
    """One discharge summary or addendum as its table has it."""

    row: int
    patient: str
    admission: str
    addendum: bool
    when: str  # chart date and time as written, year first: they sort as text
    text: str


class Stored(NamedTuple):
    """Where a document's text lies; sorted, the documents of an admission stand in their order."""

    patient: int
    admission: int
    addendum: bool
    when: str
    row: int
    start: int
    length: int


@dataclass(kw_only=True)
class Spill:
    """Documents with their texts in a file of bytes."""

    file: BinaryIO
    stored: list[Stored] = field(default_factory=list)
    size: int = 0

    def add(self, document: Document, *, patient: int, admission: int) -> None:
        """Append a text to the file and remember its place."""
        data = document.text.encode()
        self.file.write(data)
        self.stored.append(
            Stored(
                patient,
                admission,
                document.addendum,
                document.when,
                document.row,
                self.size,
                len(data),
            )
        )
        self.size += len(data)

    def admissions(self) -> Iterator[tuple[int, int, str]]:
        """(patient, admission, joined text), by patient and admission."""
        for (patient, admission), documents in groupby(sorted(self.stored), lambda s: s[:2]):
            yield patient, admission, BETWEEN.join(self._text(document) for document in documents)

    def _text(self, stored: Stored) -> str:
        self.file.seek(stored.start)
        return self.file.read(stored.length).decode()


Reader = Callable[[Path, Log], Iterator[Document]]


def noteevents(path: Path, log: Log) -> Iterator[Document]:
    """The discharge summaries of MIMIC-III's NOTEEVENTS, rows in error left out."""
    columns = ("subject_id", "hadm_id", "chartdate", "charttime", "category", "description")
    for row, cells in rows(path, (*columns, "iserror", "text"), log):
        patient, admission, date, time, category, description, in_error, text = cells
        if category.strip().lower() != SUMMARY:
            log.drop(path, "not a discharge summary")
        elif in_error.strip() not in ("", "0", "0.0"):
            log.drop(path, "marked as an error (ISERROR)")
        else:
            addendum = description.strip().lower() == "addendum"
            yield Document(row, patient, admission, addendum, f"{date} {time}".strip(), text)


def discharge(path: Path, log: Log) -> Iterator[Document]:
    """The summaries (DS) and addenda (AD) of MIMIC-IV's discharge table."""
    columns = ("subject_id", "hadm_id", "note_type", "charttime", "text")
    for row, (patient, admission, kind, time, text) in rows(path, columns, log):
        yield Document(row, patient, admission, kind.strip().upper() == "AD", time.strip(), text)


def patients_of(path: Path, log: Log) -> dict[int, int]:
    """Admission -> patient, of MIMIC-IV's admissions table."""
    found: dict[int, int] = {}
    for row, (subject, hadm) in rows(path, ("subject_id", "hadm_id"), log):
        patient, admission = whole_number(subject), whole_number(hadm)
        if patient is None or admission is None:
            log.refuse(path, row, "SUBJECT_ID or HADM_ID is not a number")
        else:
            found[admission] = patient
    return found


def collect(
    documents: Iterable[Document],
    path: Path,
    *,
    coded: Container[int],
    patients: Mapping[int, int] | None,
    spill: Spill,
    log: Log,
) -> set[int]:
    """Spill the usable documents of coded admissions; the admissions met that are not coded.

    `patients` are those of every admission, where a table of admissions tells. Left out and
    counted: no admission, no words, a text that the admission has already.
    """
    met: dict[int, int] = {}
    seen: set[tuple[int | None, bytes]] = set()
    uncoded: set[int] = set()
    for document in documents:
        patient, admission = whole_number(document.patient), whole_number(document.admission)
        fingerprint = admission, blake2b(document.text.encode(*_BYTES), digest_size=16).digest()
        if patient is None or admission is None:
            _unnumbered(document, path, log)
        elif not any(letter.isalpha() for letter in document.text):
            log.drop(path, "no text")
        elif patients is not None and admission not in patients:
            log.drop(path, "HADM_ID that is not in ADMISSIONS")
        elif (patients or met).get(admission, patient) != patient:
            log.refuse(path, document.row, "HADM_ID of another SUBJECT_ID")
        elif fingerprint in seen:
            log.drop(path, "same text twice in an admission")
        else:
            met[admission] = patient
            seen.add(fingerprint)
            if admission in coded:
                spill.add(_as_text(document, path, log), patient=patient, admission=admission)
            else:
                uncoded.add(admission)
                log.drop(path, "admission without codes")
    return uncoded


def _as_text(document: Document, path: Path, log: Log) -> Document:
    text = readable(document.text)
    if text != document.text:
        log.note(path, document.row, "bytes that are not UTF-8, read as Latin-1")
    return document._replace(text=text)


def reordered(spill: Spill) -> int:
    """Admissions whose documents stand in another order in the file."""
    ordered = groupby(sorted(spill.stored), lambda stored: stored.admission)
    return sum(
        any(one.row > next_one.row for one, next_one in pairwise(documents))
        for _, documents in ordered
    )


def _unnumbered(document: Document, path: Path, log: Log) -> None:
    for name, cell in (("HADM_ID", document.admission), ("SUBJECT_ID", document.patient)):
        if not cell.strip():
            return log.drop(path, f"no {name}")
        if whole_number(cell) is None:
            return log.refuse(path, document.row, f"{name} is not a number")
    return None
