"""The interface speaks Spanish as well as English, whole, and nobody's work is touched by it."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from streamlit.testing.v1 import AppTest

from tests.ui.second_desk import audited, differing
from ui.app import offered
from ui.language import LANGUAGES, catalogue_of, choice
from ui.language.__main__ import untranslated, update
from ui.language.catalogue import PLACE, read
from ui.language.extracting import ROOT, sentences
from ui.language.unwrapped import in_script, unwrapped
from ui.services.rights import Actor

PAGES = tuple(each.page for each in offered(Actor(name="", role=None)))  # in single-user mode
OTHERS = [language for language in LANGUAGES if language != "en"]


@pytest.fixture(params=OTHERS)
def catalog(request: pytest.FixtureRequest) -> Catalog:
    return read(request.param)


def test_every_sentence_of_the_source_is_translated(catalog: Catalog) -> None:
    """Run `python -m ui.language`, and write what is missing into the .po file."""
    assert [message.id for message in untranslated(update(str(catalog.locale)))] == []


def test_a_catalogue_holds_nothing_that_is_said_no_more(catalog: Catalog) -> None:
    said = {each.id if isinstance(each.id, str) else each.id[0] for each in sentences()}
    kept = {m.id if isinstance(m.id, str) else m.id[0] for m in catalog if m.id}
    assert kept - said == set()


def test_no_translation_is_marked_as_doubtful(catalog: Catalog) -> None:
    assert [message.id for message in catalog if message.id and message.fuzzy] == []


def _pairs(catalog: Catalog) -> Iterator[tuple[str, str]]:
    for message in catalog:
        if isinstance(message.id, str) and message.id:
            yield message.id, str(message.string)
        elif message.id:
            yield from ((message.id[-1], string) for string in message.string or ())


def test_a_translation_has_the_places_of_its_sentence(catalog: Catalog) -> None:
    differ = [
        english
        for english, translated in _pairs(catalog)
        if set(PLACE.findall(english)) != set(PLACE.findall(translated))
    ]
    assert differ == []


def test_a_translation_ends_as_its_sentence_does(catalog: Catalog) -> None:
    """A full stop, an ellipsis, a space: what is put together stays legible."""
    ends = re.compile(r"[.…:;\s]$")
    differ = [
        english
        for english, translated in _pairs(catalog)
        if bool(ends.search(english)) != bool(ends.search(translated))
    ]
    assert differ == []


def test_nothing_that_a_page_or_a_script_draws_goes_past_the_language_layer() -> None:
    assert unwrapped() == []


def test_every_sentence_that_a_script_says_is_found_for_the_catalogue() -> None:
    """What stands deep in a template literal is not: say it before."""
    found = {each.id if isinstance(each.id, str) else each.id[0] for each in sentences()}
    said = re.compile(r'\bn?t\(\s*"([^"]*)"')
    files = (ROOT / "ui" / "components").rglob("*.js")
    assert {words for file in files for words in said.findall(file.read_text("utf-8"))} <= found


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('h("p", { text: "No code is selected." })', ["No code is selected."]),
        ('h("p", { text: t("No code is selected.") })', []),
        ("this.announce(`${code} was saved`)", ["${code} was saved"]),
        ('nt("{count} code", "{count} codes and more", 2)', []),
        ('button(t("Close"), { title: "Close it" }, "Esc")', ["Close it", "Esc"]),
        ('root.querySelector("tbody tr td.mark"); h("p", { class: "choice is-on" })', []),
        ('if (event.key === "Enter") return; // "a remark on it"', []),
    ],
)
def test_a_text_that_a_script_draws_as_it_stands_is_found(
    tmp_path: Path, line: str, words: list[str]
) -> None:
    file = tmp_path / "drawing.js"
    file.write_text(line, "utf-8")
    assert [found for _, found in in_script(file)] == words


def test_a_made_sentence_is_recognised_with_its_values() -> None:
    spanish = catalogue_of("es")
    made = "I10 was accepted by ana at 10:02 UTC, after you opened it; nothing was changed: "
    made += "look at it and decide again"
    said = spanish.recognise(made)
    assert said.startswith("I10 quedó")
    assert "ana" in said
    assert "10:02" in said


def test_an_error_about_a_file_keeps_the_name_of_the_file() -> None:
    spanish = catalogue_of("es")
    said = spanish.recognise(
        "accepted: it is encrypted; save it without a password and upload that"
    )
    assert said == "accepted: está cifrado; guárdelo sin contraseña y súbalo"


def test_sentences_that_were_put_together_are_recognised_one_by_one() -> None:
    made = "Removing these words drops the score from 0.91 to 0.12. "
    made += "Attention and gradients both point at all of these words."
    assert catalogue_of("es").recognise(made) == (
        "Sin estas palabras, la puntuación baja de 0.91 a 0.12. "
        "La atención y los gradientes señalan todas estas palabras."
    )


def test_what_is_not_in_the_catalogue_stays_as_it_is() -> None:
    strange = "Patient with {braces} and 100% of it: nobody wrote this."
    assert catalogue_of("es").recognise(strange) == strange
    assert catalogue_of("en").recognise(strange) == strange


def test_a_value_is_never_taken_for_a_place() -> None:
    assert (
        catalogue_of("es").say("refused: {why}", {"why": "{count} {why}"}).endswith("{count} {why}")
    )


def test_numbers_times_and_plurals_are_written_as_the_language_does() -> None:
    english, spanish = catalogue_of("en"), catalogue_of("es")
    assert english.say_many("{count} code", "{count} codes", 12345, {}) == "12,345 codes"
    assert spanish.say_many("{count} code", "{count} codes", 12345, {}) == "12.345 códigos"
    assert spanish.say_many("{count} code", "{count} codes", 1, {}) == "1 código"
    at = datetime(2026, 3, 4, 5, 6, tzinfo=UTC)
    assert "mar 2026" in spanish.say("Shown {when}", {"when": at})


@pytest.mark.parametrize(
    ("locale", "language"),
    [("es-MX", "es"), ("es", "es"), ("en-GB", "en"), ("fr", "en"), (None, "en")],
)
def test_the_browsers_language_is_spoken_if_there_is_one(locale: str | None, language: str) -> None:
    assert choice.preferred(locale) == language


def test_what_the_browser_kept_goes_before_what_it_prefers() -> None:
    assert choice.of_request({choice.COOKIE: "es"}, "en-GB,en;q=0.8") == "es"
    assert choice.of_request({choice.COOKIE: "xx"}, "es-ES,en;q=0.8") == "es"
    assert choice.of_request({}, "") == "en"


def _shown(app: AppTest) -> Iterator[str]:
    """Every word of a page that is not a note's, a code's or a person's."""
    for kind in ("text", "caption", "subheader", "button", "selectbox", "text_input", "checkbox",
                 "radio", "multiselect", "toggle", "expander", "success", "metric", "date_input",
                 "number_input", "button_group", "download_button", "tab"):  # fmt: skip
        for each in app.get(kind):
            yield str(getattr(each, "label", "") or getattr(each, "value", ""))
            yield str(getattr(each, "help", "") or "")
            yield from (str(option) for option in getattr(each, "options", []) or [])
    for table in app.dataframe:
        yield from map(str, table.value.columns)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_in_spanish_says_nothing_of_the_catalogue_in_english(
    app: AppTest, page: str
) -> None:
    app.session_state["language"] = "es"
    app.run()
    app.switch_page(f"ui/pages/{page}.py").run()
    assert not app.exception
    assert _in_english(app) == []


