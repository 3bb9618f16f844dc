"""A comparison in plain words and as a table of text, for the command line."""

from collections.abc import Iterator

from core.comparing.comparison import CodeFigure, Comparison, Standing, Verdict

LINES = 20  # codes printed; the JSON has all

_SAID = {
    Verdict.BETTER: "{b} is better than {a} on these notes",
    Verdict.WORSE: "{b} is worse than {a} on these notes",
    Verdict.NONE: "no difference between {b} and {a} is shown on these notes",
    Verdict.FEW: "too few notes to tell {b} from {a}",
}


def verdict(found: Comparison) -> str:
    """The outcome in a sentence."""
    said = _SAID[found.verdict].format(a=_named(found, "a"), b=_named(found, "b"))
    better, worse = (len(found.standing(of)) for of in (Standing.BETTER, Standing.WORSE))
    return f"{said}; of single codes, {better} are better and {worse} worse"


def table(found: Comparison) -> Iterator[str]:
    """Lines: the figures of both, the codes that lost most, what was left open."""
    partly = found.notes - found.whole
    yield f"{found.notes} notes" + (
        f", {partly} of them with some codes undecided" if partly else ""
    )
    yield f"{'':<20}{'A':>8}{'B':>8}{'B - A':>9}   95 % interval"
    for each in found.figures:
        cells = f"{_cell(each.a):>8}{_cell(each.b):>8}{_cell(each.difference, '+'):>9}"
        yield f"{each.name:<20}{cells}   {_ends(each.low, each.high)}"
    told = [each for each in found.codes if each.standing is not Standing.FEW]
    if told:
        yield f"\n{'code':<22}{'notes':>6}{'F1 A':>8}{'F1 B':>8}{'B - A':>9}   95 % interval"
        yield from map(_line, told[:LINES])
    few = len(found.codes) - len(told)
    if few:
        yield f"{few} other codes: {Standing.FEW}"
    if partly:
        yield (
            f"likely suggestions that nobody decided on, and that count for nobody: "
            f"A {found.unknown_a}, B {found.unknown_b}"
        )


def _line(each: CodeFigure) -> str:
    cells = f"{_cell(each.f1_a):>8}{_cell(each.f1_b):>8}{_cell(each.difference, '+'):>9}"
    only = f", only {each.only.upper()} ranks it" if each.only else ""
    name = f"{each.system} {each.code}"
    said = f"{_ends(each.low, each.high)}  {each.standing}{only}"
    return f"{name:<22}{each.notes:>6}{cells}   {said}"


def _named(found: Comparison, side: str) -> str:
    of = found.a if side == "a" else found.b
    return f"{side.upper()} ({of.name}, {of.checkpoint[:12]})"


def _ends(low: float | None, high: float | None) -> str:
    return "-" if low is None or high is None else f"[{low:+.4f}, {high:+.4f}]"


def _cell(value: float | None, sign: str = "") -> str:
    return "-" if value is None else format(value, f"{sign}.4f")
