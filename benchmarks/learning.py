"""How fast suggestions learn from coders, what that costs, and what it breaks, on CodiEsp.

    python -m benchmarks.learning [--dir CODIESP] [--runs FOLDER] [--only NAME ...]

Every run leaves one JSON file in the runs folder and is not repeated; a run that was killed goes on
from its last epoch. docs/benchmarks/learning.md is written from the files there are, those of
`benchmarks.learning_active` and `benchmarks.scale` among them. Rates and epochs are fixed; how the
combiner begins and what it is taught was settled once, with dev in sight.
"""

import argparse
import json
import time
from collections.abc import Callable, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any

import torch

from benchmarks.accuracy import Data, data_of
from benchmarks.learning_forgetting import forgetting, trained
from benchmarks.learning_report import REPORT, page
from benchmarks.learning_stream import Coder, Learner, figures, stream
from core.codes import shared_tables
from core.fusion import untaught
from core.training import own_category

Json = dict[str, Any]  # Any: plain JSON
Run = Callable[[Learner, Path], Json]


def main() -> None:
    options = _options()
    torch.set_num_threads(options.threads)
    options.runs.mkdir(parents=True, exist_ok=True)
    data = cache(partial(data_of, options.dir, options.text))
    for name, run in RUNS.items():
        kept = options.runs / f"{name}.json"
        if (options.only and name not in options.only) or kept.exists():
            continue
        started = time.monotonic()
        found = run(_learner(data()), options.runs / f"{name}.part")
        kept.write_text(json.dumps({**found, "seconds": time.monotonic() - started}, indent=1))
        print(name, json.dumps(found)[:300], flush=True)  # noqa: T201 - a script's progress
    REPORT.write_text(page(options.runs))


def _learner(data: Data) -> Learner:
    category = cache(own_category(shared_tables().category))
    return Learner.from_nothing(data, shared_tables(), category)


def _stream(learner: Learner, folder: Path, *, wrong: float = 0.0, finished: bool = True) -> Json:
    rounds = []
    learner.finished = finished
    for found in stream(learner, Coder(wrong=wrong), folder):
        rounds.append(found)
        print(json.dumps(found), flush=True)  # noqa: T201 - a script's progress
    decided = [len(each.note.codes) + len(each.rejected) for each in learner.lessons]
    return {"rounds": rounds, "wrong": wrong, "decisions": sum(decided)}


def _everything(learner: Learner, folder: Path) -> Json:
    """The same notes, all their codes known, trained on at once."""
    trained(learner, learner.data.train, folder)
    return figures(learner, untaught())


RUNS: Mapping[str, Run] = {
    "stream": _stream,
    "everything": _everything,
    "decisions": partial(_stream, finished=False),
    "decisions-wrong": partial(_stream, finished=False, wrong=0.05),
    "forgetting": partial(forgetting, rehearse=1.0, seed=0),
    "forgetting-unrehearsed": partial(forgetting, rehearse=0.0, seed=0),
}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    shared = Path(__file__).parents[2] / "shared" / "data"
    mtsamples = shared / "mtsamples" / "mtsamples.csv.gz"
    parser.add_argument("--dir", type=Path, default=shared / "codiesp", help="official folder")
    parser.add_argument("--text", type=Path, action="append", default=[mtsamples])
    parser.add_argument("--runs", type=Path, default=Path("build") / "learning")
    parser.add_argument("--only", nargs="*", choices=RUNS, help="these runs alone")
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    main()
