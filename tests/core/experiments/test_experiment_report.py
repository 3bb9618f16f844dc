"""The report says what was found, beside what was published, and invents nothing."""

from typing import Any

from core.experiments import Cell, Counts, Line, experiment
from core.experiments.page import page
from core.experiments.picture import _lines
from core.experiments.report import Setting, costs_csv, figures_csv, markdown
from core.experiments.running import Outcome
from core.systems import SYSTEMS

COUNTS = Counts(train=8, stop=2, report=3, how="stops by dev", dropped={"train": 4}, codes=50)
SETTING = Setting(
    corpus="jsonl", counts=COUNTS, seeds=2, epochs=9, codes="diagnoses", top=50, changed="a.b=1"
)


def line(cell: Cell, *f1: float | None) -> Line:
    outcomes = {}
    for seed, value in enumerate(f1):
        cost = {"epochs": 4 + seed, "seconds_per_epoch": 0.5, "peak_mb": 300.0}
        figures = {"icd": {"micro F1": value, "macro F1": None}}
        found: dict[str, Any] = {"figures": figures, "parameters": 1234, "cost": cost}
        outcomes[seed] = Outcome(failure="no memory") if value is None else Outcome(result=found)
    return Line(cell=cell, system=SYSTEMS[cell.row], outcomes=outcomes)


def row_of(text: str, name: str) -> list[str]:
    (found,) = (part for part in text.splitlines() if part.startswith(f"| {name} "))
    return [cell.strip() for cell in found.strip("|").split("|")]


def test_ours_stand_beside_the_published_and_a_failed_seed_is_not_counted() -> None:
    found = [line(Cell(name="caml", row="caml"), 50.0, 52.0, None)]
    text = markdown(experiment("table1"), SETTING, found)
    icd = text.partition("## ICD")[2].partition("## CCS")[0]
    cells = row_of(icd, "`caml`")
    assert cells[1:6] == ["2/3", "–", "–", "–", "51.0 ± 1.4"]
    assert cells[-1] == "87.5 / 90.9 / 53.2 / 61.4 / 60.9"
    assert row_of(icd, "*DR-CAML*, published only")[-1].startswith("88.4")
    assert "*CAML*, published only" not in icd
    assert "| `caml` | 2 | no memory |" in text
    assert "4 of train" in text
    assert row_of(text.partition("## Cost")[2], "`caml`")[1:4] == ["1,234", "6.2", "4.5"]


def test_a_task_a_row_does_not_rank_has_no_line_of_it() -> None:
    text = markdown(experiment("table1"), SETTING, [line(Cell(name="caml", row="caml"), 50.0)])
    assert "`caml`" not in text.partition("## CCS")[2].partition("## Cost")[0]


def test_the_csv_has_every_seed_and_leaves_out_what_nobody_measured() -> None:
    found = [line(Cell(name="caml", row="caml"), 50.0, 52.0)]
    lines = figures_csv(experiment("table1"), found).splitlines()
    assert lines[1:] == ["caml,caml,icd,micro F1,2,51.0000,1.4142,61.4,50.0000 52.0000"]
    assert costs_csv(found).splitlines()[1] == "caml,caml,1234,4.500,0.500,,,300.000,"


def test_an_ablation_stands_beside_the_same_ablation_in_print() -> None:
    ablation = experiment("ablation")
    cell = next(cell for cell in ablation.cells() if cell.name == "marn w/o MTL, FL")
    text = markdown(ablation, SETTING, [line(cell, 50.0)])
    assert row_of(text.partition("## Cost")[0], "`marn w/o MTL, FL`")[-1] == "62.4 / 68.1 / 64.7"


def test_a_sweep_is_drawn_along_its_values() -> None:
    import plotly.graph_objects as go

    sweep = experiment("alpha")
    found = [line(cell, 10.0 * n, 10.0 * n + 2) for n, cell in enumerate(sweep.cells())]
    (curve,) = [trace for trace in _lines(go, sweep, "icd", found) if trace.name == "micro F1"]
    assert list(curve.x) == list(sweep.values)
    assert list(curve.y) == [10.0 * n + 1 for n in range(len(sweep.values))]
    assert curve.error_y.array[0] == curve.error_y.array[-1]


def test_the_page_escapes_what_it_shows_and_leaves_out_pictures_without_figures() -> None:
    cell = Cell(name="<b>x</b>", row="caml")
    text = page(experiment("table1"), SETTING, [line(cell, 50.0)])
    assert "<code>&lt;b&gt;x&lt;/b&gt;</code>" in text
    assert 'id="table1-0"' in text
    assert 'id="table1-1"' not in text
