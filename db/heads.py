"""The signed head of the audit trail: proof, kept elsewhere, of how far the trail once was.

A head says "at this time the trail had so many entries, and the last had this hash", signed with
Ed25519. The private key is a file of its own, outside the database, readable by its owner alone.
"""

import json
import os
import stat
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from sqlalchemy import Engine

from core.errors import BadFile, BadSettings
from core.settings import settings

_FIELDS = ("sequence", "hash", "signed_at")


@dataclass(frozen=True, kw_only=True)
class Head:
    """The last entry of the trail at a time. `sequence` 0: there was none."""

    sequence: int
    hash: str
    signed_at: datetime

    def said(self) -> bytes:
        """What is signed."""
        fields = (self.sequence, self.hash, _time(self.signed_at))
        return json.dumps(["evicode trail head", *fields]).encode()


def save(head: Head, path: Path, *, key: Path) -> str:
    """Sign a head and write it as JSON; the public key in hex, which is what checks it later.

    The key file is made if there is none. BadFile if one of the files cannot be written.
    """
    private = _private_key(key, create=True)
    public = private.public_key().public_bytes_raw().hex()
    content = {
        "sequence": head.sequence,
        "hash": head.hash,
        "signed_at": _time(head.signed_at),
        "public_key": public,
        "signature": private.sign(head.said()).hex(),
    }
    try:
        path.write_text(json.dumps(content, indent=1) + "\n")
    except OSError as error:
        raise BadFile(f"{path} cannot be written ({error.strerror}); choose another") from error
    return public


def load(path: Path, *, public_key: str) -> Head:
    """Read a signed head. BadFile if it is none, or was not signed with this key (hex)."""
    try:
        content = json.loads(path.read_text())
        sequence, digest, signed_at = (content[name] for name in _FIELDS)
        head = Head(
            sequence=int(sequence), hash=str(digest), signed_at=datetime.fromisoformat(signed_at)
        )
        signature = bytes.fromhex(content["signature"])
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise BadFile(
            f"{path} is no head of a trail; name a file that `python -m db head` wrote"
        ) from error
    try:
        _public_key(public_key).verify(signature, head.said())
    except InvalidSignature:
        raise BadFile(
            f"{path} was not signed with the key {public_key[:16]}…, or was changed afterwards; "
            "name the public key that `python -m db head` showed when it was written"
        ) from None
    return head


def public_key(key: Path) -> str:
    """The public half of a key file, in hex. BadSettings if there is no such file."""
    return _private_key(key, create=False).public_key().public_bytes_raw().hex()


def key_file(engine: Engine) -> Path:
    """What the settings name, else FILE.trail.key beside a SQLite file, else data/trail.key."""
    if (named := settings().trail_key) is not None:
        return named
    if engine.dialect.name == "sqlite":
        return Path(f"{engine.url.database}.trail.key")
    return Path(__file__).resolve().parents[1] / "data" / "trail.key"


def _private_key(path: Path, *, create: bool) -> Ed25519PrivateKey:
    try:
        if create and not path.exists():
            _write_key(path)
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise BadSettings(f"others can read the key {path}; run `chmod 600` on it")
        key = load_pem_private_key(path.read_bytes(), password=None)
    except FileNotFoundError as error:
        raise BadSettings(
            f"there is no key at {path}; name the public key, or set EVICODE_TRAIL_KEY"
        ) from error
    except (OSError, ValueError) as error:
        raise BadSettings(
            f"{path} cannot be used as a key; set EVICODE_TRAIL_KEY to another file"
        ) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise BadSettings(f"{path} is no Ed25519 key; set EVICODE_TRAIL_KEY to another file")
    return key


def _write_key(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = Ed25519PrivateKey.generate()
    content = made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(handle, "wb") as file:
        file.write(content)


def _public_key(key: str) -> Ed25519PublicKey:
    try:
        return Ed25519PublicKey.from_public_bytes(bytes.fromhex(key))
    except ValueError as error:
        raise BadSettings("a public key is 64 hexadecimal digits; copy all of them") from error


def _time(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="microseconds")
