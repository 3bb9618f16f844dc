"""Training one network on notes: label spaces, phrases, start, loop; and its scores of others."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.assembly import Model, assemble
from core.codes import CodeTables
from core.corpora import Category, label_spaces
from core.errors import BadSettings
from core.fusion import NetworkScores
from core.knowledge import gather
from core.memory import Phrase, evidence_phrases, listed_phrases
from core.parts import Knowledge
from core.systems import System
from core.text import Fallback, Tokenizer
from core.training.examples import Examples, examples
from core.training.fusing import folds, origin
from core.training.loop import Plan, Trained, score, train
from core.training.phrase_texts import phrase_notes
from core.training.start import start_from_phrases, start_from_pretrained, start_from_priors
from core.types import Code, CodeSpace, CodeSystem, Note

Watching = Callable[[Model, Mapping[str, CodeSpace]], dict[str, float]]


@dataclass(frozen=True, kw_only=True)
class NetworkPlan:
    """What a network is made from besides notes."""

    system: System
    vocabulary: Tokenizer
    vectors: NDArray[np.float32]
    fallback: Fallback | None
    tables: CodeTables
    category: Category  # also of categories, which are their own
    min_count: int
    labels: tuple[Code, ...] = ()  # the label space; empty: codes that min_count notes carry
    epochs: int
    seed: int
    device: str = "cpu"
    texts: Mapping[Code, str] = field(default_factory=dict)  # the user's own, on codes
    encoder: Mapping[str, Tensor] = field(default_factory=dict)  # pretrained weights, by name


@dataclass(frozen=True, kw_only=True)
class Network:
    """A trained network and what it ranks."""

    model: Model
    spaces: Mapping[str, CodeSpace]
    trained: Trained


def train_network(
    notes: Sequence[Note],
    plan: NetworkPlan,
    *,
    folder: Path,
    watch: Watching | None = None,
    overwrite: bool = False,
) -> Network:
    """Train on these notes alone; goes on from `folder` after a kill."""
    recipe = plan.system.recipe
    spaces = {
        task: space
        for task, space in label_spaces(
            notes, min_count=plan.min_count, category=plan.category, labels=plan.labels
        ).items()
        if task in plan.system.tasks
    }
    learnt = read(notes, plan, spaces)
    phrases = _phrases(notes, plan, spaces)
    model = _started(plan, spaces, learnt, phrases).to(plan.device)
    trained = train(
        model,
        Plan(system=plan.system, seed=plan.seed, epochs=plan.epochs, data=_digest(notes, plan)),
        learnt,
        watch=None if watch is None else lambda model: watch(model, spaces),
        folder=folder,
        more=None
        if not recipe.phrase_texts
        else lambda epoch: read(
            phrase_notes(phrases, texts=recipe.phrase_texts, seed=plan.seed, epoch=epoch),
            plan,
            spaces,
        ),
        overwrite=overwrite,
    )
    return Network(model=model, spaces=spaces, trained=trained)


def held_out_scores(
    notes: Sequence[Note], plan: NetworkPlan, *, count: int, folder: Path, overwrite: bool = False
) -> dict[str, NetworkScores]:
    """For every note, the scores of a network that saw neither it nor its translation."""
    parts = folds(notes, count, seed=plan.seed)
    scores: dict[str, NetworkScores] = {}
    for fold in range(count):
        network = train_network(
            [note for note in notes if parts[origin(note)] != fold],
            plan,
            folder=folder / f"fold-{fold + 1}-of-{count}",
            overwrite=overwrite,
        )
        scores |= scores_of([note for note in notes if parts[origin(note)] == fold], network, plan)
    return scores


def scores_of(
    notes: Sequence[Note], network: Network, plan: NetworkPlan
) -> dict[str, NetworkScores]:
    """The network's logits for each note that has words, by note id."""
    return by_note(network.model, read(notes, plan, network.spaces), network.spaces)


