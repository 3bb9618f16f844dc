"""A cascade: one task is ranked first, and its scores are told to the others."""

import pytest
import torch
from torch import Tensor

from core.assembly import Model
from core.decoders import Cascade
from core.errors import BadSettings
from core.text import pad
from tests.models import some_notes, tiny_model


def read(model: Model) -> tuple[Tensor, Tensor]:
    return model.read(*pad(some_notes(9, 4)))


def test_a_code_weighs_in_what_the_leading_task_says() -> None:
    """Vu et al. 2020: sigmoid(P sigmoid(leading logits)), appended to what the code read."""
    model = tiny_model("jointlaat").eval()
    states = read(model)
    logits = model.decode(*states)
    told_BP = (logits["ccs"].sigmoid() @ model.get_parameter("cascade.project.weight").T).sigmoid()
    added_BL = told_BP @ model.get_parameter("cascade.weights.icd").T
    torch.testing.assert_close(logits["icd"], model.decoder("icd")(*states) + added_BL)


def test_codes_are_told_of_all_leading_codes_whichever_are_asked_for() -> None:
    model = tiny_model("jointlaat").eval()
    states = read(model)
    asked = {"icd": torch.tensor([4, 1]), "ccs": torch.tensor([2])}
    some, every = model.decode(*states, asked), model.decode(*states)
    torch.testing.assert_close(some["icd"], every["icd"][:, [4, 1]])
    torch.testing.assert_close(some["ccs"], every["ccs"][:, [2]])


def test_calibrating_the_leading_task_leaves_the_others_alone_time_and_again() -> None:
    model = tiny_model("jointlaat").eval()
    states = read(model)
    before = model.decode(*states)
    model.rescale("ccs", 1e-6, -5.0)
    model.rescale("ccs", 1e6, 5e6)
    model.rescale("ccs", 3.0, 1.0)
    after = model.decode(*states)
    assert torch.equal(after["icd"], before["icd"])
    torch.testing.assert_close(after["ccs"], 3 * before["ccs"] + 1, atol=3.0, rtol=0.05)


def test_learning_the_told_task_teaches_the_leading_one() -> None:
    model = tiny_model("jointlaat").train()
    model(*pad(some_notes(9, 4)))["icd"].sum().backward()
    gradient = model.get_parameter("decoders.ccs.weight_LD").grad
    assert gradient is not None
    assert gradient.any()


@pytest.mark.parametrize("labels", [{"icd": 3}, {"ccs": 3}, {"icd": 3, "other": 2}])
def test_a_cascade_needs_its_leading_task_and_another(labels: dict[str, int]) -> None:
    with pytest.raises(BadSettings, match="a cascade led by 'ccs' needs that task and another"):
        Cascade(leading="ccs").build(labels)
