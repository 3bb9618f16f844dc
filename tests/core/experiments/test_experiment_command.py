"""`python -m core experiment`: killed and resumed, failing rows, and the report it writes."""

import csv
import fcntl
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from safetensors import safe_open

from core.__main__ import main
from core.errors import BadSettings
from core.experiments import Conduct, Experiment, Selection, conduct, experiment, parsed
from core.experiments.conduct import _runs, _system
from core.experiments.keeping import RESULT, keep_json, kept, locked
from core.experiments.run import Spec, run
from core.experiments.running import place
from tests.bert import write_bert
from tests.builders import write_jsonl

ROOT = Path(__file__).resolve().parents[3]
WORDS = {"R50.9": "fever", "R05": "cough", "I10": "hypertension", "J18.9": "pneumonia"}
EPOCHS = 25
SMALL = ("encoder.hidden=4", "embedding.width=8", "recipe.batch_size=8", "recipe.patience=99")
ROWS = ("bigru", "marn")


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    (tmp_path / "corpus").mkdir()
    for split, count in (("train", 16), ("dev", 6), ("test", 6)):
        lines = []
        for number in range(count):
            code, other = (list(WORDS)[(number + step) % 4] for step in (0, 1))
            text = f"The patient has {WORDS[code]} and {WORDS[other]}."
            codes = [{"system": "ICD-10-CM", "code": each} for each in (code, other)]
            lines.append({"id": f"{split}{number}", "text": text, "codes": codes})
        write_jsonl(tmp_path / "corpus" / f"{split}.jsonl", lines)
    return tmp_path / "corpus"


def command(corpus: Path, out: Path, *more: str, name: str = "table1") -> list[str]:
    where = ("--corpus", "jsonl", "--dir", str(corpus), "--out", str(out))
    small = [part for setting in SMALL for part in ("--set", setting)]
    few = ("--seeds", "1", "--epochs", str(EPOCHS), "--top", "3", "--vector-epochs", "1")
    return ["experiment", name, *where, *small, *few, *more]


def specs(corpus: Path) -> list[Spec]:
    """The runs of `command` with ROWS."""
    return _specs(experiment("table1"), conduct_of(corpus))


def _specs(named: Experiment, how: Conduct) -> list[Spec]:
    """The runs of an experiment, as it makes them."""
    cells = named.cells(how.rows)
    systems = {cell.name: _system(cell, named, how) for cell in cells}
    return [each.spec for each in _runs(cells, systems, how) if each.spec]


def conduct_of(corpus: Path) -> Conduct:
    selection = Selection(corpus="jsonl", folder=str(corpus), top=3, vector_epochs=1)
    settings = parsed(list(SMALL))
    return Conduct(selection=selection, seeds=1, epochs=EPOCHS, rows=ROWS, settings=settings)


def without_costs(out: Path) -> str:
    page = (out / "table1.md").read_text()
    assert page.count("## Cost") == 1
    return page.partition("## Cost")[0]


