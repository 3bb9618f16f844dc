"""Readings for tests of explanations: what a model makes of made-up notes."""

import torch
from torch import Tensor

from core.assembly import Model, assemble
from core.decoders import LabelAttention
from core.encoders import Words
from core.explanations import Reading
from core.losses import BinaryCrossEntropy
from core.systems import Embedding, System
from core.text import PAD, Encoded

TITLES = ("word0 word1", "Word3 and others", "word2", "", "word5")
BAG = System(
    name="bag",
    source="of words, for tests",
    encoder=Words(),
    decoder=LabelAttention(),
    loss=BinaryCrossEntropy(),
    tasks={"icd": 1.0},
    embedding=Embedding(width=1),
)


def reading_of(model: Model, ids: list[int], *, padding: int = 0) -> Reading:
    """A note "word0 word1 ..." of these tokens, three words a sentence, `padding` after its end."""
    tokens_BT = torch.tensor([[*ids, *[PAD] * padding]])
    mask_BT = torch.arange(len(ids) + padding).unsqueeze(0) < len(ids)
    with torch.inference_mode():
        hidden_BSD, mask_BS = model.read(tokens_BT, mask_BT)
    text, spans = "", []
    for number in range(len(ids) + padding):
        word = f"word{number}"
        spans.append((len(text), len(text) + len(word)))
        text += f"{word}. " if number % 3 == 2 else f"{word} "
    return Reading(
        model=model,
        tokens_BT=tokens_BT,
        mask_BT=mask_BT,
        hidden_BSD=hidden_BSD,
        mask_BS=mask_BS,
        text=text,
        encoded=Encoded(ids=(*ids, *[PAD] * padding), spans=tuple(spans), truncated_at=None),
        titles=lambda task, code: TITLES[code],
    )


def bag_of_words(vectors_VE: Tensor, *, query_LE: Tensor, weight_LE: Tensor) -> Model:
    """logit = sum over words of softmax(<q, x>) <w, x>, small enough to work out by hand."""
    width = vectors_VE.shape[1]
    model = assemble(
        System(**(vars(BAG) | {"embedding": Embedding(width=width)})),
        vocabulary_size=len(vectors_VE),
        labels={"icd": len(query_LE)},
    ).eval()
    with torch.no_grad():
        model.embedding.weight.copy_(vectors_VE)
        model.get_parameter("decoders.icd.query_LD").copy_(query_LE)
        model.get_parameter("decoders.icd.weight_LD").copy_(weight_LE)
    return model
