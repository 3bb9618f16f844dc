"""The speed benchmark compares like with like, and its GPU part runs, in miniature, on a CPU."""

import torch

from benchmarks.reference import Reference, random_batches
from benchmarks.speed_gpu import Shape, page
from tests.models import some_notes, tiny, tiny_model


def test_on_notes_of_one_length_the_reference_gives_our_logits_and_gradients() -> None:
    model = tiny_model("marn").train()
    reference = Reference(model).train()
    reference.dropout.p = 0.0  # ours has none in a tiny row
    tokens_BT = torch.tensor(some_notes(9, 9, 9))
    ours = model(tokens_BT, torch.ones_like(tokens_BT, dtype=torch.bool))
    theirs = reference(tokens_BT)
    for task, logits_BL in theirs.items():
        torch.testing.assert_close(ours[task], logits_BL, atol=1e-5, rtol=1e-4)
    sum(part.square().sum() for part in ours.values()).backward()  # type: ignore[union-attr]
    sum(part.square().sum() for part in theirs.values()).backward()  # type: ignore[union-attr]
    torch.testing.assert_close(
        model.embedding.weight.grad, reference.embedding.weight.grad, atol=1e-5, rtol=1e-3
    )


def test_random_batches_hold_every_note_once() -> None:
    batches = list(random_batches(some_notes(3, 9, 4, 7, 5), batch_size=2, seed=1))
    assert sorted(note for _, batch in batches for note in batch) == list(range(5))
    assert [tokens_BT.shape[1] for tokens_BT, _ in batches] != sorted(
        tokens_BT.shape[1] for tokens_BT, _ in batches
    )


def test_the_gpu_page_has_figures_of_both_and_a_profile() -> None:
    shape = Shape(notes=2, tokens=12, icd=7, ccs=3, vocabulary=20)
    said = "".join(page(shape, tiny("marn"), device=torch.device("cpu"), rounds=1))
    assert "| reference | " in said
    assert "| ours | **" in said
    assert "_LabelLogits" in said or "aten::" in said
