"""Corpora in their official layouts: notes, codes, evidence, and every line not used."""

import csv
import gzip
import os
from pathlib import Path

import numpy as np
import pytest

from core.corpora import holdout, label_spaces, labels_of, load, splits, targets, unlabelled
from core.errors import BadFile, BadSettings
from core.types import Code, CodeSystem, Span
from tests.builders import a_code, a_note, write_codiesp, write_jsonl

SHARED = Path(os.environ.get("SHARED_DIR", Path(__file__).parents[4] / "shared"))
CODIESP = SHARED / "data" / "codiesp"
TEXT = "Fiebre alta.\r\nDolor de tórax 🩺 izquierdo."
PCS = CodeSystem.ICD10PCS


def a_corpus(folder: Path, **tables: str) -> Path:
    written = {"D": "a\tr50.9\na\tr07.9\n", "P": "a\tbw03zzz\n", **tables}
    write_codiesp(folder, texts={"a": TEXT, "b": "Sano."}, english={"a": "Fever."}, tables=written)
    return folder


def test_notes_carry_their_codes_and_discontinuous_evidence(tmp_path):
    rows = (
        "a\tDIAGNOSTICO\tr07.9\tDolor izquierdo\t14 19;31 40\n"
        "a\tDIAGNOSTICO\tr07.9\ttórax\t23 28\n"
        "a\tPROCEDIMIENTO\tbw03zzz\ttórax\t23 28;28 28\n"
    )
    corpus = load("codiesp", a_corpus(tmp_path, X=rows))

    a, b = corpus.notes
    assert (corpus.split, a.id, a.text, b.codes) == ("dev", "a", TEXT, frozenset())
    assert [(annotation.code, annotation.evidence) for annotation in a.annotations] == [
        (a_code("R50.9"), ()),
        (a_code("R07.9"), (Span(14, 19), Span(31, 40))),
        (a_code("R07.9"), (Span(23, 28),)),
        (a_code("BW03ZZZ", PCS), (Span(23, 28),)),
    ]
    assert corpus.problems == ()


def test_english_notes_have_codes_but_no_evidence(tmp_path):
    folder = a_corpus(tmp_path, X="a\tDIAGNOSTICO\tr50.9\tFiebre\t0 6\n")

    (english,) = load("codiesp", folder, language="en").notes
    both = load("codiesp", folder, language="both")

    assert len(english.codes) == 3
    assert not any(annotation.evidence for annotation in english.annotations)
    assert [note.id for note in both.notes] == ["a", "b", "a.en"]
    assert both.notes[0].annotations[0].evidence == (Span(0, 6),)


def test_every_unusable_row_is_named_and_the_rest_goes_on(tmp_path):
    folder = a_corpus(
        tmp_path,
        D="a\tr50.9\na\tR50.9\na\nz\ti10\na\t??\nb\ti10\n",
        X=(
            "a\tOTRO\tr50.9\tFiebre\t0 6\n"
            "a\tDIAGNOSTICO\tr50.9\tFiebre\t0 six\n"
            "a\tDIAGNOSTICO\tr50.9\tFiebre\t0 600\n"
            "a\tDIAGNOSTICO\ti10\tFiebre\t0 6\n"
            "a\tDIAGNOSTICO\tr50.9\tDolor\t0 6\n"
        ),
    )

    corpus = load("codiesp", folder)

    reasons = [
        ("devD.tsv, row 2", "stands twice"),
        ("devD.tsv, row 3", "2 filled columns"),
        ("devD.tsv, row 5", "not written like a code"),
        ("devX.tsv, row 1", "label 'OTRO'"),
        ("devX.tsv, row 2", "not start and end offsets"),
        ("devX.tsv, row 3", "outside the text"),
        ("devX.tsv, row 4", "does not carry"),
        ("devX.tsv, row 5", "words are not those"),
        ("dev: codes for z", "no text_files/z.txt"),
    ]
    assert len(corpus.problems) == len(reasons)
    for problem, (place, reason) in zip(corpus.problems, reasons, strict=True):
        assert problem.startswith(place)
        assert reason in problem
    assert corpus.notes[0].annotations[0].evidence == (Span(0, 6),)
    assert corpus.notes[1].codes == {a_code("I10")}


