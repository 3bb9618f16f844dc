"""Rows of the systems that MARN is compared with, and of those that came after it."""

from dataclasses import replace

from core.ablations import ICD
from core.aggregators import SelfAttention
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
from core.knowledge import Needs
from core.losses import BinaryCrossEntropy, DescriptionLoss
from core.row import Embedding, Recipe, System

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

BASELINES = (
    CAML,
    CAML_RELEASED,
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
