"""Text: tokens that keep their place in the note, vocabulary, word vectors, batches."""

from core.text.batches import batches, pad
from core.text.fallback import FALLBACKS, Fallback, fallback
from core.text.subwords import Subwords
from core.text.tokens import Token, tokenize
from core.text.vectors import word_vectors
from core.text.vocabulary import PAD, UNK, Encoded, Tokenizer, Vocabulary

__all__ = [
    "FALLBACKS",
    "PAD",
    "UNK",
    "Encoded",
    "Fallback",
    "Subwords",
    "Token",
    "Tokenizer",
    "Vocabulary",
    "batches",
    "fallback",
    "pad",
    "tokenize",
    "word_vectors",
]
