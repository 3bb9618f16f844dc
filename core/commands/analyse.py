"""`python -m core analyse`: the papers' pictures for checkpoints, a corpus and runs."""

import argparse
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from core.analysis import SCORED, Material, Subject, analyse, files, read_runs, scored
from core.checkpoints import load_checkpoint
from core.codes import shared_tables
from core.commands.data import SHOWN, tell, tell_problems
from core.commands.writing import write_whole
from core.corpora import Corpus, load, splits
from core.errors import BadSettings
from core.inference import shipped_checkpoint


def draw(options: argparse.Namespace) -> int:
    """Write index.html, summary.md, and a page and a CSV for each picture."""
    if (options.corpus is None) != (options.dir is None):
        raise BadSettings("--corpus and --dir belong together: name both or neither")
    material = _material(options)
    results = analyse(material, options.only)
    made = files(results, heading="Analyses", facts=_facts(material, options.corpus))
    options.out.mkdir(parents=True, exist_ok=True)
    for name, text in made.items():
        write_whole(options.out / name, text)
    for result in results:
        if result.figure is None:
            tell(f"not drawn: {result.title}. {' '.join(result.notes)}")
    tell(f"wrote {options.out / 'index.html'}")
    return 0


def _material(options: argparse.Namespace) -> Material:
    material = Material(
        tables=shared_tables(),
        subjects=_subjects(options),
        chosen=tuple(options.category),
        runs=read_runs(options.runs) if options.runs else None,
    )
    if options.corpus is None:
        return material
    corpus, counted = _notes(options)
    scores = not options.only or any(name in SCORED for name in options.only)
    return replace(
        material,
        subjects=tuple(_scored(subject, corpus, material) for subject in material.subjects)
        if scores
        else material.subjects,
        notes=corpus.notes,
        counted=counted.notes,
        scored_in=corpus.split,
        counted_in=counted.split,
    )


def _subjects(options: argparse.Namespace) -> tuple[Subject, ...]:
    """The checkpoints asked for; the shipped one where nothing says what to look at."""
    folders: Sequence[Path] = options.checkpoint or []
    if not folders and (options.corpus or not options.runs):
        folders = [shipped_checkpoint()]
    checkpoints = [load_checkpoint(folder, device=options.device) for folder in folders]
    times = Counter(checkpoint.name for checkpoint in checkpoints)
    return tuple(
        Subject(
            name=f"{c.name} {c.hash[:6]}" if times[c.name] > 1 else c.name,
            checkpoint=c,
        )
        for c in checkpoints
    )


def _notes(options: argparse.Namespace) -> tuple[Corpus, Corpus]:
    """The split that is scored, and the one codes are counted in: train where there is one."""
    corpus = load(options.corpus, options.dir, split=options.split, language=options.language)
    tell_problems(corpus)
    if corpus.split == "train" or "train" not in splits(options.corpus, options.dir):
        return corpus, corpus
    return corpus, load(options.corpus, options.dir, split="train", language=options.language)


def _scored(subject: Subject, corpus: Corpus, material: Material) -> Subject:
    tell(f"scoring {len(corpus.notes)} notes with {subject.name}")
    found = scored(subject.checkpoint, corpus.notes, material.tables)
    for problem in found.problems[:SHOWN]:
        tell(f"left out: {problem}")
    return replace(subject, scored=found)


def _facts(material: Material, corpus: str | None) -> list[str]:
    facts = [
        f"Checkpoint {subject.name} ({subject.checkpoint.hash[:12]}), row "
        f"{subject.checkpoint.system.name}, trained with {subject.loss}."
        for subject in material.subjects
    ]
    if corpus:
        facts.append(
            f"Corpus {corpus}: {len(material.notes)} notes of split {material.scored_in!r} scored, "
            f"codes counted in {len(material.counted)} notes of split {material.counted_in!r}."
        )
    if material.runs is not None:
        names = ", ".join(material.runs["experiment"].unique())
        facts.append(f"Runs of experiments: {names}.")
    return facts
