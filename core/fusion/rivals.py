"""Candidates that stand on the same words: a coder gives one of them, seldom all."""

from collections import defaultdict
from collections.abc import Sequence

from core.fusion.strength import strength
from core.memory import Mention, Source
from core.types import Code

LEAST = 0.9  # coverage from which a mention is a rival
WORTH = {Source.EVIDENCE: 0.15}  # what each word of a phrase adds; titles say less
LISTED_WORTH = 0.05


class Rivals:
    """Looks up who else stands where a mention stands."""

    def __init__(self, mentions: Sequence[Mention]) -> None:
        self._at: dict[int, dict[Code, tuple[float, int, bool]]] = defaultdict(dict)
        for mention in mentions:
            if mention.coverage >= LEAST:
                self._place(mention)

    def of(self, mention: Mention | None) -> list[float]:
        """How many rivals, by how many words the longest is longer, the best worth, any marked."""
        if mention is None:
            return [0.0, 0.0, 0.0, 0.0]
        found: dict[Code, tuple[float, int, bool]] = {}
        for place in range(mention.words[0], mention.words[-1] + 1):
            for code, entry in self._at.get(place, {}).items():
                if code != mention.code:
                    found[code] = max(entry, found.get(code, entry))
        return [
            len(found),
            max((size for _, size, _ in found.values()), default=0) - mention.size,
            max((worth for worth, _, _ in found.values()), default=0.0),
            float(any(marked for _, _, marked in found.values())),
        ]

    def _place(self, mention: Mention) -> None:
        marked = mention.source is Source.EVIDENCE
        worth = strength(mention)[0] + WORTH.get(mention.source, LISTED_WORTH) * mention.size
        entry = worth, mention.size, marked
        for place in range(mention.words[0], mention.words[-1] + 1):
            here = self._at[place]
            here[mention.code] = max(entry, here.get(mention.code, entry))
