"""Present on admission: asked of every diagnosis of a hospital stay that is not exempt.

CMS publishes the exempt codes as a list of 38,000 that no package carries. What the guidelines say
by whole categories is here; of external causes and Z codes many are exempt and many are not, so of
these nothing is said.
"""

import re
from collections.abc import Iterator

from core.checks.chart import POA, ChartCodes
from core.checks.finding import Level
from core.checks.rule import Found, Known, named
from core.codes.writing import plain
from core.types import Code, CodeSystem

_VALUES = frozenset(POA)
_EXEMPT = re.compile(
    r"B9[0-4]|E64|I252|I69|O09|O665|O80|O94|P00|Q"  # sequelae, old infarction, congenital...
    r"|[ST].{5}[^ABC]"  # injuries: subsequent encounters and sequelae
)
_UNSURE = re.compile(r"[VWXYZ]|[^ST].{5}[D-S]")  # partly exempt; the list of which is not at hand


def missing_poa(chart: ChartCodes, known: Known) -> Iterator[Found]:
    """Diagnoses of a hospital stay without an indicator, if the chart carries indicators."""
    used = chart.inpatient is True or any(each.poa for each in chart.codes)
    if not used or chart.inpatient is False:
        return
    for each in chart.diagnoses:
        if not each.poa and _is_asked(each.code):
            yield Found(
                Level.ERROR if chart.inpatient else Level.WARNING,
                (each.code,),
                f"{named(each, known)} does not say whether it was present on admission.",
                "Give Y, N, U (not documented) or W (clinically undetermined).",
            )


def invalid_poa(chart: ChartCodes, known: Known) -> Iterator[Found]:
    """An indicator that is none, or on a code that takes none."""
    for each in chart.codes:
        if not each.poa:
            continue
        if each not in chart.diagnoses:
            says, to_do = "is a procedure and takes no POA indicator.", "Remove the indicator."
        elif each.poa not in _VALUES:
            says, to_do = f"has the POA indicator {each.poa[:3]!r}.", "Give Y, N, U or W."
        elif each.poa == POA.EXEMPT and _is_asked(each.code):
            says, to_do = "is not exempt from POA reporting.", "Give Y, N, U or W."
        else:
            continue
        yield Found(Level.ERROR, (each.code,), f"{named(each, known)} {says}", to_do)


def _is_asked(code: Code) -> bool:
    """Whether an indicator is surely needed. ICD-9-CM: nothing is known."""
    written = plain(code.code)
    exempt = _EXEMPT.match(written) or _UNSURE.match(written)
    return code.system is CodeSystem.ICD10CM and exempt is None
