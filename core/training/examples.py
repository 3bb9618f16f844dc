"""Coded notes as numbers: word ids, and which codes of each label space a note carries."""

from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class Examples:
    """Notes as a model reads them, in one order throughout.

    targets: notes x codes per task, 1 where the note carries the code. missed: per task, how many
    of each note's gold codes the label space does not hold.
    """

    ids: tuple[tuple[int, ...], ...]
    targets: Mapping[str, Tensor]
    missed: Mapping[str, Tensor]
