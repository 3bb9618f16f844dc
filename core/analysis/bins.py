"""F1 of codes by how frequent they are (BERT study, Fig. 3)."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import product

import pandas as pd
import plotly.graph_objects as go

from core.analysis.drawing import PANEL, TASKS, colour, mark, panels, place_of, shown
from core.analysis.frequency import bin_of, counts, written
from core.analysis.result import Result, not_drawn
from core.analysis.subject import Material, Scored, category_of
from core.corpora.labels import gold
from core.types import Code

NAME, TITLE, SOURCE = "bins", "F1 by frequency of the code", "BERT study, Fig. 3"
COLUMNS = ("scores", "task", "bin", "codes", "gold", "decided", "hits", "micro_f1", "mean_f1")


def bins(material: Material) -> list[Result]:
    """Codes of all kinds are counted, those the checkpoint does not rank as missed."""
    lines = [
        line
        for subject in material.subjects
        if subject.scored is not None
        for line in _lines(subject.name, subject.scored, material)
    ]
    table = pd.DataFrame(lines, columns=COLUMNS)
    if table.empty:
        reason = "Needs a checkpoint and coded notes: name a corpus with --corpus and --dir."
        return [not_drawn(NAME, title=TITLE, source=SOURCE, reason=reason)]
    notes = (
        f"Frequency: notes of split {material.counted_in!r} that carry the code. F1: notes of "
        f"split {material.scored_in!r}, at the checkpoint's threshold; network and memory cut at "
        "0.5.",
        "micro_f1 pools the decisions on all codes of a bin; mean_f1 is the mean of its codes' F1. "
        "A code counts if a note carries it or is given it; codes outside the label space are "
        "missed.",
        *_said(table),
        *_unseen(material),
    )
    return [
        Result(
            name=NAME, title=TITLE, source=SOURCE, table=table, figure=_figure(table), notes=notes
        )
    ]


def _lines(name: str, scored: Scored, material: Material) -> Iterator[tuple[object, ...]]:
    category = category_of(material.tables)
    for decided, task in product(scored.decided, TASKS):
        if task in decided.codes:
            wanted = [gold(note, task, category) for note in scored.notes]
            frequency = counts(material.counted, task, category)
            for line in by_bin(decided.codes[task], wanted, frequency):
                yield (f"{name}, {decided.name}", task, *line)


def by_bin(
    decided: Sequence[frozenset[Code]],
    wanted: Sequence[frozenset[Code]],
    frequency: Mapping[Code, int],
) -> list[tuple[str, int, int, int, int, float, float]]:
    """(bin, codes, gold, decided, hits, micro F1, mean F1 of its codes), rare codes first.

    decided, wanted: the codes of each note, in one order.
    """
    given = Counter(code for codes in decided for code in codes)
    held = Counter(code for codes in wanted for code in codes)
    hits = Counter(
        code for given_to, of in zip(decided, wanted, strict=True) for code in given_to & of
    )
    members: dict[tuple[int, int], list[Code]] = {}
    for code in sorted(given.keys() | held.keys()):
        members.setdefault(bin_of(frequency.get(code, 0)), []).append(code)
    found = []
    for ends, codes in sorted(members.items()):
        right, got, asked = (sum(part[code] for code in codes) for part in (hits, given, held))
        each = [2 * hits[code] / (given[code] + held[code]) for code in codes]
        micro, mean = 2 * right / (got + asked), sum(each) / len(each)
        found.append((written(ends), len(codes), asked, got, right, micro, mean))
    return found


def _said(table: pd.DataFrame) -> list[str]:
    """The rarest and the most frequent bin of each curve over ICD codes."""
    return [
        f"{name}: micro F1 of ICD codes {part['micro_f1'].iloc[0]:.3f} at {part['bin'].iloc[0]} "
        f"notes, {part['micro_f1'].iloc[-1]:.3f} at {part['bin'].iloc[-1]}."
        for name, part in table[table["task"] == "icd"].groupby("scores", sort=False)
    ]


def _unseen(material: Material) -> list[str]:
    """Tells of checkpoints that rank codes they cannot have learned from the counted notes."""
    counted = {code for note in material.counted for code in note.codes}
    held = {code for note in material.notes for code in note.codes}
    found = []
    for subject in material.subjects:
        ranked = sum(code in subject.checkpoint.spaces.get("icd", ()) for code in held - counted)
        if ranked:
            found.append(
                f"{subject.name} ranks {ranked} of the {len(held - counted)} ICD codes that "
                f"{material.scored_in!r} carries and {material.counted_in!r} does not: it "
                "learned from other notes too. If the scored ones are among them, these figures "
                "flatter it."
            )
    return found


def _figure(table: pd.DataFrame) -> go.Figure:
    tasks = [task for task in TASKS if (table["task"] == task).any()]
    names = list(table["scores"].unique())
    figure = panels([TASKS[task] for task in tasks])
    for panel, task in enumerate(tasks):
        for place, name in enumerate(names):
            part = table[(table["task"] == task) & (table["scores"] == name)]
            said = [
                f"{n} codes, {g} gold" for n, g in zip(part["codes"], part["gold"], strict=True)
            ]
            figure.add_trace(
                go.Scatter(
                    x=part["bin"],
                    y=part["micro_f1"],
                    text=said,
                    name=shown(name),
                    legendgroup=shown(name),
                    showlegend=panel == 0,
                    mode="lines+markers",
                    line={"color": colour(place), "width": 2.5},
                    marker={"symbol": mark(place), "size": 9},
                    hovertemplate="%{x} notes: %{text}<br>micro F1 %{y:.3f}<extra></extra>",
                ),
                **place_of(panel, 2),
            )
    order = sorted(table["bin"].unique(), key=lambda ends: int(ends.split("–")[0]))
    figure.update_xaxes(
        title="notes that carry the code",
        tickangle=-45,
        type="category",
        categoryarray=order,
        categoryorder="array",
    )
    figure.update_layout(height=PANEL + 130, legend={"y": -0.3})  # under the slanted labels
    figure.update_yaxes(title="micro F1", range=[0, 1])
    return figure
