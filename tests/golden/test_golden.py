"""Ours equals the released reference implementations, number by number.

Every `*.npz` in GOLDEN_DIR (default ../shared/golden) holds one small random reference model: its
weights, tokens and targets, and the logits, losses and gradient norms it gave. The system is
chosen by the file name up to `_released`; all sizes come from the array shapes.

The reference saved its state after the training pass, so the running statistics of its batch
normalisation are one step later than the evaluation that stands beside them
(`num_batches_tracked` is 1). `at_evaluation` takes that one step back; gradients and weights are
not touched by it. Without files the
tests skip, naming the empty parameter set.
"""

import os
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from core.aggregators import RAM
from core.assembly import Model, assemble
from core.encoders import BiGRU, Conv
from core.losses import Focal
from core.systems import SYSTEMS, Embedding, System

HERE = Path(__file__).resolve()
FOLDER = Path(os.environ.get("GOLDEN_DIR", HERE.parents[3] / "shared" / "golden"))
FILES = sorted(FOLDER.glob("*.npz"))

# released name -> ours, applied in order to the beginning or the middle of a name
NAMES = (
    ("word_rep.embed.", "embedding."),
    ("embed.", "embedding."),
    ("encoder.", "encoder.gru."),
    ("rnn.", "encoder.gru."),
    ("conv.", "encoder.conv."),
    ("output_layer.ram.", "aggregator."),
    ("output_layer.U.weight", "decoders.icd.query_LD"),
    ("output_layer.U_ccs.weight", "decoders.ccs.query_LD"),
    ("output_layer.final.weight", "decoders.icd.weight_LD"),
    ("output_layer.final_ccs.weight", "decoders.ccs.weight_LD"),
    ("output_layer.final.bias", "decoders.icd.bias_L"),
    ("output_layer.final_ccs.bias", "decoders.ccs.bias_L"),
    ("final.weight", "decoders.icd.weight_LD"),
    ("final.bias", "decoders.icd.bias_L"),
    ("fc.weight", "decoders.icd.weight_LD"),
    ("fc.bias", "decoders.icd.bias_L"),
)
LAYERS = {"0": "first", "1": "first_norm.norm", "3": "second", "4": "second_norm.norm"}
# Where the next normalisation undoes a scale, its gradient is eps and rounding: 1.15e-8 in double
# precision, 1.11e-8 ours, 1.23e-8 theirs, beside 1e-4 (RAM's last down block with one channel).
ROUNDING = 5e-9
RUN_WITH_FOCAL = ("caml_released", "caml_mtl_ram_released")  # with MARN's code; the rows have BCE
UNUSED = ("output_layer.U.bias", "output_layer.U_ccs.bias")  # the reference never reads them


def our_name(released: str) -> str:
    for theirs, ours in NAMES:
        if released.startswith(theirs):
            released = ours + released.removeprefix(theirs)
            break
    parts = released.split(".")
    if parts[0] == "aggregator":
        parts[2] = LAYERS[parts[2]]
    return ".".join(parts)


def ours(state: dict[str, np.ndarray], name: str) -> np.ndarray:
    """The reference's array that we call `name`."""
    (array,) = [array for released, array in state.items() if our_name(released) == name]
    return array


@dataclass(frozen=True)
class Golden:
    arrays: dict[str, np.ndarray]
    row: System

    def part(self, prefix: str) -> dict[str, np.ndarray]:
        return {
            name.removeprefix(prefix): array
            for name, array in self.arrays.items()
            if name.startswith(prefix)
        }

    @property
    def batch(self) -> tuple[Tensor, Tensor]:
        tokens_BT = torch.from_numpy(self.arrays["input/tokens"])
        return tokens_BT, torch.ones_like(tokens_BT, dtype=torch.bool)

    @property
    def targets(self) -> dict[str, Tensor]:
        return {task: torch.from_numpy(self.arrays[f"input/{task}"]) for task in self.row.tasks}

    def model(self) -> Model:
        state = self.part("state/")
        model = assemble(
            self.row,
            vocabulary_size=len(ours(state, "embedding.weight")),
            labels={task: self.arrays[f"eval/{task}_logits"].shape[1] for task in self.row.tasks},
        )
        model.load_state_dict(
            {our_name(k): torch.from_numpy(v) for k, v in state.items() if k not in UNUSED}
        )
        return model


