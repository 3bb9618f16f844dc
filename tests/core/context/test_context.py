"""Negated, family, historical and hypothetical mentions are told apart in both languages."""

import time
import unicodedata
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.context import ContextReader
from core.errors import BadSettings
from core.types import Context

NAMES = {"N": Context.NEGATED, "F": Context.FAMILY, "H": Context.HISTORICAL}
NAMES |= {"?": Context.HYPOTHETICAL}

# each {mention|contexts} of a sentence is read in its place; no letters: plainly said
SPANISH = """
Niega {fiebre|N}, {tos|N} ni {disnea|N}.
No presenta {fiebre|N}, {tos|N} o {disnea|N}. Acude por {dolor|}.
Niega {fiebre|N} pero refiere {tos|}.
Paciente sin {alergias|N} conocidas, {hipertenso|}, {diabético|} tipo 2.
Diarrea sin {sangre|N} y {vómitos|} abundantes.
La auscultación no mostró {soplos|N}, {roces|N} ni {extratonos|N}, pero sí {crepitantes|}.
No se observan {adenopatías|N} y el {bazo|} está aumentado.
No presentaba {masas|N} excepto un {nódulo|}.
Ausencia de {edemas|N}. Tampoco {ictericia|N}. Ningún {soplo|N}.
Tras descartar {malignidad|N} se dio de alta por {gastritis|}.
Se descartó {tromboembolismo|N}. La {neumonía|N} fue descartada.
Se realiza TC para descartar {tromboembolismo|?}.
No se puede descartar {neumonía|?}. No se descarta {linfoma|?}. Pendiente de descartar {sepsis|?}.
{VIH|N} negativo. Citología negativa para {malignidad|N}. {Mantoux|N} (-).
{Fiebre|N}: no. {Alergias|N}: ninguna. {Adenopatías|N} no se palpan.
{Recidiva|N} poco probable.
Sin embargo, {fiebre|} alta. No obstante, {tos|}.
No solo {fiebre|} sino también {tos|}.
{Linfoma|} no {Hodgkin|}. Toma antiinflamatorios no esteroideos por {artrosis|}.
No mejora de la {fiebre|}. El {dolor|} no cede. Sin mejoría del {prurito|}.
Antecedentes familiares: madre con {diabetes|F}, padre con {cáncer|F} de colon.
Madre diagnosticada de {asma|F}. Padre {diabético|F}. Su hermana tuvo {cáncer|F}.
{Cáncer|F} de mama en su madre. Abuela materna (fallecida por {ictus|F}).
Su madre trajo al niño con {fiebre|}. La madre refiere que tiene {tos|}.
Vive con su madre, {fumador|}. Acompañado por su padre por {dolor|}.
Los hermanos son sanos y el paciente presenta {asma|}.
Padre con {diabetes|F}; el paciente presenta {asma|}.
Sin antecedentes familiares de {cáncer|NF}. Sin antecedentes de {asma|NH}.
Son {lesiones|} dolorosas y son {úlceras|}. Tuvo una TIA con {afasia|}.
Paciente con antecedentes de {HTA|H} y {diabetes|H} que acude por {dolor|} torácico.
Antecedentes familiares de {cáncer|F}, antecedentes personales de {asma|H}.
Sin antecedentes de interés, acude por {fiebre|}.
{Apendicectomía|H} hace 5 años. Diagnosticado hace ocho años de {gota|H}. {Infarto|H} previo.
{Dolor|} desde hace 5 años. {Fiebre|} hace 3 días. Historia de 3 días de {tos|}.
Historia clínica de {fiebre|}. Enfermedad actual: {fiebre|}.
Posible {neumonía|?}. Con sospecha de {apendicitis|?} se interviene por {dolor|}.
Si presenta {fiebre|?} o {vómitos|?}, acudir. En caso de {sangrado|?}, consultar.
Alto riesgo de {hemorragia|?}. Profilaxis de {trombosis|?}. Si bien tiene {fiebre|}.
Confirma la sospecha de {gota|}. Cultivo de {orina|} y negativo en {sangre|}.
Refieren los padres que presenta {fiebre|}. Ante antecedentes familiares de {gota|F}, consulta.
Sí presenta {fiebre|}. Ha mejorado lo antes posible de su {tos|}.
"""

