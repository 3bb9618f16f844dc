"""Figures by task and code system, on numbers one can check by hand."""

import pytest
import torch

from core.text import Vocabulary
from core.training import examples, figures, thresholds_of, watched
from core.types import Annotation, Code, CodeSpace, CodeSystem, Note

FEVER = Code(CodeSystem.ICD10CM, "R50.9")
PAIN = Code(CodeSystem.ICD10CM, "R52")
XRAY = Code(CodeSystem.ICD10PCS, "BW03ZZZ")
RARE = Code(CodeSystem.ICD10PCS, "3E02329")
SPACES = {"icd": CodeSpace(name="icd", codes=(FEVER, PAIN, XRAY))}
VOCABULARY = Vocabulary(words=("<pad>", "<unk>", "fever", "pain"))


def note(name: str, *codes: Code, text: str = "fever pain") -> Note:
    return Note(id=name, text=text, annotations=tuple(Annotation(code=code) for code in codes))


def two_notes() -> tuple[Note, ...]:
    return note("1", FEVER, XRAY), note("2", PAIN, RARE)


SCORES = {"icd": torch.tensor([[0.9, 0.6, 0.7], [0.8, 0.4, 0.1]])}


def test_a_code_outside_the_space_counts_as_missed_only_among_all_gold() -> None:
    coded = examples(two_notes(), VOCABULARY, SPACES, category=lambda code: None, max_length=9)
    found = figures(SCORES, coded, SPACES, thresholds={"icd": 0.65}, category=lambda code: None)[
        "icd"
    ]
    # predicted: fever, x-ray for note 1 (both right), fever for note 2 (wrong)
    assert found["label space"]["micro_f1"] == pytest.approx(2 * 2 / (3 + 3))
    assert found["all gold"]["micro_f1"] == pytest.approx(2 * 2 / (3 + 4))
    assert found["label space"]["mean_average_precision"] == pytest.approx((1 + 1 / 2) / 2)
    assert found["all gold"]["mean_average_precision"] == pytest.approx((1 + 1 / 4) / 2)


def test_each_code_system_is_ranked_on_its_own() -> None:
    coded = examples(two_notes(), VOCABULARY, SPACES, category=lambda code: None, max_length=9)
    found = figures(SCORES, coded, SPACES, thresholds={"icd": 0.65}, category=lambda code: None)[
        "icd"
    ]["systems"]
    diagnoses, procedures = found["ICD-10-CM"]["all gold"], found["ICD-10-PCS"]["all gold"]
    assert diagnoses["mean_average_precision"] == pytest.approx((1 + 1 / 2) / 2)
    assert procedures["mean_average_precision"] == pytest.approx((1 + 0) / 2)
    assert (diagnoses["gold"], procedures["gold"], procedures["missed"]) == (2, 2, 1)


def test_the_threshold_is_the_one_with_the_best_micro_f1() -> None:
    coded = examples(two_notes(), VOCABULARY, SPACES, category=lambda code: None, max_length=9)
    # right at 0.9, 0.7, 0.4; wrong at 0.8, 0.6: with 4 gold codes F1 is .4, .33, .57, .5, .67
    assert thresholds_of(SCORES, coded)["icd"] == pytest.approx(0.4)
    assert watched(SCORES, coded)["micro-F1"] == pytest.approx(2 * 3 / (5 + 4))


def test_a_note_without_words_is_reported_and_the_rest_goes_on() -> None:
    notes = (*two_notes(), note("3", FEVER, text="12 34"))
    coded = examples(notes, VOCABULARY, SPACES, category=lambda code: None, max_length=1)
    assert [kept.id for kept in coded.notes] == ["1", "2"]
    assert coded.ids == ((2,), (2,))
    assert len(coded.targets["icd"]) == 2
    (problem,) = coded.problems
    assert problem.startswith("note 3: the note has no words")
