"""What a site changed in its memory by hand: phrases switched off, and phrases of its own."""

from dataclasses import dataclass
from functools import cached_property

from core.memory.index import Key
from core.memory.tallies import Address, Tally
from core.types import Code

Meaning = tuple[Key, Code]  # a phrase, and a code that it stands for


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class SitePhrase:
    """A phrase that a site added; it counts like one marked in one coded note."""

    language: str
    key: Key
    code: Code


@dataclass(frozen=True, kw_only=True)
class Edits:
    """All edits that hold now.

    off: phrases that no longer speak for a code, in either language, however often they are
    marked; a title or an inclusion term of the same words is silent too. added: phrases that
    stand for a code though nobody marked them.
    """

    off: frozenset[Meaning] = frozenset()
    added: frozenset[SitePhrase] = frozenset()

    @property
    def said(self) -> list[str]:
        """The edits as words, one each, in the same order for the same edits."""
        off = [f"off {' '.join(key)} {code}" for key, code in sorted(self.off)]
        added = [f"add {e.language} {' '.join(e.key)} {e.code}" for e in sorted(self.added)]
        return off + added

    @cached_property
    def meanings(self) -> frozenset[Meaning]:
        """The added phrases with their codes."""
        return frozenset((each.key, each.code) for each in self.added)

    @property
    def tallies(self) -> dict[Address, Tally]:
        """What the added phrases count: as in a coded note that says nothing else."""
        found: dict[Address, Tally] = {}
        for each in self.added:
            tally = found.setdefault((each.language, each.key), Tally(found=1, whole=1))
            for counts in (tally.marked, tally.stood, tally.stood_whole):
                counts[each.code] = 1
        return found


NO_EDITS = Edits()
