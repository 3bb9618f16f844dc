"""A rule: one function over a chart's codes, with its name and where it stands."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from core.checks.chart import ChartCode, ChartCodes
from core.checks.finding import Finding, Level
from core.checks.mce import Edits
from core.codes import Instruction, Relatives, Status
from core.types import Code


class Tables(Protocol):
    """The part of `core.codes.CodeTables` the rules use."""

    def title(self, code: Code) -> str | None: ...

    def status(self, code: Code) -> Status: ...

    def was_valid(self, code: Code) -> bool: ...

    def relatives(self, code: Code) -> Relatives: ...

    def instructions(self, code: Code) -> tuple[Instruction, ...]: ...


@dataclass(frozen=True)
class Known:
    """What rules may look things up in. Without `edits` the rules that need them say nothing."""

    tables: Tables
    edits: Edits | None


@dataclass(frozen=True)
class Found:
    """What a rule saw, before the table's row adds the rule's name and source."""

    level: Level
    codes: tuple[Code, ...]
    says: str
    to_do: str


@dataclass(frozen=True)
class Rule:
    """One row of RULES."""

    name: str
    source: str
    find: Callable[[ChartCodes, Known], Iterator[Found]]

    def findings(self, chart: ChartCodes, known: Known) -> Iterator[Finding]:
        for found in self.find(chart, known):
            yield Finding(
                rule=self.name,
                level=found.level,
                codes=found.codes,
                says=found.says,
                to_do=found.to_do,
                source=self.source,
            )


def named(each: ChartCode | Code, known: Known) -> str:
    """A code with its title, as a sentence has it: `I10 (Essential (primary) hypertension)`."""
    code = each.code if isinstance(each, ChartCode) else each
    title = (each.title if isinstance(each, ChartCode) else "") or known.tables.title(code)
    return f"{code.code} ({title})" if title else code.code
