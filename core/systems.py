"""THE TABLE: one row per published system and per variant; multitask, RAM and loss are cells.

"paper" rows follow the publication; `_released` rows follow the authors' code where it departs
(`docs/decisions` says where). An ablation or a new system is a row, never a class.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from core.aggregators import RAM
from core.decoders import LabelAttention, Pooled
from core.encoders import BiGRU, Conv
from core.errors import BadSettings
from core.losses import BinaryCrossEntropy, EvidenceLoss, Focal
from core.parts import AggregatorSettings, DecoderSettings, EncoderSettings, Loss


@dataclass(frozen=True, kw_only=True)
class Embedding:
    """Word embeddings, started from word2vec."""

    width: int = 100  # d_e, MARN sec. 3.1
    dropout: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How a row is trained. Adam; early stop when the monitor has not improved for `patience`."""

    learning_rate: float = 1e-3  # MARN sec. 4.2
    batch_size: int = 16  # MARN sec. 4.2, top-50; 64 for full codes
    max_length: int = 4000  # tokens, MARN sec. 4.2
    patience: int = 10  # epochs, MARN sec. 4.2
    monitor: str = "P@5"
    decay: bool = False  # the learning rate falls linearly to nothing over the epochs asked for
    sampled_codes: int | None = None  # codes without a note in the batch that a step scores; all
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
    decoder: DecoderSettings
    loss: Loss
    tasks: Mapping[str, float]  # task -> weight in the joint loss (MARN eq. 17)
    aggregator: AggregatorSettings | None = None
    evidence: EvidenceLoss | None = None  # pulls label attention onto marked evidence
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
        *(BiGRU, Conv, RAM, LabelAttention, Pooled),
        *(BinaryCrossEntropy, Focal, EvidenceLoss, Embedding, Fusing, Recipe),
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
    settings = dict(cell)
    return _BRICKS[settings.pop("brick")](**settings)


BOTH = {"icd": 0.7, "ccs": 0.3}  # lambda_d, lambda_s; MARN sec. 4.2
ICD = {"icd": 1.0}

MARN = System(
    name="marn",
    source="MARN, Sun et al. 2021, eq. 1-17",
    encoder=BiGRU(),
    aggregator=RAM(),
    decoder=LabelAttention(),
    loss=Focal(),
    tasks=BOTH,
)
MARN_RELEASED = replace(
    MARN,
    name="marn_released",
    source="MARN, authors' code",
    aggregator=RAM(up="released", identity_start=False),
    loss=Focal(form="released"),
    embedding=Embedding(dropout=0.2),
)
MT_RAM = replace(
    MARN,
    name="mt_ram",
    source="MT-RAM, Sun et al. 2021",
    loss=BinaryCrossEntropy(),
    recipe=Recipe(learning_rate=8e-3, max_length=2500),  # MT-RAM sec. 4.3
)
CAML = System(
    name="caml",
    source="CAML, Mullenbach et al. 2018",
    encoder=Conv(),
    decoder=LabelAttention(),
    loss=BinaryCrossEntropy(),
    tasks=ICD,
    embedding=Embedding(dropout=0.2),  # CAML sec. 3.3, as the recipes of its three rows
    recipe=Recipe(learning_rate=1e-4, max_length=2500, monitor="P@8"),
)
CAML_RELEASED = replace(
    CAML, name="caml_released", source="CAML, authors' code", encoder=Conv(padding="half")
)
CNN = replace(  # paper and code agree
    CAML,
    name="cnn",
    source="CNN of the CAML paper",
    encoder=Conv(filters=500, kernel=4, padding="none"),
    decoder=Pooled(),
    recipe=replace(CAML.recipe, learning_rate=3e-3),
)

EVICODE_RECIPE = Recipe(
    learning_rate=4e-3,
    decay=True,
    sampled_codes=300,
    phrase_texts=1000,
    titled_start=True,
)
EVICODE = replace(
    MARN,
    name="evicode",
    source="MARN, smaller, with BCE, evidence, phrases and phrase memory; decision 7",
    encoder=BiGRU(hidden=64),
    fusion=Fusing(),
    embedding=Embedding(dropout=0.2),
    loss=BinaryCrossEntropy(),
    evidence=EvidenceLoss(weight=0.5),
    recipe=EVICODE_RECIPE,
)

_ROWS = (
    EVICODE,
    MARN,
    MARN_RELEASED,
    MT_RAM,
    replace(
        MARN_RELEASED,
        name="mt_ram_released",
        source="MT-RAM, authors' code",
        loss=BinaryCrossEntropy(),
        recipe=MT_RAM.recipe,
    ),
    replace(MARN, name="bigru_mtl", source="MARN table 5, w/o RAM", aggregator=None),
    replace(MARN_RELEASED, name="bigru_mtl_released", source="the same in code", aggregator=None),
    replace(MARN, name="bigru_lan", source="MARN w/o MTL, RAM", aggregator=None, tasks=ICD),
    replace(
        MARN_RELEASED, name="bigru_lan_released", source="same in code", aggregator=None, tasks=ICD
    ),
    CAML,
    CAML_RELEASED,
    replace(
        MT_RAM,
        name="caml_mtl_ram",
        source="MT-RAM, CAML + MTL + RAM",
        encoder=CAML.encoder,
        embedding=CAML.embedding,
    ),
    replace(
        MT_RAM,
        name="caml_mtl_ram_released",
        source="the same in code",
        encoder=CAML_RELEASED.encoder,
        aggregator=MARN_RELEASED.aggregator,
        embedding=CAML.embedding,
    ),
    CNN,
    replace(  # paper and code agree
        CNN,
        name="bigru",
        source="BiGRU of the CAML paper",
        encoder=BiGRU(hidden=256),  # 512 in both directions
        decoder=Pooled(pooling="ends"),
        embedding=Embedding(),
    ),
)

SYSTEMS: Mapping[str, System] = {row.name: row for row in _ROWS}


def system(name: str) -> System:
    """The row called `name`; BadSettings lists the rows there are."""
    if name not in SYSTEMS:
        raise BadSettings(f"{name!r} is not in the systems table; rows: {', '.join(SYSTEMS)}")
    return SYSTEMS[name]
