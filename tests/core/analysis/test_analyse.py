"""Every analysis for every row of the systems table, and the files they become."""

import csv
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest

from core.__main__ import main
from core.analysis import ANALYSES, Material, Result, Subject, analyse, files, scored
from core.analysis.runs import COLUMNS
from core.checkpoints import Checkpoint
from core.codes import shared_tables
from core.errors import BadSettings
from core.systems import SYSTEMS
from core.types import Code, CodeSpace, CodeSystem
from tests.builders import a_code, a_note, write_jsonl
from tests.models import CODED_NOTES, tiny_checkpoint, tiny_fused_checkpoint

HOSTILE = '<script>alert(1)</script> <img src=x onerror=alert(2)> <a href="https://x.example">'


class HostileTables:
    """Code tables whose titles attack whoever shows them."""

    def title(self, code: Code) -> str:
        return f"={HOSTILE} {code.code}"

    def category(self, code: Code) -> Code | None:
        return shared_tables().category(code)


class Links(HTMLParser):
    """Collects tags and every address a page would fetch or lead to."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href")]


def material(*checkpoints: Checkpoint, tables: object = None) -> Material:
    known = tables or shared_tables()
    return Material(
        tables=known,  # type: ignore[arg-type]  # any object with titles and categories
        subjects=tuple(
            Subject(name=c.name, checkpoint=c, scored=scored(c, CODED_NOTES, known))  # type: ignore[arg-type]
            for c in checkpoints
        ),
        notes=CODED_NOTES,
        counted=CODED_NOTES,
        scored_in="dev",
        counted_in="train",
    )


def named(results: list[Result]) -> dict[str, Result]:
    return {result.name: result for result in results}


@pytest.mark.parametrize("row", sorted(SYSTEMS))
def test_every_row_has_its_pictures_or_says_why_not(row: str, tmp_path: Path) -> None:
    found = named(analyse(material(tiny_checkpoint(tmp_path / "c", row))))
    for name in ("frequency", "loss", "bins"):
        assert found[name].figure is not None
    for name in ("embeddings", "neighbours"):
        assert found[name].figure is not None or re.match(
            "Row .* (ranks|keeps)", found[name].notes[0]
        )
    if len(SYSTEMS[row].tasks) == 1:
        assert found["neighbours"].figure is None
        assert re.search("ranks no CCS codes|keeps no vector", found["neighbours"].notes[0])
    assert set(found["loss"].table["task"]) == set(SYSTEMS[row].tasks)


def test_a_fused_checkpoint_shows_its_network_and_its_memory_apart(tmp_path: Path) -> None:
    found = named(analyse(material(tiny_fused_checkpoint(tmp_path / "c"))))
    assert list(found["bins"].table["scores"].unique()) == [
        "tiny-evicode, network",
        "tiny-evicode, network and memory",
    ]


def test_several_checkpoints_share_the_figures_over_codes(tmp_path: Path) -> None:
    both = [tiny_checkpoint(tmp_path / row, row) for row in ("marn", "mt_ram")]
    found = named(analyse(material(*both)))
    assert list(found["loss"].table["loss"].unique()) == [
        "Focal alpha 0.999 gamma 2",
        "BinaryCrossEntropy",
    ]
    assert {"embeddings-1", "embeddings-2", "neighbours-1", "neighbours-2"} <= found.keys()


def test_the_test_of_eq_18_names_its_count_beside_the_published_one(tmp_path: Path) -> None:
    found = named(analyse(material(tiny_checkpoint(tmp_path / "c")), ["neighbours"]))["neighbours"]
    significant = int(found.table["significant"].sum())
    assert found.notes[0].startswith(f"{significant} of 3 CCS codes are significant (MARN on ")
    assert "157 of 295" in found.notes[0]


def test_categories_can_be_chosen_and_unknown_ones_are_refused(tmp_path: Path) -> None:
    given = material(tiny_checkpoint(tmp_path / "c"))
    chosen = replace(given, chosen=("SYM001", "CIR012"))
    figure = named(analyse(chosen, ["neighbours"]))["neighbours"].figure
    heads = [note.text.split()[0] for note in figure.layout.annotations]
    assert heads == ["SYM001", "CIR012"]
    with pytest.raises(BadSettings, match="'XYZ' is no CCS code of the checkpoint"):
        analyse(replace(given, chosen=("XYZ",)), ["neighbours"])


def test_a_checkpoint_that_ranks_what_it_could_not_learn_from_train_is_told_of(
    tmp_path: Path,
) -> None:
    given = material(tiny_checkpoint(tmp_path / "c"))
    found = analyse(replace(given, counted=CODED_NOTES[:3]), ["bins"])[0]
    assert (
        "tiny-marn ranks 1 of the 1 ICD codes that 'dev' carries and 'train' does not"
        in (found.notes[-1])
    )
    assert not any("flatter" in note for note in analyse(given, ["bins"])[0].notes)


def test_a_code_outside_the_label_space_counts_as_missed(tmp_path: Path) -> None:
    checkpoint = tiny_checkpoint(tmp_path / "c")
    given = material(checkpoint)
    note = a_note("fever", a_code("Z99.2"))
    seen = scored(checkpoint, [note], shared_tables())
    subject = replace(given.subjects[0], scored=seen)
    table = analyse(replace(given, subjects=(subject,), notes=(note,)), ["bins"])[0].table
    line = table[(table["task"] == "icd") & (table["bin"] == "0")].iloc[0]
    assert (line["gold"], line["hits"]) == (1, 0)


@pytest.mark.parametrize("name", ANALYSES)
def test_with_nothing_given_every_analysis_says_what_it_needs(name: str) -> None:
    (found,) = analyse(Material(tables=shared_tables()), [name])
    assert found.figure is None
    assert found.notes[0].startswith("Needs ")


def test_an_unknown_analysis_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(BadSettings, match="'fig9' is no analysis; use some of frequency, "):
        analyse(Material(tables=shared_tables()), ["fig9"])


def test_hostile_names_and_titles_are_shown_and_never_obeyed(tmp_path: Path) -> None:
    checkpoint = replace(tiny_fused_checkpoint(tmp_path / "c"), name=HOSTILE)
    given = replace(
        material(checkpoint, tables=HostileTables()),
        runs=pd.DataFrame(
            [
                (HOSTILE, f"{HOSTILE}{blocks}", 0, HOSTILE if x else "", x, HOSTILE, metric, 1.0)
                for blocks, x in (("", None), (" + RAM", None), ("", 1.0), ("", 2.0))
                for metric in ("macro F1", HOSTILE)
            ],
            columns=COLUMNS,
        ),
    )
    results = analyse(given)
    assert all(result.figure is not None for result in results)
    made = files(results, heading=HOSTILE, facts=[HOSTILE])
    pages = {name: text for name, text in made.items() if name.endswith(".html")}
    for page in pages.values():
        assert "<script>alert" not in page
        assert "<img" not in page
        # an entity in the JSON of a figure is what Plotly shows as "<"
        assert "\\u003cimg" not in page
        assert not any("x.example" in address for address in Links(page).addresses)
    assert "<img" not in made["summary.md"].replace("\\<img", "")


def test_a_title_that_is_a_formula_is_defused_in_csv(tmp_path: Path) -> None:
    results = analyse(material(tiny_checkpoint(tmp_path / "c"), tables=HostileTables()))
    lines = list(csv.DictReader(files(results, heading="", facts=[])["frequency.csv"].splitlines()))
    assert lines
    assert all(line["title"].startswith("'=<script>") for line in lines)


def test_the_page_needs_nothing_from_elsewhere(tmp_path: Path) -> None:
    made = files(analyse(material(tiny_checkpoint(tmp_path / "c"))), heading="A", facts=[])
    for name, page in made.items():
        if name.endswith(".html"):
            found = [a for a in Links(page).addresses if not a.startswith(("#", "data:"))]
            assert all(address in made for address in found), name
    assert not any("src" in tag for tag in re.findall("<script[^>]*>", made["index.html"]))


def test_a_result_without_a_figure_is_in_the_summary_with_its_reason() -> None:
    made = files(analyse(Material(tables=shared_tables())), heading="A", facts=["B."])
    assert set(made) == {"index.html", "summary.md"}
    assert made["summary.md"].count("Not drawn.") == len(ANALYSES)


def test_the_command_writes_pages_tables_and_a_summary(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tiny_checkpoint(tmp_path / "c", "marn")
    tiny_checkpoint(tmp_path / "d", "bigru_lan")
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    for split in ("train", "dev"):
        write_jsonl(
            corpus / f"{split}.jsonl",
            [
                {"id": note.id, "text": note.text, "codes": [{"system": "icd10cm", "code": code}]}
                for note, code in zip(CODED_NOTES, ("I10", "R50.9", "R07.9", "J18.9"), strict=True)
            ],
        )
    checkpoints = ("--checkpoint", str(tmp_path / "c"), str(tmp_path / "d"))
    where = ("--corpus", "jsonl", "--dir", str(corpus), "--out", str(tmp_path / "out"))
    assert main(["analyse", *checkpoints, *where]) == 0
    written = {path.name for path in (tmp_path / "out").iterdir()}
    both = {f"{name}.{kind}" for name in ("frequency", "loss", "bins") for kind in ("csv", "html")}
    assert both | {"index.html", "summary.md", "plotly.min.js", "neighbours-1.csv"} <= written
    assert "neighbours-2.csv" not in written
    assert "4 notes of split 'dev' scored" in (tmp_path / "out" / "summary.md").read_text()
    assert "not drawn: CCS codes and their ICD codes: tiny-bigru_lan." in capsys.readouterr().err


def test_embeddings_need_no_corpus(tmp_path: Path) -> None:
    tiny_checkpoint(tmp_path / "c")
    where = ("--checkpoint", str(tmp_path / "c"), "--out", str(tmp_path / "out"))
    assert main(["analyse", *where, "--only", "embeddings"]) == 0
    assert (tmp_path / "out" / "embeddings.csv").exists()


def test_a_corpus_without_its_folder_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["analyse", "--corpus", "jsonl", "--out", str(tmp_path / "out")]) == 2
    assert "--corpus and --dir belong together" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_categories_of_other_systems_are_kept_apart(tmp_path: Path) -> None:
    checkpoint = tiny_checkpoint(tmp_path / "c")
    codes = tuple(Code(CodeSystem.CCS, code) for code in ("1", "2", "3"))
    spaces = {**checkpoint.spaces, "ccs": CodeSpace(name="ccs", codes=codes)}
    given = Material(
        tables=shared_tables(),
        subjects=(Subject(name="m", checkpoint=replace(checkpoint, spaces=spaces)),),
    )
    (found,) = analyse(given, ["neighbours"])
    assert found.table["own"].tolist() == [0, 0, 0]
    assert "5 of 5 ICD codes belong to no CCS code" in found.notes[-1]
