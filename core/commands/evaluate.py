"""`python -m core evaluate`: the metrics of a checkpoint on one split of a corpus."""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.checkpoints import Checkpoint, load_checkpoint
from core.codes import Status, shared_tables
from core.commands.data import examples_of, tell, tell_problems
from core.commands.report import fused_table, table
from core.commands.writing import write_whole
from core.corpora import load
from core.errors import BadFile
from core.inference import Coder, fused_figures, shipped_checkpoint
from core.text import fallback
from core.training import figures, score
from core.types import Note


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
    fused = (
        fused_figures(Coder(checkpoint, shared_tables()), examples.notes)
        if checkpoint.fusion
        else {}
    )
    not_valid = _not_valid(examples.notes)
    report: dict[str, Any] = {  # Any: plain JSON
        "checkpoint": checkpoint.hash,
        "name": checkpoint.name,
        "corpus": corpus.name,
        "split": corpus.split,
        "language": options.language,
        "notes": len(examples.ids),
        "problems": [*corpus.problems, *examples.problems],
        "outside": {task: int(missed.sum()) for task, missed in examples.missed.items()},
        "outside_codes": _outside(examples.notes, checkpoint),
        "not_valid_codes": not_valid,
        "figures": found,
        "fused": fused,
    }
    options.out.parent.mkdir(parents=True, exist_ok=True)
    write_whole(options.out, json.dumps(report, indent=1) + "\n")
    sys.stdout.write(
        f"{checkpoint.name} ({checkpoint.hash[:12]}) on {corpus.name} {corpus.split}, "
        f"{len(examples.ids)} notes\n{table(found)}\n"
    )
    if fused:
        sys.stdout.write(f"network and memory, cut at 0.5:\n{fused_table(fused)}\n")
    for task, missed in report["outside"].items():
        tell(f"{task}: {missed} gold codes are outside the label space; 'all gold' misses them")
    if not_valid:
        tell(f"{len(not_valid)} different gold codes are not valid today; they count as they are")
    tell(f"wrote {options.out}")
    return 0


def _outside(notes: Sequence[Note], checkpoint: Checkpoint) -> dict[str, int]:
    """Gold codes that the checkpoint does not rank, and how many notes carry each."""
    space = checkpoint.spaces["icd"]
    missed = Counter(code for note in notes for code in note.codes if code not in space)
    return {str(code): missed[code] for code in sorted(missed)}


def _not_valid(notes: Sequence[Note]) -> dict[str, str]:
    """Gold codes that nobody could report today: headers, retired, cut short, or unknown."""
    tables = shared_tables()
    found = {code: tables.status(code) for code in {c for note in notes for c in note.codes}}
    return {
        str(code): found[code].value for code in sorted(found) if found[code] is not Status.VALID
    }
