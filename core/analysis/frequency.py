"""How often codes occur: the long tail (MARN Fig. 1), and bins of frequency."""

from collections import Counter
from collections.abc import Mapping, Sequence

import pandas as pd
import plotly.graph_objects as go

from core.analysis.drawing import TASKS, colour, panels, shown
from core.analysis.result import Result, not_drawn
from core.analysis.subject import Material, category_of
from core.corpora import Category
from core.corpora.labels import gold
from core.types import Code, Note

NAME, TITLE, SOURCE = "frequency", "Frequency of codes", "MARN Fig. 1"
RARE = 10  # notes; a code with fewer is called rare in the notes under the figure


def counts(notes: Sequence[Note], task: str, category: Category) -> Counter[Code]:
    """In how many notes each code of a task occurs ("ccs": in how many one of its codes does)."""
    return Counter(code for note in notes for code in gold(note, task, category))


def bin_of(count: int) -> tuple[int, int]:
    """First and last count of the bin `count` is in: 0, 1, 2-4, 5-9, 10-19, 20-49, 50-99, ..."""
    if count < 1:
        return (0, 0)
    step = 1
    while count >= 10 * step:
        step *= 10
    ends = ((1, 2), (2, 5), (5, 10))
    start, end = next((a * step, b * step) for a, b in ends if count < b * step)
    return (start, end - 1)


def written(ends: tuple[int, int]) -> str:
    """A bin as a reader knows it: `1`, `2–4`.

    With a dash: a spreadsheet takes 2-4 for a day.
    """
    start, end = ends
    return f"{start}" if start == end else f"{start}–{end}"


def frequency(material: Material) -> list[Result]:
    """Rank every code by the notes that carry it, ICD and CCS/CCSR side by side."""
    category = category_of(material.tables)
    counted = {task: counts(material.counted, task, category) for task in TASKS}
    if not counted["icd"]:
        reason = "Needs coded notes: name a corpus with --corpus and --dir."
        return [not_drawn(NAME, title=TITLE, source=SOURCE, reason=reason)]
    table = ranked(counted, material)
    where = f"{len(material.counted)} notes of split {material.counted_in!r}"
    notes = [f"Counted in {where}.", *(_tail(task, found) for task, found in counted.items())]
    figure = _figure(table)
    return [
        Result(
            name=NAME, title=TITLE, source=SOURCE, table=table, figure=figure, notes=tuple(notes)
        )
    ]


def ranked(counted: Mapping[str, Counter[Code]], material: Material) -> pd.DataFrame:
    """A line for every code: task, rank (1 is the most frequent), code, title, notes."""
    return pd.DataFrame(
        [
            (task, rank, code.system.value, code.code, material.tables.title(code) or "", number)
            for task, found in counted.items()
            for rank, (code, number) in enumerate(
                sorted(found.items(), key=lambda each: (-each[1], each[0])), start=1
            )
        ],
        columns=["task", "rank", "system", "code", "title", "notes"],
    )


def _tail(task: str, found: Counter[Code]) -> str:
    if not found:
        return f"{TASKS[task]}: none."
    rare = sum(number < RARE for number in found.values())
    code, most = found.most_common(1)[0]
    return (
        f"{TASKS[task]}: {len(found)} different, {rare} of them ({rare / len(found):.0%}) in fewer "
        f"than {RARE} notes; the most frequent, {code}, in {most}."
    )


def _figure(table: pd.DataFrame) -> go.Figure:
    figure = panels([""])
    for place, (task, found) in enumerate(table.groupby("task", sort=False)):
        said = found["system"] + " " + found["code"].map(shown) + "<br>" + found["title"].map(shown)
        figure.add_trace(
            go.Scatter(
                x=found["rank"],
                y=found["notes"],
                text=said,
                name=TASKS[task],
                mode="lines+markers",
                marker={"size": 4},
                line={"color": colour(place), "dash": ("solid", "dot")[place % 2]},
                hovertemplate="%{text}<br>rank %{x}, %{y} notes<extra></extra>",
            )
        )
    figure.update_xaxes(title="codes, the most frequent first", type="log", dtick=1)
    figure.update_yaxes(title="notes that carry the code", type="log", dtick=1)
    return figure
