"""`python -m core experiment`: rows x seeds on a corpus in, one report out; resumable."""

import argparse
import sys

import torch

from core.commands.data import tell
from core.errors import BadSettings
from core.experiments import Conduct, Selection, conduct, experiment, parsed


def run_experiment(options: argparse.Namespace) -> int:
    """Do what is not done yet and write NAME.md, NAME.html, NAME-figures.csv and NAME-costs.csv."""
    named = experiment(options.name)
    if options.out.exists() and not options.out.is_dir():
        raise BadSettings(f"{options.out} is a file; name a folder with --out")
    if options.device.startswith("cuda") and not torch.cuda.is_available():
        raise BadSettings("--device cuda: this machine has no CUDA device; use --device cpu")
    if options.bert and not options.bert.is_dir():
        raise BadSettings(f"--bert {options.bert}: there is no such folder")
    top = named.top if options.top is None else options.top or None
    selection = Selection(
        corpus=options.corpus,
        folder=str(options.dir.resolve()),
        language=options.language,
        top=top,
        codes=options.codes,
        texts=tuple(str(path.resolve()) for path in options.text),
        vector_epochs=options.vector_epochs,
    )
    how = Conduct(
        selection=selection,
        seeds=options.seeds,
        epochs=options.epochs,
        rows=_listed(options.rows),
        values=_numbers(options.values),
        settings=parsed(options.set),
        device=options.device,
        threads=options.threads,
        jobs=options.jobs,
        bert=str(options.bert.resolve()) if options.bert else "",
    )
    found = conduct(named, how, options.out, tell=tell, only_report=options.report_only)
    sys.stdout.write((options.out / f"{named.name}.md").read_text(encoding="utf-8"))
    failed = sum(bool(o.failure) for line in found.lines for o in line.outcomes.values())
    if failed:
        tell(f"{failed} runs failed; the report says why, and the same command tries them again")
    tell(f"wrote {options.out / named.name}.md, .html, -figures.csv and -costs.csv")
    return 0


def _listed(text: str | None) -> tuple[str, ...] | None:
    return None if text is None else tuple(name for name in text.split(",") if name)


def _numbers(text: str | None) -> tuple[float, ...] | None:
    try:
        return None if text is None else tuple(float(value) for value in text.split(","))
    except ValueError:
        raise BadSettings(f"--values {text!r}: give numbers, such as 0.25,0.5") from None
