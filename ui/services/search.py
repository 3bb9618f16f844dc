"""Typeahead over the code tables: a code or words in, codes with titles out."""

from dataclasses import dataclass

from core.types import Code
from ui.services.tables import SEARCHED, Tables, flags

SHORTEST = 2  # characters
LONGEST = 100
LIMIT = 12


@dataclass(frozen=True, kw_only=True)
class Found:
    """A code that matches a query."""

    code: Code
    title: str
    billable: bool
    flags: tuple[str, ...]
    found_by: str | None = None  # the other name it was found by


def find(tables: Tables, query: str) -> tuple[Found, ...]:
    """The best matches, best first; none for a query shorter than two characters."""
    wanted = query.strip()[:LONGEST]
    if len(wanted) < SHORTEST:
        return ()
    return tuple(
        Found(
            code=hit.code,
            title=hit.title,
            billable=hit.billable,
            flags=flags(tables, hit.code, hit.title),
            found_by=None if hit.found_by in (hit.title, hit.code.code) else hit.found_by,
        )
        for hit in tables.search(wanted, systems=SEARCHED, limit=LIMIT)
    )
