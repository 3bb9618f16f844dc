"""Runs of experiments: what `python -m core experiment` writes as `NAME-figures.csv`.

In such a file a line is one cell, task and metric, with the figure of every seed, in %, in
`values`. A cell of a sweep is called `ROW SETTING=VALUE`; others after the row and what differs.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd

from core.errors import BadFile

FILES = "-figures.csv"  # after the name of the experiment
READ = ("cell", "task", "metric", "values")  # other columns can be told from these
COLUMNS = ("experiment", "row", "seed", "setting", "value", "task", "metric", "score")
NEEDED = "Needs runs: name folders that `python -m core experiment` wrote with --runs."
_SWEPT = re.compile(r"(?P<row>\S+) (?P<setting>[\w.]+)=(?P<value>[-+.\deE]+)")


def read_runs(paths: Sequence[Path]) -> pd.DataFrame:
    """All runs in these folders or files, as COLUMNS; BadFile names the file and what is wrong.

    experiment: as the file is called. row: what was trained. setting, value: of a sweep, or empty.
    seed: 0, 1, ... in the order of `values`.
    """
    lines = [line for path in paths for file in _files(path) for line in _lines(file)]
    return pd.DataFrame(lines, columns=COLUMNS).astype({"value": float, "score": float})


def over_seeds(runs: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Mean, standard deviation (n - 1) and number of seeds for each combination of `keys`.

    The deviation of one seed is NaN: one run says nothing of how runs scatter.
    """
    grouped = runs.groupby(list(keys), sort=False, dropna=False)["score"]
    return grouped.agg(mean="mean", sd="std", seeds="count").reset_index()


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    found = sorted(path.glob(f"*{FILES}"))
    if not found:
        raise BadFile(
            f"{path} holds no *{FILES}; name a folder that `python -m core experiment` wrote"
        )
    return found


def _lines(path: Path) -> Iterator[tuple[object, ...]]:
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
    except (OSError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise BadFile(f"{path} cannot be read as CSV: {str(error).strip()}") from error
    missing = [column for column in READ if column not in table]
    if missing:
        raise BadFile(
            f"{path} has no column {', '.join(missing)}; name a folder that "
            f"`python -m core experiment` wrote, or a *{FILES} in it"
        )
    experiment = path.name.removesuffix(FILES)
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
