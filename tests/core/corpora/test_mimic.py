"""A MIMIC release in, corpora out: whose notes, which codes, which split, and what is told."""

import csv
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from core.__main__ import main
from core.checkpoints import load_checkpoint
from core.corpora import label_spaces, labels_of, load
from core.corpora.mimic import MIMIC3, Plan, as_markdown, make_corpora, mimic4
from core.corpora.mimic.splitting import PUBLISHED, drawn, listed, most_frequent
from core.errors import BadFile
from core.types import Code, CodeSystem
from tests.mimic import Cells, summary, write_mimic3, write_mimic4

ICD9, PROC = CodeSystem.ICD9CM, CodeSystem.ICD9PROC
ROOT = Path(__file__).resolve().parents[3]
Json = dict[str, Any]


def thirty(*more: Cells) -> list[Cells]:
    """One summary for each of thirty patients: admissions 100 to 129."""
    return [summary(row, row, 100 + row, f"Fever {row}.") for row in range(30)] + list(more)


def coded(*more: tuple[object, object]) -> list[tuple[object, object]]:
    return [(100 + row, "4019") for row in range(30)] + list(more)


def made(tmp_path: Path, **plan: Any) -> tuple[Json, Path]:
    out = tmp_path / "out"
    out.mkdir()
    found = make_corpora(Plan(release=MIMIC3, folder=tmp_path / "mimic", **plan), out)
    return json.loads(json.dumps(found)), out


def notes_of(folder: Path) -> dict[str, tuple[str, list[str]]]:
    """Note id -> text and codes, over the three splits."""
    return {
        note.id: (note.text, sorted(code.code for code in note.codes))
        for split in ("train", "dev", "test")
        for note in load("jsonl", folder, split=split).notes
    }


def test_an_admission_is_its_reports_then_its_addenda_each_by_chart_date(tmp_path: Path) -> None:
    more = [
        summary(31, 0, 100, "Addendum one.", kind="Addendum", date="2101-01-02"),
        summary(32, 0, 100, "Second report.", date="2101-03-01"),
        summary(33, 0, 100, "Earlier addendum.", kind="Addendum", date="2100-12-30"),
        summary(34, 1, 101, "Follows.", kind="Addendum"),
    ]
    write_mimic3(tmp_path / "mimic", notes=thirty(*more), diagnoses=coded())

    found, out = made(tmp_path)

    notes = notes_of(out / "full")
    in_order = ("Fever 0.", "Second report.", "Earlier addendum.", "Addendum one.")
    assert notes["100"][0] == "\n\n".join(in_order)
    assert notes["101"][0] == "Fever 1.\n\nFollows."
    assert found["documents"]["addenda"] == 3
    assert found["documents"]["admissions with several documents"] == 2
    assert found["documents"]["of these, in another order than in the file"] == 1


def test_what_cannot_be_used_is_left_out_and_every_row_is_accounted_for(tmp_path: Path) -> None:
    more = [
        summary(31, 5, 105, "Nurse.", category="Nursing/other"),
        summary(32, 5, 105, "Wrong patient.", error=1),
        summary(33, 5, "", "No admission."),
        summary(34, 5, "1O5", "Not a number."),
        summary(35, 5, 105, " \n 12 "),
        summary(36, 5, 105, "Fever 5."),
        summary(37, 6, 105, "Somebody else's."),
        summary(38, 77, 177, "Nobody coded this."),
    ]
    diagnoses = coded((199, "4019"))[1:]
    write_mimic3(tmp_path / "mimic", notes=thirty(*more), diagnoses=diagnoses)

    found, out = made(tmp_path)

    assert notes_of(out / "full")["105"] == ("Fever 5.", ["401.9"])
    assert sum(space for space in found["spaces"]["full"].values() if space == 29) == 29
    dropped = {why: n for file, why, n in found["dropped"] if file == "NOTEEVENTS.csv"}
    assert dropped == {
        "HADM_ID is not a number": 1,
        "HADM_ID of another SUBJECT_ID": 1,
        "admission without codes": 2,
        "marked as an error (ISERROR)": 1,
        "no HADM_ID": 1,
        "no text": 1,
        "not a discharge summary": 1,
        "same text twice in an admission": 1,
    }
    documents = found["documents"]
    assert found["rows"]["NOTEEVENTS.csv"] == sum(dropped.values()) + documents["reports"] == 38
    assert documents["admissions with text, not coded"] == 2
    assert documents["admissions coded, without text"] == 1
    assert "NOTEEVENTS.csv, row 35: HADM_ID is not a number" in found["malformed"]


