"""A migrated database for each test, on both engines, copied from one that was migrated once."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

import db
from tests.postgres import NoServer, Server, fresh_name, running_server

# A test that both engines cannot share says which one it is about.
on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
on_postgresql = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("migrated") / "evicode.sqlite"
    _migrate(str(path))
    return path


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A real PostgreSQL server; the test is skipped where none is installed."""
    try:
        with running_server() as server:
            yield server
    except NoServer as reason:
        pytest.skip(str(reason))


@pytest.fixture(scope="session")
def migrated_database(server: Server) -> str:
    """The name of a migrated database on the server."""
    _migrate(server.create("migrated"))
    return "migrated"


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """What `db.connect` takes: the path of a migrated file, and the URL of a migrated database."""
    if request.param == "sqlite":
        migrated = request.getfixturevalue("migrated_file")
        yield str(shutil.copy(migrated, tmp_path / "evicode.sqlite"))
        return
    server: Server = request.getfixturevalue("server")
    name = fresh_name()
    yield server.create(name, like=request.getfixturevalue("migrated_database"))
    server.drop(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """What `db.connect` takes: a file that is not there yet, and the URL of an empty database."""
    if request.param == "sqlite":
        yield str(tmp_path / "empty.sqlite")
        return
    server: Server = request.getfixturevalue("server")
    name = fresh_name()
    yield server.create(name)
    server.drop(name)


@pytest.fixture
def engine(database: str) -> Iterator[Engine]:
    engine = db.connect(database)
    yield engine
    engine.dispose()


def _migrate(database: str) -> None:
    engine = db.connect(database)
    db.migrate(engine)
    engine.dispose()
