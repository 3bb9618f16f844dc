"""Every system of the table on CodiEsp-50 and CMC, and whether MARN's blocks help there.

    python -m benchmarks.systems [--runs FOLDER] [--seeds 3] [--epochs N] [--rows A,B] [--jobs 2]

It runs the experiments of `python -m core experiment` and writes docs/benchmarks/systems.md from
what they found; a stopped benchmark goes on where it was. All rows share one recipe, scaled down to
the CPU: the page says which. BERT rows need a pretrained checkpoint and are left out.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.report import header
from core.experiments import (
    BLOCKS,
    Conduct,
    Experiment,
    Found,
    Line,
    Selection,
    Spread,
    conduct,
    costs,
    difference,
    experiment,
    failures,
    figures,
    parsed,
    preamble,
    verdict,
)
from core.systems import SYSTEMS

REPORT = Path(__file__).parents[1] / "docs" / "benchmarks" / "systems.md"
EPOCHS = {"CodiEsp-50": 10, "CMC": 20}  # CMC's notes have a tenth of the words
LEFT_OUT = ("bert_", "mdbert")
COMMON = (
    "encoder.hidden=64",
    "recipe.learning_rate=0.004",
    "recipe.decay=true",
    "recipe.batch_size=16",
    "recipe.max_length=1500",
    "recipe.monitor=MAP",
)
METRICS = ("MAP", "macro AUC", "micro F1", "micro F1, own cut")
JUDGED = ("MAP", "micro F1, own cut")  # those that do not ask for calibrated scores
Pair = tuple[str, str, Line, Line]  # block, where, with it, without


def main() -> None:
    options = _options()
    parts = [header("Every system on CodiEsp-50 and CMC", "make bench-systems"), _INTRODUCTION]
    pairs: dict[str, list[Pair]] = {}
    for name, selection in _selections(options).items():
        found = {
            each: conduct(
                experiment(each),
                _how(options, name, selection, each),
                options.runs / name,
                tell=_tell,
            )
            for each in ("table1", "encoders", "ablation")
        }
        pairs[name] = [*_added(found["encoders"]), *_taken(found["ablation"])]
        parts += [*_corpus(name, found["table1"]), *_tables(pairs[name])]
    parts.insert(2, "".join(_answers(pairs)))
    REPORT.write_text("".join(parts), encoding="utf-8")


def _selections(options: argparse.Namespace) -> dict[str, Selection]:
    """CodiEsp's 50 most frequent diagnoses; CMC, whose 45 codes are fewer than 50."""
    found = {
        "CodiEsp-50": Selection(
            corpus="codiesp", folder=str(options.dir / "codiesp"), codes="diagnoses"
        ),
        "CMC": Selection(corpus="cmc", folder=str(options.dir / "cmc2007")),
    }
    return {name: each for name, each in found.items() if name in options.corpora}


def _how(options: argparse.Namespace, corpus: str, selection: Selection, name: str) -> Conduct:
    rows = tuple(row for row in SYSTEMS if not row.startswith(LEFT_OUT))
    chosen = tuple(options.rows.split(",")) if options.rows else rows
    epochs = options.epochs or EPOCHS[corpus]
    of_blocks = tuple(row for row in experiment(name).rows if row in chosen)
    return Conduct(
        selection=selection,
        seeds=options.seeds,
        epochs=epochs,
        rows=chosen if name == "table1" else of_blocks,
        settings={**parsed(list(COMMON)), "recipe.patience": epochs},
        jobs=options.jobs,
    )


def _corpus(name: str, found: Found) -> Iterator[str]:
    """The table of one corpus: what every row reached, what failed, what it cost."""
    yield f"\n## {name}\n\n"
    yield from preamble(found.setting)
    named: Experiment = found.experiment
    for task in named.tables:
        yield f"\n### {name}, {task.upper()}\n\n"
        lines = figures(named, task, named.tables[task], found.lines)
        yield from (line for line in lines if "published only" not in line)
    for part in (*failures(found.lines), *costs(found.lines)):
        yield part.replace("\n## ", f"\n### {name}: ")


def _added(found: Found) -> Iterator[Pair]:
    """Each block on a bare encoder against the encoder alone (Fig. 8)."""
    lines = {line.cell.name: line for line in found.lines}
    for row in dict.fromkeys(line.cell.row for line in found.lines):
        for block in BLOCKS:
            yield block, f"added to `{row}` with BCE", lines[f"{row} + {block}"], lines[row]


