"""A database in which everything a person or a file can name says the same nine hostile things."""

from pathlib import Path

from playwright.sync_api import Page, expect

import db
from core.types import Code, CodeSystem, Note, Suggestion, Suggestions
from db import (
    audits,
    charts,
    decisions,
    details,
    notes,
    passwords,
    screens,
    trials,
    users,
    worklist,
)
from db.account_records import Happened, Role
from db.account_tables import UserRow
from db.audit_records import AuditTurn, Drawn, FindingDraft, FindingKind
from db.records import Action, Draft, Pass, StoredNote, Turn
from db.trials import TrialKind
from db.workflow_records import DetailDraft, Field, Priority, Work
from tests.browser.conftest import COLD
from tests.db.desk import clock

PAYLOADS = (
    "<script>window.ran = 'script'</script>",
    "<img src=https://outside.example/pixel.png onerror=\"window.ran = 'img'\">",
    "![picture](https://outside.example/markdown.png)",
    "<iframe srcdoc=\"<script>parent.ran = 'iframe'</script>\"></iframe>",
    "<svg onload=\"window.ran = 'svg'\"></svg>",
    "<style>@import url(https://outside.example/style.css)</style>",
    "<a href=\"javascript:void(window.ran = 'link')\">here</a> [go](javascript:window.ran='md')",
    "<base href=https://outside.example/>",
    ":red[x] :material/home: $\\href{https://outside.example}{x}$",
)
ALL = " ".join(PAYLOADS)
FEVER, PAIN = Code(CodeSystem.ICD10CM, "R50.9"), Code(CodeSystem.ICD10CM, "R07.9")
PEOPLE = {Role.ADMINISTRATOR: "Ada", Role.LEAD: "Lea"}
PASSWORD = "three grey boats at noon"  # noqa: S105
WORST = 1  # the note in which everything is said at once


def fill(path: Path) -> None:
    """Note 1 says all of it everywhere; notes 2 to 10 are named after one payload each."""
    engine = db.connect(path)
    db.migrate(engine)
    with db.unit_of_work(engine) as session:
        note = _note(session, name=ALL, text=f"chest pain and fever\n{ALL}")
        _screen(session, note)
        _decide(session, note, FEVER, Action.ACCEPT, at=1)
        _decide(session, note, PAIN, Action.REJECT, at=2, reason=ALL)
        for number, code in enumerate((None, FEVER)):
            comment = DetailDraft(
                note_id=note.id,
                field=Field.COMMENT,
                code=code,
                value=ALL,
                coder=ALL,
                token=f"c{number}",
            )
            details.append(session, comment, seen=0, at=clock(3))
        worklist.prioritise(session, Work(note_id=note.id), Priority.URGENT, by=ALL, at=clock(3))
        worklist.assign(session, Work(note_id=note.id), coder=ALL, by=ALL, at=clock(3))
        charts.record(session, note.id, Turn.FINISHED, coder=ALL, at=clock(4))
        _second(session, note)
        _audit(session, note)
        trials.record(session, note.id, TrialKind.SEEDED, coder=f"Cy {ALL}", by=ALL, at=clock(9))
        for payload in PAYLOADS:
            _note(session, name=payload, text=f"fever and cough {payload}")
    engine.dispose()


def _note(session, *, name: str, text: str) -> StoredNote:
    note = Note(id=name, text=text)
    return notes.add(session, note, source=name, uploaded_by=ALL, at=clock()).note


def _screen(session, note: StoredNote) -> None:
    ranked = tuple(
        Suggestion(
            code=code,
            title=ALL,
            task="icd",
            probability=0.75 - place / 10,
            source="network and memory",
            provenance=f'"{ALL}": seen in 14 coded notes',
        )
        for place, code in enumerate((FEVER, PAIN))
    )
    screens.record(
        session,
        Suggestions(note_id=note.name, checkpoint="c0ffee", truncated_at=None, ranked=ranked),
        note_id=note.id,
        coder=ALL,
        checkpoint=ALL,
        thresholds={"icd": 0.5},
        app_version="0",
        at=clock(),
    )


def _decide(session, note: StoredNote, code: Code, action: Action, *, at: int, **more) -> None:
    draft = Draft(
        note_id=note.id,
        code=code,
        title=ALL,
        action=action,
        token=f"{more.get('coding_pass', '')}{at}",
        **{"coder": ALL, **more},
    )
    decisions.append(session, draft, seen=99, at=clock(at))


def _second(session, note: StoredNote) -> None:
    """Another coding, so that there is something to compare and to settle."""
    other = f"Bo {ALL}"
    again = {"coder": other, "coding_pass": Pass.SECOND}
    worklist.assign(
        session,
        Work(note_id=note.id, coding_pass=Pass.SECOND),
        coder=other,
        by=ALL,
        at=clock(5),
    )
    _decide(session, note, PAIN, Action.ADD, at=5, **again)
    charts.record(session, note.id, Turn.FINISHED, at=clock(6), **again)


def _audit(session, note: StoredNote) -> None:
    drawn = {"sample": ALL, "method": "random", "seed": 0, "population": 1, "drawn_by": ALL}
    (audit,) = audits.draw(session, [Drawn(note_id=note.id, stratum=ALL)], at=clock(7), **drawn)
    draft = FindingDraft(
        audit_id=audit.id,
        kind=FindingKind.REMOVED,
        code=FEVER,
        comment=ALL,
        auditor="eva",
        token="f",  # noqa: S106
    )
    finding = audits.add_finding(session, draft, at=clock(7))
    audits.finish(session, audit.id, auditor="eva", at=clock(8))
    answer = {"by": ALL, "comment": ALL, "at": clock(8)}
    audits.answer(session, finding.id, AuditTurn.REBUTTED, **answer)


def fill_accounts(path: Path) -> None:
    """PEOPLE, and an account whose name no form would take, with hostile words in its record."""
    engine = db.connect(path)
    with db.unit_of_work(engine) as session:
        for role, name in PEOPLE.items():
            user = users.add(session, name, role, by=ALL, at=clock())
            kept = passwords.hashed(PASSWORD)
            users.record(
                session, user.id, Happened.PASSWORD, by=ALL, at=clock(), password_hash=kept
            )
        row = UserRow(name=ALL, key=ALL, created_by=ALL, created_at=clock())
        session.add(row)
        session.flush()
        users.record(session, row.id, Happened.ROLE, role=Role.CODER, by=ALL, at=clock())
        users.record(session, row.id, Happened.EMAIL, email=ALL, by=ALL, at=clock())
    engine.dispose()


def log_in(page: Page, url: str, name: str) -> None:
    page.goto(f"{url}/login")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("link", name="Account")).to_be_visible(timeout=COLD)
