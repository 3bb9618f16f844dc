"""Which admission is in which split: CAML's lists, or patients drawn in CAML's proportions."""

import random
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from core.corpora.mimic.tables import whole_number
from core.errors import BadFile
from core.types import Code

SPLITS = ("train", "dev", "test")
PUBLISHED = {"train": 47_719, "dev": 1_631, "test": 3_372}  # admissions of MIMIC-III; CAML sec. 4.1


def listed(folder: Path, kind: str) -> dict[int, str] | None:
    """Admission -> split from CAML's `train_{kind}_hadm_ids.csv` and so on; None without them.

    BadFile if one of the three is missing, a line is no number, or two lists share an admission.
    """
    paths = {split: folder / f"{split}_{kind}_hadm_ids.csv" for split in SPLITS}
    missing = [path.name for path in paths.values() if not path.is_file()]
    if len(missing) == len(paths):
        return None
    if missing:
        raise BadFile(f"{folder} has no {missing[0]}; CAML's lists come as three files")
    found: dict[int, str] = {}
    for split, path in paths.items():
        lines = path.read_text(encoding="utf-8-sig").splitlines()
        for row, line in enumerate(lines, start=1):
            admission = whole_number(line.strip().strip('"'))
            if admission is None:
                if line.strip() and row > 1:  # row 1 may be a header
                    raise BadFile(f"{path.name}, row {row:,}: not the number of an admission")
            elif found.setdefault(admission, split) != split:
                raise BadFile(
                    f"{path.name}, row {row:,}: the list of {found[admission]} has this admission "
                    "too; a split must not share admissions"
                )
    return found


def drawn(admissions: Iterable[tuple[int, int]], *, seed: int) -> dict[int, str]:
    """Admission -> split, from (patient, admission) pairs; a patient is never in two splits.

    Patients are shuffled and fill dev, then test, until each has its share of the admissions.
    """
    of: dict[int, list[int]] = {}
    for patient, admission in sorted(admissions):
        of.setdefault(patient, []).append(admission)
    if len(of) < len(SPLITS):
        raise BadFile(f"{len(of)} patients with coded summaries cannot make three splits")
    order = sorted(of)
    random.Random(seed).shuffle(order)  # noqa: S311 - a split, not a secret
    total = sum(map(len, of.values()))
    wanted = {s: total * PUBLISHED[s] / sum(PUBLISHED.values()) for s in ("dev", "test")}
    found: dict[int, str] = {}
    filled: Counter[str] = Counter()
    for patient in order:
        split = next((s for s, size in wanted.items() if filled[s] < size), "train")
        filled[split] += len(of[patient])
        found.update(dict.fromkeys(of[patient], split))
    return found


def most_frequent(
    coded: Mapping[int, Iterable[Code]], splits: Mapping[int, str], count: int
) -> dict[Code, int]:
    """The `count` codes that most admissions of train carry, and how many; ties by code."""
    counts = Counter(
        code for admission, split in splits.items() if split == "train" for code in coded[admission]
    )
    best = sorted(counts, key=lambda code: (-counts[code], code))[:count]
    return {code: counts[code] for code in best}