@pytest.mark.parametrize("ending", [".csv", ".csv.gz"])
@pytest.mark.parametrize("lower", [True, False])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_every_form_of_the_files_gives_the_same_corpus(
    tmp_path: Path, ending: str, lower: bool, line_end: str
) -> None:
    awkward = summary(31, 0, 100, 'A "quoted"\nline, and\r\nanother\u2028é', kind="Addendum")
    write_mimic3(
        tmp_path / "mimic",
        notes=thirty(awkward),
        diagnoses=coded(),
        procedures=[(100, "0331"), (100, "3893")],
        ending=ending,
        lower=lower,
        line_end=line_end,
    )

    _, out = made(tmp_path)

    text, codes = notes_of(out / "full")["100"]
    assert text == 'Fever 0.\n\nA "quoted"\nline, and\r\nanother\u2028é'
    assert codes == ["03.31", "38.93", "401.9"]


def test_the_smaller_space_is_the_most_frequent_codes_of_train_and_who_carries_one(
    tmp_path: Path,
) -> None:
    # 4280 for all but admission 129; 486 and 2724 for two each, in train
    more = [(100 + row, "4280") for row in range(29)]
    for split, hadms in (("train", range(100, 126)), ("dev", (126, 127)), ("test", (128, 129))):
        path = tmp_path / "lists" / f"{split}_full_hadm_ids.csv"
        path.parent.mkdir(exist_ok=True)
        path.write_text("".join(f"{hadm}\n" for hadm in hadms))
    diagnoses = [*more, (100, "486"), (129, "486"), (128, "486"), (127, "486"), (129, "2724")]
    diagnoses += [(101, "2724"), (102, "2724")]
    write_mimic3(tmp_path / "mimic", notes=thirty(), diagnoses=diagnoses)

    found, out = made(tmp_path, lists=tmp_path / "lists", top=2)

    assert {c.code for c in labels_of("jsonl", out / "top2")} == {"428.0", "272.4"}
    smaller, full = notes_of(out / "top2"), notes_of(out / "full")
    assert smaller["128"][1] == ["428.0"]
    assert full["128"][1] == ["428.0", "486"]
    assert smaller["129"][1] == ["272.4"]
    assert found["spaces"]["full"]["codes"] == 3
    assert [found["spaces"]["full"][s] for s in ("train", "dev", "test")] == [26, 2, 2]
    assert found["split"]["by"] == "lists of admissions"


def test_camls_lists_of_fifty_decide_the_smaller_split(tmp_path: Path) -> None:
    (tmp_path / "lists").mkdir()
    for kind, of in (
        ("full", (range(100, 120), (120,), (121, 999))),
        ("50", ((122,), (123,), (100,))),
    ):
        for split, hadms in zip(("train", "dev", "test"), of, strict=True):
            path = tmp_path / "lists" / f"{split}_{kind}_hadm_ids.csv"
            path.write_text("".join(f"{hadm}\n" for hadm in hadms))
    write_mimic3(tmp_path / "mimic", notes=thirty(), diagnoses=coded())

    found, out = made(tmp_path, lists=tmp_path / "lists")

    assert [note.id for note in load("jsonl", out / "top50", split="test").notes] == ["100"]
    assert found["split"]["listed, not found"] == 1
    assert found["split"]["in no list"] == 8


