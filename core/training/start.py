"""Where a model starts from: codes begin as what they are called, and as rare as they are."""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.assembly import Model
from core.corpora import Category
from core.decoders.label_attention import LabelAttentionDecoder
from core.errors import BadNote, BadSettings
from core.memory import Bridge, Phrase, stem
from core.text import Fallback, Tokenizer, Vocabulary, pad
from core.types import CodeSpace

AT_ONCE = 64  # phrases read in one pass
HALF_WAY = 0.5  # of the way to a translation
RAREST = 1e-4  # share of the notes below which a code counts as this rare


def start_from_phrases(
    model: Model,
    phrases: Sequence[Phrase],
    spaces: Mapping[str, CodeSpace],
    *,
    vocabulary: Tokenizer,
    category: Category,
    fallback: Fallback | None,
    first: Mapping[str, int] | None = None,
) -> None:
    """Point each code's query and weight to the mean hidden state of the phrases that stand for it.

    first: per task, the place from which on codes start so; those before keep what they have.

    The untrained encoder already tells phrases apart, because its word vectors do. Directions are
    taken from the mean of all codes, so that codes differ from one another from the first step.
    """
    distinct = list(dict.fromkeys(phrases))
    read, states_ND = _states(model, distinct, vocabulary, fallback)
    for task, space in spaces.items():
        decoder = model.decoder(task)
        if not isinstance(decoder, LabelAttentionDecoder):
            raise BadSettings("titled_start needs label attention")
        total_LD = torch.zeros(len(space), states_ND.shape[1])
        count_L = torch.zeros(len(space))
        for phrase, state_D in zip(read, states_ND, strict=True):
            code = category(phrase.code) if task == "ccs" else phrase.code
            if code is not None and code in space:
                total_LD[space.index(code)] += state_D
                count_L[space.index(code)] += 1
        known_L = count_L > 0
        starts_L = known_L & (torch.arange(len(space)) >= (first or {}).get(task, 0))
        if starts_L.any():
            decoder.start_at(_directions(total_LD, count_L), starts_L)


def drawn_together(
    vectors: NDArray[np.float32], vocabulary: Vocabulary, bridge: Bridge
) -> NDArray[np.float32]:
    """Move every Spanish word half-way to its English translations, as far as these are known.

    word2vec sees two languages as two clouds; after this, what English titles teach holds for
    Spanish notes too.
    """
    words_of: dict[str, list[int]] = {}
    for number, word in enumerate(vocabulary.words[2:], start=2):
        words_of.setdefault(stem(word), []).append(number)
    centre = {name: vectors[numbers].mean(axis=0) for name, numbers in words_of.items()}
    drawn = vectors.copy()
    for source, meanings in bridge.lexicons.get("es", {}).items():
        known = {target: p for target, p in meanings.items() if target in centre}
        total = sum(known.values())
        if source in words_of and total:
            goal = sum(p * centre[target] for target, p in known.items()) / total
            pull = HALF_WAY * min(1.0, total)
            numbers = words_of[source]
            drawn[numbers] = (1 - pull) * vectors[numbers] + pull * goal
    return drawn


def start_from_priors(model: Model, targets: Mapping[str, Tensor]) -> None:
    """Let every code begin as probable as it is among the notes."""
    for task, targets_NL in targets.items():
        share_L = targets_NL.mean(dim=0).clamp(RAREST, 1 - RAREST)
        with torch.no_grad():
            model.get_parameter(f"decoders.{task}.bias_L").copy_(share_L.logit())


def start_from_pretrained(model: Model, weights: Mapping[str, Tensor]) -> None:
    """Let the encoder begin with pretrained weights; all its pretrained layers must be there."""
    lacking, strange = model.encoder.load_state_dict(weights, strict=False)
    fresh = [name for name in lacking if name.startswith("bert.")]
    if fresh or strange:
        raise BadSettings(f"pretrained weights do not fit the encoder: {[*fresh, *strange][0]}")


def _states(
    model: Model, phrases: Sequence[Phrase], vocabulary: Tokenizer, fallback: Fallback | None
) -> tuple[list[Phrase], Tensor]:
    """The phrases that have words, and the mean hidden state of each."""
    read, ids = [], []
    for phrase in phrases:
        try:
            ids.append(vocabulary.encode(phrase.text, fallback=fallback).ids)
        except BadNote:
            continue
        read.append(phrase)
    means = []
    model.eval()
    with torch.no_grad():
        for first in range(0, len(ids), AT_ONCE):
            hidden_BSD, mask_BS = model.read(*pad(ids[first : first + AT_ONCE]))
            means.append(hidden_BSD.sum(dim=1) / mask_BS.sum(dim=1, keepdim=True))
    return read, torch.cat(means) if means else torch.zeros(0, model.encoder.width)


def _directions(total_LD: Tensor, count_L: Tensor) -> Tensor:
    mean_LD = total_LD / count_L.clamp(min=1)[:, None]
    away_LD = mean_LD - mean_LD[count_L > 0].mean(dim=0)
    return torch.nn.functional.normalize(away_LD, dim=1)
