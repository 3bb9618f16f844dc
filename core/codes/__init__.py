"""Code systems: titles, hierarchy, validity, search, and the way from ICD to CCS/CCSR."""

from core.codes.search import Hit, Search
from core.codes.status import Status
from core.codes.tables import CodeTables, shared_tables, tables_with

__all__ = ["CodeTables", "Hit", "Search", "Status", "shared_tables", "tables_with"]
