"""What if some words were not in the note: how a list would change. Nothing of it is kept."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from core.context.words import Words, split
from core.inference import Change, Coder, WhatIf
from core.types import Code, Span
from db.records import Screen
from ui.services.background import Background
from ui.services.charts import Opened, differs, scored

KEPT = 64  # answers at hand
NAMED = 20  # codes that would come onto the list

Key = tuple[str, str, int, tuple[Span, ...]]


@dataclass(frozen=True, kw_only=True)
class Supposed:
    """The scores of a list as if the words at `spans` were not in the note.

    removed: the whole words that these spans touch. changes: of every listed code and category;
    None where it is not ranked. appeared: codes that only then would be on the list, the largest
    change first; hidden: how many more there are. anew: memory has learned since the list was
    made, and some score of before is another now.
    """

    spans: tuple[Span, ...]
    removed: tuple[Span, ...]
    changes: Mapping[Code, Change]
    appeared: tuple[Change, ...]
    hidden: int = 0
    anew: bool = False


def _background() -> Background[Key, Supposed]:
    return Background("what-if", kept=KEPT)


@dataclass(frozen=True, kw_only=True)
class Supposing:
    """Reads notes without some of their words, in the background."""

    coder: Coder
    background: Background[Key, Supposed] = field(default_factory=_background)

    def without(
        self, opened: Opened, spans: tuple[Span, ...], *, patience: float = 0.0
    ) -> Supposed | None:
        """The list without these words, if that is there within `patience` seconds.

        Raises what `Coder.without` raises: BadInput, or BadNote if no word is left.
        """
        screen, note, memory = opened.screen, opened.note.as_note(), self.coder.memory
        if screen is None:
            return None
        return self.background.look(
            (memory, note.text, screen.id, spans),
            lambda _: supposed(self.coder.without(note, spans), screen, text=note.text),
            patience=patience,
        )


def supposed(what_if: WhatIf, screen: Screen, *, text: str) -> Supposed:
    """What of a what-if of the note `text` concerns a screen's list."""
    listed = scored(screen)
    least = screen.thresholds.get("icd", 0.5) if screen.cut is None else screen.cut
    appeared = [
        change
        for change in what_if.appeared(least)
        if change.task == "icd" and change.code not in listed
    ]
    changes = {change.code: change for change in what_if.changes if change.code in listed}
    return Supposed(
        spans=what_if.removed,
        removed=tuple(_whole(split(text), what_if.removed)),
        changes=changes,
        appeared=tuple(appeared[:NAMED]),
        hidden=len(appeared[NAMED:]),
        anew=any(differs(listed[code], each.before or 0.0) for code, each in changes.items()),
    )


def _whole(words: Words, spans: Iterable[Span]) -> Iterator[Span]:
    for span in spans:
        places = words.touched(span.start, span.end)
        if places:
            yield Span(words.starts[places[0]], words.ends[places[-1]])
