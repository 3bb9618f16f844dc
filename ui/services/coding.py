"""Coding one chart: open it with its suggestions, and write what the coder does to it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import Lock

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from core.context import ContextReader
from core.errors import BadInput
from core.explanations import METHODS
from core.inference import Coder
from core.types import Code, Explanation, Note, Span, Suggestions
from db import (
    charts,
    decisions,
    lessons,
    notes,
    phrases,
    said,
    screens,
    unit_of_work,
    worklist,
)
from db.begun import begun_with
from db.records import Decision, Pass, Screen, Status, StoredNote, Turn
from db.workflow_records import Work
from ui.services.charts import Chart, Opened, chart
from ui.services.checking import Checking
from ui.services.deciding import ABOUT_A_CHART, Deciding, suggestion_id_of
from ui.services.failures import logged
from ui.services.intents import Intent
from ui.services.loading import Loading
from ui.services.methods import SLOW
from ui.services.remembering import Remembering
from ui.services.saying import OF_DETAILS
from ui.services.shadow_queue import ShadowQueue
from ui.services.showing import Showing, explained
from ui.services.tables import Tables, about
from ui.services.trials import Trials


@dataclass(frozen=True, kw_only=True)
class Coding:
    """Everything a coder does with a chart. Each call is one unit of work.

    `coding_pass` is the coding of each note it works on. A second coding is blind: it is of the
    list that the first coder was first shown, and that list alone.
    """

    engine: Engine
    coder: Coder | None  # None: there is no usable checkpoint
    tables: Tables
    version: str
    now: Callable[[], datetime]
    coding_pass: Pass = Pass.FIRST
    claims: bool = False  # True: deciding takes the chart, and is refused while another has it
    checking: Checking | None = None  # None: errors do not keep a chart from being finished
    trials: Trials | None = None  # None: no list is withheld, and none holds a wrong suggestion
    shadow: ShadowQueue | None = field(default=None, compare=False, repr=False)  # see shadow_queue
    learning: Lock = field(default_factory=Lock, compare=False, repr=False)
    remembering: Remembering | None = field(default=None, compare=False)  # None: all is computed
    loading: Loading | None = field(default=None, compare=False)  # None: `coder` is the only one

    def open(
        self, note_id: int, *, coder: str, coverage: float | None = None, fresh: bool = False
    ) -> Opened:
        """Open a chart: what this coder was shown last if that still holds, else afresh.

        A chart that somebody decided on goes on with the model of then, whichever is in use now,
        unless `fresh` suggestions are asked for. coverage: the share of the note's codes that the
        list is to hold, if that is in reach; None: the likely ones. A screen is kept with its
        evidence before it is shown.
        """
        if self.coding_pass is Pass.SECOND:
            return self._opened_blind(note_id, coder)
        if self.trials is not None and self.trials.withheld(note_id, coder=coder):
            return self._opened_without(note_id, coder)
        with unit_of_work(self.engine, write=False) as session:
            begun = None if fresh else begun_with(session, note_id, coder=coder)
        if begun is None:
            return self._opened_with(note_id, coder, coverage, fresh=fresh)
        its_own = self._of_checkpoint(begun.checkpoint_hash)
        if its_own.coder is None and self.coder is not None:
            return self._opened_as_it_was(begun, coder)
        return its_own._opened_with(note_id, coder, coverage)

    def _of_checkpoint(self, checkpoint: str) -> "Coding":
        """The same with the model of this hash; without any if it cannot be loaded."""
        if self.coder is not None and self.coder.checkpoint == checkpoint:
            return self
        loaded = None if self.loading is None else self.loading.of(checkpoint)
        if loaded is None:
            return replace(self, coder=None, remembering=None)
        return replace(self, coder=loaded.coder, remembering=loaded.remembering)

    def cover(self, opened: Opened, coverage: float | None, *, coder: str) -> Opened:
        """The same chart with another list of the same scores, kept before it is shown."""
        its_own = (
            self if opened.screen is None else self._of_checkpoint(opened.screen.checkpoint_hash)
        )
        show = None if self.coding_pass is Pass.SECOND else its_own._showing(coder)
        if show is None or (coverage is not None and show.cuts().get(coverage) is None):
            raise BadInput("this list is not on offer; choose another")
        screen, ranked = show.again(opened, coverage)
        again = its_own._opened(opened.note, screen, ranked)
        codes = again.known.keys()
        carried = {key: used for key, used in opened.instead.items() if key[0] in codes}
        return replace(again, instead={**again.instead, **carried})

    def learn_all(self, *, ready: Callable[[], None] = lambda: None) -> int:
        """Let memory learn what stands on every note; how many it learned from. Once, on start."""
        return 0 if self.coder is None else self.teach(self.coder, ready=ready)

    def teach(self, coder: Coder, *, ready: Callable[[], None] = lambda: None) -> int:
        """Teach a coder everything that stands: edits of memory, and what is decided on notes.

        Decisions can be made meanwhile, and are learned at the end. ready: called then, while
        nothing else can be learned, so that whoever teaches the next decision knows this coder.
        """
        with unit_of_work(self.engine, write=False) as session:
            last = lessons.last(session)
            edits = phrases.edits(session)
            decided = [(lesson.note, lesson.rejected) for lesson in lessons.every(session)]
        coder.edit(edits)
        coder.learn_all(decided)
        with self.learning, unit_of_work(self.engine, write=False) as session:
            newer = [(lesson.note, lesson.rejected) for lesson in lessons.since(session, last)]
            gone = {note.id for note, _ in decided} - lessons.names(session)
            forgotten = [(Note(id=name, text=""), frozenset[Code]()) for name in sorted(gone)]
            if (edited := phrases.edits(session)) != edits:
                coder.edit(edited)
            coder.learn_all(forgotten + newer)
            ready()
        return len(decided)

    def take_edits(self) -> None:
        """Let every memory take its edits as they stand now; they hold from the next note on."""
        with self.learning, unit_of_work(self.engine, write=False) as session:
            edits = phrases.edits(session)
            for coder in self._learners():
                coder.edit(edits)

    def chart(self, opened: Opened, *, coder: str) -> Chart:
        """The chart as it stands now, whoever decided on it."""
        with unit_of_work(self.engine, write=False) as session:
            made = self._past(session, opened.note.id)
            status = self._status(session, opened.note.id)
            work = Work(note_id=opened.note.id, coding_pass=self.coding_pass)
            held = worklist.claim_of(session, work, now=self.now()) if self.claims else None
        return chart(opened, made, status=status, coder=coder, tables=self.tables, held=held)

    def apply(self, intents: Sequence[Intent], *, coder: str) -> dict[str, str | None]:
        """Do what the coder asked, in order: per token None once it is kept, or why it is not.

        Each intent is its own transaction; asking again with the same token changes nothing.
        """
        outcomes = self._deciding().apply(intents, coder=coder)
        self._taught([each for each in intents if outcomes[each.token] is None])
        return outcomes

    def do(self, intent: Intent, *, coder: str) -> None:
        """The same for one intent, for who needs the error: Conflict, BadInput, as it came."""
        self._deciding().do(intent, coder=coder)
        self._taught([intent])

    def keep_explanation(
        self, opened: Opened, explanation: Explanation, *, asked: str | None = None
    ) -> Opened:
        """Keep evidence that is about to be shown, and the opened chart with it.

        asked: the method that was asked for, where another had to be used.
        """
        suggestion_id = suggestion_id_of(opened.screen, explanation.code)
        if suggestion_id is None:
            return opened
        with unit_of_work(self.engine) as session:
            kept = screens.record_explanation(
                session, explanation, suggestion_id=suggestion_id, at=self.now()
            )
        used = explanation.method
        known = {**opened.explanations, (explanation.code, used): kept}
        others = dict(opened.instead)
        if asked not in (None, used):
            others[explanation.code, asked] = used
        return replace(opened, explanations=known, instead=others)

    def _opened_with(
        self, note_id: int, coder: str, coverage: float | None, *, fresh: bool = False
    ) -> Opened:
        """The chart with a list of this model."""
        show = self._showing(coder)
        if show is None or show.cuts().get(coverage or 0.0) is None:
            coverage = None
        with unit_of_work(self.engine, write=False) as session:
            note = notes.get(session, note_id)
            wanted = ... if show is None else coverage
            screen = screens.latest(session, note_id, coder=coder, coverage=wanted)
            decided = bool(self._past(session, note_id))
        ranked = None
        unmasked = self.trials is not None and self.trials.unmasked(screen)
        if show is not None and (fresh or unmasked or not show.holds(screen, decided=decided)):
            screen, ranked = show.first(note, coverage)
        with unit_of_work(self.engine) as session:
            self._turn(session, note_id, Turn.OPENED, coder)
        return self._opened(note, screen, ranked)

    def _opened_as_it_was(self, begun: Screen, coder: str) -> Opened:
        """The chart with the list it was begun with, whose model is gone: nothing new of it."""
        with unit_of_work(self.engine) as session:
            note = notes.get(session, begun.note_id)
            if begun.coder != coder:
                begun = screens.show_again(session, begun, coder=coder, at=self.now())
            self._turn(session, note.id, Turn.OPENED, coder)
        return replace(self, coder=None, remembering=None)._opened(note, begun, None)

    def explain_list(self, opened: Opened, method: str | None = None) -> Opened:
        """The chart with evidence for every code of its list that the method explains, kept.

        None: the first method on offer. BadInput for one that is not, or that takes seconds a code.
        """
        screen = opened.screen
        show = None if screen is None else self._of_checkpoint(screen.checkpoint_hash)._showing("")
        if show is None or screen is None:
            return opened
        wanted = method or show.model.default_method
        if wanted not in opened.methods or wanted in SLOW:
            quick = ", ".join(each for each in opened.methods if each not in SLOW)
            raise BadInput(f"this method is not on offer for a whole list; use one of: {quick}")
        codes = [e.suggestion.code for e in screen.suggestions if e.suggestion.task == "icd"]
        found = show.explain(opened.note, codes, wanted)
        past = opened.explanations
        fresh = [
            each
            for each in found
            if (each.code, each.method) not in past
            or past[each.code, each.method].spans != each.spans
        ]
        with unit_of_work(self.engine) as session:
            screens.record_explanations(session, fresh, screen=screen, at=self.now())
            known = explained(session, screen)
        instead = {(each.code, wanted): each.method for each in found if each.method != wanted}
        return replace(opened, explanations=known, instead={**opened.instead, **instead})

    def _deciding(self) -> Deciding:
        return Deciding(
            engine=self.engine,
            tables=self.tables,
            now=self.now,
            coding_pass=self.coding_pass,
            claims=self.claims,
            checking=self.checking,
        )

    def _taught(self, kept: Sequence[Intent]) -> None:
        """Let memory learn from what was kept of decisions."""
        teaching = [each for each in kept if each.kind not in ABOUT_A_CHART | OF_DETAILS]
        for note_id in {each.note_id for each in teaching}:
            self.learn(note_id)

    def _opened_without(self, note_id: int, coder: str) -> Opened:
        """The note alone: its coder makes a first list before any suggestion is shown."""
        with unit_of_work(self.engine) as session:
            note = notes.get(session, note_id)
            self._turn(session, note_id, Turn.OPENED, coder)
        return Opened(note=note, screen=None, outline=_outline(note), withheld=True)

    def _opened_blind(self, note_id: int, coder: str) -> Opened:
        """The list the first coder was first shown, which nothing decided on the note has shaped.

        Only methods that memory has no say in are offered: it learned the first coder's decisions.
        """
        with unit_of_work(self.engine) as session:
            note = notes.get(session, note_id)
            self._turn(session, note_id, Turn.OPENED, coder)
            screen = screens.latest(session, note_id, coder=coder)
            first = screens.earliest(session, note_id)
            if screen is None and first is not None:
                screen = screens.show_again(session, first, coder=coder, at=self.now())
        if screen is None and (show := self._showing(coder)) is not None:
            screen, _ = show.first(note, None)
        its_own = self if screen is None else self._of_checkpoint(screen.checkpoint_hash)
        opened = its_own._opened(note, screen, None)
        methods = tuple(method for method in opened.methods if method in METHODS)
        return replace(opened, methods=methods, cuts={})

    def _turn(self, session: Session, note_id: int, turn: Turn, coder: str) -> None:
        charts.record(
            session, note_id, turn, coder=coder, at=self.now(), coding_pass=self.coding_pass
        )

    def _past(self, session: Session, note_id: int) -> tuple[Decision, ...]:
        return decisions.of_note(session, note_id, coding_pass=self.coding_pass)

    def _status(self, session: Session, note_id: int) -> Status:
        return charts.status(session, note_id, coding_pass=self.coding_pass)

    def _showing(self, coder: str) -> Showing | None:
        if self.coder is None:
            return None
        remembering = self.remembering or Remembering(coder=self.coder, now=self.now)
        return Showing(
            engine=self.engine,
            remembering=remembering,
            coder=coder,
            version=self.version,
            now=self.now,
            plant=None if self.trials is None else self.trials.plant,
            shadow=self.shadow.put if self.shadow and self.coding_pass is Pass.FIRST else None,
        )

    def _opened(
        self, note: StoredNote, screen: Screen | None, ranked: Suggestions | None
    ) -> Opened:
        with unit_of_work(self.engine, write=False) as session:
            evidence = {} if screen is None else explained(session, screen)
            told = {} if screen is None else said.on_screen(session, screen)
        listed = [each.suggestion for each in (screen.suggestions if screen else ())]
        known = {each.code: about(self.tables, each.code, each.title) for each in listed}
        opened = Opened(
            note=note,
            screen=screen,
            outline=_outline(note),
            explanations=evidence,
            said={of: told[each.id] for of, each in evidence.items() if each.id in told},
            known=known,
        )
        show = self._showing("")
        if self.coder is None or show is None or screen is None:
            return opened
        spaces = self.coder.spaces.values()
        return replace(
            opened,
            methods=self.coder.methods,
            unranked=frozenset(c for c in known if not any(c in space for space in spaces)),
            cuts=show.cuts(),
            rightness=self.coder.rightness,
            ranked=ranked,
        )

    def unlearn(self, names: Sequence[str]) -> None:
        """Let every memory forget what it learned from the notes of these names."""
        with self.learning:
            for coder in self._learners():
                coder.learn_all((Note(id=name, text=""), frozenset()) for name in names)
        self.take_edits()  # those in the words of these notes are gone too

    def learn(self, note_id: int) -> None:
        """Let every memory learn what stands on a note; a decision is kept even if that fails."""
        if self.coder is None and self.loading is None:
            return
        try:
            # Read under the lock, so that the last to learn of a note has read its newest state.
            with self.learning, unit_of_work(self.engine, write=False) as session:
                lesson = lessons.of_note(session, note_id)
                for coder in self._learners():
                    coder.learn(lesson.note, lesson.rejected)
        except Exception as error:  # noqa: BLE001  (logged; the next start learns it again)
            logged(error)

    def _learners(self) -> tuple[Coder, ...]:
        """The coders in memory: the one in use, and those that other charts go on with."""
        if self.loading is not None:
            return self.loading.coders()
        return () if self.coder is None else (self.coder,)


def _outline(note: StoredNote) -> tuple[Span, ...]:
    return ContextReader(note.text).outline()
