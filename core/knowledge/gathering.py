"""What a row needs to know about its codes, and how it is put together for a label space."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from core.codes import CodeTables
from core.knowledge.graph import co_occurrence
from core.knowledge.poincare import places
from core.knowledge.texts import text_of
from core.parts import Knowledge
from core.text import PAD, Fallback, Tokenizer, tokenize
from core.types import Code, CodeSpace


@dataclass(frozen=True, kw_only=True)
class Needs:
    """What a row needs to know about every code it ranks; 0 or False: nothing of that kind."""

    words: int = 0  # of a text on the code, at most
    inclusion_terms: bool = False  # they belong to the text, after the title
    co_occurrence: bool = False  # which codes the training notes carry together
    hyperbolic: int = 0  # dimensions of the Poincaré ball in which the hierarchy lies


def gather(
    needs: Needs,
    space: CodeSpace,
    *,
    tables: CodeTables,
    texts: Mapping[Code, str],
    vocabulary: Tokenizer,
    fallback: Fallback | None,
    targets_NL: Tensor,
) -> Knowledge:
    """Give what is known about the codes of one task, in the order of its logits.

    texts: the user's own texts; a code that has none is described by the code tables.
    targets_NL: 1 where a training note carries a code.
    """
    described = [
        texts.get(code) or text_of(tables, code, inclusion_terms=needs.inclusion_terms)
        for code in (space if needs.words else ())
    ]
    pairs_2N, weights_N = co_occurrence(targets_NL if needs.co_occurrence else targets_NL[:, :0])
    return Knowledge(
        texts_LW=_numbered(described, vocabulary, fallback, words=needs.words)
        if needs.words
        else torch.zeros(len(space), 0, dtype=torch.long),
        pairs_2N=pairs_2N,
        weights_N=weights_N,
        places_LP=places(space, dimensions=needs.hyperbolic),
    )


def _numbered(
    described: list[str], vocabulary: Tokenizer, fallback: Fallback | None, *, words: int
) -> Tensor:
    """Word ids of each text, one row each; PAD after its end."""
    texts_LW = torch.full((len(described), words), PAD)
    for row, text in enumerate(described):
        if tokenize(text):  # a code that nothing describes has no words
            ids = vocabulary.encode(text, max_length=words, fallback=fallback).ids
            texts_LW[row, : len(ids)] = torch.tensor(ids)
    return texts_LW
