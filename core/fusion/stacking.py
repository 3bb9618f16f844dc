"""Opinions on every (note, code) pair, of which one combiner makes a probability for all codes.

An opinion is a probability that some learner gives: mined phrases, a network, one coder's habits.
The combiner sees a pair by its opinions, by how the code is named in the note, and by its rivals:
symptoms are not coded where the illness is. So that it can judge codes no training note carries,
it also learns from pairs whose opinions are hidden from it, as if the code were new.
Legend: N notes, C codes, K opinions, F features.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from core.context import ContextReader
from core.fusion.combiner import Combiner, CombinerSettings, fit
from core.fusion.trees import Trees, TreeSettings, grow
from core.memory import PhraseMemory
from core.memory.mining import headings
from core.types import Code, CodeSystem, Context, Note

Floats = NDArray[np.float32]
NAMED = 7  # features of how a code is named
LIKELY = 0.3  # an opinion from which a code counts as a rival that shuts others out
SURE = 0.002  # logits are taken between this probability and its complement
_KINDS = {Context.NEGATED: 2, Context.HYPOTHETICAL: 3, Context.FAMILY: 5}
_OTHERS = 9  # features of a note's other codes
_SIGNS = {CodeSystem.ICD9CM: ("78", "79"), CodeSystem.ICD10CM: ("R",)}  # symptoms, signs
_STATUS = {CodeSystem.ICD9CM: ("V",), CodeSystem.ICD10CM: ("Z",)}  # history, after-care


@dataclass(frozen=True, kw_only=True)
class Opinions:
    """What is known of notes before they are combined; made from notes not among them."""

    opinions_NCK: Floats
    shares_NCF: Floats  # how often the phrases found in the note stood for the code
    seen_NC: Floats  # notes with the code that the opinions were learned from
    named_NCF: Floats

    def rows(self, chosen: NDArray[np.intp]) -> "Opinions":
        parts = (self.opinions_NCK, self.shares_NCF, self.seen_NC, self.named_NCF)
        return Opinions(**dict(zip(self.__annotations__, (p[chosen] for p in parts), strict=True)))


@dataclass(frozen=True, kw_only=True)
class StackSettings:
    """How opinions are combined. Chosen by cross-validation on CMC 2007."""

    networks: CombinerSettings = field(
        default_factory=lambda: CombinerSettings(hidden=32, dropout=0.2, epochs=40)
    )
    trees: TreeSettings = field(default_factory=TreeSettings)
    new: float = 0.3  # share of the named pairs that are shown a second time, as if new


@dataclass(frozen=True, kw_only=True)
class Stack:
    """Networks and trees over the same features; their probabilities are averaged."""

    codes: tuple[Code, ...]
    given_NC: Floats
    networks: Combiner
    trees: Trees

    def probabilities(self, opinions: Opinions) -> Floats:
        """N x C."""
        asked_NC = worth_asking(opinions)
        rows = features(opinions, self.codes, self.given_NC)[asked_NC]
        found = np.zeros(asked_NC.shape, dtype=np.float32)
        if len(rows):
            networks = 1 / (1 + np.exp(-self.networks.logits(rows)))
            found[asked_NC] = (networks + self.trees.probabilities(rows)) / 2
        return found


def fit_stack(
    opinions: Opinions,
    given_NC: Floats,
    codes: Sequence[Code],
    *,
    settings: StackSettings | None = None,
    seed: int = 0,
) -> Stack:
    """Train on notes that none of the opinions on them was learned from."""
    settings = settings or StackSettings()
    features_NCF = features(opinions, codes, given_NC)
    asked_NC = worth_asking(opinions)
    drawn = np.random.default_rng(seed).random(asked_NC.shape) < settings.new
    again_NC = drawn & (opinions.named_NCF.max(axis=2) > 0)
    rows = np.concatenate([features_NCF[asked_NC], as_if_new(features_NCF)[again_NC]])
    gold = np.concatenate([given_NC[asked_NC], given_NC[again_NC]]).astype(np.float32)
    return Stack(
        codes=tuple(codes),
        given_NC=given_NC,
        networks=fit(rows, gold, settings=settings.networks, seed=seed),
        trees=grow(rows, gold, settings=settings.trees, seed=seed),
    )


def named(notes: Sequence[Note], codes: Sequence[Code], memory: PhraseMemory) -> Floats:
    """How the tables' phrases for each code are found in a note: the best coverage of each kind.

    Plainly said in the first section, and in the others; negated; supposed; of the past; of a
    relative; and how much the phrase says that is said plainly and whole.
    """
    place = {code: column for column, code in enumerate(codes)}
    result = np.zeros((len(notes), len(codes), NAMED), dtype=np.float32)
    for row, note in enumerate(notes):
        reader, later = ContextReader(note.text), _second_section(note.text)
        reading = memory.read(note.text, reader.language)
        for mention in reading.mentions:
            if mention.code not in place:
                continue
            spans = [reading.words[word].span for word in mention.words]
            spoken = reader.of(spans[0].start, spans[-1].end)
            kinds = [_KINDS[each] for each in spoken if each is not Context.HISTORICAL]
            kinds = kinds or [int(spans[0].start >= later)]
            of_code = result[row, place[mention.code]]
            for kind in (*kinds, *([4] if Context.HISTORICAL in spoken else [])):
                of_code[kind] = max(of_code[kind], mention.coverage)
            if kinds[0] < 2 and mention.coverage > 0.98:
                of_code[6] = max(of_code[6], mention.mass)
    return result


def features(opinions: Opinions, codes: Sequence[Code], given_NC: Floats) -> Floats:
    """N x C x F; `given_NC` are the codes of the notes the opinions were learned from."""
    return np.concatenate([_own(opinions, given_NC), _others(opinions, codes)], axis=2)


def as_if_new(features_NCF: Floats) -> Floats:
    """The features as they would be had no note carried the code: only names and rivals stay."""
    hidden = features_NCF.copy()
    own = features_NCF.shape[2] - _OTHERS - NAMED
    hidden[:, :, :own] = 0
    return hidden


def worth_asking(opinions: Opinions) -> NDArray[np.bool_]:
    """The pairs that any opinion, phrase or name speaks for; all others have no chance."""
    spoken: NDArray[np.bool_] = (
        (opinions.opinions_NCK.max(axis=2) > 0.01)
        | (opinions.shares_NCF.max(axis=2) > 0.3)
        | (opinions.named_NCF.max(axis=2) > 0)
    )
    return spoken


def _own(opinions: Opinions, given_NC: Floats) -> Floats:
    """Of the pair itself; zero says nothing is known. Names come last."""
    mean_NC = opinions.opinions_NCK.mean(axis=2)
    carried_C = given_NC.sum(axis=0)
    expected_CC = np.outer(carried_C, carried_C) / float(len(given_NC))
    lift_CC = np.log((given_NC.T @ given_NC + 0.5) / (expected_CC + 0.5))  # 0 for a new code
    np.fill_diagonal(lift_CC, 0)
    likely_NC = np.where(mean_NC > LIKELY, mean_NC, 0)
    shut_out_NC = (likely_NC[:, :, None] * np.minimum(lift_CC, 0)).min(axis=1)
    logits_NCK = _logit(opinions.opinions_NCK) - _logit(np.zeros(1))
    parts = [
        logits_NCK,
        (_logit(mean_NC) - _logit(np.zeros(1)))[:, :, None],
        opinions.shares_NCF,
        np.log1p(opinions.seen_NC)[:, :, None],
        (mean_NC @ lift_CC)[:, :, None],
        shut_out_NC[:, :, None],
        opinions.named_NCF,
    ]
    return np.concatenate(parts, axis=2).astype(np.float32)


def _others(opinions: Opinions, codes: Sequence[Code]) -> Floats:
    """Of the note's other codes, and of the kind of this one."""
    mean_NC = opinions.opinions_NCK.mean(axis=2)
    sign_C = np.array([code.code.startswith(_SIGNS.get(code.system, ())) for code in codes])
    status_C = np.array([code.code.startswith(_STATUS.get(code.system, ())) for code in codes])
    said_NC = opinions.named_NCF[:, :, :2].max(axis=2)
    parts = [
        _best_other(mean_NC),
        mean_NC.sum(axis=1, keepdims=True) - mean_NC,
        _best_other(np.where(sign_C | status_C, 0, mean_NC)),
        _best_other(np.where(sign_C, mean_NC, 0)),
        _best_other(said_NC),
        said_NC.sum(axis=1, keepdims=True) - said_NC,
        _best_other(opinions.shares_NCF.max(axis=2)),
        np.broadcast_to(sign_C, mean_NC.shape),
        np.broadcast_to(status_C, mean_NC.shape),
    ]
    return np.stack(parts, axis=2).astype(np.float32)


def _best_other(values_NC: Floats) -> Floats:
    """For each code, the largest value among the note's other codes."""
    if values_NC.shape[1] < 2:
        return np.zeros_like(values_NC)
    ordered = np.sort(values_NC, axis=1)
    first, second = ordered[:, -1:], ordered[:, -2:-1]
    result: Floats = np.where(values_NC == first, second, first)
    return result


def _logit(share: Floats | NDArray[np.float64]) -> Floats:
    held = np.clip(share, SURE, 1 - SURE)
    result: Floats = (np.log(held) - np.log(1 - held)).astype(np.float32)
    return result


def _second_section(text: str) -> int:
    """Where the second section begins; the end of the text if it has one or none."""
    starts = [start for start, _ in headings(text)]
    return starts[1] if len(starts) > 1 else len(text)
