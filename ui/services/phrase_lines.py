"""The phrases of memory as lines of a list: in words, with their codes and their counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from threading import Lock

from core.codes.spelling import folded
from core.memory import Known, PhraseMemory, known, stem
from core.types import Code
from db.phrases import Meaning, PhraseAction, PhraseEvent
from ui.services.tables import Tables


class Kind(StrEnum):
    """Which phrases to list; the value is what is read."""

    ALL = "All"
    HERE = "Learned here"
    ADDED = "Added by hand"
    OFF = "Switched off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """A phrase of one language with a code it stands for. Counts are of notes."""

    language: str
    key: tuple[str, ...]
    code: Code
    words: str  # as marked or typed; of a shipped phrase, its words in no order
    title: str
    marked: int
    here: int  # of those marked, by decisions that stand here
    found: int
    stood: int
    added: bool
    off: bool
    sought: str  # all of it without accents or capitals

    @property
    def shipped(self) -> bool:
        return self.marked > self.here

    @property
    def source(self) -> str:
        """Where the phrase comes from, in words."""
        if self.added:
            return "added by hand"
        if not self.marked:
            return "no longer marked"
        both = "shipped and this site" if self.here else "shipped"
        return both if self.shipped else "this site"

    def is_of(self, kind: Kind) -> bool:
        wanted = {
            Kind.ALL: True,
            Kind.HERE: self.here > 0,
            Kind.ADDED: self.added,
            Kind.OFF: self.off,
        }
        return wanted[kind]


Place = tuple[str, tuple[str, ...], Code]  # language, phrase, code
Made = tuple[Known, str, Phrase]  # what a line was made from, and the line


@dataclass
class Lines:
    """The list as memory stood last: for all sessions, brought up to date when it has learned."""

    name: str | None = None
    lines: tuple[Phrase, ...] = ()
    made: dict[Place, Made] = field(default_factory=dict)
    titles: dict[Code, str] = field(default_factory=dict)
    words_known: Sequence[str] = ()
    spelled: Mapping[str, str] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def bring(
        self,
        memory: PhraseMemory,
        edited: Mapping[Meaning, Sequence[PhraseEvent]],
        tables: Tables,
        words_known: Sequence[str],
    ) -> None:
        """Every phrase, in order. `words_known`: of the checkpoint, which spell what was shipped.

        Only the lines of phrases that changed are made again.
        """
        if words_known != self.words_known:
            self.words_known, self.spelled, self.made = words_known, _spelled(words_known), {}
        made: dict[Place, Made] = {}
        for each in known(memory):
            place = each.language, each.key, each.code
            events = edited.get((each.key, each.code))
            words = each.words or (events[-1].phrase if events else "")
            before = self.made.get(place)
            if before is not None and before[0] == each and before[1] == words:
                made[place] = before
            else:
                made[place] = each, words, self._line(each, words, tables)
        self.made = made
        there = {(key, code) for _, key, code in made}
        silent = [_silent(e[-1], tables) for meaning, e in edited.items() if meaning not in there]
        self.lines = tuple(sorted((*(line for *_, line in made.values()), *silent), key=_order))

    def _line(self, each: Known, words: str, tables: Tables) -> Phrase:
        words = words or " ".join(self.spelled.get(word, word) for word in each.key)
        if each.code not in self.titles:
            self.titles[each.code] = tables.title(each.code) or ""
        title = self.titles[each.code]
        return Phrase(
            language=each.language,
            key=each.key,
            code=each.code,
            words=words,
            title=title,
            marked=each.marked,
            here=each.here,
            found=each.found,
            stood=each.stood,
            added=each.added,
            off=each.off,
            sought=folded(f"{words} {each.code} {title}"),
        )


def _silent(last: PhraseEvent, tables: Tables) -> Phrase:
    """A phrase that was changed by hand, and that nobody marks any more."""
    title = tables.title(last.code) or ""
    return Phrase(
        language=last.language or "",
        key=last.key,
        code=last.code,
        words=last.phrase,
        title=title,
        marked=0,
        here=0,
        found=0,
        stood=0,
        added=False,
        off=last.action is PhraseAction.OFF,
        sought=folded(f"{last.phrase} {last.code} {title}"),
    )


def _order(line: Phrase) -> tuple[bool, bool, int, int, str, str, str]:
    """What was changed by hand first, then what was learned here, then what is marked most."""
    changed = line.off or line.added
    return (
        not changed,
        not line.here,
        -line.here,
        -line.marked,
        line.words,
        str(line.code),
        line.language,
    )


def _spelled(words: Sequence[str]) -> Mapping[str, str]:
    """By stem, the first word of the vocabulary with it: how people read a stem."""
    found: dict[str, str] = {}
    for word in words:
        found.setdefault(stem(word), word)
    return found
