"""A database with at least one row in every table."""

from datetime import date

from sqlalchemy import Engine
from sqlalchemy.orm import Session

import db
from core.types import Code, Encounter, Note, Sex, Span
from db import (
    audits,
    benefits,
    charts,
    computed,
    details,
    models,
    notes,
    phrases,
    said,
    screens,
    shadow,
    tombstones,
    training,
    trials,
    users,
    worklist,
)
from db.account_records import Role
from db.audit_records import Drawn, FindingDraft, FindingKind
from db.phrases import PhraseAction, PhraseDraft
from db.records import Computed, EvidenceKey, Screen, StoredNote, Turn
from db.shadow import ShadowList
from db.trials import TrialKind
from db.workflow_records import DetailDraft, Field, Work
from tests.db.desk import (
    FEVER,
    PRESSURE,
    TEXT,
    TOKEN,
    a_note,
    a_screen,
    clock,
    decide,
    some_evidence,
    some_words,
)

WHOSE = Encounter(
    external_id="d1",
    encounter_id="v1",
    patient_id="p1",
    age=75,
    sex=Sex.FEMALE,
    birth_date=date(1950, 1, 2),
    service_date=date(2025, 3, 4),
)


def fill(session: Session) -> None:
    """A row in every table, by way of the repositories."""
    letter = Note(id="letter", text=TEXT, encounter=WHOSE)
    note = notes.add(session, letter, source="a.hl7", uploaded_by="ana", at=clock()).note
    screen = a_screen(session, note)
    shown = screen.suggestions[0]
    kept = screens.record_explanation(session, some_evidence(), suggestion_id=shown.id, at=clock())
    said.record(session, some_words(kept.id))
    decide(session, note, PRESSURE, evidence=(Span(0, 5),))
    charts.record(session, note.id, Turn.OPENED, coder="ana", at=clock())
    key = EvidenceKey(note_id=note.id, code=PRESSURE, method="attention", checkpoint_hash="c0ffee")
    computed.keep(session, key, Computed(explanation=some_evidence(), at=clock()))
    _fill_models(session)
    training.ask(session, "spring", {"epochs": 5}, by="lead", at=clock())
    taught = benefits.Kept(
        note_id=note.id, checkpoint_hash="c0ffee", memory="", content="{}", at=clock()
    )
    benefits.keep(session, [taught])
    users.add(session, "ana", Role.CODER, by="ada", at=clock())
    _fill_workflow(session, note, screen)
    shadow.record(
        session,
        note.id,
        screen_id=screen.id,
        in_use=a_shadow_list("c0ffee"),
        candidate=a_shadow_list("dec0de"),
        at=clock(),
    )
    off = PhraseDraft(
        action=PhraseAction.OFF,
        phrase="Fever",
        code=PRESSURE,
        reason="a mistake",
        by="lead",
        note_id=note.id,
    )
    phrases.record(session, off, at=clock())


def a_shadow_list(checkpoint: str, *codes: Code, **settings: object) -> ShadowList:
    """What a model would list, the first code the most probable."""
    listed = {code: 0.9 / rank for rank, code in enumerate(codes or (PRESSURE, FEVER), start=1)}
    return ShadowList(
        checkpoint="tiny",
        checkpoint_hash=checkpoint,
        codes=listed,
        **{"memory": "", "likely_from": 0.5, **settings},  # type: ignore[arg-type]
    )


def bury(engine: Engine) -> None:
    """A row in each table of `db.erasure_tables`: a second note, and its tombstone."""
    with db.unit_of_work(engine) as session:
        note = a_note(session, name="buried", text="Nobody is to read this.")
    with db.unit_of_work(engine) as session:
        tombstones.forget(session, note.id, by="lead", reason="request 7", at=clock())


def _fill_workflow(session: Session, note: StoredNote, screen: Screen) -> None:
    """A row in each table of `db.workflow_tables`."""
    worklist.claim(session, Work(note_id=note.id), coder="ana", at=clock())
    comment = DetailDraft(
        note_id=note.id, field=Field.COMMENT, code=None, value="?", coder="ana", token=TOKEN
    )
    details.append(session, comment, seen=0, at=clock())
    drawn = {"sample": "one", "method": "random", "seed": 0, "population": 1, "drawn_by": "lead"}
    (audit,) = audits.draw(session, [Drawn(note_id=note.id)], at=clock(), **drawn)
    finding = FindingDraft(
        audit_id=audit.id, kind=FindingKind.REMOVED, code=PRESSURE, auditor="eva", token=TOKEN
    )
    audits.add_finding(session, finding, at=clock())
    audits.finish(session, audit.id, auditor="eva", at=clock())
    trials.record(session, note.id, TrialKind.SEEDED, coder="bob", by="lead", at=clock())
    trials.plant(session, screen, code=FEVER, sibling=PRESSURE, at=clock())


def _fill_models(session: Session) -> None:
    """A row in each table of `db.model_tables`."""
    model = models.StoredModel(hash="a" * 64, name="spring", folder="spring", parent="b" * 64)
    models.register(session, model, by="lead", at=clock())
    models.promote(session, model.hash, reason="better on dev", by="lead", at=clock())
