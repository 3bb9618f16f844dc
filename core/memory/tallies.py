"""What is known of a phrase: how often it was found, and how often it stood for which code."""

from collections import Counter
from dataclasses import dataclass, field

from core.types import Code

KINDS = ("marked", "stood", "stood_whole")
Address = tuple[str, tuple[str, ...]]  # language of the notes, phrase


@dataclass(kw_only=True)
class Tally:
    """Counts of notes. `whole` leaves out where other words stood between the phrase's own."""

    found: int = 0  # notes that hold the phrase
    whole: int = 0
    marked: Counter[Code] = field(default_factory=Counter)  # notes where it was marked for a code
    stood: Counter[Code] = field(default_factory=Counter)  # notes that hold it and carry the code
    stood_whole: Counter[Code] = field(default_factory=Counter)

    def add(self, other: "Tally", sign: int = 1) -> None:
        """Count what `other` counted, or with sign -1 take it back."""
        self.found += sign * other.found
        self.whole += sign * other.whole
        for kind in KINDS:
            mine: Counter[Code] = getattr(self, kind)
            for code, notes in getattr(other, kind).items():
                mine[code] += sign * notes
                if mine[code] == 0:
                    del mine[code]

    @property
    def empty(self) -> bool:
        return not (self.found or self.whole or self.marked or self.stood or self.stood_whole)
