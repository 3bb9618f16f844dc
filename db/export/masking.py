"""De-identification as far as patterns go. Assistive: a person must read what leaves the house.

Presidio's pattern recognisers (extra `deidentify`) find what `records.LIMITS` lists. What is found
becomes █ of the same length, so that every offset still points at the same place.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from typing import Any

from core.errors import BadSettings
from db.feedback import Feedback
from db.identity import NOBODY

BLANK = "█"
Mask = Callable[[str], str]  # the text with what was found blanked, of the same length

# Recognisers of Presidio that look at patterns alone. Where a recogniser asks the network whether
# a domain exists (e-mail, web), only its patterns are used.
_ASKS_NETWORK = ("EmailRecognizer", "UrlRecognizer")
_PATTERNS = (
    *("DateRecognizer", "IpRecognizer", "MacAddressRecognizer", "CreditCardRecognizer"),
    *("IbanRecognizer", "UsSsnRecognizer", "EsNifRecognizer", "EsNieRecognizer"),
)
_REGIONS = ("US", "ES", "GB", "MX", "AR", "CO", "CL")  # of telephone numbers without a country


def can_mask() -> bool:
    """Whether the extra is installed. Imports nothing."""
    return find_spec("presidio_analyzer") is not None


def by_patterns() -> Mask:
    """The mask; BadSettings if the extra is not installed."""
    try:
        from presidio_analyzer import PatternRecognizer, predefined_recognizers
    except ImportError as error:
        raise BadSettings(
            "de-identification needs Presidio; install it with pip install '.[deidentify]', "
            "or export without it"
        ) from error
    known = vars(predefined_recognizers)
    phones = known["PhoneRecognizer"](supported_regions=_REGIONS)
    by_themselves = [
        PatternRecognizer(supported_entity=name, patterns=known[name].PATTERNS)
        for name in _ASKS_NETWORK
    ]
    return partial(_mask, recognisers=[phones, *by_themselves, *(known[n]() for n in _PATTERNS)])


def masked(rows: Iterator[Feedback], mask: Mask) -> Iterator[Feedback]:
    """The rows without ids, names of notes and hashes, and with free text masked."""
    text: str | None = None
    last = None
    for row in rows:
        if row.note != last:  # a note's text comes with each of its codes
            text, last = None if row.text is None else mask(row.text), row.note
        yield replace(
            row,
            note_id=f"note-{row.note}",
            identity=NOBODY,
            sha256="",
            text=text,
            reason=row.reason and mask(row.reason),
            provenance=row.provenance and mask(row.provenance),
        )


def _mask(text: str, *, recognisers: list[Any]) -> str:  # Any: Presidio has no types
    found = [
        (each.start, each.end)
        for recogniser in recognisers
        for each in recogniser.analyze(text, recogniser.supported_entities, None)
    ]
    characters = list(text)
    for start, end in found:
        characters[start:end] = BLANK * (end - start)
    return "".join(characters)
