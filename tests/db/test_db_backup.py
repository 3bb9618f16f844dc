# ruff: noqa: S608  (the statements are ours)
"""A backup is whole, also under load; a restore is verified before it replaces anything."""

import shutil
import sqlite3
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

import db
from core.errors import BadFile, BadSettings, EvicodeError
from db.__main__ import main
from db.backup import backup, backup_if_due, restore
from db.tables import Base
from db.verify import verify
from tests.db.conftest import on_postgresql, on_sqlite
from tests.db.desk import FEVER, clock, decide
from tests.db.tampering import a_day_at_the_desk, tamper
from tests.postgres import Server, fresh_name

Contents = dict[str, list[tuple[object, ...]]]


def _contents(engine: Engine) -> Contents:
    with engine.connect() as connection:
        return {
            name: [
                tuple(row) for row in connection.execute(text(f"SELECT * FROM {name} ORDER BY 1"))
            ]
            for name in Base.metadata.tables
        }


def _contents_of(database: str) -> Contents:
    engine = db.connect(database)
    try:
        return _contents(engine)
    finally:
        engine.dispose()


@pytest.fixture
def desk(engine: Engine) -> Engine:
    with db.unit_of_work(engine) as session:
        a_day_at_the_desk(session)
    return engine


@pytest.fixture
def elsewhere(database: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """An empty database of the same kind."""
    if "://" not in database:
        yield str(tmp_path / "elsewhere.sqlite")
        return
    server: Server = request.getfixturevalue("server")
    name = fresh_name()
    yield server.create(name)
    server.drop(name)


def test_what_is_restored_is_what_was_backed_up(
    desk: Engine, elsewhere: str, tmp_path: Path
) -> None:
    file = tmp_path / "monday.backup"
    assert backup(desk, file).entries == 6
    assert file.stat().st_mode & 0o777 == 0o600
    assert restore(elsewhere, file).entries == 6
    assert _contents_of(elsewhere) == _contents(desk)
    engine = db.connect(elsewhere)
    with db.unit_of_work(engine) as session:  # and work goes on there
        decide(session, db.notes.get(session, 1), FEVER)
    assert verify(engine).entries == 7
    engine.dispose()


def test_a_backup_under_load_is_of_one_moment(desk: Engine, tmp_path: Path) -> None:
    stop = threading.Event()

    def work() -> None:
        for number in range(10_000):
            with db.unit_of_work(desk) as session:
                decide(session, db.notes.get(session, 1), FEVER, at=number)
            if stop.wait(0.005):
                return

    writer = threading.Thread(target=work)
    writer.start()
    try:
        found = [backup(desk, tmp_path / f"{number}.backup") for number in range(2)]
    finally:
        stop.set()
        writer.join()
    assert 6 <= found[0].entries < found[1].entries <= verify(desk).entries
    with desk.connect() as connection:
        for verdict in found:  # a stretch of the trail as it was, from its start
            digest = text("SELECT hash FROM trail WHERE sequence = :last")
            assert connection.scalar(digest, {"last": verdict.entries}) == verdict.hash


@on_sqlite
def test_copying_the_live_file_instead_loses_what_is_in_its_log(
    desk: Engine, tmp_path: Path
) -> None:
    """The protection taken out: a copy by `cp` has none of the six records."""
    copied = shutil.copy(str(desk.url.database), tmp_path / "copied.sqlite")
    assert verify(desk).entries == 6
    assert len(_contents_of(copied)["trail"]) < 6


def test_a_restore_overwrites_nothing_unless_forced_and_keeps_what_was_there(
    desk: Engine, database: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    file = tmp_path / "monday.backup"
    backup(desk, file)
    before = _contents(desk)
    with db.unit_of_work(desk) as session:
        decide(session, db.notes.get(session, 1), FEVER)
    after = _contents(desk)
    desk.dispose()
    with pytest.raises(BadFile, match="add --force"):
        restore(database, file)
    assert _contents(desk) == after
    desk.dispose()
    restore(database, file, force=True)
    assert _contents_of(database) == before
    assert _contents_of(_kept(database, request)) == after


def _kept(database: str, request: pytest.FixtureRequest) -> str:
    """Where a forced restore put what was there."""
    if "://" not in database:
        (kept,) = Path(database).parent.glob("*.before-*")
        return str(kept)
    engine = db.connect(database)
    name = engine.url.database
    like = text("SELECT datname FROM pg_database WHERE datname LIKE :name")
    with engine.connect() as connection:
        found = connection.execute(like, {"name": f"{name}_before_%"}).scalar_one()
    engine.dispose()
    request.addfinalizer(lambda: request.getfixturevalue("server").drop(found))
    return str(request.getfixturevalue("server").url(found))


def test_a_backup_that_was_tampered_with_replaces_nothing(
    desk: Engine, database: str, tmp_path: Path
) -> None:
    tamper(desk, ["UPDATE decisions SET coder = 'eve' WHERE sequence = 2"])
    with pytest.raises(BadFile, match=r"is damaged \(changed: entry 6"):
        backup(desk, tmp_path / "tuesday.backup")
    assert list(tmp_path.glob("*tuesday*")) == [], "nothing half-written"


DAMAGE = {"cut short": slice(0, 20_000), "empty": slice(0, 0), "only its end": slice(20_000, None)}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_backup_replaces_nothing(
    desk: Engine, database: str, tmp_path: Path, damage: str
) -> None:
    file = tmp_path / "monday.backup"
    backup(desk, file)
    file.write_bytes(file.read_bytes()[DAMAGE[damage]])
    before = _contents(desk)
    desk.dispose()
    with pytest.raises(EvicodeError, match=r"backup|damaged|could not copy"):
        restore(database, file, force=True)
    assert _contents(desk) == before


@on_sqlite
def test_the_file_of_another_program_replaces_nothing(
    desk: Engine, database: str, tmp_path: Path
) -> None:
    file = tmp_path / "history.sqlite"
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE visits (url TEXT)")
    connection.close()
    with pytest.raises(BadFile, match="database of another program"):
        restore(database, file, force=True)
    assert verify(desk).entries == 6


def test_a_backup_never_overwrites_a_file(desk: Engine, tmp_path: Path) -> None:
    file = tmp_path / "letter.txt"
    file.write_text("Dear colleague")
    with pytest.raises(BadFile, match="exists; name a new file"):
        backup(desk, file)
    with pytest.raises(BadFile, match="cannot be written"):
        backup(desk, tmp_path / "nowhere" / "x.backup")
    assert file.read_text() == "Dear colleague"


@on_postgresql
def test_a_missing_program_is_named(
    desk: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BadSettings, match="pg_dump is not installed"):
        backup(desk, tmp_path / "monday.backup")


@on_sqlite
def test_backups_are_due_after_their_time_and_the_oldest_give_way(
    desk: Engine, tmp_path: Path
) -> None:
    folder = tmp_path / "backups"
    how = {"every": timedelta(minutes=10), "keep": 2}
    made = [backup_if_due(desk, folder, now=clock(minute), **how) for minute in (0, 5, 10, 20)]
    assert [path and path.name for path in made] == [
        "evicode-20260102T030000Z.backup",
        None,
        "evicode-20260102T031000Z.backup",
        "evicode-20260102T032000Z.backup",
    ]
    assert sorted(folder.iterdir()) == [made[2], made[3]]


def test_the_commands_sign_verify_back_up_and_restore(
    desk: Engine, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    monkeypatch.setenv("EVICODE_TRAIL_KEY", str(tmp_path / "trail.key"))
    monkeypatch.setenv("EVICODE_DATABASE", database)
    head, file = str(tmp_path / "head.json"), str(tmp_path / "monday.backup")
    assert main(["verify"]) == 0
    assert capsys.readouterr().out.startswith("6 entries verified")
    assert main(["head", head]) == 0
    assert "public key" in capsys.readouterr().out
    assert main(["backup", file]) == 0
    assert main(["verify", "--head", head]) == 0
    tamper(desk, ["DELETE FROM trail WHERE sequence = 6", "DELETE FROM decisions WHERE id = 2"])
    desk.dispose()
    assert main(["verify", "--head", head]) == 2
    assert "truncated: the trail ends at entry 5" in capsys.readouterr().err
    assert main(["restore", file, "--force", "--head", head]) == 0
    assert main(["verify", "--head", head]) == 0
