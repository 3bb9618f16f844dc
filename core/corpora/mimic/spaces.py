"""Corpora on disk: for each label space a folder of JSON lines with its list of labels."""

import csv
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

from core.corpora.jsonl import LABELS
from core.corpora.mimic.categories import Categories
from core.corpora.mimic.splitting import SPLITS
from core.types import Code

COLUMNS = ("system", "code", "category_system", "category", *SPLITS, "title")


@dataclass(frozen=True, kw_only=True)
class Space:
    """A label space: its codes, and the split of every admission that carries one of them."""

    name: str
    codes: frozenset[Code]
    splits: Mapping[int, str]

    def sizes(self) -> dict[str, int]:
        counts = Counter(self.splits.values())
        return {split: counts[split] for split in SPLITS}


def write_notes(
    out: Path,
    spaces: Iterable[Space],
    admissions: Iterable[tuple[int, int, str]],
    coded: Mapping[int, Iterable[Code]],
) -> None:
    """Write each (patient, admission, text) to its split of every space that holds it."""
    with ExitStack() as opened:
        files = {}
        for space in spaces:
            (out / space.name).mkdir()
            for split in SPLITS:
                path = out / space.name / f"{split}.jsonl"
                files[space.name, split] = opened.enter_context(path.open("w", encoding="utf-8"))
        total = len({admission for space in spaces for admission in space.splits})
        bar = tqdm(admissions, total=total, desc="writing notes", disable=None, leave=False)
        for patient, admission, text in bar:
            for space in spaces:
                if admission in space.splits:
                    codes = [code for code in coded[admission] if code in space.codes]
                    line = _line(patient, admission, text, codes)
                    files[space.name, space.splits[admission]].write(line)


def write_labels(
    folder: Path,
    space: Space,
    *,
    coded: Mapping[int, Iterable[Code]],
    titles: Mapping[Code, str],
    categories: Categories,
) -> None:
    """Write the codes of a space with their categories, titles and notes in each split."""
    counts = {split: Counter[Code]() for split in SPLITS}
    for admission, split in space.splits.items():
        counts[split].update(coded[admission])
    with (folder / LABELS).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for code in sorted(space.codes):
            category = categories.tables.category(code)
            writer.writerow(
                (
                    *(code.system, code.code),
                    *((category.system, category.code) if category else ("", "")),
                    *(counts[split][code] for split in SPLITS),
                    titles.get(code) or categories.tables.title(code) or "",
                )
            )


def _line(patient: int, admission: int, text: str, codes: Iterable[Code]) -> str:
    fields = {
        "id": str(admission),
        "patient": str(patient),
        "text": text,
        "codes": [{"system": code.system, "code": code.code} for code in codes],
    }
    return json.dumps(fields, ensure_ascii=False) + "\n"
