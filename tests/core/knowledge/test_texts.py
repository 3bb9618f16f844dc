"""Texts on codes: from the code tables, or from a user's file that is checked line by line."""

from pathlib import Path

import pytest
import torch

from core.codes import shared_tables
from core.errors import BadFile
from core.knowledge import Needs, dump_knowledge, gather, load_knowledge, read_texts
from core.knowledge.texts import text_of
from core.parts import Knowledge
from core.text import Vocabulary
from core.types import Code, CodeSpace, CodeSystem

I10, FEVER = Code(CodeSystem.ICD10CM, "I10"), Code(CodeSystem.ICD10CM, "R50.9")
UNHEARD = Code(CodeSystem.ICD10CM, "Q99.99")
VOCABULARY = Vocabulary(words=("<pad>", "<unk>", "blood", "fever", "high", "hypertension"))
SPACE = CodeSpace(name="icd", codes=(FEVER, I10, UNHEARD))


def gathered(needs: Needs, texts: dict[Code, str] | None = None) -> Knowledge:
    return gather(
        needs,
        SPACE,
        tables=shared_tables(),
        texts=texts or {},
        vocabulary=VOCABULARY,
        fallback=None,
        targets_NL=torch.tensor([[1.0, 1, 0]]),
    )


def file_of(folder: Path, content: str) -> Path:
    path = folder / "texts.csv"
    path.write_text(content, encoding="utf-8")
    return path


def test_a_code_is_described_by_its_title_and_if_asked_by_its_inclusion_terms() -> None:
    tables = shared_tables()
    title = tables.title(I10)
    assert text_of(tables, I10) == title
    longer = text_of(tables, I10, inclusion_terms=True)
    assert longer.startswith(f"{title}; ")
    assert "high blood pressure" in longer.lower()


def test_texts_become_word_ids_of_the_vocabulary_padded_to_one_length() -> None:
    known = gathered(
        Needs(words=4), {FEVER: "High fever!", I10: "Very high blood pressure, at rest"}
    )
    assert known.texts_LW.tolist() == [[4, 3, 0, 0], [1, 4, 2, 1], [0, 0, 0, 0]]


def test_the_tables_describe_what_the_user_does_not() -> None:
    known = gathered(Needs(words=3), {FEVER: "blood"})
    assert known.texts_LW[0].tolist() == [2, 0, 0]
    assert known.texts_LW[1].tolist() == [1, 1, 5]  # essential (primary) hypertension


def test_a_part_that_is_not_asked_for_is_empty() -> None:
    known = gathered(Needs(hyperbolic=7))
    assert (known.texts_LW.shape, known.pairs_2N.shape) == ((3, 0), (2, 0))
    assert known.places_LP.shape == (3, 7)
    company = gathered(Needs(co_occurrence=True))
    assert company.pairs_2N.T.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1], [2, 2]]


def test_knowledge_survives_its_file() -> None:
    known = gathered(Needs(words=5, co_occurrence=True, hyperbolic=4))
    read = load_knowledge(dump_knowledge({"icd": known, "ccs": known}))
    assert sorted(read) == ["ccs", "icd"]
    for part in ("texts_LW", "pairs_2N", "weights_N", "places_LP"):
        assert torch.equal(getattr(read["ccs"], part), getattr(known, part))


def test_a_file_may_come_from_a_spreadsheet_and_say_a_code_twice(tmp_path: Path) -> None:
    content = (
        '\ufeffcode,system,text\r\nr509,icd10cm,"fever, ""high"""\r\nR50.9,ICD-10-CM,chills\r\n'
    )
    assert read_texts(file_of(tmp_path, content)) == {FEVER: 'fever, "high" chills'}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("system;code;text\n", "no column 'system'; give system,code,text"),
        ("", "no column 'system'"),
        ("system,code\nICD-10-CM,I10\n", "no column 'text'"),
        ("system,code,text\nICD-10-CM,I10,high\nICD-11,I10,high\n", "line 3: 'ICD-11' is not a"),
        ("system,code,text\nICD-10-CM,???,high\n", "line 2: '[?]{3}' is not written like"),
        ("system,code,text\nICD-10-CM,I10\n", "line 2: ICD-10-CM I10 has no text"),
        ('system,code,text\nICD-10-CM,I10,"high\n', "cannot be read as CSV"),
    ],
)
def test_what_a_file_has_wrong_is_told_with_its_line(
    tmp_path: Path, content: str, told: str
) -> None:
    with pytest.raises(BadFile, match=told):
        read_texts(file_of(tmp_path, content))


def test_a_file_that_is_not_there_or_not_utf_8_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match=r"nowhere\.csv cannot be read"):
        read_texts(tmp_path / "nowhere.csv")
    (tmp_path / "latin.csv").write_bytes("system,code,text\nICD-10-CM,I10,é\n".encode("latin-1"))
    with pytest.raises(BadFile, match=r"latin\.csv cannot be read"):
        read_texts(tmp_path / "latin.csv")
