"""The training loop: joint loss, batches of like length, early stopping on dev.

Order and dropout of an epoch derive from (seed, epoch) alone, so a run that was killed and resumed
ends with the same weights as one that was not.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from tqdm import tqdm

from core.assembly import Model
from core.errors import BadSettings
from core.systems import System
from core.text import batches, pad
from core.training.examples import Examples
from core.training.optimizing import optimizer_of, set_rate
from core.training.state import State, restore_state, save_state

EVALUATION_BATCH = 16  # notes scored at once

Watch = Callable[[Model], dict[str, float]]  # figures of the dev notes after an epoch
More = Callable[[int], Examples]  # what an epoch (from 0) learns besides the notes


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What decides the outcome of a run, besides the weights it starts from."""

    system: System
    seed: int
    epochs: int
    data: str  # digest of notes, codes, vocabulary and word vectors

    @property
    def fingerprint(self) -> str:
        """Names the path a run takes; how far it goes along it may be changed."""
        said = [self.system.to_json(), self.seed, self.data]
        recipe = self.system.recipe
        if recipe.decay or recipe.warm_up:  # an epoch's learning rate depends on their number
            said.append(self.epochs)
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Trained:
    """What happened in a run; the model now has the weights of `best_epoch` (from 0)."""

    history: list[dict[str, float]]
    best_epoch: int


def train(
    model: Model,
    plan: Plan,
    examples: Examples,
    *,
    watch: Watch | None,
    folder: Path,
    more: More | None = None,
    overwrite: bool = False,
) -> Trained:
    """Train `model` in place; go on from `folder` if a run of this very plan stopped there.

    `more` may give further examples for an epoch (short texts made of phrases).

    BadSettings if a run of another plan did, unless `overwrite` gives that one up.

    The epoch with the highest `recipe.monitor` among the figures of `watch` is kept; training ends
    when it has not risen for `recipe.patience` epochs. Without `watch` the last epoch is kept.
    """
    recipe = plan.system.recipe
    optimizer = optimizer_of(model, recipe)
    state = State(model=model, optimizer=optimizer)
    restore_state(state, folder, fingerprint=plan.fingerprint, overwrite=overwrite)
    if len(state.history) > plan.epochs:
        raise BadSettings(
            f"{len(state.history)} epochs are done in {folder.parent}; ask for at least as many"
        )
    while len(state.history) < plan.epochs and not _spent(state, recipe.patience, watch):
        epoch = len(state.history)
        set_rate(optimizer, recipe, done=epoch / plan.epochs)
        loss = _epoch(state, plan, examples + more(epoch) if more else examples)
        state.history.append({"loss": loss, **(watch(model) if watch else {})})
        monitored = [figures.get(recipe.monitor, 0.0) for figures in state.history]
        if watch is None or monitored[-1] > max(monitored[:-1], default=-1.0):
            state.keep_as_best()
        save_state(state, folder, fingerprint=plan.fingerprint)
    model.load_state_dict(state.best)
    model.eval()
    return Trained(history=state.history, best_epoch=state.best_epoch)


def score(model: Model, examples: Examples) -> dict[str, Tensor]:
    """Probabilities (notes x codes, on the CPU) for each task, in the order of the notes."""
    lengths = [len(note) for note in examples.ids]
    device = model.embedding.weight.device
    scores = {task: torch.zeros_like(targets) for task, targets in examples.targets.items()}
    model.eval()
    with torch.inference_mode(), _precision(device):
        for batch in batches(lengths, batch_size=EVALUATION_BATCH):
            tokens_BT, mask_BT = pad([examples.ids[index] for index in batch])
            for task, logits_BL in model(tokens_BT.to(device), mask_BT.to(device)).items():
                scores[task][batch] = logits_BL.float().sigmoid().cpu()
    return scores


def _epoch(state: State, plan: Plan, examples: Examples) -> float:
    """One pass over the notes; the mean loss of a note."""
    epoch, recipe, model = len(state.history), plan.system.recipe, state.model
    device = model.embedding.weight.device
    torch.manual_seed(plan.seed * 100_003 + epoch)  # dropout
    lengths = [len(note) for note in examples.ids]
    order = batches(lengths, batch_size=recipe.batch_size, seed=plan.seed, epoch=epoch)
    model.train()
    total, seen = 0.0, 0
    with tqdm(order, desc=_label(state, plan), unit="batch", leave=False) as progress:
        for step, batch in enumerate(progress, start=1):
            if recipe.warm_up:
                set_rate(state.optimizer, recipe, done=(epoch + step / len(order)) / plan.epochs)
            loss = _step(state, examples, batch, device)
            total, seen = total + loss * len(batch), seen + len(batch)
            progress.set_postfix(loss=f"{total / seen:.4f}")
    return total / seen


def _step(state: State, examples: Examples, batch: list[int], device: torch.device) -> float:
    tokens_BT, mask_BT = pad([examples.ids[index] for index in batch])
    targets = {task: part[batch].to(device) for task, part in examples.targets.items()}
    about_codes = state.model.description_loss(targets)
    sample = state.model.system.recipe.sampled_codes
    codes = None if sample is None else {t: _sampled(part, sample) for t, part in targets.items()}
    if codes is not None:
        targets = {task: part[:, codes[task]] for task, part in targets.items()}
    state.optimizer.zero_grad()
    with _precision(device):
        hidden_BSD, mask_BS = state.model.read(tokens_BT.to(device), mask_BT.to(device))
        logits: Mapping[str, Tensor] = state.model.decode(hidden_BSD, mask_BS, codes)
    loss = state.model.loss({task: part.float() for task, part in logits.items()}, targets)
    loss = loss + about_codes
    if state.model.system.evidence is not None:
        marks = {task: [part[index] for index in batch] for task, part in examples.marks.items()}
        loss = loss + state.model.evidence_loss(hidden_BSD.float(), mask_BS, marks)
    loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
    state.optimizer.step()
    return float(loss.item())


def _sampled(targets_BL: Tensor, sample: int) -> Tensor:
    """The codes of the batch, and `sample` others at random: with many codes, most of the time."""
    present_L = targets_BL.any(dim=0)
    others = torch.nonzero(~present_L).squeeze(1)
    drawn = others[torch.randperm(len(others), device=others.device)[:sample]]
    return torch.cat([torch.nonzero(present_L).squeeze(1), drawn])


def _spent(state: State, patience: int, watch: Watch | None) -> bool:
    return watch is not None and len(state.history) - 1 - state.best_epoch >= patience


def _label(state: State, plan: Plan) -> str:
    last = "".join(
        f" {name} {value:.3f}"
        for name, value in (state.history or [{}])[-1].items()
        if name != "loss"
    )
    return f"epoch {len(state.history) + 1}/{plan.epochs}{last}"


def _precision(device: torch.device) -> AbstractContextManager[object]:
    """bf16 where it is fast; on a CPU it is eleven times slower."""
    return torch.autocast("cuda", torch.bfloat16) if device.type == "cuda" else nullcontext()