@pytest.mark.parametrize("page", ["compare", "quality", "history"])
def test_a_page_with_work_on_it_is_in_spanish_too(app: AppTest, page: str) -> None:
    app.session_state["language"] = "es"
    app.run()
    audited()
    app.query_params["note"] = str(differing("other"))
    app.query_params["audit"] = "1"
    app.switch_page(f"ui/pages/{page}.py").run()
    assert not app.exception
    assert app.dataframe
    assert set(_in_english(app)) <= {"lead"}  # the name of who drew the audit


def _in_english(app: AppTest) -> list[str]:
    """What the page says in the words that the catalogue has another language for."""
    english = {
        message.id
        for message in read("es")
        if isinstance(message.id, str) and message.id and message.id != message.string
    }
    return [words for words in _shown(app) if words in english]


def test_what_is_typed_stays_when_the_language_changes(app: AppTest) -> None:
    app.run()
    app.text_input(key="inbox-filter").input("informe").run()
    app.selectbox(key="language").select("es").run()
    assert app.text_input(key="inbox-filter").value == "informe"
    (table,) = [each for each in app.get("bidi_component") if '"columns"' in each.proto.json]
    assert [row["name"] for row in json.loads(table.proto.json)["rows"]] == [
        "sample-06-informe-de-alta"
    ]
    assert app.selectbox(key="language").value == "es"
