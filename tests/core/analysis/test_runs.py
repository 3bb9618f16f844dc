"""What runs of experiments say: over seeds, along sweeps, and block by block."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from core.analysis import Material, Result, read_runs
from core.analysis.blocks import blocks, parted
from core.analysis.runs import over_seeds
from core.analysis.seeds import seeds
from core.analysis.sweeps import sweeps
from core.codes import shared_tables
from core.errors import BadFile

HEAD = "cell,row,task,metric,seeds,mean,sd,published,values"


def wrote(folder: Path, lines: Iterable[tuple[str, str, str, str]]) -> Path:
    """A folder as `experiment NAME` writes it; a line is (cell, task, metric, values)."""
    folder.mkdir()
    (folder / f"{folder.name}-costs.csv").write_text("cell,row,parameters\n")
    rows = [
        f'"{cell}",marn,{task},{metric},9,9,9,,{values}' for cell, task, metric, values in lines
    ]
    (folder / f"{folder.name}-figures.csv").write_text("\n".join([HEAD, *rows, ""]))
    return folder


def drawn(draw: object, *folders: Path) -> list[Result]:
    material = Material(tables=shared_tables(), runs=read_runs(folders) if folders else None)
    return draw(material)  # type: ignore[operator]


def test_every_seed_of_a_cell_is_a_line_and_sweeps_carry_their_value(tmp_path: Path) -> None:
    folder = wrote(
        tmp_path / "alpha",
        [("marn loss.alpha=0.25", "icd", "P@5", "60 62"), ("marn", "icd", "P@5", "70.5")],
    )
    found = read_runs([folder]).astype(object).fillna("-").to_numpy().tolist()
    assert found == [
        ["alpha", "marn", 0, "loss.alpha", 0.25, "icd", "P@5", 60.0],
        ["alpha", "marn", 1, "loss.alpha", 0.25, "icd", "P@5", 62.0],
        ["alpha", "marn", 0, "", "-", "icd", "P@5", 70.5],
    ]
    assert read_runs([folder / "alpha-figures.csv"]).equals(read_runs([folder]))


def test_mean_and_deviation_are_those_of_a_sample(tmp_path: Path) -> None:
    lines = [("marn", "icd", "P@5", "1 3"), ("cnn", "icd", "P@5", "5")]
    found = over_seeds(read_runs([wrote(tmp_path / "t", lines)]), ["row"])
    assert found["mean"].tolist() == [2, 5]
    assert found["sd"].fillna(-1).tolist() == pytest.approx([2**0.5, -1])
    assert found["seeds"].tolist() == [2, 1]


def test_the_table_over_seeds_has_a_line_a_row_and_a_column_a_figure(tmp_path: Path) -> None:
    lines = [
        ("marn", "icd", "P@5", "60 62"),
        ("marn", "ccs", "P@5", "70 70"),
        ("cnn", "icd", "P@5", "50"),
    ]
    (found,) = drawn(seeds, wrote(tmp_path / "table1", lines))
    assert found.table.to_numpy().tolist() == [
        ["marn", 2, "61 ± 1.4", "70 ± 0"],
        ["cnn", 1, "50", ""],
    ]
    assert list(found.table) == ["row", "seeds", "icd P@5", "ccs P@5"]
    assert found.notes[-1] == "Fewer than 2 seeds: cnn."


def test_a_sweep_is_drawn_along_its_values_in_their_order(tmp_path: Path) -> None:
    lines = [(f"marn loss.gamma={v}", "icd", "P@5", f"{60 - v}") for v in (5, 0, 2)]
    (found,) = drawn(sweeps, wrote(tmp_path / "gamma", lines))
    assert found.title == "marn: metrics against loss.gamma"
    assert found.table["mean"].tolist() == [60, 58, 55]
    assert found.notes[-1] == "icd P@5: best 60 at 0, worst 55 at 5."
    assert list(found.figure.data[0].x) == [0, 2, 5]
    assert list(found.figure.layout.xaxis.categoryarray) == [0, 2, 5]


def test_one_value_is_no_sweep(tmp_path: Path) -> None:
    (found,) = drawn(sweeps, wrote(tmp_path / "g", [("marn loss.gamma=1", "icd", "P@5", "1")]))
    assert found.figure is None


@pytest.mark.parametrize(
    ("name", "bare", "encoder", "has"),
    [
        ("caml + MTL + FL", False, "caml", ("MTL", "FL")),
        ("caml", True, "caml", ()),
        ("marn w/o FL", False, "marn", ("MTL", "RAM")),
        ("marn w/o MTL, RAM, FL", False, "marn", ()),
        ("marn", False, "marn", ("MTL", "RAM", "FL")),
        ("bigru_lan", False, "marn", ("FL",)),
        ("marn_released", False, "marn_released", ("MTL", "RAM", "FL")),
        ("mt_ram", False, "marn", ("MTL", "RAM")),
        ("caml_mtl_ram", False, "caml", ("MTL", "RAM")),
    ],
)
def test_the_blocks_of_what_was_trained_are_read_from_its_name_or_its_row(
    name: str, bare: bool, encoder: str, has: tuple[str, ...]
) -> None:
    assert parted(name, bare=bare) == (encoder, has)


@pytest.mark.parametrize("name", ["a row of another table", "caml + magic", "marn w/o mercy"])
def test_a_name_that_says_nothing_of_blocks_is_left_out(name: str) -> None:
    assert parted(name) is None


def test_gains_are_over_the_same_encoder_without_blocks(tmp_path: Path) -> None:
    cells = (("caml", 40), ("caml + RAM", 43), ("caml + FL", 39), ("cnn", 99))
    lines = [(cell, "icd", "macro F1", f"{mean - 1} {mean + 1}") for cell, mean in cells]
    lines.append(("caml", "icd", "micro F1", "7"))
    (found,) = drawn(blocks, wrote(tmp_path / "encoders", lines))
    assert found.table[["encoder", "blocks", "mean", "gain"]].to_numpy().tolist() == [
        ["caml", "no block", 40, 0],
        ["caml", "RAM", 43, 3],
        ["caml", "FL", 39, -1],
    ]
    assert found.notes[-1] == "caml: RAM +3 (icd), FL -1 (icd)."
    assert {trace.name for trace in found.figure.data} == {"no block", "RAM", "FL"}


def test_an_ablation_names_what_is_lost_and_its_whole_row_joins_it(tmp_path: Path) -> None:
    cells = (("marn", 50), ("marn w/o FL", 49), ("marn w/o MTL, RAM, FL", 44))
    lines = [(cell, "icd", "macro F1", f"{mean}") for cell, mean in cells]
    (found,) = drawn(blocks, wrote(tmp_path / "ablation", lines))
    assert found.table["gain"].tolist() == [6, 5, 0]


@pytest.mark.parametrize(
    ("cell", "metric"),
    [("marn loss.gamma=1", "macro F1"), ("marn", "P@5"), ("of another table", "macro F1")],
)
def test_runs_that_say_nothing_of_blocks_are_not_drawn(
    tmp_path: Path, cell: str, metric: str
) -> None:
    (found,) = drawn(blocks, wrote(tmp_path / "x", [(cell, "icd", metric, "1 2")]))
    assert found.notes == (
        "No encoder was run with several combinations of blocks, macro F1 measured.",
    )


@pytest.mark.parametrize(
    ("draw", "cell", "told"),
    [
        (seeds, "marn loss.gamma=1", "All runs belong to sweeps; see there."),
        (sweeps, "marn", "No run carries a value: none belongs to a sweep."),
    ],
)
def test_runs_of_another_kind_are_not_drawn(
    tmp_path: Path, draw: object, cell: str, told: str
) -> None:
    (found,) = drawn(draw, wrote(tmp_path / "x", [(cell, "icd", "P@5", "1 2")]))
    assert found.notes == (told,)


@pytest.mark.parametrize("draw", [sweeps, blocks, seeds])
def test_without_runs_it_is_said_that_runs_are_needed(draw: object) -> None:
    (found,) = drawn(draw)
    assert found.figure is None
    assert found.notes == (
        "Needs runs: name folders that `python -m core experiment` wrote with --runs.",
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "cannot be read as CSV"),
        ("cell,task\nmarn,icd\n", "has no column metric, values; name a folder that"),
        (f"{HEAD}\nmarn,marn,icd,P@5,2,1,1,,1.0 high\n", "line 2: 'high' is not a number"),
    ],
)
def test_a_file_that_holds_no_runs_is_refused_with_what_is_wrong(
    tmp_path: Path, text: str, told: str
) -> None:
    (tmp_path / "x-figures.csv").write_text(text)
    with pytest.raises(BadFile, match=told):
        read_runs([tmp_path])


def test_a_folder_without_runs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match=r"holds no \*-figures\.csv; name a folder"):
        read_runs([tmp_path])
    with pytest.raises(BadFile, match=r"none\.csv cannot be read as CSV"):
        read_runs([tmp_path / "none.csv"])


def test_a_folder_may_hold_several_experiments(tmp_path: Path) -> None:
    folder = wrote(tmp_path / "b", [("marn", "icd", "P@5", "1")])
    (folder / "a-figures.csv").write_text((folder / "b-figures.csv").read_text())
    assert read_runs([folder])["experiment"].tolist() == ["a", "b"]
