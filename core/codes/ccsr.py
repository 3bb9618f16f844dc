"""Names for CCSR categories.

No package carries CCSR's own titles, so a category is named after the CCS category that most of its
codes lead to (through the equivalence map to ICD-9-CM); CCSR was made out of CCS. Only codes of the
category's own body system count: hypertension (CIR007) also holds codes of pregnancy. Where several
would share a name, each has that of the ICD-10-CM heading with most of its codes.
"""

from collections import Counter, defaultdict

from core.codes import sources
from core.codes.icd10cm import ICD10CM
from core.codes.writing import dotted
from core.types import CodeSystem

# body system of a CCSR category -> first letters of the ICD-10-CM codes it is about
_OWN = {
    "BLD": "D",
    "CIR": "I",
    "DEN": "K",
    "DIG": "K",
    "EAR": "H",
    "END": "E",
    "EXT": "VWXY",
    "EYE": "H",
    "FAC": "Z",
    "GEN": "N",
    "INF": "AB",
    "INJ": "ST",
    "MAL": "Q",
    "MBD": "F",
    "MUS": "M",
    "NEO": "CD",
    "NVS": "G",
    "PNL": "P",
    "PRG": "O",
    "RSP": "J",
    "SKN": "L",
    "SYM": "R",
}


def ccsr_titles(icd10cm: ICD10CM) -> dict[str, str]:
    """CCSR category -> a name to show."""
    headings, origins = _counts()
    ccs_titles = sources.ccs()[0]
    by_origin = {
        category: ccs_titles[found.most_common(1)[0][0]] for category, found in origins.items()
    }
    by_heading = {category: _heading(found, icd10cm) for category, found in headings.items()}
    shared = Counter([*by_origin.values(), *by_heading.values()])

    def name(category: str) -> str:
        origin, heading = by_origin.get(category, ""), by_heading[category]
        if origin and shared[origin] == 1:
            return origin
        return heading if shared[heading] == 1 else f"{heading} ({category})"

    return {category: name(category) for category in headings}


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
