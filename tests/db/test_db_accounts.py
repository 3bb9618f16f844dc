"""Accounts in the database: folded from events, names compared without case, nothing erased."""

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

import db
from core.errors import BadInput
from db import logins, passwords, users
from db.__main__ import main
from db.account_records import Failures, Happened, Role
from tests.db.desk import clock

PASSWORD = "three grey boats at noon"  # noqa: S105


def test_a_password_is_kept_as_an_argon2_hash_that_only_it_matches() -> None:
    kept = passwords.hashed(PASSWORD)
    assert kept.startswith("$argon2id$")
    assert kept != passwords.hashed(PASSWORD)
    assert passwords.matches(PASSWORD, kept)
    assert not passwords.matches(PASSWORD + "x", kept)
    assert not passwords.matches(PASSWORD, None)
    assert not passwords.is_outdated(kept)
    assert passwords.is_outdated("$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNo")


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("short", "has 5 characters; use 12 or more"),
        ("x" * 129, "longer than 128"),
        ("password1234", "easily guessed"),
        ("qwertyuiop123", "easily guessed"),
        ("aaaaaaaaaaaaaaaa", "easily guessed"),
        ("cora cora cora", "easily guessed"),
    ],
)
def test_a_weak_password_is_refused_in_plain_words(password: str, why: str) -> None:
    with pytest.raises(BadInput, match=why):
        passwords.check(password, name="cora")
    passwords.check(PASSWORD, name="cora")


def test_an_account_is_what_its_events_leave_it(engine: Engine) -> None:
    with db.unit_of_work(engine) as session:
        made = users.add(session, " Cora  Jones ", Role.CODER, by="ada", at=clock())
        for what, change in (
            (Happened.ROLE, {"role": Role.LEAD}),
            (Happened.EMAIL, {"email": "cora@clinic.example"}),
            (Happened.PASSWORD, {"password_hash": "first"}),
            (Happened.CLOSED, {}),
            (Happened.PASSWORD, {"password_hash": "second"}),
        ):
            users.record(session, made.id, what, by="ada", at=clock(), **change)
        found = users.find(session, "CORA JONES")
    assert found is not None
    assert (found.name, found.role, found.email) == ("Cora Jones", Role.LEAD, "cora@clinic.example")
    assert (found.password_hash, found.is_open) == ("second", False)
    assert "second" not in repr(found)


@pytest.mark.parametrize("name", ["", "  ", "-x", "a\0b", "<b>ana", "x" * 61])
def test_what_is_no_name_is_refused(engine: Engine, name: str) -> None:
    with pytest.raises(BadInput, match="a name starts with"), db.unit_of_work(engine) as session:
        users.add(session, name, Role.CODER, by="ada", at=clock())


def test_a_name_is_taken_whatever_its_case(engine: Engine) -> None:
    with db.unit_of_work(engine) as session:
        users.add(session, "Zoë", Role.CODER, by="ada", at=clock())
    with pytest.raises(BadInput, match="already"), db.unit_of_work(engine) as session:
        users.add(session, "ZOË", Role.CODER, by="ada", at=clock())


def test_neither_tokens_nor_the_names_that_were_tried_are_in_the_file(engine: Engine) -> None:
    with db.unit_of_work(engine) as session:
        user = users.add(session, "Cora", Role.CODER, by="ada", at=clock())
        logins.open_login(session, user.id, "the-token", at=clock())
        assert logins.count_attempt(session, "my password as a name", at=clock()) == 1
        assert logins.failures(session, "My Password as a name") == Failures(
            count=1, last_at=clock()
        )
    with db.unit_of_work(engine, write=False) as session:
        rows = [
            str(row)
            for table in ("logins", "login_failures")
            for row in session.execute(text(f"SELECT * FROM {table}"))  # noqa: S608
        ]
    assert len(rows) == 2
    assert not any("the-token" in row or "my password" in row for row in rows)


def test_logins_and_failures_of_days_ago_are_swept_away(engine: Engine) -> None:
    with db.unit_of_work(engine) as session:
        user = users.add(session, "Cora", Role.CODER, by="ada", at=clock())
        logins.open_login(session, user.id, "old", at=clock())
        logins.count_attempt(session, "anybody", at=clock())
        logins.open_login(session, user.id, "new", at=clock(60 * 25))
        logins.count_attempt(session, "somebody", at=clock(60 * 25))
        assert logins.find(session, "old") is None
        assert logins.failures(session, "anybody") is None


def test_the_command_line_takes_a_password_from_standard_input_only(database: Path) -> None:
    def run(*words: str, said: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "db", "user", *words, "--database", str(database)],
            input=said,
            text=True,
            capture_output=True,
            cwd=Path(__file__).parents[2],
            check=False,
        )

    made = run("add", "Cora", "--role", "second coder", said=f"{PASSWORD}\n")
    assert (made.returncode, made.stdout) == (0, "Cora (second coder) can log in\n")
    weak = run("password", "Cora", said="password1234\n")
    assert (weak.returncode, "easily guessed" in weak.stderr) == (2, True)
    assert PASSWORD not in made.stdout + made.stderr


def test_the_command_line_lists_accounts_and_knows_who_is_not_there(
    database: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = ["--database", str(database)]
    assert main(["user", *place, "list"]) == 0
    assert capsys.readouterr().out == "nobody has an account yet\n"
    engine = db.connect(database)
    with db.unit_of_work(engine) as session:
        users.add(session, "Cora", Role.CODER, by="ada", at=clock())
    engine.dispose()
    assert main(["user", *place, "list"]) == 0
    assert capsys.readouterr().out == "Cora\tcoder\topen\n"
