"""Whatever computes a note, the numbers are the same."""

import sys
import time
from pathlib import Path

import pytest
import torch

from core.assembly import Model
from core.checkpoints import load_checkpoint
from core.inference import Coder, shipped_checkpoint
from core.inference.engine import OnnxEngine, TorchEngine, engine
from core.systems import SYSTEMS
from core.text import pad
from core.types import Note
from tests.models import some_notes, tiny_checkpoint, tiny_model

ACCELERATED = {"evicode", "marn", "marn_released", "mt_ram", "bigru_lan"}


@pytest.mark.parametrize("row", sorted(SYSTEMS))
@pytest.mark.parametrize("length", [1, 2, 37])
def test_every_row_scores_alike_with_both_engines(row: str, length: int) -> None:
    model = tiny_model(row).train()
    with torch.no_grad():
        model(*pad(some_notes(9, 4, 7)))  # norms with statistics of their own
    model.eval()
    (note,) = some_notes(length)
    plain, fast = TorchEngine(model), engine(model)
    expected = plain.read(torch.tensor([note]))
    found = fast.read(torch.tensor([note]))
    torch.testing.assert_close(found[0], expected[0], atol=1e-5, rtol=1e-5)
    assert torch.equal(found[1], expected[1])
    logits = fast.logits(*found)
    for task, logits_BL in plain.logits(*expected).items():
        torch.testing.assert_close(logits[task], logits_BL, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("row", sorted(ACCELERATED))
def test_the_papers_rows_are_accelerated(row: str) -> None:
    fast = engine(tiny_model(row).eval())
    assert isinstance(fast, OnnxEngine)
    assert fast.accelerates == ("reading", *SYSTEMS[row].tasks)


def test_codes_beyond_one_piece_are_scored_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.inference.graphs.CODES_AT_ONCE", 2)
    model = tiny_model("marn").eval()
    tokens_BT, mask_BT = pad(some_notes(12))
    fast = engine(model)
    for task, logits_BL in fast.logits(*fast.read(tokens_BT)).items():
        torch.testing.assert_close(logits_BL, model(tokens_BT, mask_BT)[task].detach())


def test_the_environment_chooses_plain_pytorch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVICODE_ENGINE", "torch")
    assert isinstance(engine(tiny_model("marn").eval()), TorchEngine)


def test_without_onnx_runtime_pytorch_does_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)  # an import of it fails from now on
    assert isinstance(engine(tiny_model("marn").eval()), TorchEngine)


def test_explanations_follow_what_the_fast_engine_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny_checkpoint(tmp_path / "c", sharpness=5)
    note = Note(id="n", text="Paciente con fiebre; acute chest pain, hypertension.")
    found = []
    for name in ("onnx", "torch"):
        monkeypatch.setenv("EVICODE_ENGINE", name)
        coder = Coder.load(tmp_path / "c")
        codes = [suggestion.code for suggestion in coder.suggest(note).ranked[:2]]
        found.append(
            [coder.explain(note, codes, method=m) for m in ("attention", "integrated_gradients")]
        )
    for ours, theirs in zip(*found, strict=True):
        for one, other in zip(ours, theirs, strict=True):
            assert (one.code, one.spans) == (other.code, other.spans)
            assert [t.score for t in one.tokens] == pytest.approx(
                [t.score for t in other.tokens], abs=1e-4
            )


def test_building_the_engine_of_the_shipped_checkpoint_takes_no_time_to_speak_of() -> None:
    """Loading has two seconds in all; CPU time, as machines are busy."""
    model = load_checkpoint(shipped_checkpoint()).model
    assert min(built(model) for _ in range(3)) < 0.2


def built(model: Model) -> float:
    start = time.process_time()
    engine(model)
    return time.process_time() - start
