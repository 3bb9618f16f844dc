"""An experiment from beginning to end: cells, runs, and the report in a folder."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.encoders import Bert
from core.errors import BadSettings
from core.experiments.cells import Cell, changed, has, where_there
from core.experiments.keeping import keep
from core.experiments.notes import Selection, digest_of, read
from core.experiments.page import page
from core.experiments.report import Setting, costs_csv, figures_csv, markdown
from core.experiments.run import Spec
from core.experiments.running import Run, run_all
from core.experiments.summary import Line, lines
from core.experiments.table import Experiment
from core.systems import SYSTEMS, System

Tell = Callable[[str], None]
MOST_EPOCHS = 100


@dataclass(frozen=True, kw_only=True)
class Conduct:
    """What the user decides: notes, seeds, epochs, settings for all rows, and the machine."""

    selection: Selection
    seeds: int = 3
    epochs: int = MOST_EPOCHS
    rows: tuple[str, ...] | None = None
    values: tuple[float, ...] | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)  # Any: path -> value
    device: str = "cpu"
    threads: int = 1
    jobs: int = 1
    bert: str = ""  # the checkpoint folder that BERT rows start from

    def __post_init__(self) -> None:
        for name in ("seeds", "epochs", "threads", "jobs"):
            if getattr(self, name) < 1:
                raise BadSettings(f"--{name} is at least 1")


@dataclass(frozen=True, kw_only=True)
class Found:
    """An experiment's setting and lines, from which reports are written."""

    experiment: Experiment
    setting: Setting
    lines: Sequence[Line]


def conduct(
    experiment: Experiment, how: Conduct, folder: Path, *, tell: Tell, only_report: bool = False
) -> Found:
    """Do every run that is not done, and write the report after each; it is what is returned.

    NAME.md, NAME.html, NAME-figures.csv and NAME-costs.csv in `folder`; the runs are in
    `folder`/runs, where experiments share those they have in common.
    """
    name, cells = experiment.name, experiment.cells(how.rows, how.values)
    systems = {cell.name: _system(cell, experiment, how) for cell in cells}
    _check_settings(how, systems)
    setting = _setting(experiment, how)
    runs = _runs(cells, systems, how)
    folder.mkdir(parents=True, exist_ok=True)

    def write() -> Found:
        found = Found(experiment=experiment, setting=setting, lines=lines(cells, runs, folder))
        keep(folder / f"{name}.md", markdown(experiment, setting, found.lines))
        keep(folder / f"{name}-figures.csv", figures_csv(experiment, found.lines))
        keep(folder / f"{name}-costs.csv", costs_csv(found.lines))
        return found

    if not only_report:
        run_all(runs, folder, jobs=how.jobs, tell=tell, done=write)
    found = write()
    keep(folder / f"{name}.html", page(experiment, setting, found.lines))
    return found


def _system(cell: Cell, experiment: Experiment, how: Conduct) -> System | str:
    """The row as it will be trained, or why it cannot be."""
    row = SYSTEMS[cell.row]
    try:
        row = changed(row, where_there(row, experiment.changes))
        row = changed(row, where_there(row, how.settings))
        return changed(row, cell.changes)
    except BadSettings as error:
        return f"BadSettings: {error}"


def _check_settings(how: Conduct, systems: Mapping[str, System | str]) -> None:
    """BadSettings if a --set reaches no row at all: most likely a slip of the pen."""
    rows = [system for system in systems.values() if isinstance(system, System)]
    lost = [path for path in how.settings if rows and not any(has(row, path) for row in rows)]
    if lost:
        raise BadSettings(f"--set {lost[0]}: no row of this experiment has that setting")


def _setting(experiment: Experiment, how: Conduct) -> Setting:
    selection = how.selection
    return Setting(
        corpus=selection.corpus,
        counts=read(selection).counts,
        seeds=how.seeds,
        epochs=how.epochs,
        codes=selection.codes,
        top=selection.top,
        changed=" ".join(
            f"{path}={value}" for path, value in {**experiment.changes, **how.settings}.items()
        ),
    )


def _runs(
    cells: Sequence[Cell], systems: Mapping[str, System | str], how: Conduct
) -> Sequence[Run]:
    """Every cell with the first seed, then with the second: a stopped table is a whole one."""
    data = how.selection.fingerprint
    start = digest_of(Path(how.bert)) if how.bert else ""
    runs = []
    for seed in range(how.seeds):
        for cell in cells:
            system = systems[cell.name]
            if isinstance(system, str):
                runs.append(Run(cell=cell.name, seed=seed, spec=None, refused=system))
                continue
            spec = Spec(
                system=system,
                seed=seed,
                epochs=how.epochs,
                selection=how.selection,
                data=data,
                device=how.device,
                threads=how.threads,
                bert=how.bert if isinstance(system.encoder, Bert) else "",
                start=start if isinstance(system.encoder, Bert) else "",
            )
            runs.append(Run(cell=cell.name, seed=seed, spec=spec))
    return runs
