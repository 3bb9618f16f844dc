"""One row of the systems table: the cells it is made of, and its form in a checkpoint (JSON).

Every brick that a row may name stands in `_BRICKS`.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal

from core.aggregators import RAM, SelfAttention
from core.decoders import (
    Cascade,
    CondensedMemory,
    HyperCore,
    Interaction,
    LabelAttention,
    Pooled,
    TitleAttention,
)
from core.encoders import LSTM, Bert, BiGRU, Conv, Dilated, GatedConv, MultiRes, Words
from core.errors import BadSettings
from core.knowledge import Needs
from core.losses import BinaryCrossEntropy, DescriptionLoss, EvidenceLoss, Focal
from core.parts import (
    AggregatorSettings,
    DecoderSettings,
    EncoderSettings,
    InformedDecoderSettings,
    Loss,
)


@dataclass(frozen=True, kw_only=True)
class Embedding:
    """Word embeddings, started from word2vec."""

    width: int = 100  # d_e, MARN sec. 3.1
    dropout: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How a row is trained. Early stop when the monitor has not improved for `patience`."""

    learning_rate: float = 1e-3  # MARN sec. 4.2
    batch_size: int = 16  # MARN sec. 4.2, top-50; 64 for full codes
    max_length: int = 4000  # tokens, MARN sec. 4.2
    patience: int = 10  # epochs, MARN sec. 4.2
    monitor: str = "P@5"
    decay: bool = False  # the learning rate falls linearly to nothing over the epochs asked for
    sampled_codes: int | None = None  # codes without a note in the batch that a step scores; all
    optimizer: Literal["adam", "adamw"] = "adam"
    warm_up: float = 0.0  # share of the run over which the learning rate rises; then it falls
    layer_decay: float = 1.0  # a pretrained layer learns this many times the rate of the one above
    phrase_texts: int = 0  # short texts strung together from phrases, added to every epoch
    accumulate: int = 1  # parts a batch is computed in, one by one: less memory, the same step
    titled_start: bool = False  # label queries and weights start from phrases of the codes


@dataclass(frozen=True, kw_only=True)
class Fusing:
    """The row is fused with phrase memory by a combiner that learns from held-out notes."""

    network_folds: int = 3  # networks trained besides, so that every note is held out of one


@dataclass(frozen=True, kw_only=True)
class System:
    """One row: what reads, what aggregates, what decodes, for which tasks, with which loss."""

    name: str
    source: str
    encoder: EncoderSettings
    decoder: DecoderSettings | InformedDecoderSettings
    loss: Loss
    tasks: Mapping[str, float]  # task -> weight in the joint loss (MARN eq. 17)
    aggregator: AggregatorSettings | None = None
    cascade: Cascade | None = None  # one task's scores are told to the others
    evidence: EvidenceLoss | None = None  # pulls label attention onto marked evidence
    knowledge: Needs | None = None  # what has to be known about the codes
    description: DescriptionLoss | None = None  # pulls weights of codes towards texts on them
    fusion: Fusing | None = None  # phrase memory beside the network
    embedding: Embedding = field(default_factory=Embedding)
    recipe: Recipe = field(default_factory=Recipe)

    def to_json(self) -> str:
        """One line of JSON from which `from_json` rebuilds an equal row."""
        cells = {cell.name: _plain(getattr(self, cell.name)) for cell in fields(self)}
        return json.dumps(cells, sort_keys=True)

    @staticmethod
    def from_json(text: str) -> "System":
        """Rebuild a row; BadSettings if it names a brick or a setting this version lacks."""
        try:
            return System(**{key: _brick(cell) for key, cell in json.loads(text).items()})
        except (TypeError, KeyError, AttributeError, ValueError) as error:
            raise BadSettings(f"not a row of the systems table: {error}") from error


_BRICKS = {
    brick.__name__: brick
    for brick in (
        *(Bert, BiGRU, Conv, Dilated, GatedConv, LSTM, MultiRes, Words),
        *(RAM, SelfAttention, Cascade, Needs),
        *(LabelAttention, Pooled, HyperCore, Interaction, CondensedMemory, TitleAttention),
        *(BinaryCrossEntropy, Focal, EvidenceLoss, DescriptionLoss, Embedding, Fusing, Recipe),
    )
}


def _plain(cell: Any) -> Any:  # Any: a cell is a brick's settings or plain JSON
    kind = type(cell).__name__
    if kind in _BRICKS:
        return {"brick": kind, **asdict(cell)}
    return dict(cell) if isinstance(cell, Mapping) else cell


def _brick(cell: Any) -> Any:  # Any: the mirror of _plain
    if not (isinstance(cell, dict) and "brick" in cell):
        return cell
    settings: dict[str, Any] = {  # JSON has no tuples, settings have no lists
        name: tuple(setting) if isinstance(setting, list) else setting
        for name, setting in cell.items()
    }
    return _BRICKS[settings.pop("brick")](**settings)
