"""Evidence adds up, stands on the original text, and disturbs no other thread."""

from pathlib import Path
from threading import Thread

import pytest
import torch

from core.checkpoints import Checkpoint
from core.errors import BadSettings
from core.explanations import Reading, explain
from core.explanations.methods import default_method
from core.systems import SYSTEMS
from core.text import PAD, pad
from tests.models import some_notes, tiny_checkpoint

# Rectifiers have corners, and the steps on the path miss some of them; `delta` tells by how much.
CORNERS = {"dcan": 5e-3, "fusion": 2e-2}


def reading_of(checkpoint: Checkpoint, length: int) -> Reading:
    tokens_BT, mask_BT = pad(some_notes(length))
    with torch.inference_mode():
        hidden_BSD, mask_BS = checkpoint.model.read(tokens_BT, mask_BT)
    return Reading(
        model=checkpoint.model,
        tokens_BT=tokens_BT,
        mask_BT=mask_BT,
        hidden_BSD=hidden_BSD,
        mask_BS=mask_BS,
    )


@pytest.mark.parametrize("row", sorted(SYSTEMS))
def test_integrated_gradients_add_up_to_what_the_words_change(tmp_path: Path, row: str) -> None:
    checkpoint = tiny_checkpoint(tmp_path / "c", row, sharpness=3)
    reading = reading_of(checkpoint, 7)
    empty_BT = torch.full_like(reading.tokens_BT, PAD)
    change_L = (
        checkpoint.model(reading.tokens_BT, reading.mask_BT)["icd"]
        - checkpoint.model(empty_BT, reading.mask_BT)["icd"]
    )[0]
    for code, scored in zip(
        (4, 1),
        explain(reading, task="icd", codes=[4, 1], method="integrated_gradients"),
        strict=True,
    ):
        assert scored.delta is not None
        missed = CORNERS.get(row, 1e-3)
        assert scored.scores_T.sum().item() == pytest.approx(change_L[code].item(), abs=missed)
        assert scored.delta == pytest.approx(
            scored.scores_T.sum().item() - change_L[code].item(), abs=1e-5
        )


def test_attention_sums_to_one(tmp_path: Path) -> None:
    reading = reading_of(tiny_checkpoint(tmp_path / "c"), 9)
    (scored,) = explain(reading, task="icd", codes=[3], method="attention")
    assert scored.scores_T.sum().item() == pytest.approx(1)
    assert scored.delta is None


def test_a_model_without_label_attention_says_so_and_explains_by_gradients(tmp_path: Path) -> None:
    checkpoint = tiny_checkpoint(tmp_path / "c", "cnn")
    assert default_method(checkpoint.model) == "integrated_gradients"
    with pytest.raises(BadSettings, match="no label attention; use integrated_gradients"):
        explain(reading_of(checkpoint, 6), task="icd", codes=[0], method="attention")


def test_explaining_leaves_other_threads_scores_alone(tmp_path: Path) -> None:
    checkpoint = tiny_checkpoint(tmp_path / "c")
    reading = reading_of(checkpoint, 40)
    with torch.inference_mode():
        expected = checkpoint.model(reading.tokens_BT, reading.mask_BT)["icd"]

    def explain_often() -> None:
        for _ in range(3):
            explain(reading, task="icd", codes=[0, 1, 2], method="integrated_gradients")

    thread = Thread(target=explain_often)
    thread.start()
    with torch.inference_mode():
        while thread.is_alive():
            scores = checkpoint.model(reading.tokens_BT, reading.mask_BT)["icd"]
            assert torch.equal(scores, expected)
    thread.join()


def test_an_unknown_method_is_refused_with_those_there_are(tmp_path: Path) -> None:
    reading = reading_of(tiny_checkpoint(tmp_path / "c"), 3)
    with pytest.raises(BadSettings, match="'lime' is not a method; use one of attention"):
        explain(reading, task="icd", codes=[0], method="lime")
