"""BERT rows besides the properties of all rows: segments, what is above them, and the extra."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from core.encoders import Bert
from core.errors import BadSettings
from core.parts import Encoder
from tests.models import needs_bert

ROOT = Path(__file__).resolve().parents[2]
SMALL = Bert(segment=6, positions=8, layers=1, heads=2, inner=8, dropout=0.0)  # 4 tokens a segment


def built(**settings: object) -> Encoder:
    needs_bert()
    torch.manual_seed(1)
    return replace(SMALL, **settings).build(4).eval()  # type: ignore[arg-type]


def a_note(tokens: int, seed: int = 2) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(1, tokens, 4, generator=generator), torch.ones(1, tokens, dtype=torch.bool)


@pytest.mark.parametrize(("tokens", "segments"), [(1, 1), (4, 1), (5, 2), (8, 2), (11, 3)])
def test_a_note_has_as_many_segments_as_it_fills(tokens: int, segments: int) -> None:
    hidden_BGD, mask_BG = built(states="segments", above=1)(*a_note(tokens))
    assert hidden_BGD.shape == (1, segments, 4)
    assert mask_BG.all()


def test_without_a_transformer_above_a_segment_knows_nothing_of_the_others() -> None:
    tokens_BTE, mask_BT = a_note(9)
    changed_BTE = tokens_BTE.clone()
    changed_BTE[0, 8] *= -1
    encoder = built()
    first, second = encoder(tokens_BTE, mask_BT)[0], encoder(changed_BTE, mask_BT)[0]
    assert torch.equal(first[0, :8], second[0, :8])
    assert not torch.equal(first[0, 8], second[0, 8])


@pytest.mark.parametrize("states", ["tokens", "segments"])
def test_with_a_transformer_above_every_segment_knows_of_all(states: str) -> None:
    tokens_BTE, mask_BT = a_note(9)
    changed_BTE = tokens_BTE.clone()
    changed_BTE[0, 8] *= -1
    encoder = built(states=states, above=1)
    first, second = encoder(tokens_BTE, mask_BT)[0], encoder(changed_BTE, mask_BT)[0]
    assert (first != second).any(dim=2).all()


def test_the_order_of_segments_counts() -> None:
    tokens_BTE, mask_BT = a_note(8)
    turned_BTE = tokens_BTE[:, [4, 5, 6, 7, 0, 1, 2, 3]]
    encoder = built(states="segments", above=1)
    first, turned = encoder(tokens_BTE, mask_BT)[0], encoder(turned_BTE, mask_BT)[0]
    assert not torch.allclose(first[0, 0], turned[0, 1], atol=1e-4)


def test_a_segments_score_falls_evenly_on_its_tokens() -> None:
    _, mask_BT = a_note(6)
    scores_BCS = torch.tensor([[[0.8, 0.2]]])
    spread = built(states="segments").on_tokens(scores_BCS, mask_BT)
    torch.testing.assert_close(spread, torch.tensor([[[0.2, 0.2, 0.2, 0.2, 0.1, 0.1]]]))


@pytest.mark.parametrize("wrong", [{"heads": 3}, {"segment": 9}, {"segment": 2}])
def test_sizes_that_do_not_fit_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(BadSettings, match="heads divide the width, and a segment has 3"):
        replace(SMALL, **wrong).build(4)  # type: ignore[arg-type]


def test_without_the_extra_all_else_works_and_a_bert_row_names_it() -> None:
    probe = """
import sys
import core.inference, core.training
extra = ("transformers", "tokenizers")
assert not any(name in sys.modules for name in extra), "loaded before a BERT row was used"
sys.modules.update(dict.fromkeys(extra))  # as if they were not installed
from pathlib import Path
from core.__main__ import main
from core.assembly import assemble
from core.errors import BadSettings
from core.systems import SYSTEMS
from core.text import Subwords
assert main(["systems"]) == 0
sizes = {"vocabulary_size": 9, "labels": {"icd": 2, "ccs": 2}}
assemble(SYSTEMS["marn"], **sizes)
asked = (
    lambda: assemble(SYSTEMS["mdbert"], **sizes),
    lambda: Subwords(json="{}"),
    lambda: core.training.read_pretrained(Path(".")),
)
for ask in asked:
    try:
        ask()
    except BadSettings as error:
        assert "pip install '.[bert]'" in str(error), error
    else:
        raise AssertionError("not refused")
"""
    run = subprocess.run(
        [sys.executable, "-c", probe], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
