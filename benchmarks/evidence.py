"""How far evidence can be trusted: every explanation method on CodiEsp dev, Spanish.

    python -m benchmarks.evidence --checkpoint fused=FOLDER --checkpoint plain=FOLDER ...
        [--notes N] [--codes-per-note N] [--methods A B] [--slow-notes N] [--removal unknown]

Checkpoints must have been trained on train alone; those in the folder "checkpoints" of the runs
folder are measured if none is named. Whatever is measured stands in files of the runs folder and is
not measured again; docs/benchmarks/evidence.md is written from them. They are named by checkpoint
and method: after a change of a method's code, delete its files.
"""

import argparse
import os
from pathlib import Path

import torch

from benchmarks.evidence_figures import Results
from benchmarks.evidence_picture import example
from benchmarks.evidence_report import page
from benchmarks.evidence_runs import REMOVALS, Bounds, Subject, dev_notes, measure

REPORT = Path(__file__).parents[1] / "docs" / "benchmarks" / "evidence.md"
SLOW = (
    *("integrated_gradients", "gradient_shap", "occlusion"),
    *("kernel_shap", "kernel_shap_sentences"),
)


def main() -> None:
    options = _options()
    torch.set_num_threads(options.threads)
    bounds = Bounds(
        notes=options.notes,
        codes=options.codes_per_note,
        slow=tuple(options.slow),
        slow_notes=options.slow_notes,
        faithful_notes=options.faithful_notes,
        faithful_codes=options.faithful_codes,
        stable_notes=options.stable_notes,
        removal=options.removal,
    )
    notes = dev_notes(options.dir, bounds.notes)
    results = []
    for name, folder in options.checkpoint or _trained(options.runs):
        subject = Subject.load(name, folder, options.runs)
        methods = [m for m in subject.methods if not options.methods or m in options.methods]
        measure(subject, notes, bounds, methods)
        results.append(Results.of(subject, notes, bounds, methods))
    text = page(
        results,
        notes,
        example=example(results, notes),
        pictures=options.report.with_suffix(""),
    )
    options.report.parent.mkdir(parents=True, exist_ok=True)
    options.report.write_text("".join(text), encoding="utf-8")


def _trained(runs: Path) -> list[tuple[str, Path]]:
    """The checkpoints that wait in the runs folder, by the names of their folders."""
    found = [path.parent for path in sorted(runs.glob("checkpoints/*/spec.json"))]
    if not found:
        raise SystemExit(
            f"no checkpoint stands in {runs / 'checkpoints'}; train some on train alone and put "
            "them there, or name them with --checkpoint NAME=FOLDER"
        )
    return [(folder.name, folder) for folder in found]


def _named(given: str) -> tuple[str, Path]:
    name, _, folder = given.partition("=")
    if not name or not folder:
        raise argparse.ArgumentTypeError(f"{given!r} is not NAME=FOLDER")
    return name, Path(folder)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    shared = Path(__file__).parents[2] / "shared" / "data"
    parser.add_argument("--checkpoint", type=_named, action="append", help="NAME=FOLDER")
    parser.add_argument("--dir", type=Path, default=shared / "codiesp")
    parser.add_argument("--runs", type=Path, default=Path("build") / "evidence")
    parser.add_argument("--report", type=Path, default=REPORT)
    parser.add_argument("--notes", type=int, help="default: all 250")
    parser.add_argument("--codes-per-note", type=int, help="default: all")
    parser.add_argument("--methods", nargs="*", help="default: all there are")
    parser.add_argument("--slow", nargs="*", default=list(SLOW), help="methods on fewer notes")
    parser.add_argument("--slow-notes", type=int, default=Bounds.slow_notes)
    parser.add_argument("--faithful-notes", type=int, default=Bounds.faithful_notes)
    parser.add_argument("--faithful-codes", type=int, default=Bounds.faithful_codes)
    parser.add_argument("--stable-notes", type=int, default=Bounds.stable_notes)
    parser.add_argument("--removal", choices=list(REMOVALS), default=Bounds.removal)
    parser.add_argument("--threads", type=int, default=int(os.environ.get("OMP_NUM_THREADS", "1")))
    return parser.parse_args()


if __name__ == "__main__":
    main()
