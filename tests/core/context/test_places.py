"""Where a position stands: its sentence, and the heading of its section."""

import pytest

from core.context import ContextReader
from core.types import Span


def sentence(text: str, words: str) -> str:
    start = text.index(words)
    found = ContextReader(text).sentence(start, start + len(words))
    return text[found.start : found.end]


def heading(text: str, words: str) -> str | None:
    start = text.index(words)
    found = ContextReader(text).heading(start, start + len(words))
    return None if found is None else text[found.start : found.end]


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        ("Fever. Acute cough. Rash.", "cough", "Acute cough."),
        ("Fever. Acute cough? Rash.", "Acute", "Acute cough?"),
        ("Temp. 38.5 y tos.\nSin más", "tos", "Temp. 38.5 y tos."),
        ("- fever\n- cough\n- rash", "cough", "cough"),
        ("Visto por el Dr. Ruiz. Fiebre", "Ruiz", "Visto por el Dr. Ruiz."),
        ("Fever 🙂 and (cough).\r\n\r\nRash", "cough", "Fever 🙂 and (cough)."),
        ("fever", "fever", "fever"),
    ],
)
def test_a_sentence_runs_from_its_first_word_to_its_closing_sign(
    text: str, words: str, expected: str
) -> None:
    assert sentence(text, words) == expected


def test_a_span_over_two_sentences_has_both() -> None:
    assert sentence("Rash. Fever. Cough. Pain.", "Fever. Cough") == "Fever. Cough."


def test_where_no_word_stands_the_sentence_is_the_span_itself() -> None:
    assert ContextReader("a 🙂🙂 b").sentence(2, 4) == Span(2, 4)
    assert ContextReader("a 🙂🙂 b").heading(2, 4) is None


NOTE = (
    "Mujer de 50 años.\nAntecedentes familiares: madre con diabetes.\n\nAcude por tos.\n"
    "Exploración física:\nRoncus.\n\nFiebre.\nJuicio clínico: neumonía.\nPLAN TERAPÉUTICO: reposo"
)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("Mujer", None),
        ("madre", "Antecedentes familiares"),
        ("Antecedentes", "Antecedentes familiares"),
        ("tos", None),  # the family's section is over with the blank line
        ("Roncus", "Exploración física"),
        ("Fiebre", "Exploración física"),
        ("neumonía", "Juicio clínico"),
        ("reposo", "PLAN TERAPÉUTICO"),
    ],
)
def test_a_word_stands_under_the_heading_of_its_section(words: str, expected: str | None) -> None:
    assert heading(NOTE, words) == expected
