"""What computes a note's hidden states and logits: PyTorch, or ONNX Runtime where it is faster.

On a CPU and for one note ONNX Runtime wins: its GRU has no overhead a step, its products use the
widest instructions of any maker's CPU. It is used for the bricks that have a graph; PyTorch does
the rest, and everything where ONNX Runtime is not installed or EVICODE_ENGINE is `torch`. Both
agree within 1e-4. Decision 13 says why, and what it costs.
"""

from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor

from core.assembly import Model
from core.settings import settings


class Engine(Protocol):
    """Evaluates single notes (B = 1, nothing masked) with one model; shared by threads."""

    def read(self, tokens_BT: Tensor) -> tuple[Tensor, Tensor]:
        """Give (hidden_BSD, mask_BS)."""

    def logits(self, hidden_BSD: Tensor, mask_BS: Tensor) -> dict[str, Tensor]:
        """Give logits_BL for each task."""


def engine(model: Model) -> Engine:
    """The fastest engine there is for a model in evaluation mode; its weights must not change."""
    plain = TorchEngine(model)
    wanted = settings().engine == "onnx"
    if not wanted or model.embedding.weight.device.type != "cpu":
        return plain
    try:
        return OnnxEngine(model, plain)
    except ImportError:
        return plain


class TorchEngine:
    """The model itself."""

    def __init__(self, model: Model) -> None:
        self._model = model

    def read(self, tokens_BT: Tensor) -> tuple[Tensor, Tensor]:
        with torch.inference_mode():
            return self._model.read(tokens_BT, torch.ones_like(tokens_BT, dtype=torch.bool))

    def logits(self, hidden_BSD: Tensor, mask_BS: Tensor) -> dict[str, Tensor]:
        with torch.inference_mode():
            return self._model.decode(hidden_BSD, mask_BS)


class OnnxEngine:
    """ONNX Runtime for the bricks that have a graph, built in memory from the model's weights."""

    def __init__(self, model: Model, plain: Engine) -> None:
        from core.inference import graphs  # onnx may be missing: `engine` goes without it then

        self._names = graphs.WORDS, graphs.HIDDEN
        self._model, self._plain = model, plain
        self._reader = _session(graphs.reading_graph(model.encoder, model.aggregator))
        alone = model.decoders if model.cascade is None else ()  # a cascade has no graph
        found = {task: graphs.decoding_graph(model.decoder(task)) for task in alone}
        every = all(found.values())
        self._decoders = {task: _session(graph) for task, graph in found.items() if every}

    @property
    def accelerates(self) -> tuple[str, ...]:
        """What has a graph: "reading", and the tasks whose codes are scored by one."""
        return (*(("reading",) if self._reader else ()), *self._decoders)

    def read(self, tokens_BT: Tensor) -> tuple[Tensor, Tensor]:
        if self._reader is None:
            return self._plain.read(tokens_BT)
        with torch.inference_mode():
            words_T1E = self._model.embedding(tokens_BT).transpose(0, 1).contiguous()
            (hidden_1DT,) = self._reader.run(None, {self._names[0]: words_T1E.numpy()})
            hidden_BSD = torch.from_numpy(hidden_1DT).transpose(1, 2).contiguous()
            return hidden_BSD, torch.ones_like(tokens_BT, dtype=torch.bool)

    def logits(self, hidden_BSD: Tensor, mask_BS: Tensor) -> dict[str, Tensor]:
        if not self._decoders:
            return self._plain.logits(hidden_BSD, mask_BS)
        hidden_1DT = np.ascontiguousarray(hidden_BSD.transpose(1, 2).numpy())
        return {
            task: torch.from_numpy(decoder.run(None, {self._names[1]: hidden_1DT})[0])
            for task, decoder in self._decoders.items()
        }


def _session(graph: bytes | None) -> Any:  # Any: ONNX Runtime is untyped
    if graph is None:
        return None
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    options.enable_cpu_mem_arena = False  # the longest note so far would hold its memory for good
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
