"""The codes of a chart as the checks see them: plain data, nothing to look up."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from core.types import Code, CodeSystem, Sex

DIAGNOSES = (CodeSystem.ICD10CM, CodeSystem.ICD9CM)
PROCEDURES = (CodeSystem.ICD10PCS, CodeSystem.ICD9PROC)


class POA(StrEnum):
    """Whether a diagnosis was present on admission, as claims have it."""

    YES = "Y"
    NO = "N"
    UNKNOWN = "U"  # the documentation does not say
    UNDETERMINED = "W"  # a clinician cannot tell
    EXEMPT = "1"


@dataclass(frozen=True, kw_only=True)
class ChartCode:
    """One code that stands on a chart."""

    code: Code
    title: str = ""
    principal: bool = False
    poa: str | None = None  # as entered: a value that is no POA is a finding, not an error


@dataclass(frozen=True, kw_only=True)
class ChartCodes:
    """The codes that stand on a chart, in its order, and what is known of the patient.

    What is not known is None: the rules that need it then say nothing.
    """

    codes: tuple[ChartCode, ...] = ()
    rejected: frozenset[Code] = frozenset()
    age: int | None = None  # in whole years
    sex: Sex | None = None
    inpatient: bool | None = None
    categories: Mapping[Code, float] = field(default_factory=dict)  # the CCS/CCSR branch's own
    category_of: Mapping[Code, Code] = field(default_factory=dict)
    likely: float = 0.5  # from here on the CCS/CCSR branch sees a category
    unrelated: frozenset[frozenset[Code]] = frozenset()  # pairs a coder found to be two conditions

    @property
    def diagnoses(self) -> tuple[ChartCode, ...]:
        return tuple(each for each in self.codes if each.code.system in DIAGNOSES)

    @property
    def procedures(self) -> tuple[ChartCode, ...]:
        return tuple(each for each in self.codes if each.code.system in PROCEDURES)

    @property
    def principal(self) -> ChartCode | None:
        """The principal diagnosis: the one marked so, or the only diagnosis there is."""
        marked = [each for each in self.diagnoses if each.principal]
        if not marked and len(self.diagnoses) == 1:
            return self.diagnoses[0]
        return marked[0] if marked else None
