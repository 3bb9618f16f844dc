"""A generated MIMIC-III of real size: memory and time of its ingest, and of reading the corpus.

    python -m benchmarks.mimic              writes docs/benchmarks/mimic.md; 7 GB of disk, minutes
    python -m benchmarks.mimic --share 0.01 a small one, printed only

Row counts and lengths are MIMIC-III's (v1.4); words and codes are drawn at random.
"""

import argparse
import csv
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from multiprocessing import get_context
from pathlib import Path

from benchmarks.report import header
from core.codes import sources

REPORT = Path(__file__).parents[1] / "docs" / "benchmarks" / "mimic.md"
LIMIT = 2_000  # MB
NOTES, SUMMARIES, ADMISSIONS, WITH_SUMMARY = 2_083_180, 59_652, 58_976, 52_726
DIAGNOSES, PROCEDURES, CODED_AS = 651_047, 240_095, (6_984, 2_009)
LISTS = {"train": 47_719, "dev": 1_631, "test": 3_372}  # 4 admissions with text have no codes
LONG, SHORT = 10_000, 1_700  # characters of a summary, of any other note, on average
NOTE_COLUMNS = (
    "ROW_ID,SUBJECT_ID,HADM_ID,CHARTDATE,CHARTTIME,STORETIME,CATEGORY,DESCRIPTION,CGID,ISERROR,TEXT"
)
CODE_COLUMNS = "ROW_ID,SUBJECT_ID,HADM_ID,SEQ_NUM,ICD9_CODE"
TITLE_COLUMNS = "ROW_ID,ICD9_CODE,SHORT_TITLE,LONG_TITLE"
READ_BACK = (
    "import sys; from pathlib import Path; from core.corpora import labels_of, load; "
    "folder = Path(sys.argv[1]); c = load('jsonl', folder, split='train'); "
    "print(len(c.notes), len(labels_of('jsonl', folder)), len(c.problems))"
)
CSV = (
    "import csv, sys; csv.field_size_limit(2**31 - 1); "
    "rows = csv.reader(open(sys.argv[1], newline='', encoding='utf-8'), strict=True); "
    "print(sum(row[6] == 'Discharge summary' for row in rows))"
)
ARROW = (
    "import sys; import pyarrow as pa, pyarrow.csv as pc; pa.set_cpu_count(1); "
    "rows = pc.open_csv(sys.argv[1], read_options=pc.ReadOptions(use_threads=False), "
    "parse_options=pc.ParseOptions(newlines_in_values=True), convert_options="
    "pc.ConvertOptions(include_columns=['CATEGORY', 'HADM_ID', 'TEXT'])); "
    "print(sum(b.column('CATEGORY').to_pylist().count('Discharge summary') for b in rows))"
)


@dataclass(frozen=True)
class Measured:
    """One command: what it took, and what it said."""

    name: str
    seconds: float
    megabytes: float
    said: str


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--share", type=float, default=1.0, help="of MIMIC-III's rows")
    share = parser.parse_args(arguments).share
    place = Path(tempfile.mkdtemp(prefix="evicode-mimic-"))
    try:
        started = time.monotonic()
        # in a process of its own: a child begins with the peak memory of its parent
        writer = get_context("spawn").Process(
            target=write_tables, args=(place / "mimic",), kwargs={"share": share}
        )
        writer.start()
        writer.join()
        wrote = time.monotonic() - started
        text = _page(place, wrote)
    finally:
        shutil.rmtree(place)
    if share == 1.0:
        REPORT.write_text(header("MIMIC-III of real size", "python -m benchmarks.mimic") + text)
    sys.stdout.write(text)


