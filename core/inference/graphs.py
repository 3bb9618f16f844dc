"""Evaluation of one note as ONNX graphs, brick by brick, batch normalisation folded away.

There are two graphs: embedded words -> hidden states, and hidden states -> logits. One note has no
padding, so there is no mask. The scores of label attention are computed for a few codes at a time,
as in training. A brick that is not here is simply not accelerated.
"""

from typing import Any, cast

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import helper, numpy_helper
from torch import Tensor, nn

from core.aggregators.ram import RAMAggregator
from core.decoders.label_attention import LabelAttentionDecoder
from core.encoders.bigru import BiGRUEncoder
from core.layers import Block
from core.parts import Aggregator, Decoder, Encoder, MaskedBatchNorm

Numbers = NDArray[Any]  # Any: floats or sizes
OPSET, IR = 17, 9  # what every ONNX Runtime since 1.16 reads
CODES_AT_ONCE = 512  # 8 MB of scores for a note of 4,000 tokens
WORDS, HIDDEN, LOGITS = "words_T1E", "hidden_1DT", "logits_1L"


def reading_graph(encoder: Encoder, aggregator: Aggregator | None) -> bytes | None:
    """From WORDS to HIDDEN; None where a brick has no graph."""
    if type(encoder) is not BiGRUEncoder or not isinstance(aggregator, RAMAggregator | None):
        return None
    graph = _Graph()
    hidden = _gru(graph, encoder.gru)
    if aggregator is not None:
        hidden = _ram(graph, aggregator, hidden)
    graph.add("Identity", hidden, to=HIDDEN)
    width = encoder.gru.input_size
    return graph.written({WORDS: ["T", 1, width]}, {HIDDEN: [1, encoder.width, "T"]})


def decoding_graph(decoder: Decoder) -> bytes | None:
    """From HIDDEN to LOGITS; None where the brick has no graph."""
    if type(decoder) is not LabelAttentionDecoder or decoder.project is not None:
        return None
    graph = _Graph()
    parts = (torch.split(part, CODES_AT_ONCE) for part in (decoder.query_LD, decoder.weight_LD))
    logits = []
    for query_CD, weight_CD in zip(*parts, strict=True):
        scores = graph.add("MatMul", graph.weight(query_CD), HIDDEN)
        said = graph.add("MatMul", graph.weight(weight_CD), HIDDEN)
        shares = graph.add("Softmax", scores, axis=2)
        counted = graph.add("Mul", shares, said)
        logits.append(graph.add("ReduceSum", counted, graph.sizes(2), keepdims=0))
    joined = graph.add("Concat", *logits, axis=1)
    graph.add("Add", joined, graph.weight(decoder.bias_L), to=LOGITS)
    codes, width = decoder.query_LD.shape
    return graph.written({HIDDEN: [1, width, "T"]}, {LOGITS: [1, codes]})


class _Graph:
    """Nodes in the order they run, and the weights they name."""

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []

    def add(self, kind: str, *inputs: str, to: str = "", **settings: Any) -> str:  # Any: ONNX's
        """Add a node; the name of its result."""
        result = to or f"{kind}-{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, list(inputs), [result], **settings))
        return result

    def weight(self, part: Tensor) -> str:
        """Keep a weight; its name."""
        return self.keep(part.detach().cpu().float().contiguous().numpy())

    def keep(self, value: Numbers) -> str:
        """Keep numbers as they are; their name."""
        name = f"constant-{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(value, name))
        return name

    def sizes(self, *sizes: int) -> str:
        """Keep a shape or axes; their name."""
        return self.keep(np.array(sizes, dtype=np.int64))

    def written(self, given: dict[str, list[Any]], wanted: dict[str, list[Any]]) -> bytes:
        """The finished graph from and to tensors of these shapes."""
        inputs, outputs = (
            [
                helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape)
                for name, shape in each.items()
            ]
            for each in (given, wanted)
        )
        made = helper.make_graph(self._nodes, "evicode", inputs, outputs, self._constants)
        opset = helper.make_opsetid("", OPSET)
        model = helper.make_model(made, opset_imports=[opset], ir_version=IR)
        return bytes(model.SerializeToString())


def _gru(graph: _Graph, gru: nn.GRU) -> str:
    """MARN eq. 1-3. ONNX orders the gates z, r, n and wants both directions in one tensor."""
    of_input, of_state, input_bias, state_bias = (
        np.stack([_by_onnx(getattr(gru, f"{kind}_{direction}")) for direction in _DIRECTIONS])
        for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    )
    parts = of_input, of_state, np.concatenate([input_bias, state_bias], axis=1)
    states_T21H = graph.add(
        "GRU",
        *(WORDS, *(graph.keep(part) for part in parts)),
        direction="bidirectional",
        hidden_size=gru.hidden_size,
        linear_before_reset=1,
    )
    turned_12HT = graph.add("Transpose", states_T21H, perm=[2, 1, 3, 0])
    return graph.add("Reshape", turned_12HT, graph.sizes(1, 2 * gru.hidden_size, -1))


_DIRECTIONS = ("l0", "l0_reverse")


def _by_onnx(part: Tensor) -> Numbers:
    r, z, n = part.detach().cpu().numpy().reshape(3, -1, *part.shape[1:])
    return np.concatenate([z, r, n])


def _ram(graph: _Graph, ram: RAMAggregator, hidden: str) -> str:
    """MARN eq. 7-11."""
    down1 = _block(graph, ram.down1, hidden)
    lateral = _block(graph, ram.lateral, _block(graph, ram.down2, down1))
    up1 = graph.add("Add", _block(graph, ram.up1, lateral), down1)
    context = _block(graph, ram.up2, up1)
    joined = graph.add("Mul" if ram.recalibration == "product" else "Add", context, hidden)
    return graph.add("Tanh", joined)


def _block(graph: _Graph, block: Block, hidden: str) -> str:
    """MARN eq. 4-6."""
    middle = graph.add(
        "Tanh", _folded(graph, block.first, cast(MaskedBatchNorm, block.first_norm), hidden)
    )
    return _folded(graph, block.second, cast(MaskedBatchNorm, block.second_norm), middle)


def _folded(graph: _Graph, convolution: nn.Module, masked: MaskedBatchNorm, hidden: str) -> str:
    """norm(convolution(.)) as one convolution with a bias.

    A deconvolution of stride 1 is a convolution with the kernel turned round.
    """
    norm = masked.norm
    weight_OIK: Tensor = convolution.get_parameter("weight")
    if isinstance(convolution, nn.ConvTranspose1d):
        weight_OIK = weight_OIK.flip(2).transpose(0, 1)
    mean_O, variance_O = norm.get_buffer("running_mean"), norm.get_buffer("running_var")
    scale_O = norm.weight / (variance_O + norm.eps).sqrt()
    weight = graph.weight(weight_OIK * scale_O[:, None, None])
    bias = graph.weight(norm.bias - mean_O * scale_O)
    edge = weight_OIK.shape[2] // 2
    return graph.add("Conv", hidden, weight, bias, pads=[edge, edge])
