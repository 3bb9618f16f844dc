"""Rows of a table to notes, whatever the file they stood in.

A table has the columns `id` and `text`, by these or other usual names, or where somebody says they
are; those for encounter, patient, age, sex and dates are read where they stand. Rows count as in a
spreadsheet: the header is row 1. A row that cannot be used is a problem and the rest goes on.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType
from typing import TypeVar

from core.errors import BadColumns, BadFile, BadInput, BadNote, quoted
from core.notes.limits import Limits, check_note
from core.notes.names import LONGEST, clean, told
from core.notes.values import (
    LONGEST_ID,
    OLDEST,
    UNKNOWN,
    encounter,
    read_age,
    read_date,
    read_id,
    read_sex,
    writes_spanish,
)
from core.types import Note

COLUMNS: Mapping[str, tuple[str, ...]] = {  # what we call it -> what a header may call it
    "id": ("id", "note_id", "noteid", "document_id", "external_id"),
    "text": ("text", "note_text", "texto"),
    "encounter": ("encounter", "encounter_id", "visit_id", "visit", "hadm_id", "episode_id"),
    "patient": ("patient", "patient_id", "subject_id", "mrn"),
    "age": ("age", "patient_age", "edad"),
    "sex": ("sex", "gender", "sexo"),
    "birth_date": ("birth_date", "birthdate", "date_of_birth", "dob"),
    "date": ("date", "service_date", "note_date", "charttime", "chartdate", "fecha"),
}
NEEDED = ("id", "text")
T = TypeVar("T")
Values = Mapping[str, str]  # our name of a column -> what its cell holds
Row = tuple[int, Values | BadInput]  # its number; why it cannot be read
Chosen = Mapping[str, str]  # our name of a column -> the header's
NOTHING_CHOSEN: Chosen = MappingProxyType({})


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table of notes as a file holds it. The file is read as its rows are."""

    header: Sequence[str]
    taken: Mapping[str, int]  # our name -> position, of each column that is read
    rows: Iterator[Row]

    @property
    def offered(self) -> tuple[str, ...]:
        """The columns somebody may choose from: plain names that stand once."""
        return offered(self.header)


def columns_of(
    header: Sequence[str], chosen: Chosen = NOTHING_CHOSEN, *, where: str = "the first row"
) -> dict[str, int]:
    """Our name -> position of each column that is read; BadColumns if one needed is missing.

    chosen: our name -> the header's, for columns somebody pointed at.
    """
    names = [re.sub(r"\W+", "_", name.strip().lower()) for name in header]
    found: dict[str, int] = {}
    for ours, theirs in COLUMNS.items():
        places = [place for place, name in enumerate(names) if name in theirs]
        if ours in chosen:
            places = [place for place, name in enumerate(header) if name == chosen[ours]]
        if len(places) > 1 and ours in NEEDED:
            raise BadColumns(
                f"column {ours!r} stands more than once; keep one of them", offered(header)
            )
        if len(places) == 1:
            found[ours] = places[0]
    missing = " and ".join(column for column in NEEDED if column not in found)
    if missing:
        raise BadColumns(
            f"no column {missing}: {where} has {_described(header)}; name them id,text",
            offered(header),
        )
    return found


def offered(header: Sequence[str]) -> tuple[str, ...]:
    """The names that may be shown and chosen: plain ones that stand once."""
    return tuple(name for name in header if _is_plain(name) and header.count(name) == 1)


def pick(columns: Mapping[str, int], cells: Sequence[str]) -> dict[str, str]:
    """The cells of the columns that are read."""
    return {ours: cells[place] for ours, place in columns.items() if place < len(cells)}


def read_rows(
    rows: Iterable[Row], limits: Limits, *, unit: str = "row"
) -> tuple[list[Note], list[str]]:
    """Notes and problems, in the order of the rows; BadFile if there is no row at all."""
    kept, problems = _usable(rows, limits, unit)
    if not kept and not problems:
        raise BadFile("there is a header but no row below it; add the notes and upload it again")
    facts = _Facts(spanish=writes_spanish(frozenset(v.get("sex", "") for _, v in kept.values())))
    notes = [facts.note(name, number, values) for name, (number, values) in kept.items()]
    return notes, [*problems, *facts.complaints(unit)]


