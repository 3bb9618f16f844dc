"""Command line of the database.

python -m db migrate [--database FILE]
python -m db export --format csv|jsonl|corpus --out FILE [--text|--hash] [--history] [--database ..]
python -m db user add NAME --role coder|"second coder"|auditor|lead|administrator
python -m db user password NAME | list
"""

import argparse
import sys
from pathlib import Path

from core.errors import EvicodeError
from db import accounts_cli
from db.engine import connect
from db.export import Export, Format, save
from db.schema import migrate


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 if it worked, 2 with a message on standard error if it did not."""
    options = _parser().parse_args(arguments)
    try:
        sys.stdout.write(f"{_run(options)}\n")
    except EvicodeError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    return 0


def _run(options: argparse.Namespace) -> str:
    exports = options.command == "export"
    engine = connect(options.database, create=not exports)
    try:
        migrate(engine)
        if options.command == "user":
            return accounts_cli.run(engine, options)
        if not exports:
            return f"{engine.url.database} is up to date"
        export = Export(format=options.format, text=options.text, history=options.history)
        records = save(engine, options.out, export)
        return f"{records} records written to {options.out}"
    finally:
        engine.dispose()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m db", description="The database of Evicode.")
    commands = parser.add_subparsers(dest="command", required=True)
    migration = commands.add_parser("migrate", help="create the database or bring it up to date")
    export = commands.add_parser("export", help="write the coders' decisions to a file")
    user = commands.add_parser("user", help="accounts: add, password, list")
    for command in (migration, export, user):
        command.add_argument(
            "--database", help="path or URL (default: EVICODE_DATABASE, then data/evicode.sqlite)"
        )
    accounts_cli.add_commands(user)
    export.add_argument("--format", type=Format, choices=tuple(Format), required=True)
    export.add_argument("--out", type=Path, required=True, help="file to write, or to replace")
    note = export.add_mutually_exclusive_group()
    note.add_argument("--text", action="store_true", help="with the text of each note")
    note.add_argument("--hash", action="store_true", help="with its sha256 instead (default)")
    export.add_argument(
        "--history", action="store_true", help="also what was overruled or taken back, and retracts"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
