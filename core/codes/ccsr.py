"""Names for CCSR categories.

No package carries CCSR's own titles, so a category is named after the CCS category that most of its
codes lead to (through the equivalence map to ICD-9-CM); CCSR was made out of CCS. Only codes of the
category's own body system count: hypertension (CIR007) also holds codes of pregnancy. Where several
categories would share a name, the ICD-10-CM heading with most of the codes is put beside it.
"""

from collections import Counter, defaultdict

from core.codes import sources
from core.codes.icd10cm import ICD10CM
from core.codes.writing import dotted
from core.types import CodeSystem

# body system of a CCSR category -> first letters of the ICD-10-CM codes it is about
_OWN = {
    **{"BLD": "D", "CIR": "I", "DEN": "K", "DIG": "K", "EAR": "H", "END": "E", "EXT": "VWXY"},
    **{"EYE": "H", "FAC": "Z", "GEN": "N", "INF": "AB", "INJ": "ST", "MAL": "Q", "MBD": "F"},
    **{"MUS": "M", "NEO": "CD", "NVS": "G", "PNL": "P", "PRG": "O", "RSP": "J", "SKN": "L"},
    "SYM": "R",
}


def ccsr_titles(icd10cm: ICD10CM) -> dict[str, str]:
    """CCSR category -> a name to show."""
    headings, origins = _counts()
    ccs_titles = sources.ccs()[0]
    names = {
        category: ccs_titles[origins[category].most_common(1)[0][0]]
        for category in headings
        if origins[category]
    }
    shared = Counter(names.values())
    return {
        category: _name(names.get(category), _heading(found, icd10cm), shared)
        for category, found in headings.items()
    }


def _counts() -> tuple[dict[str, Counter[str]], dict[str, Counter[str]]]:
    """For each category, its codes' headings and the CCS categories they lead to, counted."""
    to_icd9, ccs_of = sources.gem(), sources.ccs()[1]
    headings: dict[str, Counter[str]] = defaultdict(Counter)
    origins: dict[str, Counter[str]] = defaultdict(Counter)
    of_category = sources.ccsr()
    own = {(category, code[0]) for code, category in of_category.items() if _is_own(category, code)}
    with_own = {category for category, _ in own}
    for code, category in of_category.items():
        if category in with_own and (category, code[0]) not in own:
            continue
        headings[category][code[:3]] += 1
        origin = ccs_of.get(to_icd9.get(code, ""))
        if origin is not None:
            origins[category][origin] += 1
    return headings, origins


def _is_own(category: str, code: str) -> bool:
    return code[0] in _OWN.get(category[:3], "")


def _heading(found: Counter[str], icd10cm: ICD10CM) -> str:
    best = dotted(CodeSystem.ICD10CM, found.most_common(1)[0][0])
    return icd10cm.title(best) or best


def _name(name: str | None, heading: str, shared: Counter[str]) -> str:
    if name is None:
        return heading
    return name if shared[name] == 1 else f"{name}: {heading}"
