"""Label attention without the codes x tokens matrix, forwards and backwards.

With S = Q K^T the scores of the codes and U = W V^T what each token says of each code, the logit of
MARN eq. 12-15 is <w, v> = sum over tokens of softmax(S) * U. Both S and U are computed for a few
codes at a time and thrown away; the way back computes them anew. The largest tensor is therefore
`PIECE` numbers, whatever the note's length and the number of codes. On a CPU each note is computed
by itself, up to its own last position, so padding costs nothing; on a GPU all notes together.
"""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

PIECE_CPU = 2**21  # numbers of a scores matrix: 8 MB stay near the cache
PIECE_GPU = 2**27  # large enough to keep every core busy; 0.5 GB


def label_logits(
    query_LD: Tensor, weight_LV: Tensor, keys_BSD: Tensor, values_BSV: Tensor, mask_BS: Tensor
) -> Tensor:
    """Give sum_S softmax_S(query keys^T) * (weight values^T) as logits_BL; masked S count nothing.

    Exact and differentiable once. Every note needs a real position. Under autocast the products
    are in its precision, sums and logits in float32.
    """
    tensors = query_LD, weight_LV, keys_BSD, values_BSV
    device = keys_BSD.device.type
    if torch.is_autocast_enabled(device):
        narrow = torch.get_autocast_dtype(device)
        tensors = tuple(tensor.to(narrow) for tensor in tensors)  # type: ignore[assignment]
    with torch.autocast(device, enabled=False):
        logits_BL: Tensor = _LabelLogits.apply(*tensors, mask_BS)  # type: ignore[no-untyped-call]
    return logits_BL


class _LabelLogits(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, *tensors: Tensor) -> Tensor:  # Any: torch's context
        query_LD, weight_LV, keys_BSD, values_BSV, mask_BS = tensors
        shape = len(keys_BSD), len(query_LD)
        logits_BL = keys_BSD.new_empty(shape, dtype=torch.float32)
        normaliser_BL = torch.empty_like(logits_BL)  # log of the softmax's denominator
        for b, s, c in _pieces(mask_BS, len(query_LD)):
            scores = _scores(query_LD[c], keys_BSD[b, s], mask_BS[b, s])
            normaliser = scores.logsumexp(dim=2, keepdim=True)
            shares = scores.sub_(normaliser).exp_()
            normaliser_BL[b, c] = normaliser.squeeze(2)
            said = weight_LV[c] @ values_BSV[b, s].transpose(1, 2)
            logits_BL[b, c] = shares.mul_(said).sum(dim=2)
        ctx.save_for_backward(*tensors, logits_BL, normaliser_BL)
        return logits_BL

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, slope_BL: Tensor) -> tuple[Tensor | None, ...]:
        *inputs, mask_BS, logits_BL, normaliser_BL = ctx.saved_tensors
        query_LD, weight_LV, keys_BSD, values_BSV = inputs
        grads = [torch.zeros_like(part, dtype=torch.float32) for part in inputs]
        for b, s, c in _pieces(mask_BS, len(query_LD)):
            keys, values = keys_BSD[b, s], values_BSV[b, s]
            scores = _scores(query_LD[c], keys, mask_BS[b, s])
            shares = scores.sub_(normaliser_BL[b, c, None]).exp_()
            said = (weight_LV[c] @ values.transpose(1, 2)).float()
            d_said = shares.mul_(slope_BL[b, c, None])  # d logit / d said = the share
            d_scores = said.sub_(logits_BL[b, c, None]).mul_(d_said).to(keys.dtype)
            d_said = d_said.to(keys.dtype)
            grads[0][c] += (d_scores @ keys).sum(dim=0)
            grads[1][c] += (d_said @ values).sum(dim=0)
            grads[2][b, s] += d_scores.transpose(1, 2) @ query_LD[c]
            grads[3][b, s] += d_said.transpose(1, 2) @ weight_LV[c]
        return *(g.to(part.dtype) for g, part in zip(grads, inputs, strict=True)), None


def _scores(query_CD: Tensor, keys_BSD: Tensor, mask_BS: Tensor) -> Tensor:
    """scores_BCS in float32, minus infinity where masked."""
    scores_BCS = (query_CD @ keys_BSD.transpose(1, 2)).float()
    return scores_BCS.masked_fill_(~mask_BS.unsqueeze(1), float("-inf"))


def _pieces(mask_BS: Tensor, labels: int) -> Iterator[tuple[slice, slice, slice]]:
    """Slices of notes, positions and codes that cover everything once."""
    if mask_BS.is_cuda:
        blocks = [(slice(None), mask_BS.shape[1])]
        room = PIECE_GPU // len(mask_BS)
    else:
        last = mask_BS.shape[1] - mask_BS.flip(1).int().argmax(dim=1)
        blocks = [(slice(note, note + 1), int(end)) for note, end in enumerate(last)]
        room = PIECE_CPU
    for notes, end in blocks:
        step = max(1, room // end)
        for first in range(0, labels, step):
            yield notes, slice(end), slice(first, first + step)
