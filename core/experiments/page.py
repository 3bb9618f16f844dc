"""The report as one HTML page: the pictures and the tables of the Markdown page, nothing loaded."""

import re
from collections.abc import Iterator, Sequence
from html import escape

from core.experiments.picture import pictures
from core.experiments.report import Setting, markdown
from core.experiments.summary import Line
from core.experiments.table import Experiment

# the page itself forbids requests, so that nothing of a hospital's figures can leave it
POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:"
)
STYLE = (
    "body{font-family:sans-serif;margin:2rem}table{border-collapse:collapse;font-size:.9rem}"
    "td,th{border:1px solid #ccc;padding:.2rem .5rem;text-align:left}"
)


def page(experiment: Experiment, setting: Setting, found: Sequence[Line]) -> str:
    """The whole page; Plotly's script is inside."""
    head, rest = _parts(markdown(experiment, setting, found))
    drawn = "".join(pictures(experiment, found))
    return (
        "<!DOCTYPE html>\n<html lang='en'><head><meta charset='utf-8'>"
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        f"<title>{escape(experiment.title)}</title><style>{STYLE}</style></head>\n<body>"
        f"{head}{drawn}{rest}</body></html>\n"
    )


def _parts(text: str) -> tuple[str, str]:
    """What stands before the first table's heading, and the rest, as HTML."""
    before, heading, after = text.partition("\n## ")
    return "".join(_html(before)), "".join(_html(heading + after))


def _html(text: str) -> Iterator[str]:
    """The few things of Markdown that a report is made of."""
    for block in filter(None, (part.strip() for part in text.split("\n\n"))):
        if block.startswith("#"):
            marks, _, title = block.partition(" ")
            yield f"<h{len(marks)}>{_inline(title)}</h{len(marks)}>\n"
        elif block.startswith("|"):
            head, _, *rows = block.split("\n")
            body = "".join(f"<tr>{_cells(row, 'td')}</tr>\n" for row in rows)
            yield f"<table><tr>{_cells(head, 'th')}</tr>\n{body}</table>\n"
        else:
            yield f"<p>{_inline(block)}</p>\n"


def _cells(row: str, kind: str) -> str:
    cells = row.strip().strip("|").split("|")
    return "".join(f"<{kind}>{_inline(cell.strip())}</{kind}>" for cell in cells)


def _inline(text: str) -> str:
    coded = re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))
    return re.sub(r"\*([^*]+)\*", r"<em>\1</em>", coded)
