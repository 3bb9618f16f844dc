"""Where a code looked (label attention), alone and weighed by what it made of what it saw."""

import torch
from torch import Tensor

from core.assembly import Model
from core.explanations.gradients import lengths
from core.explanations.reading import Question, TokenScores, answers


def blind(model: Model) -> str:
    """Why the methods of this file cannot explain a model; empty: they can."""
    looks = all(model.decoder(task).looks for task in model.system.tasks)
    return "" if looks else "it has no label attention; use integrated_gradients"


def attention(question: Question) -> list[TokenScores]:
    """Label attention (MARN eq. 12) of all codes in one product; each sums to one.

    BadSettings if the model has none.
    """
    return answers(_attention(question))


def attention_x_gradient(question: Question) -> list[TokenScores]:
    """AttInGrad (Edin et al. 2024): attention times the length of gradient x word vector.

    |x * gradient| is the Euclidean length of the products, so scores are never negative: what
    the code saw and what moved it. Scores of a code add up to one, as in the authors' code.
    """
    moved_CT = torch.stack(list(lengths(question)))
    scores_CT = _attention(question).cpu() * moved_CT
    total_C1 = scores_CT.sum(dim=1, keepdim=True)
    return answers(scores_CT / torch.where(total_C1 > 0, total_C1, 1))


def _attention(question: Question) -> Tensor:
    """attention_CT of the codes asked for, on the tokens."""
    reading = question.reading
    with torch.inference_mode():
        codes_C = torch.tensor(question.codes, device=reading.tokens_BT.device)
        decoder = reading.model.decoder(question.task)
        scores_BCS = decoder.attention(reading.hidden_BSD, reading.mask_BS, codes_C)
        return reading.model.encoder.on_tokens(scores_BCS, reading.mask_BT)[0]
