"""The principal diagnosis: whether there is one, and whether the code may be one."""

from collections.abc import Iterator

from core.checks.chart import ChartCodes
from core.checks.finding import Level
from core.checks.rule import Found, Known, named
from core.types import Code, CodeSystem


def missing_principal(chart: ChartCodes, _: Known) -> Iterator[Found]:
    """Several diagnoses and none of them marked, or more than one marked."""
    marked = [each for each in chart.diagnoses if each.principal]
    # outside a hospital the first-listed code needs no mark
    level = Level.ERROR if chart.inpatient else Level.WARNING
    if len(marked) > 1:
        codes = tuple(each.code for each in marked)
        says = f"{len(marked)} codes are marked as the principal diagnosis."
        yield Found(Level.ERROR, codes, says, "Leave one of them marked.")
    elif not chart.codes:
        yield Found(level, (), "The chart has no code.", "Add the principal diagnosis.")
    elif not chart.diagnoses:
        says = "The chart has procedures, but no diagnosis."
        yield Found(level, (), says, "Add the principal diagnosis.")
    elif chart.principal is None:
        says = "No code is marked as the principal diagnosis."
        yield Found(level, (), says, "Mark the condition that occasioned the admission.")


def external_cause(chart: ChartCodes, known: Known) -> Iterator[Found]:
    """V00-Y99, or an E code of ICD-9-CM, as principal diagnosis."""
    principal = chart.principal
    if principal is not None and is_external_cause(principal.code):
        yield Found(
            Level.ERROR,
            (principal.code,),
            f"{named(principal, known)} tells how something happened; it cannot be the principal "
            "diagnosis.",
            "Mark the injury or condition as principal, and keep this code after it.",
        )


def manifestation(chart: ChartCodes, known: Known) -> Iterator[Found]:
    """A code that describes what another disease does, as principal diagnosis."""
    yield from _edited(
        chart,
        known,
        edit="MANIFESTATION_AS_PDX",
        level=Level.ERROR,
        says="is a manifestation of another disease; it cannot be the principal diagnosis.",
        to_do="Mark the underlying disease as principal, and keep this code after it.",
    )


def unacceptable(chart: ChartCodes, known: Known) -> Iterator[Found]:
    """A code that tells a circumstance, not a reason for being admitted."""
    if chart.inpatient is not False:  # the edit is of hospitals' claims
        yield from _edited(
            chart,
            known,
            edit="UNACCEPTABLE_PDX",
            level=Level.ERROR if chart.inpatient else Level.WARNING,
            says="is not accepted as the principal diagnosis of a hospital stay.",
            to_do="Mark the condition that occasioned the admission as principal.",
        )


def is_external_cause(code: Code) -> bool:
    """Whether a code tells the cause of an injury, not the injury."""
    if code.system is CodeSystem.ICD10CM:
        return code.code[:1] in ("V", "W", "X", "Y")
    return code.system is CodeSystem.ICD9CM and code.code.startswith("E")


def _edited(
    chart: ChartCodes, known: Known, *, edit: str, level: Level, says: str, to_do: str
) -> Iterator[Found]:
    principal = chart.principal
    if principal is None or known.edits is None:
        return
    if edit in known.edits.of_principal(principal.code):
        yield Found(level, (principal.code,), f"{named(principal, known)} {says}", to_do)
