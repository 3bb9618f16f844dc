"""Names for CCSR categories.

No package carries CCSR's own titles, so a category is named after what fits its codes best: a CCS
category (CCSR was made out of CCS; the equivalence map to ICD-9-CM leads there) or a block or
heading of ICD-10-CM. Fit is F1: the harmonic mean of how much of the category the name covers and
how much of what the name covers is in the category. Each name is given once, to the category it
fits best. A name that leaves out many of the category's codes says "and others".
"""

from collections import Counter, defaultdict
from typing import NamedTuple

from core.codes import sources
from core.codes.icd10cm import ICD10CM
from core.codes.writing import dotted
from core.types import CodeSystem

# body system of a CCSR category -> first letters of the ICD-10-CM codes it is about: hypertension
# (CIR007) also holds codes of pregnancy, which its name need not cover
_OWN = {
    "BLD": "D",
    "CIR": "I",
    "DEN": "K",
    "DIG": "K",
    "EAR": "H",
    "END": "E",
    "EXT": "TVWXY",
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
_ENCOUNTERS = ("initial encounter", "subsequent encounter", "sequela")
_STEM = 6  # the seventh character tells the encounter, not the condition
_COVERED = 2 / 3  # of a category's codes, by a name that may stand without "and others"
_MOST = 0.95


class _Fit(NamedTuple):
    f1: float
    covered: float  # the part of the category's codes that are under the title
    category: str
    title: str


def ccsr_titles(icd10cm: ICD10CM) -> dict[str, str]:
    """CCSR category -> a name to show; no two are alike."""
    members = _members()
    encounters = _encounters()
    names: dict[str, str] = {}
    taken: set[str] = set()
    for fit in _fits(members, icd10cm):
        category, title = fit.category, fit.title
        name = ", ".join(filter(None, (title, encounters.get(category))))
        if category not in names and name not in taken:
            taken.add(name)
            names[category] = name if fit.covered >= _COVERED else f"{name}, and others"
    return {category: names.get(category, category) for category in members}


def _members() -> dict[str, set[str]]:
    """Category -> the stems it is about: those of its own body system, or all if it has none."""
    everything: dict[str, set[str]] = defaultdict(set)
    for code, category in sources.ccsr().items():
        everything[category].add(code[:_STEM])
    return {
        category: {stem for stem in stems if stem[0] in _OWN.get(category[:3], "")} or stems
        for category, stems in everything.items()
    }


def _fits(members: dict[str, set[str]], icd10cm: ICD10CM) -> list[_Fit]:
    """Everything a category could be named after, best first."""
    titles_of = _titles_of(icd10cm)
    covered = Counter(title for titles in titles_of.values() for title in titles)
    fits = []
    for category, stems in members.items():
        shared = Counter(title for stem in stems for title in titles_of[stem])
        for title, both in shared.items():
            f1 = 2 * both / (covered[title] + len(stems))
            fits.append(_Fit(f1, both / len(stems), category, title))
    return sorted(fits, key=lambda fit: (-fit.f1, fit.category, len(fit.title), fit.title))


def _titles_of(icd10cm: ICD10CM) -> dict[str, set[str]]:
    """Stem -> the titles of what it belongs to: CCS category, block, heading, subheadings."""
    ccs_titles, ccs_of = sources.ccs()
    to_icd9 = sources.gem()
    found: dict[str, set[str]] = defaultdict(set)
    origin: dict[str, str] = {}
    for code in sorted(sources.ccsr()):  # "...A", the initial encounter, is first of its stem
        stem = code[:_STEM]
        if (ccs := ccs_of.get(to_icd9.get(code, ""))) is not None:
            origin.setdefault(stem, ccs_titles[ccs])
        if stem not in found:
            headings = (dotted(CodeSystem.ICD10CM, stem[:length]) for length in range(3, 7))
            found[stem] = {
                title for heading in headings if (title := icd10cm.heading_title(heading))
            } | set(icd10cm.block_titles(stem[:3]))
    for stem, title in origin.items():
        found[stem].add(title)
    return found


def _encounters() -> dict[str, str]:
    """Category -> the one kind of encounter (nearly) all its codes are of, if they are."""
    titles = sources.icd10cm_2024()
    kinds: dict[str, Counter[str]] = defaultdict(Counter)
    for code, category in sources.ccsr().items():
        if code in titles:
            said = (kind for kind in _ENCOUNTERS if kind in titles[code])
            kinds[category][next(said, "")] += 1
    return {
        category: kind
        for category, counted in kinds.items()
        for kind, count in counted.most_common(1)
        if count >= _MOST * counted.total()
    }
