"""Results as files: one page that needs no network, a page for each figure, CSV, a summary."""

import html
import re
from collections.abc import Iterator, Mapping, Sequence

import pandas as pd
import plotly.io as pio
from plotly.offline import get_plotlyjs

from core.analysis.result import Result

SCRIPT = "plotly.min.js"
PREVIEW = 12  # lines of a table on the page; the CSV has them all
CONFIG = {"displaylogo": False, "responsive": True}
# a spreadsheet takes cells that begin so for formulas
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

# the page itself forbids requests: nothing of a hospital's figures can leave it
POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:"
)
STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:1100px;margin:2rem auto;padding:0 1rem;color:#222}
h1{font-size:1.6rem}h2{font-size:1.25rem;margin-top:2.5rem;border-top:1px solid #ccc;
padding-top:1rem}
.source{color:#555}table{border-collapse:collapse;font-size:.85rem;display:block;overflow-x:auto}
th,td{padding:.2rem .6rem;border-bottom:1px solid #ddd;text-align:left;white-space:nowrap}
td{max-width:30rem;overflow:hidden;text-overflow:ellipsis}
td.number,th.number{text-align:right;font-variant-numeric:tabular-nums}nav ol{columns:2}
"""


def files(results: Sequence[Result], *, heading: str, facts: Sequence[str]) -> Mapping[str, str]:
    """File name -> contents. facts: what was looked at, a sentence each."""
    made = {
        "index.html": _index(results, heading, facts),
        "summary.md": _summary(results, heading, facts),
    }
    for result in results:
        if not result.table.empty:
            made[f"{result.name}.csv"] = _csv(result.table)
        if result.figure is not None:
            made[f"{result.name}.html"] = pio.to_html(
                result.figure, include_plotlyjs="directory", config=CONFIG, div_id=result.name
            )
            made[SCRIPT] = get_plotlyjs()
    return made


def _csv(table: pd.DataFrame) -> str:
    return str(table.map(_defused).to_csv(index=False, lineterminator="\n"))


def _defused(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(DANGEROUS) else cell


def _index(results: Sequence[Result], heading: str, facts: Sequence[str]) -> str:
    told = html.escape(heading)
    script = f"<script>{get_plotlyjs()}</script>" if any(r.figure for r in results) else ""
    parts = [
        '<!doctype html><html lang="en"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
        '<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">',
        f"<title>{told}</title><style>{STYLE}</style>{script}</head><body><h1>{told}</h1>",
        *(f"<p>{html.escape(fact)}</p>" for fact in facts),
        "<nav><ol>",
        *(f'<li><a href="#{r.name}-">{html.escape(r.title)}</a></li>' for r in results),
        "</ol></nav>",
        *(line for result in results for line in _section(result)),
        "</body></html>\n",
    ]
    return "\n".join(parts)


def _section(result: Result) -> Iterator[str]:
    yield f'<section id="{result.name}-"><h2>{html.escape(result.title)}</h2>'
    yield f'<p class="source">As in {html.escape(result.source)}.</p>'
    if result.figure is not None:
        yield pio.to_html(
            result.figure,
            include_plotlyjs=False,
            full_html=False,
            config=CONFIG,
            div_id=result.name,
        )
    yield from (f"<p>{html.escape(note)}</p>" for note in result.notes)
    if not result.table.empty:
        yield _html_table(result.table.head(PREVIEW))
        yield f'<p><a href="{result.name}.csv">{result.name}.csv</a>: {_lines(result.table)}</p>'
    yield "</section>"


def _lines(table: pd.DataFrame) -> str:
    return f"all {len(table)} lines" if len(table) > PREVIEW else f"these {len(table)} lines"


def _html_table(table: pd.DataFrame) -> str:
    numbers = {column for column in table if pd.api.types.is_numeric_dtype(table[column])}
    kinds = {c: ' class="number"' if c in numbers else "" for c in table}
    head = "".join(f"<th{kinds[c]}>{html.escape(str(c))}</th>" for c in table)
    rows = (
        "".join(
            f"<td{kinds[c]}>{html.escape(_cell(value))}</td>"
            for c, value in zip(table, line, strict=True)
        )
        for line in table.itertuples(index=False)
    )
    return f"<table><tr>{head}</tr>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>"


def _cell(value: object) -> str:
    if isinstance(value, float):
        return "" if pd.isna(value) else f"{value:.4g}"
    return str(value)


def _summary(results: Sequence[Result], heading: str, facts: Sequence[str]) -> str:
    lines = [f"# {_plain(heading)}", "", *(f"{_plain(fact)}\n" for fact in facts)]
    for result in results:
        lines += [f"## {_plain(result.title)}", "", f"As in {_plain(result.source)}.", ""]
        lines += [f"- {_plain(note)}" for note in result.notes]
        named = [f"`{result.name}.csv`"] if not result.table.empty else []
        named += [f"`{result.name}.html`"] if result.figure is not None else []
        lines += ["", f"Files: {', '.join(named)}" if named else "Not drawn.", ""]
    return "\n".join(lines)


def _plain(text: str) -> str:
    """Text from outside as Markdown shows it, letter by letter."""
    return re.sub(r"([\\`*_\[\]<>#|~!])", r"\\\1", " ".join(text.split()))
