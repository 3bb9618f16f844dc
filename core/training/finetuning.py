"""Fine-tuning a trained model on what coders decided, with new codes, without forgetting.

Notes of the corpus the network was first trained on, some in every epoch, keep it from forgetting
what feedback does not touch, and tell new codes from the rest (rehearsal).
"""

import hashlib
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from core.assembly import Model
from core.codes import CodeTables
from core.corpora import Category, Lesson
from core.decoders.label_attention import LabelAttentionDecoder
from core.errors import BadSettings
from core.fusion import CombinerSettings, Fusion, NetworkScores
from core.losses import BinaryCrossEntropy
from core.memory import evidence_phrases, listed_phrases
from core.systems import System
from core.text import Fallback, Tokenizer
from core.training.examples import Examples, examples
from core.training.extending import extended, grown
from core.training.fusing import folds, origin
from core.training.lessons import new_codes, taught
from core.training.loop import Plan, Told, Trained, train
from core.training.network import by_note
from core.training.refitting import refit
from core.training.start import start_from_phrases
from core.types import Code, CodeSpace, Note


@dataclass(frozen=True, kw_only=True)
class Starting:
    """What is fine-tuned, and how it reads."""

    model: Model
    spaces: Mapping[str, CodeSpace]
    vocabulary: Tokenizer
    fallback: Fallback | None
    max_length: int
    name: str  # its hash: part of what decides the outcome
    fusion: Fusion | None = None  # its memory and combiner, if it has any


@dataclass(frozen=True, kw_only=True)
class Finetuning:
    """How it is fine-tuned."""

    tables: CodeTables
    category: Category  # also of categories, which are their own
    rehearsed: Sequence[Note] = ()  # whole charts: all their codes are known
    rehearse: float = 1.0  # an epoch sees so many of these for each lesson
    min_count: int = 3  # lessons a new code needs
    learning_rate: float = 1e-3
    epochs: int = 5
    folds: int = 3  # networks that learn all lessons but a part, for the combiner to learn from
    seed: int = 0

    @property
    def whole(self) -> frozenset[str]:
        """The notes of which all codes are known; a lesson among them has no undecided code."""
        return frozenset(note.id for note in self.rehearsed)


@dataclass(frozen=True, kw_only=True)
class Finetuned:
    """The model afterwards, and what it ranks besides what it did."""

    model: Model
    spaces: Mapping[str, CodeSpace]
    new: Mapping[str, tuple[Code, ...]]
    trained: Trained
    fusion: Fusion | None = None


def finetune(
    start: Starting,
    lessons: Sequence[Lesson],
    how: Finetuning,
    *,
    folder: Path,
    told: Told | None = None,
) -> Finetuned:
    """Teach network and combiner these lessons; goes on from `folder` after a kill.

    BadSettings if no lesson decides anything, or new codes cannot be learned by this row. `start`
    is left as it is.
    """
    if not any(lesson.note.annotations or lesson.rejected for lesson in lessons):
        raise BadSettings("nobody decided anything in this feedback; export some that was")
    new, learning = _learning(start, lessons, how)
    parts = 1 + (min(how.folds, len(lessons)) if start.fusion is not None else 0)
    model, trained = learning.network(lessons, folder, told and _part_of(told, 0, parts))
    fusion = start.fusion
    if fusion is not None:
        fusion = refit(
            fusion,
            lessons,
            held_out(start, lessons, how, folder=folder, told=told),
            category=how.category,
            settings=CombinerSettings(),
            whole=how.whole,
            seed=how.seed,
        )
    return Finetuned(model=model, spaces=learning.spaces, new=new, trained=trained, fusion=fusion)


@dataclass(frozen=True)
class _Learning:
    """What is the same for the network and for those that learn but a part of the lessons."""

    start: Starting
    spaces: Mapping[str, CodeSpace]
    how: Finetuning

    def network(
        self, lessons: Sequence[Lesson], folder: Path, told: Told | None = None
    ) -> tuple[Model, Trained]:
        """The network after these lessons."""
        how = self.how
        model = _started(self.start, self.spaces, lessons, how)
        learnt = taught(
            self.read([lesson.note for lesson in lessons]),
            {lesson.note.id: lesson for lesson in lessons},
            self.spaces,
            teacher=model,
            category=how.category,
            whole=how.whole,
        )
        row, model.system = model.system, _system(self.start, how)
        data = _digest(self.start, lessons, how)
        plan = Plan(system=model.system, seed=how.seed, epochs=how.epochs, data=data)
        others = _rehearsed(how, lessons)
        rehearsing = partial(_drawn, how, others, len(lessons))
        more = (lambda epoch: self.read(rehearsing(epoch))) if others else None
        trained = train(model, plan, learnt, watch=None, folder=folder, more=more, told=told)
        model.system = row
        return model, trained

    def read(self, notes: Sequence[Note]) -> Examples:
        """Notes as the network reads them."""
        return examples(
            notes,
            self.start.vocabulary,
            self.spaces,
            category=self.how.category,
            max_length=self.start.max_length,
            fallback=self.start.fallback,
        )


