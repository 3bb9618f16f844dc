"""What the logits lose when parts of the note are gone: no gradients, bounded numbers of passes.

A word that is gone is padding in its place, as on the path of integrated gradients. Several
variants of the note, and all codes, share a forward pass.
"""

from collections.abc import Callable
from itertools import product
from math import comb

import torch
from captum.attr import FeatureAblation
from torch import Tensor

from core.explanations.parts import Unit, evenly, parts
from core.explanations.reading import Question, TokenScores, answers

PASSES = 512  # variants of a note at most
TOKENS_AT_ONCE = 16_000  # of variants in one pass: bounds the memory
SETS_A_PART = 8  # fewer, and chance writes the shares of KernelSHAP


def occlusion(question: Question, unit: Unit) -> list[TokenScores]:
    """What each logit loses without one part (Zeiler and Fergus 2014), through Captum.

    The loss falls evenly on the part's tokens. A note of more than `PASSES` parts has neighbours
    joined.
    """
    part_T = parts(question.reading, unit, most=PASSES)
    lost_CT = FeatureAblation(_thinned(question, int(part_T[-1]) + 2)).attribute(
        torch.ones(1, len(part_T)),
        feature_mask=part_T.unsqueeze(0),
        perturbations_per_eval=_at_once(part_T),
    )
    return answers(lost_CT / torch.bincount(part_T)[part_T])  # Captum gives all of it to each


def kernel_shap(question: Question, unit: Unit) -> list[TokenScores]:
    """Shapley values of the parts by weighted least squares (KernelSHAP, Lundberg and Lee 2017).

    Exact where all sets of parts fit into `PASSES`. Otherwise sets are drawn by the Shapley kernel,
    each with what it leaves out (Covert and Lee 2021), and neighbours are joined until there are
    `SETS_A_PART` times as many sets as parts. Scores add up to what the words change. Not Captum's:
    it draws from the process's generator, and reads the note anew for each code.
    """
    part_T = parts(question.reading, unit, most=PASSES // SETS_A_PART)
    count = int(part_T[-1]) + 1
    if count == 1:  # nothing to share out
        return occlusion(question, unit)
    kept_NP, weight_N = _sets(count, question.generator(unit))
    logits = _thinned(question, len(kept_NP) + 2)
    ends_2C = logits(torch.tensor([[0.0], [1.0]]).expand(-1, len(part_T)))
    kept_NT = kept_NP[:, part_T]
    pieces = torch.split(kept_NT, _at_once(part_T))
    logits_NC = torch.cat([logits(kept_BT) for kept_BT in pieces])
    return answers(evenly(_shares(kept_NP, weight_N, logits_NC, ends_2C), part_T))


def _thinned(question: Question, passes: int) -> Callable[[Tensor], Tensor]:
    """The note's logits_BC where kept_BT says how much of each word is left, 0 or 1."""
    words_BTE, empty_BTE = question.words(), question.empty()
    done = 0

    def logits(kept_BT: Tensor) -> Tensor:
        nonlocal done
        kept_BT1 = kept_BT.to(words_BTE).unsqueeze(2)
        with torch.no_grad():
            found_BC = question.logits(empty_BTE + kept_BT1 * (words_BTE - empty_BTE)).cpu()
        done += len(kept_BT)
        question.progress(min(1.0, done / passes))
        return found_BC

    return logits


def _at_once(part_T: Tensor) -> int:
    return max(1, TOKENS_AT_ONCE // len(part_T))


def _sets(count: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Give (kept_NP, weight_N): sets of parts, neither none nor all, and what each counts.

    The Shapley kernel gives all sets of a size together 1 / (size * (count - size)).
    """
    sizes = range(1, count)
    kernel = torch.tensor([1 / (size * (count - size)) for size in sizes], dtype=torch.float64)
    if 2**count - 2 <= PASSES:
        every_NP = torch.tensor(list(product((0.0, 1.0), repeat=count)))[1:-1]
        each = kernel / torch.tensor([comb(count, size) for size in sizes])
        return every_NP, each[every_NP.sum(dim=1).long() - 1]
    drawn_N1 = 1 + torch.multinomial(kernel, PASSES // 2, replacement=True, generator=generator)
    place_NP = torch.rand(PASSES // 2, count, generator=generator).argsort(dim=1).argsort(dim=1)
    kept_NP = (place_NP < drawn_N1.unsqueeze(1)).float()
    return torch.cat([kept_NP, 1 - kept_NP]), torch.ones(PASSES, dtype=torch.float64)


def _shares(kept_NP: Tensor, weight_N: Tensor, logits_NC: Tensor, ends_2C: Tensor) -> Tensor:
    """share_CP, which add up to the whole change: the last part's is what the others leave."""
    kept_NP, logits_NC, (none_C, all_C) = kept_NP.double(), logits_NC.double(), ends_2C.double()
    root_N1, last_N1 = weight_N.sqrt().unsqueeze(1), kept_NP[:, -1:]
    change_C = all_C - none_C
    gained_NC = logits_NC - none_C - last_N1 * change_C
    others_PC = torch.linalg.lstsq(
        root_N1 * (kept_NP[:, :-1] - last_N1), root_N1 * gained_NC, driver="gelsd"
    ).solution
    return torch.cat([others_PC, change_C - others_PC.sum(dim=0, keepdim=True)]).T.float()
