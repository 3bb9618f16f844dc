"""One step's notes on the device, cut into the parts that are computed at once.

A step's loss is a mean over its notes. Where it is computed in parts, by several processes or one
part after another, each part counts with its share of the step, so that the sum is the same.
"""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from core import ranks
from core.assembly import Model
from core.losses import Marks
from core.text import pad
from core.training.examples import Examples


@dataclass(frozen=True, kw_only=True)
class Part:
    """Notes that are computed at once, and which share of their step they are."""

    tokens_BT: Tensor
    mask_BT: Tensor
    targets: Mapping[str, Tensor]  # of the codes that are scored
    carried: Mapping[str, Tensor]  # of all codes
    marks: Mapping[str, Marks]
    share: float  # of the step's notes
    mark_shares: Mapping[str, float]  # per task, of the step's marks


@dataclass(frozen=True, kw_only=True)
class Step:
    """The notes of one update of the weights."""

    notes: int  # on all ranks
    codes: Mapping[str, Tensor] | None  # per task, those that are scored; None: all
    parts: Sequence[Part]  # of this rank


class JointLoss(nn.Module):
    """A part's contribution to the loss of its step (MARN eq. 17; evidence, descriptions)."""

    def __init__(self, model: Model) -> None:
        super().__init__()
        self.model = model

    def forward(self, part: Part, codes: Mapping[str, Tensor] | None) -> Tensor:
        model, device = self.model, part.tokens_BT.device
        with torch.autocast("cuda", torch.bfloat16, enabled=device.type == "cuda"):
            hidden_BSD, mask_BS = model.read(part.tokens_BT, part.mask_BT)
            logits = model.decode(hidden_BSD, mask_BS, codes)
        loss = part.share * model.loss({t: p.float() for t, p in logits.items()}, part.targets)
        loss = loss + part.share * model.description_loss(part.carried)
        if model.system.evidence is None:
            return loss
        return loss + model.evidence_loss(hidden_BSD.float(), mask_BS, part.marks, part.mark_shares)


def steps(
    examples: Examples,
    order: Sequence[Sequence[int]],
    *,
    device: torch.device,
    accumulate: int = 1,
    sampled: int | None = None,
    seed: int = 0,
) -> Iterator[Step]:
    """The steps of an epoch, from batches as indices of notes.

    Every rank draws the same codes, from `seed`, and takes its own notes. For a GPU the next step
    is prepared and sent while this one is computed.
    """
    drawing = torch.Generator().manual_seed(seed)

    def prepared(batch: Sequence[int]) -> Step:
        targets = {task: part[list(batch)] for task, part in examples.targets.items()}
        codes = sampled and {t: drawn(part, sampled, drawing) for t, part in targets.items()}
        return _step(examples, batch, codes or None, accumulate, device)

    if device.type != "cuda":
        yield from map(prepared, order)
        return
    with ThreadPoolExecutor(1) as ahead:
        waiting = ahead.submit(prepared, order[0])
        for batch in order[1:]:
            ready = waiting.result()
            waiting = ahead.submit(prepared, batch)
            yield ready
        yield waiting.result()


def drawn(targets_BL: Tensor, sample: int, generator: torch.Generator) -> Tensor:
    """The codes of the batch, and `sample` others at random: with many codes, most of the time."""
    present_L = targets_BL.any(dim=0)
    others = torch.nonzero(~present_L).squeeze(1)
    chosen = others[torch.randperm(len(others), generator=generator)[:sample]]
    return torch.cat([torch.nonzero(present_L).squeeze(1), chosen])


def _step(
    examples: Examples,
    batch: Sequence[int],
    codes: Mapping[str, Tensor] | None,
    accumulate: int,
    device: torch.device,
) -> Step:
    mine = batch[ranks.rank() :: ranks.count()]
    parts = max(1, min(accumulate, len(batch) // ranks.count()))  # the same on every rank
    return Step(
        notes=len(batch),
        codes=codes and {task: _sent(part, device) for task, part in codes.items()},
        parts=[_part(examples, batch, mine[part::parts], codes, device) for part in range(parts)],
    )


def _part(
    examples: Examples,
    batch: Sequence[int],
    mine: Sequence[int],
    codes: Mapping[str, Tensor] | None,
    device: torch.device,
) -> Part:
    tokens_BT, mask_BT = pad([examples.ids[index] for index in mine])
    carried = {task: _sent(part[list(mine)], device) for task, part in examples.targets.items()}
    targets = carried
    if codes is not None:
        chosen = {task: _sent(part, device) for task, part in codes.items()}
        targets = {task: part[:, chosen[task]] for task, part in carried.items()}
    marked = {
        task: (_marks(marks, mine), max(1, _marks(marks, batch)))
        for task, marks in examples.marks.items()
    }
    return Part(
        tokens_BT=_sent(tokens_BT, device),
        mask_BT=_sent(mask_BT, device),
        targets=targets,
        carried=carried,
        marks={task: [marks[index] for index in mine] for task, marks in examples.marks.items()},
        share=len(mine) / len(batch),
        mark_shares={task: some / every for task, (some, every) in marked.items()},
    )


def _marks(marks: Marks, notes: Sequence[int]) -> int:
    return sum(len(marks[index]) for index in notes)


def _sent(part: Tensor, device: torch.device) -> Tensor:
    """On the device; pinned first where it is a GPU, so that sending does not hold up anything."""
    if device.type != "cuda":
        return part
    return part.pin_memory().to(device, non_blocking=True)
