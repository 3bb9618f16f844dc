"""Codes that cannot be reported, or that could be more specific; and codes given twice."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from core.checks.chart import ChartCode, ChartCodes
from core.checks.finding import Level
from core.checks.rule import Found, Known, named
from core.codes import Status
from core.codes.writing import plain
from core.types import Code, CodeSystem

_EXAMPLES = 3
_INVALID = {
    Status.UNKNOWN: "is not in the code tables",
    Status.HEADER: "is a heading and not to be reported: a more specific code is in the tables",
    Status.TRUNCATED: "is too short to be reported: it is the beginning of codes in the tables",
    Status.RETIRED: "is not valid any more",
}
_EARLIER = (
    "was valid in an earlier year, and is not any more: right only for an encounter of that time, "
    "or in a country that still uses that edition"
)
# ICD-10-CM is known of 2018, 2024 and today; of these one list is at hand, so nothing is certain
_ONE_LIST = {
    CodeSystem.ICD10PCS: "2024",
    CodeSystem.ICD9CM: "2015",
    CodeSystem.ICD9PROC: "2015",
}


def invalid(chart: ChartCodes, known: Known) -> Iterator[Found]:
    """Unknown, a heading, too short, or of an earlier edition, which only warns."""
    for each in chart.codes:
        status = known.tables.status(each.code)
        if status is Status.VALID:
            continue
        level, says = Level.ERROR, _INVALID[status]
        if known.tables.was_valid(each.code):  # retired, or a heading since (M54.5)
            level, says = Level.WARNING, _EARLIER
        elif (year := _ONE_LIST.get(each.code.system)) is not None:
            level, says = Level.WARNING, f"{says} of {year}, the only list at hand"
        yield Found(level, (each.code,), f"{named(each, known)} {says}.", _instead(each, known))


def unspecified(chart: ChartCodes, known: Known) -> Iterator[Found]:
    """A code that leaves open what a sibling says: the side, the type, the organism."""
    for each in chart.diagnoses:
        title = each.title or known.tables.title(each.code) or ""
        if known.tables.status(each.code) is not Status.VALID or "nspecified" not in title:
            continue
        better = [
            code
            for code in _reportable(known.tables.relatives(each.code).siblings, known)
            if "nspecified" not in (known.tables.title(code) or "")
        ]
        if better:
            yield Found(
                Level.WARNING,
                (each.code,),
                f"{named(each, known)} is unspecified.",
                f"If the note says more, choose {_examples(better, known)}.",
            )


def duplicate(chart: ChartCodes, known: Known) -> Iterator[Found]:
    """The same code twice, or a heading beside a code under it."""
    codes = [each.code for each in chart.codes]
    for code, times in sorted(Counter(codes).items()):
        if times > 1:
            says = f"{named(code, known)} is on the chart {times} times."
            yield Found(Level.ERROR, (code,), says, "Remove all but one.")
    written = {(code.system, plain(code.code)): code for code in codes}
    for (system, text), below in sorted(written.items()):
        for length in range(2, len(text)):
            if (above := written.get((system, text[:length]))) is not None:
                yield Found(
                    Level.WARNING,
                    (above, below),
                    f"{named(above, known)} is the heading of {named(below, known)}.",
                    f"Remove {above.code}: {below.code} says the same and more.",
                )


def _instead(each: ChartCode, known: Known) -> str:
    around = known.tables.relatives(each.code)
    choices = list(islice(_reportable(around.children or around.siblings, known), _EXAMPLES))
    if not choices:
        return "Search for another code."
    return f"Choose a more specific code, such as {_examples(choices, known)}."


def _reportable(codes: Iterable[Code], known: Known) -> Iterator[Code]:
    """The codes, headings replaced by what may be reported under them."""
    for code in codes:
        if known.tables.status(code) is Status.VALID:
            yield code
        else:
            yield from _reportable(known.tables.relatives(code).children, known)


def _examples(codes: Sequence[Code], known: Known) -> str:
    return " or ".join(named(code, known) for code in codes[:_EXAMPLES])
