"""Messages show what was wrong, and never enough of it to be note text."""

import pytest

from core.errors import UnknownCode, quoted
from core.types import CodeSystem

SENTENCE = "The patient has chest pain and fever."


@pytest.mark.parametrize("value", ["R5O.9!", "icd11", "752 767;1320 1335;1400 1410"])
def test_a_short_value_or_one_without_letters_is_shown(value: str) -> None:
    assert quoted(value) == repr(value)


def test_a_value_that_may_be_note_text_is_told_by_its_length() -> None:
    assert quoted(SENTENCE) == "a value of 37 characters"


def test_a_code_system_that_is_a_sentence_is_not_repeated() -> None:
    with pytest.raises(UnknownCode, match="a value of 37 characters is not a code system") as error:
        CodeSystem.parse(SENTENCE)
    assert "chest" not in str(error.value)