def test_lists_that_cannot_be_used_are_refused_by_file_and_row(tmp_path: Path) -> None:
    assert listed(tmp_path, "full") is None
    (tmp_path / "train_full_hadm_ids.csv").write_text("1\n2\n")
    with pytest.raises(BadFile, match=r"has no dev_full_hadm_ids.csv"):
        listed(tmp_path, "full")
    (tmp_path / "dev_full_hadm_ids.csv").write_text("3\nx\n")
    (tmp_path / "test_full_hadm_ids.csv").write_text("4\n1\n")
    with pytest.raises(BadFile, match=r"dev_full_hadm_ids.csv, row 2: not the number"):
        listed(tmp_path, "full")
    (tmp_path / "dev_full_hadm_ids.csv").write_text("hadm_id\n3\n")
    with pytest.raises(BadFile, match=r"test_full.*, row 2: the list of train has this admission"):
        listed(tmp_path, "full")


def test_a_draw_keeps_patients_together_in_the_published_proportions() -> None:
    pairs = [(patient, patient * 10 + k) for patient in range(2000) for k in range(patient % 3 + 1)]

    split = drawn(pairs, seed=3)

    assert drawn(reversed(pairs), seed=3) == split
    assert drawn(pairs, seed=4) != split
    sides = {patient: {split[a] for p, a in pairs if p == patient} for patient in range(0, 2000, 7)}
    assert all(len(side) == 1 for side in sides.values())
    for name, size in PUBLISHED.items():
        share = sum(found == name for found in split.values()) / len(pairs)
        assert share == pytest.approx(size / sum(PUBLISHED.values()), abs=0.002)
    with pytest.raises(BadFile, match="2 patients with coded summaries cannot make three splits"):
        drawn([(1, 1), (2, 2)], seed=0)


def test_ties_for_the_last_place_go_by_code() -> None:
    codes = {i: [Code(ICD9, code)] for i, code in enumerate(("486", "401.9", "428.0", "428.0"))}
    best = most_frequent(codes, dict.fromkeys(codes, "train"), 2)
    assert [code.code for code in best] == ["428.0", "401.9"]


def test_categories_are_one_a_code_and_those_without_are_told(tmp_path: Path) -> None:
    prref = tmp_path / "$prref 2015.csv"
    prref.write_text(
        "Procedures\n'ICD-9-CM CODE','CCS CATEGORY','CCS CATEGORY DESCRIPTION','CODE'\n"
        "'3893','98 ','Made up','VENOUS CATH NEC'\n'3893','54 ','Other','VENOUS CATH NEC'\n"
        "'0331','4  ','Diagnostic spinal tap','SPINAL TAP'\n"
    )
    write_mimic3(
        tmp_path / "mimic",
        notes=thirty(),
        diagnoses=coded((100, "428")),
        procedures=[(100, "3893"), (100, "0331"), (101, "9999")],
    )

    found, out = made(tmp_path, ccs=[prref])

    ccs = found["spaces"]["full"]["CCS"]
    assert ccs["by system"] == {"CCS": 2, "CCS-PROC": 2}
    assert (ccs["categories"], ccs["counted by number alone"]) == (4, 3)  # both systems have a 98
    assert ccs["codes with their heading's category"] == ["ICD-9-CM 428"]
    assert ccs["codes without a category"] == ["ICD-9-PROC 99.99"]
    assert "1 codes with several categories, the first kept: 3893" in found["ccs"][0]
    with (out / "full" / "labels.csv").open() as file:
        rows = {row["code"]: row for row in csv.DictReader(file)}
    assert (rows["38.93"]["category_system"], rows["38.93"]["category"]) == ("CCS-PROC", "98")
    assert rows["401.9"]["title"] == 'Hypertension, "unspecified"'
    assert sum(int(rows["401.9"][split]) for split in ("train", "dev", "test")) == 30
    assert "Made up" in (out / "top50" / "ccs_procedures.csv").read_text()


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ("'00800ZZ','1','Incision'\n", "maps codes that are not ICD-9"),
        ("code;category\n", "not an HCUP single-level file"),
    ],
)
def test_a_file_of_other_categories_is_refused(tmp_path: Path, lines: str, reason: str) -> None:
    (tmp_path / "other.csv").write_text(lines)
    with pytest.raises(BadFile, match=reason):
        made(tmp_path, ccs=[tmp_path / "other.csv"])


