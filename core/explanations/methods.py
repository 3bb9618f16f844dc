"""Methods that score every token of a note for one code; one row each in METHODS.

"attention" is the code's own label attention: where the model looked. "integrated_gradients" is
how much each word moved the code's logit away from an empty note (Sundararajan et al. 2017,
through Captum), with its convergence delta.
"""

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import torch
from captum.attr import LayerIntegratedGradients
from torch import Tensor

from core.assembly import Model
from core.errors import BadSettings
from core.text import PAD

STEPS = 32  # points on the path from the empty note to the note
POINTS_AT_ONCE = 8  # of them in one pass: bounds the memory a long note takes


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One note as a model read it: everything a method may need, computed once."""

    model: Model
    tokens_BT: Tensor  # B = 1
    mask_BT: Tensor
    hidden_BSD: Tensor
    mask_BS: Tensor


@dataclass(frozen=True, kw_only=True)
class TokenScores:
    """A score for each token (length T), and the convergence delta where the method has one."""

    scores_T: Tensor
    delta: float | None = None


Method = Callable[[Reading, str, Sequence[int]], list[TokenScores]]


def explain(reading: Reading, *, task: str, codes: Sequence[int], method: str) -> list[TokenScores]:
    """Score the note's tokens for each of `codes` (positions among the task's logits)."""
    if method not in METHODS:
        raise BadSettings(f"{method!r} is not a method; use one of {', '.join(METHODS)}")
    return METHODS[method](reading, task, codes)


def attention(reading: Reading, task: str, codes: Sequence[int]) -> list[TokenScores]:
    """Label attention (MARN eq. 12) of all codes in one product; each sums to one.

    BadSettings if the model has none.
    """
    decoder = reading.model.decoder(task)
    with torch.inference_mode():
        codes_C = torch.tensor(codes, device=reading.tokens_BT.device)
        scores_BCS = decoder.attention(reading.hidden_BSD, reading.mask_BS, codes_C)
        scores_BCT = reading.model.encoder.on_tokens(scores_BCS, reading.mask_BT)
    return [TokenScores(scores_T=scores_T) for scores_T in scores_BCT[0].cpu()]


def integrated_gradients(reading: Reading, task: str, codes: Sequence[int]) -> list[TokenScores]:
    """Integrated gradients of each code's logit over the word embeddings, against padding."""
    model = _private_view(reading.model)

    def logits_B1(tokens_BT: Tensor, mask_BT: Tensor, code: int) -> Tensor:
        """The one logit that is asked for; of the other tasks any, as none need be computed."""
        asked = {name: int(name == task) * code for name in model.decoders}
        codes = {name: torch.tensor([one], device=mask_BT.device) for name, one in asked.items()}
        return model.decode(*model.read(tokens_BT, mask_BT), codes)[task]

    captum = LayerIntegratedGradients(logits_B1, model.embedding)
    # cuDNN's recurrent backward refuses evaluation mode
    with torch.backends.cudnn.flags(enabled=False):
        return [_integrate(captum, reading, code) for code in codes]


METHODS: Mapping[str, Method] = {
    "attention": attention,
    "integrated_gradients": integrated_gradients,
}


def default_method(model: Model) -> str:
    """The method shown first for a model."""
    looks = all(model.decoder(task).looks for task in model.system.tasks)
    return "attention" if looks else "integrated_gradients"


def _integrate(captum: LayerIntegratedGradients, reading: Reading, code: int) -> TokenScores:
    scores_BTE, delta_B = captum.attribute(
        reading.tokens_BT,
        baselines=torch.full_like(reading.tokens_BT, PAD),
        target=0,
        additional_forward_args=(reading.mask_BT, code),
        n_steps=STEPS,
        internal_batch_size=POINTS_AT_ONCE,
        return_convergence_delta=True,
    )
    return TokenScores(
        scores_T=scores_BTE[0].sum(dim=1).detach().cpu(), delta=float(delta_B.item())
    )


def _private_view(model: Model) -> Model:
    """The same weights in modules of their own: Captum's hooks touch no other thread's model."""
    shared = {id(tensor): tensor for tensor in (*model.parameters(), *model.buffers())}
    return copy.deepcopy(model, memo=dict(shared))