ENGLISH = """
Denies {fever|N}, {cough|N} or {dyspnea|N}.
No {fever|N}, {cough|N} or {dyspnea|N}, has {headache|}.
No {fever|N} but has {cough|}. No {fever|N} although {cough|} persists.
He does not have {chest pain|N}. She doesn't report {nausea|N}. Never had {syncope|N}.
There is no evidence of {metastasis|N}. Negative for {malignancy|N}. Without {rash|N}.
{Pneumonia|N} was ruled out. {Embolism|N} is unlikely. {Edema|N}: none. {HIV|N} negative.
{Masses|N} were not seen. No {masses|N} except a {nodule|}.
Rule out {pneumonia|?}. R/o {sepsis|?}. {Abscess|?} cannot be ruled out.
No increase in {effusion|}. No change in {edema|}. Not only {pneumonia|} but also {effusion|}.
Gram negative {sepsis|}. Non small cell {carcinoma|}. Pain was not relieved; no relief of {pain|}.
His father had {diabetes|F} and {asthma|F}. Mother died of {breast cancer|F}.
Family history of {stroke|F}. {Cancer|F} in his mother. No family history of {gout|NF}.
The mother brought the child with {fever|}. Mother reports {cough|}.
Lives with his father, {smoker|}.
Father had {gout|F}. The patient has {asthma|}.
He has a history of {diabetes|H} who presents with {pain|}. Status post {appendectomy|H}.
{Stroke|H} 5 years ago. Previous {myocardial infarction|H}. H/o {gout|H}.
History of present illness: {fever|}. 3-day history of {cough|}. 62-year-old with {pain|}.
No history of {seizures|NH}. History and physical: {rash|}.
If he develops {fever|?}, return. Risks of {bleeding|?} were explained. Possible {pneumonia|?}.
To evaluate for {fracture|?}. Return if {vomiting|?}. Suspected {appendicitis|?}.
"""


def _cases(block: str, language: str) -> list[tuple[str, str]]:
    return [(line, language) for line in block.strip().splitlines()]


@pytest.mark.parametrize(("marked", "language"), _cases(SPANISH, "es") + _cases(ENGLISH, "en"))
def test_every_mention_is_in_its_contexts(marked: str, language: str) -> None:
    text, mentions = _read(marked)
    reader = ContextReader(text, language)
    for start, end, expected in mentions:
        assert (text[start:end], reader.of(start, end)) == (text[start:end], expected)


SPANISH_NOTE = """Mujer de 62 años con fiebre.
Antecedentes personales:
- Hepatitis
- Ictus

Enfermedad actual: tos.
ANTECEDENTES FAMILIARES: gota. Asma.
Exploración física: edemas. No soplos."""


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("fiebre", set()),
        ("Hepatitis", {Context.HISTORICAL}),
        ("Ictus", {Context.HISTORICAL}),
        ("tos", set()),
        ("Asma", {Context.FAMILY}),
        ("edemas", set()),
        ("soplos", {Context.NEGATED}),
    ],
)
def test_a_heading_speaks_for_its_section(word: str, expected: set[Context]) -> None:
    assert _contexts(SPANISH_NOTE, word) == expected


LOST_LINES = (
    "PAST MEDICAL HISTORY:, Diabetes, hypertension.,FAMILY HISTORY:, Gout.,"
    "SOCIAL HISTORY:, Smoker. REVIEW OF SYSTEMS:, No fever."
)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("hypertension", {Context.HISTORICAL}),
        ("Gout", {Context.FAMILY}),
        ("Smoker", set()),
        ("fever", {Context.NEGATED}),
    ],
)
def test_headings_in_capitals_are_found_without_line_breaks(
    word: str, expected: set[Context]
) -> None:
    assert _contexts(LOST_LINES, word) == expected


def test_a_section_of_the_past_ends_where_the_visit_goes_on() -> None:
    text = "Antecedentes personales: gota, asma. Acude por fiebre."
    assert _contexts(text, "asma") == {Context.HISTORICAL}
    assert _contexts(text, "fiebre") == set()


def test_a_cue_within_the_mention_does_not_count() -> None:
    text = "Se aprecia ausencia de pulso."
    start = text.index("ausencia")
    assert ContextReader(text, "es").of(start, len(text) - 1) == frozenset()


def test_a_wrapped_line_is_one_sentence_and_a_new_line_another() -> None:
    assert _contexts("The patient has no\nfever.", "fever") == {Context.NEGATED}
    assert _contexts("The patient has no rash\nFever since Monday.", "Fever") == set()


