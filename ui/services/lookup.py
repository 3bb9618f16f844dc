"""One code looked up: its notes in the tabular list, and the codes to choose instead of it."""

from dataclasses import dataclass

from core.codes import Instruction, Status
from core.types import Code, CodeSystem
from ui.services.search import Found
from ui.services.tables import Tables, flags

MOST = 60  # codes of one kind that are worth a list


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What the code tables say of a code. Notes with the same heading follow each other."""

    code: Code
    title: str
    billable: bool
    flags: tuple[str, ...]
    instructions: tuple[Instruction, ...]
    heading: Found | None
    siblings: tuple[Found, ...]
    children: tuple[Found, ...]
    unknown: str | None  # what the tables at hand cannot say of a code of this system


def look_up(tables: Tables, code: Code) -> Entry:
    """Everything the tables know of a code; a code in no table has nothing but its name."""
    around = tables.relatives(code)
    itself = _found(tables, code)
    notes = code.system is CodeSystem.ICD10CM
    return Entry(
        code=code,
        title=itself.title,
        billable=itself.billable,
        flags=itself.flags,
        instructions=tables.instructions(code),
        heading=None if around.heading is None else _found(tables, around.heading),
        siblings=tuple(_found(tables, each) for each in around.siblings[:MOST]),
        children=tuple(_found(tables, each) for each in around.children[:MOST]),
        unknown=None if notes else f"The tables at hand hold no notes on codes of {code.system}.",
    )


def nearby(tables: Tables, code: Code) -> tuple[Found, ...]:
    """A code among those around it: its heading, itself, its children, its siblings."""
    entry = look_up(tables, code)
    heading = () if entry.heading is None else (entry.heading,)
    return (*heading, _found(tables, code), *entry.children, *entry.siblings)


def more_specific(tables: Tables, code: Code, than: Code) -> bool:
    """Whether a code says more than another: it stands under it, or says what that leaves open."""
    if code.system is not than.system or code.code[:3] != than.code[:3]:
        return False
    if code.code.startswith(than.code):
        return code != than
    one, other = _found(tables, code), _found(tables, than)
    return len(one.flags) < len(other.flags) and one.billable


def _found(tables: Tables, code: Code) -> Found:
    title = tables.title(code) or code.code
    return Found(
        code=code,
        title=title,
        billable=tables.status(code) is Status.VALID,
        flags=flags(tables, code, title),
    )
