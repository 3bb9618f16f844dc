"""The state of a run on disk, so that kill -9 costs at most one epoch.

One safetensors file holds it all and is replaced at once: weights, the best weights so far, Adam's
moments; its metadata holds the plan's fingerprint, the history and Adam's step count.
"""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from core.assembly import Model
from core.errors import BadSettings

FILE = "state.safetensors"
MOMENTS = ("exp_avg", "exp_avg_sq")


@dataclass(kw_only=True)
class State:
    """A run between two epochs."""

    model: Model
    optimizer: torch.optim.Adam
    history: list[dict[str, float]] = field(default_factory=list)  # one entry per epoch done
    best: dict[str, Tensor] = field(default_factory=dict)  # weights of the best epoch
    best_epoch: int = -1

    def keep_as_best(self) -> None:
        self.best = {name: part.detach().clone() for name, part in self.model.state_dict().items()}
        self.best_epoch = len(self.history) - 1


def save_state(state: State, folder: Path, *, fingerprint: str) -> None:
    """Write the state and only then put it in the place of the last one."""
    tensors = {f"model.{name}": part for name, part in state.model.state_dict().items()}
    tensors |= {f"best.{name}": part for name, part in state.best.items()}
    steps = 0
    for name, parameter in state.model.named_parameters():
        moments = state.optimizer.state.get(parameter, {})
        steps = int(moments.get("step", steps))
        tensors |= {f"{kind}.{name}": moments[kind] for kind in MOMENTS if kind in moments}
    story = {
        "fingerprint": fingerprint,
        "history": json.dumps(state.history),
        "best_epoch": str(state.best_epoch),
        "steps": str(steps),
    }
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f"{FILE}.draft"
    save_file({name: part.contiguous() for name, part in tensors.items()}, draft, metadata=story)
    with draft.open("rb") as file:
        os.fsync(file.fileno())
    draft.replace(folder / FILE)


def restore_state(state: State, folder: Path, *, fingerprint: str, overwrite: bool = False) -> bool:
    """Go on where the last saved epoch ended; False if nothing of this plan was saved.

    BadSettings if another plan's run was, unless `overwrite` gives that one up.
    """
    if not (folder / FILE).exists():
        return False
    try:
        with safe_open(folder / FILE, framework="pt") as file:
            story = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except SafetensorError:
        story, tensors = {}, {}
    if story.get("fingerprint") != fingerprint:
        if overwrite:
            return False
        raise BadSettings(
            f"{folder.parent} holds an unfinished run with other settings or data; repeat that "
            "command to go on with it, choose another --out, or start afresh with --overwrite"
        )
    state.history = json.loads(story["history"])
    state.best_epoch = int(story["best_epoch"])
    state.best = _part(tensors, "best.")
    state.model.load_state_dict(_part(tensors, "model."))
    step = torch.tensor(float(story["steps"]))
    for name, parameter in state.model.named_parameters():
        moments = {
            kind: tensors[f"{kind}.{name}"] for kind in MOMENTS if f"{kind}.{name}" in tensors
        }
        if moments:
            moved = {kind: part.to(parameter.device) for kind, part in moments.items()}
            state.optimizer.state[parameter] = {
                "step": step.to(parameter.device, copy=True),
                **moved,
            }
    return True


def _part(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {n.removeprefix(prefix): t for n, t in tensors.items() if n.startswith(prefix)}