def test_the_label_space_an_ingest_brings_holds_rare_codes_and_those_of_dev_alone(
    tmp_path: Path,
) -> None:
    write_mimic3(
        tmp_path / "mimic",
        notes=thirty(),
        diagnoses=coded(*[(100 + i, f"{800 + i}0") for i in range(30)]),
    )
    _, out = made(tmp_path)
    corpus = load("jsonl", out / "full", split="train")

    spaces = label_spaces(
        corpus.notes,
        min_count=3,
        category=lambda code: Code(CodeSystem.CCS, code.code[0]),
        labels=labels_of("jsonl", out / "full"),
    )

    assert len(spaces["icd"]) == 31
    assert [code.code for code in spaces["ccs"]] == ["4", "8"]


def test_mimic_iv_keeps_the_two_versions_of_icd_apart(tmp_path: Path) -> None:
    notes: list[Cells] = [
        (row, 100 + row, "DS", "2180-05-07 00:00:00", f"Fever {row}.") for row in range(20)
    ]
    notes.insert(0, (3, 103, "AD", "2180-05-06 00:00:00", "Addendum."))
    notes += [(3, "", "DS", "2180-05-07", "No stay."), (15, 103, "DS", "2180-05-07", "Not his.")]
    ten = [(100 + row, "J159", 10) for row in range(10)] + [(103, "i10", 10)]
    nine = [(100 + row, "0389", 9) for row in range(9, 20)]
    write_mimic4(
        tmp_path / "mimic",
        notes=notes,
        diagnoses=[*ten, *nine],
        procedures=[(103, "BW03ZZZ", 10), (112, "0331", 9)],
    )
    for version, size, one, codes in (
        ("10", 9, "103", ["BW03ZZZ", "I10", "J15.9"]),
        ("9", 10, "112", ["03.31", "038.9"]),
    ):
        out = tmp_path / version
        out.mkdir()
        found = make_corpora(Plan(release=mimic4(version), folder=tmp_path / "mimic"), out)
        notes_found = notes_of(out / "full")
        assert len(notes_found) == size
        assert notes_found[one][1] == codes
        assert found["documents"]["admissions coded in two versions"] == 1
        assert "109" not in notes_found
    assert notes_of(tmp_path / "10" / "full")["103"][0] == "Fever 3.\n\nAddendum."
    ccs = json.loads(json.dumps(make_again(tmp_path)))["spaces"]["full"]["CCS"]
    assert ccs["by system"] == {"CCSR": 2}
    assert ccs["codes without a category"] == ["ICD-10-PCS BW03ZZZ"]


def make_again(tmp_path: Path) -> Json:
    (tmp_path / "again").mkdir()
    return make_corpora(Plan(release=mimic4("10"), folder=tmp_path / "mimic"), tmp_path / "again")


def test_tables_of_two_releases_that_share_no_admission_are_refused(tmp_path: Path) -> None:
    write_mimic3(tmp_path / "mimic", notes=thirty(), diagnoses=[(5, "4019")])
    with pytest.raises(BadFile, match=r"no admission of NOTEEVENTS.csv has both"):
        made(tmp_path)


def ingest(tmp_path: Path, *more: str) -> int:
    where = ("ingest", "mimic3", str(tmp_path / "mimic"), "--out", str(tmp_path / "out"))
    return main([*where, *more])


def test_a_user_with_mimic_trains_and_evaluates_after_one_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("EVICODE_CCS_PROCEDURES", raising=False)
    prref = tmp_path / "prref.csv"
    prref.write_text("'3893','54','Other vascular catheterization; not heart'\n")
    procedures = [(100 + row, "3893") for row in range(30)]
    notes = [summary(r, r, 100 + r, f"Fever {r} and a line.") for r in range(30)]
    write_mimic3(tmp_path / "mimic", notes=notes, diagnoses=coded(), procedures=procedures)

    assert ingest(tmp_path, "--ccs", str(prref)) == 0

    said = capsys.readouterr()
    assert "| full admissions | 30 | 52,722 |" in said.out
    assert (tmp_path / "out" / "report.md").read_text() == said.out
    corpus = ("--corpus", "jsonl", "--dir", str(tmp_path / "out" / "top50"))
    tiny = ("--hidden", "4", "--epochs", "1", "--vector-epochs", "1", "--threads", "1")
    assert main(["train", "marn", *corpus, "--out", str(tmp_path / "model"), *tiny]) == 0
    report = tmp_path / "report.json"
    checked = ("--checkpoint", str(tmp_path / "model"), "--split", "test", "--out", str(report))
    assert main(["evaluate", *corpus, *checked]) == 0
    assert json.loads(report.read_text())["outside"] == {"icd": 0, "ccs": 0}
    # the corpus brings the category of its procedure, and nothing of it stays behind
    spaces = load_checkpoint(tmp_path / "model").spaces
    assert [code.system for code in spaces["ccs"]] == [CodeSystem.CCS, CodeSystem.CCSPROC]
    assert "EVICODE_CCS_PROCEDURES" not in os.environ
    card = (tmp_path / "model" / "MODEL_CARD.md").read_text()
    assert "Label space: the 2 codes that the corpus lists." in card


