"""What the browser gets of a catalogue: the sentences that components' scripts and markup say."""

from collections.abc import Mapping
from functools import cache

from ui.language.catalogue import catalogue_of

SCRIPTS = "scripts"  # the comment in a .po file that marks a sentence of a script or of markup


def words(language: str) -> Mapping[str, object]:
    """What `speak` in ui/components/words.js wants: the language, and its sentences."""
    return {"language": language, "sentences": _sentences(language)}


@cache
def _sentences(language: str) -> Mapping[str, str | tuple[str, ...]]:
    """English -> translation (of a plural: one, many). Empty for English: nothing is looked up."""
    found: dict[str, str | tuple[str, ...]] = {}
    for message in catalogue_of(language).catalog:
        if message.id and message.string and SCRIPTS in message.auto_comments:
            key = message.id if isinstance(message.id, str) else message.id[0]
            string = message.string
            found[key] = string if isinstance(string, str) else tuple(string)
    return found
