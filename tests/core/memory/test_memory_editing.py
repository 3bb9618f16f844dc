"""Memory is the same in whatever order it was taught, and may be edited by hand."""

from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.inference.lessons import Lessons
from core.memory import (
    Bridge,
    Edits,
    Known,
    Listed,
    Phrase,
    PhraseMemory,
    SitePhrase,
    Source,
    holding,
    known,
    phrase_words,
    places,
)
from core.memory.tallies import KINDS
from core.types import Annotation, Code, CodeSystem, Note, Span
from tests.models import CODED_NOTES, coded

I10, FEVER, SUGAR = (Code(CodeSystem.ICD10CM, code) for code in ("I10", "R50.9", "E11.9"))
CODES = (I10, FEVER, SUGAR)
TEXTS = (
    "Known sugar disease. High fever, and a dancing rash.",
    "The disease of sugar was denied. No fever; high sugar.",
    "Paciente con fiebre alta. Hipertensión arterial, enfermedad del azúcar.",
    "A microcephalic boy with a dancing rash: sugar sugar disease.",
    "Niña con microcefalia y fiebre, sin azúcar alto.",
)
BRIDGE = Bridge(
    lexicons={
        "es": {"azucar": {"sugar": 0.8}, "enfermedad": {"diseas": 0.7}, "alt": {"high": 0.4}},
        "en": {"sugar": {"azucar": 0.8}, "diseas": {"enfermedad": 0.7}},
    }
)
TITLES = (("R50.9", "Fever, unspecified"), ("E11.9", "Sugar disease"))


@dataclass(frozen=True)
class Lesson:
    """What stands on one of the texts."""

    number: int
    marks: tuple[tuple[Code, int, int], ...]  # code, first and last word
    unmarked: frozenset[Code]
    rejected: frozenset[Code]

    def taught(self) -> tuple[Note, frozenset[Code]]:
        text = TEXTS[self.number]
        annotations = [
            Annotation(code=code, evidence=(_span(text, first, words),))
            for code, first, words in self.marks
        ]
        annotations += [Annotation(code=code) for code in sorted(self.unmarked)]
        note = Note(id=f"note {self.number}", text=text, annotations=tuple(annotations))
        return note, self.rejected - note.codes


def _span(text: str, first: int, words: int) -> Span:
    parts = text.split(" ")
    first %= len(parts)
    start = sum(len(part) + 1 for part in parts[:first])
    return Span(start, start + len(" ".join(parts[first : first + words])))


_CODE = st.sampled_from(CODES)
_LESSONS = st.builds(
    Lesson,
    st.integers(0, len(TEXTS) - 1),
    st.lists(st.tuples(_CODE, st.integers(0, 12), st.integers(1, 3)), max_size=3).map(tuple),
    st.frozensets(_CODE, max_size=2),
    st.frozensets(_CODE, max_size=2),
)
_KEYS = st.sampled_from([phrase_words(words) for words in ("sugar disease", "fever", "fiebre")])
_EDITS = st.builds(
    Edits,
    off=st.frozensets(st.tuples(_KEYS, _CODE), max_size=2),
    added=st.frozensets(
        st.builds(SitePhrase, language=st.sampled_from(["en", "es"]), key=_KEYS, code=_CODE),
        max_size=2,
    ),
)


def _memory() -> PhraseMemory:
    named = [
        Phrase(text=title, code=Code(CodeSystem.ICD10CM, code), source=Source.TITLE)
        for code, title in TITLES
    ]
    memory = PhraseMemory(listed=Listed.of(named), bridge=BRIDGE)
    memory.learn(CODED_NOTES)
    return memory


def _said(memory: PhraseMemory) -> list[str]:
    """All that anybody can learn from a memory."""
    counts = [
        f"{address} {tally.found} {tally.whole} "
        + " ".join(str(sorted(getattr(tally, kind).items())) for kind in KINDS)
        for address, tally in memory.tallies.items()
    ]
    read = [repr(m) for text in TEXTS for m in memory.read(text).mentions]
    own = [
        repr(m)
        for number, text in enumerate(TEXTS)
        for m in memory.read(text, leave_out=f"note {number}").mentions
    ]
    return [*sorted(counts), *sorted(read), *sorted(own)]


@settings(max_examples=60, deadline=None)
@given(st.lists(_LESSONS | _EDITS, max_size=8))
def test_memory_equals_one_freshly_taught_what_stands_whatever_happened_before(
    happened: list[Lesson | Edits],
) -> None:
    memory, standing, edits = _memory(), dict[int, Lesson](), Edits()
    for each in happened:
        if isinstance(each, Edits):
            edits = each
            memory.edit(each)
        else:
            standing[each.number] = each
            memory.decide(*each.taught())
    fresh = _memory()
    fresh.edit(edits)
    fresh.decide_all(lesson.taught() for lesson in standing.values())
    assert _said(memory) == _said(fresh)


