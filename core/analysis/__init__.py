"""Analyses: the papers' pictures for any checkpoint, corpus and table of runs."""

from core.analysis.page import files
from core.analysis.result import Result
from core.analysis.runs import read_runs
from core.analysis.subject import Material, Scored, Subject, scored
from core.analysis.table import ANALYSES, SCORED, analyse

__all__ = [
    "ANALYSES",
    "SCORED",
    "Material",
    "Result",
    "Scored",
    "Subject",
    "analyse",
    "files",
    "read_runs",
    "scored",
]
