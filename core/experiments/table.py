"""The named experiments: one row each, with what is trained, what is shown, and beside which table.

What is trained derives from the systems table: a new row there is a new line in `table1`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

from core.ablations import BOTH, ICD
from core.aggregators import RAM
from core.errors import BadSettings
from core.experiments import published
from core.experiments.cells import Cell, Changes
from core.experiments.published import Published, key
from core.losses import BinaryCrossEntropy, Focal
from core.systems import SYSTEMS

Vary = Callable[[str, Sequence[float]], tuple[Cell, ...]]  # a row, values -> its cells


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """What a report is about. `values` are the points of a sweep and `axis` their name."""

    name: str
    title: str
    rows: tuple[str, ...]
    vary: Vary
    metrics: tuple[str, ...]
    tables: Mapping[str, Published | None]  # task -> what was published for it
    top: int | None = 50
    changes: Changes = field(default_factory=dict)  # of every cell that has the setting
    values: tuple[float, ...] = ()
    axis: str = ""

    def cells(
        self, rows: Sequence[str] | None = None, values: Sequence[float] | None = None
    ) -> tuple[Cell, ...]:
        """Every cell, of the rows asked for; BadSettings names a row that is not in the table."""
        wanted = self.rows if rows is None else tuple(dict.fromkeys(rows))
        unknown = [row for row in wanted if row not in SYSTEMS]
        if unknown:
            raise BadSettings(
                f"{', '.join(unknown)}: not in the systems table; rows: {', '.join(SYSTEMS)}"
            )
        if values and not self.axis:
            raise BadSettings(f"--values belongs to a sweep; {self.name} has none")
        return tuple(cell for row in wanted for cell in self.vary(row, values or self.values))


def experiment(name: str) -> Experiment:
    """The experiment called `name`; BadSettings lists those there are."""
    if name not in EXPERIMENTS:
        raise BadSettings(f"{name!r} is no experiment; use one of {', '.join(EXPERIMENTS)}")
    return EXPERIMENTS[name]


def there(*names: str) -> tuple[str, ...]:
    """Those of the names that are rows by now, however they are written there."""
    by_key = {key(row): row for row in SYSTEMS}
    return tuple(by_key[key(name)] for name in names if key(name) in by_key)


def _as_it_is(row: str, values: Sequence[float]) -> tuple[Cell, ...]:  # noqa: ARG001
    return (Cell(name=row, row=row),)


def _on_ccs(row: str, values: Sequence[float]) -> tuple[Cell, ...]:  # noqa: ARG001
    """A row with one task learns CCS codes in place of ICD codes, as in MARN's CCS tables."""
    alone = set(SYSTEMS[row].tasks) == set(ICD)
    return (Cell(name=row, row=row, changes={"tasks": {"ccs": 1.0}} if alone else {}),)


BLOCKS: Mapping[str, tuple[str, object, object]] = {  # name -> (path, without, with)
    "MTL": ("tasks", ICD, BOTH),
    "RAM": ("aggregator", None, RAM()),
    "FL": ("loss", BinaryCrossEntropy(), Focal()),
}


def with_blocks(*names: str) -> Changes:
    """The changes that give a row these blocks of MARN and none of the others."""
    return {path: (on if name in names else off) for name, (path, off, on) in BLOCKS.items()}


def _without(row: str, values: Sequence[float]) -> tuple[Cell, ...]:  # noqa: ARG001
    """MARN, tables 5 and 6, and the combinations they leave out."""
    cells = []
    for kept in product((True, False), repeat=len(BLOCKS)):
        lost = [name for name, stays in zip(BLOCKS, kept, strict=True) if not stays]
        name = f"{row} w/o {', '.join(lost)}" if lost else row
        changes = {BLOCKS[block][0]: BLOCKS[block][1] for block in lost}
        cells.append(Cell(name=name, row=row, changes=changes))
    return tuple(cells)


def _each_block(row: str, values: Sequence[float]) -> tuple[Cell, ...]:  # noqa: ARG001
    """MARN Fig. 8: an encoder with no block, with each one, and with all."""
    several: tuple[tuple[str, ...], ...] = ((), *((name,) for name in BLOCKS), tuple(BLOCKS))
    return tuple(
        Cell(name=" + ".join((row, *names)), row=row, changes=with_blocks(*names))
        for names in several
    )