def _learning(
    start: Starting, lessons: Sequence[Lesson], how: Finetuning
) -> tuple[dict[str, tuple[Code, ...]], _Learning]:
    new = new_codes(lessons, start.spaces, category=how.category, min_count=how.min_count)
    return new, _Learning(start, grown(start.spaces, new), how)


def held_out(
    start: Starting,
    lessons: Sequence[Lesson],
    how: Finetuning,
    *,
    folder: Path,
    told: Told | None = None,
) -> dict[str, NetworkScores]:
    """For each lesson, what a network says that did not learn it.

    Nor does it know the codes that the lesson alone would have taught it: else a code it ranks
    would look likelier than it is.
    """
    count = min(how.folds, len(lessons))
    parts = folds([each.note for each in lessons], count, seed=how.seed)
    scores: dict[str, NetworkScores] = {}
    for fold in range(count):
        held = [each.note for each in lessons if parts[origin(each.note)] == fold]
        others = [each for each in lessons if parts[origin(each.note)] != fold]
        if held and others:
            away = {origin(note) for note in held}
            rehearsed = [note for note in how.rehearsed if origin(note) not in away]
            _, learning = _learning(start, others, replace(how, rehearsed=rehearsed))
            telling = told and _part_of(told, fold + 1, 1 + count)
            model, _ = learning.network(others, folder / f"fold-{fold + 1}-of-{count}", telling)
            scores |= by_note(model, learning.read(held), learning.spaces)
    return scores


def _part_of(told: Told, part: int, parts: int) -> Told:
    """Tells of one network as a part of all that are to be trained, in epochs of the whole."""
    return lambda done, epochs: told((part * epochs + done) / parts, epochs)


def _started(
    start: Starting,
    spaces: Mapping[str, CodeSpace],
    lessons: Sequence[Lesson],
    how: Finetuning,
) -> Model:
    """A copy of the model with its new codes, which look for their titles and marked phrases."""
    model = extended(start.model, start.spaces, spaces, vocabulary_size=len(start.vocabulary))
    model.requires_grad_(requires_grad=True)
    added = any(len(spaces[task]) > len(start.spaces[task]) for task in spaces)
    decoders = [model.decoder(task) for task in spaces]
    titled = all(isinstance(d, LabelAttentionDecoder) and d.project is None for d in decoders)
    if added and titled:
        marked = evidence_phrases([*how.rehearsed, *(lesson.note for lesson in lessons)])
        start_from_phrases(
            model,
            marked + listed_phrases(how.tables, spaces["icd"].codes),
            spaces,
            vocabulary=start.vocabulary,
            category=how.category,
            fallback=start.fallback,
            first={task: len(space) for task, space in start.spaces.items()},
        )
    return model


def _system(start: Starting, how: Finetuning) -> System:
    """The row with the recipe and the loss of fine-tuning.

    All codes are scored, and by plain cross-entropy: most targets are probabilities, which the
    focal loss, whose weights of right and wrong differ, would drive upwards.
    """
    system = start.model.system
    recipe = replace(
        system.recipe,
        learning_rate=how.learning_rate,
        decay=True,
        warm_up=0.0,
        sampled_codes=None,
        phrase_texts=0,
        titled_start=False,
    )
    return replace(system, recipe=recipe, loss=BinaryCrossEntropy())


def _rehearsed(how: Finetuning, lessons: Sequence[Lesson]) -> list[Note]:
    """The whole charts that are no lessons: those are learned whole as it is."""
    learned = {lesson.note.id for lesson in lessons}
    return [note for note in how.rehearsed if note.id not in learned]


def _drawn(how: Finetuning, notes: Sequence[Note], lessons: int, epoch: int) -> list[Note]:
    count = min(len(notes), max(1, round(how.rehearse * lessons)))
    drawing = random.Random(f"{how.seed}/{epoch}")  # noqa: S311 - a sample, not a secret
    return drawing.sample(list(notes), count)


def _digest(start: Starting, lessons: Sequence[Lesson], how: Finetuning) -> str:
    """Changes when anything the network learns from changes."""
    summed = hashlib.sha256(f"{start.name} {how.rehearse} {how.min_count}".encode())
    for lesson in lessons:
        said = [f"{a.code} {a.evidence}" for a in lesson.note.annotations]
        said += [f"not {code}" for code in sorted(lesson.rejected)]
        summed.update("\0".join((lesson.note.id, lesson.note.text, *sorted(said))).encode())
    for note in how.rehearsed:
        summed.update(f"{note.id}\0{sorted(map(str, note.codes))}".encode())
    return summed.hexdigest()
