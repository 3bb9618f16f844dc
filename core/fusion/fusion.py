"""One ranked list from network and memory, with what each knows of every code.

`Fusion.rank` is what a coder sees: calibrated probabilities, the mentions behind them, how the note
speaks of them, and where the knowledge comes from.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from core.fusion.candidates import (
    Candidates,
    Category,
    NetworkScores,
    candidates,
    place_of,
)
from core.fusion.combiner import Combiner
from core.fusion.discount import discounted_logits
from core.fusion.strength import share
from core.memory import WHOLE, Mention, PhraseMemory, Reading, Source
from core.types import Code, CodeSystem, Context, Note, Span

LEAST_WORTH = 0.7  # of the strongest mention's share, below which another is not shown
ADDED = "a phrase added by this site"
LEAST_SHARE = 0.5  # how often a phrase has to have stood for the code to be evidence beside others


@dataclass(frozen=True, kw_only=True)
class Fused:
    """A code with its probability and the mentions that speak for it, the strongest first."""

    code: Code
    probability: float
    mentions: tuple[Mention, ...]
    source: str
    provenance: str
    contexts: tuple[Context, ...]


@dataclass(frozen=True, kw_only=True)
class Ranking:
    """Every candidate of a note, the most probable first."""

    fused: tuple[Fused, ...]
    reading: Reading

    def spans(self, code: Code) -> tuple[tuple[Span, ...], ...]:
        """Where the mentions of a code stand: one entry a mention, in the order of strength."""
        of_code = next((each for each in self.fused if each.code == code), None)
        mentions = of_code.mentions if of_code else ()
        return tuple(dict.fromkeys(self.reading.spans(mention) for mention in mentions))


@dataclass(frozen=True, kw_only=True)
class Fusion:
    """Memory and combiner, trained together.

    shifts: what is added to the logits of a code system, so that 0.5 is its best cut (decision 7).
    cuts: coverage level -> least probability.
    """

    memory: PhraseMemory
    combiner: Combiner
    shifts: Mapping[CodeSystem, float] = field(default_factory=dict)
    cuts: Mapping[float, float] = field(default_factory=dict)

    def rank(
        self,
        note: Note,
        network: NetworkScores | None,
        *,
        category: Category,
        language: str | None = None,
    ) -> Ranking:
        """Rank the codes of every system for a note. Never fails for lack of a network's score.

        language: "en" or "es"; found from the note if none is given.
        """
        found = candidates(note, self.memory, network, category=category, language=language)
        logits_N = discounted_logits(self.combiner, found.features_NF).astype(np.float64)
        shift_N = np.array([self.shifts.get(code.system, 0.0) for code in found.codes])
        probabilities = 1 / (1 + np.exp(-(logits_N + shift_N)))
        ranked = network.icd if network else {}
        fused = [
            _fused(
                found, index, float(probabilities[index]), networked=found.codes[index] in ranked
            )
            for index in np.argsort(-probabilities, kind="stable")
        ]
        return Ranking(fused=tuple(fused), reading=found.reading)


def _fused(found: Candidates, index: int, probability: float, *, networked: bool) -> Fused:
    code, mentions = found.codes[index], found.mentions[index]
    contexts = found.contexts[place_of(mentions[0])] if mentions else frozenset()
    return Fused(
        code=code,
        probability=probability,
        mentions=shown(mentions),
        source=_source(networked=networked, remembered=bool(mentions)),
        provenance=provenance(mentions[0]) if mentions else "",
        contexts=tuple(context for context in Context if context in contexts),
    )


def shown(mentions: Sequence[Mention]) -> tuple[Mention, ...]:
    """The mentions worth showing: the strongest, and others nearly as good elsewhere."""
    kept: list[Mention] = []
    for mention in mentions:
        whole = mention.source is Source.EVIDENCE and mention.coverage >= WHOLE
        least = max(LEAST_SHARE, LEAST_WORTH * share(kept[0] if kept else mention))
        if kept and not (whole and share(mention) >= least):
            continue
        if not any(set(mention.words) & set(other.words) for other in kept):
            kept.append(mention)
    return tuple(kept)


def provenance(mention: Mention) -> str:
    """What is known of the phrase that was found, as a coder would say it."""
    if mention.source is not Source.EVIDENCE:
        return mention.source.value
    if mention.added:
        return ADDED
    if not mention.found:
        return f"marked in {_notes(mention.marked)}"
    times = "once" if mention.stood == 1 else f"{mention.stood} times"
    alike = "" if mention.coverage >= WHOLE else "a phrase like it was "
    return f"{alike}seen in {_notes(mention.found)}, {times} {mention.code.code}"


def _notes(count: int) -> str:
    return "1 coded note" if count == 1 else f"{count} coded notes"


def _source(*, networked: bool, remembered: bool) -> str:
    if networked and remembered:
        return "network and memory"
    return "memory" if remembered else "network"
