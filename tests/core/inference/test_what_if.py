"""What if some words were not there: read again by network and memory, and nothing is kept."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core.codes import shared_tables
from core.context import blanked
from core.errors import BadInput, BadNote
from core.inference import Change, Coder, WhatIf
from core.systems import SYSTEMS
from core.types import Code, CodeSystem, Context, Note, Span
from tests.builders import clinical_text
from tests.models import coded, tiny_checkpoint, tiny_fused_checkpoint

TEXT = (
    "👩🏽‍⚕️ Arterial hypertension.\r\nPatient without fever; pain & cough."
    " Renal dialysis dependence."
)
NOTE = Note(id="x", text=TEXT)
I10, FEVER = Code(CodeSystem.ICD10CM, "I10"), Code(CodeSystem.ICD10CM, "R50.9")
DIALYSIS, RASH = Code(CodeSystem.ICD10CM, "Z99.2"), Code(CodeSystem.ICD10CM, "R21")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("what_if") / "c"
    tiny_fused_checkpoint(folder)
    return folder


@pytest.fixture(scope="module")
def coder(folder: Path) -> Coder:
    return Coder.load(folder)


def at(words: str, text: str = TEXT) -> Span:
    return Span(text.index(words), text.index(words) + len(words))


def scores(found: WhatIf) -> dict[Code, float | None]:
    return {change.code: change.after for change in found.changes}


@pytest.fixture(scope="module")
def shipped() -> Coder:
    return Coder.load()


def test_without_its_words_a_code_drops_and_its_category_with_it(shipped: Coder) -> None:
    text = "Mujer de 50 años que presenta parestesia del labio inferior. Sin fiebre."
    note, code = Note(id="p", text=text), Code(CodeSystem.ICD10CM, "R20.2")
    found = shipped.without(note, [at("parestesia", text)])
    change = found.of(code)
    assert change is not None
    assert change.before is not None
    assert change.after is not None
    assert change.title == "Paresthesia of skin"
    assert change.by == change.after - change.before < -0.5
    category = shared_tables().category(code)
    assert {code, category} <= {gone.code for gone in found.vanished(0.5)}
    assert found.removed == (at("parestesia", text),)


def test_before_is_what_is_suggested(coder: Coder) -> None:
    found = coder.without(NOTE, [at("cough")])
    suggested = {s.code: s.probability for s in coder.suggest(NOTE).ranked}
    assert {c.code: c.before for c in found.changes if c.before is not None} == suggested


@pytest.mark.parametrize("row", sorted(SYSTEMS))
def test_every_row_reads_the_note_as_if_the_words_were_not_there(tmp_path: Path, row: str) -> None:
    tiny_checkpoint(tmp_path / "c", row)
    coder = Coder.load(tmp_path / "c")
    removed = [at("hypertension"), at("fever")]
    found = coder.without(NOTE, removed)
    as_if = coder.suggest(Note(id="x", text=blanked(TEXT, removed)))
    assert scores(found) == {s.code: s.probability for s in as_if.ranked}
    assert any(change.by for change in found.changes)


def test_the_rest_is_read_in_the_language_of_the_whole_note(coder: Coder) -> None:
    """The words that tell the language are gone; alone, the rest would be taken for English."""
    text = "Paciente con neumonia y tos"
    removed = [at("Paciente con", text), at("y", text)]
    code = Code(CodeSystem.ICD10CM, "J18.9")
    change = coder.without(Note(id="es", text=text), removed).of(code)
    alone = {s.code: s for s in coder.suggest(Note(id="es", text=blanked(text, removed))).ranked}
    assert alone[code].provenance == "marked in 1 coded note"  # a Spanish one
    assert change is not None
    assert change.after != alone[code].probability


def test_a_code_that_memory_alone_knew_vanishes_and_is_named(coder: Coder) -> None:
    found = coder.without(NOTE, [at("Renal dialysis dependence")])
    (gone,) = [change for change in found.vanished() if change.task == "icd"]
    assert (gone.code, gone.after) == (DIALYSIS, None)
    assert gone.title == "Dependence on renal dialysis"
    assert gone.before is not None
    assert gone.by == -gone.before
    assert found.appeared() == ()


def test_a_code_may_appear_when_words_that_hid_its_phrase_are_gone(coder: Coder) -> None:
    """Nine words within a phrase are more than memory bridges."""
    between = "one two three four five six seven eight nine"
    text = f"Renal {between} dialysis {between} dependence"
    found = coder.without(Note(id="y", text=text), [at(between, text)])
    assert DIALYSIS not in {change.code for change in found.vanished()}
    both = [at(between, text), Span(text.rindex(between), text.rindex(between) + len(between))]
    (new,) = [c for c in coder.without(Note(id="y", text=text), both).appeared() if c.task == "icd"]
    assert (new.code, new.before) == (DIALYSIS, None)
    assert new.by == new.after


def test_a_denial_taken_away_is_no_denial_any_more(coder: Coder) -> None:
    found = coder.without(NOTE, [at("without")])
    (suggestion,) = [s for s in coder.suggest(NOTE).ranked if s.code == FEVER]
    assert suggestion.contexts == (Context.NEGATED,)
    change = found.of(FEVER)
    assert change is not None
    assert change.by > 0


def test_the_largest_change_comes_first(coder: Coder) -> None:
    found = coder.without(NOTE, [at("Arterial hypertension")])
    sizes = [abs(change.by) for change in found.changes]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] > 0


def test_without_nothing_nothing_changes(coder: Coder) -> None:
    assert all(change.by == 0 for change in coder.without(NOTE, []).changes)


def test_a_list_cut_at_a_probability_names_what_leaves_and_enters_it() -> None:
    def change(code: str, before: float | None, after: float | None) -> Change:
        return Change(
            code=Code(CodeSystem.ICD10CM, code), title="", task="icd", before=before, after=after
        )

    leaves, enters = change("A", 0.6, 0.4), change("B", 0.4, 0.5)
    new, gone, stays = change("C", None, 0.1), change("D", 0.1, None), change("E", 0.9, 0.7)
    found = WhatIf(removed=(), changes=(leaves, enters, new, gone, stays))
    assert (found.vanished(0.5), found.appeared(0.5)) == ((leaves,), (enters,))
    assert (found.vanished(), found.appeared()) == ((gone,), (new,))
    assert found.of(I10) is None


def test_the_network_reads_no_further_than_before(tmp_path: Path) -> None:
    tiny_checkpoint(tmp_path / "c", max_length=3)
    coder = Coder.load(tmp_path / "c")
    short, long = "fever cough pain", "fever cough pain diabetes hypertension"
    removed = [at("fever", short)]
    assert scores(coder.without(Note(id="1", text=long), removed)) == pytest.approx(
        scores(coder.without(Note(id="1", text=short), removed))
    )


def test_a_note_of_which_nothing_is_left_is_refused(coder: Coder) -> None:
    with pytest.raises(BadNote, match="choose fewer words"):
        coder.without(NOTE, [Span(0, len(TEXT))])


def test_a_span_outside_the_note_is_refused(coder: Coder) -> None:
    with pytest.raises(BadInput, match="does not lie in the note"):
        coder.without(NOTE, [Span(0, len(TEXT) + 1)])


def test_nothing_is_learned_and_no_reading_is_pushed_out(folder: Path) -> None:
    coder = Coder.load(folder)
    before = coder.suggest(NOTE)
    other = coder._read("fever")[1]  # kept aside for evidence
    for word in ("cough", "pain", "fever", "Renal", "dialysis", "Patient", "without", "Arterial"):
        coder.without(NOTE, [at(word)])
        coder.without(NOTE, [at(word), at("dependence")])
    assert coder._read("fever")[1] is other
    assert coder.suggest(NOTE) == before
    assert coder.memory == ""


def test_nobody_is_shown_their_own_decisions_in_a_what_if(folder: Path) -> None:
    coder = Coder.load(folder)
    lesson = coded("He has a dancing rash, and a cough.", ("R21", "dancing rash"), id="lesson")
    coder.learn(lesson)
    removed = [at("cough", lesson.text)]
    assert RASH not in scores(coder.without(Note(id="lesson", text=lesson.text), removed))
    assert RASH in scores(coder.without(Note(id="other", text=lesson.text), removed))


def test_threads_get_what_one_gets(coder: Coder) -> None:
    asked = [[at(word)] for word in ("cough", "fever", "Renal", "hypertension")] * 4
    alone = [coder.without(NOTE, spans) for spans in asked]
    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(lambda spans: coder.without(NOTE, spans), asked)) == alone


@settings(max_examples=25, deadline=None)
@given(text=clinical_text(), data=st.data())
def test_any_words_of_any_text_can_be_taken_away(
    coder: Coder, text: str, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    span = Span(start, data.draw(st.integers(start + 1, len(text))))
    found = coder.without(Note(id="h", text=f"{text} fever"), [span])
    for change in found.changes:
        assert change.before is not None or change.after is not None
        assert all(p is None or 0 <= p <= 1 for p in (change.before, change.after))
    assert len({change.code for change in found.changes}) == len(found.changes)


def test_the_shipped_checkpoint_answers_within_a_second_on_one_core(shipped: Coder) -> None:
    text = "The patient was admitted with acute chest pain and fever. " * 100
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        shipped.suggest(Note(id="n", text=text))
        took = []
        for word in ("acute", "fever", "admitted"):
            start = time.perf_counter()
            shipped.without(Note(id="n", text=text), [at(word, text)])
            took.append(time.perf_counter() - start)
    finally:
        torch.set_num_threads(threads)
    assert min(took) < 1.0