def test_a_folder_may_be_one_split(tmp_path):
    a_corpus(tmp_path)

    assert splits("codiesp", tmp_path) == splits("codiesp", tmp_path / "dev") == ("dev",)
    assert load("codiesp", tmp_path).notes == load("codiesp", tmp_path / "dev").notes


def test_the_test_split_alone_is_the_default_split(tmp_path):
    write_codiesp(tmp_path, "test", texts={"a": "Fiebre."}, tables={"D": "a\tr50.9\n"})

    corpus = load("codiesp", tmp_path)

    assert corpus.split == "test"
    assert corpus.notes[0].codes == {a_code("R50.9")}


def test_a_missing_table_of_procedures_is_told_and_one_of_evidence_is_fine(tmp_path):
    write_codiesp(tmp_path, texts={"a": "Fiebre."}, tables={"D": "a\tr50.9\n"})

    assert load("codiesp", tmp_path).problems == (
        "devP.tsv is missing: no note has codes of ICD-10-PCS",
    )


def test_the_background_needs_no_tables(tmp_path):
    write_codiesp(tmp_path, "background", texts={"a": "Fiebre."})

    corpus = load("codiesp", tmp_path)

    assert (corpus.split, corpus.notes[0].codes, corpus.problems) == ("background", set(), ())


def test_a_labelled_split_without_codes_is_refused(tmp_path):
    write_codiesp(tmp_path, "dev", texts={"a": "Fiebre."})

    with pytest.raises(BadFile, match=r"neither of devD.tsv, devP.tsv"):
        load("codiesp", tmp_path)


def test_a_table_with_other_columns_is_refused_with_file_and_row(tmp_path):
    with pytest.raises(BadFile, match=r"devD.tsv, row 1 has 1 tab-separated columns, not 2"):
        load("codiesp", a_corpus(tmp_path, D="a,r50.9\n"))


def test_a_text_that_is_not_utf_8_is_refused_by_name(tmp_path):
    a_corpus(tmp_path)
    (tmp_path / "dev" / "text_files" / "b.txt").write_bytes(b"neumon\xeda")

    with pytest.raises(BadFile, match=r"b.txt is not UTF-8"):
        load("codiesp", tmp_path)


@pytest.mark.parametrize(
    ("name", "options", "error", "reason"),
    [
        ("mimic9", {}, BadSettings, "'mimic9' is not a corpus; use one of cmc, codiesp, jsonl"),
        ("codiesp", {"split": "train"}, BadFile, "no split 'train'; it has dev"),
        ("codiesp", {"language": "fr"}, BadSettings, "language 'fr' is not one of es, en, both"),
        ("jsonl", {}, BadFile, "holds no jsonl corpus"),
    ],
)
def test_what_is_not_there_is_named(tmp_path, name, options, error, reason):
    with pytest.raises(error, match=reason):
        load(name, a_corpus(tmp_path), **options)


def test_a_language_that_was_not_downloaded_is_named(tmp_path):
    (tmp_path / "dev" / "text_files").mkdir(parents=True)
    (tmp_path / "dev" / "devD.tsv").write_text("a\ti10\n")

    with pytest.raises(BadFile, match="no folder text_files_en"):
        load("codiesp", tmp_path, language="en")


def test_json_lines_give_notes_with_codes_and_evidence(tmp_path):
    line = {
        "id": 7,
        "text": "Fever\u2028and 🩺 pain",
        "codes": [
            {"system": "icd10cm", "code": "r509", "evidence": [[0, 5]]},
            {"system": "ICD-9-CM", "code": "4019"},
        ],
    }
    corpus = load("jsonl", write_jsonl(tmp_path / "mine.jsonl", [line]))

    (note,) = corpus.notes
    assert (corpus.split, note.id, note.text, corpus.problems) == ("mine", "7", line["text"], ())
    assert note.annotations[0].code == a_code("R50.9")
    assert note.annotations[0].evidence == (Span(0, 5),)
    assert note.annotations[1].code == a_code("401.9", CodeSystem.ICD9CM)


