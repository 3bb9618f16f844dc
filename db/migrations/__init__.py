"""The history of the schema (Alembic). One file in `versions` per change, never edited later."""
