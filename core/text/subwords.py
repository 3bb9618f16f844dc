"""Subwords of a pretrained model, each with its place in the original text.

`Subwords` stands where a `Vocabulary` stands for the other rows. It is one `tokenizer.json` of the
library `tokenizers` (an optional extra), so a checkpoint carries all of it. [CLS] and [SEP] are the
encoder's affair: a note's tokens are its text and nothing else.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import regex

from core.errors import BadNote, BadSettings
from core.text.vocabulary import PAD, Encoded

EXTRA = "BERT rows need the optional extra: pip install '.[bert]'"
_LETTER = regex.compile(r"\p{L}")
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, kw_only=True)
class Subwords:
    """A tokenizer as its JSON; equal JSON gives equal tokens, on any machine and without a network.

    BadSettings if the extra is not installed, or if the padding token is not number 0.
    """

    json: str = field(repr=False)  # some hundred thousand letters

    def __post_init__(self) -> None:
        if self._tokenizer.token_to_id("[PAD]") != PAD:
            raise BadSettings(f"the tokenizer's [PAD] is not token {PAD}; use a BERT tokenizer")

    def __len__(self) -> int:
        return int(self._tokenizer.get_vocab_size())

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Every token in the order of its number."""
        return tuple(self._tokenizer.id_to_token(number) for number in range(len(self)))

    def encode(
        self,
        text: str,
        *,
        max_length: int | None = None,
        fallback: Callable[[str], int | None] | None = None,  # noqa: ARG002 - no word is unknown
    ) -> Encoded:
        """Number the subwords of a note; BadNote if it has no words.

        Text that looks like a special token ("[PAD]") is text. `Encoded.words` says which subwords
        make up one word.
        """
        found = self._tokenizer.encode(_SURROGATE.sub("\ufffd", text), add_special_tokens=False)
        if not found.ids or not _LETTER.search(text):
            raise BadNote("the note has no words; give a note with text in it")
        read = _whole_words(found.word_ids, max_length)
        return Encoded(
            ids=tuple(found.ids[:read]),
            spans=tuple((start, _with_marks(text, end)) for start, end in found.offsets[:read]),
            truncated_at=found.offsets[read][0] if read < len(found.ids) else None,
            words=tuple(found.word_ids[:read]),
        )

    @cached_property
    def _tokenizer(self) -> Any:  # Any: the library is an optional extra
        try:
            from tokenizers import Tokenizer
        except ImportError as error:
            raise BadSettings(EXTRA) from error
        tokenizer = Tokenizer.from_str(self.json)
        tokenizer.no_padding()
        tokenizer.no_truncation()
        tokenizer.encode_special_tokens = True  # a note may hold the very letters "[PAD]"
        return tokenizer


def _whole_words(words: Sequence[int], most: int | None) -> int:
    """How many tokens are read: no word in part, but for one that is longer than `most`."""
    if most is None or most >= len(words):
        return len(words)
    read = most
    while read and words[read] == words[read - 1]:
        read -= 1
    return read or most


def _with_marks(text: str, end: int) -> int:
    """Past the combining marks after `end`: BERT drops them, but they belong to the letter."""
    while end < len(text) and unicodedata.category(text[end]).startswith("M"):
        end += 1
    return end
