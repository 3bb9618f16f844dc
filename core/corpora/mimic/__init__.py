"""MIMIC-III and MIMIC-IV as they are downloaded -> corpora of JSON lines, and what was left out."""

from core.corpora.mimic.ingest import Plan, make_corpora
from core.corpora.mimic.releases import MIMIC3, Release, mimic4
from core.corpora.mimic.report import as_markdown

__all__ = ["MIMIC3", "Plan", "Release", "as_markdown", "make_corpora", "mimic4"]
