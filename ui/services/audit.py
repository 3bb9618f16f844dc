"""One code of a chart as an auditor sees it: frozen data, complete enough to be printed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import combinations

import numpy as np

from core.metrics import jaccard, rank_correlation
from core.types import Code, Context, Evidence, Span
from db.records import Decision, ShownExplanation, StoredNote

__all__ = ["Agreement", "Audit", "Finding", "Listing", "agreements", "overlap"]


@dataclass(frozen=True, kw_only=True)
class Listing:
    """Where a code stood in a list of suggestions, and what made that list."""

    probability: float
    rank: int  # within its task, from 1
    task: str
    threshold: float | None  # the probability from which a code counted as likely
    source: str
    provenance: str
    contexts: tuple[Context, ...]
    checkpoint: str
    checkpoint_hash: str
    memory: str
    truncated_at: int | None
    shown_to: str | None = None  # None: nobody; it was scored for this view
    shown_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What one method found, or why it found nothing. `words` are all the model read."""

    method: str
    words: tuple[Evidence, ...] = ()
    spans: tuple[Evidence, ...] = ()  # to show, strongest first
    peak: float = 1.0  # the method's own value where a word's score is 1
    delta: float | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    at: datetime | None = None  # when it was computed
    remarks: tuple[str, ...] | None = ()  # how far it can be trusted; None: still to be said
    problem: str | None = None


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """How much two methods say the same of one code."""

    one: str
    other: str
    correlation: float | None  # of the words' ranks, in [-1, 1]; None: all words alike
    overlap: float | None  # characters both show over characters either shows; None: none shown


@dataclass(frozen=True, kw_only=True)
class Audit:
    """A code of a note: as it was suggested, why by every method, and what was decided."""

    note: StoredNote
    code: Code
    title: str
    group: str  # title of its category, or another heading
    flags: tuple[str, ...]
    listing: Listing | None  # None: no list of this note ever had it
    scored: Listing | None = None  # the same by the model at hand, now; None: it ranks it not
    checkpoint: str  # that computed the findings; empty: there is no model
    checkpoint_hash: str
    memory: str
    app_version: str
    findings: tuple[Finding, ...] = ()  # in the order in which the methods are offered
    waiting: tuple[str, ...] = ()  # methods that are still to come
    shown: tuple[ShownExplanation, ...] = ()  # evidence the coder saw, in the order of seeing it
    decisions: tuple[Decision, ...] = ()  # all on this code, in order
    standing: Decision | None = None  # the one that holds

    @property
    def agreements(self) -> tuple[Agreement, ...]:
        """Of every pair of methods that found something."""
        return agreements(self.findings)

    @property
    def unfinished(self) -> bool:
        """Whether something is still to be computed."""
        return bool(self.waiting) or any(each.remarks is None for each in self.findings)

    @property
    def seen(self) -> ShownExplanation | None:
        """The evidence on the coder's screen when they decided, or else the last they saw."""
        decided = self.standing.decided_at if self.standing else None
        before = [each for each in self.shown if decided is None or each.shown_at <= decided]
        return next(reversed(before or self.shown), None)

    @property
    def same_model(self) -> bool:
        """Whether the findings are of the checkpoint that made the list."""
        return self.listing is None or self.listing.checkpoint_hash == self.checkpoint_hash

    @property
    def same_memory(self) -> bool:
        """Whether memory has learned nothing since; it learns from each decision."""
        return self.listing is None or self.listing.memory == self.memory


def agreements(findings: Sequence[Finding]) -> tuple[Agreement, ...]:
    """Every pair of findings compared, in their order; what has a problem is left out."""
    found = [finding for finding in findings if finding.problem is None]
    return tuple(
        Agreement(
            one=one.method,
            other=other.method,
            correlation=_correlation(one, other),
            overlap=overlap(one.spans, other.spans),
        )
        for one, other in combinations(found, 2)
    )


def _correlation(one: Finding, other: Finding) -> float | None:
    if [(w.start, w.end) for w in one.words] != [(w.start, w.end) for w in other.words]:
        return None
    one_T, other_T = (np.array([word.score for word in each.words]) for each in (one, other))
    return rank_correlation(one_T, other_T)


def overlap(one: Sequence[Evidence], other: Sequence[Evidence]) -> float | None:
    """The characters in both over those in either; None: there are none."""
    if not one and not other:
        return None
    return jaccard(*([Span(each.start, each.end) for each in spans] for spans in (one, other)))
