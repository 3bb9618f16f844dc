"""Sections that say of all their words that they are about the past, or about the family.

A section begins with a heading (at the start of a line, or in capitals within a line, as notes
that lost their line breaks have it) and ends with the next one, with a blank line after its first
words, or where the sentence tells that the visit itself goes on ("Acude por ...").
Sections that say nothing of their words are found too: their headings tell a reader where a word
stands.
"""

from dataclasses import dataclass

from core.context.cues import Cues
from core.context.rules import BITS
from core.context.words import COLON, COMMA, LINE, PARAGRAPH, SENTENCE, SPACE, Words

_HEADING = 6  # words of an unknown heading in capitals at most
_NAME = 5  # letters of an unknown heading of one word at least: "HTA:" is none


@dataclass(frozen=True, slots=True)
class Sections:
    """Of every word, by the section in which it stands: contexts as bits, and the heading."""

    mask: bytearray
    headings: list[range | None]  # the heading's words; its own words are under it


def sections(words: Words, cues: Cues) -> Sections:
    """Find the sections of a note. A section whose context is over has no heading from there."""
    mask = bytearray(len(words))
    headings: list[range | None] = [None] * len(words)
    title: range | None = None
    current = begins = 0
    shouted = False
    for place, gap in enumerate(words.gaps):
        if gap >= COMMA and place >= begins:
            heading = _heading(words, cues, place)
            if heading is not None:
                current, begins = heading
                title = range(place, begins)
                shouted = bool(words.capital[place])
            elif current and place > begins and _over(words, cues, place, shouted=shouted):
                current, title = 0, None
        if place >= begins:
            mask[place] = current
        headings[place] = title
    return Sections(mask, headings)


def _heading(words: Words, cues: Cues, place: int) -> tuple[int, int] | None:
    """What a heading at this word says of its section, and where the section's words begin."""
    capital, gap = words.capital[place], words.gaps[place]
    if gap < SENTENCE and not capital:
        return None
    found = cues.headings.at(words.words, words.gaps, place)
    if found is not None and _closes(words, found.end, line=gap >= LINE):
        return (BITS[found.meaning] if found.meaning else 0), found.end
    if not capital:
        return None
    end = place + 1
    while end < min(place + _HEADING, len(words)) and words.capital[end]:
        if words.gaps[end] > SPACE:
            break
        end += 1
    long = end - place > 1 or len(words.words[place]) >= _NAME
    return (0, end) if long and end < len(words) and words.gaps[end] == COLON else None


def _closes(words: Words, end: int, *, line: bool) -> bool:
    if end == len(words):
        return False
    return words.gaps[end] == COLON or (line and words.gaps[end] >= LINE)


def _over(words: Words, cues: Cues, place: int, *, shouted: bool) -> bool:
    if words.gaps[place] == PARAGRAPH:
        return True
    if shouted or words.gaps[place] < SENTENCE:
        return False
    return cues.resumes.at(words.words, words.gaps, place) is not None
