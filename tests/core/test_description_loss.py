"""The description regulariser of DR-CAML, on figures one can check by hand."""

from dataclasses import replace
from typing import Literal

import pytest
import torch
from torch import Tensor, nn

from core.losses import DescriptionLoss, DescriptionReader
from core.parts import Knowledge
from core.text import pad
from tests.models import LABELS, some_notes, some_targets, tiny_model

KNOWN = Knowledge(
    texts_LW=torch.tensor([[2, 0], [3, 0], [0, 0]]),  # nothing is written on the third code
    pairs_2N=torch.zeros(2, 0),
    weights_N=torch.zeros(0),
    places_LP=torch.zeros(3, 0),
)
WEIGHT_LD = torch.tensor([[1.0, 1], [0, 0], [9, 9]])
# z - w: (1, -1), of squared length 2; (0, 3), of squared length 9
TARGETS_BL = torch.tensor([[1.0, 1, 1], [1, 0, 0], [0, 0, 1]])


class Reads(nn.Module):
    """z = (2, 0) for the text of word 2, (0, 3) for that of word 3."""

    def forward(self, texts_CW: Tensor) -> Tensor:
        return torch.tensor([[0.0, 0], [0, 0], [2, 0], [0, 3]])[texts_CW[:, 0]]


def loss(form: Literal["paper", "released"], targets_BL: Tensor = TARGETS_BL) -> float:
    supervision = DescriptionLoss(form=form)
    return supervision(Reads(), KNOWN, WEIGHT_LD, targets_BL).item()  # type: ignore[arg-type]


def test_the_paper_takes_the_mean_over_the_codes_of_a_note() -> None:
    assert loss("paper") == pytest.approx(((2 + 9) / 2 + 2 + 0) / 3)


def test_the_authors_code_takes_the_mean_over_dimensions_and_sums_the_codes() -> None:
    assert loss("released") == pytest.approx(((2 + 9) / 2 + 2 / 2 + 0) / 3)


def test_notes_without_described_codes_cost_nothing() -> None:
    assert loss("paper", torch.tensor([[0.0, 0, 1], [0, 0, 0]])) == 0


def test_a_text_is_read_by_its_strongest_window_and_padding_is_none() -> None:
    torch.manual_seed(0)
    reader = DescriptionReader(DescriptionLoss(kernel=2), 3, 4, vocabulary_size=9).eval()
    short, long = torch.tensor([[2, 3, 4]]), torch.tensor([[2, 3, 4, 0, 0]])
    torch.testing.assert_close(reader(short), reader(long))
    hidden_CSD, mask_CS = reader.conv(reader.embedding(short), short.ne(0))
    assert mask_CS.all()
    torch.testing.assert_close(reader(short), reader.linear(hidden_CSD.amax(dim=1)))


def test_the_regulariser_pulls_weights_of_carried_codes_only() -> None:
    model = tiny_model("dr_caml")
    targets = {"icd": torch.tensor([[0.0, 1, 0, 0, 1]])}
    model.description_loss(targets).backward()
    gradient_LD = model.get_parameter("decoders.icd.weight_LD").grad
    assert gradient_LD is not None
    assert gradient_LD.any(dim=1).tolist() == [False, True, False, False, True]


def test_it_changes_no_score_and_costs_nothing_in_rows_without_the_cell() -> None:
    assert tiny_model("caml").description_loss(some_targets(tiny_model("caml"), 2)).item() == 0
    model = tiny_model("dr_caml").eval()
    before = model(*pad(some_notes(9, 4)))["icd"]
    with torch.no_grad():
        for part in model.get_submodule("description").parameters():
            part.add_(1)
    assert torch.equal(model(*pad(some_notes(9, 4)))["icd"], before)
    assert before.shape == (2, LABELS["icd"])


def test_lambda_weighs_it() -> None:
    model = tiny_model("dr_caml")
    targets = some_targets(model, 2)
    once = model.description_loss(targets)
    described = model.system.description
    assert described is not None
    doubled = replace(described, weight=2 * described.weight)
    model.system = replace(model.system, description=doubled)
    torch.testing.assert_close(model.description_loss(targets), 2 * once)
