"""With a key set, the files hold no plain text, and nothing opens them without it."""

import logging
import os
import secrets
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

import db
from core.errors import BadFile, BadSettings
from db import encryption, notes
from db.__main__ import main
from db.backup import backup, restore
from db.verify import verify
from tests.db.desk import a_note
from tests.db.filling import fill
from tests.safety.trials import killed_writers

pytest.importorskip("sqlcipher3", reason="pip install -r requirements-encryption.txt")

CANARY = b"Zebrafinch"
ROOT = Path(__file__).parents[2]


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> str:
    made = secrets.token_hex(32)
    monkeypatch.setenv(encryption.SETTING, made)
    return made


def _filled(path: Path) -> Engine:
    engine = db.connect(path)
    db.migrate(engine)
    with db.unit_of_work(engine) as session:
        fill(session)
        a_note(session, name="canary", text=f"{CANARY.decode()} has fever.")
    return engine


def _bytes(folder: Path) -> bytes:
    return b"".join(each.read_bytes() for each in folder.rglob("*") if each.is_file())


def test_no_file_of_an_encrypted_database_holds_plain_text(tmp_path: Path, key: str) -> None:
    engine = _filled(tmp_path / "evicode.sqlite")
    assert (tmp_path / "evicode.sqlite-wal").stat().st_size > 0, "the log is looked at too"
    held = _bytes(tmp_path)
    for plain in (CANARY, b"Fever", b"CREATE TABLE", b"SQLite format 3", key.encode()):
        assert plain not in held
    assert verify(engine).fault is None
    engine.dispose()


def test_without_a_key_the_same_canary_is_found(tmp_path: Path) -> None:
    """The protection taken out: the search above can find."""
    _filled(tmp_path / "evicode.sqlite").dispose()
    assert CANARY in _bytes(tmp_path)


