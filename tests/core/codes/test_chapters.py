"""Chapters of ICD-10-CM: each range by its first and last category."""

import pytest

from core.codes.chapters import chapter
from core.types import Code, CodeSystem


@pytest.mark.parametrize(
    ("code", "title"),
    [
        ("A00.0", "Infections"),
        ("B99.9", "Infections"),
        ("C00.0", "Neoplasms"),
        ("D49.9", "Neoplasms"),
        ("D50.0", "Blood and immunity"),
        ("H59.89", "Eye"),
        ("H60.00", "Ear"),
        ("I10", "Circulation"),
        ("O9A.53", "Pregnancy and childbirth"),
        ("S00.00XA", "Injury and poisoning"),
        ("T88.9XXA", "Injury and poisoning"),
        ("U07.1", "Special purposes"),
        ("V00.01XA", "External causes"),
        ("Z99.89", "Factors and contacts"),
    ],
)
def test_a_code_lies_in_its_chapter(code: str, title: str) -> None:
    assert chapter(Code(CodeSystem.ICD10CM, code)) == title


def test_other_systems_are_a_chapter_of_their_own() -> None:
    assert chapter(Code(CodeSystem.ICD10PCS, "0210093")) == "ICD-10-PCS"
