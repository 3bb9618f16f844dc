"""THE TABLE: one row per published system and per variant; multitask, RAM and loss are cells.

Other systems' rows stand in core/baselines.py, what makes ablations in core/ablations.py.

"paper" rows follow the publication; `_released` rows follow the authors' code where it departs
(`docs/decisions` says where). An ablation or a new system is a row, never a class.
"""

from collections.abc import Mapping
from dataclasses import replace

from core.ablations import BOTH, ICD, PARTS, extended, reduced
from core.aggregators import RAM
from core.baselines import BASELINES, CAML, CAML_RELEASED, MULTIRESCNN
from core.decoders import LabelAttention
from core.encoders import BiGRU
from core.errors import BadSettings
from core.losses import BinaryCrossEntropy, EvidenceLoss, Focal
from core.row import Embedding, Fusing, Recipe, System

__all__ = ["BOTH", "ICD", "SYSTEMS", "Embedding", "Fusing", "Recipe", "System", "system"]

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
    *BASELINES,
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
    # MARN tables 5-6; w/o RAM is bigru_mtl, and w/o MTL and RAM is bigru_lan
    reduced(MARN, "mtl"),
    reduced(MARN, "mtl", "fl"),
    reduced(MARN, "ram", "fl"),
    reduced(MARN, "mtl", "ram", "fl"),
    # MARN Fig. 8, for the two other encoders
    *(extended(base, part) for base in (CAML, MULTIRESCNN) for part in PARTS),
    *(extended(base, *PARTS) for base in (CAML, MULTIRESCNN)),
    replace(
        MT_RAM,
        name="multirescnn_mtl_ram",
        source="MT-RAM, MultiResCNN + MTL + RAM",
        encoder=MULTIRESCNN.encoder,
        embedding=CAML.embedding,
    ),
    replace(
        MT_RAM,
        name="mt_ram_additive",
        source="MT-RAM, its ablation of the product",
        aggregator=RAM(recalibration="sum"),
    ),
)

SYSTEMS: Mapping[str, System] = {row.name: row for row in _ROWS}


def system(name: str) -> System:
    """The row called `name`; BadSettings lists the rows there are."""
    if name not in SYSTEMS:
        raise BadSettings(f"{name!r} is not in the systems table; rows: {', '.join(SYSTEMS)}")
    return SYSTEMS[name]