def _taken(found: Found) -> Iterator[Pair]:
    """MARN against MARN without the block (tables 5 and 6)."""
    lines = {line.cell.name: line for line in found.lines}
    for row in dict.fromkeys(line.cell.row for line in found.lines):
        for block in BLOCKS:
            yield block, f"within `{row}`", lines[row], lines[f"{row} w/o {block}"]


def _tables(pairs: Sequence[Pair]) -> Iterator[str]:
    """What each block adds, pair by pair."""
    yield "\n### What each block adds, ICD\n\nPoints of per cent, with minus without, seed by seed:"
    yield f" mean ± sd.\n\n| block | where | seeds | {' | '.join(METRICS)} |\n"
    yield "|---|---|---|" + "---|" * len(METRICS) + "\n"
    for block, where, more, less in pairs:
        found = [difference(more, less, "icd", metric) for metric in METRICS]
        seeds = max((len(spread.values) for spread in found if spread), default=0)
        cells = " | ".join("–" if spread is None else _signed(spread) for spread in found)
        yield f"| {block} | {where} | {seeds} | {cells} |\n"


def _answers(pairs: dict[str, list[Pair]]) -> Iterator[str]:
    """Whether each block helps, in words made from the differences."""
    yield "## Do RAM, multitask and the focal loss help here?\n\n"
    names = {"MTL": "Multitask", "RAM": "RAM", "FL": "The focal loss"}
    for block in BLOCKS:
        yield f"**{names[block]}**\n\n"
        for name, of_corpus in pairs.items():
            yield from _answer(name, [pair for pair in of_corpus if pair[0] == block])
        yield "\n"
    yield (
        "A difference is told where all seeds agree in sign and their mean exceeds their standard "
        "deviation; anything else is no clear difference. With few seeds and small corpora that is "
        "weak evidence. F1 at 0.5 is not judged: the focal loss of the paper moves every score up "
        "(alpha 0.999), so that a cut at 0.5 says little of it.\n"
    )


def _answer(name: str, pairs: Sequence[Pair]) -> Iterator[str]:
    for metric in JUDGED:
        found = {
            where: spread
            for _, where, more, less in pairs
            if (spread := difference(more, less, "icd", metric)) is not None
        }
        if not found:
            yield f"- {name}, {metric}: nothing was measured.\n"
            continue
        told = {where: verdict(spread) for where, spread in found.items()}
        mean = sum(spread.mean for spread in found.values()) / len(found)
        parts = [f"- {name}, {metric}: {mean:+.1f} on average over {len(found)} pairs"]
        for words in ("better with it", "worse with it", "no clear difference"):
            where = [place for place, said in told.items() if said == words]
            if where:
                parts.append(f"{words} {len(where)} times: {', '.join(where)}")
        yield "; ".join(parts) + ".\n"


def _signed(spread: Spread) -> str:
    return f"{spread.mean:+.1f}" + ("" if spread.sd is None else f" ± {spread.sd:.1f}")


def _tell(message: str) -> None:
    sys.stderr.write(f"{message}\n")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    shared = Path(__file__).parents[2] / "shared" / "data"
    parser.add_argument("--dir", type=Path, default=shared, help="folder of the corpora")
    parser.add_argument("--runs", type=Path, default=Path("build") / "systems")
    parser.add_argument("--corpora", nargs="*", default=["CodiEsp-50", "CMC"])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, help=f"default: {EPOCHS}")
    parser.add_argument("--rows", help="rows of the systems table, with commas between them")
    parser.add_argument("--jobs", type=int, default=2)
    return parser.parse_args()


_INTRODUCTION = (
    "Every row of the systems table with one recipe, which compares bricks and not papers: "
    f"`{' '.join(COMMON)}`, where a row has the setting. Encoders are narrower (64 a direction "
    "where the papers have 256 to 300), notes are cut at 1,500 words, the learning rate is one for "
    "all and falls to nothing over the epochs; the epoch with the best MAP on notes set aside from "
    "train is kept. Both corpora are a hundredth of MIMIC-III, and CodiEsp is in Spanish: the "
    "published figures beside ours show what the papers report, not a goal.\n\n"
)


if __name__ == "__main__":
    main()
