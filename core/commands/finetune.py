"""`python -m core finetune`: a checkpoint and feedback in, a checkpoint that has learned it out."""

import argparse
import hashlib
from dataclasses import replace
from functools import cache
from typing import Any

from core.checkpoints import Checkpoint, load_checkpoint, save_checkpoint
from core.codes import shared_tables
from core.commands.data import tell, tell_problems
from core.commands.train import UNFINISHED, check_out
from core.corpora import load, read_feedback
from core.errors import BadSettings
from core.inference import shipped_checkpoint
from core.text import fallback
from core.training import own_category
from core.training.finetuning import Finetuned, Finetuning, Starting, finetune
from core.training.progress import Phase, ProgressFile
from core.types import Note

Json = dict[str, Any]  # Any: plain JSON


def run_finetune(options: argparse.Namespace) -> int:
    """Fine-tune, save the checkpoint at once; resume after a kill."""
    progress = ProgressFile(path=options.progress)
    with progress.told_how_it_ends():
        return _finetune(options, progress)


def _finetune(options: argparse.Namespace, progress: ProgressFile) -> int:
    check_out(options)
    if options.epochs < 1 or options.min_count < 1 or options.learning_rate <= 0:
        raise BadSettings("--epochs and --min-count are at least 1, --learning-rate is above 0")
    lessons, problems = read_feedback(options.feedback)
    for problem in problems:
        tell(problem)
    progress.phase(Phase.READING)
    parent = load_checkpoint(options.checkpoint or shipped_checkpoint(), device=options.device)
    if parent.metrics.get("lineage"):
        tell(
            f"{parent.name} was fine-tuned before: if this feedback holds what it learned then, "
            "start from its first parent"
        )
    rehearsed = _rehearsed(options)
    tell(f"{len(lessons)} notes of feedback, {len(rehearsed)} whole charts to rehearse")
    progress.phase(Phase.PREPARING)
    found = finetune(
        _start(parent),
        lessons,
        Finetuning(
            tables=shared_tables(),
            category=cache(own_category(shared_tables().category)),
            rehearsed=rehearsed,
            rehearse=options.rehearse,
            min_count=options.min_count,
            learning_rate=options.learning_rate,
            epochs=options.epochs,
            seed=options.seed,
        ),
        folder=options.out / UNFINISHED,
        told=progress.learned,
    )
    progress.phase(Phase.SAVING)
    checkpoint = _checkpoint(parent, found, options, lessons=len(lessons))
    saved = save_checkpoint(checkpoint, options.out, overwrite=True)
    learned = ", ".join(f"{len(codes)} new {task}" for task, codes in found.new.items())
    tell(f"saved {options.out} ({saved[:12]}); learned {learned} codes")
    return 0


def _rehearsed(options: argparse.Namespace) -> tuple[Note, ...]:
    """Whole charts: of the corpus, and those of the file `db export --format corpus` wrote."""
    if options.corpus is not None and options.dir is None:
        raise BadSettings("--corpus needs --dir, its folder")
    charts = [("jsonl", options.charts, None)] if options.charts else []
    base = [(options.corpus, options.dir, "train")] if options.corpus else []
    notes: dict[str, Note] = {}
    for name, folder, split in (*charts, *base):
        corpus = load(name, folder, split=split, language=options.language)
        tell_problems(corpus)
        notes |= {note.id: note for note in corpus.notes}
    return tuple(notes.values())


def _start(parent: Checkpoint) -> Starting:
    return Starting(
        model=parent.model,
        spaces=parent.spaces,
        vocabulary=parent.vocabulary,
        fallback=fallback(parent.fallback, parent.vocabulary),
        max_length=parent.max_length,
        name=parent.hash,
        fusion=parent.fusion,
    )


def _checkpoint(
    parent: Checkpoint, found: Finetuned, options: argparse.Namespace, *, lessons: int
) -> Checkpoint:
    """The parent with the network and the combiner that have learned; memory is the parent's.

    What coders decided memory learns from the database, each decision once and at once (decision
    8); here it would be counted a second time.
    """
    lineage: Json = {
        "parent": parent.hash,
        "feedback": hashlib.sha256(options.feedback.read_bytes()).hexdigest(),
        "lessons": lessons,
        "rehearsed": " and ".join(filter(None, (options.charts and "charts", options.corpus))),
        "settings": {
            name: getattr(options, name)
            for name in ("epochs", "learning_rate", "min_count", "rehearse", "seed")
        },
        "new_codes": {task: list(map(str, codes)) for task, codes in found.new.items()},
        "history": found.trained.history,
    }
    past = [*parent.metrics.get("lineage", []), lineage]
    return replace(
        parent,
        name=options.out.resolve().name,
        model=found.model,
        spaces=found.spaces,
        fusion=found.fusion,
        metrics={**parent.metrics, "lineage": past},
        card=parent.card + _said(lineage, parent),
    )


def _said(lineage: Json, parent: Checkpoint) -> str:
    new = ", ".join(f"{len(codes)} {task}" for task, codes in lineage["new_codes"].items())
    rehearsed = lineage["rehearsed"]
    return f"""

## Fine-tuned

From {parent.name} ({parent.hash[:12]}) on {lineage["lessons"]} notes of coders' feedback
({lineage["feedback"][:12]}), {f"rehearsing {rehearsed}" if rehearsed else "rehearsing nothing"};
new codes: {new}. The figures above are the parent's.
"""
