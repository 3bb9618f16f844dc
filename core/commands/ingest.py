"""`python -m core ingest`: a MIMIC release as it is downloaded in, corpora and a report out."""

import argparse
import json
import re
import sys
from pathlib import Path

from core.commands.data import SHOWN, tell
from core.commands.writing import whole_folder
from core.corpora.mimic import MIMIC3, Plan, Release, as_markdown, make_corpora, mimic4
from core.errors import BadSettings
from core.settings import settings

REPORT, PAGE = "report.json", "report.md"
WRITTEN = {REPORT, PAGE, "full"}  # and top50


def ingest(options: argparse.Namespace) -> int:
    """Write --out/full, --out/top50 and the report; all of it or nothing."""
    _check_out(options)
    plan = Plan(
        release=_release(options),
        folder=options.dir,
        notes=options.notes,
        lists=options.splits,
        seed=options.seed,
        ccs=options.ccs or _named(),
        top=options.top,
    )
    with whole_folder(options.out) as draft:
        report = make_corpora(plan, draft)
        text = as_markdown(report)
        (draft / REPORT).write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
        (draft / PAGE).write_text(text, encoding="utf-8")
    sys.stdout.write(text)
    for problem in report["malformed"][:SHOWN]:
        tell(problem)
    smaller = options.out / f"top{options.top}"
    tell(f"wrote {options.out}; train with --corpus jsonl --dir {smaller}")
    return 0


def _release(options: argparse.Namespace) -> Release:
    if options.top < 1:
        raise BadSettings(f"--top {options.top}: ask for at least 1 code")
    if options.release == "mimic3":
        if options.version == "10":
            raise BadSettings("--version 10: MIMIC-III is coded in ICD-9 alone")
        return MIMIC3
    if options.version is None:
        raise BadSettings(
            "MIMIC-IV has admissions in ICD-9 and in ICD-10, which make two corpora; "
            "say --version 9 or --version 10"
        )
    return mimic4(options.version)


def _named() -> list[Path]:
    named = settings().ccs_procedures
    return [] if named is None else [named]


def _check_out(options: argparse.Namespace) -> None:
    """BadSettings unless --out is free, or holds an earlier ingest that is to be overwritten."""
    out: Path = options.out
    if out.exists() and not out.is_dir():
        raise BadSettings(f"{out} is a file; name a folder with --out")
    inside = {path.name for path in out.iterdir()} if out.exists() else set()
    strangers = {name for name in inside - WRITTEN if not re.fullmatch(r"top\d+", name)}
    if strangers:  # never overwritten: it may be anything
        raise BadSettings(f"{out} is not empty ({min(strangers)}); choose another --out")
    if inside and not options.overwrite:
        raise BadSettings(f"{out} holds an earlier ingest; choose another --out or --overwrite")
    for draft in out.parent.glob(f".{out.name}.*.draft") if out.parent.is_dir() else ():
        tell(f"{draft} is left of a run that was killed; it holds notes: delete it")
