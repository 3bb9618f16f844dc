"""How a code's logit reacts to the word vectors: gradients at the note, and along paths to it.

All codes asked for share each forward pass; only the way back is each code's own.
"""

from collections.abc import Iterator
from itertools import count
from typing import Any

import torch
from captum.attr import IntegratedGradients
from torch import Tensor

from core.explanations.reading import Question, TokenScores, answers
from core.text import PAD

STEPS = 32  # points on the path from the empty note to the note
SAMPLES = 32  # points of GradientSHAP, each on the path from another note
POINTS_AT_ONCE = 8  # of them in one pass: bounds the memory a long note takes


def slopes(question: Question, at: Tensor, words_BTE: Tensor) -> Iterator[Tensor]:
    """The gradient of each code's logit by `at`, from which words_BTE was computed.

    One code at a time: those of all codes at once may not fit into memory.
    """
    # cuDNN's recurrent backward refuses evaluation mode
    with torch.enable_grad(), torch.backends.cudnn.flags(enabled=False):
        logits_BC = question.logits(words_BTE)
    for logits_B in logits_BC.unbind(dim=1):
        (slope,) = torch.autograd.grad(logits_B.sum(), at, retain_graph=True)
        yield slope


def products(question: Question) -> Iterator[Tensor]:
    """Each code's gradient times the word vectors, product_TE, number by number."""
    words_BTE = question.words().requires_grad_()
    for slope_BTE in slopes(question, words_BTE, words_BTE):
        yield (slope_BTE * words_BTE).detach()[0]


def input_x_gradient(question: Question) -> list[TokenScores]:
    """Length of word vector x gradient of each token (Shrikumar et al. 2016), in one pass.

    The Euclidean length over the vector's numbers, as Edin et al. 2024 take it: how far a word
    moves the logit, whichever way. On CodiEsp it finds what coders mark far better than the signed
    sum does (docs/benchmarks/evidence.md).
    """
    return answers(torch.stack(list(lengths(question))))


def lengths(question: Question) -> Iterator[Tensor]:
    """|word vector x gradient| of each code, length_T."""
    return (product_TE.norm(dim=1).cpu() for product_TE in products(question))


def integrated_gradients(question: Question) -> list[TokenScores]:
    """Gradients along the path from the empty note (Sundararajan et al. 2017), through Captum.

    Scores add up to what the words change, but for `delta`. The path is one share for each word,
    from 0 (padding) to 1; the gradient by the share is <word vector - padding, gradient>, so Captum
    never holds a word vector for every code.
    """
    words_BTE, empty_BTE = question.words(), question.empty()
    passed = count(POINTS_AT_ONCE, POINTS_AT_ONCE)

    def by_share(*, inputs: tuple[Tensor], **_: object) -> tuple[Tensor]:
        """What Captum asks at each point; it gives each of the codes the same one."""
        share_BT = inputs[0][:, 0].detach().requires_grad_()
        with torch.enable_grad():
            point_BTE = empty_BTE + share_BT.unsqueeze(2) * (words_BTE - empty_BTE)
        slope_BCT = torch.stack(list(slopes(question, share_BT, point_BTE)), dim=1)
        question.progress(next(passed) / STEPS)
        return (slope_BCT,)

    captum: Any = IntegratedGradients(question.logits)  # Any: Captum is untyped
    captum.gradient_func = by_share
    whole_BCT = words_BTE.new_ones(1, len(question.codes), words_BTE.shape[1])
    scores_CT = captum.attribute(whole_BCT, n_steps=STEPS, internal_batch_size=POINTS_AT_ONCE)[0]
    with torch.no_grad():
        change_C = (question.logits(words_BTE) - question.logits(empty_BTE))[0]
    return answers(scores_CT, scores_CT.sum(dim=1) - change_C)


def gradient_shap(question: Question) -> list[TokenScores]:
    """Expected gradients (GradientSHAP, Lundberg and Lee 2017; Erion et al. 2021, eq. 5).

    The other notes are of the same length, with words drawn from the vocabulary. Scores add up to
    the logit less its mean over these notes, but for `delta`. Not Captum's: it draws from the
    generators of the process, so that two threads would change one another's scores.
    """
    embedding, generator = question.reading.model.embedding, question.generator()
    words_BTE = question.words()
    scores_CT = words_BTE.new_zeros(len(question.codes), words_BTE.shape[1])
    with torch.no_grad():
        change_C = question.logits(words_BTE)[0]
    for done in range(0, SAMPLES, POINTS_AT_ONCE):
        size = POINTS_AT_ONCE, words_BTE.shape[1]
        drawn_BT = torch.randint(PAD + 1, embedding.num_embeddings, size, generator=generator)
        # one point in each stretch of the path: less left to chance
        place_B = torch.arange(done, done + POINTS_AT_ONCE)
        share_B = (place_B + torch.rand(POINTS_AT_ONCE, generator=generator)) / SAMPLES
        share_B11 = share_B.to(words_BTE).view(-1, 1, 1)
        with torch.no_grad():
            other_BTE = embedding(drawn_BT.to(words_BTE.device))
            change_C = change_C - question.logits(other_BTE).sum(dim=0) / SAMPLES
        way_BTE = words_BTE - other_BTE
        point_BTE = (other_BTE + share_B11 * way_BTE).requires_grad_()
        for code, slope_BTE in enumerate(slopes(question, point_BTE, point_BTE)):
            scores_CT[code] += (slope_BTE * way_BTE).sum(dim=(0, 2)) / SAMPLES
        question.progress((done + POINTS_AT_ONCE) / SAMPLES)
    return answers(scores_CT, scores_CT.sum(dim=1) - change_C)