def by_note(
    model: Model, seen: Examples, spaces: Mapping[str, CodeSpace]
) -> dict[str, NetworkScores]:
    """A model's logits for notes as it reads them, by note id."""
    found = {task: scored.double().logit(eps=1e-9) for task, scored in score(model, seen).items()}
    return {
        note.id: NetworkScores(
            **{task: _by_code(found, spaces, task, row) for task in ("icd", "ccs")}
        )
        for row, note in enumerate(seen.notes)
    }


def read(notes: Sequence[Note], plan: NetworkPlan, spaces: Mapping[str, CodeSpace]) -> Examples:
    """Notes as the network reads them."""
    return examples(
        notes,
        plan.vocabulary,
        spaces,
        category=plan.category,
        max_length=plan.system.recipe.max_length,
        fallback=plan.fallback,
    )


def own_category(category: Category) -> Category:
    """The same, but a category is its own: titles of categories are phrases of theirs."""
    kinds = (CodeSystem.CCS, CodeSystem.CCSPROC, CodeSystem.CCSR)
    return lambda code: code if code.system in kinds else category(code)


def _by_code(
    found: Mapping[str, Tensor], spaces: Mapping[str, CodeSpace], task: str, row: int
) -> dict[Code, float]:
    if task not in found:
        return {}
    return dict(zip(spaces[task], found[task][row].tolist(), strict=True))


def _phrases(
    notes: Sequence[Note], plan: NetworkPlan, spaces: Mapping[str, CodeSpace]
) -> list[Phrase]:
    recipe = plan.system.recipe
    if not (recipe.phrase_texts or recipe.titled_start):
        return []
    return evidence_phrases(notes) + listed_phrases(plan.tables, spaces["icd"].codes)


def _started(
    plan: NetworkPlan, spaces: Mapping[str, CodeSpace], learnt: Examples, phrases: Sequence[Phrase]
) -> Model:
    without = [task for task, space in spaces.items() if not len(space)]
    if without:
        raise BadSettings(
            f"row {plan.system.name!r} ranks tasks {list(plan.system.tasks)}, but there are no "
            f"codes for {without}; lower the minimum count or choose a single-task row."
        )
    model = assemble(
        plan.system,
        vocabulary_size=len(plan.vocabulary),
        labels={task: len(space) for task, space in spaces.items()},
        vectors=torch.from_numpy(plan.vectors),
        knowledge=_knowledge(plan, spaces, learnt),
        seed=plan.seed,
    )
    if plan.encoder:
        start_from_pretrained(model, plan.encoder)
    if plan.system.recipe.titled_start:
        start_from_priors(model, learnt.targets)
        start_from_phrases(
            model,
            phrases,
            spaces,
            vocabulary=plan.vocabulary,
            category=plan.category,
            fallback=plan.fallback,
        )
    return model


def _knowledge(
    plan: NetworkPlan, spaces: Mapping[str, CodeSpace], learnt: Examples
) -> dict[str, Knowledge]:
    """What the row needs to know about the codes of each task."""
    if plan.system.knowledge is None:
        return {}
    return {
        task: gather(
            plan.system.knowledge,
            space,
            tables=plan.tables,
            texts=plan.texts,
            vocabulary=plan.vocabulary,
            fallback=plan.fallback,
            targets_NL=learnt.targets[task],
        )
        for task, space in spaces.items()
    }


def _digest(notes: Sequence[Note], plan: NetworkPlan) -> str:
    """Changes when anything the network learns from changes."""
    summed = hashlib.sha256()
    for note in notes:
        marks = ";".join(sorted(f"{a.code} {a.evidence}" for a in note.annotations))
        summed.update("\0".join((note.id, note.text, marks, "")).encode("utf-8", "surrogatepass"))
    summed.update("\0".join(plan.vocabulary.words).encode("utf-8", "surrogatepass"))
    summed.update(f"{plan.min_count}{''.join(map(str, plan.labels))}".encode())
    summed.update(plan.vectors.tobytes())
    for code, text in sorted(plan.texts.items()):
        summed.update(f"{code}\0{text}\0".encode("utf-8", "surrogatepass"))
    for name, part in sorted(plan.encoder.items()):
        summed.update(name.encode() + part.numpy().tobytes())
    return summed.hexdigest()
