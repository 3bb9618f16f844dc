"""What is known of every code that a note may carry: one row of features for each candidate.

A candidate is a code that memory found a phrase of, or that the network ranks among its first.
"""

import math
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.context import ContextReader
from core.fusion.rivals import Rivals
from core.fusion.strength import share, strength
from core.memory import WHOLE, Mention, PhraseMemory, Reading, Source
from core.types import Code, CodeSystem, Context, Note

Category = Callable[[Code], Code | None]
Place = tuple[int, int]  # first and last content word of a mention
FROM_NETWORK = 60  # codes the network alone can propose
UNRANKED = -12.0  # logit of a code the network does not rank
FAR = 9.0  # the gap of a phrase that was not found

FEATURES = (
    *("marked_any", "marked_share", "marked_gap", "marked_size", "marked_mass", "marked_found"),
    *("marked_stood", "marked_notes", "marked_phrases", "marked_places", "marked_best"),
    *("part_cover", "part_gap", "part_mass", "part_size", "part_weight", "part_phrases"),
    *("title_cover", "title_gap", "title_mass", "title_size", "title_term", "title_found"),
    *("title_stood", "title_phrases", "title_whole", "notes", "notes_heading", "first", "words"),
    *("procedure", "length", "unspecified", "rivals", "rival_longer", "rival_best", "rival_marked"),
    *("logit", "logit_heading", "logit_category", "rank", "networked"),
    *("negated", "family", "historical", "hypothetical", "affirmed", "bare"),
)


@dataclass(frozen=True, kw_only=True)
class NetworkScores:
    """The network's logits for one note. `icd` and `ccs` may lack any code."""

    icd: Mapping[Code, float]
    ccs: Mapping[Code, float]


@dataclass(frozen=True, kw_only=True)
class Candidates:
    """Codes, their features (N x F), and where each was mentioned, the strongest place first."""

    codes: tuple[Code, ...]
    features_NF: NDArray[np.float32]
    mentions: tuple[tuple[Mention, ...], ...]
    reading: Reading
    contexts: Mapping[Place, frozenset[Context]]


def candidates(
    note: Note,
    memory: PhraseMemory,
    network: NetworkScores | None,
    *,
    category: Category,
    language: str | None = None,
) -> Candidates:
    """Collect candidates for a note. Without a network its features say "not ranked"."""
    reading = memory.read(note.text, language, leave_out=note.id)
    mentions: dict[Code, list[Mention]] = defaultdict(list)
    for mention in reading.mentions:
        mentions[mention.code].append(mention)
    scores = _Network(network, category)
    for code in scores.first:
        mentions.setdefault(code, [])
    contexts = _contexts(note.text, reading)
    rivals = Rivals(reading.mentions)
    codes = tuple(sorted(mentions))
    ordered = [tuple(sorted(mentions[code], key=strength, reverse=True)) for code in codes]
    rows = [
        [
            *_marked([m for m in found if m.source is Source.EVIDENCE]),
            *_listed([m for m in found if m.source is not Source.EVIDENCE]),
            *_prior(code, found, memory, len(reading.words)),
            *rivals.of(found[0] if found else None),
            *scores.of(code),
            *_context(found, contexts),
        ]
        for code, found in zip(codes, ordered, strict=True)
    ]
    return Candidates(
        codes=codes,
        features_NF=np.array(rows, dtype=np.float32).reshape(len(codes), len(FEATURES)),
        mentions=tuple(ordered),
        reading=reading,
        contexts=contexts,
    )


def _marked(found: Sequence[Mention]) -> list[float]:
    """From phrases that were marked in coded notes: found whole, and found in part."""
    whole = [m for m in found if m.coverage >= WHOLE]
    part = [m for m in found if m.coverage < WHOLE]
    best = max(whole, key=strength, default=None)
    none = 1.0
    for mention in {m.key: m for m in whole}.values():
        none *= 1 - min(share(mention), 0.98)
    head = [0.0, 0.0, FAR, 0.0, 0.0, 0.0, 0.0, 0.0]
    if best is not None:
        counts = best.found, best.stood, best.marked
        head = [1 - none, share(best), best.gap, best.size, best.mass, *counts]
    places = len({(m.words[0], m.words[-1]) for m in whole})
    near = max(part, key=lambda m: (m.coverage, m.mass), default=None)
    tail = [0.0, FAR, 0.0, 0.0, 0.0]
    if near is not None:
        tail = [near.coverage, near.gap, near.mass, near.size, near.mass * near.coverage]
    best_share = max((share(m) for m in whole), default=0.0)
    return [
        *head,
        len({m.key for m in whole}),
        places,
        best_share,
        *tail,
        len({m.key for m in part}),
    ]


