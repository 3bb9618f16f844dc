"""From which score on words are shown, as training tunes it."""

from dataclasses import replace
from pathlib import Path

import pytest

from core.explanations.tuning import TRIED
from core.inference import Coder, tuned
from tests.models import CODED_NOTES, tiny_checkpoint, tiny_fused_checkpoint


@pytest.fixture(scope="module")
def coder(tmp_path_factory: pytest.TempPathFactory) -> Coder:
    folder = tmp_path_factory.mktemp("showing") / "c"
    tiny_fused_checkpoint(folder)
    return Coder.load(folder)


def test_every_quick_method_gets_a_share(coder: Coder) -> None:
    found = tuned(coder, CODED_NOTES)
    assert list(found) == ["phrases_and_network", "attention_x_gradient", "attention"]
    assert set(found.values()) <= set(TRIED)


def test_a_network_alone_has_no_phrases_to_tune(tmp_path: Path) -> None:
    tiny_checkpoint(tmp_path / "c")
    assert "phrases_and_network" not in tuned(Coder.load(tmp_path / "c"), CODED_NOTES)


def test_notes_without_marks_tune_nothing(coder: Coder) -> None:
    bare = [replace(note, annotations=()) for note in CODED_NOTES]
    assert tuned(coder, bare) == {}
