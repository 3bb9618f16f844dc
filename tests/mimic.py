"""MIMIC's tables as they are downloaded, in small: the real columns and the real quirks."""

import csv
import gzip
from collections.abc import Iterable, Sequence
from pathlib import Path

NOTEEVENTS = (
    "ROW_ID,SUBJECT_ID,HADM_ID,CHARTDATE,CHARTTIME,STORETIME,CATEGORY,DESCRIPTION,CGID,ISERROR,TEXT"
)
CODED = "ROW_ID,SUBJECT_ID,HADM_ID,SEQ_NUM,ICD9_CODE"
TITLED = "ROW_ID,ICD9_CODE,SHORT_TITLE,LONG_TITLE"
DISCHARGE = "note_id,subject_id,hadm_id,note_type,note_seq,charttime,storetime,text"
SUMMARY = "Discharge summary"

Cells = Sequence[object]


def write_table(
    path: Path, columns: str, rows: Iterable[Cells], *, line_end: str = "\n", raw: str = ""
) -> Path:
    """A table as MIMIC writes it: text in quotation marks, `raw` appended as it is."""
    opened = gzip.open if path.suffix == ".gz" else open
    path.parent.mkdir(parents=True, exist_ok=True)
    with opened(path, "wt", encoding="utf-8", newline="") as file:
        file.write(columns + line_end)
        writer = csv.writer(file, quoting=csv.QUOTE_NONNUMERIC, lineterminator=line_end)
        writer.writerows(rows)
        file.write(raw)
    return path


def summary(
    row: int,
    patient: int,
    admission: object,
    text: str,
    *,
    date: str = "2101-01-01",
    kind: str = "Report",
    category: str = SUMMARY,
    error: object = "",
) -> Cells:
    """A row of NOTEEVENTS."""
    return (row, patient, admission, date, "", "", category, kind, "", error, text)


def write_mimic3(
    folder: Path,
    *,
    notes: Iterable[Cells],
    diagnoses: Iterable[tuple[object, object]],
    procedures: Iterable[tuple[object, object]] = (),
    ending: str = ".csv",
    line_end: str = "\n",
    lower: bool = False,
) -> Path:
    """All five tables; codes as (HADM_ID, ICD9_CODE)."""

    def put(name: str, columns: str, rows: Iterable[Cells]) -> None:
        shown = (name.lower(), columns.lower()) if lower else (name, columns)
        write_table(folder / f"{shown[0]}{ending}", shown[1], rows, line_end=line_end)

    def coded(pairs: Iterable[tuple[object, object]]) -> list[Cells]:
        return [(row, 1, hadm, row, code) for row, (hadm, code) in enumerate(pairs, start=1)]

    put("NOTEEVENTS", NOTEEVENTS, notes)
    put("DIAGNOSES_ICD", CODED, coded(diagnoses))
    put("PROCEDURES_ICD", CODED, coded(procedures))
    put("D_ICD_DIAGNOSES", TITLED, [(1, "4019", "Hypertension NOS", 'Hypertension, "unspecified"')])
    put("D_ICD_PROCEDURES", TITLED, [(1, "0331", "Spinal tap", "Spinal tap")])
    return folder


def write_mimic4(
    folder: Path,
    *,
    notes: Iterable[Cells],
    diagnoses: Iterable[tuple[int, str, int]],
    procedures: Iterable[tuple[int, str, int]] = (),
) -> Path:
    """The hospital and note modules; notes as (subject, hadm, type, time, text)."""
    notes = list(notes)
    coded = "subject_id,hadm_id,seq_num,icd_code,icd_version"
    titled = "icd_code,icd_version,long_title"
    for name, given in (("diagnoses", diagnoses), ("procedures", procedures)):
        rows = list(given)
        cells = [(1, hadm, 1, code.ljust(7), version) for hadm, code, version in rows]
        titles = [(code, version, f"Title of {code}") for _, code, version in rows]
        write_table(folder / "hosp" / f"{name}_icd.csv.gz", coded, cells)
        write_table(folder / "hosp" / f"d_icd_{name}.csv.gz", titled, titles)
    patients: dict[object, object] = {}
    for patient, hadm, *_ in notes:
        if hadm:
            patients.setdefault(hadm, patient)
    write_table(
        folder / "hosp" / "admissions.csv.gz",
        "subject_id,hadm_id,admittime",
        [(patient, hadm, "2180-05-06 22:23:00") for hadm, patient in patients.items()],
    )
    write_table(
        folder / "note" / "discharge.csv.gz",
        DISCHARGE,
        [
            (f"{s}-{kind}-{row}", s, h, kind, row, time, time, text)
            for row, (s, h, kind, time, text) in enumerate(notes, start=1)
        ],
    )
    return folder
