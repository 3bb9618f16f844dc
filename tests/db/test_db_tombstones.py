"""A deleted note's words are gone, from the bytes too; the record of its coding still holds."""

# ruff: noqa: S608  (the statements are ours)
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine, Integer, Text, select, text, update
from sqlalchemy.exc import IntegrityError

import db
from core.errors import BadFile, BadInput
from core.types import Code, CodeSystem, Encounter, Note, Sex, Span
from db import (
    audits,
    charts,
    decisions,
    details,
    feedback,
    inbox,
    lessons,
    notes,
    phrases,
    retention,
    screens,
    tombstones,
    worklist,
)
from db.__main__ import main
from db.audit_records import Drawn, FindingDraft, FindingKind
from db.engine import scrub
from db.export.request import Export, Format
from db.export.saving import save
from db.migrations.versions import phrases_0015, tombstones_0011
from db.phrases import PhraseAction, PhraseDraft
from db.records import Action, Turn
from db.schema import downgrade
from db.tables import Base, NoteRow
from db.verify import Damage, verify
from db.workflow_records import DetailDraft, Field
from tests.db.conftest import on_sqlite
from tests.db.desk import FEVER, PRESSURE, a_draft, a_note, a_screen, clock, decide
from tests.db.tampering import tamper, unguarded

CANARY = "Zebrafinch"
WORDED = (*tombstones_0011.WORDED, phrases_0015.WORDED)
WHOSE = Encounter(
    external_id=f"{CANARY}-d",
    encounter_id=f"{CANARY}-v",
    patient_id=f"{CANARY}-p",
    age=75,
    sex=Sex.FEMALE,
    birth_date=date(1950, 1, 2),
)
REQUEST = {"by": "lea", "reason": "request 7", "at": clock(9)}


@pytest.fixture
def chart(unedited: Engine) -> Engine:
    """Note 1 with its canary wherever words can be; note 2 beside it."""
    off = {"phrase": CANARY, "code": FEVER, "reason": f"of {CANARY}", "by": "lea"}
    with db.unit_of_work(unedited) as session:
        draft = PhraseDraft(action=PhraseAction.OFF, note_id=1, **off)
        phrases.record(session, draft, at=clock(8))
    return unedited


@pytest.fixture
def unedited(engine: Engine) -> Engine:
    """The same without a change of memory."""
    with db.unit_of_work(engine) as session:
        letter = Note(id=f"{CANARY} letter", text=f"{CANARY} has fever.", encounter=WHOSE)
        kept = notes.add(session, letter, source=f"{CANARY}.txt", uploaded_by="ana", at=clock())
        note = kept.note
        a_screen(session, note)
        decide(session, note, FEVER, Action.ADD, evidence=(Span(0, 10),), at=1)
        turned_down = a_draft(note, PRESSURE, Action.REJECT, reason=f"{CANARY} has none")
        decisions.append(session, turned_down, seen=1, at=clock(2))
        comment = DetailDraft(
            note_id=note.id,
            field=Field.COMMENT,
            code=None,
            value=f"ask {CANARY}",
            coder="ana",
            token="c",  # noqa: S106
        )
        details.append(session, comment, seen=0, at=clock(3))
        charts.record(session, note.id, Turn.OPENED, coder="ana", at=clock(3))
        charts.record(session, note.id, Turn.FINISHED, coder="ana", at=clock(4))
        _audit(session, note.id)
        a_note(session, name="other", text="Another note.")
    return engine


def _audit(session, note_id: int) -> None:
    drawn = {"sample": "one", "method": "random", "seed": 0, "population": 1, "drawn_by": "lea"}
    (audit,) = audits.draw(session, [Drawn(note_id=note_id)], at=clock(5), **drawn)
    finding = FindingDraft(
        audit_id=audit.id,
        kind=FindingKind.REMOVED,
        code=FEVER,
        comment=f"{CANARY} had none",
        auditor="eva",
        token="f",  # noqa: S106
    )
    audits.add_finding(session, finding, at=clock(6))
    audits.finish(session, audit.id, auditor="eva", at=clock(7))


def _forget(engine: Engine, note_id: int = 1, **changes) -> tombstones.Tombstone:
    with db.unit_of_work(engine) as session:
        return tombstones.forget(session, note_id, **{**REQUEST, **changes})


