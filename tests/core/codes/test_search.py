"""Search: what coders type finds what they mean, at once."""

import statistics
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.codes import CodeTables, Search, shared_tables
from core.codes.indexing import Phrase
from core.codes.keeping import Shelf
from core.types import Code, CodeSystem


@pytest.fixture(scope="module")
def tables() -> CodeTables:
    shared_tables().warm()
    return shared_tables()


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("hypertension", "I10"),
        ("high blood pressure", "I10"),
        ("type 2 diabetes", "E11.9"),
        ("chest pain", "R07.9"),
        ("pneumonia", "J18.9"),
        ("appendicitis", "K37"),
        ("fever", "R50.9"),
        ("heart failure", "I50.9"),
        ("asthma", "J45.909"),
        ("i10", "I10"),
        ("R50.9", "R50.9"),
        ("r509", "R50.9"),
        ("plain radiography chest", "BW03ZZZ"),
        ("bw03", "BW03ZZZ"),
    ],
)
def test_the_obvious_code_is_among_the_first(tables: CodeTables, query: str, wanted: str) -> None:
    assert wanted in [hit.code.code for hit in tables.search(query, limit=5)]


def test_words_may_be_cut_short_and_in_any_order(tables: CodeTables) -> None:
    found = [hit.code.code for hit in tables.search("breast neopl malig", limit=5)]
    assert "C50" in found


def test_accents_and_case_do_not_matter(tables: CodeTables) -> None:
    assert tables.search("MÉNIÈRE") == tables.search("meniere") != []


def test_a_code_comes_before_codes_that_continue_it(tables: CodeTables) -> None:
    codes = [hit.code.code for hit in tables.search("E11", limit=10)]
    assert codes[0] == "E11"
    assert all(code.startswith("E11") for code in codes)


def test_a_hit_says_whether_it_may_be_reported(tables: CodeTables) -> None:
    hits = {hit.code.code: hit for hit in tables.search("R50", limit=10)}
    assert not hits["R50"].billable
    assert hits["R50.9"].billable


def test_a_hit_says_by_which_words_it_was_found(tables: CodeTables) -> None:
    (hit,) = [h for h in tables.search("high blood pressure") if h.code.code == "I10"]
    assert hit.found_by == "high blood pressure"


def test_only_the_systems_asked_for_are_searched(tables: CodeTables) -> None:
    hits = tables.search("chest", systems=(CodeSystem.ICD10PCS,))
    assert {hit.code.system for hit in hits} == {CodeSystem.ICD10PCS}


@given(st.text(max_size=40) | st.text('"*()-^:{}+ ANDORNEAR', max_size=20))
def test_nothing_that_can_be_typed_is_an_error(query: str) -> None:
    assert len(shared_tables().search(query, limit=7)) <= 7


def test_no_code_is_listed_twice(tables: CodeTables) -> None:
    for query in ("diabetes", "i1", "fracture", "pain"):
        codes = [hit.code for hit in tables.search(query, limit=50)]
        assert len(codes) == len(set(codes))


def test_threads_find_what_one_finds(tables: CodeTables) -> None:
    queries = ["fever", "pain left", "e11", "radiography"] * 10
    alone = [tables.search(query) for query in queries]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(tables.search, queries)) == alone


def test_a_search_over_all_codes_takes_at_most_20_ms(tables: CodeTables) -> None:
    titles = [tables.icd10cm.title(code) or "" for code in tables.icd10cm.codes()[::301]]
    queries = [query for title in titles for query in (title[:2], title[:7], title)]
    assert len(queries) > 900
    times = [min(_seconds(tables, query) for _ in range(3)) for query in queries]
    assert statistics.quantiles(times, n=20)[-1] <= 0.020


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("mi", "I21.9"),
        ("HTN", "I10"),
        ("copd", "J44.9"),
        ("dm2", "E11.9"),
        ("uti", "N39.0"),
        ("breast cancer", "C50"),
        ("hepatitis a", "B15.9"),
    ],
)
def test_what_coders_say_for_short_is_found(tables: CodeTables, typed: str, wanted: str) -> None:
    assert wanted in [hit.code.code for hit in tables.search(typed, limit=5)]


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("pnuemonia", "J18.9"),
        ("diarhea", "R19.7"),
        ("schizophenia", "F20.9"),
        ("rheumatiod arthritis", "M06.9"),
        ("appendictis", "K37"),
    ],
)
def test_a_letter_wrong_still_finds_it(tables: CodeTables, typed: str, wanted: str) -> None:
    assert wanted in [hit.code.code for hit in tables.search(typed, limit=5)]


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("neumonía", "J18.9"),
        ("colecistitis", "K81.9"),
        ("esquizofrenia", "F20.9"),
        ("fiebre", "R50.9"),
        ("dolor torácico", "R07.9"),
        ("insuficiencia cardiaca", "I50.9"),
        ("infarto agudo de miocardio", "I21.9"),
        ("fibrilación auricular", "I48.91"),
        ("anemia ferropénica", "D50.9"),
        ("hta", "I10"),
    ],
)
def test_common_spanish_words_find_english_titles(
    tables: CodeTables, typed: str, wanted: str
) -> None:
    assert wanted in [hit.code.code for hit in tables.search(typed, limit=5)]


