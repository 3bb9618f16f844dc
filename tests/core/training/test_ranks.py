"""Two processes started by a real torchrun learn what one process learns."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from tests.builders import write_jsonl
from tests.core.training.rank_worker import main, rows

ROOT = Path(__file__).parents[3]


def torchrun(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            *(sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2"),
            *("--master-port", "0", "--rdzv-backend", "c10d", "--rdzv-endpoint", "localhost:0"),
            *map(str, arguments),
        ],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_two_processes_take_the_steps_of_one(tmp_path: Path) -> None:
    """Notes that do not divide evenly; statistics, sampled codes and evidence of all of them."""
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir(), two.mkdir()
    main(one, *rows())
    ran = torchrun("-m", "tests.core.training.rank_worker", two, *rows())
    assert ran.returncode == 0, ran.stderr
    for name in rows():
        alone, *together = (
            json.loads((place / f"{name}-{rank}.json").read_text())
            for place, rank in ((one, 0), (two, 0), (two, 1))
        )
        expected = [figures["loss"] for figures in alone]
        assert expected[-1] < expected[0]
        for history in together:
            assert [figures["loss"] for figures in history] == pytest.approx(expected, rel=1e-4)
        weights = load_file(one / f"{name}-0.safetensors")
        for rank in (0, 1):
            for part, found in load_file(two / f"{name}-{rank}.safetensors").items():
                torch.testing.assert_close(found, weights[part], atol=2e-4, rtol=1e-3)


def test_when_one_process_fails_all_end_and_say_why(tmp_path: Path) -> None:
    """Before that, both refuse a batch that is too small to share."""
    ran = torchrun("-m", "tests.core.training.rank_worker", tmp_path, "fail")
    for rank in (0, 1):
        refused = (tmp_path / f"refused-{rank}").read_text()
        assert "a batch has 1 notes for 2 processes; start fewer" in refused
    assert ran.returncode != 0
    assert "no room on the disk" in ran.stderr


def a_corpus(folder: Path) -> Path:
    lines = [
        {
            "id": f"n{number}",
            "text": f"{word} and pain, day {'very ' * (number % 3)}{word}",
            "codes": [{"system": "ICD-10-CM", "code": code}],
        }
        for number, (word, code) in enumerate([("fever", "R50.9"), ("hypertension", "I10")] * 6)
    ]
    for split in ("train", "dev"):
        write_jsonl(folder / f"{split}.jsonl", lines)
    return folder


def test_the_command_trains_under_torchrun_and_one_process_writes(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    corpus = a_corpus(tmp_path / "corpus")
    ran = torchrun(
        *("-m", "core", "train", "marn", "--corpus", "jsonl", "--dir", corpus),
        *("--out", tmp_path / "c", "--hidden", 4, "--epochs", 2, "--batch-size", 4),
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr.count("saved ") == 1
    assert len(json.loads((tmp_path / "c" / "metrics.json").read_text())["history"]) == 2
