"""What memory learned, through the services: taken back exactly, told where from, and edited."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

import db
from core.codes import CodeTables, shared_tables
from core.errors import BadInput, Conflict
from core.inference import Coder
from core.memory import PhraseMemory, phrase_words
from core.types import Code, CodeSystem, Note, Span
from db import learnt, notes, phrases
from db.records import Action, Pass
from db.verify import verify
from tests.models import tiny_fused_checkpoint
from tests.ui.conftest import Clock, Desk
from ui.services.coding import Coding
from ui.services.double_coding import DoubleCoding
from ui.services.forgetting import Forgetting
from ui.services.intents import REASONS, Kind
from ui.services.memory import Kind as Which
from ui.services.memory import Memory, Phrase

SUGAR = Code(CodeSystem.ICD10CM, "E11.9")
TYPE_1 = Code(CodeSystem.ICD10CM, "E10.9")
FEVER = Code(CodeSystem.ICD10CM, "R50.9")
FIRST, NEXT = "Patient with sugar disease and fever.", "Known sugar disease, no pain."
MARK = Span(13, 26)  # "sugar disease" in FIRST


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fused") / "tiny"
    tiny_fused_checkpoint(folder)
    return folder


@pytest.fixture
def coding(coding: Coding, checkpoint: Path) -> Coding:
    return replace(coding, coder=Coder.load(checkpoint))


@pytest.fixture
def memory(coding: Coding, tables: CodeTables, clock: Clock) -> Memory:
    return Memory(
        engine=coding.engine,
        coder=coding.coder,
        tables=tables,
        now=clock,
        edited=coding.take_edits,
    )


@pytest.fixture
def desk(coding: Coding, a_note: Callable[..., int]) -> Desk:
    return Desk(coding=coding, opened=coding.open(a_note("first", FIRST), coder="ana"))


def _of(coder: Coder | None) -> PhraseMemory:
    assert coder is not None
    assert coder.loaded.fusion is not None
    return coder.loaded.fusion.memory


def _provenance(coding: Coding, note_id: int) -> dict[str, str]:
    opened = coding.open(note_id, coder="bo")
    assert opened.screen is not None
    found = [each.suggestion for each in opened.screen.suggestions]
    return {each.code.code: each.provenance for each in found if each.task == "icd"}


def _line(memory: Memory, words: str, code: Code = SUGAR) -> Phrase:
    (line,) = (
        each
        for each in memory.listing()
        if each.key == phrase_words(words) and each.code == code and each.language != "es"
    )
    return line


def test_a_mark_changes_the_next_list_and_its_explanation_and_undo_takes_it_back(
    desk: Desk, a_note: Callable[..., int]
) -> None:
    coding, later = desk.coding, a_note("next", NEXT)
    before = _provenance(coding, later)
    assert desk.do(Kind.ADD, "E11.9", marks=(MARK,)) is None
    assert _provenance(coding, later)["E11.9"] == "seen in 1 coded note, once E11.9"
    assert coding.coder is not None
    note = coding.open(later, coder="bo").note.as_note()
    (said,) = coding.coder.explain(note, [SUGAR], method="phrases")
    assert [NEXT[span.start : span.end] for span in said.spans] == ["sugar disease"]
    assert desk.do(Kind.UNDO) is None
    assert _provenance(coding, later) == before
    assert coding.coder.memory == ""


# --- memory is what the database says ---------------------------------------------------------


@dataclass
class Ward:
    """One database and one coder over all examples: what stands only grows."""

    coding: Coding
    double: DoubleCoding
    forgetting: Forgetting
    checkpoint: Path
    notes: int = 0

    def desk(self, text: str) -> Desk:
        self.notes += 1
        with db.unit_of_work(self.coding.engine) as session:
            note = notes.add(
                session,
                Note(id=f"n{self.notes}", text=f"{text} ({self.notes})"),
                source="x",
                uploaded_by="ana",
                at=self.coding.now(),
            ).note
        return Desk(coding=self.coding, opened=self.coding.open(note.id, coder="ana"))


@pytest.fixture(scope="module")
def ward(tmp_path_factory: pytest.TempPathFactory, checkpoint: Path) -> Iterator[Ward]:
    engine = db.connect(tmp_path_factory.mktemp("ward") / "evicode.sqlite")
    db.migrate(engine)
    clock, coder = Clock(), Coder.load(checkpoint)
    coding = Coding(engine=engine, coder=coder, tables=shared_tables(), version="0.1.0", now=clock)
    yield Ward(
        coding=coding,
        double=DoubleCoding(engine=engine, now=clock, changed=coding.learn),
        forgetting=Forgetting(engine=engine, now=clock, forgotten=coding.unlearn),
        checkpoint=checkpoint,
    )
    engine.dispose()


TEXTS = (FIRST, NEXT, "Sugar? A sugar disease was denied. Fever.", "Fiebre y azúcar alto.")
STEPS = ("mark", "accept", "reject", "change", "retract", "undo", "redo")
_STEP = st.tuples(st.sampled_from(STEPS), st.sampled_from(["E11.9", "R50.9"]), st.integers(0, 3))


def _do(desk: Desk, step: str, code: str, word: int) -> None:
    """Do it if it can be done; what is refused changes nothing."""
    words = desk.opened.note.text.split(" ")
    word %= len(words) - 1
    start = sum(len(each) + 1 for each in words[:word])
    mark = Span(start, start + len(" ".join(words[word : word + 2])))
    if step == "mark":
        desk.do(Kind.ADD, code, marks=(mark,))
    elif step == "accept":
        desk.do(Kind.ACCEPT, code, marks=(mark,))
    elif step == "reject":
        desk.do(Kind.REJECT, code, reason=REASONS[0])
    elif step == "change":
        desk.do(Kind.CHANGE, code, instead=TYPE_1, marks=(mark,))
    elif step == "retract":
        desk.do(Kind.RETRACT, code)
    else:
        desk.do(Kind(step))


def _counts(memory: PhraseMemory) -> dict[object, object]:
    return {
        address: (
            *(tally.found, tally.whole),
            *(dict(each) for each in (tally.marked, tally.stood, tally.stood_whole)),
        )
        for address, tally in memory.tallies.items()
    }


@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(st.tuples(st.integers(0, 1), _STEP), min_size=1, max_size=6),
    st.lists(st.sampled_from(TEXTS), min_size=2, max_size=2),
    st.sampled_from(["stays", "is deleted", "is adjudicated"]),
)
def test_memory_equals_one_freshly_taught_from_the_database(
    ward: Ward, steps: list[tuple[int, tuple[str, str, int]]], texts: list[str], end: str
) -> None:
    desks = [ward.desk(text) for text in texts]
    for which, step in steps:
        _do(desks[which], *step)
    note_id = desks[0].opened.note.id
    if end == "is deleted":
        ward.forgetting.forget([note_id], by="lea", reason="request 7")
    elif end == "is adjudicated":
        _adjudicate(ward, desks[0])
    fresh = Coder.load(ward.checkpoint)
    ward.coding.teach(fresh)
    taught = ward.coding.coder
    assert taught is not None
    assert taught.memory == fresh.memory
    assert _counts(_of(taught)) == _counts(_of(fresh))


def _adjudicate(ward: Ward, first: Desk) -> None:
    """Bob codes the chart as well; Eva turns down the first code they differ in, keeps others."""
    note_id = first.opened.note.id
    again = replace(ward.coding, coding_pass=Pass.SECOND)
    bob = Desk(coding=again, opened=again.open(note_id, coder="bob"), coder="bob")
    assert bob.do(Kind.ADD, "E11.9", marks=(Span(0, 7),)) is None
    for desk in (first, bob):
        assert desk.do(Kind.FINISH) is None
    for keep, found in enumerate(ward.double.differences(note_id)):
        ward.double.settle(
            note_id,
            found.code,
            keep=bool(keep),
            coder="eva",
            token=f"{note_id}-{keep}",
            reason=REASONS[0],
        )


# --- where it has it from ---------------------------------------------------------------------


def test_every_phrase_names_the_decisions_it_came_from(
    desk: Desk, memory: Memory, a_note: Callable[..., int]
) -> None:
    desk.do(Kind.ADD, "E11.9", marks=(MARK,))
    bo = Desk(
        coding=desk.coding,
        opened=desk.coding.open(a_note("next", NEXT), coder="bo"),
        coder="bo",
    )
    bo.do(Kind.REJECT, "E11.9", reason=REASONS[0])
    line = _line(memory, "sugar disease")
    assert (line.words, line.source, line.marked, line.found, line.stood) == (
        *("sugar disease", "this site"),
        *(1, 2, 1),
    )
    against, taught = memory.grounds(line, by="lea").lines
    assert (taught.coder, taught.note, taught.action) == ("ana", "first", Action.ACCEPT)
    assert (taught.marked, taught.stood) == (True, True)
    assert (against.coder, against.marked, against.stood) == ("bo", False, False)
    assert taught.passage == "Patient with «sugar disease» and fever."
    assert against.passage == "Known «sugar disease» , no pain."
    desk.do(Kind.UNDO)
    assert not any(each.here for each in memory.listing())


def test_the_decisions_named_are_those_that_the_database_says_were_marked(
    desk: Desk, memory: Memory
) -> None:
    desk.do(Kind.ADD, "E11.9", marks=(MARK, Span(31, 36)))
    desk.do(Kind.ACCEPT, "R50.9", marks=(Span(31, 36),))
    with db.unit_of_work(memory.engine, write=False) as session:
        marked = {
            (phrase_words(words), each.code, each.decision_id)
            for each in learnt.decisions(session)
            for words in each.marked.values()
        }
    named = {
        (line.key, line.code, ground.decision_id)
        for line in memory.listing(kind=Which.HERE)
        for ground in memory.grounds(line, by="lea").lines
        if ground.marked
    }
    assert named == marked
    assert len(named) == 3


def test_a_second_coder_is_not_told_what_the_first_one_decided(desk: Desk, memory: Memory) -> None:
    desk.do(Kind.ADD, "E11.9", marks=(MARK,))
    again = replace(desk.coding, coding_pass=Pass.SECOND)
    again.open(desk.opened.note.id, coder="bob")
    found = memory.grounds(_line(memory, "sugar disease"), by="bob")
    assert (found.lines, found.hidden) == ((), 1)


def test_what_is_listed_can_be_searched_by_words_codes_and_titles(
    desk: Desk, memory: Memory
) -> None:
    desk.do(Kind.ADD, "E11.9", marks=(MARK,))
    assert [each.words for each in memory.listing(search="DISEASE súgar")] == ["sugar disease"]
    assert {each.code for each in memory.listing(search="r50")} == {FEVER}
    assert {each.code for each in memory.listing(search="fever unspec")} == {FEVER}
    assert memory.listing(search="fever", kind=Which.HERE) == []
    assert memory.listing()[0].code == SUGAR, "what was learned here stands first"
    assert {each.source for each in memory.listing()} == {"this site", "shipped"}


# --- edits ------------------------------------------------------------------------------------


def test_a_phrase_that_is_switched_off_is_silent_until_it_is_switched_on(
    desk: Desk, memory: Memory, a_note: Callable[..., int]
) -> None:
    coding, later = desk.coding, a_note("next", NEXT)
    before = _provenance(coding, later)
    desk.do(Kind.ADD, "E11.9", marks=(MARK,))
    learned = _provenance(coding, later)
    memory.switch(_line(memory, "sugar disease"), on=False, reason="too vague", by="lea")
    assert _provenance(coding, later).get("E11.9", "") == before.get("E11.9", "")
    other = Desk(coding=coding, opened=coding.open(a_note("b", f"{FIRST} Again."), coder="ana"))
    other.do(Kind.ADD, "E11.9", marks=(MARK,))
    assert _line(memory, "sugar disease").off, "a later mark does not bring it back"
    assert _provenance(coding, later).get("E11.9", "") == before.get("E11.9", "")
    other.do(Kind.UNDO)
    memory.switch(_line(memory, "sugar disease"), on=True, reason="asked for", by="lea")
    assert _provenance(coding, later) == learned
    assert verify(memory.engine).fault is None


def test_a_shipped_phrase_can_be_switched_off_and_the_change_taken_back(
    coding: Coding, memory: Memory, a_note: Callable[..., int]
) -> None:
    note_id = a_note("fever", "High fever today.")
    shipped = _provenance(coding, note_id)
    line = _line(memory, "fever", FEVER)
    assert line.source == "shipped"
    memory.switch(line, on=False, reason="only a symptom here", by="lea")
    assert _provenance(coding, note_id).get("R50.9", "") == ""
    (event,) = memory.events(line)
    assert (event.by, event.reason, event.note_id) == ("lea", "only a symptom here", None)
    memory.undo(event, by="lea")
    assert _provenance(coding, note_id) == shipped
    with pytest.raises(Conflict, match="changed since"):
        memory.undo(event, by="lea")


def test_an_added_phrase_works_at_once_and_after_a_restart(
    coding: Coding, memory: Memory, a_note: Callable[..., int], checkpoint: Path
) -> None:
    note_id = a_note("abbreviation", "Known DM2 for years.")
    memory.add("DM2", SUGAR, language="en", reason="how we write it", by="lea")
    assert _provenance(coding, note_id)["E11.9"] == "a phrase added by this site"
    line = _line(memory, "DM2")
    assert (line.words, line.source, line.marked) == ("DM2", "added by hand", 0)
    restarted = Coder.load(checkpoint)
    coding.teach(restarted)
    assert restarted.memory == coding.coder.memory != ""  # type: ignore[union-attr]
    assert _counts(_of(restarted)) == _counts(_of(coding.coder))
    (event,) = memory.events(line)
    memory.undo(event, by="lea")
    assert memory.listing(search="DM2") == []
    assert coding.coder.memory == ""  # type: ignore[union-attr]


def test_what_was_edited_makes_other_screens_than_before(
    coding: Coding, memory: Memory, a_note: Callable[..., int]
) -> None:
    note_id = a_note("fever", "High fever today.")
    before = coding.open(note_id, coder="bo").screen
    memory.switch(_line(memory, "fever", FEVER), on=False, reason="no", by="lea")
    after = coding.open(note_id, coder="bo").screen
    assert before is not None
    assert after is not None
    assert before.memory != after.memory


@pytest.mark.parametrize(
    ("words", "code", "why"),
    [
        ("fever", FEVER, "knows this phrase"),
        ("of the", SUGAR, "needs a word"),
        ("DM2", Code(CodeSystem.ICD10CM, "X99.99ZZ"), "not in the code tables"),
    ],
)
def test_a_phrase_that_says_nothing_or_is_known_is_not_added(
    memory: Memory, words: str, code: Code, why: str
) -> None:
    with pytest.raises((BadInput, Conflict), match=why):
        memory.add(words, code, language="en", reason="so", by="lea")


def test_a_switch_is_forgotten_with_the_only_note_that_said_the_words(
    desk: Desk, memory: Memory, engine: Engine, clock: Clock
) -> None:
    desk.do(Kind.ADD, "E11.9", marks=(MARK,))
    memory.switch(_line(memory, "sugar disease"), on=False, reason="too vague", by="lea")
    forgetting = Forgetting(engine=engine, now=clock, forgotten=desk.coding.unlearn)
    forgetting.forget([desk.opened.note.id], by="lea", reason="request 7")
    assert memory.listing(search="sugar") == []
    assert desk.coding.coder.memory == ""  # type: ignore[union-attr]
    with db.unit_of_work(engine, write=False) as session:
        (kept,) = phrases.every(session)
    assert (kept.phrase, kept.code, kept.by) == ("", SUGAR, "lea")


def test_a_switch_outlives_the_marks_it_was_made_for(desk: Desk, memory: Memory) -> None:
    desk.do(Kind.ADD, "E11.9", marks=(MARK,))
    memory.switch(_line(memory, "sugar disease"), on=False, reason="too vague", by="lea")
    desk.do(Kind.UNDO)
    line = _line(memory, "sugar disease")
    assert (line.source, line.off, line.marked) == ("no longer marked", True, 0)
    desk.do(Kind.REDO)
    assert _line(memory, "sugar disease").off
