"""What is asked about a note, and what an answer is: the nouns every method shares."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from core.assembly import Model
from core.text import PAD, Encoded

Progress = Callable[[float], None]


def nobody(share: float) -> None:
    """Nobody waits: the `progress` of those who do not care."""


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One note as a model read it: everything a method may need, computed once.

    `text`, `encoded` and `titles` are for the methods that look at words, sentences and titles;
    without them each token is a word, and all of them are one sentence.
    """

    model: Model
    tokens_BT: Tensor  # B = 1
    mask_BT: Tensor
    hidden_BSD: Tensor
    mask_BS: Tensor
    text: str = field(default="", repr=False)
    encoded: Encoded | None = field(default=None, repr=False)
    titles: Callable[[str, int], str] | None = None  # of a code, by task and position


@dataclass(frozen=True, kw_only=True)
class TokenScores:
    """A score for each token (length T), and the convergence delta where the method has one."""

    scores_T: Tensor
    delta: float | None = None


@dataclass(frozen=True, kw_only=True)
class Question:
    """Why does the model give this note these codes? They are positions among a task's logits.

    `progress` is told the share of the work that is done, from time to time. To call the work off
    it raises `core.errors.Cancelled`.
    """

    reading: Reading
    task: str
    codes: Sequence[int]
    progress: Progress = nobody

    def words(self) -> Tensor:
        """words_BTE, the note's word vectors (B = 1)."""
        return self._embedded(self.reading.tokens_BT)

    def empty(self) -> Tensor:
        """empty_BTE, the vectors of a note of the same length that says nothing (padding)."""
        return self._embedded(torch.full_like(self.reading.tokens_BT, PAD))

    def logits(self, words_BTE: Tensor) -> Tensor:
        """Give logits_BC of the codes asked for, if the note had these word vectors.

        B is free: variants of one note go through the model together.
        """
        model, mask_BT = self.reading.model, self.reading.mask_BT.expand(len(words_BTE), -1)
        # a cascade needs the other tasks too, but one code of each is enough to ask for
        asked = {name: self.codes if name == self.task else [0] for name in model.decoders}
        codes = {name: torch.tensor(some, device=mask_BT.device) for name, some in asked.items()}
        return model.decode(*model.read_embedded(words_BTE, mask_BT), codes)[self.task]

    def generator(self, *besides: object) -> torch.Generator:
        """Random numbers that are the same whenever the same is asked of the same note.

        A generator of one's own: the process's is shared by all threads.
        """
        asked = repr((self.reading.tokens_BT.tolist(), self.task, besides)).encode()
        seed = int.from_bytes(hashlib.blake2b(asked, digest_size=7).digest())
        return torch.Generator().manual_seed(seed)

    def _embedded(self, tokens_BT: Tensor) -> Tensor:
        with torch.no_grad():
            words_BTE: Tensor = self.reading.model.embedding(tokens_BT)
        return words_BTE


def answers(scores_CT: Tensor, deltas_C: Tensor | None = None) -> list[TokenScores]:
    """One answer a code, on the CPU."""
    scores_CT = scores_CT.detach().cpu()
    if deltas_C is None:
        return [TokenScores(scores_T=scores_T) for scores_T in scores_CT]
    return [
        TokenScores(scores_T=scores_T, delta=delta)
        for scores_T, delta in zip(scores_CT, deltas_C.tolist(), strict=True)
    ]
