"""Parameter counts equal the released implementations, and the page that says so is of today."""

import pytest

from benchmarks.parameters import RELEASED, REPORT, line_of
from core.encoders import Bert
from core.systems import SYSTEMS
from tests.models import needs_bert


@pytest.mark.parametrize("name", RELEASED)
def test_with_what_is_never_read_there_ours_equal_the_released_counts(name: str) -> None:
    released = RELEASED[name]
    assert released.ours(with_unread=True) == (released.top, released.full)


@pytest.mark.parametrize("name", sorted(SYSTEMS))
def test_the_page_has_every_row_with_its_count(name: str) -> None:
    """When it fails: `python -m benchmarks.parameters`."""
    if isinstance(SYSTEMS[name].encoder, Bert):
        needs_bert()
    assert line_of(SYSTEMS[name]) in REPORT.read_text()