def _usable(
    rows: Iterable[Row], limits: Limits, unit: str
) -> tuple[dict[str, tuple[int, Values]], list[str]]:
    kept: dict[str, tuple[int, Values]] = {}
    problems: list[str] = []
    characters = 0
    for number, values in rows:
        if limits.notes in (len(kept), len(problems)) or characters > limits.all_characters:
            problems.insert(
                0,
                f"{unit} {number:,} and all after it were not read: a file may hold "
                f"{limits.notes:,} notes and {limits.all_characters:,} characters; split it",
            )
            break
        try:
            name, text = _note(values, limits)
            if name in kept:
                raise BadInput(_repeats(name, text, *kept[name], unit))
            kept[name] = (number, values if isinstance(values, Mapping) else {})
            characters += len(text)
        except BadInput as error:
            problems.append(f"{unit} {number:,}: {error}")
    return kept, problems


def _note(values: Values | BadInput, limits: Limits) -> tuple[str, str]:
    """The id and the text of a row that can be used; else BadInput."""
    if isinstance(values, BadInput):
        raise values
    name = clean(values["id"])
    if not name:
        raise BadFile("the id is empty; give the note one")
    if len(name) > LONGEST:
        raise BadFile(f"the id has {len(name):,} characters; at most {LONGEST} are allowed")
    try:
        check_note(values["text"], limits)
    except BadNote as error:
        raise BadNote(f"note {told(name)}: {error}") from None
    return name, values["text"]


@dataclass(kw_only=True)
class _Facts:
    """Reads what stands beside the text, and remembers the cells that say nothing certain."""

    spanish: bool
    bad: dict[str, list[tuple[int, str, str]]] = field(default_factory=dict)

    def note(self, name: str, number: int, values: Values) -> Note:
        def read(column: str, reader: Callable[[str], T | None], wanted: str) -> T | None:
            cell = clean(values.get(column, ""))
            value = reader(cell)
            if value is None and cell and cell.lower() not in UNKNOWN:
                self.bad.setdefault(column, []).append((number, quoted(cell), wanted))
            return value

        identity = f"an id of at most {LONGEST_ID} characters"
        day = "a date like 2025-03-04"
        facts = encounter(
            external_id=name,
            encounter_id=read("encounter", read_id, identity),
            patient_id=read("patient", read_id, identity),
            age=read("age", read_age, f"an age in years up to {OLDEST}"),
            sex=read("sex", partial(read_sex, spanish=self.spanish), "female, male or other"),
            birth_date=read("birth_date", read_date, day),
            service_date=read("date", read_date, day),
        )
        return Note(id=name, text=values["text"], encounter=facts)

    def complaints(self, unit: str) -> Iterator[str]:
        """One line a column, however many cells of it are bad."""
        for column, cells in self.bad.items():
            number, cell, wanted = cells[0]
            others = f" (and {len(cells) - 1:,} more)" if len(cells) > 1 else ""
            yield (
                f"{unit} {number:,}{others}, column {column!r}: {cell} is not {wanted}; "
                "the note was read without it"
            )


def _repeats(name: str, text: str, number: int, first: Values, unit: str) -> str:
    what = "with the same text" if text == first["text"] else "with another text"
    return f"id {told(name)} stands in {unit} {number:,} already, {what}; the first was kept"


def _described(columns: Sequence[str]) -> str:
    """Column names for a message; what may be a note's words is counted, not shown."""
    shown = [told(name) if _is_plain(name) else "…" for name in columns[:12]]
    return ", ".join(shown) + (f" and {len(columns) - 12} more" if len(columns) > 12 else "")


def _is_plain(name: str) -> bool:
    """Whether it reads as a column's name, and not as the words of a note."""
    return re.fullmatch(r"\w+([ _.-]\w+){0,2}", name) is not None and len(name) <= 30
