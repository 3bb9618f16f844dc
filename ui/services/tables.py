"""What the services ask of the code tables, and words for the state of a code."""

from typing import Protocol

from core.codes import Hit, Status
from core.types import Code, CodeSystem

SEARCHED = (CodeSystem.ICD10CM, CodeSystem.ICD10PCS)

_FLAGS = {
    Status.HEADER: "category, not billable",
    Status.RETIRED: "retired",
    Status.TRUNCATED: "truncated",
    Status.UNKNOWN: "not in the code tables",
}


class Tables(Protocol):
    """The part of `core.codes.CodeTables` the app uses."""

    def title(self, code: Code) -> str | None: ...

    def status(self, code: Code) -> Status: ...

    def category(self, code: Code) -> Code | None: ...

    def search(
        self, query: str, *, systems: tuple[CodeSystem, ...] = ..., limit: int = ...
    ) -> list[Hit]: ...


def flags(tables: Tables, code: Code, title: str) -> tuple[str, ...]:
    """What a coder should know of a code before using it: retired, not billable, unspecified."""
    found = [_FLAGS[status]] if (status := tables.status(code)) in _FLAGS else []
    if "unspecified" in title.lower():
        found.append("unspecified")
    return tuple(found)


def title_of(tables: Tables, code: Code) -> str:
    """The title, or words that say there is none."""
    return tables.title(code) or "Not in the code tables"
