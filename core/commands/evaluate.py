"""`python -m core evaluate`: the metrics of a checkpoint on one split of a corpus."""

import argparse
import json
import sys
from pathlib import Path

from core.checkpoints import load_checkpoint
from core.codes import shared_tables
from core.commands.data import examples_of, tell, tell_problems
from core.commands.report import table
from core.commands.writing import write_whole
from core.corpora import load
from core.errors import BadFile
from core.inference import shipped_checkpoint
from core.text import fallback
from core.training import figures, score


def evaluate(options: argparse.Namespace) -> int:
    """Print every task's figures and write them as JSON."""
    checkpoint = load_checkpoint(
        Path(options.checkpoint or shipped_checkpoint()), device=options.device
    )
    corpus = load(options.corpus, options.dir, split=options.split, language=options.language)
    tell_problems(corpus)
    examples = examples_of(
        corpus.notes,
        vocabulary=checkpoint.vocabulary,
        spaces=checkpoint.spaces,
        max_length=checkpoint.max_length,
        fallback=fallback(checkpoint.fallback, checkpoint.vocabulary),
    )
    if not any(note.codes for note in examples.notes):
        raise BadFile(f"no note of split {corpus.split!r} carries a code; nothing to compare with")
    found = figures(
        score(checkpoint.model, examples),
        examples,
        checkpoint.spaces,
        thresholds=checkpoint.thresholds,
        category=shared_tables().category,
    )
    report = {
        "checkpoint": checkpoint.hash,
        "name": checkpoint.name,
        "corpus": corpus.name,
        "split": corpus.split,
        "language": options.language,
        "notes": len(examples.ids),
        "problems": len(corpus.problems),
        "outside": {task: int(missed.sum()) for task, missed in examples.missed.items()},
        "figures": found,
    }
    options.out.parent.mkdir(parents=True, exist_ok=True)
    write_whole(options.out, json.dumps(report, indent=1) + "\n")
    sys.stdout.write(
        f"{checkpoint.name} ({checkpoint.hash[:12]}) on {corpus.name} {corpus.split}, "
        f"{len(examples.ids)} notes\n{table(found)}\n"
    )
    tell(f"wrote {options.out}")
    return 0
