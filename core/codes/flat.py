"""Systems that are a list of billable codes with titles; headings are their common beginnings."""

from collections.abc import Callable, Sequence
from functools import cached_property

from core.codes.status import Status
from core.codes.writing import begins_with, dotted, plain
from core.types import CodeSystem


class FlatList:
    """One list, read on first need. Codes are written with their dot where the system has one."""

    def __init__(
        self, system: CodeSystem, read: Callable[[], dict[str, str]], short: Status
    ) -> None:
        self._system = system
        self._read = read
        self._short = short  # what the beginning of a code is: a header, or a truncated code

    @cached_property
    def _titles(self) -> dict[str, str]:
        return self._read()

    @cached_property
    def _sorted(self) -> list[str]:
        return sorted(self._titles)

    def codes(self) -> list[str]:
        return [dotted(self._system, code) for code in self._titles]

    def status(self, code: str) -> Status:
        if plain(code) in self._titles:
            return Status.VALID
        return self._short if self._under(code) else Status.UNKNOWN

    def title(self, code: str) -> str | None:
        """The title; for the beginning of codes, the words their titles begin with."""
        own = self._titles.get(plain(code))
        if own is not None:
            return own
        under = [self._titles[found] for found in self._under(code)]
        if not under:
            return None
        said = _shared_words(under) or under[0]
        return f"{said} … ({len(under)} more specific codes)"

    def parent(self, code: str) -> str | None:
        """The beginning of the code that at least one other code has too, one step shorter."""
        start = plain(code)
        under = len(self._under(code))
        for length in range(len(start) - 1, self._shortest(start) - 1, -1):
            if len(self._under(start[:length])) > under:
                return dotted(self._system, start[:length])
        return None

    def children(self, code: str) -> list[str]:
        """The beginnings (or whole codes) one step more specific."""
        start = plain(code)
        longer = {found[: len(start) + 1] for found in self._under(code) if found != start}
        return [dotted(self._system, each) for each in sorted(longer)]

    def _shortest(self, start: str) -> int:
        """Characters of a category: `250`, `E819` (ICD-9-CM); `38` or `0DB` (procedures)."""
        if self._system is CodeSystem.ICD9PROC:
            return 2
        return 4 if self._system is CodeSystem.ICD9CM and start.startswith("E") else 3

    def _under(self, code: str) -> Sequence[str]:
        return begins_with(self._sorted, plain(code))


def _shared_words(titles: Sequence[str]) -> str:
    shared = []
    for words in zip(*(title.replace(",", "").split() for title in titles), strict=False):
        if len(set(words)) > 1:
            break
        shared.append(words[0])
    return " ".join(shared)
