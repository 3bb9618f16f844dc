"""Which words a model knows, and a note as their numbers."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from core.errors import BadNote, BadSettings
from core.text.tokens import Token, tokenize

PAD, UNK = 0, 1
_SPECIAL = ("<pad>", "<unk>")


@dataclass(frozen=True, kw_only=True)
class Encoded:
    """A note as token ids with their spans in the original text."""

    ids: tuple[int, ...]
    spans: tuple[tuple[int, int], ...]
    truncated_at: int | None  # start of the first word that was left out; None: all are in
    words: tuple[int, ...] = ()  # the word each token is a part of; empty: every token is a word


class Tokenizer(Protocol):
    """Numbers the tokens of a note: words of a `Vocabulary`, or `Subwords` of a pretrained model.

    Token 0 is padding.
    """

    @property
    def words(self) -> tuple[str, ...]: ...  # every token in the order of its number

    def __len__(self) -> int: ...

    def encode(
        self,
        text: str,
        *,
        max_length: int | None = None,
        fallback: Callable[[str], int | None] | None = None,
    ) -> Encoded: ...


@dataclass(frozen=True, kw_only=True)
class Vocabulary:
    """Words in the order of their ids; 0 is padding, 1 any unknown word."""

    words: tuple[str, ...]

    def __post_init__(self) -> None:
        if self.words[:2] != _SPECIAL or len(set(self.words)) != len(self.words):
            raise BadSettings("a vocabulary starts with <pad>, <unk> and names each word once")

    def __len__(self) -> int:
        return len(self.words)

    @cached_property
    def ids(self) -> dict[str, int]:
        return {word: number for number, word in enumerate(self.words)}

    @staticmethod
    def build(texts: Iterable[str], *, min_notes: int = 3) -> "Vocabulary":
        """Words that stand in at least `min_notes` of the texts (CAML; MARN sec. 4.1)."""
        notes_with: Counter[str] = Counter()
        for text in texts:
            notes_with.update({token.word for token in tokenize(text)})
        kept = sorted(word for word, notes in notes_with.items() if notes >= min_notes)
        return Vocabulary(words=(*_SPECIAL, *kept))

    def encode(
        self,
        text: str,
        *,
        max_length: int | None = None,
        fallback: Callable[[str], int | None] | None = None,
    ) -> Encoded:
        """Number the words of a note; BadNote if it has none.

        `fallback` may name a known word's id for an unknown word; otherwise it reads as UNK.
        """
        tokens = tokenize(text)
        if not tokens:
            raise BadNote("the note has no words; give a note with text in it")
        read = tokens[:max_length]
        return Encoded(
            ids=tuple(self._numbers(read, fallback)),
            spans=tuple((token.start, token.end) for token in read),
            truncated_at=tokens[len(read)].start if len(read) < len(tokens) else None,
        )

    def _numbers(
        self, tokens: Sequence[Token], fallback: Callable[[str], int | None] | None
    ) -> Iterable[int]:
        for token in tokens:
            number = self.ids.get(token.word)
            if number is None and fallback is not None:
                number = fallback(token.word)
            yield UNK if number is None else number
