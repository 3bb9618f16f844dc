"""The ingest report as a page: what was read, what was left out and why, beside the papers."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

Json = Mapping[str, Any]  # Any: plain JSON as core.corpora.mimic.ingest makes it

SHOWN = 30  # of a list on the page; report.json has all


def as_markdown(report: Json) -> str:
    """The page."""
    parts = (_spaces(report), _documents(report), _codes(report), _ccs(report), _rows(report))
    return f"# {report['release']}, ingested\n\n" + "\n".join(parts)


def _spaces(report: Json) -> str:
    """Sizes of the corpora beside the published ones."""
    lines = list(chain.from_iterable(_sizes(*found) for found in report["spaces"].items()))
    published = report["published"]
    rows = ((head, _said(here), _said(published.get(head, ""))) for head, here in lines)
    split = report["split"]
    best = next(name for name in split if name.startswith("top") and name in report["spaces"])
    said = [f"- {key}: {_said(value)}" for key, value in split.items() if key != best]
    listed = _table(("code", "title", "in train"), split[best])
    return (
        f"## Corpora\n\n{_table(('', 'here', 'papers'), rows)}\n"
        "The papers count CCS categories by number, so a diagnosis and a procedure category of one "
        "number\nare one label; here they are two. CAML drops the leading zeros of procedure codes "
        "(03.31 becomes\n33.1); here they stay.\n\nSplit:\n\n" + "\n".join(said) + "\n\n"
        f"### The codes of {best}\n\n{listed}"
    )


def _sizes(name: str, space: Json) -> Iterator[tuple[str, object]]:
    for head in ("train", "dev", "test", "admissions", "codes"):
        yield f"{name} {head}", space[head]
    yield f"{name} CCS", space["CCS"]["counted by number alone"]
    yield f"{name} CCS/CCSR, each system's own", space["CCS"]["categories"]
    yield f"{name} codes as CAML writes them", space["codes as CAML writes them"]
    yield f"{name} codes not in train", space["codes not in train"]
    yield f"{name} codes an admission", round(space["codes an admission"], 2)


def _documents(report: Json) -> str:
    lines = [f"- {key}: {_said(value)}" for key, value in report["documents"].items()]
    return (
        "## Summaries\n\nReports first, then addenda, each by chart date; CAML joins in the order "
        "of the file.\n\n" + "\n".join(lines) + "\n"
    )


def _codes(report: Json) -> str:
    lines = list(chain.from_iterable(_of_system(*found) for found in report["codes"].items()))
    lines.append(f"- without a title in D_ICD: {_listed(report['without a title'])}")
    return "## Codes\n\n" + "\n".join(lines) + "\n"


def _of_system(system: str, found: Json) -> Iterator[str]:
    yield f"- {system}: {_said(found['different'])} different codes"
    if restored := found["leading zeros restored"]:
        yield f"- {system}, leading zeros restored: {_listed(restored)}"
    if uncertain := found["leading zeros uncertain"]:
        yield (
            f"- {system}, leading zeros uncertain: {_listed(uncertain)}. The file has lost its "
            "zeros, and these\n  codes exist with and without; they stay as written. The file as "
            "downloaded has the zeros."
        )


def _ccs(report: Json) -> str:
    """One category a code: which codes that concerns."""
    lines = [f"- {finding}" for finding in report["ccs"]]
    for name, space in report["spaces"].items():
        lines += _of_space(name, space["CCS"])
    return "## Categories, one a code\n\n" + "\n".join(lines) + "\n"


def _of_space(name: str, ccs: Json) -> Iterator[str]:
    systems = ", ".join(f"{_said(n)} {system}" for system, n in ccs["by system"].items())
    own = ccs["codes with a category of their own"]
    yield f"- {name}: {_said(own)} codes with a category of their own; {systems or 'none'}"
    for key in ("codes with their heading's category", "codes without a category"):
        yield f"- {name}, {key}: {_listed(ccs[key])}"


def _rows(report: Json) -> str:
    read = _table(("file", "rows"), ((f, _said(n)) for f, n in report["rows"].items()))
    dropped = _table(
        ("file", "why", "rows"), ((f, why, _said(n)) for f, why, n in report["dropped"])
    )
    named = [*report["malformed"], *report["notes"]]
    lines = [f"- {line}" for line in named[:SHOWN]]
    if len(named) > SHOWN:
        lines.append(f"- ... and {len(named) - SHOWN:,} more; see report.json")
    rest = "\nRows that could not be read:\n\n" + "\n".join(lines) + "\n" if lines else ""
    return f"## Rows\n\n{read}\nLeft out:\n\n{dropped}{rest}"


def _said(value: object) -> str:
    return f"{value:,}" if isinstance(value, int | float) else str(value)


def _listed(items: list[str]) -> str:
    shown = ", ".join(items[:SHOWN])
    more = ", ..." if len(items) > SHOWN else ""
    return f"{len(items):,}" + (f" ({shown}{more})" if items else "")


def _table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    columns = list(head)
    lines = [columns, ["---"] * len(columns)]
    lines += [[_said(cell).replace("|", "/") for cell in row] for row in rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)
