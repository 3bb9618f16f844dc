"""docs/capacity.md: from what one note costs to what 10, 1,000 and 100,000 notes a day need.

Every figure is read from what was measured (build/learning) or is one of ASSUMED, and every sum is
shown with the figures it is made of. What was not measured yet says so and is left out of sums.
"""

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.report import header

ROOT = Path(__file__).parents[1]
PAGE, SAFETY = ROOT / "docs" / "capacity.md", ROOT / "docs" / "benchmarks" / "safety.md"
VOLUMES = (10, 1_000, 100_000)
TEMPLATE = Path(__file__).with_name("capacity.template.md")  # the prose, and where figures go
MISSING = "not measured yet"


@dataclass(frozen=True)
class Assumed:
    """What nobody can measure here. Put in your own figures: the sums are shown."""

    notes_of_a_coder: int = 60  # a day
    decisions_of_a_note: int = 12
    evidence_of_a_note: int = 12  # codes whose evidence a coder looks at
    hours: int = 8  # of a working day, and of a night in which notes are scored beforehand
    peak: int = 3  # times the average, at the busiest moment
    headroom: float = 0.5  # of a core that is planned with


ASSUMED = Assumed()


class Costs:
    """Measured costs by name ("sqlite.note_kb"); None where nobody measured."""

    def __init__(self, folder: Path) -> None:
        self._found: dict[str, Mapping[str, float]] = {}
        for path in sorted(folder.glob("*.json")):
            kind, _, name = path.stem.partition("-")
            if kind in ("capacity", "scale"):
                self._found[name] = json.loads(path.read_text())

    def of(self, name: str) -> float | None:
        """The cost, or None."""
        cost, _, field = name.rpartition(".")
        found = self._found.get(cost, {}).get(field)
        return None if found is None else float(found)

    def sum(self, **times: float) -> float | None:
        """Costs, each so many times (`__` for a dot, `_` for a dash before it); None if one is."""
        total = 0.0
        for name, number in times.items():
            place, _, field = name.partition("__")
            cost = self.of(f"{place.replace('_', '-')}.{field}")
            if cost is None:
                return None
            total += cost * number
        return total


def write(folder: Path, page: Path = PAGE) -> None:
    """Write the page from what is kept in the folder."""
    costs = Costs(folder)
    words = TEMPLATE.read_text(encoding="utf-8").format(
        a=ASSUMED,
        units="".join(_units(costs)),
        load=_under_load(),
        volumes="".join(_volumes(costs)),
        first="".join(_first(costs)),
    )
    head = header("Capacity", "python -m benchmarks.capacity")
    page.write_text(head + words, encoding="utf-8")


_UNITS = (
    ("suggestions, batch, without evidence", "s", ("speed-long-1.cpu_seconds",)),
    ("suggestions with evidence for all 50, batch", "s", ("speed-long-evidence-1.cpu_seconds",)),
    ("a chart opened for the first time", "s", ("sqlite.open_s", "postgresql.open_s")),
    (
        "the same right after memory learned a decision",
        "s",
        ("sqlite.open_after_decision_s", "postgresql.open_after_decision_s"),
    ),
    ("evidence of one code, kept", "s", ("sqlite.evidence_s", "postgresql.evidence_s")),
    ("a decision, written and learned", "s", ("sqlite.decide_s", "postgresql.decide_s")),
    ("disk: a note", "kB", ("sqlite.note_kb", "postgresql.note_kb")),
    ("disk: a first screen of it", "kB", ("sqlite.screen_kb", "postgresql.screen_kb")),
    ("disk: a decision", "kB", ("sqlite.decision_kb", "postgresql.decision_kb")),
    ("disk: evidence of one code, kept", "kB", ("sqlite.evidence_kb", "postgresql.evidence_kb")),
    ("memory: a process of the app with its model", "MB", ("app.app_mb",)),
    ("memory: a worker of batch scoring", "MB", ("memory-1000.worker_mb",)),
    ("memory: the driver of batch scoring", "MB", ("memory-1000.driver_mb",)),
    (
        "suggestions of one note in a Parquet file",
        "bytes",
        ("speed-long-evidence-1.bytes_per_note",),
    ),
    ("fine-tuning on 100 notes, 5 epochs, no rehearsal", "CPU min", ("finetune.cpu_minutes",)),
)


def _units(costs: Costs) -> Iterator[str]:
    yield "| what | unit | SQLite | PostgreSQL |\n|---|---|---:|---:|\n"
    for what, unit, names in _UNITS:
        cells = [_said(costs.of(name)) for name in names]
        shown = " | ".join(cells) if len(cells) > 1 else f"{cells[0]} (either) | "
        yield f"| {what} | {unit} | {shown} |\n"


def _under_load() -> str:
    """What safety.md says of twenty coders, in its own figures."""
    said = [f"{kind} {made} decisions, p95 {late} ms" for kind, made, late in _coders()]
    return f"20 simulated coders in 10 minutes, {'; '.join(said)}" if said else MISSING


