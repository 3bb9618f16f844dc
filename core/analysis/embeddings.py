"""Code embeddings in the plane, and CCS codes with their own ICD codes (MARN Figs. 9, 10)."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.analysis.drawing import GREY, colour, panels, place_of, shown
from core.analysis.plane import Plane, Points, plane
from core.analysis.result import Result, not_drawn
from core.analysis.significance import PUBLISHED, RADIUS, longest_distance, significance
from core.analysis.subject import Material, category_of
from core.errors import BadSettings
from core.types import Code

PANELS = 6  # categories looked at where nobody chose any
COLUMNS = 3
WIDTH = 36  # letters of a title over a panel
BACKDROP = 3000  # points behind each panel; WebGL could draw all, but not every browser has it
OTHERS = {"color": GREY, "size": 3, "opacity": 0.5}
OWN = {"color": colour(0), "size": 7, "symbol": "circle"}
CENTRE = {"color": colour(1), "size": 14, "symbol": "star", "line": {"width": 1}}

Drawn = tuple[pd.DataFrame, go.Figure | None, tuple[str, ...]]  # table, figure, notes
Draw = Callable[[Material, Plane], Drawn | str]  # text: why nothing is drawn


def embeddings(material: Material) -> list[Result]:
    """All codes of each checkpoint on their first two principal components (Fig. 9)."""
    return _each(material, "embeddings", "Code embeddings", "MARN Fig. 9", _whole)


def neighbours(material: Material) -> list[Result]:
    """The significance test of eq. 18 for each checkpoint, and chosen categories (Fig. 10)."""
    title, source = "CCS codes and their ICD codes", "MARN Fig. 10, eq. 18"
    return _each(material, "neighbours", title, source, _tested)


def _each(material: Material, kind: str, title: str, source: str, draw: Draw) -> list[Result]:
    """A result for each checkpoint, or one that says why there is none."""
    several, results = len(material.subjects) > 1, []
    for place, subject in enumerate(material.subjects, start=1):
        found = plane(subject.checkpoint)
        drawn = found if isinstance(found, str) else draw(material, found)
        head = {
            "name": f"{kind}-{place}" if several else kind,
            "title": f"{title}: {subject.name}",
            "source": source,
        }
        if isinstance(drawn, str):
            results.append(not_drawn(**head, reason=drawn))
        else:
            table, figure, notes = drawn
            results.append(Result(**head, table=table, figure=figure, notes=notes))
    reason = "Needs a checkpoint: name one with --checkpoint."
    return results or [not_drawn(kind, title=title, source=source, reason=reason)]


def _whole(material: Material, found: Plane) -> Drawn:
    table = _table(found, material)
    first, second = found.explained
    said = f"The two components explain {first:.1%} and {second:.1%} of the variance."
    return table, _whole_plane(found, table), (*found.notes, said)


def _tested(material: Material, found: Plane) -> Drawn | str:
    if found.ccs is None or found.ccs_L2 is None:
        return found.notes[-1]
    categories = list(map(category_of(material.tables), found.icd))
    table = significance(found.icd_L2, found.ccs_L2, categories, found.ccs.codes)
    table.insert(2, "title", [material.tables.title(code) or "" for code in found.ccs])
    order = _strongest_first(table)
    chosen = _chosen(table, material.chosen, order)
    figure = _circles(found, categories, table.loc[chosen])
    without = sum(category is None or category not in found.ccs for category in categories)
    notes = (
        f"{int(table['significant'].sum())} of {len(table)} CCS codes are significant "
        f"(MARN on MIMIC-III full: {PUBLISHED[0]} of {PUBLISHED[1]}); if ICD codes lay anywhere at "
        f"random, {table['tail'].sum():.1f} would be.",
        f"Circle: {RADIUS:.0%} of the longest distance between two ICD codes. Significant: more of "
        "its own ICD codes in the circle than T, the smallest number with P(k > T) < 0.1.",
        f"{without} of {len(categories)} ICD codes belong to no CCS code the checkpoint ranks; "
        "they count among all ICD codes.",
        *([f"One in {_step(found)} of the other ICD codes is drawn."] if _step(found) > 1 else []),
    )
    return table.loc[order], figure, notes


def _table(found: Plane, material: Material) -> pd.DataFrame:
    """A line for every code: task, code, title, category, and its two components."""
    category, title = category_of(material.tables), material.tables.title
    parts = [("icd", found.icd, found.icd_L2)]
    if found.ccs is not None and found.ccs_L2 is not None:
        parts.append(("ccs", found.ccs, found.ccs_L2))
    return pd.DataFrame(
        [
            (task, code.system.value, code.code, title(code) or "", _code(category(code)), *point)
            for task, space, points in parts
            for code, point in zip(space, points, strict=True)
        ],
        columns=["task", "system", "code", "title", "category", "first", "second"],
    )


def _code(code: Code | None) -> str:
    return code.code if code else ""


def _whole_plane(found: Plane, table: pd.DataFrame) -> go.Figure:
    figure = panels([""], equal=True)
    figure.update_layout(height=700, legend={"y": -0.08})
    for task, name, looks in (
        ("icd", "ICD codes", {"color": colour(5), "size": 5, "symbol": "circle", "opacity": 0.6}),
        ("ccs", "CCS/CCSR categories", {"color": colour(1), "size": 8, "symbol": "diamond"}),
    ):
        part = table[table["task"] == task]
        if len(part):
            said = (
                part["system"] + " " + part["code"].map(shown) + "<br>" + part["title"].map(shown)
            )
            figure.add_trace(_dots(part[["first", "second"]].to_numpy(), said, name, marker=looks))
    first, second = found.explained
    figure.update_xaxes(title=f"first component ({first:.1%} of the variance)")
    figure.update_yaxes(title=f"second component ({second:.1%})")
    return figure


def _dots(points_L2: Points, said: Sequence[str] | None, name: str, **more: object) -> go.Scatter:
    """Points with a text each on pointing at them, or with none."""
    hover = {"hoverinfo": "skip"} if said is None else {"hovertemplate": "%{text}<extra></extra>"}
    x, y = np.round(points_L2, 5).T
    return go.Scatter(x=x, y=y, text=said, name=name, mode="markers", **hover, **more)


def _strongest_first(table: pd.DataFrame) -> list[int]:
    """Lines of the test: significant ones first, then by how far they are above the threshold."""
    excess = table["own_in_circle"] - table["threshold"]
    order = np.lexsort((-table["own"], -excess, ~table["significant"]))
    return [int(line) for line in order]


def _chosen(table: pd.DataFrame, wanted: Sequence[str], order: Sequence[int]) -> list[int]:
    """Lines of the categories asked for, or of the strongest ones."""
    if not wanted:
        return [line for line in order if table["own"].iloc[line]][:PANELS]
    lines = {code: line for line, code in enumerate(table["code"])}
    unknown = [code for code in wanted if code not in lines]
    if unknown:
        raise BadSettings(
            f"{unknown[0]!r} is no CCS code of the checkpoint; neighbours.csv of a run without "
            "--category lists them"
        )
    return [lines[code] for code in wanted]


def _circles(
    found: Plane, categories: Sequence[Code | None], chosen: pd.DataFrame
) -> go.Figure | None:
    """A panel for each chosen category: all ICD codes grey, its own coloured, and the circle."""
    if chosen.empty or found.ccs is None or found.ccs_L2 is None:
        return None
    radius = RADIUS * longest_distance(found.icd_L2)
    figure = panels([_heading(line) for _, line in chosen.iterrows()], columns=COLUMNS, equal=True)
    names = [shown(str(code)) for code in found.icd]
    for panel, (line, row) in enumerate(chosen.iterrows()):
        code, (x, y) = found.ccs.codes[line], found.ccs_L2[line]
        own = [place for place, category in enumerate(categories) if category == code]
        said = [f"{shown(str(code))}<br>{shown(row['title'])}"]
        place = {"legendgroup": "all", "showlegend": panel == 0}
        for points_L2, texts, name, looks in (
            (found.icd_L2[:: _step(found)], None, "other ICD codes", OTHERS),
            (found.icd_L2[own], [names[each] for each in own], "its ICD codes", OWN),
            (found.ccs_L2[line : line + 1], said, "the CCS code", CENTRE),
        ):
            figure.add_trace(
                _dots(points_L2, texts, name, marker=looks, **place),
                **place_of(panel, COLUMNS),
            )
        ends = {"x0": x - radius, "x1": x + radius, "y0": y - radius, "y1": y + radius}
        edge = {"color": colour(1), "dash": "dash"}
        figure.add_shape(type="circle", line=edge, **ends, **place_of(panel, COLUMNS))
    figure.update_annotations(font_size=12)
    figure.update_layout(legend={"y": -0.06}, margin={"t": 70})
    return figure


def _step(found: Plane) -> int:
    """One in how many of all ICD codes stands behind the panels."""
    return -(-len(found.icd) // BACKDROP)


def _heading(line: pd.Series) -> str:
    title = f"{line['code']} {line['title']}"
    title = title if len(title) <= WIDTH else f"{title[:WIDTH]}…"
    found = f"{line['own_in_circle']} of {line['own']} in the circle, T = {line['threshold']}"
    return f"{title}\n{found}"
