"""Damaged files give notes or one of our refusals, whatever was damaged.

The long form, 10,000 files a format in child processes, is `python -m benchmarks.fuzz_uploads`.
"""

import contextlib
import logging
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import BadInput
from core.notes import ENDINGS, Limits, Reading, read_notes
from core.notes.apart import read_apart
from tests.uploads import damaged, one_of_each

EACH = one_of_each()
SMALL = Limits(pages=50, characters=50_000, unpacked_bytes=5_000_000)


@pytest.mark.parametrize("ending", EACH)
def test_a_damaged_file_is_read_or_refused_on_purpose(
    ending: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    chance = random.Random(ending)
    for _ in range(200):
        data = damaged(EACH[ending], chance)
        with contextlib.suppress(BadInput):
            reading = read_notes(f"a.{ending}", data, limits=SMALL)
            assert all(note.text.strip() and note.id for note in reading.notes)
            assert reading.notes or reading.problems


@given(
    data=st.binary(max_size=400),
    start=st.sampled_from(
        [b"", b"%PDF-1.4\n", b"{\\rtf1", b"MSH|^~\\&|", b'{"resourceType": "', b"PAR1"]
    ),
    ending=st.sampled_from(sorted(ENDINGS)),
)
@settings(max_examples=300, deadline=None)
def test_any_bytes_behind_any_start_are_read_or_refused_on_purpose(
    data: bytes, start: bytes, ending: str
) -> None:
    with contextlib.suppress(BadInput):
        reading = read_notes(f"a.{ending}", start + data, limits=SMALL)
        assert reading.notes or reading.problems


def test_damaged_files_of_every_format_pass_through_one_batch() -> None:
    chance = random.Random(7)
    files = [(f"a.{ending}", damaged(EACH[ending], chance)) for ending in EACH for _ in range(5)]
    outcomes = list(read_apart(files))
    assert len(outcomes) == len(files)
    assert all(isinstance(outcome, Reading | BadInput) for outcome in outcomes)
