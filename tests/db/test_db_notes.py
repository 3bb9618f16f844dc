"""Notes: one text is kept once, under a name of its own, exactly as it came."""

import hashlib
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

import db
from core.errors import BadInput, BadNote
from core.types import Encounter, Note, Sex
from db import notes
from tests.db.desk import TEXT, a_note, clock


def test_a_note_comes_back_exactly_after_a_restart(engine: Engine) -> None:
    with db.unit_of_work(engine) as session:
        note = a_note(session)
    engine.dispose()
    with db.unit_of_work(engine, write=False) as session:
        again = notes.get(session, note.id)
    assert again == note
    assert again.text == TEXT
    assert again.characters == len(TEXT)
    assert again.sha256 == hashlib.sha256(TEXT.encode()).hexdigest()
    assert again.created_at == clock()
    assert again.as_note() == Note(id="letter", text=TEXT)


@given(text=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1))
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_text_survives_to_the_last_code_point(engine: Engine, text: str) -> None:
    if not text.strip():
        return
    with db.unit_of_work(engine) as session:
        note_id = a_note(session, text=text).id
    with db.unit_of_work(engine, write=False) as session:
        assert notes.get(session, note_id).text == text


def test_the_same_text_under_another_name_is_a_duplicate(engine: Engine) -> None:
    with db.unit_of_work(engine) as session:
        first = notes.add(
            session, Note(id="a", text=TEXT), source="a.txt", uploaded_by="ana", at=clock()
        )
        second = notes.add(
            session, Note(id="b", text=TEXT), source="b.txt", uploaded_by="bob", at=clock(1)
        )
    assert not first.duplicate
    assert second.duplicate
    assert second.note == first.note


def test_a_name_never_means_two_texts(engine: Engine) -> None:
    with db.unit_of_work(engine) as session:
        names = [a_note(session, name="letter", text=text).name for text in ("one", "two", "three")]
        assert names == ["letter", "letter (2)", "letter (3)"]
        found = notes.named(session, "letter (2)")
    assert found is not None
    assert found.text == "two"


@pytest.mark.parametrize("text", ["", " \n\t "])
def test_an_empty_note_is_refused(engine: Engine, text: str) -> None:
    with pytest.raises(BadNote, match="is empty"), db.unit_of_work(engine) as session:
        a_note(session, text=text)


def test_a_note_with_nul_characters_is_refused_without_quoting_it(engine: Engine) -> None:
    with pytest.raises(BadNote, match="NUL") as caught, db.unit_of_work(engine) as session:
        a_note(session, text="Mrs Canary \0 has a cough")
    assert "Canary" not in str(caught.value)


def test_half_a_character_is_refused_without_quoting_the_note(engine: Engine) -> None:
    with (
        pytest.raises(BadNote, match="lone surrogate") as caught,
        db.unit_of_work(engine) as session,
    ):
        a_note(session, text="Mrs Canary \ud83d has a cough")
    assert caught.value.__cause__ is None
    assert "Canary" not in str(caught.value)


def test_a_note_that_is_not_there_is_named(engine: Engine) -> None:
    with (
        pytest.raises(BadInput, match="no note 41"),
        db.unit_of_work(engine, write=False) as session,
    ):
        notes.get(session, 41)


FACTS = Encounter(
    external_id="d1",
    encounter_id="v1",
    patient_id="p1",
    age=75,
    sex=Sex.FEMALE,
    birth_date=date(1950, 1, 2),
    service_date=date(2025, 3, 4),
)


def test_what_came_with_a_note_comes_back(engine: Engine) -> None:
    note = Note(id="d1", text=TEXT, encounter=FACTS)
    with db.unit_of_work(engine) as session:
        added = notes.add(
            session, note, source="a.hl7", uploaded_by="ana", at=clock(), format="hl7"
        )
    with db.unit_of_work(engine, write=False) as session:
        again = notes.get(session, added.note.id)
    assert (again.encounter, again.format, again.as_note()) == (FACTS, "hl7", note)
    assert "p1" not in repr(again)


def test_stored_texts_are_found_by_their_hash_however_many_are_asked_for(engine: Engine) -> None:
    with db.unit_of_work(engine) as session:
        kept = {a_note(session, name=f"n{n}", text=f"text {n}").sha256: f"n{n}" for n in range(3)}
        others = [hashlib.sha256(b"%d" % number).hexdigest() for number in range(1_200)]
        assert notes.with_texts(session, [*others, *kept]) == kept
        assert notes.with_texts(session, []) == {}
