"""Word vectors for a vocabulary, learned by gensim's word2vec from unlabelled notes."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from core.text.tokens import tokenize
from core.text.vocabulary import PAD, UNK, Vocabulary


def word_vectors(
    texts: Iterable[str],
    vocabulary: Vocabulary,
    *,
    width: int = 100,  # MARN sec. 3.1
    epochs: int = 5,
    seed: int = 0,
    workers: int = 1,
) -> NDArray[np.float32]:
    """Give one vector a word (len(vocabulary) x width); padding is zero, UNK the mean.

    Deterministic for one worker. Words without a vector start at random, as small as the others.
    """
    from gensim.models import Word2Vec  # takes a second to import, and only training needs it

    sentences = [[token.word for token in tokenize(text)] for text in texts]
    learned = Word2Vec(
        sentences, vector_size=width, min_count=1, epochs=epochs, seed=seed, workers=workers
    ).wv
    generator = np.random.default_rng(seed)
    vectors = generator.normal(0, 0.1, (len(vocabulary), width)).astype(np.float32)
    for number, word in enumerate(vocabulary.words):
        if word in learned:
            vectors[number] = learned[word]
    vectors[UNK] = vectors[2:].mean(axis=0) if len(vocabulary) > 2 else vectors[UNK]
    vectors[PAD] = 0
    return vectors
