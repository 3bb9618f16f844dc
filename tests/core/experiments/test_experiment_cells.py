"""Cells vary exactly what they say, and the named experiments follow the table of systems."""

import dataclasses
from typing import Any

import pytest

from core.errors import BadSettings
from core.experiments import BLOCKS, EXPERIMENTS, changed, experiment, parsed, with_blocks
from core.experiments.cells import has, where_there
from core.experiments.table import there
from core.losses import BinaryCrossEntropy, Focal
from core.systems import BOTH, ICD, SYSTEMS, System


def settings(row: System) -> dict[str, Any]:
    """Every setting of a row by its path."""
    found: dict[str, Any] = {}

    def walk(place: Any, path: str) -> None:
        for cell in dataclasses.fields(place):
            value = getattr(place, cell.name)
            name = f"{path}{cell.name}"
            if dataclasses.is_dataclass(value):
                walk(value, f"{name}.")
            else:
                found[name] = value

    walk(row, "")
    return found


def differing(one: System, other: System) -> dict[str, Any]:
    """Path -> the value of `other`, where the two differ."""
    before, after = settings(one), settings(other)
    return {path: value for path, value in after.items() if before.get(path, ...) != value}


@pytest.mark.parametrize("name", ["alpha", "gamma"])
def test_a_sweep_of_the_focal_loss_varies_one_number_and_nothing_else(name: str) -> None:
    sweep = experiment(name)
    cells = sweep.cells()
    assert [cell.value for cell in cells] == list(sweep.values)
    for cell in cells:
        found = differing(SYSTEMS["marn"], changed(SYSTEMS["marn"], cell.changes))
        published = getattr(Focal(), name)
        assert found == ({} if cell.value == published else {f"loss.{name}": cell.value})


def test_the_sweep_of_lambda_keeps_the_sum_of_both_weights_at_one() -> None:
    for cell in experiment("lambda").cells():
        row = changed(SYSTEMS["marn"], cell.changes)
        assert row.tasks["icd"] == cell.value
        assert sum(row.tasks.values()) == pytest.approx(1)
        assert set(differing(SYSTEMS["marn"], row)) <= {"tasks"}


def test_a_sweep_takes_the_points_and_rows_asked_for() -> None:
    cells = experiment("alpha").cells(("marn", "bigru_mtl"), (0.5, 0.6))
    assert [(cell.row, cell.value) for cell in cells] == [
        *(("marn", 0.5), ("marn", 0.6)),
        *(("bigru_mtl", 0.5), ("bigru_mtl", 0.6)),
    ]


def test_lambda_of_a_row_with_one_task_is_refused() -> None:
    with pytest.raises(BadSettings, match="lambda weighs ICD against CCS; caml has icd"):
        experiment("lambda").cells(("caml",))


def test_a_table_has_no_points_to_choose() -> None:
    with pytest.raises(BadSettings, match="belongs to a sweep"):
        experiment("table1").cells(values=(1.0,))


def test_the_ablation_takes_parts_away_in_every_combination() -> None:
    rows = {c.name: changed(SYSTEMS["marn"], c.changes) for c in experiment("ablation").cells()}
    assert len(rows) == 2 ** len(BLOCKS)
    assert rows["marn"] == SYSTEMS["marn"]
    bare = rows["marn w/o MTL, RAM, FL"]
    assert (bare.tasks, bare.aggregator, bare.loss) == (ICD, None, BinaryCrossEntropy())
    assert differing(SYSTEMS["marn"], rows["marn w/o MTL"]) == {"tasks": ICD}
    without_ram = differing(SYSTEMS["marn"], rows["marn w/o RAM"])
    assert without_ram == {"aggregator": None}


def test_an_encoder_is_tried_with_no_block_with_each_and_with_all() -> None:
    cells = [cell for cell in experiment("encoders").cells() if cell.row == "caml"]
    assert [cell.name for cell in cells] == [
        *("caml", "caml + MTL", "caml + RAM", "caml + FL", "caml + MTL + RAM + FL")
    ]
    everything = changed(SYSTEMS["caml"], cells[-1].changes)
    assert (everything.tasks, everything.loss) == (BOTH, Focal())
    assert everything.encoder == SYSTEMS["caml"].encoder
    assert changed(SYSTEMS["caml"], with_blocks()).loss == BinaryCrossEntropy()


@pytest.mark.parametrize("name", ["table1", "full", "ccs", "ccs_full"])
def test_a_table_holds_every_row_of_the_systems_table_under_its_own_name(name: str) -> None:
    assert [cell.name for cell in experiment(name).cells()] == list(SYSTEMS)


def test_in_the_ccs_table_a_row_with_one_task_learns_ccs_codes() -> None:
    cells = {cell.name: cell for cell in experiment("ccs").cells()}
    assert changed(SYSTEMS["caml"], cells["caml"].changes).tasks == {"ccs": 1.0}
    assert changed(SYSTEMS["marn"], cells["marn"].changes) == SYSTEMS["marn"]


@pytest.mark.parametrize("name", sorted(EXPERIMENTS))
def test_every_changed_row_survives_json(name: str) -> None:
    for cell in experiment(name).cells():
        row = changed(SYSTEMS[cell.row], cell.changes)
        assert System.from_json(row.to_json()) == row


def test_the_command_line_names_every_experiment() -> None:
    from core.__main__ import EXPERIMENTS as NAMED

    assert list(NAMED) == list(EXPERIMENTS)


def test_rows_are_found_however_they_are_written_and_only_if_they_are_there() -> None:
    assert there("BiGRU-LAN", "C-AML", "telegraph") == ("bigru_lan", "caml")


def test_an_unknown_row_or_experiment_is_refused_with_those_there_are() -> None:
    with pytest.raises(BadSettings, match="nonesuch: not in the systems table; rows: evicode"):
        experiment("table1").cells(("cnn", "nonesuch"))
    with pytest.raises(BadSettings, match="'table9' is no experiment; use one of table1, full"):
        experiment("table9")


def test_a_setting_is_changed_where_there_is_one() -> None:
    asked = parsed(["encoder.hidden=64", "recipe.monitor=MAP", "recipe.decay=true"])
    assert asked == {"encoder.hidden": 64, "recipe.monitor": "MAP", "recipe.decay": True}
    assert not has(SYSTEMS["caml"], "encoder.hidden")
    assert set(where_there(SYSTEMS["caml"], asked)) == {"recipe.monitor", "recipe.decay"}
    assert differing(SYSTEMS["marn"], changed(SYSTEMS["marn"], asked)) == asked


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"encoder.hiden": 3}, "no setting 'encoder.hiden': 'hiden' is not among hidden"),
        ({"aggregator.kernel.size": 3}, "'size' is not among none"),
        ({"recipe.patience": "long"}, "recipe.patience is a number, such as 10; 'long' is not one"),
    ],
)
def test_a_change_that_cannot_be_is_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(BadSettings, match=words):
        changed(SYSTEMS["marn"], changes)


@pytest.mark.parametrize("text", ["recipe.patience", "=3", "recipe.patience="])
def test_a_setting_without_path_or_value_is_refused(text: str) -> None:
    with pytest.raises(BadSettings, match="write PATH=VALUE"):
        parsed([text])
