"""What a model forgets while it learns new codes.

A model is trained whole on a part of the notes, from which NEW codes were taken out as if nobody
had ever given them. Coders then decide on those codes alone, on notes of the other part, and the
model is fine-tuned on that. Old codes are judged before and after by the same dev notes.
"""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.learning_stream import Learner, fused, of_lists, ranked
from core.corpora import Lesson
from core.fusion import CombinerSettings
from core.systems import EVICODE
from core.training import FusionPlan, NetworkPlan, fuse, held_out_scores, train_network
from core.training.finetuning import Finetuning
from core.types import Code, CodeSystem, Note

NEW, BASE = 20, 350  # codes; notes the model knows before
LEAST = 5  # notes of feedback that carry a new code
EPOCHS = 10
Json = dict[str, Any]  # Any: plain JSON


def forgetting(learner: Learner, folder: Path, *, rehearse: float, seed: int) -> Json:
    """MAP on dev of old and new codes, by the network and by both, before and after."""
    train = learner.data.train
    new = new_codes(train[BASE:], seed)
    base = [without(note, new) for note in train[:BASE]]
    trained(learner, base, folder / "base")
    before = figures(learner, new)
    lessons = [each for note in train[BASE:] if (each := only(note, new)).note.annotations]
    learner.lessons = lessons
    learner.memory.decide_all((each.note, each.rejected) for each in lessons)
    how = Finetuning(
        tables=learner.tables,
        category=learner.category,
        rehearsed=base if rehearse else (),
        rehearse=rehearse,
        min_count=3,
    )
    learner.finetune(folder / f"finetuned-{rehearse}", how)
    return {
        "codes": [code.code for code in new],
        "lessons": len(lessons),
        "before": before,
        "after": figures(learner, new),
    }


def new_codes(notes: Sequence[Note], seed: int) -> tuple[Code, ...]:
    """NEW diagnoses among those that enough of these notes carry."""
    counts: Counter[Code] = Counter()
    for note in notes:
        counts.update(code for code in note.codes if code.system is CodeSystem.ICD10CM)
    enough = sorted(code for code, count in counts.items() if count >= LEAST)
    return tuple(sorted(random.Random(seed).sample(enough, NEW)))  # noqa: S311


def without(note: Note, codes: Sequence[Code]) -> Note:
    """The note as if nobody had ever given it these codes."""
    return replace(
        note, annotations=tuple(each for each in note.annotations if each.code not in codes)
    )


def only(note: Note, codes: Sequence[Code]) -> Lesson:
    """The note on which nothing but these codes was decided."""
    kept = tuple(each for each in note.annotations if each.code in codes)
    return Lesson(note=replace(note, annotations=kept))


def trained(learner: Learner, notes: Sequence[Note], folder: Path) -> None:
    """Let the learner be what whole training on these notes makes of it, decisions apart."""
    plan = NetworkPlan(
        system=EVICODE,
        vocabulary=learner.data.vocabulary,
        vectors=learner.data.drawn,
        fallback=learner.read_as,
        tables=learner.tables,
        category=learner.category,
        min_count=1,
        epochs=EPOCHS,
        seed=0,
    )
    network = train_network(notes, plan, folder=folder)
    scores = held_out_scores(notes, plan, count=3, folder=folder)
    learner.fusion, _ = fuse(
        notes,
        scores,
        FusionPlan(
            listed=learner.data.listed,
            bridge=learner.data.bridge,
            settings=CombinerSettings(),
            category=learner.category,
        ),
    )
    learner.model, learner.spaces = network.model, dict(network.spaces)
    learner.memory = learner.fusion.memory.copy()


def figures(learner: Learner, new: Sequence[Code]) -> Json:
    """Old codes are judged among old ones, new ones among all."""
    dev, scores = learner.data.dev, learner.scores(learner.data.dev)
    now = replace(learner.fusion, memory=learner.memory)
    lists = {
        "network": [ranked(scores.get(note.id)) for note in dev],
        "both": [fused(note, now, scores.get(note.id), learner.category) for note in dev],
    }
    old = [without(note, new) for note in dev]
    fresh = [only(note, new).note for note in dev]
    return {
        name: {
            "old": of_lists(old, [[c for c in codes if c not in new] for codes in found])["D"],
            "old, with new ones listed": of_lists(old, found)["D"],
            "new": of_lists(fresh, found)["D"],
            "all": of_lists(dev, found)["D"],
        }
        for name, found in lists.items()
    }
