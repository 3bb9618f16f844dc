"""The learning rate rises, falls, and is smaller for the layers nearer to the words."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from core.assembly import Model
from core.systems import Recipe
from core.training import Examples, Plan, train
from core.training.optimizing import optimizer_of, set_rate
from tests.models import some_notes, some_targets, tiny_model


def rate_of(model: Model, optimizer: torch.optim.Optimizer, name: str) -> float:
    wanted = model.get_parameter(name)
    (rate,) = (
        group["lr"]
        for group in optimizer.param_groups
        if any(parameter is wanted for parameter in group["params"])
    )
    return float(rate)


@pytest.mark.parametrize("done", [0.0, 0.3, 0.9])
def test_without_warm_up_and_decay_the_rate_stays(done: float) -> None:
    recipe = Recipe(learning_rate=0.5)
    optimizer = optimizer_of(tiny_model("marn"), recipe)
    set_rate(optimizer, recipe, done=done)
    assert [group["lr"] for group in optimizer.param_groups] == [0.5]
    assert type(optimizer) is torch.optim.Adam


@pytest.mark.parametrize(
    ("done", "share"), [(0.0, 0.0), (0.1, 0.5), (0.2, 1.0), (0.6, 0.5), (1.0, 0.0)]
)
def test_the_rate_rises_over_the_warm_up_and_falls_to_nothing(done: float, share: float) -> None:
    recipe = Recipe(learning_rate=2.0, warm_up=0.2, decay=True)
    optimizer = optimizer_of(tiny_model("marn"), recipe)
    set_rate(optimizer, recipe, done=done)
    assert optimizer.param_groups[0]["lr"] == pytest.approx(2 * share)


def test_a_layer_learns_slower_than_the_one_above_it() -> None:
    model = tiny_model("bert_hier_lan")
    recipe = Recipe(learning_rate=8.0, optimizer="adamw", layer_decay=0.5)
    optimizer = optimizer_of(model, recipe)
    set_rate(optimizer, recipe, done=0.0)
    below, layer = "encoder.bert.embeddings", "encoder.bert.encoder.layer"
    rates = {
        "decoders.icd.query_LD": 8,
        "encoder.context.layers.0.linear1.weight": 8,
        f"{layer}.1.output.dense.weight": 4,
        f"{layer}.0.output.dense.weight": 2,
        f"{below}.position_embeddings.weight": 1,
        "encoder.special_2E": 1,
        "embedding.weight": 1,
    }
    assert {name: rate_of(model, optimizer, name) for name in rates} == rates


def test_every_parameter_learns_and_biases_and_norms_do_not_decay() -> None:
    model = tiny_model("mdbert")
    groups = optimizer_of(model, replace(model.system.recipe)).param_groups
    assert sum(len(group["params"]) for group in groups) == len(list(model.parameters()))
    for group in groups:
        flat = {parameter.ndim == 1 for parameter in group["params"]}
        assert flat == {group["weight_decay"] == 0}


def test_a_bert_run_stopped_in_an_epoch_ends_as_one_that_was_not(tmp_path: Path) -> None:
    whole, stopped, again = (tiny_model("bert_trun_fcn") for _ in range(3))
    notes = Examples(
        notes=(),
        ids=tuple(map(tuple, some_notes(7, 3, 5, 9, 4))),
        targets=some_targets(whole, 5),
        missed={},
    )
    recipe = replace(whole.system.recipe, batch_size=2, learning_rate=1e-2)
    plan = Plan(system=replace(whole.system, recipe=recipe), seed=1, epochs=3, data="")
    train(whole, plan, notes, watch=None, folder=tmp_path / "whole")

    epochs: list[Model] = []

    def stop_in_the_second(model: Model) -> dict[str, float]:
        epochs.append(model)
        if len(epochs) == 2:
            raise KeyboardInterrupt
        return {"P@5": 1.0}

    with pytest.raises(KeyboardInterrupt):
        train(stopped, plan, notes, watch=stop_in_the_second, folder=tmp_path / "stopped")
    train(again, plan, notes, watch=None, folder=tmp_path / "stopped")
    for name, part in whole.state_dict().items():
        assert torch.equal(again.state_dict()[name], part), name