def test_an_ingest_that_fails_leaves_nothing_and_one_that_is_there_is_not_touched(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_mimic3(tmp_path / "mimic", notes=thirty(), diagnoses=coded())
    assert ingest(tmp_path) == 0
    before = (tmp_path / "out" / "full" / "train.jsonl").read_bytes()

    assert ingest(tmp_path) == 2
    assert "holds an earlier ingest" in capsys.readouterr().err
    (tmp_path / "mimic" / "NOTEEVENTS.csv").write_text("ROW_ID;HADM_ID\n")
    assert ingest(tmp_path, "--overwrite") == 2
    assert "parted by semicolons" in capsys.readouterr().err
    assert (tmp_path / "out" / "full" / "train.jsonl").read_bytes() == before

    write_mimic3(tmp_path / "mimic", notes=thirty()[:20], diagnoses=coded())
    assert ingest(tmp_path, "--overwrite") == 0
    assert len(notes_of(tmp_path / "out" / "full")) == 20
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mimic", "out"]
    (tmp_path / "out" / "mine.txt").write_text("keep me")
    assert ingest(tmp_path, "--overwrite") == 2
    assert (tmp_path / "out" / "mine.txt").exists()


def test_what_a_killed_ingest_left_is_named_because_it_holds_notes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_mimic3(tmp_path / "mimic", notes=thirty(), diagnoses=coded())
    # as many notes as keep it busy until it is killed
    path = tmp_path / "mimic" / "NOTEEVENTS.csv"
    header, *lines = path.read_text().splitlines(keepends=True)
    path.write_text(header + "".join(lines * 20_000))
    command = [sys.executable, "-m", "core", "ingest", "mimic3", str(tmp_path / "mimic")]
    run = subprocess.Popen([*command, "--out", str(tmp_path / "out")], cwd=ROOT)
    until = time.monotonic() + 60
    while not list(tmp_path.glob(".out.*.draft")) and time.monotonic() < until:
        time.sleep(0.02)
    run.kill()
    run.wait()
    assert not (tmp_path / "out").exists()

    path.write_text(header + "".join(lines))
    assert ingest(tmp_path) == 0
    assert f".out.{run.pid}.draft is left of a run that was killed" in capsys.readouterr().err
    assert len(notes_of(tmp_path / "out" / "full")) == 30


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("mimic4",), "say --version 9 or --version 10"),
        (("mimic3", "--version", "10"), "MIMIC-III is coded in ICD-9 alone"),
        (("mimic3", "--top", "0"), "ask for at least 1 code"),
        (("mimic3",), "there is no NOTEEVENTS.csv or .csv.gz"),
    ],
)
def test_what_cannot_be_asked_for_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: tuple[str, ...], reason: str
) -> None:
    release, *more = options
    assert main(["ingest", release, str(tmp_path), "--out", str(tmp_path / "o"), *more]) == 2
    assert reason in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_the_page_names_no_folder_of_this_machine_and_no_words_of_a_note(tmp_path: Path) -> None:
    notes = thirty(summary(31, 1, "x", "Unmistakable words."))
    write_mimic3(tmp_path / "mimic", notes=notes, diagnoses=coded())
    found, _ = made(tmp_path)
    said = as_markdown(found) + json.dumps(found)
    assert str(tmp_path) not in said
    assert "Unmistakable" not in said
    assert "Fever" not in said
