"""The evidence benchmark in miniature: it measures once, goes on, and says what the figures say."""

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from benchmarks.evidence_checkpoints import ROWS, Material, trained
from benchmarks.evidence_figures import ALL, RIGHT, Results
from benchmarks.evidence_picture import Word, example, svg
from benchmarks.evidence_report import page
from benchmarks.evidence_runs import (
    CHANGES,
    RANDOM_ORDER,
    Bounds,
    Rows,
    Subject,
    lacking,
    measure,
    probabilities,
    rows,
)
from benchmarks.evidence_verdict import verdict
from core import explanations
from core.checkpoints import save_checkpoint
from core.codes import shared_tables
from core.inference import Coder
from core.inference.blend import BOTH
from core.metrics import comprehensiveness
from core.text import Vocabulary, tokenize
from core.types import Code, CodeSpace, CodeSystem, Note, Span
from tests.models import coded, tiny_checkpoint, tiny_fused_checkpoint

NOTES = (
    coded("The patient has arterial hypertension.", ("I10", "arterial hypertension"), id="d1"),
    coded("Paciente con dolor y fiebre, y nada más desde ayer.", ("R50.9", "fiebre"), id="d2"),
    coded(
        "Cough, fever and pain in the left chest.", ("R50.9", "fever"), ("R07.9", "pain"), id="d3"
    ),
    coded("Hypertension, no history of pneumonia.", ("I10", "Hypertension"), id="d4"),
)
BOUNDS = Bounds(slow=("integrated_gradients",), slow_notes=2)
METHODS = (BOTH, "phrases", *explanations.METHODS)


@pytest.fixture(scope="module")
def fused(tmp_path_factory: pytest.TempPathFactory) -> Subject:
    """A tiny fused checkpoint, measured."""
    folder = tmp_path_factory.mktemp("evidence")
    tiny_fused_checkpoint(folder / "fused")
    subject = Subject.load("fused", folder / "fused", folder / "runs")
    measure(subject, NOTES, BOUNDS, METHODS)
    return subject


def results(subject: Subject, *methods: str) -> Results:
    return Results.of(subject, NOTES, BOUNDS, methods or METHODS)


def test_every_marked_code_is_explained_by_every_method(fused: Subject) -> None:
    found = results(fused)
    assert found.keys("phrases", ALL) == found.keys("attention", ALL) == set(found.said)
    assert len(found.said) == 5
    assert {note for note, _ in found.keys("integrated_gradients", ALL)} == {"d1", "d2"}


def test_marked_words_are_those_of_the_humans(fused: Subject) -> None:
    row = results(fused).scores["attention"]["d2", "ICD-10-CM R50.9"]
    (place,) = row["marked"]
    read = fused.words(NOTES[1].text)[place]
    assert NOTES[1].text[read.start : read.end] == "fiebre"
    assert len(row["scores"]) == len(fused.words(NOTES[1].text))


def test_codes_come_in_one_order_whatever_the_label_space(fused: Subject) -> None:
    note = coded("fever, pain, tension", ("R50.9", "fever"), ("R07.9", "pain"), ("I10", "tension"))
    known = tuple(code for code in fused.coder.spaces["icd"] if code.code != "R50.9")
    spaces = {**fused.checkpoint.spaces, "icd": CodeSpace(name="icd", codes=known)}
    smaller = Coder(replace(fused.checkpoint, spaces=spaces), shared_tables())
    whole = fused.codes(note)
    assert {code.code for code in whole} == {"R50.9", "R07.9", "I10"}
    assert replace(fused, coder=smaller).codes(note) == [c for c in whole if c.code != "R50.9"]
    assert fused.codes(note, 2) == whole[:2]


def test_only_codes_suggested_as_likely_are_tested_for_faithfulness(fused: Subject) -> None:
    found = results(fused)
    assert found.faithful["attention"].keys() == found.keys("attention", RIGHT)
    assert found.faithful[RANDOM_ORDER].keys() == found.keys("attention", RIGHT)
    assert found.keys("attention", RIGHT), "the tiny memory should suggest some gold code"


