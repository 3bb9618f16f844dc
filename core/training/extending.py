"""New codes for a trained network: its label spaces grow, and what it knew stays as it was."""

from collections.abc import Mapping, Sequence
from copy import deepcopy

import torch
from torch import Tensor

from core.assembly import Model, assemble
from core.decoders.label_attention import LabelAttentionDecoder
from core.errors import BadSettings
from core.types import Code, CodeSpace

PER_CODE = ("query_LD", "weight_LD", "bias_L")  # of a decoder: one row for each code
UNLIKELY = -5.0  # bias of the first codes a network ever learns


def grown(
    spaces: Mapping[str, CodeSpace], more: Mapping[str, Sequence[Code]]
) -> dict[str, CodeSpace]:
    """The label spaces with these codes behind their own, which keep their places."""
    return {
        task: CodeSpace(
            name=space.name,
            codes=(*space.codes, *(c for c in dict.fromkeys(more.get(task, ())) if c not in space)),
        )
        for task, space in spaces.items()
    }


def extended(
    model: Model,
    before: Mapping[str, CodeSpace],
    after: Mapping[str, CodeSpace],
    *,
    vocabulary_size: int,
) -> Model:
    """A copy of the model that ranks the codes of `after`, which begin with those of `before`.

    Old codes score as before. New ones begin with the mean query and weight of the old ones and
    the least of their biases: unlikely, until they are taught. A network that knew no code at all
    begins as a new one. BadSettings if the row does not rank its codes by label attention alone.
    """
    if all(len(before[task]) == len(space) for task, space in after.items()):
        return deepcopy(model)
    plain = all(isinstance(model.decoder(task), LabelAttentionDecoder) for task in after)
    if not plain or model.cascade is not None or model.knowledge:
        raise BadSettings(
            f"row {model.system.name!r} cannot learn new codes, as it does not rank them by label "
            "attention alone; train it anew, or leave new codes out (--min-count)"
        )
    labels = {task: len(space) for task, space in after.items()}
    wider = assemble(model.system, vocabulary_size=vocabulary_size, labels=labels)
    state = wider.state_dict()
    for name, part in model.state_dict().items():
        state[name] = _rows(part, state[name]) if _is_per_code(name) else part
    wider.load_state_dict(state)
    return wider.to(model.embedding.weight.device)


def _is_per_code(name: str) -> bool:
    return name.startswith("decoders.") and name.rpartition(".")[2] in PER_CODE


def _rows(part: Tensor, drawn: Tensor) -> Tensor:
    """The rows there are, and more of them: the mean row, or for biases the least.

    Without any row to go by: as they were drawn, and unlikely.
    """
    if not len(part):
        return torch.full_like(drawn, UNLIKELY) if drawn.ndim == 1 else drawn
    more = part.min() if part.ndim == 1 else part.mean(dim=0)
    return torch.cat([part, more.expand(len(drawn) - len(part), *part.shape[1:])])
