"""Chapters of ICD-10-CM, by the ranges of its tabular list."""

from core.types import Code, CodeSystem

_LAST = (  # the last category of each chapter -> its title, in order
    ("B99", "Infections"),
    ("D49", "Neoplasms"),
    ("D89", "Blood and immunity"),
    ("E89", "Endocrine, nutrition, metabolism"),
    ("F99", "Mental and behavioural"),
    ("G99", "Nervous system"),
    ("H59", "Eye"),
    ("H95", "Ear"),
    ("I99", "Circulation"),
    ("J99", "Respiration"),
    ("K95", "Digestion"),
    ("L99", "Skin"),
    ("M99", "Muscles and skeleton"),
    ("N99", "Genitourinary"),
    ("O9A", "Pregnancy and childbirth"),
    ("P96", "Perinatal"),
    ("Q99", "Congenital"),
    ("R99", "Symptoms and findings"),
    ("T88", "Injury and poisoning"),
    ("U85", "Special purposes"),
    ("Y99", "External causes"),
    ("Z99", "Factors and contacts"),
)


def chapter(code: Code) -> str:
    """A short title of the code's chapter; for other code systems the system's name."""
    if code.system is not CodeSystem.ICD10CM:
        return code.system.value
    category = code.code[:3]
    return next((title for last, title in _LAST if category <= last), code.system.value)