def test_what_is_measured_is_not_measured_again(fused: Subject) -> None:
    before = {path: path.read_bytes() for path in fused.runs.iterdir()}
    measure(fused, NOTES, BOUNDS, METHODS)
    assert before == {path: path.read_bytes() for path in fused.runs.iterdir()}


def test_a_stopped_benchmark_goes_on(fused: Subject, tmp_path: Path) -> None:
    """Killed while it wrote the second line."""
    whole = (fused.runs / "scores-attention.jsonl").read_text().splitlines(keepends=True)
    path = tmp_path / "scores-attention.jsonl"
    path.write_text(whole[0] + whole[1][:40])
    kept = Rows(path)
    assert len(kept.found) == 1
    kept.add([{"note": "d9", "code": "x"}])
    assert len(Rows(path).found) == 2


def test_a_method_that_cannot_explain_a_model_is_left_out(tmp_path: Path) -> None:
    tiny_checkpoint(tmp_path / "cnn", "cnn")
    subject = Subject.load("cnn", tmp_path / "cnn", tmp_path / "runs")
    measure(subject, NOTES, BOUNDS, ("attention", "integrated_gradients", "phrases"))
    found = results(subject, "integrated_gradients", "attention", "phrases")
    assert set(found.scores) == {"integrated_gradients"}


def test_words_are_taken_out_of_the_text() -> None:
    text = "No fever, pain 39 cold."
    places = [Span(token.start, token.end) for token in tokenize(text)]
    kept_T = np.array([True, False, True, False])
    assert lacking(text, places, kept_T, "deleted").split() == ["No", ",", "pain", "39"]
    assert lacking(text, places, kept_T, "unknown") == "No ǂ, pain 39 ǂ"
    assert lacking(text, places, np.ones(4, dtype=bool), "deleted") == text[:-1]
    assert lacking(text, places, np.zeros(4, dtype=bool), "deleted") == "ǂ"


@pytest.mark.parametrize(
    ("removal", "left"), [("deleted", "High , and"), ("unknown", "High ǂ, and")]
)
def test_probabilities_are_the_coders_of_what_is_left(
    fused: Subject, removal: str, left: str
) -> None:
    note, code = Note(id="d1", text="High fever, and"), Code(CodeSystem.ICD10CM, "R50.9")
    asked = probabilities(fused, note, code, removal)
    whole, without = asked(np.array([[True, True, True], [True, False, True]]))
    assert whole == fused.probabilities(note)[code]
    assert without == fused.probabilities(Note(id="d1", text=left))[code]
    assert comprehensiveness(asked, np.array([False, True, False])) == whole - without != 0


@pytest.mark.parametrize("name", CHANGES)
def test_changes_leave_the_words_where_they_are(name: str) -> None:
    for note in NOTES:
        before = [token.word for token in tokenize(note.text)]
        after = [token.word for token in tokenize(CHANGES[name](note.text))]
        assert after[: len(before)] == before


def test_memory_finds_the_same_whatever_the_blanks(fused: Subject) -> None:
    for row in results(fused).stable["phrases"].values():
        assert row["changes"]["blank space"]["overlap"] == 1


def test_the_page_has_every_table_and_a_picture_of_every_method(
    fused: Subject, tmp_path: Path
) -> None:
    found = [results(fused)]
    said = "".join(page(found, NOTES, example=example(found, NOTES), pictures=tmp_path))
    for part in ("Verdict", "plausibility, true positives", "faithfulness", "stability"):
        assert part in said
    assert "is not judged" in said  # no unsupervised checkpoint was given
    assert "`phrases` fell back on another method for" in said
    assert {path.stem for path in tmp_path.glob("*.svg")} == set(found[0].scores)
    assert "not to be quoted" not in said


def test_a_checkpoint_that_has_learned_dev_is_named(fused: Subject, tmp_path: Path) -> None:
    learned = replace(fused.checkpoint, metrics={"with_dev": {}})
    found = [results(replace(fused, checkpoint=learned))]
    said = "".join(page(found, NOTES, example=None, pictures=tmp_path))
    assert "fused has learned the dev notes" in said
    assert "not to be quoted" in said