def at_evaluation(golden: Golden) -> Model:
    """The model as it was evaluated: running statistics before the training pass."""
    model, probe = golden.model(), golden.model().train()
    norms = [(a, b) for a, b in zip(model.modules(), probe.modules(), strict=True) if is_norm(a)]
    for _, batch in norms:
        batch.momentum = 1.0  # so that the probe's statistics become those of this batch alone
    probe(*golden.batch)
    for ours, batch in norms:
        if ours.num_batches_tracked == 1:
            for name in ("running_mean", "running_var"):
                late = getattr(ours, name)
                late.copy_((late - ours.momentum * getattr(batch, name)) / (1 - ours.momentum))
    return model.eval()


def is_norm(module: nn.Module) -> bool:
    return isinstance(module, nn.BatchNorm1d)


def evaluated(golden: Golden) -> dict[str, Tensor]:
    with torch.no_grad():
        return at_evaluation(golden)(*golden.batch)


def row_of(file: Path) -> System | None:
    name = file.stem.partition("_released")[0]
    return SYSTEMS.get(f"{name}_released", SYSTEMS.get(name))


def sized(row: System, state: dict[str, np.ndarray]) -> System:
    """The row with the golden file's sizes, and without dropout, as the reference was run."""
    cells: dict[str, object] = {
        "embedding": Embedding(width=ours(state, "embedding.weight").shape[1])
    }
    if isinstance(row.encoder, BiGRU):
        hidden = ours(state, "encoder.gru.weight_hh_l0").shape[1]
        cells["encoder"] = replace(row.encoder, hidden=hidden)
    if isinstance(row.encoder, Conv):
        filters, _, kernel = ours(state, "encoder.conv.weight").shape
        cells["encoder"] = replace(row.encoder, filters=filters, kernel=kernel)
    if isinstance(row.aggregator, RAM):
        kernel = state["output_layer.ram.down1.0.weight"].shape[2]
        cells["aggregator"] = replace(row.aggregator, kernel=kernel, dropout=0.0)
    if row.name in RUN_WITH_FOCAL:
        cells["loss"] = Focal(form="released")
    return replace(row, **cells)


@pytest.fixture(params=FILES, ids=lambda file: file.stem)
def golden(request: pytest.FixtureRequest) -> Golden:
    row = row_of(request.param)
    if row is None:
        pytest.skip(f"{request.param.stem}: the systems table has no such row yet")
    with np.load(request.param) as archive:
        arrays = {name: archive[name] for name in archive.files}
    state = {k.removeprefix("state/"): v for k, v in arrays.items() if k.startswith("state/")}
    return Golden(arrays, sized(row, state))


def test_logits_equal_the_reference(golden: Golden) -> None:
    for task, ours_BL in evaluated(golden).items():
        np.testing.assert_allclose(ours_BL, golden.arrays[f"eval/{task}_logits"], atol=1e-5)


def test_losses_equal_the_reference(golden: Golden) -> None:
    if not golden.part("input/").keys() >= golden.row.tasks.keys():
        pytest.skip("this file holds no targets")
    for task, ours_BL in evaluated(golden).items():
        loss = golden.row.loss(ours_BL, golden.targets[task])
        np.testing.assert_allclose(loss, golden.arrays[f"eval/{task}_loss"], rtol=1e-5)


def test_gradient_norms_equal_the_reference(golden: Golden) -> None:
    norms = golden.part("grad_norm/")
    if not norms:
        pytest.skip("this file holds no gradient norms")
    model = golden.model().train()
    loss = model.loss(model(*golden.batch), golden.targets)
    loss.backward()
    np.testing.assert_allclose(loss.item(), golden.arrays["train/joint_loss"], rtol=1e-5)
    gradients = {name: parameter.grad for name, parameter in model.named_parameters()}
    for released, norm in norms.items():
        gradient = gradients[our_name(released)]
        assert gradient is not None
        np.testing.assert_allclose(
            gradient.norm(), norm, rtol=1e-4, atol=ROUNDING, err_msg=released
        )