def test_a_bad_line_is_named_by_number_and_the_rest_goes_on(tmp_path):
    def coded(note: str, *codes: object) -> dict[str, object]:
        return {"id": note, "text": "fever", "codes": list(codes)}

    i10 = {"system": "ICD-10-CM", "code": "I10"}
    path = write_jsonl(
        tmp_path / "dev.jsonl",
        [
            coded("a", i10),
            "{broken",
            {"id": "b"},
            coded("a"),
            coded("c", {"system": "SNOMED", "code": "1"}, i10),
            coded("d", {**i10, "evidence": [[0, 99], [0, 5]]}),
            coded("e", i10, i10),
            {"id": "f", "text": "half \ud83d"},
            {"id": "g", "text": "12"},
            coded("h", i10),
        ],
    )

    corpus = load("jsonl", path)

    assert [note.id for note in corpus.notes] == ["a", "c", "d", "e", "h"]
    assert all(note.codes == {a_code("I10")} for note in corpus.notes)
    assert corpus.notes[2].annotations[0].evidence == (Span(0, 5),)
    numbers = [int(problem.split("line ")[1].split(":")[0]) for problem in corpus.problems]
    assert numbers == [2, 3, 4, 5, 6, 7, 8, 9]


def test_a_folder_of_json_lines_has_the_splits_of_its_files(tmp_path):
    for split in ("dev", "train"):
        write_jsonl(tmp_path / f"{split}.jsonl", [{"id": split, "text": "fever"}])

    assert splits("jsonl", tmp_path) == ("train", "dev")
    assert load("jsonl", tmp_path).notes[0].id == "dev"
    assert load("jsonl", tmp_path, split="train").notes[0].id == "train"


def test_a_holdout_parts_the_notes_the_same_way_each_time():
    notes = [a_note(id=f"{number}{suffix}") for suffix in ("", ".en") for number in range(10)]

    kept, aside = holdout(notes, share=0.3, seed=5)

    assert holdout(notes, share=0.3, seed=5) == (kept, aside)
    assert holdout(notes, share=0.3, seed=6) != (kept, aside)
    assert (len(kept), len(aside)) == (14, 6)
    assert {note.id for note in kept} | {note.id for note in aside} == {n.id for n in notes}
    # a note and its translation are never on two sides
    assert not {n.id.removesuffix(".en") for n in kept} & {n.id.removesuffix(".en") for n in aside}


def category(code: Code) -> Code | None:
    if code.system is not CodeSystem.ICD10CM:
        return None
    return Code(CodeSystem.CCSR, code.code[0])


def test_label_spaces_and_targets_worked_by_hand():
    i10, r07, r50, pcs = a_code("I10"), a_code("R07.9"), a_code("R50.9"), a_code("BW03ZZZ", PCS)
    notes = [a_note("x", r50, i10, pcs), a_note("y", r07, i10), a_note("z", r07, r50, pcs)]

    spaces = label_spaces(notes, min_count=2, category=category)
    found = targets([*notes, a_note("w", a_code("A00"), a_code("A01"))], spaces, category)

    assert spaces["icd"].codes == (i10, r07, r50, pcs)
    assert [code.code for code in spaces["ccs"]] == ["I", "R"]
    assert found["icd"].targets.tolist() == [[1, 0, 1, 1], [1, 1, 0, 0], [0, 1, 1, 1], [0] * 4]
    assert found["icd"].targets.dtype == np.float32
    assert found["icd"].missed.tolist() == [0, 0, 0, 2]
    assert found["ccs"].targets.tolist() == [[1, 1], [1, 1], [0, 1], [0, 0]]
    assert found["ccs"].missed.tolist() == [0, 0, 0, 1]


