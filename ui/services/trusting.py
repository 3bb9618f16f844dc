"""How far shown evidence can be trusted, said in a sentence and kept before it is shown."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Engine

from core.inference import Coder, Confidence, agreement, confidence, removal
from core.types import Code, Evidence, Explanation
from db import said, unit_of_work
from db.records import Said
from ui.services.background import Background
from ui.services.charts import Opened, differs, scored

KEPT = 512  # answers at hand; the database keeps those that were shown
ANEW = "(Memory has learned since this list was made: scores of now.)"

Key = tuple[str, str, Code, str, tuple[Evidence, ...]]


def _background() -> Background[Key, Confidence]:
    return Background("trust", kept=KEPT)


@dataclass(frozen=True, kw_only=True)
class Trusting:
    """Checks evidence in the background, and keeps what a coder is told of it."""

    engine: Engine
    coder: Coder
    now: Callable[[], datetime]
    background: Background[Key, Confidence] = field(default_factory=_background)

    def say(self, opened: Opened, code: Code, method: str, *, patience: float = 0.0) -> Opened:
        """The chart with what is to be said of the evidence of `method`, as soon as it is known.

        What was said once on a screen stays. Raises what `core.inference.confidence` raises.
        """
        shown = opened.explanations.get((code, method))
        if shown is None or (code, method) in opened.said or opened.screen is None:
            return opened
        note, memory = opened.note.as_note(), self.coder.memory
        explanation = Explanation(
            code=code, method=method, tokens=(), spans=shown.spans, delta=shown.delta
        )
        found = self.background.look(
            (memory, note.text, code, method, shown.spans),
            lambda _: confidence(self.coder, note, explanation),
            patience=patience,
        )
        if found is None:
            return opened
        saying = Said(
            explanation_id=shown.id,
            before=found.before,
            after=found.after,
            words=found.words,
            agreed=found.agreed,
            memory=memory,
            sentences=sentences(found, anew=differs(scored(opened.screen)[code], found.before)),
            said_at=self.now(),
        )
        with unit_of_work(self.engine) as session:
            kept = said.record(session, saying)
        return replace(opened, said={**opened.said, (code, method): kept})


def sentences(found: Confidence, *, anew: bool = False) -> str:
    """What is said of evidence. anew: the list gave another score, before memory learned."""
    return " ".join(filter(None, (removal(found), agreement(found), ANEW if anew else "")))
