"""Showing: the list of suggestions a coder is about to see, kept with its evidence before that."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from core.errors import UnknownCode
from core.inference import Coder
from core.types import Code, Explanation, Suggestion, Suggestions
from db import screens, trials, unit_of_work
from db.records import Screen, ShownExplanation, StoredNote
from ui.services.charts import SHOWN_AT_MOST, Opened, covering, shown
from ui.services.methods import SLOW
from ui.services.remembering import BOTH, Remembering

AT_ONCE = ("attention",)  # methods that explain a whole list in no time
FIRST = 1  # of the codes that others explain before the list is shown; the page asks for the rest


@dataclass(frozen=True, kw_only=True)
class Planted:
    """A suggestion that is wrong on purpose, and the real one it stands behind."""

    suggestion: Suggestion
    sibling: Code


Shadow = Callable[[Screen, Suggestions, StoredNote], None]
Plant = Callable[[int, str, Suggestions, tuple[Suggestion, ...]], Planted | None]
Explained = Mapping[tuple[Code, str], ShownExplanation]


@dataclass(frozen=True, kw_only=True)
class Showing:
    """What one coder is shown of a note by one model."""

    engine: Engine
    remembering: Remembering
    coder: str
    version: str
    now: Callable[[], datetime]
    plant: Plant | None = None  # None: every suggestion is the model's
    shadow: Shadow | None = None  # told of each list that was made afresh, and never asked

    @property
    def model(self) -> Coder:
        return self.remembering.coder

    def cuts(self) -> dict[float, float | None]:
        """The coverages on offer, with the probability that reaches each; None: out of reach."""
        return {coverage: self.model.cut(coverage) for coverage in self.model.coverages}

    def holds(self, screen: Screen | None, *, decided: bool) -> bool:
        """Whether a past screen may be shown again.

        What memory has learned since changes the next list, but never one a coder is working on:
        once a code of the note is `decided` on, its list stays.
        """
        return (
            screen is not None
            and (screen.checkpoint_hash, screen.app_version)
            == (self.model.checkpoint, self.version)
            and (decided or screen.memory == self.model.memory)
        )

    def first(self, note: StoredNote, coverage: float | None) -> tuple[Screen, Suggestions]:
        """Score the note and keep the list, with the evidence that is there at once."""
        ranked = self.model.suggest(note.as_note())
        listed, planted = self._planted(note, ranked, self._listed(ranked, coverage))
        real = [each for each in listed if each.task == "icd"][:SHOWN_AT_MOST]
        codes = [each for each in real if planted is None or each.code != planted.suggestion.code]
        evidence = _with_planted(self._evidence(note, codes), planted)
        screen = self._keep(note, ranked, listed, coverage, evidence, planted)
        if self.shadow is not None and planted is None:
            self.shadow(screen, ranked, note)
        return screen, ranked

    def again(self, opened: Opened, coverage: float | None) -> tuple[Screen, Suggestions]:
        """Keep another list of the same scores, with the evidence that was shown already."""
        ranked = opened.ranked or self.model.suggest(opened.note.as_note())
        listed, planted = self._planted(opened.note, ranked, self._listed(ranked, coverage))
        codes = {each.code for each in listed}
        evidence = [
            Explanation(
                code=code, method=each.method, tokens=(), spans=each.spans, delta=each.delta
            )
            for (code, _), each in opened.explanations.items()
            if code in codes
        ]
        return self._keep(opened.note, ranked, listed, coverage, evidence, planted), ranked

    def explain(
        self, stored: StoredNote, codes: Sequence[Code], method: str
    ) -> Sequence[Explanation]:
        """Evidence for those of the codes that the method can explain, looked up or computed."""
        note, find = stored.as_note(), self.remembering.explain
        try:
            return [each.explanation for each in find(note, codes, method).values()]
        except UnknownCode:  # only phrases speak for one of them, or nothing does: the others
            found: list[Explanation] = []
            for code in codes:
                with suppress(UnknownCode):
                    found += [each.explanation for each in find(note, [code], method).values()]
            return found

    def _evidence(self, stored: StoredNote, listed: Sequence[Suggestion]) -> Sequence[Explanation]:
        """Evidence by the first method for as many codes as it explains without a wait."""
        codes, method = [each.code for each in listed], self.model.default_method
        if method in SLOW or not codes:
            return ()
        if method in AT_ONCE:  # keeping it would take longer than computing it again
            return self._computed(stored, codes, method)
        spaces = self.model.spaces.values()
        known = [c for c in codes if method == BOTH or any(c in space for space in spaces)]
        try:
            found = self.remembering.explain(stored.as_note(), known[:FIRST], method)
        except UnknownCode:  # memory learned something meanwhile and knows it no more
            return ()
        return [each.explanation for each in found.values()]

    def _computed(
        self, stored: StoredNote, codes: Sequence[Code], method: str
    ) -> Sequence[Explanation]:
        note = stored.as_note()
        try:
            return self.model.explain(note, codes, method=method)
        except UnknownCode:
            # Memory learned something meanwhile and no longer knows one of them: the others.
            found: list[Explanation] = []
            for code in codes:
                with suppress(UnknownCode):
                    found += self.model.explain(note, [code], method=method)
            return found

    def _listed(self, ranked: Suggestions, coverage: float | None) -> tuple[Suggestion, ...]:
        """The codes to show, and their categories."""
        cut = None if coverage is None else self.model.cut(coverage)
        if cut is None:
            codes = shown(ranked.of("icd"), self.model.thresholds.get("icd", 0.5))
        else:
            codes = covering(ranked.of("icd"), cut)
        wanted = {suggestion.category for suggestion in codes}
        return codes + tuple(each for each in ranked.of("ccs") if each.code in wanted)

    def _planted(
        self, note: StoredNote, ranked: Suggestions, listed: tuple[Suggestion, ...]
    ) -> tuple[tuple[Suggestion, ...], Planted | None]:
        """The list with a wrong suggestion behind its sibling, where this chart is to have one."""
        planted = None if self.plant is None else self.plant(note.id, self.coder, ranked, listed)
        if planted is None:
            return listed, None
        place = [each.code for each in listed].index(planted.sibling) + 1
        return (*listed[:place], planted.suggestion, *listed[place:]), planted

    def _keep(
        self,
        note: StoredNote,
        ranked: Suggestions,
        listed: tuple[Suggestion, ...],
        coverage: float | None,
        evidence: Sequence[Explanation],
        planted: Planted | None,
    ) -> Screen:
        with unit_of_work(self.engine) as session:
            screen = screens.record(
                session,
                replace(ranked, ranked=listed),
                note_id=note.id,
                coder=self.coder,
                checkpoint=self.model.name,
                thresholds=self.model.thresholds,
                app_version=self.version,
                at=self.now(),
                coverage=coverage,
                cut=None if coverage is None else self.model.cut(coverage),
            )
            screens.record_explanations(session, evidence, screen=screen, at=self.now())
            if planted is not None:
                code, sibling = planted.suggestion.code, planted.sibling
                trials.plant(session, screen, code=code, sibling=sibling, at=self.now())
        return screen


def _with_planted(
    evidence: Sequence[Explanation], planted: Planted | None
) -> Sequence[Explanation]:
    """The planted suggestion is shown with its sibling's evidence: it has none of its own."""
    if planted is None:
        return evidence
    borrowed = [each for each in evidence if each.code == planted.sibling]
    return [*evidence, *(replace(each, code=planted.suggestion.code) for each in borrowed)]


def explained(session: Session, screen: Screen) -> Explained:
    """The evidence of a screen, by code and method; the last shown of each."""
    found = screens.all_explanations(session, screen)
    return {
        (each.suggestion.code, explanation.method): explanation
        for each in screen.suggestions
        for explanation in found.get(each.id, ())
    }
