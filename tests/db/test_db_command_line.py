"""`python -m db`: migrate and export, with clear messages and nothing half-written."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import db
from db.__main__ import main
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
    assert main([*arguments, "--text", "--history"]) == 0
    assert capsys.readouterr().out == f"1 records written to {out}\n"
    assert json.loads(out.read_text())["text"] == TEXT
    assert main([*arguments, "--hash"]) == 0
    assert "text" not in json.loads(out.read_text())


def test_the_environment_names_the_database_from_any_folder(decided: str, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "db", "export", "--format", "csv", "--out", "feedback.csv"],
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
        main(["export", "--format", "xlsx", "--out", "x"])
    errors = capsys.readouterr().err
    assert all(name in errors for name in ("csv", "jsonl", "corpus"))
