"""How a database is doing: engine, schema, size and room. Nothing of what is in it."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, func, select, text

from db.tables import TrailRow


@dataclass(frozen=True, kw_only=True)
class Condition:
    """Sizes in bytes. `free` is None where the database is on another computer's disk."""

    engine: str  # name and version
    revision: str | None  # of the schema
    size: int
    free: int | None
    entries: int  # of the audit trail


def condition(engine: Engine) -> Condition:
    """Look at a database that is up to date."""
    version = ".".join(map(str, engine.dialect.server_version_info or ()))
    with engine.connect() as connection:
        revision = MigrationContext.configure(connection).get_current_revision()
        entries = connection.scalar(select(func.max(TrailRow.sequence))) or 0
        if engine.dialect.name == "postgresql":
            asked = text("SELECT pg_database_size(current_database())")
            size, free, name = int(connection.scalar(asked) or 0), None, "PostgreSQL"
        else:
            size, free = _file(Path(engine.url.database or ""))
            name = "SQLite"
    return Condition(
        engine=f"{name} {version}".strip(),
        revision=revision,
        size=size,
        free=free,
        entries=entries,
    )


def _file(path: Path) -> tuple[int, int]:
    """Bytes of a SQLite file with its log, and bytes that are free beside it."""
    parts = (path, path.with_name(f"{path.name}-wal"))
    size = sum(part.stat().st_size for part in parts if part.exists())
    return size, shutil.disk_usage(path.parent).free
