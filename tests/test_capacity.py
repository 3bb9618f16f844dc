"""The capacity plan shows what was measured and sums that can be checked by hand."""

import json
from pathlib import Path

import pytest

from benchmarks import capacity_page, scale

DATABASE = {
    "open_s": 0.1,
    "open_after_decision_s": 0.4,
    "evidence_s": 0.05,
    "decide_s": 0.1,
    "note_kb": 5.0,
    "screen_kb": 10.0,
    "decision_kb": 1.0,
    "evidence_kb": 0.5,
}


def keep(folder: Path, **found: dict[str, object]) -> None:
    for name, costs in found.items():
        (folder / f"{name.replace('_', '-')}.json").write_text(json.dumps(costs))


def row(page: str, what: str) -> list[str]:
    line = next(line for line in page.splitlines() if line.startswith(f"| {what} |"))
    return [cell.strip() for cell in line.strip("|").split("|")[1:]]


def test_a_plan_of_nothing_measured_says_so(tmp_path: Path) -> None:
    capacity_page.write(tmp_path, tmp_path / "page.md")
    page = (tmp_path / "page.md").read_text()
    assert row(page, "CPU hours of the app") == ["not measured yet"] * 3
    assert row(page, "coders") == ["1", "17", "1,667"]
    assert "not measured yet" in scale.section(tmp_path)


def test_sums_are_of_what_was_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    safety = tmp_path / "safety.md"
    each = "| 1,200 decisions, 4 conflicts shown, 0 errors, p95 of a decision 10 ms; trail whole "
    safety.write_text(f"| 20 simulated coders for 10 min {each}{each}| 2026 |")
    monkeypatch.setattr(capacity_page, "SAFETY", safety)
    keep(
        tmp_path,
        capacity_sqlite=DATABASE,
        capacity_postgresql=DATABASE,
        capacity_finetune={"cpu_minutes": 3.0},
        scale_speed_long_evidence_1={"cpu_seconds": 0.36},
    )
    capacity_page.write(tmp_path, tmp_path / "page.md")
    page = (tmp_path / "page.md").read_text()
    # 0.36 s a note: 100,000 notes are 10 hours, on half a core for 8 hours 2.5 cores
    assert row(page, "CPU hours to score them beforehand, with evidence") == ["0.001", "0.1", "10"]
    assert row(page, "cores for that in a night") == ["1", "1", "3"]
    # 0.4 + 12 x 0.05 + 12 x 0.1 = 2.2 s a note
    assert row(page, "CPU hours of the app") == ["0.00611", "0.611", "61.1"]
    assert row(page, "cores of the app, at the busiest") == ["1", "1", "46"]
    # 5 + 10 + 12 x 1 + 12 x 0.5 = 33 kB a note
    assert row(page, "disk a year, SQLite, GB") == ["0.12", "12", "1,204"]
    assert row(page, "fine-tuning on a day's notes, CPU hours") == ["0.005", "0.5", "50"]
    # 1,000 / 10 ms = 100 a second; 100 x 28,800 / 12 / 3
    assert page.count("= 80,000 notes a day in one database") == 2
    assert "SQLite 1,200 decisions, p95 10 ms; PostgreSQL 1,200" in page


def test_the_section_on_batch_scoring_shows_efficiency_and_identity(tmp_path: Path) -> None:
    fast = {"evidence": "none", "cpu_seconds": 0.02, "load": 1.0}
    keep(
        tmp_path,
        scale_speed_short_1=fast | {"notes_per_second": 50.0},
        scale_speed_short_2=fast | {"notes_per_second": 95.0},
        scale_memory_1000={"driver_mb": 540, "worker_mb": 776, "output_mb": 0.4, "seconds": 120},
        scale_kills={
            "notes": 640,
            "sha256": "c0ffee" * 10,
            "identical": True,
            "kept": 3,
            "made_again": 0,
            "orphans_seconds": 0.2,
        },
    )
    said = scale.section(tmp_path)
    assert "| 0.020 | 50.0 | 95.0 | 0.95 |" in said
    assert "| 1,000 | 540 | 776 | 0.4 | 2.0 |" in said
    assert "is the same, byte for byte" in said
    assert "0 of them were made again" in said
