"""THE TABLE of rules, and the one function that runs them all."""

from collections.abc import Collection
from dataclasses import replace

from core.checks import branches, excludes, mce, patient, poa, principal, validity
from core.checks.chart import ChartCodes
from core.checks.finding import Finding, Level
from core.checks.rule import Known, Rule, Tables
from core.errors import BadSettings

_GUIDELINES = "ICD-10-CM guidelines"
_TABULAR = "ICD-10-CM tabular list"

RULES = (
    Rule("invalid code", f"{_GUIDELINES} I.B.2; code tables", validity.invalid),
    Rule("unspecified code", f"{_GUIDELINES} I.B.18", validity.unspecified),
    Rule("duplicate", f"{_GUIDELINES} I.B.12", validity.duplicate),
    Rule("Excludes1", f"{_TABULAR}; {_GUIDELINES} I.A.12.a", excludes.excludes1),
    Rule("age conflict", f"{mce.NAME}; {_GUIDELINES} I.C.16.a.4", patient.age),
    Rule("sex conflict", f"{mce.NAME}, as of September 2024", patient.sex),
    Rule("missing principal", f"{_GUIDELINES} II", principal.missing_principal),
    Rule("external cause as principal", f"{_GUIDELINES} I.C.20.a.6", principal.external_cause),
    Rule("manifestation as principal", f"{mce.NAME}; I.A.13", principal.manifestation),
    Rule("unacceptable principal", mce.NAME, principal.unacceptable),
    Rule("missing POA", f"{_GUIDELINES}, appendix I", poa.missing_poa),
    Rule("invalid POA", f"{_GUIDELINES}, appendix I", poa.invalid_poa),
    Rule("code without category", "the model's two branches", branches.code_without_category),
    Rule("category without code", "the model's two branches", branches.category_without_code),
)


def check(
    chart: ChartCodes, *, tables: Tables, only_warn: Collection[str] = ()
) -> tuple[Finding, ...]:
    """Everything the rules find on a chart, errors first, then in the order of the table.

    only_warn: names of rules that never block here, such as "Excludes1" where charts are coded for
    research, not for a payer. BadSettings if there is no such rule.
    """
    if unknown := set(only_warn) - {rule.name for rule in RULES}:
        names = ", ".join(rule.name for rule in RULES)
        raise BadSettings(f"{sorted(unknown)} are no rules; choose among {names}")
    with mce.medicare_edits() as edits:
        known = Known(tables, edits)
        found = [
            replace(each, level=Level.WARNING) if rule.name in only_warn else each
            for rule in RULES
            for each in rule.findings(chart, known)
        ]
    return tuple(sorted(found, key=lambda finding: finding.level is not Level.ERROR))
