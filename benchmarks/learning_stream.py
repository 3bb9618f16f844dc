"""A simulated coder works through notes in the order they came, and the model learns meanwhile.

It starts from nothing but uncoded text and the code tables: no code in its label space, no phrase
in its memory. The coder is shown the first SHOWN codes of the list as it then is: right ones are
accepted, wrong ones rejected, and what is missing is added, with the words of the gold evidence
marked; then the chart is finished. Memory learns after every note, network and combiner are
fine-tuned at ROUNDS, on finished charts as whole ones.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch

from benchmarks.accuracy import Data
from core.assembly import Model, assemble
from core.codes import CodeTables
from core.corpora import Category, Lesson
from core.fusion import Fusion, NetworkScores, untaught
from core.memory import PhraseMemory
from core.metrics.track import Judged, Listed, mean_average_precision
from core.systems import EVICODE
from core.text import Fallback, fallback
from core.training import examples
from core.training.finetuning import Finetuning, Starting, finetune
from core.training.network import by_note
from core.types import Annotation, Code, CodeSpace, CodeSystem, Note

SHOWN = 20  # codes a coder is shown of a note
ROUNDS = (10, 50, 100, 250, 500)
Json = dict[str, Any]  # Any: plain JSON


@dataclass(frozen=True, kw_only=True)
class Coder:
    """Knows the gold codes; a share of the decisions is wrong all the same."""

    wrong: float = 0.0
    seed: int = 0

    def decide(self, note: Note, shown: Sequence[Code]) -> Lesson:
        """What stands after this coder has been through the list."""
        drawing = random.Random(f"{self.seed}/{note.id}")  # noqa: S311 - a sample, not a secret
        gold = note.codes
        slips = {code for code in sorted({*shown, *gold}) if drawing.random() < self.wrong}
        taken = [a for a in note.annotations if a.code not in slips]
        mistaken = [Annotation(code=code) for code in shown if code in slips and code not in gold]
        given = {a.code for a in (*taken, *mistaken)}
        return Lesson(
            note=replace(note, annotations=(*taken, *mistaken)),
            rejected=frozenset(code for code in shown if code not in given),
        )


@dataclass(kw_only=True)
class Learner:
    """What learns: a network, a combiner, and a memory that knows every decision so far."""

    data: Data
    tables: CodeTables
    category: Category
    model: Model
    spaces: dict[str, CodeSpace]
    fusion: Fusion  # its memory knows no decision
    memory: PhraseMemory
    begun: Starting | None = None  # what every round starts from; None: what it is now
    finished: bool = True  # charts are finished, and fine-tuning takes them for whole
    lessons: list[Lesson] = field(default_factory=list)

    @classmethod
    def from_nothing(cls, data: Data, tables: CodeTables, category: Category) -> "Learner":
        """Uncoded text and the code tables are all there is."""
        memory = PhraseMemory(listed=data.listed, bridge=data.bridge)
        memory.hear(note.text for note in data.train)
        return cls(
            data=data,
            tables=tables,
            category=category,
            model=assemble(
                EVICODE,
                vocabulary_size=len(data.vocabulary),
                labels={"icd": 0, "ccs": 0},
                vectors=torch.from_numpy(data.drawn),
            ),
            spaces={task: CodeSpace(name=task, codes=()) for task in ("icd", "ccs")},
            fusion=Fusion(memory=memory, combiner=untaught()),
            memory=memory.copy(),
        )

    @property
    def read_as(self) -> Fallback | None:
        return fallback("nearest", self.data.vocabulary)

    def scores(self, notes: Sequence[Note]) -> dict[str, NetworkScores]:
        """What the network says of notes; nothing as long as it knows no code."""
        if not len(self.spaces["icd"]):
            return {}
        read = examples(
            notes,
            self.data.vocabulary,
            self.spaces,
            category=self.category,
            max_length=EVICODE.recipe.max_length,
            fallback=self.read_as,
        )
        return by_note(self.model, read, self.spaces)

    def meet(self, notes: Sequence[Note], coder: Coder) -> None:
        """The coder goes through notes; memory learns each before the next is shown."""
        now, scores = replace(self.fusion, memory=self.memory), self.scores(notes)
        for note in notes:
            found = now.rank(note, scores.get(note.id), category=self.category).fused
            lesson = coder.decide(note, [each.code for each in found[:SHOWN]])
            self.lessons.append(lesson)
            self.memory.decide(lesson.note, lesson.rejected)

    def finetune(self, folder: Path, how: Finetuning) -> None:
        """Network and combiner learn all that was decided so far, from where they began.

        A network that had learned some of these lessons could not tell the combiner what it would
        have said without.
        """
        self.begun = self.begun or Starting(
            model=self.model,
            spaces=self.spaces,
            vocabulary=self.data.vocabulary,
            fallback=self.read_as,
            max_length=EVICODE.recipe.max_length,
            name="the start",
            fusion=self.fusion,
        )
        found = finetune(self.begun, self.lessons, how, folder=folder)
        self.model, self.spaces = found.model, dict(found.spaces)
        self.fusion = found.fusion or self.fusion

    def how(self) -> Finetuning:
        """As a new site would: its first codes need a high learning rate, and one note each.

        Its coders finish every chart, so that all their codes are known, as the tab Train has it.
        """
        return Finetuning(
            tables=self.tables,
            category=self.category,
            rehearsed=[lesson.note for lesson in self.lessons if self.finished],
            min_count=1,
            learning_rate=4e-3,
            epochs=10,
        )


def stream(learner: Learner, coder: Coder, folder: Path) -> Iterator[Json]:
    """The figures on dev before the first note, and after each round."""
    start = learner.fusion.combiner
    yield {"notes": 0, **figures(learner, start)}
    for count in ROUNDS:
        learner.meet(learner.data.train[len(learner.lessons) : count], coder)
        learner.finetune(folder / f"round-{count}", learner.how())
        yield {"notes": count, **figures(learner, start)}


def figures(learner: Learner, start: Any) -> Json:  # Any: the combiner it started with
    """MAP of ICD-10-CM and ICD-10-PCS on dev: of the memory, of the network, of both."""
    dev, scores = learner.data.dev, learner.scores(learner.data.dev)
    alone = replace(learner.fusion, memory=learner.memory, combiner=start)
    together = replace(learner.fusion, memory=learner.memory)
    return {
        "memory": of_lists(dev, [fused(note, alone, None, learner.category) for note in dev]),
        "network": of_lists(dev, [ranked(scores.get(note.id)) for note in dev]),
        "both": of_lists(
            dev, [fused(note, together, scores.get(note.id), learner.category) for note in dev]
        ),
    }


def fused(
    note: Note, fusion: Fusion, scores: NetworkScores | None, category: Category
) -> list[Code]:
    """The list a coder is shown, whole."""
    return [each.code for each in fusion.rank(note, scores, category=category).fused]


def ranked(scores: NetworkScores | None) -> list[Code]:
    """The network's own list."""
    logits = scores.icd if scores else {}
    return sorted(logits, key=lambda code: (-logits[code], code))


def of_lists(notes: Sequence[Note], lists: Sequence[Sequence[Code]]) -> Json:
    """MAP by code system; 0 where nothing was listed."""
    judged = [
        Judged(
            ranked=[Listed(code=code, probability=0.0) for code in codes],
            gold=note.codes,
            mentions=frozenset(),
        )
        for note, codes in zip(notes, lists, strict=True)
    ]
    return {
        name: mean_average_precision(judged, system) or 0.0
        for name, system in (("D", CodeSystem.ICD10CM), ("P", CodeSystem.ICD10PCS))
    }
