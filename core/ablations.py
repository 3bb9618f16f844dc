"""Rows that differ from another in multitask learning, RAM or focal loss, and in nothing else."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from core.aggregators import RAM
from core.losses import BinaryCrossEntropy, Focal
from core.row import System

BOTH = {"icd": 0.7, "ccs": 0.3}  # lambda_d, lambda_s; MARN sec. 4.2
ICD = {"icd": 1.0}
PARTS = ("mtl", "ram", "fl")  # as the papers name them

_Cells = Mapping[str, Mapping[str, Any]]  # Any: a cell of a row
_ADDED: _Cells = {"mtl": {"tasks": BOTH}, "ram": {"aggregator": RAM()}, "fl": {"loss": Focal()}}
_TAKEN: _Cells = {
    "mtl": {"tasks": ICD},
    "ram": {"aggregator": None},
    "fl": {"loss": BinaryCrossEntropy()},
}


def extended(row: System, *parts: str) -> System:
    """`row` and some of `PARTS` (MARN Fig. 8): `caml_mtl_ram`."""
    source = f"{row.source} + {', '.join(parts).upper()}"
    name = f"{row.name}_{'_'.join(parts)}"
    return replace(row, name=name, source=source, **_cells(_ADDED, parts))


def reduced(row: System, *parts: str) -> System:
    """`row` without some of `PARTS` (MARN tables 5-6): `marn_no_mtl_fl`."""
    source = f"{row.source}, w/o {', '.join(parts).upper()}"
    name = f"{row.name}_no_{'_'.join(parts)}"
    return replace(row, name=name, source=source, **_cells(_TAKEN, parts))


def _cells(table: _Cells, parts: tuple[str, ...]) -> dict[str, Any]:  # Any: as in _Cells
    return {cell: setting for part in parts for cell, setting in table[part].items()}