def _everything(engine: Engine) -> str:
    with db.unit_of_work(engine, write=False) as session:
        return "\n".join(
            str(list(session.execute(select(table)))) for table in Base.metadata.tables.values()
        )


def test_no_word_of_a_deleted_note_is_left_in_any_table(chart: Engine) -> None:
    before = _everything(chart)
    assert before.count(CANARY) >= 9
    assert '"hta": seen in 14' in before
    gone = _forget(chart)
    after = _everything(chart)
    assert CANARY not in after
    assert '"hta": seen in 14' not in after
    assert "1950" not in after
    assert gone.records == 6  # note, screen, decision, comment, finding, phrase
    assert "Another note." in after


def test_the_trail_holds_and_says_who_deleted_what_and_why(chart: Engine) -> None:
    whole = verify(chart).entries
    gone = _forget(chart)
    verdict = verify(chart)
    assert (verdict.entries, verdict.fault) == (whole + 1, None)
    with db.unit_of_work(chart, write=False) as session:
        assert tombstones.of_note(session, 1) == gone
        changed = tombstones.changes(session.connection())
    assert (gone.by, gone.reason, gone.at) == ("lea", "request 7", clock(9))
    assert {kind for kind, _ in changed} == {
        *("notes", "screens", "decisions", "details", "findings", "phrase_events"),
    }
    assert all(len(digest) == 64 for pair in changed.values() for digest in pair)


def test_what_was_decided_stays_and_is_exported_under_the_day_of_the_deletion(
    chart: Engine, tmp_path: Path
) -> None:
    _forget(chart)
    with db.unit_of_work(chart, write=False) as session:
        rows = list(feedback.decided(session, text=True))
        assert list(feedback.coded_notes(session)) == []
        assert list(lessons.every(session)) == []
    assert {(row.note_id, row.code, row.text) for row in rows} == {
        ("note 1, deleted on 2026-01-02", FEVER, ""),
        ("note 1, deleted on 2026-01-02", PRESSURE, ""),
    }
    for number, form in enumerate(Format):
        path = tmp_path / f"{number}"
        save(chart, path, Export(format=form, quotes=form is not Format.CORPUS), at=clock(10))
        assert CANARY.encode() not in path.read_bytes()
    exported = (tmp_path / f"{list(Format).index(Format.CSV)}").read_text()
    assert "note 1, deleted on 2026-01-02" in exported


def test_a_deleted_note_is_no_work_and_is_refused_with_the_day(chart: Engine) -> None:
    _forget(chart)
    with db.unit_of_work(chart, write=False) as session:
        assert [row.note_id for row in inbox.rows(session)] == [2]
        assert sum(inbox.totals(session).values()) == 1
        assert [row.work.note_id for row in worklist.rows(session, now=clock(10))] == [2]
        with pytest.raises(BadInput, match="note 1, deleted on 2026-01-02: its words are gone"):
            notes.get(session, 1)
        kept = notes.kept(session, 1)
        assert (kept.deleted, kept.text, kept.encounter) == (True, "", Encounter())


def test_nobody_writes_to_a_deleted_note(chart: Engine) -> None:
    _forget(chart)
    with db.unit_of_work(chart, write=False) as session:
        note = notes.kept(session, 1)
    with pytest.raises(BadInput, match="deleted on"), db.unit_of_work(chart) as session:
        decide(session, note, FEVER, at=11)
    with pytest.raises(BadInput, match="deleted on"):
        _forget(chart)
    assert verify(chart).fault is None


def test_the_same_text_does_not_come_back_by_another_upload(chart: Engine) -> None:
    _forget(chart)
    with db.unit_of_work(chart) as session:
        again = a_note(session, name="again", text=f"{CANARY} has fever.")
    assert again.name == "note 1, deleted on 2026-01-02"
    assert CANARY not in _everything(chart)


@pytest.mark.parametrize("bad", [{"reason": "  "}, {"by": ""}, {"reason": "x" * 201}])
def test_a_deletion_needs_a_name_and_a_short_reason(chart: Engine, bad: dict[str, str]) -> None:
    with pytest.raises(BadInput, match="needs a name and a reason"):
        _forget(chart, **bad)
    assert CANARY in _everything(chart)


