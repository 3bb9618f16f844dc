"""What stands beside a note's text in a file: its patient's age, sex and dates. Nothing is guessed.

A value that cannot be read for certain is None: 03/04/2025 is March in one place and April in
another, and a wrong age sets off wrong warnings.
"""

import re
from datetime import date

from core.notes.names import clean
from core.types import Encounter, Sex

LONGEST_ID = 200
OLDEST = 130
_DATE = re.compile(r"(\d{4})(-?)(\d\d)\2(\d\d)(?:$|[T ]|\d{4,6}(?:\D|$))")
_AGE = re.compile(r"(\d{1,3})(?:\.\d+)?\s*(?:y|yo|yrs?|years?|años?)?", re.IGNORECASE)
_SEXES = {
    "f": Sex.FEMALE, "female": Sex.FEMALE, "woman": Sex.FEMALE, "mujer": Sex.FEMALE,
    "femenino": Sex.FEMALE, "m": Sex.MALE, "male": Sex.MALE, "man": Sex.MALE, "hombre": Sex.MALE,
    "h": Sex.MALE, "varón": Sex.MALE, "varon": Sex.MALE, "v": Sex.MALE, "masculino": Sex.MALE,
    "o": Sex.OTHER, "other": Sex.OTHER, "otro": Sex.OTHER, "a": Sex.OTHER, "x": Sex.OTHER,
}  # fmt: skip
_SPANISH = frozenset({"h", "v", "hombre", "varón", "varon", "mujer"})
UNKNOWN = frozenset({"u", "unknown", "n", "desconocido", "null", "none", "nan", "na", "n/a"})


def read_id(value: str) -> str | None:
    """An id on one line, without invisible characters; None if empty or too long to be one."""
    found = clean(value)
    return found if 0 < len(found) <= LONGEST_ID else None


def read_date(value: str) -> date | None:
    """A date written 2025-03-04 or 20250304, with or without a time behind it; else None."""
    match = _DATE.match(value.strip())
    if match is None:
        return None
    try:
        found = date(int(match[1]), int(match[3]), int(match[4]))
    except ValueError:
        return None
    return found if 1850 <= found.year <= 2250 else None  # de-identified dates lie ahead


def read_age(value: str) -> int | None:
    """Whole years from `71`, `71.5` or `71 years`; else None (months, 300 for "over 89")."""
    match = _AGE.fullmatch(value.strip())
    return int(match[1]) if match and int(match[1]) <= OLDEST else None


def read_sex(value: str, *, spanish: bool = False) -> Sex | None:
    """The sex; with `spanish`, M stands for mujer, as in files that write H or V beside it."""
    word = value.strip().lower()
    return Sex.FEMALE if spanish and word == "m" else _SEXES.get(word)


def writes_spanish(sexes: frozenset[str]) -> bool:
    """Whether a column of sexes is written in Spanish."""
    return any(word.strip().lower() in _SPANISH for word in sexes)


def encounter(
    *,
    external_id: str | None = None,
    encounter_id: str | None = None,
    patient_id: str | None = None,
    age: int | None = None,
    sex: Sex | None = None,
    birth_date: date | None = None,
    service_date: date | None = None,
) -> Encounter:
    """The encounter, with the age reckoned from the two dates where the file gives none."""
    if age is None and birth_date is not None and service_date is not None:
        age = _years(birth_date, service_date)
    return Encounter(
        external_id=external_id,
        encounter_id=encounter_id,
        patient_id=patient_id,
        age=age,
        sex=sex,
        birth_date=birth_date,
        service_date=service_date,
    )


def _years(born: date, then: date) -> int | None:
    years = then.year - born.year - ((then.month, then.day) < (born.month, born.day))
    return years if 0 <= years <= OLDEST else None
