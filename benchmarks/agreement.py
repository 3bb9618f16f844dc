"""How the three coders of CMC 2007 agree, imported as double codings into a real database.

python -m benchmarks.agreement [--dir CMC]     writes docs/benchmarks/agreement.md
python -m benchmarks.agreement --database FILE     imports every pair, for the app's Compare page

Each pair of coders becomes first and second codings of every report in a database of its own,
which is thrown away; the figures come from `ui.services.double_coding`, as a lead would see them.
"""

import argparse
import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.orm import Session

import db
from benchmarks.report import header
from core.codes import shared_tables
from core.corpora import cmc
from core.metrics import coders
from core.metrics.coders import CoderAgreement
from core.types import Code, Note
from db import charts, decisions, notes
from db.records import Action, Draft, Pass, Turn
from ui.services.double_coding import Agreements, DoubleCoding

DATA = Path(__file__).parents[2] / "shared" / "data" / "cmc2007"
REPORT = Path(__file__).parents[1] / "docs" / "benchmarks" / "agreement.md"
SPLIT = "train"  # the only one with the coders' own codes
MOST_CODES = 45  # lines of the table; the corpus has 45 codes of the majority
AT = datetime(2007, 1, 1, tzinfo=UTC)

Given = Mapping[str, frozenset[Code]]  # note id -> the codes one coder gave


def import_pair(
    engine: Engine, found: Mapping[str, Note], pair: Mapping[str, Given], *, label: str = ""
) -> None:
    """Store the notes, and two coders' codes as their first and second codings, finished.

    The label tells the charts of one pair from those of another in the same database.
    """
    with db.unit_of_work(engine) as session:
        for note in found.values():
            # a text is stored once, but two reports may read alike
            told_apart = replace(
                note,
                id=f"{note.id} {label}".strip(),
                text=f"Report {note.id} {label}\n\n{note.text}",
            )
            kept = notes.add(
                session, told_apart, source="cmc2007", uploaded_by="import", at=AT
            ).note
            for coding_pass, (coder, given) in zip(
                (Pass.FIRST, Pass.SECOND), pair.items(), strict=True
            ):
                _code(session, kept.id, given[note.id], coder, coding_pass)


def _code(
    session: Session, note_id: int, codes: frozenset[Code], coder: str, coding_pass: Pass
) -> None:
    for code in sorted(codes):
        draft = Draft(
            note_id=note_id,
            code=code,
            title=shared_tables().title(code) or "",
            action=Action.ADD,
            coder=coder,
            token=f"{note_id} {coding_pass} {code}",
            coding_pass=coding_pass,
        )
        decisions.append(session, draft, seen=0, at=AT)
    turn = Turn.FINISHED
    charts.record(session, note_id, turn, coder=coder, at=AT, coding_pass=coding_pass)


def import_pairs(engine: Engine, folder: Path) -> None:
    """Every pair of coders in one database: a chart is one report as two of them coded it."""
    found = cmc.read(folder, SPLIT, "en").notes
    given = cmc.coders(folder, SPLIT)
    for one, other in combinations(sorted(given), 2):
        pair = {one: given[one], other: given[other]}
        import_pair(engine, found, pair, label=f"{one}-{other}")


def agreements(folder: Path) -> dict[tuple[str, str], Agreements]:
    """The agreement of every pair of coders, through the database."""
    found = cmc.read(folder, SPLIT, "en").notes
    given = cmc.coders(folder, SPLIT)
    figures = {}
    for one, other in combinations(sorted(given), 2):
        with tempfile.TemporaryDirectory() as scratch:
            engine = db.connect(Path(scratch, "evicode.sqlite"))
            db.migrate(engine)
            import_pair(engine, found, {one: given[one], other: given[other]})
            double = DoubleCoding(engine=engine, now=lambda: AT)
            figures[one, other] = double.agreement()
            engine.dispose()
    return figures


def page(figures: Mapping[tuple[str, str], Agreements], alpha: float | None) -> str:
    """The report: overall per pair, then kappa per code and pair."""
    charts = next(iter(figures.values())).charts
    lines = [
        f"{charts} radiology reports with the ICD-9-CM codes of three coders, imported as first",
        "and second codings. A unit is one code on one report, given or not, over all codes that",
        "either of the two gave; kappa is Cohen's, as scikit-learn computes it. Positive agreement",
        "is the share of given codes that both gave.",
        "",
        f"Krippendorff's alpha of all three: {_figure(alpha)}.",
        "",
        "| coders | kappa | positive agreement | Jaccard | both | only the one | only the other |",
        "|---|---|---|---|---|---|---|",
    ]
    for pair, found in figures.items():
        lines.append(f"| {' and '.join(pair)} | {_cells(found.overall)} |")
    return "\n".join([*lines, "", *_by_code(figures), ""])


def _cells(found: CoderAgreement) -> str:
    shares = map(_figure, (found.kappa, found.positive, found.jaccard))
    return " | ".join([*shares, *map(str, (found.both, found.only_one, found.only_other))])


def _by_code(figures: Mapping[tuple[str, str], Agreements]) -> list[str]:
    given = Counter[Code]()
    for found in figures.values():
        for code, each in found.by_code.items():
            given[code] += each.units - each.neither
    listed = [code for code, _ in given.most_common(MOST_CODES)]
    pairs = [" and ".join(pair) for pair in figures]
    lines = [
        f"## Kappa per code\n\nThe {len(listed)} codes given most, of {len(given)}; in "
        "brackets the reports on which either of the two gave the code.\n",
        f"| code | title | {' | '.join(pairs)} |",
        f"|---|---|{'---|' * len(pairs)}",
    ]
    for code in listed:
        cells = [_kappa(found.by_code.get(code)) for found in figures.values()]
        title = shared_tables().title(code) or ""
        lines.append(f"| {code.code} | {title} | {' | '.join(cells)} |")
    return lines


def _kappa(found: CoderAgreement | None) -> str:
    return "–" if found is None else f"{_figure(found.kappa)} ({found.units - found.neither})"


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}".replace("-", "−")


def main() -> None:
    parser = argparse.ArgumentParser(description="Agreement of the three coders of CMC 2007.")
    parser.add_argument("--dir", type=Path, default=DATA)
    parser.add_argument("--database", type=Path, help="import into this file, and write no report")
    options = parser.parse_args()
    folder = options.dir
    if options.database is not None:
        engine = db.connect(options.database)
        db.migrate(engine)
        import_pairs(engine, folder)
        return
    alpha = coders.alpha(list(cmc.coders(folder, SPLIT).values()))
    title, command = "How the coders of CMC 2007 agree", "python -m benchmarks.agreement"
    REPORT.write_text(header(title, command) + page(agreements(folder), alpha), encoding="utf-8")


if __name__ == "__main__":
    main()
