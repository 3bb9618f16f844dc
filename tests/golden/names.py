"""What the released implementations call a parameter, and what we call it."""

import re
from collections.abc import Mapping

import numpy as np

Arrays = Mapping[str, np.ndarray]

# applied in order, all of them; a name that none fits is ours already
RULES = tuple(
    (re.compile(pattern), ours)
    for pattern, ours in (
        (r"^(word_rep\.)?embed\.", "embedding."),
        (r"^output_layer\.ram\.", "aggregator."),
        (r"^output_layer\.U\.weight", "decoders.icd.query_LD"),
        (r"^output_layer\.U_ccs\.weight", "decoders.ccs.query_LD"),
        (r"^(output_layer\.)?(final|fc)\.weight", "decoders.icd.weight_LD"),
        (r"^(output_layer\.)?(final|fc)\.bias", "decoders.icd.bias_L"),
        (r"^output_layer\.final_ccs\.weight", "decoders.ccs.weight_LD"),
        (r"^output_layer\.final_ccs\.bias", "decoders.ccs.bias_L"),
        (r"^encoder\.(?=weight|bias)", "encoder.gru."),
        (r"^conv\.(?=weight|bias)", "encoder.conv."),
        # MultiResCNN: a channel for each kernel; RAM's blocks are built alike
        (r"^conv\.channel-(\d+)\.", r"encoder.channels.\1."),
        (r"\.baseconv\.", ".base."),
        (r"\.resconv-0\.left\.", ".block."),
        (r"\.resconv-0\.shortcut\.0\.", ".shortcut."),
        (r"\.resconv-0\.shortcut\.1\.", ".shortcut_norm.norm."),
        (r"^(aggregator\.\w+|.*\.block)\.0\.", r"\1.first."),
        (r"^(aggregator\.\w+|.*\.block)\.1\.", r"\1.first_norm.norm."),
        (r"^(aggregator\.\w+|.*\.block)\.3\.", r"\1.second."),
        (r"^(aggregator\.\w+|.*\.block)\.4\.", r"\1.second_norm.norm."),
        # DCAN
        (r"^tcn\.network\.", "encoder.levels."),
        (r"\.conv1\.", ".first."),
        (r"\.conv2\.", ".second."),
        (r"\.downsample\.", ".shortcut."),
        (r"\.weight_g$", ".parametrizations.weight.original0"),
        (r"\.weight_v$", ".parametrizations.weight.original1"),
        (r"^lin\.", "encoder.projection."),
        # LAAT; the levels are named by `levelled`
        (r"^attention\.first_linears\.(\w+)\.weight", r"decoders.\1.project.weight"),
        (r"^attention\.second_linears\.(\w+)\.weight", r"decoders.\1.query_LD"),
        (r"^attention\.third_linears\.(\w+)\.weight", r"decoders.\1.weight_LD"),
        (r"^attention\.third_linears\.(\w+)\.bias", r"decoders.\1.bias_L"),
        (r"^projection\.weight", "cascade.project.weight"),
    )
)
UNREAD = re.compile(
    r"output_layer\.U(_ccs)?\.bias"  # of label attention
    r"|attention\.linear\.weight"  # of LAAT
    r"|.*\.net\.\d\..*"  # of DCAN: the same convolutions once more
)


def our_name(released: str) -> str:
    """Our name of a released parameter."""
    for pattern, ours in RULES:
        released = pattern.sub(ours, released)
    return released


def renamed(state: Arrays) -> dict[str, np.ndarray]:
    """A released state under our names, without what the reference never reads."""
    read = {name: array for name, array in state.items() if not UNREAD.fullmatch(name)}
    recurrent = "lstm" if any("first_linears" in name for name in read) else "gru"
    found = {}
    for name, array in _levelled(read).items():
        found[our_name(re.sub(r"^rnn\.", f"encoder.{recurrent}.", name))] = array
    return _told_apart(found)


def _levelled(state: Arrays) -> dict[str, np.ndarray]:
    """LAAT counts its levels; the last one is "icd", the one before it our "ccs"."""
    two = "attention.first_linears.1.weight" in state
    tasks = {"0": "ccs", "1": "icd"} if two else {"0": "icd"}
    level = re.compile(r"(?<=_linears\.)\d")
    return {level.sub(lambda hit: tasks[hit[0]], name): part for name, part in state.items()}


def _told_apart(state: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """JointLAAT's last layer reads what a code read and what it was told; ours are two."""
    if "cascade.project.weight" not in state:
        return state
    both = state["decoders.icd.weight_LD"]
    width = both.shape[1] - len(state["cascade.project.weight"])
    return state | {
        "decoders.icd.weight_LD": both[:, :width],
        "cascade.weights.icd": both[:, width:],
        "cascade.slope": np.ones((), np.float32),  # not calibrated
        "cascade.intercept": np.zeros((), np.float32),
    }
