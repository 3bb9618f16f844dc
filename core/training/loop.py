"""The training loop: joint loss, batches of like length, early stopping on dev.

Order and dropout of an epoch derive from (seed, epoch) alone, so a run that was killed and resumed
ends with the same weights as one that was not. Processes that `torchrun` started share each batch;
the loss, and so what is learned, is that of one process.
"""

import hashlib
import json
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel as Together
from tqdm import tqdm

from core import ranks
from core.assembly import Model
from core.errors import BadSettings
from core.systems import System
from core.text import batches, pad
from core.training.examples import Examples
from core.training.optimizing import optimizer_of, set_rate
from core.training.state import State, restore_state, save_state
from core.training.steps import JointLoss, Step, steps

EVALUATION_BATCH = 16  # notes scored at once

Watch = Callable[[Model], dict[str, float]]  # figures of the dev notes after an epoch
More = Callable[[int], Examples]  # what an epoch (from 0) learns besides the notes
Told = Callable[[float, int], None]  # epochs done (with fractions), and of how many


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
    told: Told | None = None,
    overwrite: bool = False,
) -> Trained:
    """Train `model` in place; go on from `folder` if a run of this very plan stopped there.

    `more` may give further examples for an epoch (short texts made of phrases). `told` is called
    after each step.

    BadSettings if a run of another plan did, unless `overwrite` gives that one up.

    The epoch with the highest `recipe.monitor` among the figures of `watch` is kept; training ends
    when it has not risen for `recipe.patience` epochs. Without `watch` the last epoch is kept.
    """
    recipe = plan.system.recipe
    optimizer = optimizer_of(model, recipe)
    state = State(model=model, optimizer=optimizer)
    restore_state(state, folder, fingerprint=plan.fingerprint, overwrite=overwrite)
    ranks.agree(
        [plan.fingerprint, state.history],
        f"the processes see different states of {folder.parent}; all need the same files",
    )
    if len(state.history) > plan.epochs:
        raise BadSettings(
            f"{len(state.history)} epochs are done in {folder.parent}; ask for at least as many"
        )
    learner: nn.Module = JointLoss(model)
    if ranks.count() > 1:
        learner = Together(
            learner,
            broadcast_buffers=False,  # norms agree on them by themselves
            find_unused_parameters=model.description is not None,  # notes without a described code
        )
    while len(state.history) < plan.epochs and not _spent(state, recipe.patience, watch):
        epoch = len(state.history)
        set_rate(optimizer, recipe, done=epoch / plan.epochs)
        learnt = examples + more(epoch) if more else examples
        loss = _epoch(state, plan, learner, learnt, told)
        figures = ranks.from_first(partial(watch, model)) if watch else {}
        state.history.append({"loss": loss, **figures})
        monitored = [found.get(recipe.monitor, 0.0) for found in state.history]
        if watch is None or monitored[-1] > max(monitored[:-1], default=-1.0):
            state.keep_as_best()
        if ranks.first():
            save_state(state, folder, fingerprint=plan.fingerprint)
    model.load_state_dict(state.best)
    model.eval()
    return Trained(history=state.history, best_epoch=state.best_epoch)


def score(model: Model, examples: Examples) -> dict[str, Tensor]:
    """Probabilities (notes x codes, on the CPU) for each task, in the order of the notes."""
    lengths = [len(note) for note in examples.ids]
    device = model.embedding.weight.device
    on_gpu = device.type == "cuda"  # on a CPU bf16 is eleven times slower
    scores = {task: torch.zeros_like(targets) for task, targets in examples.targets.items()}
    model.eval()
    with torch.inference_mode(), torch.autocast("cuda", torch.bfloat16, enabled=on_gpu):
        for batch in batches(lengths, batch_size=EVALUATION_BATCH):
            tokens_BT, mask_BT = pad([examples.ids[index] for index in batch])
            for task, logits_BL in model(tokens_BT.to(device), mask_BT.to(device)).items():
                scores[task][batch] = logits_BL.float().sigmoid().cpu()
    return scores


def _epoch(
    state: State, plan: Plan, learner: nn.Module, examples: Examples, told: Told | None
) -> float:
    """One pass over the notes; the mean loss of a note."""
    epoch, recipe, model = len(state.history), plan.system.recipe, state.model
    seed = plan.seed * 100_003 + epoch
    torch.manual_seed(seed + ranks.rank() * 7_919)  # dropout
    lengths = [len(note) for note in examples.ids]
    order = batches(lengths, batch_size=recipe.batch_size, seed=plan.seed, epoch=epoch)
    if min(map(len, order)) < ranks.count():
        raise BadSettings(
            f"a batch has {min(map(len, order))} notes for {ranks.count()} processes; start fewer, "
            "or ask for a larger batch"
        )
    prepared = steps(
        examples,
        order,
        device=model.embedding.weight.device,
        accumulate=recipe.accumulate,
        sampled=recipe.sampled_codes,
        seed=seed,
    )
    model.train()
    total, seen = 0.0, 0
    with tqdm(
        prepared,
        desc=_label(state, plan),
        unit="batch",
        leave=False,
        total=len(order),
        disable=not ranks.first(),
    ) as progress:
        for number, step in enumerate(progress, start=1):
            if recipe.warm_up:
                set_rate(state.optimizer, recipe, done=(epoch + number / len(order)) / plan.epochs)
            total, seen = total + step.notes * _taken(state, learner, step), seen + step.notes
            progress.set_postfix(loss=f"{total / seen:.4f}")
            if told is not None:
                told(epoch + number / len(order), plan.epochs)
    everywhere = ranks.summed(torch.tensor(total, device=model.embedding.weight.device))
    return float(everywhere) / seen


def _taken(state: State, learner: nn.Module, step: Step) -> float:
    """Update the weights once; this rank's contribution to the step's loss."""
    state.optimizer.zero_grad()
    total = 0.0
    for number, part in enumerate(step.parts, start=1):
        last = number == len(step.parts)
        with nullcontext() if last or not isinstance(learner, Together) else learner.no_sync():
            loss = learner(part, step.codes)
            (loss * ranks.count()).backward()  # the ranks' gradients are averaged
        total += float(loss.item())
    state.optimizer.step()
    return total


def _spent(state: State, patience: int, watch: Watch | None) -> bool:
    return watch is not None and len(state.history) - 1 - state.best_epoch >= patience


def _label(state: State, plan: Plan) -> str:
    last = "".join(
        f" {name} {value:.3f}"
        for name, value in (state.history or [{}])[-1].items()
        if name != "loss"
    )
    return f"epoch {len(state.history) + 1}/{plan.epochs}{last}"
