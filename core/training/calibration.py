"""Probabilities that mean what they say: Platt scaling of each task on validation notes.

The focal loss weighs positives 999 to 1, so raw scores sit near 1 even for wrong codes. Two numbers
a task (Platt 1999) bring them down to how often such codes are right; no rank changes. They are
folded into the model's weights, so a checkpoint stays one network.
"""

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, softplus

from core.assembly import Model
from core.training.examples import Examples
from core.training.loop import score

STEPS = 100


def calibrate(model: Model, examples: Examples) -> dict[str, tuple[float, float]]:
    """Rescale every decoder in place; give (slope, intercept) of each task.

    (1, 0), no change, where the notes carry none or all of a task's codes.
    """
    found = {}
    for task, scored in score(model, examples).items():
        found[task] = slope, intercept = fit(
            scored.double().logit(eps=1e-9), examples.targets[task]
        )
        model.rescale(task, slope, intercept)
    return found


def fit(logits_NL: Tensor, targets_NL: Tensor) -> tuple[float, float]:
    """The slope (above 0) and intercept with the least cross-entropy, with Platt's soft targets."""
    positives = float(targets_NL.sum())
    negatives = targets_NL.numel() - positives
    if positives == 0 or negatives == 0:
        return 1.0, 0.0
    soft_NL = torch.where(
        targets_NL > 0.5, (positives + 1) / (positives + 2), 1 / (negatives + 2)
    ).to(logits_NL.dtype)
    raw = torch.tensor([0.5413, 0.0], dtype=logits_NL.dtype, requires_grad=True)  # softplus: 1
    optimizer = torch.optim.LBFGS([raw], max_iter=STEPS, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        optimizer.zero_grad()
        scaled_NL = softplus(raw[0]) * logits_NL + raw[1]
        loss = binary_cross_entropy_with_logits(scaled_NL, soft_NL)
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        return loss

    optimizer.step(closure)  # type: ignore[no-untyped-call]  # torch leaves it untyped
    slope, intercept = softplus(raw[0]).item(), raw[1].item()
    return slope, intercept