def test_a_phrase_marked_later_counts_in_the_notes_that_were_decided_before() -> None:
    memory = _memory()
    memory.decide(Note(id="a", text="A dancing rash."), frozenset({SUGAR}))
    memory.decide(coded("A dancing rash again.", ("E11.9", "dancing rash"), id="b"))
    (one,) = (m for m in memory.read("Dancing rash").mentions if m.code == SUGAR)
    assert (one.found, one.stood, one.marked) == (2, 1, 1)
    memory.decide(Note(id="b", text=""))
    assert not any(m.code == SUGAR for m in memory.read("Dancing rash").mentions)


def _speaks(memory: PhraseMemory, text: str, code: Code) -> bool:
    return any(mention.code == code for mention in memory.read(text).mentions)


@pytest.mark.parametrize("words", ["fever", "fiebre"])
def test_a_phrase_that_is_switched_off_stays_off_however_often_it_is_marked(words: str) -> None:
    memory = _memory()
    off = Edits(off=frozenset({(phrase_words(words), FEVER)}))
    memory.edit(off)
    memory.decide(coded(f"With {words}.", ("R50.9", words), ("I10", words), id="new"))
    assert not _speaks(memory, words, FEVER)
    assert _speaks(memory, words, I10), "it is off for one code alone"
    memory.edit(Edits())
    assert _speaks(memory, words, FEVER)


def test_an_added_phrase_counts_like_one_that_was_marked_in_one_note() -> None:
    added, marked = _memory(), _memory()
    added.edit(
        Edits(added=frozenset({SitePhrase(language="en", key=phrase_words("DM2"), code=SUGAR)}))
    )
    marked.decide(coded("DM2", ("E11.9", "DM2"), id="a"))
    (by_hand,) = added.read("Known DM2.", "en").mentions
    (by_mark,) = marked.read("Known DM2.", "en").mentions
    assert by_hand.added
    assert [getattr(by_hand, name) for name in ("marked", "found", "stood", "stood_whole")] == [
        getattr(by_mark, name) for name in ("marked", "found", "stood", "stood_whole")
    ]
    added.decide(Note(id="b", text="No DM2 here."), frozenset({SUGAR}))
    (lowered,) = added.read("Known DM2.", "en").mentions
    assert (lowered.found, lowered.stood) == (2, 1), "and is counted like one"


def test_what_is_known_says_what_a_site_added_to_what_was_shipped() -> None:
    memory = _memory()
    memory.decide(coded("High fever.", ("R50.9", "fever"), id="a"))
    memory.decide(Note(id="b", text="Fever was denied."), frozenset({FEVER}))
    memory.edit(
        Edits(
            off=frozenset({(phrase_words("fever"), FEVER)}),
            added=frozenset({SitePhrase(language="en", key=("dm2",), code=SUGAR)}),
        )
    )
    found = {(one.key, one.code): one for one in known(memory) if one.language == "en"}
    assert found[phrase_words("fever"), FEVER] == Known(
        language="en",
        key=phrase_words("fever"),
        code=FEVER,
        marked=3,
        words="fever",
        here=1,
        found=4,
        stood=3,
        off=True,
    )
    mine = found[("dm2",), SUGAR]
    assert (mine.marked, mine.found, mine.stood, mine.added) == (0, 0, 0, True)
    assert holding(memory, "en", phrase_words("fever")) == ("a", "b")


def test_a_phrase_is_found_again_where_it_stands() -> None:
    text = "Sugar: a disease. The disease of sugar."
    found = places(_memory(), text, "en", phrase_words("sugar disease"))
    assert [text[span.start : span.end] for span in found] == ["disease of sugar"]


@given(st.permutations(range(3)))
def test_the_name_of_what_was_learned_says_the_edits_too(order: list[int]) -> None:
    edits = [(("dm2",), SUGAR), (("fever",), FEVER), (("fever",), I10)]
    lessons = Lessons()
    lessons.edit(Edits(off=frozenset(edits[at] for at in order)))
    names = {lessons.name, ""}
    lessons.take(coded("fever", ("R50.9", "fever")), frozenset())
    names.add(lessons.name)
    lessons.edit(Edits(added=frozenset({SitePhrase(language="en", key=("a",), code=I10)})))
    names.add(lessons.name)
    lessons.edit(Edits())
    names.add(lessons.name)
    assert len(names) == 5
    lessons.take(Note(id="n1", text="fever"), frozenset())
    assert lessons.name == "", "nothing is learned any more"
