"""A checkpoint folder is complete and unaltered, or refused with the reason."""

import json
from pathlib import Path

import pytest
import torch

from core.checkpoints import load_checkpoint, save_checkpoint
from core.errors import BadCheckpoint
from core.systems import SYSTEMS
from core.text import pad
from tests.models import some_notes, tiny_checkpoint

FILES = ["weights.safetensors", "vocab.json", "labels.json", "spec.json", "metrics.json"]


@pytest.mark.parametrize("row", sorted(SYSTEMS))
def test_a_checkpoint_reloads_to_the_same_scores(tmp_path: Path, row: str) -> None:
    first = tiny_checkpoint(tmp_path / "a", row)
    second = load_checkpoint(tmp_path / "a")
    batch = pad(some_notes(7, 5))
    for task, logits_BL in first.model(*batch).items():
        assert torch.equal(second.model(*batch)[task], logits_BL)
    assert (second.spaces, second.thresholds, second.hash) == (
        first.spaces,
        first.thresholds,
        first.hash,
    )


@pytest.mark.parametrize("name", [*FILES, "MODEL_CARD.md"])
def test_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    tiny_checkpoint(tmp_path / "a")
    (tmp_path / "a" / name).unlink()
    with pytest.raises(BadCheckpoint, match=f"no readable {name}; restore"):
        load_checkpoint(tmp_path / "a")


@pytest.mark.parametrize("name", ["weights.safetensors", "vocab.json", "labels.json"])
def test_a_file_of_another_checkpoint_is_refused(tmp_path: Path, name: str) -> None:
    tiny_checkpoint(tmp_path / "a", "marn")
    path = tmp_path / "a" / name
    path.write_bytes(path.read_bytes()[:-3] + b"   ")
    with pytest.raises(BadCheckpoint, match=f"{name} is not the file"):
        load_checkpoint(tmp_path / "a")


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"format": 1}'])
def test_a_broken_spec_is_a_clear_error(tmp_path: Path, content: str) -> None:
    tiny_checkpoint(tmp_path / "a")
    (tmp_path / "a" / "spec.json").write_text(content)
    with pytest.raises(BadCheckpoint, match="a is not a usable checkpoint"):
        load_checkpoint(tmp_path / "a")


def test_a_later_format_asks_for_an_upgrade(tmp_path: Path) -> None:
    tiny_checkpoint(tmp_path / "a")
    spec = json.loads((tmp_path / "a" / "spec.json").read_text())
    (tmp_path / "a" / "spec.json").write_text(json.dumps(spec | {"format": 2}))
    with pytest.raises(BadCheckpoint, match="upgrade Evicode"):
        load_checkpoint(tmp_path / "a")


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadCheckpoint, match=r"there is no checkpoint folder .*nowhere"):
        load_checkpoint(tmp_path / "nowhere")


def test_a_pickle_is_never_loaded(tmp_path: Path) -> None:
    checkpoint = tiny_checkpoint(tmp_path / "a")
    assert not list((tmp_path / "a").glob("*.p*"))
    torch.save(checkpoint.model.state_dict(), tmp_path / "a" / "weights.safetensors")
    with pytest.raises(BadCheckpoint):
        load_checkpoint(tmp_path / "a")


def test_saving_over_an_existing_folder_must_be_asked_for(tmp_path: Path) -> None:
    checkpoint = tiny_checkpoint(tmp_path / "a")
    with pytest.raises(BadCheckpoint, match="exists and is not empty"):
        save_checkpoint(checkpoint, tmp_path / "a")
    assert save_checkpoint(checkpoint, tmp_path / "a", overwrite=True) == checkpoint.hash
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_the_hash_tells_checkpoints_apart(tmp_path: Path) -> None:
    first = tiny_checkpoint(tmp_path / "a")
    second = tiny_checkpoint(tmp_path / "b", max_length=99)
    assert first.hash != second.hash
