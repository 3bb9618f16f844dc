"""Evidence by way of the database: what was computed before is looked up, the rest computed."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from threading import Lock

from sqlalchemy import Engine

import core
from core.explanations import METHODS
from core.explanations.reading import Progress, nobody
from core.inference import Coder
from core.types import Code, Note
from db import computed, notes, unit_of_work
from db.records import Computed, EvidenceKey
from ui import VERSION
from ui.services.failures import logged

PHRASES, BOTH = "phrases", "phrases_and_network"  # the methods that memory has a say in

Keys = Mapping[Code, EvidenceKey]


@dataclass(frozen=True, kw_only=True)
class Remembering:
    """Explains codes, each once for as long as the database keeps it. Shared by all threads.

    Whatever goes wrong with the database is logged, and the evidence computed.
    """

    coder: Coder
    now: Callable[[], datetime]
    engine: Engine | None = None  # None: nothing is kept
    learning: Lock = field(default_factory=Lock, compare=False, repr=False)  # held to teach memory

    def find(self, note: Note, codes: Iterable[Code], method: str) -> dict[Code, Computed]:
        """What was computed before; computes nothing."""
        return self._found(self._keys(note, codes, method))

    def explain(
        self, note: Note, codes: Sequence[Code], method: str, *, progress: Progress = nobody
    ) -> dict[Code, Computed]:
        """Evidence for every code, those that are missing computed together.

        progress: as for `Coder.explain`. Raises what that raises; nothing is kept then.
        """
        keys = self._keys(note, codes, method)
        found = self._found(keys)
        missing = [code for code in dict.fromkeys(codes) if code not in found]
        if not missing:
            return found
        explanations = self.coder.explain(note, missing, method=method, progress=progress)
        fresh = {each.code: Computed(explanation=each, at=self.now()) for each in explanations}
        # memory may have learned something meanwhile: then nobody knows what this depends on
        after = self._keys(note, missing, method)
        self._keep({keys[code]: fresh[code] for code in after if after[code] == keys.get(code)})
        return found | fresh

    def _keys(self, note: Note, codes: Iterable[Code], method: str) -> Keys:
        """What evidence depends on now; empty if the note is not kept, or memory is learning."""
        remembers = method in (PHRASES, BOTH) or method not in METHODS
        if self.engine is None or (remembers and self.learning.locked()):
            return {}
        memory = self.coder.memory if remembers else ""
        try:
            with unit_of_work(self.engine, write=False) as session:
                note_id = notes.id_of(session, note)
        except Exception as error:  # noqa: BLE001  (logged; the evidence is computed)
            logged(error)
            return {}
        if note_id is None:
            return {}
        return {
            code: EvidenceKey(
                note_id=note_id,
                code=code,
                method=method,
                checkpoint_hash=self.coder.checkpoint,
                memory=memory,
                program=program(),
            )
            for code in codes
        }

    def _found(self, keys: Keys) -> dict[Code, Computed]:
        if self.engine is None or not keys:
            return {}
        try:
            with unit_of_work(self.engine, write=False) as session:
                found = {code: computed.find(session, key) for code, key in keys.items()}
        except Exception as error:  # noqa: BLE001  (logged; the evidence is computed)
            logged(error)
            return {}
        return {code: each for code, each in found.items() if each is not None}

    def _keep(self, fresh: Mapping[EvidenceKey, Computed]) -> None:
        if self.engine is None or not fresh:
            return
        try:
            with unit_of_work(self.engine) as session:
                for key, each in fresh.items():
                    computed.keep(session, key, each)
        except Exception as error:  # noqa: BLE001  (logged; it will be computed again)
            logged(error)


@cache
def program() -> str:
    """Names the code that makes evidence: other code may make other evidence."""
    digest = hashlib.sha256()
    root = Path(core.__file__).parent
    for path in sorted(root.rglob("*.py")):
        digest.update(path.read_bytes())
    return f"{VERSION} {digest.hexdigest()[:12]}"
