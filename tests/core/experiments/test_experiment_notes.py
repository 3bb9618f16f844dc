"""Which notes an experiment learns from, stops by and reports."""

import json
from pathlib import Path
from typing import Any

import pytest

from core.errors import BadFile, BadSettings
from core.experiments.notes import Selection, read
from tests.builders import write_jsonl

CODES = ("I10", "R50.9", "R05", "J18.9")


def line(id: str, *codes: str, procedure: str | None = None) -> dict[str, Any]:
    given = [{"system": "ICD-10-CM", "code": code} for code in codes]
    given += [{"system": "ICD-10-PCS", "code": procedure}] if procedure else []
    return {"id": id, "text": "Fever and cough.", "codes": given}


def corpus(folder: Path, **splits: list[dict[str, Any]]) -> Selection:
    folder.mkdir(exist_ok=True)
    for split, lines in splits.items():
        write_jsonl(folder / f"{split}.jsonl", lines)
    return Selection(corpus="jsonl", folder=str(folder), top=2)


def some(prefix: str, count: int) -> list[dict[str, Any]]:
    return [line(f"{prefix}{n}", *CODES[: 1 + n % 4]) for n in range(count)]


def ids(notes: Any) -> set[str]:
    return {note.id for note in notes}


def test_the_most_frequent_codes_of_train_are_kept_and_notes_without_them_dropped(
    tmp_path: Path,
) -> None:
    selection = corpus(
        tmp_path / "c",
        train=[line("a", "R05"), line("b", "R05", "I10"), line("c", "I10"), line("d", "J18.9")],
        dev=[line("e", "J18.9", "R05"), line("f", "J18.9")],
        test=[line("g", "R05"), line("h", "R50.9"), line("i")],
    )
    notes = read(selection)
    codes = {code.code for part in (notes.train, notes.stop) for n in part for code in n.codes}
    assert codes == {"R05", "I10"}
    assert (ids(notes.train), ids(notes.stop), ids(notes.report)) == ({"a", "b", "c"}, {"e"}, {"g"})
    assert notes.counts.dropped == {"train": 1, "stop": 1, "report": 2}
    assert notes.counts.codes == 2
    assert notes.counts.how == "stops by dev, reports test"


def test_diagnoses_leave_procedures_out_of_the_most_frequent(tmp_path: Path) -> None:
    from dataclasses import replace

    lines = [line(f"n{n}", "R05", procedure="BW03ZZZ") for n in range(3)]
    selection = corpus(tmp_path / "c", train=lines, dev=lines, test=lines)
    kept = {}
    for kind in ("all", "diagnoses", "procedures"):
        notes = read(replace(selection, codes=kind)).train
        kept[kind] = {code.code for note in notes for code in note.codes}
    assert kept == {
        "all": {"R05", "BW03ZZZ"},
        "diagnoses": {"R05"},
        "procedures": {"BW03ZZZ"},
    }


@pytest.mark.parametrize(
    ("splits", "said"),
    [
        ({"train": 40, "dev": 8}, "reports dev; stops by 10%"),
        ({"train": 40, "test": 8}, "reports test; stops by 10%"),
        ({"train": 40}, "reports 20% of the notes"),
        ({"all": 40}, "reports 20% of the notes"),
    ],
)
def test_without_three_splits_the_reported_notes_still_neither_teach_nor_stop(
    tmp_path: Path, splits: dict[str, int], said: str
) -> None:
    parts = {split: some(split, count) for split, count in splits.items()}
    notes = read(corpus(tmp_path / "c", **parts))
    assert said in notes.counts.how
    assert ids(notes.train).isdisjoint(ids(notes.stop) | ids(notes.report))
    assert ids(notes.stop).isdisjoint(ids(notes.report))
    assert sum(map(len, (notes.train, notes.stop, notes.report))) == sum(splits.values())
    assert read(corpus(tmp_path / "c", **parts)) == notes


def test_every_code_of_train_is_kept_without_a_top_and_codes_it_lacks_count(tmp_path: Path) -> None:
    from dataclasses import replace

    selection = corpus(
        tmp_path / "c", train=[line("a", "R05")], dev=[line("b", "R05")], test=[line("c", "I10")]
    )
    notes = read(replace(selection, top=None))
    assert ids(notes.report) == {"c"}
    assert notes.counts.codes == 1


def test_notes_without_a_code_at_all_are_no_experiment(tmp_path: Path) -> None:
    selection = corpus(tmp_path / "c", train=some("t", 20), test=[line("x")])
    with pytest.raises(BadFile, match="no note to report carries one of the codes"):
        read(selection)


def test_another_text_or_code_is_another_experiment_and_another_folder_is_not(
    tmp_path: Path,
) -> None:
    first = corpus(tmp_path / "a", train=some("t", 20)).fingerprint
    assert corpus(tmp_path / "a", train=some("t", 20)).fingerprint == first
    path = tmp_path / "a" / "train.jsonl"
    path.write_text(path.read_text().replace("cough", "chest"))  # as long as before
    assert Selection(corpus="jsonl", folder=str(tmp_path / "a"), top=2).fingerprint != first
    assert Selection(corpus="jsonl", folder=str(tmp_path / "a"), top=3).fingerprint != first


def test_a_corpus_may_be_moved(tmp_path: Path) -> None:
    first = corpus(tmp_path / "a", train=some("t", 20)).fingerprint
    (tmp_path / "a").rename(tmp_path / "b")
    assert Selection(corpus="jsonl", folder=str(tmp_path / "b"), top=2).fingerprint == first


@pytest.mark.parametrize(
    ("change", "words"), [({"codes": "drugs"}, "use one of"), ({"top": 0}, "1")]
)
def test_a_selection_that_cannot_be_is_refused(change: dict[str, Any], words: str) -> None:
    with pytest.raises(BadSettings, match=words):
        Selection(**{"corpus": "jsonl", "folder": ".", **change})


def test_a_selection_survives_json() -> None:
    selection = Selection(corpus="jsonl", folder="f", texts=("a", "b"))
    assert Selection.from_json(json.loads(json.dumps(selection.to_json()))) == selection
