"""The combiner learns a rule, says probabilities, and is the same for the same seed."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from core.fusion import FEATURES, Combiner, CombinerSettings, fit
from core.fusion.combiner import Floats

SETTINGS = CombinerSettings(members=2, hidden=8, epochs=12, learning_rate=0.02)


def a_rule(count: int, seed: int = 0) -> tuple[Floats, Floats]:
    """Four features; a candidate is right if the first two together are large."""
    features = np.random.default_rng(seed).random((count, 4), dtype=np.float32)
    return features, (features[:, 0] + features[:, 1] > 1).astype(np.float32)


def weights(combiner: Combiner) -> list[float]:
    return torch.cat([part.flatten() for part in combiner.state_dict().values()]).tolist()


def test_a_simple_rule_is_learned_and_holds_for_candidates_not_seen() -> None:
    combiner = fit(*a_rule(1000), settings=replace(SETTINGS, epochs=50))
    features, right = a_rule(500, seed=1)
    said = combiner.logits(features)
    assert ((said > 0) == (right > 0.5)).mean() > 0.93


def test_the_same_seed_gives_the_same_weights_and_another_seed_others() -> None:
    data = a_rule(60)
    first, second = (fit(*data, settings=SETTINGS, seed=3) for _ in range(2))
    assert weights(first) == weights(second)
    assert weights(fit(*data, settings=SETTINGS, seed=4)) != weights(first)


def test_training_leaves_the_random_state_of_others_alone() -> None:
    torch.manual_seed(1)
    expected = torch.rand(3)
    torch.manual_seed(1)
    fit(*a_rule(20), settings=SETTINGS)
    assert torch.equal(torch.rand(3), expected)


def test_no_candidates_have_no_logits() -> None:
    combiner = Combiner(len(FEATURES), SETTINGS).eval()
    assert combiner.logits(np.zeros((0, len(FEATURES)), dtype=np.float32)).shape == (0,)


def test_a_candidate_far_from_all_that_was_seen_still_gets_a_finite_logit() -> None:
    combiner = fit(*a_rule(60), settings=SETTINGS)
    far = np.array([[1e9, -1e9, 0, 0]], dtype=np.float32)
    assert np.isfinite(combiner.logits(far)).all()


def test_a_feature_that_never_changes_does_no_harm() -> None:
    features, right = a_rule(60)
    features[:, 3] = 7
    assert np.isfinite(fit(features, right, settings=SETTINGS).logits(features)).all()


def test_candidates_do_not_change_one_another() -> None:
    combiner = fit(*a_rule(60), settings=SETTINGS)
    features, _ = a_rule(5)
    alone = [combiner.logits(features[n : n + 1])[0] for n in range(5)]
    assert combiner.logits(features) == pytest.approx(alone, abs=1e-5)
