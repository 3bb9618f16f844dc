"""Bring a database file to the schema of this version, whoever else is starting at the time."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect
from sqlalchemy.exc import DBAPIError

from core.errors import BadFile
from db import (  # noqa: F401  (so that the metadata knows every table)
    account_tables,
    erasure_tables,
    model_tables,
    phrase_tables,
    shadow_tables,
    training_tables,
    workflow_tables,
)
from db.engine import refusal, write_connection


def migrate(engine: Engine, *, to: str = "head") -> None:
    """Upgrade to the newest schema, in one transaction, under the write lock.

    BadFile if the file was written by a newer Evicode or belongs to another program; nothing is
    changed then. A database that is up to date is only read.
    """
    config = _config()
    try:
        with engine.connect() as connection:
            if _is_current(connection, config, to):
                return
        with write_connection(engine) as connection:
            _is_current(connection, config, to)  # again: another process may have come first
            config.attributes["connection"] = connection
            command.upgrade(config, to)
    except DBAPIError as error:
        raise refusal(error, engine) or error from error


def downgrade(engine: Engine, *, to: str) -> None:
    """Go back to an older schema (`base`: none). Everything the newer one holds is lost."""
    config = _config()
    with write_connection(engine) as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, to)


def _config() -> Config:
    config = Config()
    folder = str(Path(__file__).parent / "migrations")
    config.set_main_option("script_location", folder.replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _is_current(connection: Connection, config: Config, to: str) -> bool:
    scripts = ScriptDirectory.from_config(config)
    known = {script.revision for script in scripts.walk_revisions()}
    found = MigrationContext.configure(connection).get_current_revision()
    name = connection.engine.url.database
    if found is not None and found not in known:
        raise BadFile(
            f"{name} has schema {found}, which this version does not know (newest: "
            f"{scripts.get_current_head()}); start the newer Evicode that wrote it"
        )
    if found is None and set(inspect(connection).get_table_names()) - {"alembic_version"}:
        raise BadFile(f"{name} is the database of another program; name another file")
    return found == (scripts.get_current_head() if to == "head" else to)
