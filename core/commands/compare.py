"""`python -m core compare`: two checkpoints on the same notes, by how much they differ."""

import argparse
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tqdm import tqdm

from core.commands.data import tell, tell_problems
from core.commands.writing import write_whole
from core.comparing import Case, compare, of_corpus, of_lessons
from core.comparing.words import table, verdict
from core.corpora import load, read_feedback
from core.errors import BadSettings
from core.inference import Coder

Json = dict[str, Any]  # Any: plain JSON


def compare_checkpoints(options: argparse.Namespace) -> int:
    """Print figures, codes and verdict; with --out, write all of it as JSON."""
    cases, number, source = _cases(options)
    a, b = (Coder.load(each, device=options.device) for each in (options.checkpoint, options.other))
    with tqdm(total=number, unit=" notes", disable=not sys.stderr.isatty()) as bar:
        found = compare(a, b, cases, seed=options.seed, progress=lambda _: _tell(bar))
    for line in table(found):
        sys.stdout.write(f"{line}\n")
    sys.stdout.write(f"\n{verdict(found)}\n")
    if options.out is not None:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        write_whole(options.out, json.dumps({"on": source, **found.to_json()}, indent=1) + "\n")
        tell(f"wrote {options.out}")
    return 0


def _cases(options: argparse.Namespace) -> tuple[Iterable[Case], int, Json]:
    """The notes, how many they are at most, and what they are called."""
    if (options.feedback is None) == (options.corpus is None):
        raise BadSettings("name what to compare on: --feedback FILE, or --corpus with --dir")
    if options.feedback is not None:
        lessons, problems = read_feedback(options.feedback)
        for problem in problems:
            tell(problem)
        return of_lessons(lessons), len(lessons), {"feedback": Path(options.feedback).name}
    if options.dir is None:
        raise BadSettings("--corpus needs --dir, its folder")
    corpus = load(options.corpus, options.dir, split=options.split, language=options.language)
    tell_problems(corpus)
    on = {"corpus": corpus.name, "split": corpus.split, "language": options.language}
    return of_corpus(corpus.notes), len(corpus.notes), on


def _tell(bar: "tqdm[None]") -> None:
    bar.update(1)
