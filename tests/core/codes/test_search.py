"""Search: what coders type finds what they mean, at once."""

import statistics
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.codes import CodeTables, shared_tables
from core.types import CodeSystem


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
