"""Suggestions for a text that nobody stores: for other programs, through `ui.api`."""

from dataclasses import dataclass

from core.errors import BadInput
from core.inference import Coder
from core.notes import Limits
from core.notes.limits import check_note
from core.types import Note, Suggestions
from ui.services.methods import SLOW

MOST = 200  # suggestions in one answer


@dataclass(frozen=True, kw_only=True)
class Suggesting:
    """What the model says of a text. Nothing is learned, stored or logged of it."""

    coder: Coder

    def suggest(self, text: str, *, top: int, method: str | None = None) -> Suggestions:
        """The most probable codes with their evidence, by the first method on offer if None.

        BadNote for a text that is no note, BadInput for a method that is not on offer.
        """
        check_note(text, Limits())
        wanted = method or self.coder.default_method
        if wanted not in self.coder.methods or wanted in SLOW:
            quick = ", ".join(each for each in self.coder.methods if each not in SLOW)
            raise BadInput(f"this method is not on offer for a whole list; use one of: {quick}")
        return self.coder.suggest(
            Note(id="unstored", text=text), top=min(top, MOST), evidence=wanted
        )
