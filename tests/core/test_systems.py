"""What every row of the systems table must keep."""

from dataclasses import fields

import pytest
import torch
from torch import Tensor

from core.assembly import Model
from core.errors import BadSettings
from core.systems import SYSTEMS, System, system
from core.text import pad
from tests.models import LABELS, looks, some_notes, some_targets, tiny, tiny_model, weighs

ROWS = pytest.mark.parametrize("row", sorted(SYSTEMS))
LOOKING = pytest.mark.parametrize("row", sorted(n for n, row in SYSTEMS.items() if looks(row)))
WEIGHING = pytest.mark.parametrize("row", sorted(n for n, row in SYSTEMS.items() if weighs(row)))
POOLING = pytest.mark.parametrize("row", sorted(n for n, row in SYSTEMS.items() if not looks(row)))


@ROWS
def test_every_task_gets_one_logit_per_note_and_code(row: str) -> None:
    logits = tiny_model(row).eval()(*pad(some_notes(9, 4, 7)))
    assert {task: tuple(part.shape) for task, part in logits.items()} == {
        task: (3, LABELS[task]) for task in SYSTEMS[row].tasks
    }


@ROWS
def test_every_parameter_gets_a_gradient(row: str) -> None:
    model = tiny_model(row).train()
    targets = some_targets(model, 3)
    loss = model.loss(model(*pad(some_notes(9, 4, 7))), targets) + model.description_loss(targets)
    loss.backward()
    without = [n for n, p in model.named_parameters() if p.grad is None or not p.grad.any()]
    assert without == []


@ROWS
@pytest.mark.parametrize("training", [False, True], ids=["evaluating", "training"])
def test_padding_never_changes_a_score(row: str, training: bool) -> None:
    notes = some_notes(6, 6, 6)
    tokens_BT, mask_BT = pad(notes)
    padded_BT = torch.nn.functional.pad(tokens_BT, (0, 5))
    longer_BT = torch.nn.functional.pad(mask_BT, (0, 5))
    plain = tiny_model(row).train(training)(tokens_BT, mask_BT)
    padded = tiny_model(row).train(training)(padded_BT, longer_BT)
    for task, logits_BL in plain.items():
        torch.testing.assert_close(padded[task], logits_BL, atol=1e-6, rtol=1e-5)


@ROWS
def test_what_stands_in_the_padding_never_changes_a_score(row: str) -> None:
    tokens_BT, mask_BT = pad(some_notes(8, 3))
    model = tiny_model(row).eval()
    clean = model(tokens_BT, mask_BT)
    tokens_BT[1, 3:] = 7
    dirty = model(tokens_BT, mask_BT)
    for task in clean:
        torch.testing.assert_close(dirty[task], clean[task], atol=1e-6, rtol=1e-5)


@ROWS
def test_a_note_scores_the_same_alone_and_in_any_batch(row: str) -> None:
    notes = some_notes(16, 2, 5, 1)
    model = tiny_model(row).eval()
    together = model(*pad(notes))
    turned = model(*pad(notes[::-1]))
    for position, note in enumerate(notes):
        alone = model(*pad([note]))
        for task in alone:
            torch.testing.assert_close(together[task][position], alone[task][0])
            torch.testing.assert_close(turned[task][-1 - position], alone[task][0])


@LOOKING
def test_attention_sums_to_one_over_real_tokens_and_is_zero_elsewhere(row: str) -> None:
    model = tiny_model(row).eval()
    tokens_BT, mask_BT = pad(some_notes(9, 4))
    hidden_BSD, mask_BS = model.read(tokens_BT, mask_BT)
    for task in model.system.tasks:
        codes_C = torch.tensor([2, 0])
        weights_BCS = model.decoder(task).attention(hidden_BSD, mask_BS, codes_C)
        weights_BCT = model.encoder.on_tokens(weights_BCS, mask_BT)
        for weights, mask in ((weights_BCS, mask_BS), (weights_BCT, mask_BT)):
            torch.testing.assert_close(weights.sum(dim=2), torch.ones(2, 2))
            assert not weights.masked_select(~mask.unsqueeze(1)).any()


@POOLING
def test_a_row_that_pools_the_note_has_no_attention_to_show(row: str) -> None:
    model = tiny_model(row).eval()
    read = model.read(*pad(some_notes(9, 4)))
    for task in model.system.tasks:
        with pytest.raises(BadSettings, match="no label attention; use integrated_gradients"):
            model.decoder(task).attention(*read, torch.tensor([0]))


@ROWS
def test_hidden_states_are_zero_where_masked(row: str) -> None:
    hidden_BSD, mask_BS = tiny_model(row).eval().read(*pad(some_notes(16, 4, 1)))
    assert mask_BS.any(dim=1).all()
    assert not hidden_BSD[~mask_BS].any()


