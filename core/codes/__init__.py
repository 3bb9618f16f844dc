"""Code systems: titles, hierarchy, validity, search, and the way from ICD to CCS/CCSR."""

from core.codes.instructions import Cited, Instruction, Kind, cited
from core.codes.relatives import Relatives
from core.codes.search import Hit, Search
from core.codes.status import Status
from core.codes.tables import CodeTables, shared_tables, tables_with

__all__ = [
    "Cited",
    "CodeTables",
    "Hit",
    "Instruction",
    "Kind",
    "Relatives",
    "Search",
    "Status",
    "cited",
    "shared_tables",
    "tables_with",
]
