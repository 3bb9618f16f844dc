"""What a rule found on a chart, said so that a coder knows what to do next."""

from dataclasses import dataclass
from enum import StrEnum

from core.types import Code


class Level(StrEnum):
    """How much a finding weighs."""

    ERROR = "error"  # the chart cannot be submitted as it is
    WARNING = "warning"  # worth a second look; never blocks


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing a rule found. Carries code titles at most, never note text."""

    rule: str  # the rule's name in RULES
    level: Level
    codes: tuple[Code, ...]
    says: str
    to_do: str
    source: str  # where the rule stands: a guideline, an edit, a note of the tabular list
