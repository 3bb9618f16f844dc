"""Command line of the database.

python -m db migrate [--database FILE]
python -m db export --format FORMAT --out FILE [--text] [--quotes] [--history] [--deidentify]
                    [--all-charts] [--since DAY] [--until DAY] [--coder NAME] [--system SYSTEM ..]
                    [--kind KIND ..] [--checkpoint HASH] [--count] [--database FILE]
python -m db import FILE --coder NAME
python -m db verify [--head FILE [--public-key HEX]]
python -m db head FILE
python -m db backup FILE
python -m db restore FILE [--force] [--head FILE [--public-key HEX]]
python -m db forget NOTE.. [--reason TEXT] [--dry-run]
python -m db retention [--days N] [--dry-run]
python -m db encrypt PLAIN FILE
python -m db user add NAME --role coder|"second coder"|auditor|lead|administrator
python -m db user password NAME | list
"""

import argparse
import sys

from core.errors import EvicodeError
from db import accounts_cli, forgetting_cli, import_cli, safekeeping
from db.engine import connect
from db.export import command as command_export
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
    if options.command in safekeeping.COMMANDS:
        return safekeeping.run(options)
    exports = options.command == "export"
    export = command_export.asked(options) if exports else None
    engine = connect(options.database, create=not exports)
    try:
        migrate(engine)
        if options.command == "user":
            return accounts_cli.run(engine, options)
        if options.command == "import":
            return import_cli.run(engine, options)
        if options.command in forgetting_cli.COMMANDS:
            return forgetting_cli.run(engine, options)
        if export is None:
            return f"{engine.url.database} is up to date"
        return command_export.run(engine, export, options)
    finally:
        engine.dispose()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m db", description="The database of Evicode.")
    commands = parser.add_subparsers(dest="command", required=True)
    migration = commands.add_parser("migrate", help="create the database or bring it up to date")
    export = commands.add_parser("export", help="write the coders' decisions to a file")
    importing = commands.add_parser("import", help="keep the coded notes of an exported corpus")
    user = commands.add_parser("user", help="accounts: add, password, list")
    others = (*safekeeping.add_commands(commands), *forgetting_cli.add_commands(commands))
    for command in (migration, export, importing, user, *others):
        command.add_argument(
            "--database", help="path or URL (default: EVICODE_DATABASE, then data/evicode.sqlite)"
        )
    command_export.add_options(export)
    import_cli.add_options(importing)
    accounts_cli.add_commands(user)
    return parser


if __name__ == "__main__":
    sys.exit(main())
