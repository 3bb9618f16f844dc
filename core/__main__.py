"""The command line: `python -m core COMMAND`. Contract: README, "Command line"."""

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.errors import EvicodeError
from core.settings import settings

CORPORA = ("cmc", "codiesp", "jsonl")
CATEGORIES = "EVICODE_CCS_PROCEDURES"
EXPERIMENTS = (
    *("table1", "full", "ccs", "ccs_full"),
    *("ablation", "encoders", "alpha", "gamma", "lambda"),
)


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 when it did its work, 2 with one line on stderr when it could not."""
    options = build_parser().parse_args(arguments)
    try:
        with _categories_of(options):
            return _run(options)
    except (EvicodeError, OSError) as error:
        process = f" (process {os.environ['RANK']})" if "RANK" in os.environ else ""  # of torchrun
        print(f"evicode{process}: {error}", file=sys.stderr)
        return 2


def build_parser() -> argparse.ArgumentParser:
    """All commands and their options."""
    parser = argparse.ArgumentParser(prog="python -m core", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    _add_ingest(commands.add_parser("ingest", help="a MIMIC release -> corpora to train on"))
    _add_train(commands.add_parser("train", help="train a row of the systems table"))
    _add_finetune(commands.add_parser("finetune", help="teach a checkpoint what coders decided"))
    _add_evaluate(commands.add_parser("evaluate", help="metrics of a checkpoint on a corpus"))
    _add_compare(commands.add_parser("compare", help="two checkpoints on the same notes"))
    _add_analyse(commands.add_parser("analyse", help="the papers' pictures for checkpoints"))
    _add_suggest(commands.add_parser("suggest", help="suggestions for a file of notes"))
    _add_experiment(commands.add_parser("experiment", help="rows x seeds on a corpus, one report"))
    commands.add_parser("systems", help="list the rows of the systems table")
    return parser


def _add_train(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("row", metavar="ROW", help="a row of the systems table; see `systems`")
    _add_corpus(parser)
    add("--out", type=Path, required=True, metavar="CHECKPOINT", help="folder to write")
    add("--seed", type=int, default=0)
    add("--device", default="cpu", help="cpu or cuda")
    add("--threads", type=int, help="CPU threads")
    add("--epochs", type=int, default=100, help="at most")
    add("--min-count", type=int, default=3, help="notes a code needs to enter the label space")
    add("--text", type=Path, action="append", default=[], metavar="PATH", help="unlabelled text")
    add("--vector-epochs", type=int, default=5, help="passes of word2vec over all text")
    add("--bert", type=Path, metavar="DIR", help="BERT rows: a local Hugging Face checkpoint")
    add("--hidden", type=int, help="width of the encoder per direction (default: the row's)")
    add("--batch-size", type=int, help="notes a step (default: the row's)")
    add("--accumulate", type=int, help="parts a step is computed in, to save memory (default: 1)")
    add("--learning-rate", type=float, help="default: the row's")
    add("--max-length", type=int, help="tokens read of a note (default: the row's)")
    add("--patience", type=int, help="epochs without a better dev P@k (default: the row's)")
    add("--dropout", type=float, help="dropout throughout (default: the row's)")
    add("--fallback", default="nearest", help="how unknown words are read")
    add("--abbreviations", type=Path, metavar="PATH", help="tables of abbreviations and senses")
    add("--knowledge", type=Path, metavar="FILE", help="texts on codes: CSV system,code,text")
    add("--with-dev", action="store_true", help="once measured on dev, learn from it too")
    add("--overwrite", action="store_true", help="start afresh in a folder that is not empty")


def _add_ingest(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("release", choices=("mimic3", "mimic4"))
    add("dir", type=Path, metavar="DIR", help="its tables, .csv or .csv.gz")
    add("--out", type=Path, required=True, metavar="FOLDER", help="folder to write")
    add("--notes", type=Path, metavar="DIR", help="MIMIC-IV's note module, if it lies elsewhere")
    add("--version", choices=("9", "10"), help="of ICD, for mimic4")
    add("--splits", type=Path, metavar="DIR", help="CAML's *_hadm_ids.csv; default: a draw")
    add("--seed", type=int, default=0, help="of the draw of patients")
    add(
        "--ccs",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="HCUP's $prref, $dxref",
    )
    add("--top", type=int, default=50, help="codes of the smaller label space")
    add("--overwrite", action="store_true", help="replace an earlier ingest")


def _add_evaluate(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--checkpoint", type=Path, metavar="C", help="default: the shipped one")
    _add_corpus(parser)
    add("--split", help="default: dev, or the only one there is")
    add("--out", type=Path, default=Path("evaluation.json"), help="file to write (JSON)")
    add("--device", default="cpu", help="cpu or cuda")


def _add_compare(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--checkpoint", type=Path, metavar="A", help="default: the shipped one")
    add(
        "--with", dest="other", type=Path, required=True, metavar="B", help="what A is held against"
    )
    add("--feedback", type=Path, metavar="FILE", help="decisions that neither learned from, JSONL")
    _add_corpus(parser, required=False)
    add("--split", help="default: dev, or the only one there is")
    add("--out", type=Path, metavar="FILE", help="file to write (JSON), with every code")
    add("--seed", type=int, default=0, help="of the intervals")
    add("--device", default="cpu", help="cpu or cuda")


def _add_finetune(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--checkpoint", type=Path, metavar="C", help="what is fine-tuned; default: the shipped one")
    add("--feedback", type=Path, required=True, metavar="FILE", help="decisions, JSONL")
    add("--out", type=Path, required=True, metavar="CHECKPOINT", help="folder to write")
    _add_corpus(parser, required=False)  # rehearsed
    add("--charts", type=Path, metavar="FILE", help="finished charts, rehearsed too (JSONL)")
    add("--rehearse", type=float, default=1.0, help="rehearsed charts for each note, an epoch")
    add("--min-count", type=int, default=3, help="notes a new code needs")
    add("--epochs", type=int, default=5)
    add("--learning-rate", type=float, default=1e-3)
    add("--seed", type=int, default=0)
    add("--device", default="cpu", help="cpu or cuda")
    add("--overwrite", action="store_true", help="replace a checkpoint that is there")
    add("--progress", type=Path, metavar="FILE", help="where to say how far it is (JSON)")


def _add_analyse(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--checkpoint", type=Path, nargs="+", action="extend", metavar="C", help="default: shipped")
    _add_corpus(parser, required=False)
    add("--split", help="notes to score; default: dev, or the only one there is")
    add("--runs", type=Path, nargs="+", metavar="FOLDER", help="what `experiment` wrote")
    add("--out", type=Path, required=True, metavar="FOLDER", help="folder to write")
    add("--only", nargs="+", default=[], metavar="NAME", help="draw only these; see the README")
    add("--category", nargs="+", default=[], metavar="CODE", help="CCS codes to look at closely")
    add("--device", default="cpu", help="cpu or cuda")


def _add_suggest(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--in",
        dest="source",
        type=Path,
        required=True,
        metavar="FILE",
        help="notes: .jsonl, .parquet",
    )
    add_scoring(parser)


def add_scoring(parser: argparse.ArgumentParser) -> None:
    """How notes are scored and by whom, wherever they come from."""
    add = parser.add_argument
    add("--checkpoint", type=Path, metavar="C", help="default: the shipped one")
    add("--out", type=Path, required=True, metavar="FILE", help="suggestions: .jsonl, .parquet")
    add("--top", type=int, default=50, metavar="K", help="at most, over all tasks (default 50)")
    add("--evidence", default="default", help="default, none, or a method")
    add("--coverage", type=float, metavar="C", help="the shortest list to hold this share of codes")
    add("--device", default="cpu", help="cpu or cuda")
    add("--workers", type=int, default=1, metavar="N", help="processes that score")
    add("--ray", action="store_true", help="workers of a Ray cluster (pip install '.[ray]')")


def _add_experiment(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("name", metavar="NAME", help=f"one of {', '.join(EXPERIMENTS)}")
    _add_corpus(parser)
    add("--out", type=Path, required=True, metavar="FOLDER", help="runs and report; goes on there")
    add("--rows", metavar="A,B", help="rows of the systems table (default: the experiment's)")
    add("--values", metavar="X,Y", help="points of a sweep (default: the experiment's)")
    add("--seeds", type=int, default=3, help="runs of each row")
    add("--epochs", type=int, default=100, help="at most")
    add("--top", type=int, metavar="N", help="most frequent codes of train; 0: all")
    add("--codes", default="all", help="all, diagnoses or procedures")
    add("--set", action="append", default=[], metavar="PATH=VALUE", help="encoder.hidden=64, ...")
    add("--text", type=Path, action="append", default=[], metavar="PATH", help="unlabelled text")
    add("--vector-epochs", type=int, default=5, help="passes of word2vec over all text")
    add("--device", default="cpu", help="cpu or cuda")
    add("--threads", type=int, default=1, help="CPU threads of a run")
    add("--jobs", type=int, default=1, help="runs at a time, each in its own process")
    add(
        "--bert", type=Path, metavar="DIR", help="local BERT checkpoint, for the rows that read one"
    )
    add("--report-only", action="store_true", help="write the report of the runs there are")


def _add_corpus(parser: argparse.ArgumentParser, *, required: bool = True) -> None:
    parser.add_argument("--corpus", required=required, choices=CORPORA)
    parser.add_argument("--dir", type=Path, required=required, help="its official folder")
    parser.add_argument("--language", default="es", choices=("es", "en", "both"), help="codiesp")


@contextmanager
def _categories_of(options: argparse.Namespace) -> Iterator[None]:
    """Use the procedures' CCS categories that an ingested corpus brings, unless others are named.

    Set in the environment, and only while the command runs, so that its own processes have it too.
    """
    brought = (getattr(options, "dir", None) or Path()) / "ccs_procedures.csv"
    if settings().ccs_procedures is not None or not brought.is_file():
        yield
        return
    os.environ[CATEGORIES] = str(brought)
    try:
        yield
    finally:
        del os.environ[CATEGORIES]


def _run(options: argparse.Namespace) -> int:
    # a command loads only what it needs: --help must not wait for torch
    if options.command == "ingest":
        from core.commands.ingest import ingest

        return ingest(options)
    if options.command == "train":
        from core.commands.train import train

        return train(options)
    if options.command == "finetune":
        from core.commands.finetune import run_finetune

        return run_finetune(options)
    if options.command == "evaluate":
        from core.commands.evaluate import evaluate

        return evaluate(options)
    if options.command == "compare":
        from core.commands.compare import compare_checkpoints

        return compare_checkpoints(options)
    if options.command == "analyse":
        from core.commands.analyse import draw

        return draw(options)
    if options.command == "suggest":
        from core.commands.suggest import suggest

        return suggest(options)
    if options.command == "experiment":
        from core.commands.experiment import run_experiment

        return run_experiment(options)
    from core.commands.list_systems import list_systems

    return list_systems()


if __name__ == "__main__":
    sys.exit(main())