def test_unlabelled_text_comes_from_folders_and_tables_once_each(tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "a.txt").write_bytes(b"fever\r\n")
    (tmp_path / "deep" / "b.txt").write_bytes(b"fever\r\n")
    with gzip.open(tmp_path / "c.csv.gz", "wt", newline="") as file:
        csv.writer(file).writerows([["Note_Id", "Transcription"], ["1", "a, b"], ["2", "a, b"]])

    assert unlabelled(tmp_path) == ["fever\r\n"]
    assert unlabelled(tmp_path / "c.csv.gz") == ["a, b"]


def test_a_source_of_text_without_any_is_refused(tmp_path):
    (tmp_path / "a.csv").write_text("id,body\n1,fever\n")

    with pytest.raises(BadFile, match="none of text, transcription, note"):
        unlabelled(tmp_path / "a.csv")
    (tmp_path / "b.csv.gz").write_bytes(b"not gzip")
    (tmp_path / "c.csv").write_bytes(b"text\nneumon\xeda\n")
    for name, reason in (("b.csv.gz", "cannot be"), ("c.csv", "not UTF-8"), ("no.csv", "cannot")):
        with pytest.raises(BadFile, match=reason):
            unlabelled(tmp_path / name)
    with pytest.raises(BadFile, match="holds no text"):
        unlabelled(tmp_path)
    with pytest.raises(BadFile, match="neither a folder"):
        unlabelled(tmp_path / "a.doc")


@pytest.mark.skipif(not CODIESP.is_dir(), reason=f"CodiEsp is not at {CODIESP}")
@pytest.mark.parametrize(
    ("split", "notes", "diagnoses", "procedures", "rows", "differing"),
    [("train", 500, 5639, 1550, 9181, 4), ("dev", 250, 2677, 817, 4477, 2)],
)
def test_codiesp_as_published_is_read_whole(split, notes, diagnoses, procedures, rows, differing):
    corpus = load("codiesp", CODIESP, split=split)

    annotations = [annotation for note in corpus.notes for annotation in note.annotations]
    of_system = [code.system for note in corpus.notes for code in note.codes]
    assert len(corpus.notes) == notes
    assert of_system.count(CodeSystem.ICD10CM) == diagnoses
    assert of_system.count(PCS) == procedures
    assert all(annotation.evidence for annotation in annotations)
    assert 0.99 * rows < len(annotations) <= rows  # one a mention; a few rows stand twice
    # of all references, these few differ from the text at their offsets, by a sign at the end
    (problem,) = corpus.problems
    assert f"(such rows: {differing})" in problem
    assert differing / rows < 0.001


def test_packed_json_lines_are_a_corpus_and_damage_is_named(tmp_path):
    line = '{"id": "a", "text": "fever", "codes": [{"system": "ICD-9-CM", "code": "486"}]}\n'
    packed = gzip.compress(line.encode() * 1)
    (tmp_path / "train.jsonl.gz").write_bytes(packed)
    (tmp_path / "dev.jsonl.gz").write_bytes(packed[:-9])

    assert splits("jsonl", tmp_path) == ("train", "dev")
    assert load("jsonl", tmp_path, split="train").notes[0].id == "a"
    assert load("jsonl", tmp_path / "train.jsonl.gz").split == "train"
    with pytest.raises(BadFile, match=r"dev.jsonl.gz is cut short or damaged"):
        load("jsonl", tmp_path, split="dev")


def test_a_list_of_labels_is_the_label_space_of_the_corpus(tmp_path):
    write_jsonl(tmp_path / "train.jsonl", [{"id": "a", "text": "fever"}])
    assert labels_of("jsonl", tmp_path) == ()

    (tmp_path / "labels.csv").write_text("system,code,title\nicd9cm,4019,High\nICD-9-CM,486,P\n")
    labels = labels_of("jsonl", tmp_path)
    assert labels == tuple(a_code(code, CodeSystem.ICD9CM) for code in ("401.9", "486"))

    for lines, reason in (
        ("code\n486\n", "row 2: no system and code"),
        ("system,code\nICD-9-CM,486\nICD-9-CM,?\n", "row 3: '\\?' is not written like a code"),
    ):
        (tmp_path / "labels.csv").write_text(lines)
        with pytest.raises(BadFile, match=rf"labels.csv, {reason}"):
            labels_of("jsonl", tmp_path)
