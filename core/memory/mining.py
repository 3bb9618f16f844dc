"""Phrases mined from coded notes in which nobody marked evidence.

Every run of up to three words is a phrase, known also by the section it stands in and by how it is
spoken of: "impression, negated: focal pneumonia" is another phrase than "impression: pneumonia".
Which of them speak for or against a code is learned by logistic regression whose L1 penalty leaves
most phrases without a weight (Tibshirani 1996), by proximal gradient steps with momentum and
restarts (Beck & Teboulle 2009; O'Donoghue & Candes 2015). Legend: N notes, P phrases, C codes.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from core.context import ContextReader
from core.memory.words import stem
from core.types import Context, Note, Span

Floats = NDArray[np.float32]
Phrases = Mapping[str, Span]  # phrase -> where it first stands in its note

_RUN = re.compile(r"[^\W\d_]+|\d+(?:[./]\d+)*|[.;:?!](?=\s|$)|\n")
_HEADING = re.compile(r"^([^\W\d_][^\n:.]{0,40}):[ \t]*$", re.MULTILINE)
_ENDINGS = ("ingly", "edly", "ing", "ed", "ly", "e")
_APART = (Context.NEGATED, Context.FAMILY, Context.HYPOTHETICAL)  # the past is coded like today


@dataclass(frozen=True, kw_only=True)
class MiningSettings:
    """How phrases are mined. Chosen by cross-validation on CMC 2007 (docs/benchmarks/cmc.md)."""

    words: int = 3  # of a phrase at most
    least: int = 2  # notes that hold a phrase
    strength: float = 2.0  # weight of the notes against the L1 penalty
    steps: int = 300


@dataclass(frozen=True, kw_only=True)
class MinedPhrases:
    """What phrases say of each column of the targets they were learned from."""

    places: Mapping[str, int]  # phrase -> its row
    weights_PC: Floats
    bias_C: Floats
    found_P: Floats  # notes that hold a phrase
    stood_PC: Floats  # and carry the code
    prior_C: Floats  # share of the notes that carry it

    def probabilities(self, phrases: Sequence[Phrases]) -> Floats:
        """N x C; a code that no note carried has none."""
        scores_NC = np.stack(
            [self.weights_PC[self._rows(held)].sum(axis=0) + self.bias_C for held in phrases]
        )
        found: Floats = (1 / (1 + np.exp(-scores_NC))).astype(np.float32)
        found[:, self.prior_C == 0] = 0
        return found

    def shares(self, phrases: Sequence[Phrases]) -> Floats:
        """N x C x 3: how often the note's phrases stood for the code where they were found.

        Of the surest phrase, of the third surest, of the surest that three notes or more hold.
        """
        result = np.zeros((len(phrases), len(self.bias_C), 3), dtype=np.float32)
        for note, held in enumerate(phrases):
            rows = self._rows(held)
            if len(rows):
                found_P1 = self.found_P[rows][:, None]
                share_PC = (self.stood_PC[rows] + self.prior_C) / (found_P1 + 1)
                ordered_PC = -np.sort(-share_PC, axis=0)
                often_PC = np.where(found_P1 >= 3, share_PC, 0)
                third = ordered_PC[min(2, len(rows) - 1)]
                result[note] = np.stack([ordered_PC[0], third, often_PC.max(axis=0)], axis=1)
        return result

    def why(self, held: Phrases, column: int, most: int = 5) -> list[tuple[str, float, Span]]:
        """The phrases of a note that speak loudest for (or against) a code, and where they are."""
        said = [
            (phrase, float(self.weights_PC[self.places[phrase], column]), span)
            for phrase, span in held.items()
            if phrase in self.places
        ]
        heard = [entry for entry in said if entry[1]]
        return sorted(heard, key=lambda entry: (-abs(entry[1]), entry[0]))[:most]

    def _rows(self, held: Phrases) -> NDArray[np.intp]:
        return np.array(
            [self.places[phrase] for phrase in held if phrase in self.places], dtype=np.intp
        )


def phrases_of(note: Note, *, words: int = MiningSettings.words) -> Phrases:
    """Every phrase of a note: alone, with its section, with its context, and with both."""
    reader = ContextReader(note.text)
    found: dict[str, Span] = {}
    for section, sentence in _sentences(note.text):
        for first in range(len(sentence)):
            for last in range(first, min(first + words, len(sentence))):
                span = Span(sentence[first][1].start, sentence[last][1].end)
                phrase = " ".join(word for word, _ in sentence[first : last + 1])
                spoken = reader.of(span.start, span.end)
                context = "+".join(each for each in _APART if each in spoken) or "plain"
                for where in ("", section, context, f"{section}, {context}"):
                    found.setdefault(f"{where}: {phrase}", span)
    return found


def mine(
    phrases: Sequence[Phrases], targets_NC: Floats, *, settings: MiningSettings | None = None
) -> MinedPhrases:
    """Learn which phrases speak for which columns of the targets; the same input, the same."""
    settings = settings or MiningSettings()
    counts = Counter(phrase for held in phrases for phrase in held)
    kept = sorted(phrase for phrase, notes in counts.items() if notes >= settings.least)
    places = {phrase: row for row, phrase in enumerate(kept)}
    columns = [places[phrase] for held in phrases for phrase in held if phrase in places]
    lengths = [sum(phrase in places for phrase in held) for held in phrases]
    held_NP = csr_matrix(
        (np.ones(len(columns), dtype=np.float32), columns, np.cumsum([0, *lengths])),
        shape=(len(phrases), len(kept)),
    )
    targets_NC = np.ascontiguousarray(targets_NC, dtype=np.float32)
    weights_PC, bias_C = _fit(held_NP, targets_NC, settings)
    return MinedPhrases(
        places=places,
        weights_PC=weights_PC,
        bias_C=bias_C,
        found_P=np.array([counts[phrase] for phrase in kept], dtype=np.float32),
        stood_PC=held_NP.T @ targets_NC,
        prior_C=targets_NC.mean(axis=0),
    )


def _fit(
    held_NP: csr_matrix, targets_NC: Floats, settings: MiningSettings
) -> tuple[Floats, Floats]:
    """Minimise the log loss of all columns at once, plus |weights| / strength."""
    turned_PN = held_NP.T.tocsr()
    step = np.float32(1 / (0.25 * (_largest(held_NP) * 1.02 + len(targets_NC))))
    shrink = step / np.float32(settings.strength)
    prior_C = targets_NC.mean(axis=0).clip(1e-3, 1 - 1e-3)
    bias = ahead_bias = np.log(prior_C / (1 - prior_C))
    weights = ahead = np.zeros((held_NP.shape[1], targets_NC.shape[1]), dtype=np.float32)
    pace = 1.0
    for _ in range(settings.steps):
        error_NC = 1 / (1 + np.exp(-(held_NP @ ahead + ahead_bias))) - targets_NC
        moved = ahead - step * (turned_PN @ error_NC)
        moved -= moved.clip(-shrink, shrink)  # the L1 penalty
        moved_bias = ahead_bias - step * error_NC.sum(axis=0)
        gone = moved - weights
        if np.vdot(ahead - moved, gone) > 0:  # momentum leads uphill
            pace = 1.0
        following = (1 + (1 + 4 * pace**2) ** 0.5) / 2
        momentum = np.float32((pace - 1) / following)
        ahead = moved + momentum * gone
        ahead_bias = moved_bias + momentum * (moved_bias - bias)
        weights, bias, pace = moved, moved_bias, following
    return weights, bias


def _largest(held_NP: csr_matrix) -> float:
    """The largest eigenvalue of held^T held, by power iteration."""
    vector_P = np.ones(held_NP.shape[1], dtype=np.float32)
    size = 1.0
    for _ in range(20):
        vector_P = held_NP.T @ (held_NP @ vector_P)
        size = max(float(np.linalg.norm(vector_P)), 1e-6)
        vector_P = vector_P / np.float32(size)
    return size


def _sentences(text: str) -> list[tuple[str, list[tuple[str, Span]]]]:
    """(section, its words with their places), one entry a sentence; headings are left out."""
    begun = {match.start(): match for match in _HEADING.finditer(text)}
    sentences: list[tuple[str, list[tuple[str, Span]]]] = [("", [])]
    section, until = "", 0
    for match in _RUN.finditer(text):
        if match.start() in begun:
            heading = begun[match.start()]
            section, until = heading.group(1).lower(), heading.end()
        if match.start() < until or match.group()[0] in ".;:?!\n":
            sentences.append((section, []))
        else:
            span = Span(match.start(), match.end())
            sentences[-1][1].append((root(match.group()), span))
    return [(section, words) for section, words in sentences if words]


def headings(text: str) -> list[tuple[int, str]]:
    """Where each section begins, and its name: a line of its own that ends in a colon."""
    return [(match.start(), match.group(1).lower()) for match in _HEADING.finditer(text)]


def root(word: str) -> str:
    """A word without its inflection; any number is "#"."""
    if word[0].isdigit():
        return "#"
    short = stem(word)
    for ending in _ENDINGS:
        if short.endswith(ending) and len(short) - len(ending) >= 3:
            return short.removesuffix(ending)
    return short
