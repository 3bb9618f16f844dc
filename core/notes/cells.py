"""The value of a typed cell, of Excel or Parquet, as text."""

from datetime import date, datetime


def cell_text(value: object) -> str:
    """Text as it is; nothing as ""; whole numbers without `.0`; dates as 2025-03-04."""
    match value:
        case None:
            return ""
        case str():
            return value
        case datetime() | date():
            return value.isoformat()
        case float() if value.is_integer():
            return str(int(value))
    return str(value)