def _listed(found: Sequence[Mention]) -> list[float]:
    """From titles and inclusion terms of the code tables."""
    best = max(found, key=lambda m: (m.coverage - 0.03 * m.gap, m.mass), default=None)
    if best is None:
        return [0.0, FAR, 0.0, 0.0, -1.0, 0.0, 0.0, 0.0, 0.0]
    term = float(best.source is Source.INCLUSION)
    whole = sum(m.coverage >= WHOLE for m in found)
    keys = len({m.key for m in found})
    return [
        best.coverage,
        best.gap,
        best.mass,
        best.size,
        term,
        best.found,
        best.stood,
        keys,
        whole,
    ]


def _prior(code: Code, found: Sequence[Mention], memory: PhraseMemory, words: int) -> list[float]:
    first = min((m.words[0] for m in found), default=words)
    return [
        memory.codes[code],
        memory.headings[code.code[:3]],
        first / max(words, 1),
        words,
        float(code.system is CodeSystem.ICD10PCS),
        len(code.code),
        float(code.code.endswith("9")),
    ]


def place_of(mention: Mention) -> Place:
    return mention.words[0], mention.words[-1]


def _contexts(text: str, reading: Reading) -> dict[Place, frozenset[Context]]:
    reader = ContextReader(text, reading.language)
    words = reading.words
    return {
        (first, last): reader.of(words[first].span.start, words[last].span.end)
        for first, last in {place_of(mention) for mention in reading.mentions}
    }


def _context(found: Sequence[Mention], contexts: Mapping[Place, frozenset[Context]]) -> list[float]:
    """How the strongest mention is spoken of, and whether any strong one is plainly affirmed."""
    if not found:
        return [0.0, 0.0, 0.0, 0.0, 0.0, 1.0]
    strong = [m for m in found if m.coverage >= WHOLE] or found[:1]
    plain = sum(not contexts[place_of(m)] for m in strong) / len(strong)
    first = contexts[place_of(found[0])]
    return [*(float(context in first) for context in Context), plain, 0.0]


class _Network:
    """The network's view of codes, of their headings and of their categories."""

    def __init__(self, scores: NetworkScores | None, category: Category) -> None:
        self._scores = scores or NetworkScores(icd={}, ccs={})
        self._category = category
        icd = self._scores.icd
        self._rising = sorted(icd.values())
        least = self._rising[-FROM_NETWORK:][:1] or [0.0]
        first = sorted((-logit, code) for code, logit in icd.items() if logit >= least[0])
        self.first = [code for _, code in first[:FROM_NETWORK]]
        self._heading: dict[str, float] = {}
        for code, logit in icd.items():
            place = _heading_of(code)
            if logit > self._heading.get(place, UNRANKED):
                self._heading[place] = logit

    def of(self, code: Code) -> list[float]:
        category = self._category(code)
        ccs = UNRANKED if category is None else self._scores.ccs.get(category, UNRANKED)
        return [
            self._scores.icd.get(code, UNRANKED),
            self._heading.get(_heading_of(code), UNRANKED),
            ccs,
            math.log1p(self._rank(code)),
            float(code in self._scores.icd),
        ]

    def _rank(self, code: Code) -> int:
        """How many codes come before this one: the more probable, and of equals the smaller."""
        icd, rising = self._scores.icd, self._rising
        logit = icd.get(code)
        if logit is None:
            return len(rising)
        above = len(rising) - bisect_right(rising, logit)
        if bisect_left(rising, logit) == len(rising) - above - 1:
            return above  # no other is as probable
        return above + sum(value == logit and other < code for other, value in icd.items())


def _heading_of(code: Code) -> str:
    return code.system + code.code[:3]
