"""Records: kept once, never changed unseen, backed up whole, shown again as they were."""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from alembic.operations import Operations
from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import DBAPIError

import db
from core.errors import BadFile, Conflict
from db import backup, decisions, on_sqlite, screens, trail, verify
from db.heads import Head
from db.records import Action
from tests.db.desk import FEVER, PRESSURE, a_draft, a_note, a_screen, clock, decide, some_evidence
from tests.db.tampering import unguarded
from tests.safety.protection import Place, Protection, opened_without
from ui.services.history import AsShown, History


def records_cannot_be_edited(place: Place) -> None:
    with db.unit_of_work(place.engine) as session:
        decide(session, a_note(session), FEVER)
    try:
        with db.unit_of_work(place.engine) as session:
            session.execute(text("UPDATE decisions SET coder = 'eve'"))
    except DBAPIError:
        return
    raise AssertionError("a decision was edited")


def _without_triggers(place: Place, _patch: pytest.MonkeyPatch) -> None:
    with unguarded(place.engine):
        pass
    place.engine.dispose()


def an_edited_record_is_found(place: Place) -> None:
    with db.unit_of_work(place.engine) as session:
        decide(session, a_note(session), FEVER)
    with unguarded(place.engine) as connection:
        connection.execute(text("UPDATE decisions SET coder = 'eve'"))
    assert verify.verify(place.engine).fault is not None


