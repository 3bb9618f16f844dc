"""Phrase memory: what it finds, what it counts, and what a decision changes at once."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.memory import WHOLE, Bridge, Listed, Mention, Phrase, PhraseMemory, Source
from core.types import Annotation, Code, CodeSystem, Note, Span
from tests.builders import AWKWARD
from tests.models import CODED_NOTES, coded

I10, FEVER = Code(CodeSystem.ICD10CM, "I10"), Code(CodeSystem.ICD10CM, "R50.9")
HEAD_PAIN = Code(CodeSystem.ICD10CM, "R51")
LESSON = coded("Severe pain of the head. No rash, no cough.", ("R51", "pain of the head"))


def memory_of(*notes: Note, bridge: Bridge | None = None) -> PhraseMemory:
    memory = PhraseMemory(bridge=bridge)
    memory.learn(notes)
    return memory


def whole(memory: PhraseMemory, text: str, code: Code) -> list[Mention]:
    return [m for m in memory.read(text).mentions if m.code == code and m.coverage >= WHOLE]


def places(memory: PhraseMemory, text: str, code: Code) -> list[str]:
    """The words of every mention of a code that was found whole; parts are set apart by " / "."""
    reading = memory.read(text)
    return [
        " / ".join(text[span.start : span.end] for span in reading.spans(mention))
        for mention in reading.mentions
        if mention.code == code and mention.coverage >= WHOLE
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Pain of the head.", "Pain of the head"),
        ("HEAD pain today.", "HEAD pain"),
        ("Pains in the heads.", "Pains in the heads"),
        ("Páin of thé héad.", "Páin of thé héad"),
        ("Pain, dull, of the left head.", "Pain / head"),
        ("👩🏽‍⚕️ 🩺 says: pain of the head", "pain of the head"),
        ("ne\u0301o pa\u0301in of head", "pa\u0301in of head"),
    ],
)
def test_a_phrase_is_found_whatever_its_order_inflection_accents_and_gaps(
    text: str, found: str
) -> None:
    assert places(memory_of(LESSON), text, HEAD_PAIN) == [found]


@pytest.mark.parametrize(
    "text",
    [
        "Pain today. Head normal.",
        "Pain today\nhead normal",
        "Pain; head normal",
        "pain one two three four five six seven eight nine head",
        "Nothing of the kind.",
    ],
)
def test_words_of_other_sentences_or_far_apart_are_not_the_phrase(text: str) -> None:
    assert places(memory_of(LESSON), text, HEAD_PAIN) == []


def test_a_discontinuous_mention_is_one_phrase_of_all_its_parts() -> None:
    lesson = coded("Fracture, after a fall, of the femur.", ("S72", "Fracture ... femur"))
    code = Code(CodeSystem.ICD10CM, "S72")
    assert places(memory_of(lesson), "Left femur fracture.", code) == ["femur fracture"]
    assert places(memory_of(lesson), "Fracture. Femur normal.", code) == []


@given(st.lists(st.sampled_from(AWKWARD), max_size=8), st.lists(st.sampled_from(AWKWARD)))
def test_offsets_are_right_in_any_text(before: list[str], after: list[str]) -> None:
    text = f"{''.join(before)}\nhead pain\n{''.join(after)}"
    memory = memory_of(LESSON)
    reading = memory.read(text)
    assert "head pain" in places(memory, text, HEAD_PAIN)
    for mention in reading.mentions:
        for span in reading.spans(mention):
            assert 0 <= span.start < span.end <= len(text)
            assert "head" in text[span.start : span.end] or "pain" in text[span.start : span.end]


def test_memory_counts_how_often_a_phrase_stood_for_a_code_and_how_often_it_did_not() -> None:
    notes = [coded("High fever.", ("R50.9", "fever"), id=f"yes{n}") for n in range(13)]
    memory = memory_of(*notes, Note(id="no", text="Fever was denied."))
    (mention,) = whole(memory, "Some fever.", FEVER)
    assert (mention.found, mention.stood, mention.marked) == (14, 13, 13)
    assert (mention.whole, mention.stood_whole, mention.size) == (14, 13, 1)


def test_a_note_counts_once_however_often_it_says_the_phrase() -> None:
    memory = memory_of(coded("Fever. More fever. Fever.", ("R50.9", "Fever"), ("R50.9", "fever")))
    (mention,) = whole(memory, "fever", FEVER)
    assert (mention.found, mention.stood, mention.marked) == (1, 1, 1)


def test_other_words_in_between_are_counted_apart() -> None:
    memory = memory_of(LESSON, Note(id="2", text="Pain, dull and sharp, of the head."))
    (mention,) = whole(memory, "Head pain.", HEAD_PAIN)
    assert (mention.found, mention.stood) == (2, 1)
    assert (mention.whole, mention.stood_whole) == (1, 1)


def test_a_phrase_may_stand_for_several_codes() -> None:
    memory = memory_of(coded("Fever, 39.", ("R50.9", "Fever"), ("I10", "Fever")))
    assert {m.code for m in memory.read("fever").mentions} == {FEVER, I10}


def test_one_accepted_code_is_found_in_the_next_note_at_once() -> None:
    memory = memory_of(*CODED_NOTES)
    assert whole(memory, "A dancing rash.", HEAD_PAIN) == []
    memory.decide(coded("He has a dancing rash.", ("R51", "dancing rash"), id="new"))
    (mention,) = whole(memory, "Rashes, dancing.", HEAD_PAIN)
    assert (mention.found, mention.stood, mention.marked) == (1, 1, 1)


def test_a_code_without_marked_words_teaches_no_phrase() -> None:
    memory = PhraseMemory()
    memory.decide(Note(id="1", text="fever", annotations=(Annotation(code=FEVER),)))
    assert memory.read("fever").mentions == []
    assert memory.tallies == {}


def test_deciding_again_replaces_and_deciding_nothing_forgets() -> None:
    memory = memory_of(*CODED_NOTES)
    before = {address: repr(tally) for address, tally in memory.tallies.items()}
    text = "He has a dancing rash and a cold nose."
    memory.decide(coded(text, ("R51", "dancing rash"), id="new"))
    memory.decide(coded(text, ("R51", "cold nose"), id="new"))
    assert whole(memory, "dancing rash", HEAD_PAIN) == []
    assert len(whole(memory, "cold nose", HEAD_PAIN)) == 1
    memory.decide(Note(id="new", text=text))
    assert {address: repr(tally) for address, tally in memory.tallies.items()} == before


def test_rejecting_a_code_lowers_the_share_of_its_phrase() -> None:
    memory = memory_of(*CODED_NOTES)
    (before,) = whole(memory, "fever", FEVER)
    memory.decide(Note(id="new", text="Fever of the mother."), frozenset({FEVER}))
    (after,) = whole(memory, "fever", FEVER)
    assert (after.found, after.stood) == (before.found + 1, before.stood)


def test_a_phrase_whose_codes_are_still_undecided_is_not_counted() -> None:
    memory = memory_of(*CODED_NOTES)
    memory.decide(coded("Fever and dancing rash.", ("R51", "dancing rash"), id="new"))
    (mention,) = whole(memory, "fever", FEVER)
    assert mention.found == 2  # t2 and t3; the Spanish note said "fiebre"


@given(st.lists(st.integers(0, 3), max_size=6), st.randoms(use_true_random=False))
def test_taking_every_decision_back_leaves_what_was_there(order: list[int], random: object) -> None:
    memory = memory_of(*CODED_NOTES)
    before = {address: repr(tally) for address, tally in memory.tallies.items()}
    for number in order:
        note = CODED_NOTES[number]
        rejected = frozenset({I10}) if number % 2 else frozenset[Code]()
        memory.decide(
            Note(id="d" + note.id, text=note.text, annotations=note.annotations), rejected
        )
    for note in CODED_NOTES:
        memory.decide(Note(id="d" + note.id, text=note.text))
    assert {address: repr(tally) for address, tally in memory.tallies.items()} == before


def test_titles_and_inclusion_terms_are_found_without_any_coded_note() -> None:
    code = Code(CodeSystem.ICD10CM, "J18.9")
    titles = [Phrase(text="Pneumonia, unspecified organism", code=code, source=Source.TITLE)]
    memory = PhraseMemory(listed=Listed.of(titles))
    (mention,) = whole(memory, "Pneumonia by an unknown organism.", code)
    assert (mention.source, mention.found, mention.marked) == (Source.TITLE, 0, 0)
    memory.learn([Note(id="1", text="No pneumonia, no organism.")])
    (mention,) = whole(memory, "pneumonia organism", code)
    assert (mention.found, mention.stood) == (1, 0)


def test_a_bridge_finds_english_phrases_in_spanish_notes() -> None:
    bridge = Bridge(lexicons={"es": {"dolor": {"pain": 0.9}, "cabez": {"head": 0.8}}, "en": {}})
    text = "La paciente refiere dolor de cabeza."
    assert places(memory_of(LESSON), text, HEAD_PAIN) == []
    assert places(memory_of(LESSON, bridge=bridge), text, HEAD_PAIN) == ["dolor de cabeza"]


def test_marks_in_one_language_say_that_a_phrase_was_marked_but_not_how_often_it_stood() -> None:
    bridge = Bridge(lexicons={"es": {"fiebr": {"fever": 0.9}}, "en": {}})
    memory = memory_of(coded("The patient had a fever.", ("R50.9", "fever")), bridge=bridge)
    (mention,) = whole(memory, "El paciente presenta fiebre.", FEVER)
    assert (mention.marked, mention.found, mention.stood) == (1, 0, 0)


def test_an_empty_memory_finds_nothing_and_says_so() -> None:
    for memory in (PhraseMemory(), memory_of(Note(id="1", text="Fever."))):
        assert memory.read("Fever and pain.").mentions == []
        assert memory.read("12/12 -- 🙂 !!").words != []
        assert memory.read("").mentions == []


def test_reading_while_others_decide_never_fails() -> None:
    memory = memory_of(*CODED_NOTES)
    texts = [note.text for note in CODED_NOTES]

    def decide(number: int) -> None:
        text = f"He has a dancing rash{number % 5}."
        memory.decide(coded(text, ("R51", f"dancing rash{number % 5}"), id=f"d{number % 7}"))

    with ThreadPoolExecutor(6) as pool:
        deciding = [pool.submit(decide, number) for number in range(60)]
        reading = [pool.submit(memory.read, texts[number % 4]) for number in range(60)]
    assert all(job.exception() is None for job in deciding)
    assert all(job.result().mentions for job in reading)


@pytest.mark.parametrize(
    "text",
    [
        "pain " * 200_000,
        "head pain " * 100_000,
        "head one two three pain one two " * 30_000,
        "head pain.\n" * 40_000,
        "." * 1_000_000,
        "head" * 250_000,
    ],
    ids=["one word", "phrase words", "gaps", "sentences", "no word", "one long word"],
)
def test_a_megabyte_of_anything_is_read_in_seconds(text: str) -> None:
    memory = memory_of(LESSON)
    start = time.perf_counter()
    reading = memory.read(text)
    assert time.perf_counter() - start < 60  # 1-3 s on an idle core; square time would be hours
    assert len(reading.mentions) <= 200


def test_learning_a_hostile_note_ends_too() -> None:
    memory = memory_of(LESSON)
    start = time.perf_counter()
    memory.decide(Note(id="x", text="head pain " * 50_000), frozenset({HEAD_PAIN}))
    assert time.perf_counter() - start < 60
    (mention,) = whole(memory, "head pain", HEAD_PAIN)
    assert (mention.found, mention.stood) == (2, 1)


def test_mentions_of_one_place_are_one_span_and_gaps_split_it() -> None:
    memory = memory_of(LESSON)
    reading = memory.read("pain of the dull head")
    (mention,) = [m for m in reading.mentions if m.coverage >= WHOLE]
    assert reading.spans(mention) == (Span(0, 4), Span(17, 21))
    assert mention.gap == 1