def _swept(path: str) -> Vary:
    return lambda row, values: tuple(
        Cell(name=f"{row} {path}={value:g}", row=row, changes={path: value}, value=value)
        for value in values
    )


def _weights(row: str, values: Sequence[float]) -> tuple[Cell, ...]:
    if set(SYSTEMS[row].tasks) != set(BOTH):
        raise BadSettings(
            f"lambda weighs ICD against CCS; {row} has {', '.join(SYSTEMS[row].tasks)}"
        )
    if not all(0 < value < 1 for value in values):
        raise BadSettings("lambda_d lies between 0 and 1; lambda_s is what is left of 1")
    return tuple(
        Cell(
            name=f"{row} lambda_d={value:g}",
            row=row,
            changes={"tasks": {"icd": value, "ccs": round(1 - value, 9)}},
            value=value,
        )
        for value in values
    )


_FEW = ("macro F1", "micro F1", "P@5")
_SHORT: Changes = {"recipe.monitor": "P@5"}
_FULL: Changes = {"recipe.monitor": "P@8", "recipe.batch_size": 64}  # MARN sec. 4.2

_EXPERIMENTS = (
    Experiment(
        name="table1",
        title="Every system, most frequent codes",
        rows=tuple(SYSTEMS),
        vary=_as_it_is,
        metrics=published.SHORT,
        tables={"icd": published.TOP_50, "ccs": published.CCS_50},
        changes=_SHORT,
    ),
    Experiment(
        name="full",
        title="Every system, all codes",
        rows=tuple(SYSTEMS),
        vary=_as_it_is,
        metrics=published.FULL,
        tables={"icd": published.FULL_CODES, "ccs": published.CCS_FULL},
        top=None,
        changes=_FULL,
    ),
    Experiment(
        name="ccs",
        title="CCS codes, most frequent ICD codes",
        rows=tuple(SYSTEMS),
        vary=_on_ccs,
        metrics=published.SHORT,
        tables={"ccs": published.CCS_50},
        changes=_SHORT,
    ),
    Experiment(
        name="ccs_full",
        title="CCS codes, all ICD codes",
        rows=tuple(SYSTEMS),
        vary=_on_ccs,
        metrics=published.FULL,
        tables={"ccs": published.CCS_FULL},
        top=None,
        changes=_FULL,
    ),
    Experiment(
        name="ablation",
        title="MARN without its parts (MARN tables 5 and 6)",
        rows=("marn",),
        vary=_without,
        metrics=_FEW,
        tables={"icd": published.ABLATION},
        changes=_SHORT,
    ),
    Experiment(
        name="encoders",
        title="Which blocks help which encoder (MARN Fig. 8)",
        rows=there("caml", "multirescnn", "bigru_lan"),
        vary=_each_block,
        metrics=published.SHORT,
        tables={"icd": None},
        changes=_SHORT,
    ),
    # models.md records Figs. 12 and 13 without their grids: these points are ours
    Experiment(
        name="alpha",
        title="Alpha of the focal loss (MARN Fig. 12)",
        rows=("marn",),
        vary=_swept("loss.alpha"),
        metrics=_FEW,
        tables={"icd": None},
        changes=_SHORT,
        values=(0.25, 0.5, 0.75, 0.9, 0.99, 0.999),
        axis="alpha",
    ),
    Experiment(
        name="gamma",
        title="Gamma of the focal loss (MARN Fig. 12)",
        rows=("marn",),
        vary=_swept("loss.gamma"),
        metrics=_FEW,
        tables={"icd": None},
        changes=_SHORT,
        values=(0.0, 0.5, 1.0, 2.0, 3.0, 5.0),
        axis="gamma",
    ),
    Experiment(
        name="lambda",
        title="Weight of the ICD task (MARN Fig. 13)",
        rows=("marn",),
        vary=_weights,
        metrics=_FEW,
        tables={"icd": None, "ccs": None},
        changes=_SHORT,
        values=(0.1, 0.3, 0.5, 0.7, 0.9),
        axis="lambda_d",
    ),
)
EXPERIMENTS: Mapping[str, Experiment] = {each.name: each for each in _EXPERIMENTS}
