"""The recurrence of a bidirectional GRU for training on a CPU, both directions in one pass.

The library's layer leaves one small product for every step and every weight on the way back, and
over packed notes it even fills a tensor of the whole batch at every step: time grows with the
square of a note's length. Here each step hands on one product, and the gradients of the weights
are one product over all steps. Gates as in `torch.nn.GRU`: r, z, n.

    T steps   R directions (2)   B notes   H hidden   G = 3 H gates
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn.functional import linear


def bidirectional(gru: nn.GRU, tokens_BTE: Tensor, mask_BT: Tensor) -> Tensor:
    """Give hidden_BTD as `gru` does over packed notes: zero where masked, D = 2 H.

    Masked positions must follow the real ones. Differentiable once.
    """
    turned_BT = _turned(mask_BT)
    rows_B1 = torch.arange(len(mask_BT)).unsqueeze(1)
    weights = [(getattr(gru, f"weight_ih_{d}"), getattr(gru, f"bias_ih_{d}")) for d in _NAMES]
    given_RBTG = torch.stack(
        [linear(tokens_BTE, *weights[0]), linear(tokens_BTE[rows_B1, turned_BT], *weights[1])]
    )
    weight_RGH = torch.stack([getattr(gru, f"weight_hh_{d}") for d in _NAMES])
    bias_RG = torch.stack([getattr(gru, f"bias_hh_{d}") for d in _NAMES])
    with torch.autocast("cpu", enabled=False):
        states_TRBH: Tensor = _Recurrence.apply(  # type: ignore[no-untyped-call]
            given_RBTG.float().permute(2, 0, 1, 3), weight_RGH, bias_RG
        )
    forward_BTH, backward_BTH = states_TRBH.permute(1, 2, 0, 3)
    both_BTD = torch.cat([forward_BTH, backward_BTH[rows_B1, turned_BT]], dim=2)
    return both_BTD * mask_BT.unsqueeze(2)


_NAMES = ("l0", "l0_reverse")


def _turned(mask_BT: Tensor) -> Tensor:
    """For each position, that which is as far from the note's end; padding stays where it is."""
    place_T = torch.arange(mask_BT.shape[1])
    return torch.where(mask_BT, mask_BT.sum(dim=1, keepdim=True) - 1 - place_T, place_T)


class _Recurrence(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, given_TRBG: Tensor, weight_RGH: Tensor, bias_RG: Tensor) -> Tensor:
        """Give states_TRBH from what the tokens give each gate (input products and biases)."""
        steps, directions, notes, width = given_TRBG.shape
        hidden = width // 3
        weight_RHG, bias_R1G = weight_RGH.transpose(1, 2).contiguous(), bias_RG.unsqueeze(1)
        states_SRBH = given_TRBG.new_zeros(steps + 1, directions, notes, hidden)
        gates_TRBG = given_TRBG.new_empty(given_TRBG.shape)
        asked_TRBH = given_TRBG.new_empty(steps, directions, notes, hidden)  # of n by the state
        states = states_SRBH.unbind()
        for t, (given, gates, asked) in enumerate(
            zip(given_TRBG.unbind(), gates_TRBG.unbind(), asked_TRBH.unbind(), strict=True)
        ):
            by_state = torch.baddbmm(bias_R1G, states[t], weight_RHG)
            torch.add(given, by_state, out=gates)
            r, z = gates[..., : 2 * hidden].sigmoid_().chunk(2, dim=2)
            asked.copy_(by_state[..., 2 * hidden :])
            n = gates[..., 2 * hidden :]
            torch.addcmul(given[..., 2 * hidden :], r, asked, out=n).tanh_()
            torch.lerp(n, states[t], z, out=states[t + 1])
        ctx.save_for_backward(states_SRBH, gates_TRBG, asked_TRBH, weight_RGH)
        return states_SRBH[1:]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, slope_TRBH: Tensor) -> tuple[Tensor | None, ...]:
        """What a state's gradient gives each gate is a factor that all steps know beforehand."""
        states_SRBH, gates_TRBG, asked_TRBH, weight_RGH = ctx.saved_tensors
        r, z, n = gates_TRBG.chunk(3, dim=3)
        by_n = (1 - z) * (1 - n * n)
        by_z = (states_SRBH[:-1] - n) * z * (1 - z)
        by_r = by_n * asked_TRBH * r * (1 - r)
        factor_TRB3H = torch.stack([by_r, by_z, by_n * r], dim=3)
        back_TRB3H, total_TRBH = torch.empty_like(factor_TRB3H), torch.empty_like(by_n)
        slope, kept = torch.zeros_like(by_n[0]), torch.empty_like(by_n[0])
        parts = (slope_TRBH, total_TRBH, factor_TRB3H, back_TRB3H, z)
        views = (total_TRBH.unsqueeze(3), back_TRB3H.flatten(3))  # made once, not at every step
        each = zip(*(_late_first(part) for part in (*parts, *views)), strict=True)
        for given, total, factor, back, keep, total_RB1H, back_RBG in each:
            torch.add(given, slope, out=total)
            torch.mul(factor, total_RB1H, out=back)
            torch.mul(total, keep, out=kept)
            torch.baddbmm(kept, back_RBG, weight_RGH, out=slope)
        d_given = d_weight = d_bias = None
        if ctx.needs_input_grad[0]:
            by_token = torch.stack([*back_TRB3H.unbind(3)[:2], total_TRBH * by_n], dim=3)
            d_given = by_token.flatten(3)
        if ctx.needs_input_grad[1]:
            back_RNG = back_TRB3H.flatten(3).transpose(0, 1).flatten(1, 2)
            before_RNH = states_SRBH[:-1].transpose(0, 1).flatten(1, 2)
            d_weight, d_bias = back_RNG.transpose(1, 2) @ before_RNH, back_RNG.sum(dim=1)
        return d_given, d_weight, d_bias


def _late_first(parts: Tensor) -> tuple[Tensor, ...]:
    return tuple(reversed(parts.unbind()))
