"""A note as a cue reader needs it: plain words, where they stand, and what parts them.

A word is in lower case without accents. The gap before each word says how strongly punctuation
parts it from the one before: from nothing but a space to a blank line. A line break within a
sentence (a hard-wrapped note) is a space.
"""

import unicodedata
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import lru_cache

import regex

SPACE, PAREN, COMMA, COLON, CLAUSE, SENTENCE, LINE, PARAGRAPH = range(8)

# a word with its combining marks; "h/o", "s/p"; "mother's", "didn't"; the sign "(-)"
_WORD = regex.compile(
    r"\p{L}/\p{L}(?![\w/])|\w[\w\p{M}\u200c\u200d]*(?:['’](?:s|t|S|T)\b)?|\(\s?[-–−]\s?\)"
)
_MARKS = {"(": PAREN, ")": PAREN, "[": PAREN, "]": PAREN, ",": COMMA, ":": COLON, ";": CLAUSE}
_MARKS |= dict.fromkeys(".?!", SENTENCE)
_BULLETS = frozenset("-–—•*·>#+")
_SHORT = frozenset(  # words that carry a full stop within a sentence
    "dr dra drs sr sra mr mrs ms prof st vs dx hx tx pt approx no nr num ej aprox fig dcha dcho "
    "izq izda izdo der inf sup ant post max min temp etc".split()
)
_WRAPPED = 60  # a line this long that ends in mid-sentence was wrapped


@dataclass(frozen=True, slots=True)
class Words:
    """Parallel lists, one entry a word; `gaps[i]` and `depths[i]` are those before word i."""

    words: list[str]
    starts: list[int]
    ends: list[int]
    gaps: bytearray
    depths: bytearray  # how many brackets are open
    capital: bytearray  # 1 where a word is written in capitals

    def __len__(self) -> int:
        return len(self.words)

    def touched(self, start: int, end: int) -> range:
        """The places of the words that `text[start:end]` holds, be it only in part."""
        if start >= end:
            return range(0)
        return range(bisect_right(self.ends, start), bisect_left(self.starts, end))


def split(text: str) -> Words:
    """Find the words of a note and what parts them, in time linear in its length."""
    found = Words([], [], [], bytearray(), bytearray(), bytearray())
    end = depth = 0
    line = 0  # where the current line begins
    for match in _WORD.finditer(text):
        start = match.start()
        raw = match.group()
        gap = text[end:start]
        level = LINE if not found.words else SPACE
        if gap not in (" ", ""):
            level = max(level, _level(text, gap, end, found, line))
            depth = _depth(gap, depth) if level < SENTENCE else 0
            if (newline := gap.rfind("\n")) >= 0:
                line = end + newline + 1
        found.words.append(fold(raw))
        found.starts.append(start)
        end = match.end()
        found.ends.append(end)
        found.gaps.append(level)
        found.depths.append(depth)
        found.capital.append(raw.isupper())
    return found


@lru_cache(maxsize=1 << 16)
def fold(word: str) -> str:
    """Lower case, without accents and without a possessive ending; "sí" is not "si"."""
    word = word.lower().replace("’", "'").removesuffix("'s")
    if word.isascii() or word == "sí":
        return word
    decomposed = unicodedata.normalize("NFD", word)
    plain = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return plain or word  # a mark without its letter


def _level(text: str, gap: str, end: int, found: Words, line: int) -> int:
    """How strongly `gap`, which begins at `end`, parts two words."""
    level = SPACE
    for place, sign in enumerate(gap):
        if sign in ".,:" and _joins(text, end + place):
            continue
        if sign == "." and _abbreviates(text, end + len(gap), found):
            continue
        level = max(level, _MARKS.get(sign, SPACE))
    if any(f" {dash} " in gap for dash in "-–—"):
        level = max(level, COMMA)
    if "\n" in gap or "\r" in gap:
        level = max(level, _break(text, gap, end, line, level))
    return level


def _joins(text: str, at: int) -> bool:
    """Whether the sign stands within a number or between letters that belong together."""
    before, after = text[at - 1 : at], text[at + 1 : at + 2]
    if before.isdigit() and after.isdigit():
        return True
    return text[at] == "." and after.isalnum() and not (before.islower() and after.isupper())


def _abbreviates(text: str, following: int, found: Words) -> bool:
    """Whether the last word keeps its full stop: a known short form, or an initial."""
    last = found.words[-1] if found.words else ""
    if last in _SHORT and "\n" not in text[found.ends[-1] : following]:
        return last != "no" or text[following : following + 1].isdigit()
    return len(last) == 1 and last.isalpha() and text[following : following + 1].islower()


def _break(text: str, gap: str, end: int, line: int, level: int) -> int:
    if gap.replace("\r\n", "\n").replace("\r", "\n").count("\n") > 1:
        return PARAGRAPH
    if level >= CLAUSE or level == COLON or any(sign in _BULLETS for sign in gap):
        return LINE
    following = text[end + len(gap) : end + len(gap) + 1]
    wrapped = following.islower() or (end - line >= _WRAPPED and not following.isdigit())
    return level if wrapped else LINE


def _depth(gap: str, depth: int) -> int:
    for sign in gap:
        if sign in "([":
            depth = min(depth + 1, 255)
        elif sign in ")]":
            depth = max(depth - 1, 0)
    return depth