def _coders() -> list[tuple[str, str, int]]:
    """Of each database, decisions of twenty coders and the milliseconds of the slow ones (p95)."""
    row = next((r for r in SAFETY.read_text().splitlines() if r.startswith("| 20 simulated")), "")
    found = re.findall(r"([\d,]+) decisions, .*?p95 of a decision (\d+) ms", row)
    named = zip(("SQLite", "PostgreSQL"), found, strict=False)
    return [(kind, made, int(late)) for kind, (made, late) in named]


def _volumes(costs: Costs) -> Iterator[str]:
    yield (
        "| notes a day | "
        + " | ".join(f"{volume:,}" for volume in VOLUMES)
        + " |\n|---|"
        + "---:|" * len(VOLUMES)
        + "\n"
    )
    for what, amounts in _needs(costs).items():
        yield f"| {what} | {' | '.join(amounts)} |\n"


def _needs(costs: Costs) -> dict[str, list[str]]:
    """Each row of the table, a cell for each volume."""
    a = ASSUMED
    each = {
        "night": costs.of("speed-long-evidence-1.cpu_seconds"),
        "work": _coding(costs),
        **{kind: _disk(costs, kind) for kind in ("sqlite", "postgresql")},
    }
    hours, cores = a.hours * 3600, a.hours * 3600 * a.headroom
    peak = a.decisions_of_a_note * a.peak / hours
    tune = costs.of("finetune.cpu_minutes")
    return {
        "coders": [f"{math.ceil(v / a.notes_of_a_coder):,}" for v in VOLUMES],
        "CPU hours to score them beforehand, with evidence": _times(each["night"], 1 / 3600),
        "cores for that in a night": _cores(each["night"], cores),
        "CPU hours of the app": _times(each["work"], 1 / 3600),
        "cores of the app, on average": _cores(each["work"], cores),
        "cores of the app, at the busiest": _cores(each["work"], cores / a.peak),
        "decisions a second at the busiest": [_said(v * peak) for v in VOLUMES],
        "disk a year, SQLite, GB": _times(each["sqlite"], 365e-6),
        "disk a year, PostgreSQL, GB": _times(each["postgresql"], 365e-6),
        "fine-tuning on a day's notes, CPU hours": _times(tune, 1 / 100 / 60),
    }


def _disk(costs: Costs, kind: str) -> float | None:
    """kB of one note with all that becomes of it."""
    return costs.sum(
        **{
            f"{kind}__note_kb": 1,
            f"{kind}__screen_kb": 1,
            f"{kind}__decision_kb": ASSUMED.decisions_of_a_note,
            f"{kind}__evidence_kb": ASSUMED.evidence_of_a_note,
        }
    )


def _times(cost: float | None, factor: float) -> list[str]:
    return [MISSING if cost is None else _said(v * cost * factor) for v in VOLUMES]


def _cores(cost: float | None, seconds: float) -> list[str]:
    if cost is None:
        return [MISSING] * len(VOLUMES)
    return [f"{max(1, math.ceil(v * cost / seconds)):,}" for v in VOLUMES]


def _said(cost: float | None) -> str:
    if cost is None:
        return MISSING
    return f"{cost:,.0f}" if cost >= 100 else f"{cost:.3g}"


def _first(costs: Costs) -> Iterator[str]:
    a = ASSUMED
    work = _coding(costs)
    if work is None:
        yield f"1. **The app's processor**: {MISSING}.\n"
    else:
        notes = a.hours * 3600 * a.headroom / work / a.peak
        yield (
            f"1. **The app's processor.** A coded note is {work:.2g} s of it, so a core carries\n"
            f"   {a.hours} x 3,600 x {a.headroom} / {work:.2g} / {a.peak} = {notes:,.0f} notes "
            "a day at the busiest.\n   Coders wait for evidence first: it comes "
            "in the background.\n"
        )
    for kind, _, late in _coders():
        rate = 1000 / late
        notes = rate * a.hours * 3600 / a.decisions_of_a_note / a.peak
        yield (
            f"1. **{kind}'s one writer at a time** (each record is chained to the one before it).\n"
            f"   With 20 coders 95 % of the decisions took {late} ms or less, waiting included: at "
            f"least 1,000 / {late} =\n   {rate:.0f} a second, so {rate:.0f} x {a.hours} x 3,600 / "
            f"{a.decisions_of_a_note} / {a.peak} = {notes:,.0f} notes a day in one database.\n"
        )


def _coding(costs: Costs) -> float | None:
    """CPU seconds of the app while one note is coded, on PostgreSQL."""
    return costs.sum(
        postgresql__open_after_decision_s=1,
        postgresql__evidence_s=ASSUMED.evidence_of_a_note,
        postgresql__decide_s=ASSUMED.decisions_of_a_note,
    )
