"""THE TABLE: one row per published system and per variant; multitask, RAM and loss are cells.

"paper" rows follow the publication; `_released` rows follow the authors' code where it departs
(`docs/decisions` says where). An ablation or a new system is a row, never a class.
"""

from collections.abc import Mapping
from dataclasses import replace

from core.ablations import BOTH, ICD, PARTS, extended, reduced
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
from core.row import Embedding, Fusing, Recipe, System

__all__ = ["SYSTEMS", "Embedding", "Fusing", "Recipe", "System", "system"]

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
MULTIRESCNN = replace(
    CAML, name="multirescnn", source="MultiResCNN, Li & Yu 2020", encoder=MultiRes()
)
LAAT = System(
    name="laat",
    source="LAAT, Vu et al. 2020",
    encoder=LSTM(),
    decoder=LabelAttention(projection=256),
    loss=BinaryCrossEntropy(),
    tasks=ICD,
    embedding=Embedding(dropout=0.3),  # authors' readme, as the recipe
    recipe=Recipe(batch_size=8, patience=5, monitor="micro-F1", optimizer="adamw"),
)

DR_CAML = replace(
    CAML,
    name="dr_caml",
    source="DR-CAML, Mullenbach et al. 2018, sec. 2.5",
    knowledge=Needs(words=30),
    description=DescriptionLoss(),
)

BERT_RECIPE = Recipe(
    learning_rate=5e-5,
    batch_size=8,  # BERT study, as the recipe's other cells but for the rate and its decay
    max_length=510,  # and [CLS] and [SEP]
    decay=True,
    optimizer="adamw",
    warm_up=0.1,
    layer_decay=0.95,
)
BERT_TRUN_FCN = System(
    name="bert_trun_fcn",
    source="BERT study, Ji et al. 2021",
    encoder=Bert(states="segments"),
    decoder=Pooled(),
    loss=BinaryCrossEntropy(),
    tasks=ICD,
    embedding=Embedding(width=768),
    recipe=BERT_RECIPE,
)
BERT_HIER_FCN = replace(
    BERT_TRUN_FCN,
    name="bert_hier_fcn",
    encoder=Bert(states="segments", above=1),
    recipe=replace(BERT_RECIPE, max_length=2500),
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
    replace(
        CNN,
        name="cnn_retrained",
        source="CNN as the BERT study retrained it, Ji et al. 2021",
        recipe=replace(CNN.recipe, monitor="P@5"),
    ),
    MULTIRESCNN,
    replace(CAML, name="dcan", source="DCAN, Ji et al. 2020", encoder=Dilated()),
    LAAT,
    replace(
        LAAT,
        name="jointlaat",
        source="JointLAAT, Vu et al. 2020",
        tasks={"icd": 1.0, "ccs": 1.0},
        cascade=Cascade(leading="ccs"),
    ),
    replace(
        MULTIRESCNN,
        name="fusion",
        source="Fusion, Luo et al. 2021",
        encoder=MultiRes(compress=2, norm="note"),
        aggregator=SelfAttention(),
    ),
    System(
        name="attentive_lstm",
        source="Attentive LSTM, Shi et al. 2017",
        encoder=LSTM(bidirectional=False),
        decoder=TitleAttention(),
        loss=BinaryCrossEntropy(),
        tasks=ICD,
        knowledge=Needs(words=30),
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
    DR_CAML,
    replace(
        DR_CAML,
        name="dr_caml_released",
        source="DR-CAML, authors' code",
        encoder=CAML_RELEASED.encoder,
        description=DescriptionLoss(padding="half", form="released"),
    ),
    replace(
        CAML,
        name="hypercore",
        source="HyperCore, Cao et al. 2020",
        decoder=HyperCore(),
        knowledge=Needs(words=30, co_occurrence=True, hyperbolic=50),
    ),
    replace(
        CAML,
        name="gated_cnn_nci",
        source="GatedCNN-NCI, Ji et al. 2021",
        encoder=GatedConv(),
        decoder=Interaction(),
        knowledge=Needs(words=30),
    ),
    replace(
        CAML,
        name="c_memnn",
        source="C-MemNN, Prakash et al. 2017",
        encoder=Words(),
        decoder=CondensedMemory(),
        knowledge=Needs(words=200, inclusion_terms=True),
        recipe=replace(CAML.recipe, learning_rate=1e-3),
    ),
    BERT_TRUN_FCN,
    replace(BERT_TRUN_FCN, name="bert_trun_lan", encoder=Bert(), decoder=LabelAttention()),
    BERT_HIER_FCN,
    replace(BERT_HIER_FCN, name="bert_hier_lan", encoder=Bert(above=1), decoder=LabelAttention()),
    replace(
        BERT_HIER_FCN,
        name="mdbert",
        source="MDBERT, Zhang & Jankowski 2022",
        encoder=Bert(states="segments", segment=32, above=2),  # a sentence of 30 tokens
        decoder=LabelAttention(),
    ),
)

SYSTEMS: Mapping[str, System] = {row.name: row for row in _ROWS}


def system(name: str) -> System:
    """The row called `name`; BadSettings lists the rows there are."""
    if name not in SYSTEMS:
        raise BadSettings(f"{name!r} is not in the systems table; rows: {', '.join(SYSTEMS)}")
    return SYSTEMS[name]
