"""From the evidence benchmark's files to figures: which codes are compared, and what they say."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from benchmarks.evidence_runs import RANDOM_ORDER, Bounds, Json, Key, Subject, is_right, rows
from core.metrics import (
    Marked,
    Plausibility,
    cross_tuned,
    jaccard,
    plausibility,
    rank_correlation,
    top_overlap,
)
from core.types import Note, Span

RIGHT, ALL = "true positives", "all gold codes"


@dataclass(frozen=True, kw_only=True)
class Results:
    """The files of one checkpoint, read. `folds` parts the notes into two halves."""

    subject: Subject
    folds: Mapping[str, int]
    bounds: Bounds
    asked: tuple[str, ...]  # methods, the default first

    @staticmethod
    def of(
        subject: Subject, notes: Sequence[Note], bounds: Bounds, asked: Sequence[str]
    ) -> "Results":
        folds = {note.id: place % 2 for place, note in enumerate(notes)}
        return Results(subject=subject, folds=folds, bounds=bounds, asked=tuple(asked))

    @property
    def name(self) -> str:
        return self.subject.name

    @property
    def default(self) -> str:
        return self.subject.coder.default_method

    @cached_property
    def supervised(self) -> bool:
        """Whether attention learned from marked evidence: by its loss, or by marked phrases."""
        row = self.subject.checkpoint.system
        return row.evidence is not None or row.recipe.phrase_texts > 0

    @cached_property
    def said(self) -> Mapping[Key, Json]:
        return self._read("probability")

    @cached_property
    def scores(self) -> Mapping[str, Mapping[Key, Json]]:
        """By method; a method without any code is one that this model does not support."""
        found = {method: self._read(f"scores {method}") for method in self.asked}
        return {
            method: {key: row for key, row in of_method.items() if row["marked"]}
            for method, of_method in found.items()
            if of_method
        }

    @cached_property
    def faithful(self) -> Mapping[str, Mapping[Key, Json]]:
        names = (RANDOM_ORDER, *self.scores)
        return {n: self._read(f"faithful {self.bounds.removal} {n}") for n in names}

    @cached_property
    def stable(self) -> Mapping[str, Mapping[Key, Json]]:
        return {method: self._read(f"stable {method}") for method in self.scores}

    def keys(self, method: str, which: str) -> set[Key]:
        """The codes a method explained: all, or those that are suggested as likely."""
        found = set(self.scores.get(method, ()))
        return found if which == ALL else {key for key in found if is_right(self.said[key])}

    def plausibility(self, method: str, keys: Collection[Key]) -> Plausibility | None:
        """On these codes; the threshold of each half of the notes is tuned on the other half.

        None where there are not codes in both halves.
        """
        chosen = [self.scores[method][key] for key in sorted(keys)]
        folds = [self.folds[row["note"]] for row in chosen]
        if len(set(folds)) < 2:
            return None
        marked = [_marked(row) for row in chosen]
        return plausibility(marked, cross_tuned(marked, folds))

    def thresholds(self, method: str) -> tuple[float, ...]:
        """Of both halves, all gold codes."""
        chosen = [self.scores[method][key] for key in sorted(self.keys(method, ALL))]
        folds = [self.folds[row["note"]] for row in chosen]
        if len(set(folds)) < 2:
            return ()
        return tuple(sorted(set(cross_tuned([_marked(row) for row in chosen], folds))))

    def mean(self, method: str, figure: str, keys: Collection[Key]) -> float | None:
        """Mean comprehensiveness or sufficiency over codes."""
        found = [self.faithful[method][key][figure] for key in keys]
        return float(np.mean(found)) if found else None

    def seconds(self, method: str) -> float:
        """Mean time a code took, with the others of its note."""
        return float(np.mean([row["seconds"] for row in self.scores[method].values()]))

    def agreement(self, one: str, other: str) -> tuple[float, ...]:
        """Mean rank correlation, overlap of the first words and of the shown spans.

        Over the codes that both explained; empty where there are none.
        """
        both = [
            (row, self.scores[other][key])
            for key, row in self.scores[one].items()
            if key in self.scores[other]
        ]
        ranks = [rank_correlation(a["scores"], b["scores"]) for a, b in both]
        known = [rank for rank in ranks if rank is not None]
        if not known:
            return ()
        first = [top_overlap(a["scores"], b["scores"]) for a, b in both]
        shown = [jaccard(_spans(a), _spans(b)) for a, b in both]
        return float(np.mean(known)), float(np.mean(first)), float(np.mean(shown))

    def _read(self, what: str) -> Mapping[Key, Json]:
        """Rows of the notes at hand; the files may hold more from an earlier, larger run."""
        found = rows(self.subject, what).found
        return {key: _compact(row) for key, row in found.items() if row["note"] in self.folds}


def _compact(row: Json) -> Json:
    """Scores as an array: lists of all words of all codes would take gigabytes."""
    return row | {"scores": np.array(row["scores"], dtype=np.float32)} if "scores" in row else row


def _spans(row: Json) -> list[Span]:
    return [Span(start, end) for start, end in row["spans"]]


def _marked(row: Json) -> Marked:
    gold_T = np.zeros(len(row["scores"]), dtype=bool)
    gold_T[row["marked"]] = True
    return Marked(scores_T=row["scores"], gold_T=gold_T)