@pytest.mark.parametrize("given", ["another", "none"])
def test_a_wrong_key_is_refused_with_what_to_do(
    tmp_path: Path,
    key: str,
    given: str,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    _filled(tmp_path / "evicode.sqlite").dispose()
    before = _bytes(tmp_path)
    if given == "none":
        monkeypatch.delenv(encryption.SETTING)
    else:
        monkeypatch.setenv(encryption.SETTING, secrets.token_hex(32))
    asked = "then set EVICODE_DATABASE_KEY_FILE" if given == "none" else "not encrypted with this"
    with pytest.raises(BadFile, match=asked) as refused:
        db.connect(tmp_path / "evicode.sqlite")
    assert key not in str(refused.value)
    assert capfd.readouterr() == ("", ""), "SQLCipher itself writes to standard error"
    assert _bytes(tmp_path) == before


@pytest.mark.parametrize("bad", ["", "correct horse battery staple", "0" * 63, "g" * 64])
def test_what_is_no_key_is_refused_and_not_repeated(
    tmp_path: Path, bad: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "key"
    path.write_text(bad)
    path.chmod(0o600)
    monkeypatch.setenv(encryption.FILE_SETTING, str(path))
    with pytest.raises(BadSettings, match="not 64 hexadecimal digits; make one with") as refused:
        db.connect(tmp_path / "evicode.sqlite")
    assert not bad or bad not in str(refused.value)


def test_a_key_file_is_for_its_owner_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "key"
    path.write_text(f"{secrets.token_hex(32)}\n")
    path.chmod(0o644)
    monkeypatch.setenv(encryption.FILE_SETTING, str(path))
    with pytest.raises(BadSettings, match=r"others can read the key .*chmod 600"):
        db.connect(tmp_path / "evicode.sqlite")
    path.chmod(0o600)
    engine = _filled(tmp_path / "evicode.sqlite")
    assert verify(engine).fault is None
    engine.dispose()
    path.unlink()
    with pytest.raises(BadSettings, match="cannot be read"):
        db.connect(tmp_path / "evicode.sqlite")


def test_backup_and_restore_stay_encrypted(tmp_path: Path, key: str) -> None:
    engine = _filled(tmp_path / "evicode.sqlite")
    verdict = backup(engine, tmp_path / "evicode.backup")
    engine.dispose()
    again = tmp_path / "again" / "evicode.sqlite"
    assert restore(again, tmp_path / "evicode.backup") == verdict
    assert CANARY not in _bytes(tmp_path)
    restored = db.connect(again)
    with db.unit_of_work(restored, write=False) as session:
        note = notes.named(session, "canary")
    restored.dispose()
    assert note is not None
    assert CANARY.decode() in note.text
    left = [each.name for each in tmp_path.rglob("*") if "~" in each.name or each.name[0] == "."]
    assert left == []


def test_a_backup_under_another_key_is_refused(
    tmp_path: Path, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = _filled(tmp_path / "evicode.sqlite")
    backup(engine, tmp_path / "evicode.backup")
    engine.dispose()
    monkeypatch.setenv(encryption.SETTING, secrets.token_hex(32))
    with pytest.raises(BadFile, match="not encrypted with this key"):
        restore(tmp_path / "again.sqlite", tmp_path / "evicode.backup")


def test_a_plain_database_is_encrypted_into_a_new_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    plain, secret = tmp_path / "plain.sqlite", tmp_path / "encrypted" / "evicode.sqlite"
    secret.parent.mkdir()
    engine = _filled(plain)
    whole = verify(engine)
    engine.dispose()
    assert main(["encrypt", str(plain), str(secret)]) == 2
    assert "there is no key; set EVICODE_DATABASE_KEY_FILE" in capsys.readouterr().err
    monkeypatch.setenv(encryption.SETTING, secrets.token_hex(32))
    assert main(["encrypt", str(plain), str(secret)]) == 0
    assert CANARY not in _bytes(secret.parent)
    assert CANARY in plain.read_bytes(), "what was there is left alone"
    again = db.connect(secret)
    assert verify(again) == whole
    with pytest.raises(DBAPIError, match="can only be added to"), db.unit_of_work(again) as session:
        session.execute(text("DELETE FROM notes"))
    again.dispose()
    assert main(["encrypt", str(plain), str(secret)]) == 2


def test_the_key_is_in_no_log_no_url_and_no_process_list(
    tmp_path: Path, key: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    engine = _filled(tmp_path / "evicode.sqlite")
    with (
        pytest.raises(DBAPIError, match="no such table") as failed,
        db.unit_of_work(engine) as session,
    ):
        session.execute(text("SELECT * FROM elsewhere"))
    assert key not in caplog.text
    assert key not in repr(engine.url) + repr(engine) + repr(failed.value)
    engine.dispose()
    command = [sys.executable, "-c", "import sys, db; db.connect(sys.argv[1]); input()"]
    child = subprocess.Popen(
        [*command, str(tmp_path / "evicode.sqlite")],
        cwd=ROOT,
        env=os.environ | {encryption.SETTING: key},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    listed = Path(f"/proc/{child.pid}/cmdline").read_bytes()
    said, _ = child.communicate(b"\n", timeout=60)
    assert child.returncode == 0
    assert key.encode() not in listed + said


def test_sqlite_itself_cannot_open_the_file(tmp_path: Path, key: str) -> None:
    _filled(tmp_path / "evicode.sqlite").dispose()
    with (
        closing(sqlite3.connect(tmp_path / "evicode.sqlite")) as bare,
        pytest.raises(sqlite3.DatabaseError, match="not a database"),
    ):
        bare.execute("SELECT * FROM notes").fetchall()


def test_a_setting_without_the_package_says_what_to_install(
    tmp_path: Path, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "sqlcipher3", None)
    with pytest.raises(BadSettings, match=r"pip install -r requirements-encryption\.txt"):
        db.connect(tmp_path / "evicode.sqlite")


def test_a_killed_writer_loses_nothing_of_an_encrypted_database(tmp_path: Path, key: str) -> None:
    engine = db.connect(tmp_path / "evicode.sqlite")
    db.migrate(engine)
    found = killed_writers(engine, runs=2)
    engine.dispose()
    assert found.acknowledged >= 2
    assert (found.lost, found.damaged, found.fault) == (0, 0, None)
