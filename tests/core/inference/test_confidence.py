"""How far evidence can be trusted, and the sentences that say so."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import BadSettings, UnknownCode
from core.inference import Coder, Confidence, agreement, confidence, removal
from core.types import Code, CodeSystem, Explanation, Note, Span
from tests.models import tiny_checkpoint, tiny_fused_checkpoint

TEXT = "Arterial hypertension.\r\nPatient without fever; pain & cough. Renal dialysis dependence."
NOTE = Note(id="x", text=TEXT)
I10, DIALYSIS = Code(CodeSystem.ICD10CM, "I10"), Code(CodeSystem.ICD10CM, "Z99.2")
FOUND = Confidence(code=I10, method="attention", before=0.91, after=0.12, words=4, agreed=3)


@pytest.fixture(scope="module")
def coder(tmp_path_factory: pytest.TempPathFactory) -> Coder:
    folder = tmp_path_factory.mktemp("confidence") / "c"
    tiny_fused_checkpoint(folder)
    return Coder.load(folder)


def shown(coder: Coder, code: Code, method: str | None = None) -> Explanation:
    (explanation,) = coder.explain(NOTE, [code], method=method)
    return explanation


def test_comprehensiveness_is_that_of_the_probability_on_the_screen(coder: Coder) -> None:
    evidence = shown(coder, I10, "phrases")
    found = confidence(coder, NOTE, evidence)
    (suggested,) = [s for s in coder.suggest(NOTE).ranked if s.code == I10]
    (span,) = evidence.spans
    change = coder.without(NOTE, [Span(span.start, span.end)]).of(I10)
    assert change is not None
    assert (found.method, found.before, found.after) == (
        "phrases",
        suggested.probability,
        change.after,
    )
    assert found.comprehensiveness == -change.by != 0
    assert found.words == 2


def test_agreement_counts_the_shown_words_that_both_methods_show(coder: Coder) -> None:
    def words(method: str) -> set[str]:
        spans = shown(coder, I10, method).spans
        read = {w for s in spans for w in re.findall(r"\w+", TEXT[s.start : s.end])}
        return read - {"without"}

    both = words("attention") & words("input_x_gradient")
    for method in ("attention", "phrases"):
        found = confidence(coder, NOTE, shown(coder, I10, method))
        assert found.words == len(words(method))
        assert found.agreed == len(words(method) & both)
        assert found.agreement == found.agreed / found.words


def test_a_code_that_memory_alone_ranks_has_no_agreement(coder: Coder) -> None:
    found = confidence(coder, NOTE, shown(coder, DIALYSIS))
    assert (found.after, found.agreed, found.agreement) == (None, None, None)
    assert found.comprehensiveness == found.before
    assert agreement(found) == ""
    assert removal(found).startswith("Removing these words takes the code off the list")


def test_a_model_without_label_attention_has_no_agreement(tmp_path: Path) -> None:
    tiny_checkpoint(tmp_path / "c", "cnn")
    coder = Coder.load(tmp_path / "c")
    found = confidence(coder, NOTE, shown(coder, I10, "integrated_gradients"))
    assert found.agreed is None
    assert found.words > 0


def test_where_no_words_are_shown_nothing_is_removed(coder: Coder) -> None:
    empty = replace(shown(coder, I10), spans=())
    found = confidence(coder, NOTE, empty)
    assert (found.words, found.comprehensiveness, found.agreement) == (0, 0, None)
    assert removal(found) == "No words are shown for this code."
    assert agreement(found) == ""


def test_a_code_that_is_not_ranked_has_no_confidence(coder: Coder) -> None:
    strange = replace(shown(coder, I10), code=Code(CodeSystem.ICD10CM, "A00.0"))
    with pytest.raises(UnknownCode, match=r"A00\.0 is not ranked for this note"):
        confidence(coder, NOTE, strange)


@pytest.mark.parametrize(
    ("changed", "english", "spanish"),
    [
        (
            {},
            "Removing these words drops the score from 0.91 to 0.12.",
            "Sin estas palabras, la puntuación baja de 0,91 a 0,12.",
        ),
        (
            {"after": 0.95},
            "Removing these words raises the score from 0.91 to 0.95.",
            "Sin estas palabras, la puntuación sube de 0,91 a 0,95.",
        ),
        (
            {"after": 0.908},
            "Removing these words leaves the score at 0.91.",
            "Sin estas palabras, la puntuación se queda en 0,91.",
        ),
        (
            {"before": 0.999, "after": 0.001},
            "Removing these words drops the score from more than 0.99 to less than 0.01.",
            "Sin estas palabras, la puntuación baja de más de 0,99 a menos de 0,01.",
        ),
        (
            {"after": None},
            "Removing these words takes the code off the list; its score was 0.91.",
            "Sin estas palabras, el código sale de la lista; su puntuación era 0,91.",
        ),
    ],
)
def test_what_removing_does_is_said_in_both_languages(
    changed: dict[str, float | None], english: str, spanish: str
) -> None:
    found = replace(FOUND, **changed)  # type: ignore[arg-type]  # fields of one kind
    assert removal(found) == english
    assert removal(found, "es") == spanish


@pytest.mark.parametrize(
    ("agreed", "english", "spanish"),
    [
        (
            4,
            "Attention and gradients both point at all of these words.",
            "La atención y los gradientes señalan todas estas palabras.",
        ),
        (
            3,
            "Attention and gradients both point at 3 of these 4 words.",
            "La atención y los gradientes señalan 3 de estas 4 palabras.",
        ),
        (
            0,
            "Attention and gradients do not agree on any of these words.",
            "La atención y los gradientes no coinciden en ninguna de estas palabras.",
        ),
    ],
)
def test_agreement_is_said_in_both_languages(agreed: int, english: str, spanish: str) -> None:
    found = replace(FOUND, agreed=agreed)
    assert (agreement(found), agreement(found, "es")) == (english, spanish)


def test_a_language_without_sentences_is_refused() -> None:
    with pytest.raises(BadSettings, match="no sentences in 'fr'; use one of en, es"):
        removal(FOUND, "fr")
