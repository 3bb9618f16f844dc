"""Codes that do not fit the patient's age or sex."""

from collections.abc import Iterator

from core.checks.chart import ChartCodes
from core.checks.finding import Level
from core.checks.rule import Found, Known, named
from core.types import Code, CodeSystem, Sex

_ADULT = 18


def age(chart: ChartCodes, known: Known) -> Iterator[Found]:
    """Codes the MCE admits for other ages only, and newborns' codes on an adult's chart."""
    if chart.age is None:
        return
    for each in chart.diagnoses:
        if known.edits is not None and known.edits.conflicts_with_age(each.code, chart.age):
            yield Found(
                Level.ERROR,
                (each.code,),
                f"{named(each, known)} is a code for {known.edits.age_group(each.code)}; "
                f"the patient is {chart.age}.",
                "Check the age, or choose another code.",
            )
        elif chart.age >= _ADULT and _is_perinatal(each.code):
            yield Found(
                Level.WARNING,
                (each.code,),
                f"{named(each, known)} is a condition that begins around birth; "
                f"the patient is {chart.age}.",
                "Keep it only if the note says the patient still has it (guideline I.C.16.a.4).",
            )


def sex(chart: ChartCodes, known: Known) -> Iterator[Found]:
    """Codes the MCE once held for the other sex. CMS ended that edit in 2024, so it only warns."""
    if chart.sex in (None, Sex.OTHER) or known.edits is None:
        return
    for each in chart.diagnoses:
        if known.edits.conflicts_with_sex(each.code, chart.sex):
            yield Found(
                Level.WARNING,
                (each.code,),
                f"{named(each, known)} is unusual for a {chart.sex} patient.",
                "Check the sex on the record, or choose another code.",
            )


def _is_perinatal(code: Code) -> bool:
    return code.system is CodeSystem.ICD10CM and "P00" <= code.code[:3] <= "P96"
