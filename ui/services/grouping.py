"""What a browser asks to have grouped (MS-DRG, HCC), read strictly, and what comes of it.

Age and sex that a coder enters to see the groups are of that browser alone: they are in no record.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from core.checks import Impact
from core.errors import BadInput
from core.types import Code, CodeSystem, Encounter, Sex

OLDEST = 124  # years, as the groupers admit


@dataclass(frozen=True, kw_only=True)
class AskedGroups:
    """A question about a chart: what it groups to, and what one of its codes changes."""

    note_id: int
    code: Code | None = None
    age: int | None = None  # entered, where the note came without
    sex: Sex | None = None

    def of(self, encounter: Encounter) -> Encounter:
        """The patient: what came with the note, and what was entered where that is silent."""
        return replace(
            encounter,
            age=self.age if encounter.age is None else encounter.age,
            sex=self.sex if encounter.sex is None else encounter.sex,
        )


@dataclass(frozen=True, kw_only=True)
class Groups:
    """The answer. `other`: the chart without the code, or with it where it is not on the chart."""

    asked: AskedGroups
    impact: Impact
    other: Impact | None = None


def read_groups(raw: object) -> AskedGroups | None:
    """Read what a message asks to have grouped; BadInput if it is not what the page sends."""
    if raw is None:
        return None
    try:
        if not isinstance(raw, Mapping):
            raise TypeError(type(raw).__name__)
        return AskedGroups(
            note_id=int(raw["note"]),
            code=_code(raw.get("row")),
            age=_age(raw.get("age")),
            sex=Sex(raw["sex"]) if raw.get("sex") else None,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise BadInput("the page asked something unreadable; reload it") from error


def _code(row: Any) -> Code | None:  # Any: a message may hold anything
    if row is None:
        return None
    system, _, code = str(row).partition(" ")
    return Code(CodeSystem.parse(system), code)


def _age(raw: Any) -> int | None:
    if raw is None:
        return None
    age = int(raw)
    if not 0 <= age <= OLDEST:
        raise ValueError("no age")
    return age