def test_brackets_close_what_was_opened_in_them() -> None:
    assert _contexts("Quiste (sin tabiques) con tos.", "tos") == set()
    assert _contexts("Quiste (sin tabiques) con tos.", "tabiques") == {Context.NEGATED}


def test_a_full_stop_of_a_short_form_ends_no_sentence() -> None:
    assert _contexts("Niega el Dr. Ruiz que haya tos.", "tos") == {Context.NEGATED}


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_accents_may_be_composed_or_not(form: str) -> None:
    text = unicodedata.normalize(form, "Ningún síncope, mejoró.")
    start, end = text.index("s"), text.index(",")
    assert ContextReader(text, "es").of(start, end) == {Context.NEGATED}


def test_offsets_count_code_points() -> None:
    text = "🙂👩‍⚕️ niega 🤒 fiebre"
    start = text.index("fiebre")
    assert ContextReader(text, "es").of(start, start + 6) == {Context.NEGATED}


def test_words_of_the_other_language_are_no_cues() -> None:
    assert _contexts("Las lesiones son induradas con dolor en la pierna.", "dolor") == set()
    assert _contexts("The son of the patient has asthma.", "asthma") == {Context.FAMILY}


def test_another_language_is_refused() -> None:
    with pytest.raises(BadSettings, match="no cues for 'fr'"):
        ContextReader("texte", "fr")


PIECES = (
    "no sin ni niega fiebre , . : ; ( ) \n \n\n madre con antecedentes de hace 5 años 1998 si "
    "posible descartar mother had denies history of ago PMH: fever or 🙂 e\u0301 \u0301 ² Ⅷ -"
)
CUES = st.sampled_from(PIECES.split(" "))
ANY_TEXT = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=60),
    st.lists(CUES, max_size=40).map(" ".join),
)


@given(ANY_TEXT, st.data(), st.sampled_from(["es", "en", None]))
def test_any_text_is_read_and_read_alike_again(
    text: str, data: st.DataObject, language: str | None
) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    found = ContextReader(text, language).of(start, end)
    assert found <= set(Context)
    assert found == ContextReader(text, language).of(start, end)


@given(ANY_TEXT)
def test_where_no_word_stands_there_is_no_context(text: str) -> None:
    reader = ContextReader(text)
    assert all(not reader.of(at, at) for at in range(len(text) + 1))


def test_many_threads_read_alike() -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: _contexts(SPANISH_NOTE, "Ictus"), range(64)))
    assert set(found) == {frozenset({Context.HISTORICAL})}


HOSTILE = [
    "no ", "niega a, ", "ni ", "(", "1 ", "hace 5 ", "madre ", "e\u0301", "\n", "a" * 50, ",",
    "NO ", "A:", "fue descartado ", ". ", "''", "a’s ", "\n\nAntecedentes:\n", "no se puede ",
]  # fmt: skip


@pytest.mark.parametrize("unit", HOSTILE)
def test_a_hostile_note_takes_linear_time(unit: str) -> None:
    small, large = (
        min(_seconds(unit * (size // len(unit))) for _ in range(3)) for size in (30_000, 300_000)
    )
    assert large < 40 * max(small, 0.02)  # ten times the text: 10 if linear, 100 if quadratic


def test_a_megabyte_of_cues_is_read_in_seconds() -> None:
    assert _seconds("no " * 333_333) < 30  # 5 s here; quadratic time would be minutes


def test_a_long_note_is_read_at_once() -> None:
    sentence = "Paciente con antecedentes de HTA, niega fiebre, tos ni disnea. Posible neumonía. "
    assert min(_seconds(sentence * 330) for _ in range(5)) < 0.25  # 4,000 words; 0.02 s here


def _seconds(text: str) -> float:
    begun = time.process_time()
    ContextReader(text)
    return time.process_time() - begun


def _contexts(text: str, word: str) -> frozenset[Context]:
    start = text.index(word)
    return ContextReader(text).of(start, start + len(word))


def _read(marked: str) -> tuple[str, list[tuple[int, int, set[Context]]]]:
    """Take {mention|letters} apart: the plain sentence, and each mention with its contexts."""
    text, mentions = "", []
    for piece in marked.split("{"):
        mention, bar, rest = piece.partition("|")
        if not bar:
            text += piece
            continue
        letters, _, after = rest.partition("}")
        start = len(text)
        mentions.append((start, start + len(mention), {NAMES[letter] for letter in letters}))
        text += mention + after
    return text, mentions
