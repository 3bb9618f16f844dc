"""CMC 2007: reports, majority codes and each coder's own, from XML that may be hostile."""

import os
from pathlib import Path

import pytest

from core.corpora import cmc, load, splits
from core.errors import BadFile
from core.types import Code, CodeSystem
from tests.builders import a_code

SHARED = Path(os.environ.get("SHARED_DIR", Path(__file__).parents[4] / "shared"))
CMC = SHARED / "data" / "cmc2007"
COUGH = '<code origin="CMC_MAJORITY" type="ICD-9-CM">786.2</code>'
HISTORY = '<text origin="X" type="CLINICAL_HISTORY">Cough.</text>'


def icd9(code: str) -> Code:
    return a_code(code, CodeSystem.ICD9CM)


def a_report(id: str = "1", *, codes: str = COUGH, texts: str = HISTORY) -> str:
    return f'<doc id="{id}"><codes>{codes}</codes><texts>{texts}</texts></doc>'


def a_file(folder: Path, *reports: str, split: str = "train", head: str = "") -> Path:
    path = folder / f"{split}.xml"
    path.write_text(f"{head}<docs>{''.join(reports)}</docs>", encoding="utf-8")
    return path


def test_a_report_is_its_sections_under_headings_with_the_codes_of_the_majority(tmp_path):
    codes = COUGH + (
        '<code origin="COMPANY1" type="ICD-9-CM">486</code>'
        '<code origin="CMC_MAJORITY" type="ICD-9-CM">7806</code>'
    )
    texts = '<text type="IMPRESSION"> Clear &lt;b&gt; <i>lungs</i> 🩺. </text>' + HISTORY
    a_file(tmp_path, a_report("7", codes=codes, texts=texts))

    corpus = load("cmc", tmp_path)

    (note,) = corpus.notes
    assert (corpus.split, note.id, corpus.problems) == ("train", "7", ())
    assert note.text == "Clinical history:\nCough.\n\nImpression:\nClear <b> lungs 🩺."
    assert [annotation.code for annotation in note.annotations] == [icd9("786.2"), icd9("780.6")]
    assert not any(annotation.evidence for annotation in note.annotations)


def test_a_missing_or_empty_section_leaves_no_heading_and_others_are_kept(tmp_path):
    texts = HISTORY + '<text type="IMPRESSION"> </text><text type="ADDED_NOTE">Late.</text>'
    a_file(tmp_path, a_report(texts=texts))

    (note,) = load("cmc", tmp_path).notes

    assert note.text == "Clinical history:\nCough.\n\nAdded note:\nLate."


def test_each_coder_has_own_codes_and_the_majority_is_no_coder(tmp_path):
    codes = COUGH + (
        '<code origin="COMPANY2" type="ICD-9-CM">486</code>'
        '<code origin="COMPANY1" type="ICD-9-CM">486</code>'
        '<code origin="COMPANY1" type="ICD-9-CM">786.2</code>'
    )
    a_file(tmp_path, a_report("1", codes=codes), a_report("2"), a_report("1", codes=COUGH))

    assert cmc.coders(tmp_path, "train") == {
        "COMPANY1": {"1": {icd9("486"), icd9("786.2")}, "2": frozenset()},
        "COMPANY2": {"1": {icd9("486")}, "2": frozenset()},
    }


def test_every_unusable_report_or_code_is_named_and_the_rest_goes_on(tmp_path):
    a_file(
        tmp_path,
        a_report("1", codes=COUGH.replace("786.2", "what?") + COUGH),
        a_report("2", codes=COUGH.replace("ICD-9-CM", "SNOMED") + COUGH),
        a_report("3", codes=COUGH + COUGH),
        a_report("1"),
        a_report("4", texts=""),
        a_report("5", texts='<text type="IMPRESSION">12.</text>'),
        a_report(""),
        a_report("6", texts=f'<text type="IMPRESSION">{"a" * 200_001}</text>'),
        a_report("7", codes=""),
    )

    corpus = load("cmc", tmp_path)

    reasons = [
        (1, "'what?' is not written like a code"),
        (2, "'SNOMED' is not a code system"),
        (3, "ICD-9-CM 786.2 stands twice"),
        (4, "note id '1' was met before"),
        (5, "no text"),
        (6, "no text"),
        (7, "no id"),
        (8, "200,013 characters"),
        (9, "no code of CMC_MAJORITY"),
    ]
    assert len(corpus.problems) == len(reasons)
    for problem, (number, reason) in zip(corpus.problems, reasons, strict=True):
        assert problem.startswith(f"train.xml, report {number}: ")
        assert reason in problem
    assert [note.id for note in corpus.notes] == ["1", "2", "3", "7"]
    assert all(note.codes == {icd9("786.2")} for note in corpus.notes[:3])


