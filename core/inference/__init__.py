"""Inference: a note in, ranked suggestions with evidence out; what-ifs, and how far to trust it."""

from core.inference.coder import Coder
from core.inference.confidence import Confidence, confidence
from core.inference.measuring import fused_figures, judge
from core.inference.saying import agreement, removal
from core.inference.shipped import shipped_checkpoint
from core.inference.showing import tuned
from core.inference.what_if import Change, WhatIf

__all__ = [
    "Change",
    "Coder",
    "Confidence",
    "WhatIf",
    "agreement",
    "confidence",
    "fused_figures",
    "judge",
    "removal",
    "shipped_checkpoint",
    "tuned",
]
