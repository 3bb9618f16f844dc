"""Evidence that takes seconds, computed in the background so that decisions never wait for it."""

from datetime import UTC, datetime

from core.explanations.reading import Progress
from core.inference import Coder
from core.types import Code, Explanation, Note
from db.records import Computed
from ui.services.background import Background
from ui.services.remembering import Remembering

KEPT = 256  # results at hand; the database keeps more

Key = tuple[str, str, str, Code, str]


class Explainer:
    """Computes explanations one at a time and remembers them. Shared by all sessions."""

    def __init__(self, coder: Coder, remembering: Remembering | None = None) -> None:
        self._coder = coder
        self._remembering = remembering or Remembering(coder=coder, now=_now)
        self.background = Background[Key, Computed]("explain", kept=KEPT)

    def ask(
        self, note: Note, code: Code, method: str, *, patience: float = 0.0
    ) -> Explanation | None:
        """The explanation if it is there within `patience` seconds, else None meanwhile.

        Asking and raising are those of `Background.look`.
        """
        computed = self.look(note, code, method, patience=patience)
        return None if computed is None else computed.explanation

    def look(
        self, note: Note, code: Code, method: str, *, patience: float = 0.0
    ) -> Computed | None:
        """The same with the time at which it was computed."""
        key = self._key(note, code, method)
        if key not in self.background:
            known = self._remembering.find(note, [code], method).get(code)
            if known is not None:
                return known

        def explain(tell: Progress) -> Computed:
            return self._remembering.explain(note, [code], method, progress=tell)[code]

        return self.background.look(key, explain, patience=patience)

    def progress(self, note: Note, code: Code, method: str) -> float | None:
        """The share of the work that is done, in [0, 1]; None if nobody asked for it."""
        return self.background.progress(self._key(note, code, method))

    def call_off(self, note: Note, code: Code, method: str) -> None:
        """End the work at the next step. Whoever else still wants it asks again."""
        self.background.call_off(self._key(note, code, method))

    def wait(self) -> None:
        """Return when all that was asked for is computed."""
        self.background.wait()

    def _key(self, note: Note, code: Code, method: str) -> Key:
        return (self._coder.memory, note.id, note.text, code, method)


def _now() -> datetime:
    return datetime.now(UTC)
