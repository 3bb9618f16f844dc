"""What can be said of a chart's codes before it is submitted: findings, and what they group to.

check(codes, tables=shared_tables())     findings: errors block, warnings inform
impact(codes)                            MS-DRG and HCC, or why they cannot be computed
"""

from core.checks.chart import POA, ChartCode, ChartCodes
from core.checks.finding import Finding, Level
from core.checks.impact import DRG, HCC, Impact, Risk, Uncomputed, impact, with_code, without
from core.checks.rules import RULES, check

__all__ = [
    "DRG",
    "HCC",
    "POA",
    "RULES",
    "ChartCode",
    "ChartCodes",
    "Finding",
    "Impact",
    "Level",
    "Risk",
    "Uncomputed",
    "check",
    "impact",
    "with_code",
    "without",
]
