"""What the services ask of the code tables, and words for the state of a code."""

from dataclasses import dataclass
from typing import Protocol

from core.codes import Hit, Instruction, Relatives, Status
from core.types import Code, CodeSystem

SEARCHED = (CodeSystem.ICD10CM, CodeSystem.ICD10PCS)
OLDER = (CodeSystem.ICD9CM, CodeSystem.ICD9PROC)  # searched where nothing else is found

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

    def was_valid(self, code: Code) -> bool: ...

    def category(self, code: Code) -> Code | None: ...

    def group(self, code: Code) -> tuple[Code | None, str]: ...

    def instructions(self, code: Code) -> tuple[Instruction, ...]: ...

    def relatives(self, code: Code) -> Relatives: ...

    def search(
        self, query: str, *, systems: tuple[CodeSystem, ...] = ..., limit: int = ...
    ) -> list[Hit]: ...


@dataclass(frozen=True, kw_only=True)
class About:
    """What the tables say of a code: the category it stands under, and what to beware of."""

    category: Code | None
    group: str  # the category's title, or another heading
    flags: tuple[str, ...]  # retired, not billable, unspecified...


def about(tables: Tables, code: Code, title: str) -> About:
    """Look a code up once."""
    category, group = tables.group(code)
    return About(category=category, group=group, flags=flags(tables, code, title))


def flags(tables: Tables, code: Code, title: str) -> tuple[str, ...]:
    """What a coder should know of a code before using it: retired, not billable, unspecified."""
    found = [_FLAGS[status]] if (status := tables.status(code)) in _FLAGS else []
    if "unspecified" in title.lower():
        found.append("unspecified")
    return tuple(found)
