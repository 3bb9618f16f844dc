"""A fused ranking as suggestions and as evidence: codes, their categories, and where they stand."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from heapq import nsmallest

from core.context.words import Words
from core.explanations import spans, words
from core.fusion import Fused, NetworkScores, Ranking
from core.fusion.strength import strength
from core.text import Encoded
from core.types import Code, Evidence, Explanation, Suggestion

PHRASES = "phrases"  # the method that shows what memory found
BOTH = "phrases_and_network"  # and the one that adds what moved the network: a fused list has both


def blended(
    ranking: Ranking,
    scores: NetworkScores,
    *,
    category: Callable[[Code], Code | None],
    top: int | None = None,
) -> list[Suggestion]:
    """All candidates, then what the network ranks besides; and the categories of both.

    top: how many of them will be looked at. Thousands besides are at most as probable as the last
    candidate: if so many candidates are more probable than that, nobody looks at any of them.
    """
    codes = [_suggestion(each) for each in ranking.fused]
    least = min((each.probability for each in codes), default=1.0)
    categories = partial(_categories, ranking.fused, least=least, category=category)
    if top is not None and sum(each.probability > least for each in codes) >= top:
        return [*codes, *categories(scores.ccs, above_least=True)]
    fused = {each.code for each in codes}
    besides: Iterable[tuple[float, Code]] = (
        (-min(least, _sigmoid(logit)), code)
        for code, logit in scores.icd.items()
        if code not in fused
    )
    if top is not None:
        besides = nsmallest(top, besides)
    codes += [
        Suggestion(code=code, title="", task="icd", probability=-less) for less, code in besides
    ]
    return [*codes, *categories(scores.ccs)]


def _suggestion(each: Fused) -> Suggestion:
    return Suggestion(
        code=each.code,
        title="",
        task="icd",
        probability=each.probability,
        source=each.source,
        provenance=each.provenance,
        contexts=each.contexts,
    )


def _categories(
    fused: Sequence[Fused],
    ccs: Mapping[Code, float],
    *,
    least: float,
    category: Callable[[Code], Code | None],
    above_least: bool = False,
) -> Iterator[Suggestion]:
    """A category is as probable as it is that one of its codes is right.

    above_least: only those that are more probable than `least`; the network alone makes none so.
    """
    none: dict[Code, float] = {}
    for each in fused:
        found = category(each.code)
        if found is not None:
            none[found] = none.get(found, 1.0) * (1 - each.probability)
    for code in sorted(none if above_least else none.keys() | ccs.keys()):
        networked = min(least, _sigmoid(ccs[code])) if code in ccs else 0.0
        probability = max(networked, 1 - none.get(code, 1.0))
        if above_least and probability <= least:
            continue
        both = "network and memory" if code in ccs and code in none else None
        source = both or ("network" if code in ccs else "memory")
        yield Suggestion(code=code, title="", task="ccs", probability=probability, source=source)


def mentioned(ranking: Ranking, *, category: Callable[[Code], Code | None]) -> dict[Code, Fused]:
    """What stands for every code and category that memory found: itself, or its best code."""
    found: dict[Code, Fused] = {}
    for each in ranking.fused:
        if each.mentions:
            found[each.code] = each
            own = category(each.code)
            if own is not None:
                found.setdefault(own, each)
    return found


def phrase_evidence(ranking: Ranking, each: Fused) -> tuple[Evidence, ...]:
    """Where memory found a code, from the first word of each mention to its last."""
    peak = strength(each.mentions[0])[0] or 1.0
    found: dict[tuple[int, int], float] = {}
    for mention in each.mentions:
        parts = ranking.reading.spans(mention)
        score = min(1.0, strength(mention)[0] / peak)
        found.setdefault((parts[0].start, parts[-1].end), score)
    return tuple(Evidence(start, end, score) for (start, end), score in found.items())


def phrase_explanation(code: Code, found: Sequence[Evidence], encoded: Encoded) -> Explanation:
    """The same as an explanation: every word the network read, scored by the mention it is in."""
    tokens = tuple(
        Evidence(
            word.start,
            word.end,
            max((e.score for e in found if word.start < e.end and e.start < word.end), default=0.0),
        )
        for word in words(encoded, [0.0] * len(encoded.ids))
    )
    return Explanation(code=code, method=PHRASES, tokens=tokens, spans=tuple(found))


def both(found: Sequence[Explanation], in_note: Words, *, shown_from: float) -> Explanation:
    """Phrases and the network's evidence for one code, or whichever there is, added up.

    Each peaks at 1 before, and the sum does after; one alone stays as it is. On CodiEsp the sum
    finds what coders mark better than either part (docs/benchmarks/evidence.md).
    """
    if len(found) == 1:
        return replace(found[0], method=BOTH)
    sums = [
        sum([word.score for word in words])
        for words in zip(*(each.tokens for each in found), strict=True)
    ]
    peak = max(sums, default=0.0) or 1.0
    tokens = tuple(
        Evidence(word.start, word.end, total / peak)
        for word, total in zip(found[0].tokens, sums, strict=True)
    )
    return Explanation(
        code=found[0].code,
        method=BOTH,
        tokens=tokens,
        spans=spans(in_note, tokens, shown_from=shown_from),
        peak=peak,
    )


def _sigmoid(logit: float) -> float:
    return 1 / (1 + math.exp(-max(-60.0, min(60.0, logit))))