def write_tables(folder: Path, *, share: float, seed: int = 0) -> None:
    """Write the five tables and CAML's lists, a share of the real number of rows."""
    folder.mkdir(parents=True)
    draw = random.Random(seed)  # noqa: S311 - made-up notes

    def of(number: int) -> int:
        return round(number * share)

    admissions = [(10_000 + i * 4 // 5, 100_000 + i) for i in range(of(ADMISSIONS))]
    with_summary = sorted(draw.sample(admissions, of(WITH_SUMMARY)))
    uncoded = {with_summary[i][1] for i in range(max(1, of(4)))}
    _write(folder / "NOTEEVENTS.csv", NOTE_COLUMNS, _notes(draw, of, admissions, with_summary))
    kinds = (
        ("DIAGNOSES", DIAGNOSES, sources.icd9cm()),
        ("PROCEDURES", PROCEDURES, sources.icd9proc()),
    )
    coded = [admission for admission in admissions if admission[1] not in uncoded]
    for (name, number, titles), used in zip(kinds, CODED_AS, strict=True):
        codes = draw.sample(sorted(titles), used)
        rows = _codes(draw, of(number), coded, codes)
        _write(folder / f"{name}_ICD.csv", CODE_COLUMNS, rows)
        titled = ((i, code, title[:24], title) for i, (code, title) in enumerate(titles.items()))
        _write(folder / f"D_ICD_{name}.csv", TITLE_COLUMNS, titled)
    left = [str(hadm) for _, hadm in with_summary if hadm not in uncoded]
    for split, number in LISTS.items():
        lines, left = left[: of(number)], left[of(number) :]
        (folder / f"{split}_full_hadm_ids.csv").write_text("\n".join(lines) + "\n")


def _notes(
    draw: random.Random,
    of: Callable[[int], int],
    admissions: Sequence[tuple[int, int]],
    with_summary: Sequence[tuple[int, int]],
) -> Iterator[Sequence[object]]:
    """Summaries first, as in the real file, then everything else; one note in ten has no stay."""
    pool = _pool(draw)
    again = of(SUMMARIES) - len(with_summary)  # addenda and second reports
    documents = [(s, h, "Report") for s, h in with_summary]
    documents += [
        (s, h, draw.choice(("Addendum", "Report"))) for s, h in draw.choices(with_summary, k=again)
    ]
    draw.shuffle(documents)
    for row, (subject, hadm, kind) in enumerate(documents, start=1):
        date = f"21{draw.randrange(10, 99)}-{draw.randrange(1, 13):02}-11"
        size = LONG if kind == "Report" else SHORT
        yield (
            row,
            subject,
            hadm,
            date,
            "",
            "",
            "Discharge summary",
            kind,
            "",
            "",
            _cut(draw, pool, size),
        )
    for row in range(len(documents) + 1, of(NOTES) + 1):
        subject, hadm = draw.choice(admissions)
        stay = hadm if row % 10 else ""
        wrong = 1 if row % 2_350 == 0 else ""
        when = "2150-01-01", "2150-01-01 10:00:00", "2150-01-01 10:01:00"
        yield (
            row,
            subject,
            stay,
            *when,
            "Nursing/other",
            "Report",
            17,
            wrong,
            _cut(draw, pool, SHORT),
        )


def _pool(draw: random.Random) -> str:
    """Words to cut texts from, with the line breaks, quotation marks and commas of real notes."""
    words = ["".join(draw.choices("etaoinshrdlu", k=draw.randrange(2, 11))) for _ in range(30_000)]
    words += ["[**2101-3-4**]", '"the patient"', "38.5,", "\n\n", "\n", "mg/dL", "Sig:"] * 400
    return " ".join(draw.choices(words, k=1_500_000))


def _cut(draw: random.Random, pool: str, mean: int) -> str:
    size = draw.randrange(mean // 2, mean * 3 // 2)
    start = draw.randrange(len(pool) - size)
    return pool[start : start + size]


def _codes(
    draw: random.Random, number: int, admissions: Sequence[tuple[int, int]], codes: Sequence[str]
) -> Iterator[Sequence[object]]:
    """Codes as frequent as Zipf has it; every admission has one."""
    weights = list(accumulate(1 / rank for rank in range(1, len(codes) + 1)))
    drawn = draw.choices(codes, cum_weights=weights, k=number)
    for row, code in enumerate(drawn, start=1):
        subject, hadm = admissions[row] if row < len(admissions) else draw.choice(admissions)
        yield row, subject, hadm, row % 39, code


def _write(path: Path, columns: str, rows: Iterator[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(columns + "\n")
        csv.writer(file, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n").writerows(rows)


def _page(place: Path, wrote: float) -> str:
    tables = place / "mimic"
    size = (tables / "NOTEEVENTS.csv").stat().st_size / 1e9
    core = [sys.executable, "-m", "core", "ingest", "mimic3", str(tables)]
    core += ["--splits", str(tables)]
    plain = _measure("ingest, .csv", [*core, "--out", str(place / "plain")])
    read = [sys.executable, "-c", READ_BACK, str(place / "plain" / "full")]
    back = _measure("reading `full`, train", read)
    readers = [
        _measure(
            f"NOTEEVENTS through {name}",
            [sys.executable, "-c", code, str(tables / "NOTEEVENTS.csv")],
        )
        for name, code in (("csv", CSV), ("pyarrow", ARROW))
    ]
    subprocess.run(["gzip", "-1", str(tables / "NOTEEVENTS.csv")], check=True)  # noqa: S603, S607
    packed = _measure("ingest, .csv.gz", [*core, "--out", str(place / "packed")])
    found = json.loads((place / "plain" / "report.json").read_text())
    alike = all(
        (place / "packed" / "full" / f"{split}.jsonl").read_bytes()
        == (place / "plain" / "full" / f"{split}.jsonl").read_bytes()
        for split in ("dev", "test")
    )
    full = found["spaces"]["full"]
    lines = "".join(
        f"| {m.name} | {m.seconds:,.0f} s | {m.megabytes:,.0f} MB |\n"
        for m in (plain, packed, back, *readers)
    )
    rows, documents = found["rows"], found["documents"]
    verdict = "met" if max(plain.megabytes, packed.megabytes) <= LIMIT else "MISSED"
    sizes = ", ".join(f"{full[split]:,} {split}" for split in LISTS)
    return (
        f"A generated MIMIC-III: NOTEEVENTS has {rows['NOTEEVENTS.csv']:,} rows and {size:.1f} GB, "
        f"{documents['reports'] + documents['addenda']:,} of them\ndischarge summaries and addenda "
        f"({documents['megabytes of text']:,} MB); {rows['DIAGNOSES_ICD.csv']:,} diagnoses, "
        f"{rows['PROCEDURES_ICD.csv']:,} procedures.\nRow counts and mean lengths are the real "
        f"ones, words and codes are drawn. Written in {wrote:,.0f} s.\n\n"
        "| | wall time | peak memory |\n| --- | --- | --- |\n"
        f"{lines}\nLimit for the ingest: {LIMIT:,} MB; {verdict}. One process, nice'd, on a "
        "machine with other work. Peak memory is the\nchild's `ru_maxrss`.\n\n"
        f"Admissions: {sizes}, from lists of CAML's sizes; "
        f"{documents['admissions with text, not coded']} with text have no codes.\nThe corpus read "
        f"back (notes, labels, problems): {back.said}. Both forms of the file give "
        f"{'the same' if alike else 'DIFFERENT'} dev and test\nfiles.\n\n"
        "pyarrow reads faster. Python's csv reader was chosen because it needs no further "
        "dependency and little memory and gives\nevery row its number; an ingest is run once, and "
        "takes minutes. Both are exact on quoted line breaks; discharge\nsummaries counted by "
        f"them: {' and '.join(m.said for m in readers)}.\n"
    )


def _measure(name: str, command: Sequence[str]) -> Measured:
    """Run a command in a child process: its wall time and its own peak memory."""
    started = time.monotonic()
    with tempfile.TemporaryFile("w+") as out:
        child = subprocess.Popen(command, stdout=out)  # noqa: S603
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        said = out.read().strip()
    if child.returncode:
        raise SystemExit(f"{name} failed with {child.returncode}")
    return Measured(name, time.monotonic() - started, usage.ru_maxrss / 1024, said)


if __name__ == "__main__":
    main()