def wait_for(path: Path, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 60
    while not path.exists():
        assert process.poll() is None, "the command ended by itself"
        assert time.monotonic() < until
        time.sleep(0.005)


@pytest.fixture
def killed(corpus: Path, tmp_path: Path) -> Iterator[Path]:
    """An experiment whose first run is done and whose second was killed after some epochs."""
    out = tmp_path / "killed"
    arguments = command(corpus, out, "--rows", ",".join(ROWS))
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    process = subprocess.Popen(
        [sys.executable, "-m", "core", *arguments], cwd=ROOT, env=environment
    )
    try:
        second = place(specs(corpus)[1], out)
        wait_for(second / "training" / "state.safetensors", process)
        process.send_signal(signal.SIGKILL)
        process.wait()
        with locked(second / "lock"):  # its run ends with it, without finishing
            assert not (second / RESULT).exists()
        yield out
    finally:
        with suppress(ProcessLookupError):
            process.kill()


def test_killed_and_resumed_it_gives_the_same_report_and_repeats_nothing(
    corpus: Path, killed: Path, tmp_path: Path
) -> None:
    first, second = (place(spec, killed) for spec in specs(corpus))
    done = (first / RESULT).stat().st_mtime_ns
    with safe_open(second / "training" / "state.safetensors", framework="pt") as file:
        epochs = len(json.loads(file.metadata()["history"]))
    assert 1 <= epochs < EPOCHS

    assert main(command(corpus, killed, "--rows", ",".join(ROWS))) == 0
    assert (first / RESULT).stat().st_mtime_ns == done
    log = (second / "log.txt").read_text()
    assert re.findall(r"epoch (\d+)/", log)[0] == str(epochs + 1)
    assert not (second / "training").exists()

    whole = tmp_path / "whole"  # the same runs in one go, in this process
    for spec in specs(corpus):
        where = place(spec, whole)
        found = run(spec, where / "training", shared=where.parent)
        keep_json(where / RESULT, found)
    named = experiment("table1")
    conduct(named, conduct_of(corpus), whole, tell=lambda _: None, only_report=True)
    assert without_costs(killed) == without_costs(whole)
    assert (killed / "table1-figures.csv").read_bytes() == (
        whole / "table1-figures.csv"
    ).read_bytes()
    pages = [(out / "table1.html").read_text().partition("<h2>Cost") for out in (killed, whole)]
    assert pages[0][0] == pages[1][0]


def test_a_row_that_fails_stands_in_the_report_and_loses_no_other(
    corpus: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    wrong = ("--rows", "marn,bigru", "--epochs", "2", "--set", "aggregator.kernel=2")
    assert main(command(corpus, out, *wrong)) == 0
    page = (out / "table1.md").read_text()
    failed = page.partition("## Failed")[2]
    assert (
        "| `marn` | 0 | BadSettings: RAM halves the hidden width twice and needs an odd" in failed
    )
    assert "`bigru` | 0 |" not in failed
    assert re.search(r"\| `bigru` \| 1/1 \| \d", page)
    assert re.search(r"\| `marn` \| 0/1 \| –", page)
    assert "1 runs failed" in capfd.readouterr().err

    rows = list(csv.DictReader((out / "table1-figures.csv").open()))
    assert {row["row"] for row in rows} == {"bigru"}
    micro = next(row for row in rows if (row["task"], row["metric"]) == ("icd", "micro F1"))
    assert (micro["seeds"], micro["published"]) == ("1", "54.9")
    page = (out / "table1.html").read_text()
    assert "<td>BadSettings: RAM halves" in page
    assert "default-src 'none'" in page  # nothing is loaded from anywhere
    assert not re.search(r"<(script|link|img)[^>]+(src|href)=", page)


def test_a_cell_that_cannot_be_is_a_failure_of_its_own(corpus: Path, tmp_path: Path) -> None:
    named = experiment("alpha")
    selection = Selection(corpus="jsonl", folder=str(corpus), vector_epochs=1)
    how = Conduct(selection=selection, seeds=1, epochs=1, rows=("caml",))
    conduct(named, how, tmp_path, tell=lambda _: None)
    assert "BadSettings: no setting 'loss.alpha'" in (tmp_path / "alpha.md").read_text()


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (("--rows", "cnn,nonesuch"), "nonesuch: not in the systems table"),
        (("--seeds", "0"), "--seeds is at least 1"),
        (("--set", "recipe.patients=3"), "--set recipe.patients: no row of this experiment has"),
        (("--codes", "drugs"), "use one of all, diagnoses, procedures"),
        (("--values", "0.5"), "belongs to a sweep"),
        (("--values", "a"), "give numbers"),
        (("--dir", "nowhere"), "there is no folder"),
    ],
)
def test_what_cannot_be_done_is_said_before_anything_runs(
    corpus: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    more: tuple[str, ...],
    words: str,
) -> None:
    assert main(command(corpus, tmp_path / "out", *more)) == 2
    assert words in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_run_that_was_killed_from_outside_is_told_so() -> None:
    from core.experiments.running import _ended

    assert "no memory left" in _ended(-signal.SIGKILL)
    assert "signal 11" in _ended(-signal.SIGSEGV)


def test_a_reason_never_quotes_what_may_be_a_note() -> None:
    from core.experiments.child import reason

    try:
        {}["the patient's name"]
    except KeyError as error:
        told = reason(error)
    assert told.startswith("KeyError in test_experiment_command.py, line")
    assert reason(RuntimeError("out of memory\nmore")) == "RuntimeError: out of memory"


def test_what_is_kept_is_whole_and_what_is_spoilt_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    assert kept(path) is None
    keep_json(path, {"a": 1})
    assert kept(path) == {"a": 1}
    path.write_text('{"a": 1')
    assert kept(path) is None
    assert [each.name for each in tmp_path.iterdir()] == ["x.json"]


def test_a_lock_is_held_until_it_is_let_go(tmp_path: Path) -> None:
    with (
        locked(tmp_path / "lock"),
        (tmp_path / "lock").open("w") as other,
        pytest.raises(BlockingIOError),
    ):
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    with (tmp_path / "lock").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_a_bert_row_starts_from_the_folder_named_and_says_so_without_one(
    corpus: Path, tmp_path: Path
) -> None:
    folder = write_bert(tmp_path / "bert")
    named = experiment("table1")
    how = replace(conduct_of(corpus), rows=("bert_trun_lan",), epochs=1, bert=str(folder))
    (spec,) = _specs(named, how)
    found = run(spec, tmp_path / "training", shared=tmp_path)
    assert found["figures"]["icd"]["P@5"] > 0
    (without,) = _specs(named, replace(how, bert=""))
    assert without.fingerprint != spec.fingerprint
    with pytest.raises(BadSettings, match="bert_trun_lan starts from a pretrained BERT"):
        run(without, tmp_path / "other", shared=tmp_path)
