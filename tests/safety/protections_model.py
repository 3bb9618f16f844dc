"""The model: offsets are those of the note as it stands, and threads do not meet in it."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from core.checkpoints import load_checkpoint
from core.inference import Coder
from core.text import Vocabulary, tokens, vocabulary
from core.types import Code, Note
from tests.browser.odd_notes import random_note
from tests.models import WORDS, tiny_checkpoint
from tests.safety.protection import Place, Protection


def what_is_highlighted_is_the_word_that_was_read(_place: Place) -> None:
    """In 1,000 random notes: text[start:end] of every word is the word."""
    texts = [f"fever {random_note(seed)['text']}" for seed in range(1000)]
    known = Vocabulary.build(texts, min_notes=1)
    for text in texts:
        encoded = known.encode(text)
        for number, (start, end) in zip(encoded.ids, encoded.spans, strict=True):
            assert known.words[number] == tokens.normalise(text[start:end])


def _counted_in_utf_16(_place: Place, patch: pytest.MonkeyPatch) -> None:
    """As JavaScript counts: an emoji is two."""

    def counted(text: str) -> list[tokens.Token]:
        def at(point: int) -> int:
            return len(text[:point].encode("utf-16-le")) // 2

        found = tokens.tokenize(text)
        return [tokens.Token(each.word, at(each.start), at(each.end)) for each in found]

    patch.setattr(vocabulary, "tokenize", counted)


class Untitled:
    """Code tables that know no code: the real ones take seconds to read."""

    def title(self, _code: Code) -> None:
        return None

    category = title


def eight_threads_get_what_one_gets(place: Place) -> None:
    """Each thread asks for the same 16 notes, beginning with another one."""
    tiny_checkpoint(place.folder / "checkpoint")
    coder = Coder(load_checkpoint(place.folder / "checkpoint"), Untitled())
    notes = [Note(id=str(i), text=" ".join(WORDS[i % 7 :: 1 + i % 5])) for i in range(16)]
    alone = {note.id: coder.suggest(note) for note in notes}

    def asked(thread: int) -> bool:
        turned = [*notes[2 * thread :], *notes[: 2 * thread]]
        return all(coder.suggest(note) == alone[note.id] for note in turned)

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(asked, range(8)))


def _with_a_note_kept_in_the_model(_place: Place, patch: pytest.MonkeyPatch) -> None:
    """As a model would that holds what it is reading in itself, not in its arguments."""
    read, held = Coder._read, [""]

    def through_the_model(self, text):
        held[0] = text
        time.sleep(0.001)  # another thread comes in
        return read(self, held[0])

    patch.setattr(Coder, "_read", through_the_model)


MODEL = (
    Protection(19, what_is_highlighted_is_the_word_that_was_read, _counted_in_utf_16),
    Protection(20, eight_threads_get_what_one_gets, _with_a_note_kept_in_the_model),
)
