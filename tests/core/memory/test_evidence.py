"""What changes phrase by phrase answers as what is made of all phrases at once."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.memory import Bridge, PhraseMemory, evidence
from core.memory.evidence import Evidence
from core.memory.index import MOST_IN_A_SENTENCE, Key, Meanings, Sentences
from core.types import Annotation, Code, CodeSystem, Note, Span
from tests.models import coded

CODES = [Code(CodeSystem.ICD10CM, code) for code in ("I10", "R50.9", "E11.9")]
STEMS = ["acut", "cough", "fever", "fiebr", "microcephal", "microcefal", "pain", "rash"]
BRIDGE = Bridge(lexicons={"es": {"fiebr": {"fever": 0.8}, "rash": {"pain": 0.3}}})
RARE = {stem: 1.0 + 0.37 * number for number, stem in enumerate(STEMS[:6])}

_KEYS = st.frozensets(st.sampled_from(STEMS), min_size=1, max_size=4).map(
    lambda stems: tuple(sorted(stems))
)
_MEANT = st.dictionaries(_KEYS, st.frozensets(st.sampled_from(CODES)), max_size=8)
_WORDS = st.lists(st.tuples(st.sampled_from(STEMS), st.integers(0, 2)), max_size=14)


def _found(index: Evidence, words: list[tuple[str, int]]) -> list[tuple[object, ...]]:
    sentences = Sentences(words, Meanings(BRIDGE, "es", *index.indexes))
    return [
        (index.keys[m.phrase], sorted(index.codes[m.phrase]), m.coverage, m.gap, m.words)
        for m in index.find(sentences, least=0.6)
    ]


@settings(deadline=None)
@given(_MEANT, st.lists(_MEANT, max_size=4), _WORDS, st.sampled_from([0, 3, 1_000]))
def test_phrases_put_in_and_taken_out_answer_as_if_indexed_at_once(
    first: dict[Key, frozenset[Code]],
    changes: list[dict[Key, frozenset[Code]]],
    words: list[tuple[str, int]],
    most_aside: int,
) -> None:
    known = {key: codes for key, codes in first.items() if codes}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(evidence, "MOST_ASIDE", most_aside)
        grown = Evidence(known, RARE, default=2.1)
        for change in changes:
            grown = grown.changed(change)
            known = {key: codes for key, codes in {**known, **change}.items() if codes}
        assert _found(grown, words) == _found(Evidence(known, RARE, default=2.1), words)


def test_what_was_handed_out_does_not_change() -> None:
    before = Evidence({("fever",): {CODES[0]}}, RARE, default=2.0)
    before.changed({("fever",): set(), ("cough",): {CODES[1]}})
    assert [found[0] for found in _found(before, [("fever", 0), ("cough", 0)])] == [("fever",)]


def test_a_phrase_too_many_in_a_sentence_is_counted_as_if_all_were_taught_at_once() -> None:
    """A sentence counts its fullest phrases alone: a new one may push out one that was counted."""
    words = [f"wordx{number}y" for number in range(MOST_IN_A_SENTENCE + 20)]
    text = " ".join(words)
    spans = [Span(text.index(word), text.index(word) + len(word)) for word in words]
    random.Random(3).shuffle(spans)
    taught = [
        (_full(text, spans[:first]), frozenset[Code]())
        for first in (MOST_IN_A_SENTENCE - 5, len(spans), 40, len(spans))
    ]
    other = Note(id="other", text=text, annotations=(Annotation(code=CODES[0]),))
    grown, fresh = PhraseMemory(), PhraseMemory()
    for memory in (grown, fresh):
        memory.learn([coded("Some fever.", ("R50.9", "fever"))])
    grown.decide(other)
    for note, rejected in taught:
        grown.decide(note, rejected)
    fresh.decide_all([(other, frozenset()), taught[-1]])
    assert {at: repr(tally) for at, tally in grown.tallies.items()} == {
        at: repr(tally) for at, tally in fresh.tallies.items()
    }
    assert sum(tally.found == 0 for tally in fresh.tallies.values()) > 0


def _full(text: str, spans: list[Span]) -> Note:
    marked = [Annotation(code=CODES[0], evidence=(span,)) for span in spans]
    return Note(id="full", text=text, annotations=tuple(marked))
