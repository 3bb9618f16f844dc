"""Texts that come in two languages, from which the bridge is learned."""

from pathlib import Path

from core.corpora import translations
from tests.builders import write_codiesp, write_jsonl


def test_notes_with_a_translation_are_paired_in_order(tmp_path: Path) -> None:
    write_codiesp(
        tmp_path,
        "train",
        texts={"b": "Tos.", "a": "Fiebre 🩺.", "c": "Dolor."},
        english={"a": "Fever 🩺.", "b": "Cough.", "x": "Nobody's."},
    )
    write_codiesp(tmp_path, "dev", texts={"d": "Asma."}, english={"d": "Asthma."})
    pairs = [("Fiebre 🩺.", "Fever 🩺."), ("Tos.", "Cough.")]
    assert translations("codiesp", tmp_path, splits=("train",)) == pairs
    both = translations("codiesp", tmp_path, splits=("train", "dev"))
    assert both == [*pairs, ("Asma.", "Asthma.")]


def test_a_single_split_may_be_named_itself(tmp_path: Path) -> None:
    place = write_codiesp(tmp_path, "dev", texts={"d": "Asma."}, english={"d": "Asthma."})
    assert translations("codiesp", place, splits=("dev",)) == [("Asma.", "Asthma.")]


def test_other_corpora_have_no_translations(tmp_path: Path) -> None:
    write_jsonl(tmp_path / "train.jsonl", [{"id": 1, "text": "fever"}])
    assert translations("jsonl", tmp_path, splits=("train",)) == []
    assert translations("codiesp", tmp_path, splits=()) == []
