"""What tells MIMIC's releases apart: tables, columns, code systems, and the figures published."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from core.corpora.mimic.codes import CodeTable
from core.corpora.mimic.summaries import Reader, discharge, noteevents
from core.corpora.mimic.tables import find
from core.types import CodeSystem


@dataclass(frozen=True, kw_only=True)
class Release:
    """One release (and version of ICD) as its tables have it."""

    name: str
    notes: str  # the table of discharge summaries
    documents: Reader
    systems: tuple[CodeSystem, CodeSystem]  # of diagnoses, of procedures
    column: str = "icd_code"
    version: str | None = None  # of ICD, where the tables hold both
    folders: tuple[str, ...] = (".",)  # under the folder named, where tables may lie
    admissions: str | None = None  # the table that knows every admission's patient
    published: Mapping[str, int] = field(default_factory=dict)  # figures of the papers

    def tables(self, kind: str, folders: list[Path]) -> list[CodeTable]:
        """The tables of diagnoses and procedures: of admissions, or (kind "d") of titles."""
        names = ("d_icd_{}" if kind == "d" else "{}_icd").format
        return [
            CodeTable(
                path=find(names(what), folders),
                system=system,
                column=self.column,
                version=self.version,
            )
            for what, system in zip(("diagnoses", "procedures"), self.systems, strict=True)
        ]


MIMIC3 = Release(
    name="MIMIC-III",
    notes="noteevents",
    documents=noteevents,
    systems=(CodeSystem.ICD9CM, CodeSystem.ICD9PROC),
    column="icd9_code",
    published={  # CAML sec. 4.1, MultiResCNN table 2, MARN sec. 4.1
        "full train": 47_719,
        "full dev": 1_631,
        "full test": 3_372,
        "full admissions": 52_722,
        "full codes": 8_921,
        "full CCS": 295,
        "top50 train": 8_067,
        "top50 dev": 1_574,
        "top50 test": 1_730,
        "top50 codes": 50,
        "top50 CCS": 38,
    },
)


def mimic4(version: str) -> Release:
    """MIMIC-IV's hospital and note modules, one version of ICD."""
    nine = version == "9"
    return Release(
        name=f"MIMIC-IV, ICD-{version}",
        notes="discharge",
        documents=discharge,
        systems=(CodeSystem.ICD9CM, CodeSystem.ICD9PROC)
        if nine
        else (CodeSystem.ICD10CM, CodeSystem.ICD10PCS),
        version=version,
        folders=(".", "hosp", "note"),
        admissions="admissions",
    )
