"""The parts of a note that are taken away together: words, or sentences."""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import Literal

import torch
from torch import Tensor

from core.context.words import SENTENCE, split
from core.explanations.reading import Reading

Unit = Literal["word", "sentence"]


def parts(reading: Reading, unit: Unit, *, most: int) -> Tensor:
    """part_T: the number of the part that each token is in, from 0.

    Where there are more than `most`, neighbours are joined, all into parts of like size.
    """
    tokens = reading.tokens_BT.shape[1]
    encoded = reading.encoded
    if encoded is None:
        found: Sequence[int] = range(tokens) if unit == "word" else [0] * tokens
    elif unit == "word":
        found = encoded.words or range(tokens)
    else:
        found = sentences(reading.text, encoded.spans)
    _, part_T = torch.unique_consecutive(torch.tensor(found), return_inverse=True)
    count = int(part_T[-1]) + 1
    joined_T: Tensor = part_T * most // count if count > most else part_T
    return joined_T


def sentences(text: str, spans: Sequence[tuple[int, int]]) -> list[int]:
    """The number of the sentence in which each span begins; a heading on its line is one too."""
    words = split(text)
    numbers = list(accumulate(int(gap >= SENTENCE) for gap in words.gaps)) or [0]
    return [numbers[max(0, bisect_right(words.starts, start) - 1)] for start, _ in spans]


def evenly(effect_CP: Tensor, part_T: Tensor) -> Tensor:
    """Give scores_CT: a part's effect falls evenly on its tokens."""
    effect_CP = effect_CP / torch.bincount(part_T)
    return effect_CP[:, part_T]
