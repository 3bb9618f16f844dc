"""Typeahead over the code tables: a code or words in, codes with titles out."""

from collections.abc import Collection
from dataclasses import dataclass

from core.types import Code, CodeSystem
from ui.services.tables import OLDER, SEARCHED, Tables, flags

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


def find(tables: Tables, query: str, *, systems: Collection[CodeSystem] = ()) -> tuple[Found, ...]:
    """The best matches, best first; none for a query shorter than two characters.

    systems: where to look. By default in ICD-10-CM and -PCS, and in ICD-9-CM (250.00) if there is
    nothing there.
    """
    wanted = query.strip()[:LONGEST]
    if len(wanted) < SHORTEST:
        return ()
    for searched in (tuple(systems),) if systems else (SEARCHED, OLDER):
        if found := _find(tables, wanted, searched):
            return found
    return ()


def _find(tables: Tables, wanted: str, systems: tuple[CodeSystem, ...]) -> tuple[Found, ...]:
    return tuple(
        Found(
            code=hit.code,
            title=hit.title,
            billable=hit.billable,
            flags=flags(tables, hit.code, hit.title),
            found_by=None if hit.found_by in (hit.title, hit.code.code) else hit.found_by,
        )
        for hit in tables.search(wanted, systems=systems, limit=LIMIT)
    )
