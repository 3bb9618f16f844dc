"""`python -m ui.language`: bring the catalogues up to date, and list what is still to be done."""

import argparse
import sys
from collections.abc import Iterator

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import write_po

from ui.language.catalogue import ENGLISH, LANGUAGES, path, read
from ui.language.extracting import template
from ui.language.unwrapped import unwrapped


def update(language: str) -> Catalog:
    """The catalogue with every sentence of the source and no other; translations are kept."""
    new, old = template(), read(language)
    catalog = Catalog(locale=language, charset="utf-8", project="Evicode", fuzzy=False)
    for message in new:
        if not message.id:
            continue
        known = old.get(message.id)
        string = (
            known.string if known is not None and isinstance(known.id, type(message.id)) else ""
        )
        catalog.add(
            message.id,
            string or ("" if isinstance(message.id, str) else ("", "")),
            locations=message.locations,
            auto_comments=message.auto_comments,
        )
    return catalog


def write(language: str, catalog: Catalog) -> None:
    """Write it, sorted and without line numbers, so that branches merge."""
    with path(language).open("wb") as file:
        write_po(file, catalog, width=100, sort_output=True, include_lineno=False)


def untranslated(catalog: Catalog) -> Iterator[Message]:
    """Entries without words in the catalogue's language."""
    for message in catalog:
        strings = (message.string,) if isinstance(message.string, str) else message.string or ()
        if message.id and not (strings and all(strings)):
            yield message


def main() -> int:
    """0 if nothing is left to do."""
    parser = argparse.ArgumentParser(prog="python -m ui.language", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing, only look")
    check, left = parser.parse_args().check, 0
    say = sys.stdout.write
    for language in LANGUAGES:
        if language == ENGLISH:
            continue
        catalog = update(language)
        if not check:
            write(language, catalog)
        missing = list(untranslated(catalog))
        for message in missing:
            say(f"{language}: no translation of {message.id!r} ({message.locations[0][0]})\n")
        left += len(missing)
        say(f"{language}: {len(catalog)} sentences, {len(missing)} without a translation\n")
    bare = unwrapped()
    for file, line, words in bare:
        say(f"{file}:{line}: not in t(): {words!r}\n")
    say(f"{len(bare)} texts that a page draws do not go through t()\n")
    return 1 if left + len(bare) else 0


if __name__ == "__main__":
    raise SystemExit(main())
