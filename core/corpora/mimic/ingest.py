"""MIMIC's tables in, corpora out: what `python -m core ingest` does, step by step."""

import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from core.corpora.mimic.categories import Categories, read_categories
from core.corpora.mimic.codes import Written, read_codes, read_titles
from core.corpora.mimic.releases import Release
from core.corpora.mimic.spaces import Space, write_labels, write_notes
from core.corpora.mimic.splitting import drawn, listed, most_frequent
from core.corpora.mimic.summaries import Spill, collect, patients_of, reordered
from core.corpora.mimic.tables import Log, find
from core.errors import BadFile
from core.types import Code, CodeSystem

Json = dict[str, Any]  # Any: plain JSON
FULL = "full"


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What to ingest and how."""

    release: Release
    folder: Path
    notes: Path | None = None  # a folder of its own for the note module
    lists: Path | None = None  # CAML's lists of admissions
    seed: int = 0  # of the split without them
    ccs: Sequence[Path] = ()  # HCUP's files
    top: int = 50  # codes of the smaller label space

    @property
    def folders(self) -> list[Path]:
        roots = [self.folder, *([self.notes] if self.notes else [])]
        return [root / name for root in roots for name in self.release.folders]


@dataclass(frozen=True, kw_only=True)
class Coded:
    """The codes of every admission, and how they were read."""

    codes: Mapping[int, tuple[Code, ...]]
    written: Mapping[CodeSystem, Written]
    titles: Mapping[Code, str]
    mixed: int  # admissions left out because they have codes of both versions


def make_corpora(plan: Plan, out: Path) -> Json:
    """Write the corpora `full` and `top50` into the empty folder `out`; the figures to report.

    Memory holds codes and the places of texts; the texts themselves wait in a file in `out` that
    has no name and vanishes with this process.
    """
    log = Log()
    categories = read_categories(plan.ccs)
    find(plan.release.notes, plan.folders)  # a folder that is not MIMIC's is said at once
    coded = _codes(plan, log)
    with tempfile.TemporaryFile(dir=out) as file:
        spill = Spill(file=file)
        uncoded = _summaries(plan, coded, spill, log)
        spaces, splitting = _spaces(plan, coded, spill)
        write_notes(out, spaces, spill.admissions(), coded.codes)
    for space in spaces:
        folder = out / space.name
        write_labels(folder, space, coded=coded.codes, titles=coded.titles, categories=categories)
        categories.write(folder)
    return {
        "release": plan.release.name,
        "published": dict(plan.release.published),
        "split": splitting,
        "spaces": {space.name: _figures(space, coded, categories) for space in spaces},
        "documents": _documents(spill, uncoded, coded),
        "codes": {system.value: _written(written) for system, written in coded.written.items()},
        "without a title": sorted(str(c) for c in spaces[0].codes if c not in coded.titles),
        "ccs": list(categories.findings),
        "rows": dict(log.rows),
        "dropped": [[file, why, n] for (file, why), n in sorted(log.dropped.items()) if n],
        "malformed": log.malformed,
        "notes": log.notes,
    }


def _summaries(plan: Plan, coded: Coded, spill: Spill, log: Log) -> set[int]:
    """Spill the summaries of coded admissions; the admissions with a summary and no codes."""
    release, path = plan.release, find(plan.release.notes, plan.folders)
    patients = None
    if release.admissions:
        patients = patients_of(find(release.admissions, plan.folders), log)
    documents = release.documents(path, log)
    uncoded = collect(documents, path, coded=coded.codes, patients=patients, spill=spill, log=log)
    if not spill.stored:
        raise BadFile(
            f"no admission of {path.name} has both a discharge summary and codes of "
            f"{' or '.join(release.systems)}; are the tables of one release?"
        )
    return uncoded


def _codes(plan: Plan, log: Log) -> Coded:
    """Diagnoses first, then procedures; an admission coded in two versions of ICD is left out."""
    codes: dict[int, tuple[Code, ...]] = {}
    titles: dict[Code, str] = {}
    written: dict[CodeSystem, Written] = {}
    elsewhere: set[int] = set()
    for table, titled in zip(
        plan.release.tables("", plan.folders), plan.release.tables("d", plan.folders), strict=True
    ):
        titles |= read_titles(titled, log)
        found, written[table.system], others = read_codes(table, log)
        elsewhere |= others
        for admission, more in found.items():
            codes[admission] = codes.get(admission, ()) + tuple(more)
    mixed = elsewhere & codes.keys()
    for admission in mixed:
        del codes[admission]
    return Coded(codes=codes, written=written, titles=titles, mixed=len(mixed))


def _spaces(plan: Plan, coded: Coded, spill: Spill) -> tuple[list[Space], Json]:
    """The label spaces with their splits, and how the split was made."""
    admissions = {stored.admission: stored.patient for stored in spill.stored}
    lists = _listed(plan, "full")
    if plan.lists and not lists:
        raise BadFile(f"{plan.lists} has no train_full_hadm_ids.csv; give the folder of the lists")
    all_splits = lists or drawn(((p, a) for a, p in admissions.items()), seed=plan.seed)
    splits = {a: all_splits[a] for a in admissions if a in all_splits}
    best = most_frequent(coded.codes, splits, plan.top)
    if not best:
        raise BadFile("no admission of the list of train is here; are lists and tables of one kind")
    smaller = _listed(plan, str(plan.top))
    with_best = {
        a: split
        for a, split in (smaller or splits).items()
        if a in admissions and not best.keys().isdisjoint(coded.codes[a])
    }
    name = f"top{plan.top}"
    how: Json = {
        "by": "lists of admissions" if lists else f"patients drawn with seed {plan.seed}",
        f"{name} by": "lists of admissions" if smaller else f"{FULL}, admissions with such a code",
        "listed, not found": len(lists.keys() - admissions.keys()),
        f"listed in {name}, not used": len(smaller.keys() - with_best.keys()),
        "in no list": len(admissions.keys() - splits.keys()),
        name: [[str(code), coded.titles.get(code, ""), count] for code, count in best.items()],
    }
    everything = frozenset(chain.from_iterable(coded.codes[a] for a in splits))
    full = Space(name=FULL, codes=everything, splits=splits)
    return [full, Space(name=name, codes=frozenset(best), splits=with_best)], how


def _listed(plan: Plan, kind: str) -> Mapping[int, str]:
    return (listed(plan.lists, kind) if plan.lists else None) or {}


def _figures(space: Space, coded: Coded, categories: Categories) -> Json:
    used = {a: [c for c in coded.codes[a] if c in space.codes] for a in space.splits}
    trained = {code for a, split in space.splits.items() if split == "train" for code in used[a]}
    return {
        **space.sizes(),
        "admissions": len(space.splits),
        "codes": len(space.codes),
        "codes by system": {
            system.value: sum(code.system is system for code in space.codes)
            for system in coded.written
        },
        "codes as CAML writes them": len({_as_caml(code) for code in space.codes}),
        "codes not in train": len(space.codes - trained),
        "codes an admission": sum(map(len, used.values())) / max(1, len(used)),
        "CCS": categories.report(space.codes),
    }


def _as_caml(code: Code) -> tuple[CodeSystem, str]:
    """A procedure's code without leading zeros: CAML reads them as numbers."""
    bare = code.code.replace(".", "")
    return code.system, bare.lstrip("0") if code.system is CodeSystem.ICD9PROC else bare


def _documents(spill: Spill, uncoded: set[int], coded: Coded) -> Json:
    each = Counter(stored.admission for stored in spill.stored)
    addenda = sum(stored.addendum for stored in spill.stored)
    return {
        "reports": len(spill.stored) - addenda,
        "addenda": addenda,
        "admissions with text and codes": len(each),
        "of patients": len({stored.patient for stored in spill.stored}),
        "admissions with several documents": sum(n > 1 for n in each.values()),
        "of these, in another order than in the file": reordered(spill),
        "admissions with text, not coded": len(uncoded),
        "admissions coded, without text": len(coded.codes.keys() - each.keys()),
        "admissions coded in two versions": coded.mixed,
        "megabytes of text": round(spill.size / 1e6, 1),
    }


def _written(written: Written) -> Json:
    return {
        "different": len(set(written.codes.values())),
        "leading zeros restored": list(written.restored),
        "leading zeros uncertain": list(written.ambiguous),
    }