def _without_the_trail(_place: Place, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(trail, "append", lambda *_: None)
    patch.setattr(verify, "RECORDS", ())


def a_trail_cut_off_with_its_records_is_found(place: Place) -> None:
    with db.unit_of_work(place.engine) as session:
        decide(session, a_note(session), FEVER)
    whole = verify.verify(place.engine)
    head = Head(sequence=whole.entries, hash=whole.hash, signed_at=clock())
    with unguarded(place.engine) as connection:
        connection.execute(text("DELETE FROM decisions"))
        connection.execute(text("DELETE FROM trail WHERE kind = 'decisions'"))
    assert verify.verify(place.engine, head=head).fault is not None


def _without_the_head(_place: Place, patch: pytest.MonkeyPatch) -> None:
    walked = verify.walk
    patch.setattr(verify, "walk", lambda connection, **_: walked(connection))


def a_stale_edit_is_a_conflict(place: Place) -> None:
    with db.unit_of_work(place.engine) as session:
        note = a_note(session)
        decide(session, note, FEVER, coder="bob")
        try:
            decisions.append(session, a_draft(note, FEVER, Action.REJECT), seen=0, at=clock(2))
        except Conflict:
            return
    raise AssertionError("somebody was overruled unseen")


def _without_the_look_at_what_is_newer(_place: Place, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(decisions, "_refuse_stale", lambda *args, **names: None)


def a_click_sent_twice_is_one_decision(place: Place) -> None:
    with db.unit_of_work(place.engine) as session:
        note = a_note(session)
    draft = a_draft(note, FEVER, Action.ADD)
    for _ in range(2):
        try:
            with db.unit_of_work(place.engine) as session:
                decisions.append(session, draft, seen=1, at=clock())
        except DBAPIError as error:
            raise AssertionError("the second click is an error") from error


def _without_the_look_for_the_token(_place: Place, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(decisions, "_with_token", lambda *_: None)


def a_row_of_nothing_is_refused(place: Place) -> None:
    event = (
        "INSERT INTO chart_events (note_id, coder, turn, at) VALUES (77, 'ana', 'opened', '2026')"
    )
    try:
        with db.unit_of_work(place.engine) as session:
            session.execute(text(event))
    except DBAPIError:
        return
    raise AssertionError("an event of a note that is not there was kept")


def a_backup_of_a_damaged_database_is_none(place: Place) -> None:
    with db.unit_of_work(place.engine) as session:
        decide(session, a_note(session), FEVER)
    with unguarded(place.engine) as connection:
        connection.execute(text("UPDATE decisions SET coder = 'eve'"))
    try:
        backup.backup(place.engine, place.folder / "monday.backup")
    except BadFile:
        return
    raise AssertionError("a damaged backup got its name")


def _without_a_look_at_the_copy(_place: Place, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(backup, "_checked", lambda *args, **names: None)


def a_schema_from_the_first_has_all_of_todays_rules(place: Place) -> None:
    engine = db.connect(place.folder / "old.sqlite")
    db.migrate(engine, to="0001")
    db.migrate(engine)
    assert _rules(engine) == _rules(place.engine)


def _rules(engine: Engine) -> list[tuple[str, str]]:
    with engine.connect() as connection:
        rules = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name"
        return [(name, rule) for name, rule in connection.execute(text(rules))]


def _with_a_migration_that_forgets_one(_place: Place, patch: pytest.MonkeyPatch) -> None:
    """SQLite drops the triggers of a table that a migration copies; it has to make them again."""
    execute = Operations.execute

    def forgetful(self: Operations, statement: str, **options: object) -> None:
        if not str(statement).startswith("CREATE TRIGGER details_refuse_delete"):
            execute(self, statement, **options)

    patch.setattr(Operations, "execute", forgetful)


def a_migration_that_fails_halfway_leaves_nothing(place: Place) -> None:
    engine = db.connect(place.folder / "new.sqlite")
    with pytest.MonkeyPatch.context() as patch, suppress(OSError):
        patch.setattr(Operations, "create_table", _failing_at_decisions(Operations.create_table))
        db.migrate(engine)
    assert inspect(engine).get_table_names() == []


def _failing_at_decisions(create_table):
    def create(self, name, *columns, **options):
        if name == "decisions":
            raise OSError("the disk went away")
        return create_table(self, name, *columns, **options)

    return create


def _without_one_transaction(_place: Place, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(on_sqlite, "begin", lambda *args, **names: None)


def a_decision_opens_with_the_evidence_it_was_made_on(place: Place) -> None:
    shown = _as_shown(place)
    assert [e.method for found in shown.evidence.values() for e in found][:1] == ["attention"]


def evidence_asked_for_later_is_not_shown_with_a_decision(place: Place) -> None:
    shown = _as_shown(place)
    methods = {e.method for found in shown.evidence.values() for e in found}
    assert "integrated_gradients" not in methods


def _as_shown(place: Place) -> AsShown:
    """A decision made on evidence by attention; evidence by gradients came a minute later."""
    with db.unit_of_work(place.engine) as session:
        note = a_note(session)
        screen = a_screen(session, note)
        first = screen.suggestions[0].id
        later = some_evidence(method="integrated_gradients")
        screens.record_explanation(session, some_evidence(), suggestion_id=first, at=clock())
        decision = decide(session, note, PRESSURE, screen_id=screen.id, at=1)
        screens.record_explanation(session, later, suggestion_id=first, at=clock(2))
    return History(engine=place.engine).as_shown(decision.id, by="eva")


def _without_a_record_of_evidence(_place: Place, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(screens, "record_explanation", lambda *args, **names: None)


def _without_the_time_it_was_shown(_place: Place, patch: pytest.MonkeyPatch) -> None:
    found = screens.all_explanations
    always = datetime.min.replace(tzinfo=UTC)
    patch.setattr(
        screens,
        "all_explanations",
        lambda *args: {
            suggestion_id: tuple(replace(each, shown_at=always) for each in shown)
            for suggestion_id, shown in found(*args).items()
        },
    )


RECORDS = (
    Protection(6, records_cannot_be_edited, _without_triggers),
    Protection(6, an_edited_record_is_found, _without_the_trail),
    Protection(6, a_trail_cut_off_with_its_records_is_found, _without_the_head),
    Protection(3, a_stale_edit_is_a_conflict, _without_the_look_at_what_is_newer),
    Protection(1, a_click_sent_twice_is_one_decision, _without_the_look_for_the_token),
    Protection(1, a_row_of_nothing_is_refused, opened_without("foreign_keys")),
    Protection(4, a_backup_of_a_damaged_database_is_none, _without_a_look_at_the_copy),
    Protection(
        5, a_schema_from_the_first_has_all_of_todays_rules, _with_a_migration_that_forgets_one
    ),
    Protection(5, a_migration_that_fails_halfway_leaves_nothing, _without_one_transaction),
    Protection(7, a_decision_opens_with_the_evidence_it_was_made_on, _without_a_record_of_evidence),
    Protection(
        7, evidence_asked_for_later_is_not_shown_with_a_decision, _without_the_time_it_was_shown
    ),
)
