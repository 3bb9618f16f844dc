"""What a probability is worth is read from the checkpoint's own cross-validation."""

from core.inference import Coder
from core.inference.rightness import rightness

BINS = [[900, 0.03, 0.01], [10, 0.55, 0.4], [90, 0.97, 0.9]]


def test_every_tenth_has_the_share_that_was_right_and_none_where_nothing_fell() -> None:
    found = rightness({"cross_validated": {"reliability": BINS}})
    assert found == (0.01, None, None, None, None, 0.4, None, None, None, 0.9)


def test_what_was_measured_last_counts() -> None:
    later = {"reliability": [[5, 0.55, 0.2]]}
    found = rightness({"cross_validated": {"reliability": BINS}, "with_dev": later})
    assert found == (None,) * 5 + (0.2,) + (None,) * 4


def test_a_checkpoint_that_was_not_measured_so_says_nothing() -> None:
    assert rightness({}) == ()


def test_the_shipped_checkpoint_says_it_for_every_tenth() -> None:
    found = Coder.load().rightness
    assert len(found) == 10
    assert all(share is not None and 0 <= share <= 1 for share in found)
    assert list(found) == sorted(found, key=float)  # type: ignore[arg-type]  # higher is better
