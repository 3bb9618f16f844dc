"""Network and memory as one coder: sources, provenance, phrases, lists, and what it learns."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings

from core.assembly import assemble
from core.checkpoints import load_checkpoint
from core.codes import shared_tables
from core.errors import BadNote, BadSettings, UnknownCode
from core.inference import Coder, fused_figures, judge
from core.types import Code, CodeSpace, CodeSystem, Context, Note, Suggestion
from tests.builders import clinical_text
from tests.models import (
    CODED_NOTES,
    coded,
    tiny_checkpoint,
    tiny_combiner,
    tiny_fused_checkpoint,
    tiny_memory,
)

TEXT = (
    "👩🏽‍⚕️ Arterial hypertension.\r\nPatient without fever; pain & cough."
    " Renal dialysis dependence."
)
NOTE = Note(id="x", text=TEXT)
I10, FEVER = Code(CodeSystem.ICD10CM, "I10"), Code(CodeSystem.ICD10CM, "R50.9")
DIABETES, DIALYSIS = Code(CodeSystem.ICD10CM, "E11.9"), Code(CodeSystem.ICD10CM, "Z99.2")
RASH = Code(CodeSystem.ICD10CM, "R21")
LESSON = coded("He has a dancing rash.", ("R21", "dancing rash"), id="lesson")
NEXT = Note(id="next", text="Rashes, dancing, and cough.")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fused") / "c"
    tiny_fused_checkpoint(folder)
    return folder


@pytest.fixture
def coder(folder: Path) -> Coder:
    return Coder.load(folder)


def by_code(coder: Coder, note: Note = NOTE) -> dict[Code, Suggestion]:
    return {s.code: s for s in coder.suggest(note).ranked}


def words(note: Note, spans: object) -> list[str]:
    return [note.text[span.start : span.end] for span in spans]  # type: ignore[attr-defined]  # Evidence


def test_a_suggestion_carries_its_source_its_provenance_and_its_contexts(coder: Coder) -> None:
    found = by_code(coder)
    assert found[I10].source == found[FEVER].source == "network and memory"
    assert found[I10].provenance == "seen in 2 coded notes, once I10"
    assert (found[I10].contexts, found[FEVER].contexts) == ((), (Context.NEGATED,))
    assert (found[DIABETES].source, found[DIABETES].provenance) == ("network", "")
    assert (found[DIALYSIS].source, found[DIALYSIS].provenance) == ("memory", "code title")
    assert found[DIALYSIS].title == "Dependence on renal dialysis"


def test_codes_and_categories_are_ranked_once_the_most_probable_first(coder: Coder) -> None:
    ranked = coder.suggest(NOTE).ranked
    probabilities = [s.probability for s in ranked]
    assert probabilities == sorted(probabilities, reverse=True)
    assert all(0 <= p <= 1 for p in probabilities)
    assert len({s.code for s in ranked}) == len(ranked)


def test_a_category_is_at_least_as_probable_as_its_best_code(coder: Coder) -> None:
    found = by_code(coder)
    for suggestion in found.values():
        if suggestion.task == "icd" and suggestion.provenance and suggestion.category:
            assert found[suggestion.category].probability >= suggestion.probability - 1e-9


def test_300_codes_can_be_asked_for_where_the_network_ranks_as_many(
    tmp_path: Path, folder: Path
) -> None:
    fused = load_checkpoint(folder)
    codes = tuple(Code(CodeSystem.ICD10CM, c) for c in shared_tables().icd10cm.codes()[1000:1400])
    ccs = fused.spaces["ccs"]
    model = assemble(
        fused.system,
        vocabulary_size=len(fused.vocabulary),
        labels={"icd": 400, "ccs": len(ccs)},
    )
    spaces = {"icd": CodeSpace(name="icd", codes=codes), "ccs": ccs}
    coder = Coder(replace(fused, model=model.eval(), spaces=spaces), shared_tables())
    ranked = coder.suggest(NOTE).of("icd")
    assert len(ranked) >= 300
    assert len({s.code for s in ranked}) == len(ranked)
    everything = coder.suggest(NOTE).ranked
    for top in (1, 10, 50, 100, 350):  # what cannot be among them is not even made
        assert coder.suggest(NOTE, top=top).ranked == everything[:top]


def test_what_memory_and_network_say_is_the_first_method(coder: Coder) -> None:
    network = ("attention_x_gradient", "attention", "integrated_gradients")
    assert coder.methods == ("phrases_and_network", "phrases", *network)
    assert coder.default_method == "phrases_and_network"


def test_phrases_show_where_memory_found_a_code(coder: Coder) -> None:
    (found,) = coder.explain(NOTE, [I10], method="phrases")
    assert found.method == "phrases"
    assert words(NOTE, found.spans) == ["Arterial hypertension"]
    scored = [TEXT[t.start : t.end] for t in found.tokens if t.score]
    assert scored == ["Arterial", "hypertension"]


def test_evidence_of_both_is_the_sum_of_both(coder: Coder) -> None:
    (found,) = coder.explain(NOTE, [I10])
    parts = [
        coder.explain(NOTE, [I10], method=each)[0] for each in ("phrases", "attention_x_gradient")
    ]
    sums = [a.score + b.score for a, b in zip(parts[0].tokens, parts[1].tokens, strict=True)]
    assert (found.method, found.peak) == ("phrases_and_network", max(sums))
    assert [word.score * found.peak for word in found.tokens] == pytest.approx(sums)
    assert max(word.score for word in found.tokens) == 1
    assert "hypertension" in " ".join(words(NOTE, found.spans))


def test_where_memory_found_nothing_the_network_explains(coder: Coder) -> None:
    (looked,) = coder.explain(NOTE, [DIABETES], method="attention_x_gradient")
    (found,) = coder.explain(NOTE, [DIABETES], method="phrases")
    assert found == looked
    (alone,) = coder.explain(NOTE, [DIABETES])
    assert alone == replace(looked, method="phrases_and_network")


def test_a_code_the_network_does_not_rank_is_explained_by_phrases_only(coder: Coder) -> None:
    (found,) = coder.explain(NOTE, [DIALYSIS])
    assert words(NOTE, found.spans) == ["Renal dialysis dependence"]
    for method in ("attention", "integrated_gradients"):
        with pytest.raises(UnknownCode, match=r"Z99\.2 is not among the codes"):
            coder.explain(NOTE, [DIALYSIS], method=method)
    with pytest.raises(UnknownCode, match=r"A00\.0 is not among"):
        coder.explain(NOTE, [Code(CodeSystem.ICD10CM, "A00.0")])


def test_a_category_stands_where_its_most_probable_code_does(coder: Coder) -> None:
    category = shared_tables().category(I10)
    assert category is not None
    (found,) = coder.explain(NOTE, [category], method="phrases")
    assert words(NOTE, found.spans) == ["Arterial hypertension"]


@pytest.mark.parametrize("method", ["default", "phrases", "attention_x_gradient"])
def test_suggestions_carry_evidence_as_far_as_the_method_knows_any(
    coder: Coder, method: str
) -> None:
    found = {s.code: s for s in coder.suggest(NOTE, evidence=method).ranked}
    assert found[I10].evidence
    assert found[DIABETES].evidence
    assert bool(found[DIALYSIS].evidence) == (method != "attention_x_gradient")


def test_evidence_is_given_from_the_probability_asked_for(coder: Coder) -> None:
    ranked = coder.suggest(NOTE).ranked
    least = ranked[2].probability
    for suggestion in coder.suggest(NOTE, evidence="default", least=least).ranked:
        assert bool(suggestion.evidence) == (suggestion.probability >= least)


@settings(max_examples=15)
@given(text=clinical_text())
def test_any_text_is_ranked_and_every_span_lies_in_it(folder: Path, text: str) -> None:
    note = Note(id="h", text=f"{text} fever")
    for suggestion in _shared(folder).suggest(note, evidence="default").ranked:
        for span in suggestion.evidence:
            assert 0 <= span.start < span.end <= len(note.text)
            assert note.text[span.start : span.end].strip()


def _shared(folder: Path, kept: dict[Path, Coder] = {}) -> Coder:  # noqa: B006 - one for all draws
    return kept.setdefault(folder, Coder.load(folder))


def test_a_note_without_words_is_still_refused(coder: Coder) -> None:
    with pytest.raises(BadNote, match="no words"):
        coder.suggest(Note(id="x", text="12 -- 🙂"))


def test_the_cut_of_a_coverage_is_the_checkpoints(coder: Coder) -> None:
    assert coder.coverages == (0.8, 0.9)
    assert [coder.cut(level) for level in (0.8, 0.9, 0.95)] == [0.2, 0.1, None]


def test_a_network_alone_has_no_phrases_no_cuts_and_learns_nothing(tmp_path: Path) -> None:
    tiny_checkpoint(tmp_path / "c")
    coder = Coder.load(tmp_path / "c")
    assert (coder.coverages, coder.cut(0.9), coder.default_method) == (
        (),
        None,
        "attention_x_gradient",
    )
    before = coder.suggest(NEXT)
    coder.learn(LESSON)
    assert coder.suggest(NEXT) == before
    assert coder.memory == before.memory == ""
    with pytest.raises(BadSettings, match="no phrase memory"):
        coder.explain(NOTE, [I10], method="phrases")


def test_what_was_decided_changes_the_memory_and_the_next_suggestions(coder: Coder) -> None:
    before = coder.suggest(NEXT)
    assert before.memory == ""
    assert RASH not in {s.code for s in before.ranked}
    coder.learn(LESSON)
    after = coder.suggest(NEXT)
    assert after.memory == coder.memory != ""
    (learned,) = [s for s in after.ranked if s.code == RASH]
    assert learned.provenance == "seen in 1 coded note, once R21"
    (found,) = coder.explain(NEXT, [RASH])
    assert words(NEXT, found.spans) == ["Rashes, dancing"]


def test_what_is_taken_back_is_forgotten(coder: Coder) -> None:
    before = coder.suggest(NEXT)
    coder.learn(LESSON)
    coder.learn(Note(id="lesson", text=LESSON.text))
    assert coder.suggest(NEXT) == before


def test_a_rejected_code_is_less_probable_in_the_next_note(coder: Coder) -> None:
    text = Note(id="next", text="Arterial hypertension.")
    before = by_code(coder, text)[I10]
    for number in range(8):
        coder.learn(Note(id=f"r{number}", text="Arterial hypertension."), frozenset({I10}))
    after = by_code(coder, text)[I10]
    assert after.provenance == "seen in 10 coded notes, once I10"
    assert after.probability < before.probability


def test_nobody_is_shown_their_own_decisions_as_evidence(coder: Coder) -> None:
    coder.learn(LESSON)
    own = coder.suggest(Note(id="lesson", text=LESSON.text))
    others = coder.suggest(Note(id="other", text=LESSON.text))
    assert RASH not in {s.code for s in own.ranked}
    assert RASH in {s.code for s in others.ranked}


def test_the_same_decisions_give_the_same_name_and_list_in_whatever_order(folder: Path) -> None:
    lessons = [
        (LESSON, frozenset[Code]()),
        (coded("A dancing rash and fever.", ("R50.9", "fever"), id="b"), frozenset({RASH})),
        (Note(id="c", text="Arterial hypertension and a dancing rash."), frozenset({I10})),
    ]
    first, second = Coder.load(folder), Coder.load(folder)
    first.learn_all(lessons)
    second.learn_all(lessons[::-1])
    assert first.memory == second.memory != ""
    assert first.suggest(NEXT) == second.suggest(NEXT)
    second.learn(*lessons[0])
    assert second.memory == first.memory
    second.learn(LESSON, frozenset({FEVER}))
    assert second.memory != first.memory


def test_reading_while_others_decide_never_fails(coder: Coder) -> None:
    def decide(number: int) -> None:
        coder.learn(replace(LESSON, id=f"l{number % 3}"), frozenset({FEVER}))

    def read(number: int) -> int:
        return len(coder.suggest(Note(id=f"l{number % 3}", text=LESSON.text)).ranked)

    with ThreadPoolExecutor(6) as pool:
        decided = [pool.submit(decide, number) for number in range(30)]
        suggested = [pool.submit(read, number) for number in range(30)]
    assert all(job.exception() is None for job in [*decided, *suggested])


def test_a_judged_note_has_its_suggestions_beside_its_codes(coder: Coder) -> None:
    note = coded(TEXT, ("I10", "Arterial ... hypertension"), ("Z99.2", "dialysis"))
    found = judge(coder, note)
    assert found.gold == {I10, DIALYSIS}
    ends = TEXT.index("Arterial"), TEXT.index("hypertension") + len("hypertension")
    assert (I10, ends) in found.mentions
    offered = {each.code: each.mentions for each in found.ranked if each.probability >= 0.3}
    assert offered[I10] == (ends,)
    assert all(each.code.system is CodeSystem.ICD10CM for each in found.ranked)


def test_figures_are_told_for_each_language_and_code_system(coder: Coder) -> None:
    found = fused_figures(coder, CODED_NOTES)
    assert set(found) == {"en", "es"}
    assert (found["en"]["notes"], found["es"]["notes"]) == (3, 1)
    assert set(found["en"]) == {"notes", "ICD-10-CM", "evidence"}
    assert all(0 <= v <= 1 for v in found["en"]["ICD-10-CM"].values())


def test_what_the_tests_stand_on_is_as_they_say() -> None:
    assert {code.code for code in tiny_memory().codes} == {"I10", "R50.9", "R07.9", "J18.9"}
    assert not tiny_combiner().training