def test_a_deletion_does_not_cover_damage_up(chart: Engine) -> None:
    with unguarded(chart) as connection:
        connection.execute(text("UPDATE details SET value = 'something else'"))
    with pytest.raises(BadFile, match="details row 1 is not what the audit trail says"):
        _forget(chart)
    assert CANARY in _everything(chart)


# table -> a change of a deleted note's row that goes beyond taking its words away
BEYOND = {
    "notes": "UPDATE notes SET text = 'No fever.' WHERE id = 1",
    "decisions": "UPDATE decisions SET reason = 'another' WHERE reason IS NOT NULL",
    "details": "UPDATE details SET value = 'another'",
    "suggestions": "UPDATE suggestions SET provenance = 'seen in 99'",
    "findings": "UPDATE findings SET comment = 'another'",
    "phrase_events": "UPDATE phrase_events SET words = 'another'",
}


@pytest.mark.parametrize("table", BEYOND)
def test_a_tombstone_opens_no_way_to_write_other_words(chart: Engine, table: str) -> None:
    _forget(chart)
    with (
        pytest.raises(IntegrityError, match=f"{table} can only be added to"),
        db.unit_of_work(chart) as session,
    ):
        session.execute(text(BEYOND[table]))


@pytest.mark.parametrize("worded", WORDED, ids=lambda worded: worded.table)
def test_with_a_tombstone_every_column_but_those_with_words_is_as_fixed_as_ever(
    chart: Engine, worded
) -> None:
    _forget(chart)
    columns = set(Base.metadata.tables[worded.table].columns.keys())
    assert columns == {*worded.blank, *worded.fixed.split()}, "a column added since: decide"
    with db.unit_of_work(chart) as session:
        table = Base.metadata.tables[worded.table]
        for column in (table.c[name] for name in worded.fixed.split()):
            filled = session.execute(select(column).where(column.is_not(None))).all()
            number = isinstance(column.type, Integer)
            value = (column + 100 if number else None) if filled else 1 if number else "x"
            refused = pytest.raises(IntegrityError, match=f"{worded.table} can only be added to")
            with refused, session.begin_nested():
                session.execute(update(table).values({column: value}))


def test_without_a_tombstone_no_word_can_be_taken_away(chart: Engine) -> None:
    with (
        pytest.raises(IntegrityError, match="notes can only be added to"),
        db.unit_of_work(chart) as session,
    ):
        session.execute(text("UPDATE notes SET text = '' WHERE id = 1"))


# What somebody with the database in their hands may try under cover of a deletion.
FORGED = {
    "words put back": "UPDATE notes SET text = 'No fever.' WHERE id = 1",
    "another hash before": f"UPDATE erased SET before = '{64 * '0'}' WHERE kind = 'details'",
    "another hash after": f"UPDATE erased SET after = '{64 * '0'}' WHERE kind = 'details'",
    "a code changed": "UPDATE decisions SET code = 'R99' WHERE reason IS NOT NULL",
    "the tombstone gone": "DELETE FROM tombstones",
    "the reason changed": "UPDATE tombstones SET reason = 'request 8'",
    "the list of records gone": "DELETE FROM erased",
}


@pytest.mark.parametrize("what", FORGED)
def test_what_is_forged_under_cover_of_a_deletion_is_found(chart: Engine, what: str) -> None:
    _forget(chart)
    tamper(chart, [FORGED[what]])
    fault = verify(chart).fault
    assert fault is not None
    assert fault.damage in (Damage.CHANGED, Damage.MISSING)


def test_words_put_back_with_all_hashes_made_to_fit_are_found(chart: Engine) -> None:
    """The one forgery that hashes alone would not show: a deleted note that has text."""
    _forget(chart)
    with unguarded(chart) as connection:
        table = Base.metadata.tables["notes"]
        connection.execute(update(table).where(table.c.id == 1).values(text="No fever."))
        assert tombstones.holding(connection) == ("notes", 1)


@on_sqlite
def test_no_byte_of_the_files_holds_the_words_once_they_are_scrubbed(
    chart: Engine, database: str
) -> None:
    files = [Path(f"{database}{suffix}") for suffix in ("", "-wal")]
    assert any(CANARY.encode() in path.read_bytes() for path in files if path.exists())
    _forget(chart)
    assert scrub(chart, tombstones.TABLES)
    assert not any(CANARY.encode() in path.read_bytes() for path in files if path.exists())


