"""Feedback to files. The only road from decisions back to training, and out of the house.

with unit_of_work(engine, write=False) as session:
    write(session, file, Export(format=Format.PARQUET, text=True), at=now)
"""

from db.export.request import TABLES, TEXTS, Export, Format, Written
from db.export.saving import save, write

__all__ = ["TABLES", "TEXTS", "Export", "Format", "Written", "save", "write"]
