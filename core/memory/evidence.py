"""The marked phrases as they stand now, ready to be looked up, and cheap to change.

Most phrases stand in a big index that is seldom made; those that changed since stand in a small
one beside it. Every answer is as if one index had been made of all.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence, Set

import numpy as np

from core.memory.index import Hits, Key, Match, PhraseIndex, Places, Sentences, Weigh, search
from core.types import Code

MOST_ASIDE = 1_000  # phrases that changed, from which the big index is made anew
Codes = Set[Code]


class Evidence:
    """Phrases with the codes they stand for. Nothing in it changes: threads may share it."""

    def __init__(self, codes: Mapping[Key, Codes], weight: Weigh, *, default: float) -> None:
        """weight: of each stem; `default` is the weight of a stem it does not hold."""
        keys = sorted(codes)
        self._weigh = weight, default
        self._big = PhraseIndex(keys, weight, default=default)
        self._of_big = [codes[key] for key in keys]
        self._number = {key: number for number, key in enumerate(keys)}
        self._put_beside({}, np.ones(len(keys), dtype=bool))

    def _put_beside(self, aside: Mapping[Key, Codes], stands: np.ndarray) -> None:
        """aside: the phrases that changed; stands: which of the big index did not."""
        small = sorted(aside)
        weight, default = self._weigh
        self._aside, self._stands = aside, stands
        self._small = PhraseIndex(small, weight, default=default)
        before = np.array([bisect_left(self._big.keys, key) for key in small], dtype=np.int64)
        # Numbers in the order of the phrases, as they would be had all been indexed at once.
        self._small_at = before + np.arange(len(small))
        self._big_at = np.arange(len(stands)) + np.searchsorted(
            before, np.arange(len(stands)), side="right"
        )
        self.mass = np.insert(self._big.mass, before, self._small.mass)
        self.keys: list[Key] = list(self._big.keys)
        self.codes: list[Codes] = list(self._of_big)
        for at, key in zip(self._small_at.tolist(), small, strict=True):
            self.keys.insert(at, key)
            self.codes.insert(at, aside[key])

    @property
    def indexes(self) -> tuple[PhraseIndex, ...]:
        """All that hold its stems."""
        return (self._big, self._small)

    def changed(self, now: Mapping[Key, Codes]) -> "Evidence":
        """The same with other codes for these phrases; one without codes is forgotten."""
        aside, stands = dict(self._aside), self._stands.copy()
        for key, codes in now.items():
            at = self._number.get(key)
            as_it_was = at is not None and self._of_big[at] == codes
            if at is not None:
                stands[at] = as_it_was
            aside.pop(key, None)
            if codes and not as_it_was:
                aside[key] = codes
        if len(aside) + int(np.count_nonzero(~stands)) > MOST_ASIDE:
            return self._merged(aside, stands)
        other = object.__new__(Evidence)
        other._weigh, other._big, other._of_big = self._weigh, self._big, self._of_big
        other._number = self._number
        other._put_beside(aside, stands)
        return other

    def _merged(self, aside: Mapping[Key, Codes], stands: np.ndarray) -> "Evidence":
        whole = {self._big.keys[at]: self._of_big[at] for at in np.flatnonzero(stands).tolist()}
        weight, default = self._weigh
        return Evidence({**whole, **aside}, weight, default=default)

    def only(self, keys: Sequence[Key]) -> tuple[PhraseIndex, list[Codes]]:
        """An index of those of these phrases that are known, and their codes."""
        found = {key: codes for key in keys if (codes := self._codes_of(key))}
        weight, default = self._weigh
        return PhraseIndex(list(found), weight, default=default), list(found.values())

    def _codes_of(self, key: Key) -> Codes:
        if key in self._aside:
            return self._aside[key]
        at = self._number.get(key)
        return self._of_big[at] if at is not None and self._stands[at] else frozenset()

    def hits(self, sentences: Sequence[Mapping[str, Places]], least: float) -> Hits:
        """Where a sentence has enough of a phrase's weight."""
        rows, phrases, found = self._big.hits(sentences, least)
        there = self._stands[phrases]
        rows, phrases, found = rows[there], self._big_at[phrases[there]], found[there]
        if not self._aside:
            return rows, phrases, found
        more_rows, more, much = self._small.hits(sentences, least)
        return (
            np.concatenate([rows, more_rows]),
            np.concatenate([phrases, self._small_at[more]]),
            np.concatenate([found, much]),
        )

    def find(self, sentences: Sentences, *, least: float) -> list[Match]:
        """As `PhraseIndex.find`."""
        return [match for _, match in search(self, [sentences], least=least)[0]]
