"""A checkpoint folder is complete and unaltered, or refused with the reason."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from core.checkpoints import load_checkpoint, save_checkpoint
from core.errors import BadCheckpoint
from core.inference import Coder
from core.systems import SYSTEMS
from core.text import pad
from core.types import Note
from tests.models import some_notes, tiny_checkpoint, tiny_fused_checkpoint

FUSED_FILES = ["memory.json.gz", "combiner.safetensors", "fusion.json"]
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


def test_what_is_shown_from_is_kept_and_part_of_the_hash(tmp_path: Path) -> None:
    first = tiny_checkpoint(tmp_path / "a", sharpness=3)
    save_checkpoint(replace(first, shown_from={"attention": 1.0}), tmp_path / "b")
    tuned = load_checkpoint(tmp_path / "b")
    assert (first.shown_from, tuned.shown_from) == ({}, {"attention": 1.0})
    assert tuned.hash != first.hash
    save_checkpoint(replace(tuned, shown_from={}), tmp_path / "c")
    assert load_checkpoint(tmp_path / "c").hash == first.hash
    note, shown = Note(id="1", text="fever, cough, pain, diabetes"), []
    for folder in ("a", "b"):
        coder = Coder.load(tmp_path / folder)
        code = coder.spaces["icd"].codes[0]
        (found,) = coder.explain(note, [code], method="attention")
        shown.append(found.spans)
    assert shown[1] == shown[0][:1]
    assert len(shown[0]) > 1


def test_a_fused_checkpoint_reloads_to_the_same_suggestions(tmp_path: Path) -> None:
    first = tiny_fused_checkpoint(tmp_path / "a")
    save_checkpoint(first, tmp_path / "b")
    assert load_checkpoint(tmp_path / "b").hash == first.hash
    notes = [Note(id="1", text="Fever and arterial hypertension."), Note(id="2", text="cough")]
    coders = [Coder.load(tmp_path / name) for name in "ab"]
    for note in notes:
        one, other = (coder.suggest(note, evidence="default") for coder in coders)
        assert one == other


@pytest.mark.parametrize("name", FUSED_FILES)
@pytest.mark.parametrize("place", [0, 40, -1])
def test_a_fusion_with_one_altered_byte_is_refused(tmp_path: Path, name: str, place: int) -> None:
    tiny_fused_checkpoint(tmp_path / "a")
    path = tmp_path / "a" / name
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)
    with pytest.raises(BadCheckpoint, match=f"{name} is not the file"):
        load_checkpoint(tmp_path / "a")


@pytest.mark.parametrize("name", FUSED_FILES)
def test_a_fusion_without_one_of_its_files_is_refused(tmp_path: Path, name: str) -> None:
    tiny_fused_checkpoint(tmp_path / "a")
    (tmp_path / "a" / name).unlink()
    with pytest.raises(BadCheckpoint, match=f"no readable {name}; restore"):
        load_checkpoint(tmp_path / "a")


@pytest.mark.parametrize("row", ["dr_caml", "hypercore", "gated_cnn_nci", "c_memnn"])
def test_knowledge_travels_with_the_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, row: str
) -> None:
    first = tiny_checkpoint(tmp_path / "a", row)

    def no_tables(*_: object) -> None:
        raise AssertionError("the code tables were asked")

    for name in ("title", "category", "status"):
        monkeypatch.setattr(f"core.codes.CodeTables.{name}", no_tables)
    second = load_checkpoint(tmp_path / "a")
    batch = pad(some_notes(7, 5))
    assert torch.equal(second.model(*batch)["icd"], first.model(*batch)["icd"])
    assert save_checkpoint(second, tmp_path / "b") == first.hash


def test_altered_or_missing_knowledge_is_refused(tmp_path: Path) -> None:
    tiny_checkpoint(tmp_path / "a", "hypercore")
    path = tmp_path / "a" / "knowledge.safetensors"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(BadCheckpoint, match=r"knowledge\.safetensors is not the file"):
        load_checkpoint(tmp_path / "a")
    path.unlink()
    with pytest.raises(BadCheckpoint, match=r"no readable knowledge\.safetensors; restore"):
        load_checkpoint(tmp_path / "a")


def test_a_row_that_needs_no_knowledge_saves_none(tmp_path: Path) -> None:
    tiny_checkpoint(tmp_path / "a", "marn")
    assert not (tmp_path / "a" / "knowledge.safetensors").exists()


def test_a_combiner_of_another_version_is_refused_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny_fused_checkpoint(tmp_path / "a")
    monkeypatch.setattr("core.fusion.storing.FEATURES", ("other",))
    with pytest.raises(BadCheckpoint, match="reads other features; retrain it"):
        load_checkpoint(tmp_path / "a")


def test_a_checkpoint_of_the_network_alone_still_loads(tmp_path: Path) -> None:
    checkpoint = tiny_checkpoint(tmp_path / "a", "evicode")
    assert checkpoint.fusion is None
    assert not {path.name for path in (tmp_path / "a").iterdir()} & set(FUSED_FILES)
    assert Coder.load(tmp_path / "a").suggest(Note(id="1", text="fever")).ranked
