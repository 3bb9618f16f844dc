"""What is denied, feared, of a relative or of the past counts less than what is plainly said."""

import numpy as np
import pytest

from core.fusion import FEATURES, Combiner, CombinerSettings, discounted_logits, fit
from core.fusion.combiner import Floats
from core.fusion.discount import COSTS
from core.types import Context

PLAIN = FEATURES.index("affirmed")
NEGATED, FAMILY, HISTORICAL = (
    FEATURES.index(each) for each in (Context.NEGATED, Context.FAMILY, Context.HISTORICAL)
)


def candidates(count: int, seed: int = 0) -> Floats:
    """Candidates that are plainly said; nothing else about them is alike."""
    features_NF = np.random.default_rng(seed).random((count, len(FEATURES)), dtype=np.float32)
    features_NF[:, [FEATURES.index(context) for context in Context]] = 0
    features_NF[:, PLAIN] = 1
    return features_NF


def said(features_NF: Floats, *contexts: int) -> Floats:
    spoken_NF = features_NF.copy()
    spoken_NF[:, list(contexts)], spoken_NF[:, PLAIN] = 1, 0
    return spoken_NF


@pytest.fixture(scope="module")
def misled() -> Combiner:
    """It learned from coders who code what is denied and never what is of the past."""
    plain_NF = candidates(150)
    features_NF = np.concatenate([plain_NF, said(plain_NF, NEGATED), said(plain_NF, HISTORICAL)])
    right_N = np.repeat(np.array([0.5, 1, 0], dtype=np.float32), 150)
    settings = CombinerSettings(members=1, hidden=8, epochs=40, learning_rate=0.02)
    return fit(features_NF, right_N, settings=settings)


@pytest.mark.parametrize("context", list(Context))
def test_a_mention_in_a_context_counts_less_than_the_same_plainly_said(
    misled: Combiner, context: Context
) -> None:
    plain_NF = candidates(40, seed=1)
    plain_N = discounted_logits(misled, plain_NF)
    spoken_N = discounted_logits(misled, said(plain_NF, FEATURES.index(context)))
    assert (spoken_N <= plain_N - COSTS[context] + 1e-4).all()


def test_the_combiner_alone_would_have_been_misled(misled: Combiner) -> None:
    plain_NF = candidates(40, seed=1)
    assert (misled.logits(said(plain_NF, NEGATED)) > misled.logits(plain_NF)).all()


def test_what_was_learned_may_count_a_context_even_less(misled: Combiner) -> None:
    past_NF = said(candidates(40, seed=1), HISTORICAL)
    found_N = discounted_logits(misled, past_NF)
    assert found_N == pytest.approx(misled.logits(past_NF), abs=1e-5)


def test_two_contexts_count_less_than_one(misled: Combiner) -> None:
    plain_NF = candidates(40, seed=1)
    one, two = said(plain_NF, NEGATED), said(plain_NF, NEGATED, FAMILY)
    assert (discounted_logits(misled, two) < discounted_logits(misled, one)).all()


def test_what_is_plainly_said_elsewhere_too_is_not_held_down(misled: Combiner) -> None:
    features_NF = said(candidates(40, seed=1), NEGATED)
    features_NF[:, PLAIN] = 0.5  # one strong mention of two
    found_N = discounted_logits(misled, features_NF)
    assert found_N == pytest.approx(misled.logits(features_NF), abs=1e-5)


def test_no_candidates_have_no_logits(misled: Combiner) -> None:
    assert discounted_logits(misled, candidates(0)).shape == (0,)
