"""The optimiser a recipe names, and its learning rate along the run."""

import torch
from torch import nn

from core.assembly import Model
from core.systems import Recipe


def optimizer_of(model: Model, recipe: Recipe) -> torch.optim.Adam:
    """Adam, or AdamW (Loshchilov & Hutter 2019) that spares biases and norms.

    With `layer_decay` below 1, pretrained layers learn the slower the nearer they are to the words
    (Howard & Ruder 2018, sec. 3.2).
    """
    if recipe.optimizer == "adam":
        return torch.optim.Adam(model.parameters(), lr=recipe.learning_rate, fused=True)
    depths = _depths(model)
    groups: dict[tuple[int, bool], list[nn.Parameter]] = {}
    for parameter in model.parameters():
        key = (depths.get(parameter, 0), parameter.ndim > 1)
        groups.setdefault(key, []).append(parameter)
    plain = {"weight_decay": 0.0}
    return torch.optim.AdamW(
        [
            {"params": parameters, "scale": recipe.layer_decay**depth, **({} if decays else plain)}
            for (depth, decays), parameters in groups.items()
        ],
        lr=recipe.learning_rate,
        fused=True,
    )


def set_rate(optimizer: torch.optim.Optimizer, recipe: Recipe, *, done: float) -> None:
    """Set every group's learning rate for the place in the run: `done` is the share behind it."""
    for group in optimizer.param_groups:
        group["lr"] = recipe.learning_rate * group.get("scale", 1.0) * _share(recipe, done)


def _share(recipe: Recipe, done: float) -> float:
    if done < recipe.warm_up:
        return done / recipe.warm_up
    return (1 - done) / (1 - recipe.warm_up) if recipe.decay else 1.0


def _depths(model: Model) -> dict[nn.Parameter, int]:
    """Layers between each pretrained parameter and what learns at the full rate."""
    layers = model.encoder.layers()
    found = {p: len(layers) - place for place, layer in enumerate(layers) for p in layer}
    return found | dict.fromkeys(model.embedding.parameters(), len(layers))
