"""`python -m db`: migrate and export, with clear messages and nothing half-written."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import db
from db.__main__ import main
from db.export import Format
from db.records import Action
from tests.db.desk import FEVER, TEXT, a_note, decide


@pytest.fixture
def decided(database: str) -> str:
    engine = db.connect(database)
    with db.unit_of_work(engine) as session:
        decide(session, a_note(session), FEVER, Action.ADD)
    engine.dispose()
    return database


def test_the_database_is_made_and_the_feedback_written(
    decided: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "feedback.jsonl"
    arguments = ["export", "--format", "jsonl", "--out", str(out), "--database", decided]
    assert main([*arguments, "--all-charts", "--text", "--history"]) == 0
    assert capsys.readouterr().out == f"1 records written to {out}\n"
    assert json.loads(out.read_text())["text"] == TEXT
    assert main([*arguments, "--all-charts"]) == 0
    assert "text" not in json.loads(out.read_text())
    assert main(arguments) == 0  # the chart is not finished
    assert out.read_text() == ""


def test_the_environment_names_the_database_from_any_folder(decided: str, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "db",
            "export",
            "--format",
            "csv",
            "--out",
            "feedback.csv",
            "--all-charts",
        ],
        cwd=elsewhere,
        env={"EVICODE_DATABASE": decided, "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert len((elsewhere / "feedback.csv").read_text().splitlines()) == 2


def test_a_missing_database_is_not_made_by_an_export(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing, out = tmp_path / "typo.sqlite", tmp_path / "feedback.csv"
    arguments = ["export", "--format", "csv", "--out", str(out), "--database", str(missing)]
    assert main(arguments) == 2
    assert capsys.readouterr().err == (
        f"error: there is no database at {missing}; check the path or EVICODE_DATABASE\n"
    )
    assert list(tmp_path.iterdir()) == []


def test_migrating_says_where_the_database_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "new" / "evicode.sqlite"
    assert main(["migrate", "--database", str(path)]) == 0
    assert capsys.readouterr().out == f"{path} is up to date\n"


def test_an_unknown_format_lists_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["export", "--format", "docx", "--out", "x"])
    errors = capsys.readouterr().err
    assert all(name in errors for name in Format)


def _export(decided: Path, *arguments: str) -> int:
    return main(["export", "--database", str(decided), *arguments])


def test_a_lead_can_count_before_writing(decided: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _export(decided, "--format", "parquet", "--count", "--all-charts") == 0
    assert capsys.readouterr().out == "1 code of 1 chart: 1 never shown\n"
    assert _export(decided, "--format", "corpus", "--count") == 0
    assert capsys.readouterr().out == "0 finished charts\n"


@pytest.mark.parametrize(
    ("arguments", "records"),
    [
        (["--kind", "rejected"], 0),
        (["--kind", "never shown", "--kind", "rejected"], 1),
        (["--system", "icd10cm"], 1),
        (["--system", "ICD-9-CM"], 0),
        (["--coder", "ana"], 1),
        (["--since", "2026-01-02", "--until", "2026-01-02"], 1),
        (["--since", "2026-01-03"], 0),
        (["--checkpoint", "c0ffee"], 0),
    ],
)
def test_filters_on_the_command_line(
    decided: Path, tmp_path: Path, arguments: list[str], records: int
) -> None:
    out = tmp_path / "feedback.jsonl"
    asked = ["--format", "jsonl", "--out", str(out), "--all-charts", *arguments]
    assert _export(decided, *asked) == 0
    assert len(out.read_text().splitlines()) == records


def test_what_a_format_has_no_place_for_is_counted(
    decided: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "mimic.zip"
    assert _export(decided, "--format", "mimic3", "--out", str(out), "--all-charts") == 0
    assert capsys.readouterr().out == (
        f"0 records written to {out}; 1 codes have no place in mimic3 and are left out\n"
    )


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--format", "csv"], "--out"),
        (["--format", "corpus", "--out", "x", "--coder", "ana"], "leave filters out"),
        (["--format", "fhir", "--out", "x", "--history"], "no place for decisions"),
        (["--format", "csv", "--out", "x", "--system", "snomed"], "not a code system"),
        (["--format", "csv", "--out", "x", "--since", "2026-02-02", "--until", "2026-02-01"],
         "swap the dates"),
    ],
)  # fmt: skip
def test_options_that_contradict_one_another_are_refused(
    decided: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], why: str
) -> None:
    assert _export(decided, *arguments) == 2
    assert why in capsys.readouterr().err
