"""Decoders: hidden states -> one logit for each code of a task."""

from core.decoders.cascade import Cascade
from core.decoders.condensed_memory import CondensedMemory
from core.decoders.hypercore import HyperCore
from core.decoders.interaction import Interaction
from core.decoders.label_attention import LabelAttention
from core.decoders.pooled import Pooled
from core.decoders.title_attention import TitleAttention

__all__ = [
    "Cascade",
    "CondensedMemory",
    "HyperCore",
    "Interaction",
    "LabelAttention",
    "Pooled",
    "TitleAttention",
]
