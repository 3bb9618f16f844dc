"""A migrated database file for each test, copied from one that was migrated once."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

import db


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("migrated") / "evicode.sqlite"
    engine = db.connect(path)
    db.migrate(engine)
    engine.dispose()
    return path


@pytest.fixture
def database(migrated_file: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(migrated_file, tmp_path / "evicode.sqlite"))


@pytest.fixture
def engine(database: Path) -> Iterator[Engine]:
    engine = db.connect(database)
    yield engine
    engine.dispose()
