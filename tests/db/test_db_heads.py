"""A signed head is believed for what was signed with the key one trusts, and nothing else."""

import json
from pathlib import Path

import pytest

from core.errors import BadFile, BadSettings
from db import heads
from db.heads import Head
from tests.db.desk import clock

HEAD = Head(sequence=7, hash="ab" * 32, signed_at=clock())


@pytest.fixture
def key(tmp_path: Path) -> Path:
    return tmp_path / "secrets" / "trail.key"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "head.json"


def test_a_head_comes_back_as_it_was_signed(key: Path, file: Path) -> None:
    public = heads.save(HEAD, file, key=key)
    assert heads.load(file, public_key=public) == HEAD
    assert heads.public_key(key) == public
    assert heads.save(HEAD, file, key=key) == public, "the key is made once"


def test_the_key_is_for_its_owner_alone_and_not_in_the_head(key: Path, file: Path) -> None:
    heads.save(HEAD, file, key=key)
    assert key.stat().st_mode & 0o777 == 0o600
    assert key.parent.stat().st_mode & 0o777 == 0o700
    private = key.read_text().splitlines()[1]
    assert private not in file.read_text()
    key.chmod(0o644)
    with pytest.raises(BadSettings, match="others can read the key"):
        heads.save(HEAD, file, key=key)


@pytest.mark.parametrize(
    "change",
    [{"sequence": 6}, {"hash": "ba" * 32}, {"signed_at": "2026-01-03T00:00:00+00:00"}],
    ids=lambda change: next(iter(change)),
)
def test_a_head_that_was_changed_is_refused(
    key: Path, file: Path, change: dict[str, object]
) -> None:
    public = heads.save(HEAD, file, key=key)
    file.write_text(json.dumps(json.loads(file.read_text()) | change))
    with pytest.raises(BadFile, match="was not signed with the key"):
        heads.load(file, public_key=public)


def test_a_head_signed_by_somebody_else_is_refused(key: Path, file: Path, tmp_path: Path) -> None:
    public = heads.save(HEAD, file, key=key)
    heads.save(HEAD, file, key=tmp_path / "forger.key")
    with pytest.raises(BadFile, match="was not signed with the key"):
        heads.load(file, public_key=public)


@pytest.mark.parametrize("content", ["", "{}", "[1, 2]", '{"sequence": "x"}', "\x00"])
def test_a_file_that_is_no_head_is_refused(file: Path, content: str) -> None:
    file.write_text(content)
    with pytest.raises(BadFile, match="is no head of a trail"):
        heads.load(file, public_key="ab" * 32)


def test_a_key_that_is_none_is_refused(key: Path, file: Path, tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="there is no key at"):
        heads.public_key(key)
    heads.save(HEAD, file, key=key)
    with pytest.raises(BadSettings, match="64 hexadecimal digits"):
        heads.load(file, public_key="abc")
    other = tmp_path / "letter.txt"
    other.write_text("Dear colleague")
    other.chmod(0o600)
    with pytest.raises(BadSettings, match="cannot be used as a key"):
        heads.save(HEAD, file, key=other)
