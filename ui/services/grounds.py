"""The words a decision rests on: those its coder marked, and those they were shown with it."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from core.types import Evidence, Span
from db import screens
from db.records import Decision, ShownExplanation
from ui.services.passages import Passage, Printing, blocks, windows

__all__ = ["Ground", "Passage", "ground", "passages"]


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What a coder had before them when they decided."""

    marked: tuple[Span, ...] = ()  # by the coder
    shown: tuple[Evidence, ...] = ()  # the last evidence on the screen by then
    method: str = ""  # of what was shown; empty: nothing was


def ground(session: Session, decision: Decision) -> Ground:
    """The words of one decision."""
    found = () if decision.suggestion_id is None else _shown(session, decision)
    return Ground(
        marked=decision.evidence,
        shown=found[-1].spans if found else (),
        method=found[-1].method if found else "",
    )


def passages(text: str, found: Ground, *, whole: bool = False) -> tuple[Passage, ...]:
    """The stretches of the note where these words stand, or (whole) all of it."""
    if not (whole or found.marked or found.shown):
        return ()
    places: list[Span | Evidence] = [*found.marked, *found.shown]
    printing = Printing(text=text, spans=found.shown, marks=found.marked)
    return tuple(printing.passages(blocks(text) if whole else windows(text, places, whole=0)))


def _shown(session: Session, decision: Decision) -> list[ShownExplanation]:
    every = screens.explanations(session, decision.suggestion_id or 0)
    return [each for each in every if each.shown_at <= decision.decided_at]
