"""The page of the safety figures: trials as they were kept, uploads as counted, tests as named."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from benchmarks import fuzz_uploads
from benchmarks.report import header
from tests.safety.figures import FIGURES
from tests.safety.protections import PROTECTIONS

ROOT = Path(__file__).parents[1]
REPORT, KEPT = ROOT / "docs" / "benchmarks" / "safety.md", ROOT / "build" / "safety"
PLACES = ("SQLite", "PostgreSQL")


def write(trials: Iterable[str]) -> None:
    """Write the page; a trial that was not run yet has a line that says so."""
    parts = [
        header("Safety: nothing lost, nothing changed unseen", "python -m benchmarks.safety"),
        _INTRODUCTION,
        *_trials(trials),
        *_uploads(),
        *_figures(),
        *_protections(),
    ]
    REPORT.write_text("".join(parts))


_INTRODUCTION = """Real processes, real files, a real PostgreSQL server, a real browser.
`make test-safety` runs the short forms, `make bench-safety` the long ones; what protects, and what
does not, is in the decisions [15](../decisions/0015-audit-trail.md) and
[20](../decisions/0020-deletion.md).

"""


def _trials(trials: Iterable[str]) -> Iterator[str]:
    yield (
        "## Trials\n\nA line that begins with a dash is the line above it with a protection taken "
        "out, to show that\nthe trial can fail. Times are of a machine busy with other work.\n\n"
        "| trial | SQLite | PostgreSQL | measured |\n|---|---|---|---|\n"
    )
    for name in trials:
        found = {
            kind: json.loads((KEPT / f"{name}-{kind}.json").read_text())
            for kind in PLACES
            if (KEPT / f"{name}-{kind}.json").exists()
        }
        tried = " / ".join(sorted({said["tried"] for said in found.values()}))
        cells = " | ".join(found[kind]["found"] if kind in found else "—" for kind in PLACES)
        when = ", ".join(
            sorted({f"{said['day']} at `{said['commit']}`" for said in found.values()})
        )
        missing = f"{name}: not measured yet (`python -m benchmarks.safety {name}`)"
        yield f"| {tried or missing} | {cells} | {when or '—'} |\n"


def _uploads() -> Iterator[str]:
    """What `benchmarks.fuzz_uploads` counted, if it was run here."""
    if not fuzz_uploads.KEPT.exists():
        return
    counts = json.loads(fuzz_uploads.KEPT.read_text())
    files = sum(int(done["files"]) for done in counts.values())
    crashed = sum(int(done["crashed"]) for done in counts.values())
    yield (
        f"\n## Damaged uploads\n\n{files:,} mutated files, each with a seed of its own, read as "
        "an upload is: in a child process with limits.\nThe server never failed; "
        f"{crashed:,} readers died without an answer. `read`: a note came out. `refused`: with "
        "the\nreason. `damaged`: the format's library gave up. `limit`: over the time or memory\n"
        "a file may take; all of those were met while other work kept the machine busy.\n\n"
        f"{fuzz_uploads.table(counts)}\n"
    )


def _figures() -> Iterator[str]:
    yield (
        "\n## Every figure, and what shows it\n\nAll tests stand below `tests/`; "
        "`tests/safety/test_safety_figures.py` keeps this table true.\n\n"
        "| | figure | tests | long form | without the protection |\n|---:|---|---|---|---|\n"
    )
    for number, figure in FIGURES.items():
        tests, without = _listed(figure.tests), _listed(figure.without)
        long_forms = ", ".join(f"`{each}`" for each in figure.trials)
        yield f"| {number} | {figure.says} | {tests} | {long_forms or '—'} | {without or '—'} |\n"


def _listed(tests: Iterable[str]) -> str:
    """Names without the prefixes that all tests share."""
    short = (each.partition("::") for each in tests)
    return "<br>".join(f"`{Path(file).name}`: {_said(name)}" for file, _, name in short)


def _protections() -> Iterator[str]:
    yield (
        "\n## Protections taken out one by one\n\nEach check holds, and fails once its protection "
        "is gone (`tests/safety/protections.py`).\n\n| figure | what holds |\n|---:|---|\n"
    )
    for name, protection in sorted(PROTECTIONS.items(), key=lambda each: each[1].figure):
        yield f"| {protection.figure} | {name} |\n"


def _said(test: str) -> str:
    return test.removeprefix("test_").replace("_", " ")