@ROWS
def test_the_logits_of_some_codes_are_those_among_all(row: str) -> None:
    model = tiny_model(row).eval()
    read = model.read(*pad(some_notes(9, 4)))
    codes = {task: torch.tensor([2, 0]) for task in model.system.tasks}
    some, every = model.decode(*read, codes), model.decode(*read)
    for task, codes_C in codes.items():
        torch.testing.assert_close(some[task], every[task][:, codes_C])


@ROWS
def test_a_row_learns_in_bfloat16_what_it_learns_in_full_precision(row: str) -> None:
    """As on a GPU, where the products are in bfloat16; the CPU has the same autocast."""
    batch = pad(some_notes(9, 4, 7))
    full, model = tiny_model(row).train()(*batch), tiny_model(row).train()
    with torch.autocast("cpu", torch.bfloat16):
        narrow = {task: logits_BL.float() for task, logits_BL in model(*batch).items()}
    for task, logits_BL in narrow.items():
        torch.testing.assert_close(logits_BL, full[task], atol=0.05, rtol=0.05)
    model.loss(narrow, some_targets(model, 3)).backward()


@ROWS
def test_rescaling_moves_every_logit_alike(row: str) -> None:
    model = tiny_model(row).eval()
    batch = pad(some_notes(9, 4))
    before = model(*batch)
    for task in before:
        model.rescale(task, 2.0, -1.0)
    for task, logits_BL in model(*batch).items():
        torch.testing.assert_close(logits_BL, 2 * before[task] - 1)


@WEIGHING
def test_the_logit_is_what_the_attention_says(row: str) -> None:
    model = tiny_model(row).eval()
    batch = pad(some_notes(9, 4))
    hidden_BSD, mask_BS = model.read(*batch)
    for task, logits_BL in model(*batch).items():
        decoder, codes_C = model.decoder(task), torch.arange(LABELS[task])
        values_BLD = decoder.attention(hidden_BSD, mask_BS, codes_C) @ hidden_BSD
        weight_LD = model.get_parameter(f"decoders.{task}.weight_LD")
        bias_L = model.get_parameter(f"decoders.{task}.bias_L")
        read_BL = (values_BLD * weight_LD).sum(2) + bias_L
        torch.testing.assert_close(read_BL + told(model, hidden_BSD, mask_BS, task), logits_BL)


def told(model: Model, hidden_BSD: Tensor, mask_BS: Tensor, task: str) -> Tensor:
    """What a cascade adds to the logits of `task`; 0 in a row without one."""
    if model.cascade is None or task == model.cascade.leading:
        return torch.zeros(())
    leading_BK = model.decoder(model.cascade.leading)(hidden_BSD, mask_BS)
    added_BL: Tensor = model.cascade(leading_BK, task)
    return added_BL


@ROWS
def test_the_same_seed_gives_the_same_weights_and_another_seed_others(row: str) -> None:
    first, second = tiny_model(row, seed=5).state_dict(), tiny_model(row, seed=5).state_dict()
    assert all(torch.equal(first[name], second[name]) for name in first)
    other = tiny_model(row, seed=6).state_dict()
    assert any(not torch.equal(first[name], other[name]) for name in first)


@ROWS
def test_a_row_survives_json(row: str) -> None:
    assert System.from_json(SYSTEMS[row].to_json()) == SYSTEMS[row]
    assert System.from_json(tiny(row).to_json()) == tiny(row)


CELLS = {"mtl": "tasks", "ram": "aggregator", "fl": "loss"}
OF_MT_RAM = ("caml_mtl_ram", "multirescnn_mtl_ram")  # with its recipe
ABLATIONS = [
    (base, row)
    for base in ("marn", "caml", "multirescnn")
    for row in SYSTEMS
    if row.startswith(f"{base}_") and row not in OF_MT_RAM and not row.endswith("_released")
]


@pytest.mark.parametrize(("base", "row"), ABLATIONS)
def test_an_ablation_differs_in_what_its_name_says_and_in_nothing_else(base: str, row: str) -> None:
    named = {"name", "source"} | {CELLS[p] for p in row.split("_") if p in CELLS}
    differing = {
        cell.name
        for cell in fields(System)
        if getattr(SYSTEMS[row], cell.name) != getattr(SYSTEMS[base], cell.name)
    }
    assert differing == named


def test_padding_keeps_a_zero_embedding_after_a_training_step() -> None:
    model = tiny_model("marn").train()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
    model.loss(model(*pad(some_notes(9, 4))), some_targets(model, 2)).backward()
    optimizer.step()
    assert not model.embedding.weight[0].any()


def test_an_unknown_row_is_refused_with_the_rows_there_are() -> None:
    told = "'bert' is not in the systems table; rows: evicode, marn, "
    with pytest.raises(BadSettings, match=told):
        system("bert")


def test_a_row_with_an_unknown_brick_is_refused() -> None:
    with pytest.raises(BadSettings, match="not a row of the systems table"):
        System.from_json(SYSTEMS["marn"].to_json().replace('"BiGRU"', '"Telegraph"'))