def test_icd_9_is_searched_when_asked_for(tables: CodeTables) -> None:
    asked = (CodeSystem.ICD9CM, CodeSystem.ICD9PROC)
    by_code = tables.search("25000", systems=asked)
    assert [hit.code.code for hit in by_code] == ["250.00"]
    assert tables.search("250.0", systems=asked)[0].code.code == "250.00"
    by_words = tables.search("venous catheterization", systems=asked)
    assert "38.93" in [hit.code.code for hit in by_words]


def test_what_may_be_reported_comes_before_its_heading(tables: CodeTables) -> None:
    found = [hit.code.code for hit in tables.search("chest pain", limit=12)]
    assert found.index("R07.9") < found.index("R07")


def test_an_index_kept_in_a_folder_answers_like_one_in_memory(
    tables: CodeTables, tmp_path: Path
) -> None:
    queries = ("fever", "e11", "breast neopl malig", "pnuemonia", "mi")
    few = list(islice(tables._phrases(), 4_000))
    kept = Search.over(lambda: few, shelf=Shelf(tmp_path))
    again = Search.over(no_phrases, shelf=Shelf(tmp_path))  # made once, then only read
    memory = Search.over(lambda: few, shelf=Shelf(None))
    systems = (CodeSystem.ICD10CM,)
    for query in queries:
        found = [each.find(query, systems=systems, limit=9) for each in (kept, again, memory)]
        assert found[0] == found[1] == found[2]


def test_a_folder_that_cannot_be_written_costs_time_only(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    phrase = Phrase(Code(CodeSystem.ICD10CM, "I10"), "Hypertension", "Hypertension", True)
    search = Search.over(lambda: [phrase], shelf=Shelf(tmp_path / "file"))
    (hit,) = search.find("hyper", systems=(CodeSystem.ICD10CM,), limit=5)
    assert (hit.code, hit.found_by) == (phrase.code, "Hypertension")


def test_a_damaged_index_is_made_anew(tmp_path: Path) -> None:
    phrase = Phrase(Code(CodeSystem.ICD10CM, "I10"), "Hypertension", "Hypertension", True)
    made = []

    def phrases() -> list[Phrase]:
        made.append(phrase)
        return [phrase]

    for damaged in (True, False, False, False):
        search = Search.over(phrases, shelf=Shelf(tmp_path))
        assert search.find("hyper", systems=(CodeSystem.ICD10CM,), limit=5)
        if damaged:
            (kept,) = tmp_path.glob("codes-*/search.sqlite")
            kept.write_bytes(b"not a database")
    assert len(made) == 3  # at first, in memory beside the damaged one, and for good


def test_only_the_newest_versions_are_kept(tmp_path: Path) -> None:
    for number in range(5):
        (tmp_path / f"codes-{number}").mkdir()
    Shelf(tmp_path).text("words.json", lambda: "[]")
    assert len(list(tmp_path.iterdir())) == 3
    assert Shelf(tmp_path).text("words.json", no_text) == "[]"


def no_phrases() -> list[Phrase]:
    raise AssertionError("the index was made twice")


def no_text() -> str:
    raise AssertionError("the text was made twice")


def test_importing_the_tables_reads_nothing() -> None:
    script = (
        "import sys, core.codes as c; c.CodeTables();"
        "sys.exit(bool({'simple_icd_10_cm', 'pandas', 'torch'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def _seconds(tables: CodeTables, query: str) -> float:
    start = time.perf_counter()
    tables.search(query)
    return time.perf_counter() - start
