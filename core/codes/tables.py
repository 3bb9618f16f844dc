"""One object that answers for every code system; nothing is read before it is asked for."""

import json
from collections.abc import Iterator, Sequence
from functools import cache, cached_property
from pathlib import Path
from threading import RLock

from core.codes import sources, writing
from core.codes.ccsr import ccsr_titles
from core.codes.flat import FlatList
from core.codes.icd10cm import ICD10CM
from core.codes.indexing import Phrase
from core.codes.instructions import Instruction
from core.codes.keeping import Shelf, cache_folder
from core.codes.relatives import Relatives, relatives
from core.codes.search import Hit, Search
from core.codes.sections import PCS_SECTIONS
from core.codes.status import Status
from core.settings import settings
from core.types import Code, CodeSystem

SEARCHED = (CodeSystem.ICD10CM, CodeSystem.ICD10PCS)


class CodeTables:
    """Titles, status, hierarchy, categories and search. Safe to share by threads.

    procedures_ccs: HCUP's `$prref 2015.csv`, which no package carries, for ICD-9-PROC -> CCS-PROC.
    kept_in: a folder to keep the search index in between two starts; None: it is made each time.
    """

    def __init__(self, procedures_ccs: Path | None = None, kept_in: Path | None = None) -> None:
        self._lock = RLock()
        self._search_lock = RLock()  # of its own: titles need not wait while the index is built
        self._procedures_ccs = procedures_ccs
        self._shelf = Shelf(kept_in)
        self.icd10cm = ICD10CM()
        self._flat = {
            CodeSystem.ICD10PCS: FlatList(CodeSystem.ICD10PCS, sources.icd10pcs, Status.TRUNCATED),
            CodeSystem.ICD9CM: FlatList(CodeSystem.ICD9CM, sources.icd9cm, Status.HEADER),
            CodeSystem.ICD9PROC: FlatList(CodeSystem.ICD9PROC, sources.icd9proc, Status.HEADER),
        }

    def normalise(self, system: CodeSystem, raw: str) -> Code:
        """Read a code however it is written; UnknownCode only if it can be none at all."""
        return writing.normalise(system, raw)

    def status(self, code: Code) -> Status:
        """Whether a code can be used today; never an error."""
        with self._lock:
            if code.system is CodeSystem.ICD10CM:
                return self.icd10cm.status(code.code)
            if code.system in self._flat:
                return self._flat[code.system].status(code.code)
            return (
                Status.VALID if code.code in self._category_titles[code.system] else Status.UNKNOWN
            )

    def was_valid(self, code: Code) -> bool:
        """Whether a code that may not be reported today could be, in an earlier year we know."""
        with self._lock:
            return code.system is CodeSystem.ICD10CM and self.icd10cm.was_valid(code.code)

    def title(self, code: Code) -> str | None:
        """A title to show; None only if no table knows the code."""
        with self._lock:
            if code.system is CodeSystem.ICD10CM:
                return self.icd10cm.title(code.code)
            if code.system in self._flat:
                return self._flat[code.system].title(code.code)
            return self._category_titles[code.system].get(code.code)

    def category(self, code: Code) -> Code | None:
        """The CCSR (ICD-10-CM), CCS (ICD-9-CM) or CCS-PROC (ICD-9-PROC) category, if known.

        The first CCSR category where HCUP gives a code several (see `sources.ccsr`).
        A header or retired code has one when all codes under its nearest heading agree.
        """
        with self._lock:
            if code.system not in self._categories:
                return None
            system, category_of = self._categories[code.system]
            plain = writing.plain(code.code)
            own = category_of.get(plain)
            if own is None and self.status(code) is not Status.UNKNOWN:
                own = self._agreed(code.system, plain)
            return None if own is None else Code(system, own)

    def group(self, code: Code) -> tuple[Code | None, str]:
        """What a code is listed under on screen: its category, or a procedure's section."""
        category = self.category(code)
        if category is not None:
            return category, self.title(category) or category.code
        if code.system is CodeSystem.ICD10PCS:
            return None, PCS_SECTIONS.get(code.code[:1], "Procedures")
        return None, "No category"

    def instructions(self, code: Code) -> tuple[Instruction, ...]:
        """The notes that hold for a code, its own first; none but ICD-10-CM's are known."""
        with self._lock:
            known = code.system is CodeSystem.ICD10CM
            return tuple(self.icd10cm.instructions(code.code)) if known else ()

    def relatives(self, code: Code) -> Relatives:
        """What a coder may choose instead of a code: its heading, siblings and children."""
        with self._lock:
            if code.system is CodeSystem.ICD10CM:
                return relatives(code, self.icd10cm)
            if code.system in self._flat:
                return relatives(code, self._flat[code.system])
            return Relatives()

    def search(
        self, query: str, *, systems: Sequence[CodeSystem] = SEARCHED, limit: int = 20
    ) -> list[Hit]:
        """Codes that a coder may mean by a code's beginning or by words; best first."""
        with self._search_lock:
            return self._search.find(query, systems=systems, limit=limit)

    def warm(self) -> None:
        """Read and index everything now, so that nobody waits later."""
        self.search("warm")
        with self._lock:
            self.icd10cm.codes()
        category = self.category(Code(CodeSystem.ICD10CM, "I10"))
        if category is not None:
            self.title(category)

    @cached_property
    def _search(self) -> Search:
        return Search.over(self._phrases, shelf=self._shelf)

    def _phrases(self) -> Iterator[Phrase]:
        """Every title, and the terms of the tabular list that stand for its codes."""
        listed = self.icd10cm
        with self._lock:
            listed.codes()  # reads the tabular list, once for all threads
        for written in listed.codes():
            code, title = Code(CodeSystem.ICD10CM, written), listed.title(written) or written
            billable = listed.status(written) is Status.VALID
            terms = (*listed.notes(written, "inclusion_term"), *listed.notes(written, "includes"))
            for text in (title, *terms):
                yield Phrase(code, title, text, billable)
        for system, flat in self._flat.items():
            for written in flat.codes():
                title = flat.title(written) or written
                yield Phrase(Code(system, written), title, title, billable=True)

    @cached_property
    def _categories(self) -> dict[CodeSystem, tuple[CodeSystem, dict[str, str]]]:
        return {
            CodeSystem.ICD10CM: (CodeSystem.CCSR, sources.ccsr()),
            CodeSystem.ICD9CM: (CodeSystem.CCS, sources.ccs()[1]),
            CodeSystem.ICD9PROC: (CodeSystem.CCSPROC, self._hcup_procedures[1]),
        }

    @cached_property
    def _category_titles(self) -> dict[CodeSystem, dict[str, str]]:
        return {
            CodeSystem.CCSR: self._ccsr_titles(),
            CodeSystem.CCS: sources.ccs()[0],
            CodeSystem.CCSPROC: self._hcup_procedures[0],
        }

    def _ccsr_titles(self) -> dict[str, str]:
        kept = self._shelf.text("ccsr.json", lambda: json.dumps(ccsr_titles(self.icd10cm)))
        titles: dict[str, str] = json.loads(kept)
        return titles

    @cached_property
    def _hcup_procedures(self) -> tuple[dict[str, str], dict[str, str]]:
        return sources.single_level(self._procedures_ccs) if self._procedures_ccs else ({}, {})

    @cached_property
    def _coded(self) -> dict[CodeSystem, list[str]]:
        return {system: sorted(known) for system, (_, known) in self._categories.items()}

    def _agreed(self, system: CodeSystem, plain: str) -> str | None:
        category_of = self._categories[system][1]
        for length in range(len(plain), 2, -1):
            under = writing.begins_with(self._coded[system], plain[:length])
            if under:
                found = {category_of[code] for code in under}
                return found.pop() if len(found) == 1 else None
        return None


def shared_tables() -> CodeTables:
    """The tables of this process; the settings may name HCUP's `$prref 2015.csv`."""
    return tables_with(settings().ccs_procedures)


@cache
def tables_with(procedures_ccs: Path | None) -> CodeTables:
    """The tables of this process with that file of procedures' categories; each is made once."""
    return CodeTables(procedures_ccs, kept_in=cache_folder())