def test_on_either_engine_scrubbing_leaves_a_whole_database(chart: Engine) -> None:
    _forget(chart)
    assert scrub(chart, tombstones.TABLES)
    assert verify(chart).fault is None


def test_old_charts_fall_due_unless_they_are_open_again_or_in_audit(chart: Engine) -> None:
    def due(day: int) -> tuple[int, ...]:
        with db.unit_of_work(chart, write=False) as session:
            return retention.due(session, before=retention.since(clock(4 + day * 1440), 30))

    assert due(30) == ()
    assert due(31) == (1,)
    with db.unit_of_work(chart) as session:
        drawn = {"sample": "two", "method": "random", "seed": 0, "population": 1}
        audits.draw(session, [Drawn(note_id=1)], at=clock(8), drawn_by="lea", **drawn)
    assert due(31) == ()


def test_the_command_line_deletes_only_without_dry_run(
    chart: Engine, database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(*words: str) -> str:
        assert main([*words, "--database", database]) == 0
        return capsys.readouterr().out

    chart.dispose()
    assert run("forget", "1", "--dry-run") == "1 note (1) would be deleted\n"
    assert run("retention", "--days", "99999", "--dry-run") == "0 notes would be deleted\n"
    assert "1 note (1) would be deleted" in run("retention", "--days", "1", "--dry-run")
    assert CANARY in _everything(chart)
    assert "1 note (1) deleted" in run("forget", "1", "--reason", "request 7")
    assert CANARY not in _everything(chart)
    with db.unit_of_work(chart, write=False) as session:
        gone = tombstones.of_note(session, 1)
    assert gone is not None
    assert gone.by.endswith(", command line")


def test_the_command_line_asks_for_days(
    database: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(retention.SETTING, raising=False)
    assert main(["retention", "--database", database]) == 2
    assert "set EVICODE_RETENTION_DAYS" in capsys.readouterr().err
    monkeypatch.setenv(retention.SETTING, "3650")
    assert main(["retention", "--database", database]) == 0


def test_the_older_schema_is_refused_once_a_note_was_deleted(unedited: Engine) -> None:
    downgrade(unedited, to="0009")
    assert verify(unedited).fault is None
    db.migrate(unedited)
    _forget(unedited)
    with pytest.raises(BadInput, match="notes were deleted"):
        downgrade(unedited, to="0009")
    assert verify(unedited).fault is None


def test_the_schema_without_edits_of_memory_is_refused_once_there_are_some(chart: Engine) -> None:
    with pytest.raises(BadInput, match="holds edits of memory"):
        downgrade(chart, to="0011")
    assert verify(chart).fault is None


# Columns of text that hold no word of a note, and why not; a new one is put here or in WORDED.
NO_WORDS = {
    "codes and their titles": "system code title category_system category_code corrected_system "
    "corrected task source contexts poa",
    "people": "coder uploaded_by by auditor drawn_by created_by name key email",
    "words of ours": "action field turn kind role method stratum sample coding_pass sentences "
    "language format ended reason step folder run",
    "hashes and tokens": "sha256 token checkpoint checkpoint_hash memory app_version before after "
    "content previous hash password_hash token_sha256 name_sha256 program "
    "parent model",
}


def test_every_column_of_text_is_known_to_hold_words_of_a_note_or_not() -> None:
    known = {name for names in NO_WORDS.values() for name in names.split()}
    worded = {(each.table, column) for each in WORDED for column in each.blank}
    columns = {
        (table.name, column.name)
        for table in Base.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, Text)
    }
    assert {each for each in columns - worded if each[1] not in known} == set()


def test_a_session_that_read_the_note_before_reads_it_without_words_after(chart: Engine) -> None:
    with db.unit_of_work(chart) as session:
        row = session.get(NoteRow, 1)
        assert row is not None
        tombstones.forget(session, 1, **REQUEST)
        assert row.text == ""


def test_a_code_is_still_found_by_its_system(chart: Engine) -> None:
    _forget(chart)
    with db.unit_of_work(chart, write=False) as session:
        (decision, _) = decisions.of_note(session, 1)
        assert decision.code == Code(CodeSystem.ICD10CM, FEVER.code)
        assert screens.of_note(session, 1)[0].suggestions[0].suggestion.provenance == ""
