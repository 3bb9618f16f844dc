"""The command line: `python -m core COMMAND`. Contract: README, "Command line"."""

import argparse
import os
import sys
from pathlib import Path

from core.errors import EvicodeError

CORPORA = ("cmc", "codiesp", "jsonl")


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 when it did its work, 2 with one line on stderr when it could not."""
    options = build_parser().parse_args(arguments)
    try:
        return _run(options)
    except (EvicodeError, OSError) as error:
        process = f" (process {os.environ['RANK']})" if "RANK" in os.environ else ""  # of torchrun
        print(f"evicode{process}: {error}", file=sys.stderr)
        return 2


def build_parser() -> argparse.ArgumentParser:
    """All commands and their options."""
    parser = argparse.ArgumentParser(prog="python -m core", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    _add_train(commands.add_parser("train", help="train a row of the systems table"))
    _add_evaluate(commands.add_parser("evaluate", help="metrics of a checkpoint on a corpus"))
    _add_suggest(commands.add_parser("suggest", help="suggestions for a file of notes"))
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


def _add_evaluate(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--checkpoint", type=Path, metavar="C", help="default: the shipped one")
    _add_corpus(parser)
    add("--split", help="default: dev, or the only one there is")
    add("--out", type=Path, default=Path("evaluation.json"), help="file to write (JSON)")
    add("--device", default="cpu", help="cpu or cuda")


def _add_suggest(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--checkpoint", type=Path, metavar="C", help="default: the shipped one")
    add("--in", dest="source", type=Path, required=True, metavar="FILE", help="notes, JSONL")
    add("--out", type=Path, required=True, metavar="FILE", help="suggestions, JSONL")
    add("--top", type=int, default=50, metavar="K", help="at most, over all tasks (default 50)")
    add("--evidence", default="default", help="default, none, or a method")
    add("--coverage", type=float, metavar="C", help="the shortest list to hold this share of codes")
    add("--device", default="cpu", help="cpu or cuda")


def _add_corpus(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--corpus", required=True, choices=CORPORA)
    parser.add_argument("--dir", type=Path, required=True, help="its official folder")
    parser.add_argument("--language", default="es", choices=("es", "en", "both"), help="codiesp")


def _run(options: argparse.Namespace) -> int:
    # a command loads only what it needs: --help must not wait for torch
    if options.command == "train":
        from core.commands.train import train

        return train(options)
    if options.command == "evaluate":
        from core.commands.evaluate import evaluate

        return evaluate(options)
    if options.command == "suggest":
        from core.commands.suggest import suggest

        return suggest(options)
    from core.commands.list_systems import list_systems

    return list_systems()


if __name__ == "__main__":
    sys.exit(main())
