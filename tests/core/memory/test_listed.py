"""No code of the tables is out of reach: each is found by what it is called."""

from core.codes import shared_tables
from core.memory import WHOLE, Bridge, Listed, Phrase, PhraseMemory, Source, listed_phrases
from core.memory.words import title_words
from core.types import Code, CodeSystem

TITLE, INCLUSION = Source.TITLE, Source.INCLUSION
EVERY = 400  # a sample of the 97,000 headings and codes


def sampled_codes() -> list[Code]:
    return [Code(CodeSystem.ICD10CM, c) for c in shared_tables().icd10cm.codes()[7::EVERY]]


def found_in(memory: PhraseMemory, text: str) -> set[Code]:
    return {m.code for m in memory.read(text).mentions if m.coverage >= WHOLE}


def test_any_diagnosis_is_found_by_its_title_in_english() -> None:
    codes = sampled_codes()
    memory = PhraseMemory(listed=Listed.of(listed_phrases(shared_tables(), codes)))
    titles = {code: shared_tables().title(code) or "" for code in codes}
    lost = [
        code
        for code, title in titles.items()
        if title_words(title) and code not in found_in(memory, f"History: {title.lower()}")
    ]
    assert len(codes) > 200
    assert lost == []


def test_a_diagnosis_is_found_in_spanish_through_the_bridge() -> None:
    code = Code(CodeSystem.ICD10CM, "N18.6")
    listed = Listed.of(listed_phrases(shared_tables(), [code]))
    bridge = Bridge(
        lexicons={
            "es": {
                "enfermedad": {"diseas": 0.8},
                "etap": {"stag": 0.9},
                "terminal": {"end": 0.7},
            }
        }
    )
    text = "El paciente tiene enfermedad renal en etapa terminal."
    assert code not in found_in(PhraseMemory(listed=listed), text)
    assert code in found_in(PhraseMemory(listed=listed, bridge=bridge), text)


def test_a_code_is_found_by_its_inclusion_terms() -> None:
    code = Code(CodeSystem.ICD10CM, "J00")
    memory = PhraseMemory(listed=Listed.of(listed_phrases(shared_tables(), [code])))
    assert code in found_in(memory, "He had an infective rhinitis.")


def test_titles_and_inclusion_terms_are_listed_and_titles_of_categories_are_not() -> None:
    phrases = listed_phrases(shared_tables(), [Code(CodeSystem.ICD10CM, "M54.50")])
    sources = {phrase.source.value for phrase in phrases}
    assert sources == {"code title", "inclusion term", "category title"}
    kept = {source.value for codes in Listed.of(phrases).codes for source in codes.values()}
    assert kept == {"code title", "inclusion term"}


def test_a_title_counts_before_an_inclusion_term_of_the_same_words() -> None:
    code = Code(CodeSystem.ICD10CM, "K65")
    phrases = [Phrase(text="Peritonitis", code=code, source=s) for s in (TITLE, INCLUSION, TITLE)]
    assert Listed.of(phrases).codes == ({code: TITLE},)
