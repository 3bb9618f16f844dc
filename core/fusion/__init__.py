"""Fusion: network and phrase memory in one ranked, calibrated list."""

from core.fusion.calibration import Bin, calibration_error, reliability
from core.fusion.candidates import FEATURES, NetworkScores, candidates
from core.fusion.combiner import Combiner, CombinerSettings, fit
from core.fusion.coverage import LEVELS, cut
from core.fusion.discount import discounted_logits
from core.fusion.fusion import Fused, Fusion, Ranking
from core.fusion.storing import FUSION_FILES, fusion_files, load_fusion
from core.fusion.untaught import untaught

__all__ = [
    "FEATURES",
    "FUSION_FILES",
    "LEVELS",
    "Bin",
    "Combiner",
    "CombinerSettings",
    "Fused",
    "Fusion",
    "NetworkScores",
    "Ranking",
    "calibration_error",
    "candidates",
    "cut",
    "discounted_logits",
    "fit",
    "fusion_files",
    "load_fusion",
    "reliability",
    "untaught",
]
