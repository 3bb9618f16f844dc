"""What phrase memory learned: phrase by phrase, where it has each from, and edits by hand."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from core.codes.spelling import folded
from core.errors import BadInput, Conflict
from core.inference import Coder
from core.memory import PhraseMemory, holding, phrase_words, places
from core.types import Code, Span
from db import blindness, learnt, phrases, unit_of_work
from db.learnt import Learnt
from db.phrases import (
    LANGUAGES,
    LONGEST_PHRASE,
    LONGEST_REASON,
    PhraseAction,
    PhraseDraft,
    PhraseEvent,
)
from db.records import Action
from ui.services.phrase_lines import Kind, Lines, Phrase
from ui.services.tables import Tables

__all__ = [
    "LANGUAGES",
    "LONGEST_PHRASE",
    "LONGEST_REASON",
    "Ground",
    "Grounds",
    "Kind",
    "Lines",
    "Memory",
    "Phrase",
    "PhraseEvent",
]

AROUND = 60  # characters shown on both sides of a phrase
MOST_GROUNDS = 100  # decisions shown of a phrase, the latest ones


@dataclass(frozen=True, kw_only=True)
class Ground:
    """A decision that a phrase was learned or counted from, and where the phrase stands."""

    decision_id: int
    note_id: int
    note: str
    action: Action
    coder: str
    at: datetime
    marked: bool
    passage: str  # empty: the phrase is not in the note as a whole

    @property
    def stood(self) -> bool:
        return self.action is not Action.REJECT


@dataclass(frozen=True, kw_only=True)
class Grounds:
    """The decisions behind a phrase, the latest first.

    `more`: older ones that are left out. `hidden`: on charts that whoever asks is to code blind.
    """

    lines: tuple[Ground, ...]
    more: int = 0
    hidden: int = 0


@dataclass(frozen=True, kw_only=True)
class Memory:
    """Looks through phrase memory, and edits it. An edit holds from the next note on."""

    engine: Engine
    coder: Coder | None
    tables: Tables
    now: Callable[[], datetime]
    edited: Callable[[], None]  # tells every memory at hand to take its edits anew
    lines: Lines = field(default_factory=Lines, compare=False)

    def remembers(self) -> bool:
        """Whether there is a checkpoint, and one with a phrase memory."""
        return self._memory() is not None

    def listing(self, *, search: str = "", kind: Kind = Kind.ALL) -> Sequence[Phrase]:
        """The phrases with all of these words in phrase, code or title; this site's own first."""
        wanted = folded(search).split()
        return [
            line
            for line in self._lines()
            if line.is_of(kind) and all(word in line.sought for word in wanted)
        ]

    def grounds(self, phrase: Phrase, *, by: str) -> Grounds:
        """The decisions that stand and taught the phrase, or count for or against it."""
        if (memory := self._memory()) is None:
            return Grounds(lines=())
        notes = holding(memory, phrase.language, phrase.key)
        with unit_of_work(self.engine, write=False) as session:
            found = sorted(
                learnt.decisions(session, code=phrase.code, notes=notes),
                key=lambda each: (each.at, each.decision_id),
                reverse=True,
            )
            latest = found[:MOST_GROUNDS]
            shown = [each for each in latest if _may_look(session, each, by)]
            texts = learnt.texts(session, {each.note_id for each in shown})
        return Grounds(
            lines=tuple(_ground(each, phrase, texts[each.note_id], memory) for each in shown),
            more=len(found) - len(latest),
            hidden=len(latest) - len(shown),
        )

    def events(self, phrase: Phrase) -> tuple[PhraseEvent, ...]:
        """What was changed by hand and still holds, oldest first; the last can be taken back."""
        with unit_of_work(self.engine, write=False) as session:
            made = phrases.standing(phrases.every(session))
        return tuple(made.get((phrase.key, phrase.code), ()))

    def switch(self, phrase: Phrase, *, on: bool, reason: str, by: str) -> None:
        """Switch a phrase off for its code, or on again; Conflict if it is so already."""
        with unit_of_work(self.engine) as session:
            note_id, words = self._whose(session, phrase)
            draft = PhraseDraft(
                action=PhraseAction.ON if on else PhraseAction.OFF,
                phrase=words,
                key=phrase.key,
                code=phrase.code,
                reason=reason,
                note_id=note_id,
                by=by,
            )
            phrases.record(session, draft, at=self.now())
        self.edited()

    def add(self, words: str, code: Code, *, language: str, reason: str, by: str) -> None:
        """Add a phrase that is to stand for a code, as if it was marked in one note.

        BadInput if it says too little, Conflict if memory knows it already.
        """
        key = phrase_words(words)
        if any(each.key == key and each.code == code for each in self._lines()):
            raise Conflict("memory knows this phrase for this code; look it up in the list")
        if self.tables.title(code) is None:
            raise BadInput("this code is not in the code tables; choose one that is")
        with unit_of_work(self.engine) as session:
            draft = PhraseDraft(
                action=PhraseAction.ADD,
                phrase=" ".join(words.split()),
                code=code,
                language=language,
                reason=reason,
                by=by,
            )
            phrases.record(session, draft, at=self.now())
        self.edited()

    def undo(self, event: PhraseEvent, *, by: str) -> None:
        """Take back the last change of a phrase; Conflict if it is not the last."""
        with unit_of_work(self.engine) as session:
            phrases.undo(session, event.id, by=by, at=self.now())
        self.edited()

    def _memory(self) -> PhraseMemory | None:
        fusion = None if self.coder is None else self.coder.loaded.fusion
        return None if fusion is None else fusion.memory

    def _lines(self) -> tuple[Phrase, ...]:
        memory = self._memory()
        if memory is None or self.coder is None:
            return ()
        with self.lines.lock:
            name = f"{self.coder.checkpoint} {self.coder.memory}"
            if self.lines.name != name:
                with unit_of_work(self.engine, write=False) as session:
                    events = phrases.every(session)
                edited, words = phrases.standing(events), self.coder.loaded.vocabulary.words
                self.lines.bring(memory, edited, self.tables, words)
                self.lines.name = name
            return self.lines.lines

    def _whose(self, session: Session, phrase: Phrase) -> tuple[int | None, str]:
        """The note whose words a phrase is, and its words there; None if they are nobody's."""
        made = phrases.standing(phrases.every(session)).get((phrase.key, phrase.code), ())
        if made:
            return made[-1].note_id, made[-1].phrase
        memory = self._memory()
        if memory is None or phrase.shipped or phrase.added:
            return None, phrase.words
        notes = holding(memory, phrase.language, phrase.key)
        for each in learnt.decisions(session, code=phrase.code, notes=notes):
            for words in each.marked.values():
                if phrase_words(words) == phrase.key:
                    return each.note_id, words
        raise Conflict("nobody marks this phrase any more; look at the list again")


def _may_look(session: Session, each: Learnt, by: str) -> bool:
    """Whether it would leave whoever asks blind for their own coding of the note."""
    if each.coder == by:
        return True
    try:
        blindness.refuse_looking(session, each.note_id, coder=by, coding_pass=each.coding_pass)
    except BadInput:
        return False
    return True


def _ground(each: Learnt, phrase: Phrase, text: str, memory: PhraseMemory) -> Ground:
    marked = [span for span, words in each.marked.items() if phrase_words(words) == phrase.key]
    spans = marked or places(memory, text, phrase.language, phrase.key)
    return Ground(
        decision_id=each.decision_id,
        note_id=each.note_id,
        note=each.note,
        action=each.action,
        coder=each.coder,
        at=each.at,
        marked=bool(marked),
        passage=_passage(text, spans[0]) if spans else "",
    )


def _passage(text: str, span: Span) -> str:
    """The phrase in quotes, with some of what stands around it, on one line."""
    before = " ".join(text[max(0, span.start - AROUND) : span.start].split())
    after = " ".join(text[span.end : span.end + AROUND].split())
    return f"{before} «{' '.join(text[span.start : span.end].split())}» {after}".strip()
