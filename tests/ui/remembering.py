"""A coder with a memory simple enough to foresee, over a real but tiny network."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from core.checkpoints import Checkpoint
from core.codes import shared_tables
from core.errors import UnknownCode
from core.explanations.reading import Progress, nobody
from core.inference import Coder
from core.inference.blend import BOTH, PHRASES
from core.inference.coder import Titles
from core.types import Code, CodeSystem, Context, Evidence, Explanation, Note, Suggestions
from core.types import Suggestion as Suggested
from tests.models import tiny_checkpoint

PRESSURE = Code(CodeSystem.ICD10CM, "I10")
OUTSIDE = Code(CodeSystem.ICD10CM, "K35.80")  # no code of the network
FEVER = Code(CodeSystem.ICD10CM, "R50.9")
FOUND = {PRESSURE: "hypertension", OUTSIDE: "chest pain"}  # the phrases memory looks for
CUTS = {0.8: 0.5, 0.9: 0.2, 0.95: None}  # the last one is out of reach


class Remembering(Coder):
    """Knows one phrase each of two codes; what it learns only shows in provenance."""

    def __init__(self, checkpoint: Checkpoint, titles: Titles) -> None:
        super().__init__(checkpoint, titles)
        self.lessons: dict[str, tuple[Note, frozenset[Code]]] = {}

    @classmethod
    def build(cls, folder: Path) -> "Remembering":
        return cls(tiny_checkpoint(folder, sharpness=8.0), shared_tables())

    @property
    def methods(self) -> tuple[str, ...]:
        return (BOTH, PHRASES, "attention", "integrated_gradients")

    @property
    def coverages(self) -> tuple[float, ...]:
        return tuple(CUTS)

    def cut(self, coverage: float) -> float | None:
        return CUTS.get(coverage)

    @property
    def rightness(self) -> tuple[float | None, ...]:
        return (0.01, None, None, None, None, 0.37, None, None, 0.7, 0.92)

    @property
    def memory(self) -> str:
        return f"{len(self.lessons)} notes" if self.lessons else ""

    def learn(self, note: Note, rejected: frozenset[Code] = frozenset()) -> None:
        self.lessons.pop(note.id, None)
        if note.annotations or rejected:
            self.lessons[note.id] = (note, rejected)

    def learn_all(self, decided: Iterable[tuple[Note, frozenset[Code]]]) -> None:
        for note, rejected in decided:
            self.learn(note, rejected)

    def suggest(self, note: Note, **settings: object) -> Suggestions:
        plain = super().suggest(note)
        seen = sum(PRESSURE in lesson.codes for lesson, _ in self.lessons.values())
        scores = {PRESSURE: 0.9, FEVER: 0.3}
        ranked = [
            replace(each, probability=scores.get(each.code, 0.1), source="network")
            for each in plain.ranked
        ]
        ranked = [
            replace(
                each,
                source="network and memory",
                provenance=f'"hypertension": seen in {14 + seen} coded notes, 13 times I10',
                contexts=(Context.FAMILY, Context.HISTORICAL),
            )
            if each.code == PRESSURE
            else each
            for each in ranked
        ]
        outside = Suggested(
            code=OUTSIDE,
            title="Unspecified acute appendicitis",
            task="icd",
            probability=0.6,
            source="memory",
            provenance="code title",
            contexts=(Context.NEGATED,),
        )
        best_first = sorted([*ranked, outside], key=lambda each: -each.probability)
        return replace(plain, memory=self.memory, ranked=tuple(best_first))

    def explain(
        self,
        note: Note,
        codes: Sequence[Code],
        *,
        method: str | None = None,
        progress: Progress = nobody,
    ) -> tuple[Explanation, ...]:
        return tuple(self._explain(note, code, method or self.default_method) for code in codes)

    def _explain(self, note: Note, code: Code, method: str) -> Explanation:
        phrase = FOUND.get(code, "")
        start = note.text.find(phrase) if phrase else -1
        if method in (BOTH, PHRASES) and start >= 0:
            spans = (Evidence(start, start + len(phrase), 1.0),)
            return Explanation(code=code, method=method, tokens=(), spans=spans)
        if code == OUTSIDE:
            raise UnknownCode(f"{code} is not among the codes of the network")
        network = "attention" if method in (BOTH, PHRASES) else method
        (explanation,) = super().explain(note, [code], method=network)
        return replace(explanation, method=BOTH) if method == BOTH else explanation
