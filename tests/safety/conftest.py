"""The databases of tests/db, for trials."""

from tests.db.conftest import database, engine, migrated_database, migrated_file, server

__all__ = ["database", "engine", "migrated_database", "migrated_file", "server"]