def test_unlabelled_reports_need_no_codes(tmp_path):
    a_file(tmp_path, a_report(codes=""), split="unlabelled")

    corpus = load("cmc", tmp_path)

    assert (corpus.split, corpus.notes[0].codes, corpus.problems) == ("unlabelled", set(), ())
    assert cmc.coders(tmp_path, "unlabelled") == {}


def test_splits_are_the_files_of_their_names_and_a_file_is_a_split_alone(tmp_path):
    for split in ("test", "train", "other"):
        a_file(tmp_path, a_report(split), split=split)

    assert splits("cmc", tmp_path) == ("train", "test")
    assert load("cmc", tmp_path, split="test").notes[0].id == "test"
    assert load("cmc", tmp_path / "other.xml").notes[0].id == "other"
    (tmp_path / "notes.txt").write_text("")
    with pytest.raises(BadFile, match="holds no cmc corpus"):
        splits("cmc", tmp_path / "notes.txt")


@pytest.mark.parametrize(
    "head",
    [
        '<!DOCTYPE docs [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
        '<!DOCTYPE docs [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE docs SYSTEM "http://example.org/docs.dtd">',
        "<?xml version='1.0'?><!DOCTYPE docs [<!ENTITY % p SYSTEM 'p.dtd'> %p;]>",
        "<!DOCTYPE docs>",
    ],
)
def test_a_file_that_declares_a_document_type_is_refused(tmp_path, head):
    a_file(tmp_path, a_report(texts='<text type="IMPRESSION">&a;</text>'), head=head)

    with pytest.raises(BadFile, match=r"train.xml declares a document type"):
        load("cmc", tmp_path)


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        (b"<docs><doc>", "not well-formed XML .line 1"),
        (b"", "not well-formed XML"),
        (b"<docs>&nothing;</docs>", "not well-formed XML"),
        (b"<?xml version='1.0' encoding='UTF-8'?><docs>neumon\xeda</docs>", "not well-formed"),
        (b"<?xml version='1.0' encoding='klingon'?><docs></docs>", "not well-formed"),
        (b"<html></html>", "does not begin with <docs>"),
        (b"<docs>" + b"<a>" * 100_000, "more than 20 elements within one another"),
        (b"<docs></docs>", "no usable note"),
    ],
)
def test_what_is_not_a_file_of_this_corpus_is_refused_by_name(tmp_path, written, reason):
    (tmp_path / "train.xml").write_bytes(written)

    with pytest.raises(BadFile, match=reason):
        load("cmc", tmp_path)


def test_a_file_beyond_the_limit_is_refused_before_it_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(cmc, "MOST_BYTES", 20)
    a_file(tmp_path, a_report())

    with pytest.raises(BadFile, match=r"0.0 MB, more than 2e-05 MB"):
        load("cmc", tmp_path)


@pytest.mark.skipif(not CMC.is_dir(), reason=f"CMC 2007 is not at {CMC}")
def test_cmc_as_published_is_read_whole():
    train = load("cmc", CMC, split="train")
    per_coder = cmc.coders(CMC, "train")

    assert len(train.notes) == 782
    assert len(load("cmc", CMC, split="unlabelled").notes) == 976
    assert list(per_coder) == ["COMPANY1", "COMPANY2", "COMPANY3"]
    assert all(len(given) == 782 for given in per_coder.values())
    assert train.problems == ()
