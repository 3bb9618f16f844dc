"""Charts written as a coder would: `codes("E11.9", "I10")`, the first one principal."""

from core.checks import ChartCode, ChartCodes, Finding, check
from core.codes import shared_tables
from core.types import Code, CodeSystem


def icd10(written: str) -> Code:
    return Code(CodeSystem.ICD10CM, written)


def icd9(written: str) -> Code:
    return Code(CodeSystem.ICD9CM, written)


def codes(*written: str | Code, **known: object) -> ChartCodes:
    """A chart of ICD-10-CM codes (or any `Code`), the first one principal."""
    listed = [icd10(each) if isinstance(each, str) else each for each in written]
    on_chart = tuple(ChartCode(code=c, principal=not place) for place, c in enumerate(listed))
    return ChartCodes(codes=on_chart, **known)  # type: ignore[arg-type]


def found(chart: ChartCodes, rule: str) -> list[Finding]:
    return [each for each in check(chart, tables=shared_tables()) if each.rule == rule]
