"""The coder's object: a note in, ranked suggestions and their evidence out.

    coder = Coder.load()
    for suggestion in coder.suggest(Note(id="1", text=text)).of("icd"): ...
    explanation, = coder.explain(note, [suggestion.code])

    coder.without(note, [Span(10, 25)]).changes  # what if these words were not there

One `Coder` may be shared by any number of threads: the model keeps no state between calls, and
the readings of the last few notes are kept aside, so that evidence after suggestions is fast.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from torch import Tensor

from core.active import Known, Prospect, prospect
from core.checkpoints import Checkpoint, load_checkpoint
from core.codes import shared_tables
from core.context import blanked
from core.context.words import split
from core.errors import BadNote, BadSettings, UnknownCode
from core.explanations import SHOWN_FROM, Reading, explain
from core.explanations.methods import default_method, offered
from core.explanations.reading import Progress, nobody
from core.fusion import Fusion, NetworkScores, Ranking
from core.inference.blend import (
    BOTH,
    PHRASES,
    blended,
    mentioned,
    phrase_evidence,
    phrase_explanation,
)
from core.inference.engine import engine
from core.inference.explained import added, explanation
from core.inference.lessons import Lessons
from core.inference.recent import Recent
from core.inference.rightness import rightness
from core.inference.shipped import shipped_checkpoint
from core.inference.what_if import WhatIf, compared
from core.memory import Edits
from core.text import Encoded, fallback, pad
from core.text.language import language_of
from core.types import (
    Code,
    CodeSpace,
    Explanation,
    Note,
    Span,
    Suggestion,
    Suggestions,
)

NAMES_KEPT = 20_000  # titles and categories kept: a table looks them up a hundred times slower
UNTITLED = "not in the code tables"
NOTES_KEPT = 8  # readings kept for evidence; a 4,000-token note takes some megabytes


class Titles(Protocol):
    """What the coder asks of the code tables."""

    def title(self, code: Code) -> str | None: ...

    def category(self, code: Code) -> Code | None: ...


class Coder:
    """Ranks codes for notes with one checkpoint."""

    def __init__(self, checkpoint: Checkpoint, titles: Titles) -> None:
        self._checkpoint = checkpoint
        self._title = lru_cache(maxsize=NAMES_KEPT)(titles.title)
        self._category = lru_cache(maxsize=NAMES_KEPT)(titles.category)
        self._engine = engine(checkpoint.model)
        self._fallback = fallback(checkpoint.fallback, checkpoint.vocabulary)
        self._recent = Recent[tuple[Encoded, Reading]](NOTES_KEPT)
        self._rankings = Recent[Ranking](NOTES_KEPT)
        self._lessons = Lessons()

    @classmethod
    def load(cls, folder: str | Path | None = None, *, device: str = "cpu") -> "Coder":
        """Load a checkpoint folder (default: the shipped one); BadCheckpoint if it is unusable."""
        checkpoint = load_checkpoint(Path(folder or shipped_checkpoint()), device=device)
        checkpoint.model.requires_grad_(requires_grad=False)
        return cls(checkpoint, shared_tables())

    @property
    def checkpoint(self) -> str:
        """The checkpoint's hash: the same hash gives the same scores."""
        return self._checkpoint.hash

    @property
    def name(self) -> str:
        return self._checkpoint.name

    @property
    def loaded(self) -> Checkpoint:
        """All that was loaded, for analyses. Every thread shares it: nothing may be changed."""
        return self._checkpoint

    @property
    def spaces(self) -> Mapping[str, CodeSpace]:
        return self._checkpoint.spaces

    @property
    def thresholds(self) -> Mapping[str, float]:
        """Per task, the probability from which a suggestion is likely (tuned on dev)."""
        return self._checkpoint.thresholds

    @property
    def methods(self) -> tuple[str, ...]:
        """The explanation methods that are offered, the default first; `explain` knows them all."""
        network = offered(self._checkpoint.model)
        return (BOTH, PHRASES, *network) if self._checkpoint.fusion else network

    @property
    def default_method(self) -> str:
        return self.methods[0]

    def shown_from(self, method: str) -> float:
        """The share of the strongest word's score from which a method's words are shown."""
        return self._checkpoint.shown_from.get(method, SHOWN_FROM)

    @property
    def coverages(self) -> tuple[float, ...]:
        """Shares of a note's codes for which `cut` knows how long the list must be."""
        return tuple(sorted(self._checkpoint.fusion.cuts)) if self._checkpoint.fusion else ()

    def cut(self, coverage: float) -> float | None:
        """The probability from which on a list is expected to hold this share of a note's codes.

        The expectation is over notes like those of training (conformal risk control); None if no
        list of this checkpoint holds as much.
        """
        return self._checkpoint.fusion.cuts.get(coverage) if self._checkpoint.fusion else None

    @property
    def rightness(self) -> tuple[float | None, ...]:
        """For each tenth of probability, how often ICD suggestions that said so were right."""
        return rightness(self._checkpoint.metrics)

    @property
    def remembers(self) -> bool:
        """Whether it has a phrase memory, which learns."""
        return self._checkpoint.fusion is not None

    @property
    def memory(self) -> str:
        """Names the decisions and edits that phrase memory has learned besides; empty: none."""
        return self._lessons.name

    def learn(self, note: Note, rejected: frozenset[Code] = frozenset()) -> None:
        """Let memory learn what was decided on a note so far; takes effect with the next note.

        The note's annotations are the codes accepted or added, with what was marked for them.
        Replaces what was learned of this note before. Nothing happens without a phrase memory.
        """
        self.learn_all([(note, rejected)])

    def learn_all(self, decided: Iterable[tuple[Note, frozenset[Code]]]) -> None:
        """The same for many notes, at start-up; their order makes no difference."""
        if self._checkpoint.fusion is not None:
            lessons = list(decided)
            self._checkpoint.fusion.memory.decide_all(lessons)
            for note, rejected in lessons:
                self._lessons.take(note, rejected)

    def edit(self, edits: Edits) -> None:
        """Let memory take these edits, in place of those before; holds from the next note on."""
        if self._checkpoint.fusion is not None:
            self._checkpoint.fusion.memory.edit(edits)
            self._lessons.edit(edits)

    def suggest(
        self,
        note: Note,
        *,
        top: int | None = None,
        evidence: str | None = None,
        least: float = 0.0,
    ) -> Suggestions:
        """Rank the codes of every task for a note, the most probable first.

        top: how many at most, over all tasks. evidence: a method whose spans each suggestion of at
        least the probability `least` carries. BadNote if the note has no words.
        """
        encoded, reading = self._read(note.text)
        ranked = self._ranked(note, reading, top=top)
        ranked.sort(key=lambda s: (-s.probability, s.task, s.code))
        if evidence is not None:
            likely = [s for s in ranked[:top] if s.probability >= least]
            others = ranked[:top][len(likely) :]
            ranked = [*self._with_evidence(note, likely, evidence), *others]
        return Suggestions(
            note_id=note.id,
            checkpoint=self.checkpoint,
            truncated_at=encoded.truncated_at,
            memory=self.memory,
            ranked=tuple(
                replace(s, title=self._titled(s.code), category=self._category(s.code))
                for s in ranked[:top]
            ),
        )

    def explain(
        self,
        note: Note,
        codes: Sequence[Code],
        *,
        method: str | None = None,
        progress: Progress = nobody,
    ) -> tuple[Explanation, ...]:
        """Evidence for each of `codes`, in their order; UnknownCode if the model ranks it not.

        progress: is told the share of a task's codes that is done; raises `Cancelled` to stop.
        """
        found = self._explained(note, codes, method or self.default_method, progress)
        for code in codes:
            if code not in found:
                raise UnknownCode(f"{code} is not among the codes of checkpoint {self.name!r}")
        return tuple(found[code] for code in codes)

    def without(self, note: Note, removed: Iterable[Span]) -> WhatIf:
        """How every code's probability changes if the note is read without some of its words.

        Network and memory read the same text, in which these words are blank (core.context
        .blanking). Nothing is learned, kept aside or stored. BadInput if a span does not lie in
        the note, BadNote if no word is left.
        """
        spans = tuple(removed)
        encoded, reading = self._read(note.text)
        left = replace(note, text=blanked(note.text, spans))
        try:  # the network reads no further than before, though fewer words stand there
            _, reading_left = self._read_afresh(left.text[: encoded.truncated_at])
        except BadNote:
            raise BadNote("no word would be left to read; choose fewer words") from None
        before = self._ranked(note, reading)
        after = self._ranked(left, reading_left, aside=language_of(note.text))
        return WhatIf(removed=spans, changes=compared(before, after, title=self._titled))

    def prospects(self, notes: Iterable[Note]) -> Iterator[Prospect | None]:
        """What coding each of these next may teach, one by one; None for a note without words.

        By what memory knows as it begins. Nothing is learned or kept aside. BadSettings without a
        phrase memory.
        """
        memory = self._fusion().memory
        known = Known.of(memory)
        for note in notes:
            try:
                _, reading = self._read_afresh(note.text)
            except BadNote:
                yield None
                continue
            scores = self._scores(reading)
            ranking = self._fusion().rank(note, scores, category=self._category)
            ranked = [
                replace(each, category=self._category(each.code))
                for each in blended(ranking, scores, category=self._category)
            ]
            yield prospect(ranking.reading, ranked, memory, known)

    def _explained(
        self, note: Note, codes: Sequence[Code], method: str, progress: Progress = nobody
    ) -> dict[Code, Explanation]:
        """Evidence for those of `codes` that the method can explain."""
        encoded, reading = self._read(note.text)
        in_note = split(note.text)
        found: dict[Code, Explanation] = {}
        phrases: dict[Code, Explanation] = {}
        if (asked_for := method) in (PHRASES, BOTH):
            phrases = self._phrases(note, codes, encoded, reading)
            method = default_method(self._checkpoint.model)
        if asked_for == PHRASES:
            found = phrases
        for task, space in self.spaces.items():
            asked = [code for code in codes if code in space and code not in found]
            if not asked:
                continue
            positions = [space.index(code) for code in asked]
            scores = explain(reading, task=task, codes=positions, method=method, progress=progress)
            shown_from = self.shown_from(method)
            for code, score in zip(asked, scores, strict=True):
                found[code] = explanation(code, method, score, encoded, in_note, shown_from)
        if asked_for == BOTH:
            return added(phrases, found, in_note, shown_from=self.shown_from(BOTH))
        return found

    def _titled(self, code: Code) -> str:
        return self._title(code) or UNTITLED

    def _read(self, text: str) -> tuple[Encoded, Reading]:
        return self._recent.get(text, self._read_afresh)

    def _read_afresh(self, text: str) -> tuple[Encoded, Reading]:
        checkpoint = self._checkpoint
        encoded = checkpoint.vocabulary.encode(
            text, max_length=checkpoint.max_length, fallback=self._fallback
        )
        device = checkpoint.model.embedding.weight.device
        tokens_BT, mask_BT = (part.to(device) for part in pad([encoded.ids]))
        hidden_BSD, mask_BS = self._engine.read(tokens_BT)
        return encoded, Reading(
            model=checkpoint.model,
            tokens_BT=tokens_BT,
            mask_BT=mask_BT,
            hidden_BSD=hidden_BSD,
            mask_BS=mask_BS,
            text=text,
            encoded=encoded,
            titles=lambda task, place: self._title(self.spaces[task].codes[place]) or "",
        )

    def _ranked(
        self, note: Note, reading: Reading, *, aside: str | None = None, top: int | None = None
    ) -> list[Suggestion]:
        """Every code of every task in no order; titles and categories are still missing.

        aside: the note's language, for a note that is ranked afresh and of which nothing is kept.
        top: how many of the most probable ones will be looked at; others may be missing.
        """
        fusion = self._checkpoint.fusion
        if fusion is not None:
            scores = self._scores(reading)
            if aside is None:
                ranking = self._ranking(note, reading, scores)
            else:
                ranking = fusion.rank(note, scores, category=self._category, language=aside)
            return blended(ranking, scores, category=self._category, top=top)
        return [
            Suggestion(code=code, title="", task=task, probability=1 / (1 + math.exp(-logit)))
            for task, logits in self._logits(reading).items()
            for code, logit in zip(self.spaces[task], logits, strict=True)
        ]

    def _ranking(
        self, note: Note, reading: Reading, scores: NetworkScores | None = None
    ) -> Ranking:
        """The fused ranking of a note, as memory stands now."""
        fusion = self._fusion()
        return self._rankings.get(
            f"{self.memory}\0{note.id}\0{note.text}",
            lambda _: fusion.rank(note, scores or self._scores(reading), category=self._category),
        )

    def _fusion(self) -> Fusion:
        if self._checkpoint.fusion is None:
            raise BadSettings(f"checkpoint {self.name!r} has no phrase memory")
        return self._checkpoint.fusion

    def _scores(self, reading: Reading) -> NetworkScores:
        logits = self._logits(reading)
        by_code = {
            task: dict(zip(self.spaces[task], found, strict=True)) for task, found in logits.items()
        }
        return NetworkScores(icd=by_code.get("icd", {}), ccs=by_code.get("ccs", {}))

    def _logits(self, reading: Reading) -> dict[str, list[float]]:
        logits = self._engine.logits(reading.hidden_BSD, reading.mask_BS)
        return {task: _listed(logits[task][0]) for task in self.spaces}

    def _phrases(
        self, note: Note, codes: Sequence[Code], encoded: Encoded, reading: Reading
    ) -> dict[Code, Explanation]:
        """Explanations of the codes that memory found a phrase of."""
        ranking = self._ranking(note, reading)
        found = mentioned(ranking, category=self._category)
        return {
            code: phrase_explanation(code, phrase_evidence(ranking, found[code]), encoded)
            for code in codes
            if code in found
        }

    def _with_evidence(
        self, note: Note, ranked: Sequence[Suggestion], method: str
    ) -> list[Suggestion]:
        """A code that the method cannot explain, because memory alone knows it, carries none."""
        name = self.default_method if method == "default" else method
        found = self._explained(note, [suggestion.code for suggestion in ranked], name)
        return [replace(s, evidence=found[s.code].spans) if s.code in found else s for s in ranked]


def _listed(logits_L: Tensor) -> list[float]:
    listed: list[float] = logits_L.tolist()
    return listed
