"""Excludes1: two codes that the tabular list says are never used together."""

from collections.abc import Iterator
from itertools import permutations

from core.checks.chart import ChartCodes
from core.checks.finding import Level
from core.checks.rule import Found, Known, named
from core.codes import Cited, Instruction, Kind, cited
from core.types import Code, CodeSystem

_TO_DO = (
    "Keep the one the note supports. Both may stand only if they are two unrelated conditions, "
    "such as one in each eye (guideline I.A.12.a)."
)


def excludes1(chart: ChartCodes, known: Known) -> Iterator[Found]:
    """One finding per pair, whichever of the two carries the note, or inherits it."""
    codes = sorted({each.code for each in chart.codes if each.code.system is CodeSystem.ICD10CM})
    notes = {code: _excluding(code, known) for code in codes}
    seen: set[frozenset[Code]] = set(chart.unrelated)
    for code, other in permutations(codes, 2):
        pair = frozenset((code, other))
        forbidding = (note for note, names in notes[code] if _forbids(names, code, other))
        note = next(forbidding, None)
        if note is None or pair in seen:
            continue
        seen.add(pair)
        yield Found(
            Level.ERROR if _is_code(note.heading) else Level.WARNING,
            (code, other),
            f"{named(code, known)} and {named(other, known)} exclude each other: Excludes1 note "
            f"at {_place(note)}: “{note.text}”.",
            _TO_DO,
        )


def _excluding(code: Code, known: Known) -> list[tuple[Instruction, tuple[Cited, ...]]]:
    """The Excludes1 notes that hold for a code, each with the codes it names."""
    notes = (note for note in known.tables.instructions(code) if note.kind is Kind.EXCLUDES1)
    return [(note, tuple(cited(note.text))) for note in notes]


def _forbids(named_codes: tuple[Cited, ...], code: Code, other: Code) -> bool:
    """A note is about what lies outside: it says nothing between two codes that it both names."""
    return any(each.holds(other.code) and not each.holds(code.code) for each in named_codes)


def _is_code(heading: str) -> bool:
    """A category or code, not a block or chapter, whose notes are pointers more than bans."""
    return "-" not in heading and not heading.isdigit()


def _place(note: Instruction) -> str:
    if note.heading.isdigit():
        return f"chapter {note.heading} ({note.heading_title})"
    return f"{note.heading} ({note.heading_title})"
