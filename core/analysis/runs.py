"""Runs of experiments: the `figures.csv` that `python -m core experiment` writes, a score a line.

In that file a line is one cell, task and metric, with the figure of every seed in `values`. A cell
of a sweep is called `ROW SETTING=VALUE`; others are called after the row and what differs from it.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd

from core.errors import BadFile

FILE = "figures.csv"
READ = ("cell", "task", "metric", "values")  # other columns can be told from these
COLUMNS = ("experiment", "row", "seed", "setting", "value", "task", "metric", "score")
NEEDED = "Needs runs: name folders that `python -m core experiment` wrote with --runs."
_SWEPT = re.compile(r"(?P<row>\S+) (?P<setting>[\w.]+)=(?P<value>[-+.\deE]+)")


def read_runs(paths: Sequence[Path]) -> pd.DataFrame:
    """All runs of these folders or files, as COLUMNS; BadFile names the file and what is wrong.

    experiment: the folder's name. row: what was trained. setting, value: of a sweep; else empty.
    seed: 0, 1, ... in the order of `values`.
    """
    lines = [line for path in paths for line in _lines(path / FILE if path.is_dir() else path)]
    return pd.DataFrame(lines, columns=COLUMNS).astype({"value": float, "score": float})


def over_seeds(runs: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Mean, standard deviation (n - 1) and number of seeds for each combination of `keys`.

    The deviation of one seed is NaN: one run says nothing of how runs scatter.
    """
    grouped = runs.groupby(list(keys), sort=False, dropna=False)["score"]
    return grouped.agg(mean="mean", sd="std", seeds="count").reset_index()


def _lines(path: Path) -> Iterator[tuple[object, ...]]:
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
    except (OSError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise BadFile(f"{path} cannot be read as CSV: {str(error).strip()}") from error
    missing = [column for column in READ if column not in table]
    if missing:
        raise BadFile(
            f"{path} has no column {', '.join(missing)}; name a folder that "
            f"`python -m core experiment` wrote, or the {FILE} in it"
        )
    experiment = path.resolve().parent.name
    for number, line in enumerate(table.to_dict("records"), start=2):
        swept = _SWEPT.fullmatch(line["cell"])
        row, setting, value = swept.groups() if swept else (line["cell"], "", "nan")
        for seed, score in enumerate(line["values"].split()):
            told = (line["task"], line["metric"], _number(score, path, number))
            yield (experiment, row, seed, setting, _number(value, path, number), *told)


def _number(text: str, path: Path, line: int) -> float:
    try:
        return float(text)
    except ValueError:
        raise BadFile(f"{path}, line {line}: {text[:20]!r} is not a number") from None
