"""ICD-10-CM: the tabular list of today, and what became of codes of earlier years."""

from functools import cached_property
from typing import Any

from core.codes import sources
from core.codes.instructions import INHERITED, Instruction, Kind
from core.codes.status import Status
from core.codes.writing import begins_with, dotted, plain
from core.types import CodeSystem


class ICD10CM:
    """Titles, hierarchy and notes. Codes are written with their dot; unknown ones give nothing."""

    @cached_property
    def _tabular(self) -> Any:  # Any: the package is untyped
        import simple_icd_10_cm  # takes seconds: only when a title is first asked for

        return simple_icd_10_cm

    @cached_property
    def _of_2024(self) -> dict[str, str]:
        return sources.icd10cm_2024()

    @cached_property
    def _of_2018(self) -> frozenset[str]:
        return frozenset(sources.gem())

    @cached_property
    def _listed(self) -> dict[str, bool]:
        """Every category and code of today, in the list's order -> whether it may be reported."""
        tabular = self._tabular
        return {
            code: tabular.is_leaf(code)
            for code in tabular.get_all_codes(with_dots=True)
            # some categories (B20) are blocks of their own, so "is a category" decides
            if tabular.is_category_or_subcategory(code)
        }

    @cached_property
    def _ever(self) -> list[str]:
        return sorted({*map(plain, self._listed), *self._of_2024, *self._of_2018})

    def codes(self) -> list[str]:
        """Every category and code, in the order of the tabular list; no chapters or blocks."""
        return list(self._listed)

    def status(self, code: str) -> Status:
        if code in self._listed:
            return Status.VALID if self._listed[code] else Status.HEADER
        if self.was_valid(code):
            return Status.RETIRED
        # "S05.92X" misses its last character: the beginning of codes, but no heading
        return Status.TRUNCATED if begins_with(self._ever, plain(code)) else Status.UNKNOWN

    def was_valid(self, code: str) -> bool:
        """Whether a code could be reported in 2018 or 2024, whatever became of it since."""
        return plain(code) in self._of_2024 or plain(code) in self._of_2018

    def title(self, code: str) -> str | None:
        """The title; a retired or truncated code without one has its nearest heading's."""
        if code in self._listed:
            return " ".join(self._tabular.get_description(code).split())
        if plain(code) in self._of_2024:
            return f"{self._of_2024[plain(code)]} (retired)"
        status, above = self.status(code), self.parent(code)
        if status is Status.UNKNOWN or above is None:
            return None
        return f"{self.title(above)} ({status} code)"

    def heading_title(self, code: str) -> str | None:
        """The title of a category or code of today's list; None for anything else."""
        return self.title(code) if code in self._listed else None

    def block_titles(self, category: str) -> list[str]:
        """The titles of the blocks (`I10-I1A`) a category of three characters stands in."""
        if category not in self._listed:
            return []
        above = self._tabular.get_ancestors(category)
        return [self._tabular.get_description(block) for block in above if "-" in block]

    def parent(self, code: str) -> str | None:
        """The nearest heading that exists today, blocks and chapters left out."""
        for length in range(len(plain(code)) - 1, 2, -1):
            above = dotted(CodeSystem.ICD10CM, plain(code)[:length])
            if above in self._listed:
                return above
        return None

    def children(self, code: str) -> list[str]:
        """The codes one step more specific."""
        return list(self._tabular.get_children(code)) if code in self._listed else []

    def notes(self, code: str, kind: str) -> list[str]:
        """The list's notes on a code: inclusion_term, includes, excludes1, excludes2, ..."""
        if code not in self._listed:
            return []
        found: list[str] = getattr(self._tabular, f"get_{kind}")(code)
        return list(found)

    def headings(self, code: str) -> list[str]:
        """The code, then what it stands under, from the nearest heading to block and chapter.

        A code the list does not hold (retired, truncated) begins at its nearest heading.
        """
        nearest = code if code in self._listed else self.parent(code)
        return [] if nearest is None else [nearest, *self._tabular.get_ancestors(nearest)]

    def instructions(self, code: str) -> list[Instruction]:
        """Every note that holds for a code, the most specific heading's first."""
        found = []
        headings = self.headings(code)
        for place, heading in enumerate(headings):
            block = heading in headings[:place]  # B20 is a category and the block it stands in
            own = heading == code and not block
            title = " ".join(self._tabular.get_description(heading, block).split())
            found += [
                Instruction(kind, text, heading, title, own)
                for kind in (Kind if own else [kind for kind in Kind if kind in INHERITED])
                for text in self._texts(heading, kind, block=block)
            ]
        return found

    def _texts(self, heading: str, kind: Kind, *, block: bool) -> list[str]:
        get = getattr(self._tabular, f"get_{kind.name.lower()}")
        texts = get(heading, prioritize_blocks=block)
        lines = texts.splitlines() if isinstance(texts, str) else texts
        return [line.strip(" ,") for line in lines if line.strip(" ,")]