def ready(subject: Subject, folder: Path, *, default: float, other: float) -> Results:
    """Files in which the default and the other methods score the marked one of four words so."""
    made = Subject(
        name="made",
        checkpoint=subject.checkpoint,
        coder=subject.coder,
        runs=folder,
    )
    keys = [{"note": note.id, "code": "I10"} for note in NOTES]
    rows(made, "probability").add([{**key, "probability": 0.9, "cut": 0.5} for key in keys])
    for method, score in {BOTH: default, "attention": other, "random": other}.items():
        rest = {"by": method, "marked": [0], "scores": [score, 0.5, 0.4, 0.3]}
        rest |= {"spans": [[0, 4], [6, 8]] if score > 0.5 else [[0, 4]], "seconds": 0.1}
        rows(made, f"scores {method}").add([{**key, **rest} for key in keys])
    for method, score in {BOTH: default, RANDOM_ORDER: other}.items():
        areas = {"comprehensiveness": score, "sufficiency": 1 - score}
        rows(made, f"faithful deleted {method}").add([{**key, **areas} for key in keys])
    return Results.of(made, NOTES, BOUNDS, (BOTH, "attention", "random"))


def test_the_verdict_is_met_where_the_figures_are(fused: Subject, tmp_path: Path) -> None:
    """The marked word is first by the default (AUPRC 1), last by others (1/4)."""
    said = "".join(verdict([ready(fused, tmp_path, default=0.9, other=0.1)]))
    assert "AUPRC 1.000 is 4.00 × that of random (0.250), goal 3 ×, 4 codes" in said
    assert "0.900 is 9.00 × that of random order" in said
    assert "`attention` is poor: AUPRC 0.250 where the default has 1.000" in said
    assert "missed" not in said
    assert "say little" in said


def test_the_verdict_is_missed_where_the_figures_are(fused: Subject, tmp_path: Path) -> None:
    said = "".join(verdict([ready(fused, tmp_path, default=0.1, other=0.9)]))
    assert "`attention` (1.000 against 0.250, 4 codes) beats the default: **missed**" in said
    assert "**met**" not in said
    assert "` is poor" not in said


def test_agreement_is_the_mean_over_codes(fused: Subject, tmp_path: Path) -> None:
    """Ranks 4 3 2 1 and 1 4 3 2; the same four words; four of six characters."""
    found = ready(fused, tmp_path, default=0.9, other=0.1).agreement(BOTH, "attention")
    assert found == pytest.approx((-0.2, 1, 4 / 6))


def test_the_default_is_held_against_attention_without_supervision(
    fused: Subject, tmp_path: Path
) -> None:
    tiny_checkpoint(tmp_path / "marn", "marn")
    plain = Subject.load("plain", tmp_path / "marn", tmp_path / "runs")
    measure(plain, NOTES, BOUNDS, ("attention",))
    said = "".join(verdict([results(fused), results(plain, "attention")]))
    assert "label attention of plain, unsupervised" in said
    assert "is not judged" not in said


def test_the_networks_of_the_benchmark_differ_in_supervision_alone(tmp_path: Path) -> None:
    vocabulary = Vocabulary.build([note.text for note in NOTES], min_notes=1)
    vectors = np.random.default_rng(0).random((len(vocabulary), 100), dtype=np.float32)
    material = Material(train=NOTES, dev=NOTES, vocabulary=vocabulary, vectors=vectors)
    found = {}
    for name, row in ROWS.items():
        made = trained(name, row, material, epochs=1, folder=tmp_path / f"{name}.part")
        save_checkpoint(made, tmp_path / name)
        found[name] = results(Subject.load(name, tmp_path / name, tmp_path / "runs"))
    assert {name: each.supervised for name, each in found.items()} == {
        "marn-plain": False,
        "marn-evidence": True,
    }
    plain, marked = (each.subject.checkpoint for each in found.values())
    assert replace(marked.system, evidence=None) == plain.system
    assert plain.spaces == marked.spaces


def test_a_picture_is_well_formed_and_tells_its_words() -> None:
    words = [Word(text=f"<wörd{n}>", score=n / 20 - 0.5, marked=n == 3) for n in range(20)]
    drawn = ElementTree.fromstring(svg("attention: I10 & more", words))  # noqa: S314 - our own
    texts = [node.text for node in drawn.iter() if node.tag.endswith("text")]
    assert texts == [word.text for word in words]
