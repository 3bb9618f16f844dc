"""The commands that keep the record safe: verify, head, backup, restore."""

import argparse
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Engine

from core.errors import BadFile
from db import heads
from db.backup import backup, encrypt, restore
from db.engine import connect
from db.verify import Verdict, verify

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

COMMANDS = ("verify", "head", "backup", "restore", "encrypt")


def add_commands(commands: "Commands") -> list[argparse.ArgumentParser]:
    """Add the commands; their parsers, for what all commands share."""
    verifying = commands.add_parser("verify", help="check every record against the audit trail")
    signing = commands.add_parser("head", help="sign the end of the trail, to be kept elsewhere")
    backing = commands.add_parser("backup", help="copy the database, also while it is in use")
    restoring = commands.add_parser("restore", help="put a backup in place of the database")
    encrypting = commands.add_parser("encrypt", help="copy a plain database into an encrypted file")
    encrypting.add_argument("plain", type=Path, help="plain SQLite file to read")
    encrypting.add_argument("file", type=Path, help="new file to write, with the key that is set")
    signing.add_argument("file", type=Path, help="file to write")
    backing.add_argument("file", type=Path, help="new file to write")
    restoring.add_argument("file", type=Path, help="backup to read")
    restoring.add_argument(
        "--force", action="store_true", help="also where a database is; it is kept under a new name"
    )
    for command in (verifying, restoring):
        command.add_argument("--head", type=Path, help="signed head that must be in the trail")
        command.add_argument("--public-key", help="that signed it, in hex (default: our own key's)")
    return [verifying, signing, backing, restoring, encrypting]


def run(options: argparse.Namespace) -> str:
    """Run one of the commands and say what came of it. BadFile if anything does not fit."""
    if options.command == "restore":
        return _restore(options)
    if options.command == "encrypt":
        verdict = encrypt(options.plain, options.file)
        return f"{_said(verdict)}; encrypted in {options.file}, and {options.plain} is as it was"
    engine = connect(options.database, create=False)
    try:
        match options.command:
            case "verify":
                return _verify(engine, options)
            case "head":
                return _sign(engine, options.file)
        return f"{_said(backup(engine, options.file))}; written to {options.file}"
    finally:
        engine.dispose()


def _verify(engine: Engine, options: argparse.Namespace) -> str:
    verdict = verify(engine, head=_head(engine, options))
    if verdict.fault is not None:
        raise BadFile(
            f"the record of {engine.url.database} is not what it was. {verdict.fault}. Nothing "
            "before it is affected; compare with a backup, and find out who had access"
        )
    return _said(verdict)


def _sign(engine: Engine, file: Path) -> str:
    verdict = verify(engine)
    if verdict.fault is not None:
        raise BadFile(f"the trail is damaged and was not signed ({verdict.fault}); run verify")
    head = heads.Head(sequence=verdict.entries, hash=verdict.hash, signed_at=datetime.now(UTC))
    public = heads.save(head, file, key=heads.key_file(engine))
    return (
        f"{_said(verdict)}; signed in {file}\n"
        f"keep it, and the public key {public}, where nobody with access to the database writes"
    )


def _restore(options: argparse.Namespace) -> str:
    engine = connect(options.database)
    try:
        head = _head(engine, options)
    finally:
        engine.dispose()
    verdict = restore(options.database, options.file, force=options.force, head=head)
    return f"{_said(verdict)}; restored from {options.file}"


def _head(engine: Engine, options: argparse.Namespace) -> heads.Head | None:
    if options.head is None:
        return None
    trusted = options.public_key or heads.public_key(heads.key_file(engine))
    return heads.load(options.head, public_key=trusted)


def _said(verdict: Verdict) -> str:
    return f"{verdict.entries} entries verified, the last is {verdict.hash[:16]}"
