"""Evidence supervision: label attention is pulled onto what coders marked (ours, not MARN's).

A code's attention sums to one over the note, so the share of it that falls on the marked words is
a probability; its negative logarithm is the loss. Codes without marked evidence are left alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from core.errors import BadSettings
from core.parts import Decoder

LEAST = 1e-6  # share of the attention below which the gradient is cut off


@dataclass(frozen=True, kw_only=True)
class Mark:
    """The tokens of one note that are evidence for one code of a task (by position)."""

    code: int
    tokens: tuple[int, ...]


Marks = Sequence[Sequence[Mark]]  # for each note of a batch


@dataclass(frozen=True, kw_only=True)
class EvidenceLoss:
    """-log of the attention a code gives to its marked tokens; the mean over marked codes."""

    weight: float = 0.3

    def __call__(
        self, decoder: Decoder, hidden_BSD: Tensor, mask_BS: Tensor, marks: Marks
    ) -> Tensor:
        """Give the unweighted loss; zero where nothing is marked."""
        rows = [(note, mark) for note, found in enumerate(marks) for mark in found]
        if not rows:
            return hidden_BSD.new_zeros(())
        if max(max(mark.tokens) for _, mark in rows) >= hidden_BSD.shape[1]:
            raise BadSettings("evidence supervision needs an encoder that keeps every token")
        device = hidden_BSD.device
        codes_C = torch.tensor(sorted({mark.code for _, mark in rows}), device=device)
        place = {int(code): index for index, code in enumerate(codes_C)}
        attention_BCS = decoder.attention(hidden_BSD, mask_BS, codes_C)
        note_K = torch.tensor([note for note, _ in rows], device=device)
        code_K = torch.tensor([place[mark.code] for _, mark in rows], device=device)
        share_K = (attention_BCS[note_K, code_K] * _marked(rows, hidden_BSD)).sum(dim=1)
        return -share_K.clamp(min=LEAST).log().mean()


def _marked(rows: Sequence[tuple[int, Mark]], hidden_BSD: Tensor) -> Tensor:
    """1 where a token is marked: one row for each marked code of a note."""
    marked_KS = torch.zeros(len(rows), hidden_BSD.shape[1])
    for row, (_, mark) in enumerate(rows):
        marked_KS[row, list(mark.tokens)] = 1
    return marked_KS.to(hidden_BSD.device)
