"""Health: what the server says of itself, checks and copies; and that none of it is a note's."""

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from streamlit.testing.v1 import AppTest

import db
from core.errors import BadFile, BadSettings, NotAllowed
from core.settings import Settings
from db.engine import write_connection
from db.schema import _config
from tests.ui.accounts import PASSWORD, Hands, an_account
from tests.ui.conftest import Desk
from ui.services.accounts import Accounts, Role
from ui.services.backing_up import Backups, chosen_backups
from ui.services.failures import logged
from ui.services.guard import guarded
from ui.services.health import Health, chosen_health
from ui.services.intents import Kind
from ui.services.logins import Logins
from ui.services.rights import Actor
from ui.services.watching import Watch

ADA = Actor(name="Ada", role=Role.ADMINISTRATOR)


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def watch(hands: Hands) -> Watch:
    watch = Watch(now=hands)
    watch.listen()
    return watch


@pytest.fixture
def health(engine: Engine, watch: Watch, hands: Hands) -> Health:
    return chosen_health(engine, watch=watch, version="1", now=hands)


@pytest.fixture
def backups(engine: Engine, watch: Watch, hands: Hands, tmp_path: Path) -> Backups:
    wanted = Settings(backup_folder=tmp_path / "backups", backup_hours=6, backup_keep=2)
    found = chosen_backups(wanted, engine, watch=watch, now=hands)
    assert found is not None
    return found


def test_the_report_tells_the_database_by_engine_schema_size_and_room(
    health: Health, a_note: Callable[..., int]
) -> None:
    before = health.look().database
    a_note(text="x " * 50_000)
    found = health.look().database
    assert found.engine.startswith("SQLite 3.")
    assert found.revision == _newest()
    assert found.size > before.size
    assert found.free is not None
    assert found.free > 0
    assert found.entries == before.entries + 1
    assert health.look().memory > 10_000_000
    assert len(health.look().checkpoint.hash) == 64


def _newest() -> str | None:
    from alembic.script import ScriptDirectory

    return ScriptDirectory.from_config(_config()).get_current_head()


def test_a_checkpoint_that_is_not_there_is_a_problem_and_no_crash(
    health: Health, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("EVICODE_CHECKPOINT", str(tmp_path / "nowhere"))
    assert "cannot be read" in str(health.look().checkpoint.problem)


def test_the_trail_is_checked_with_progress_and_a_changed_note_is_named(
    health: Health, engine: Engine, a_note: Callable[..., int]
) -> None:
    assert health.look().verified is None
    for number in range(1_100):
        a_note(name=f"n{number}", text=f"fever {number}")
    shares: list[float] = []
    found = health.verify(by="Ada", told=shares.append)
    assert (found.entries, found.fault) == (1_100, None)
    assert shares
    assert all(0 < share <= 1 for share in shares)
    with write_connection(engine) as connection:
        names = connection.execute(
            text("SELECT name FROM sqlite_master WHERE type='trigger' AND tbl_name='notes'")
        )
        for name in names.scalars().all():
            connection.execute(text(f"DROP TRIGGER {name}"))
        connection.execute(text("UPDATE notes SET text = 'cough' WHERE id = 3"))
    health.verify(by="Ada", told=shares.append)
    said = health.look().verified
    assert said is not None
    assert "notes row 3" in str(said.fault)


def test_a_backup_is_written_when_it_is_due_and_the_oldest_go(
    backups: Backups, hands: Hands
) -> None:
    assert backups.newest() is None
    assert backups.write()
    hands.move(hours=5)
    assert not backups.write()
    for _ in range(3):
        hands.move(hours=6)
        assert backups.write()
    assert len(list(backups.folder.iterdir())) == 2
    newest = backups.newest()
    assert newest is not None
    assert newest.at == hands.time


def test_a_backup_can_be_restored(
    backups: Backups, a_note: Callable[..., int], tmp_path: Path
) -> None:
    a_note()
    backups.write()
    (file,) = backups.folder.iterdir()
    db.backup.restore(tmp_path / "again.sqlite", file)
    again = db.connect(tmp_path / "again.sqlite")
    with again.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM notes")) == 1
    again.dispose()


def test_a_backup_that_fails_is_said_until_one_works(
    backups: Backups, health: Health, watch: Watch, hands: Hands
) -> None:
    backups.folder.parent.mkdir(exist_ok=True)
    backups.folder.write_text("a file where the folder should be")
    with pytest.raises((BadFile, OSError)):
        backups.write()
    assert "was not written" in str(health.look().backup_problem)
    backups.folder.unlink()
    backups.write()
    assert health.look().backup_problem is None


def test_the_thread_goes_on_after_a_backup_that_failed(backups: Backups, watch: Watch) -> None:
    class Twice:
        looks = 0

        def is_set(self) -> bool:
            return self.looks > 1

        def wait(self, _seconds: float) -> None:
            self.looks += 1
            if backups.folder.is_file():
                backups.folder.unlink()

    backups.folder.write_text("in the way")
    backups.keep_writing(Twice())  # type: ignore[arg-type]
    assert backups.newest() is not None


def test_without_a_folder_there_are_no_backups_and_asking_for_one_says_how(
    health: Health,
) -> None:
    assert not health.look().backs_up
    with pytest.raises(BadSettings, match="set backup_folder"):
        health.back_up(by="Ada")


def test_sessions_are_those_that_are_logged_in_now(
    health: Health, engine: Engine, hands: Hands
) -> None:
    accounts, logins = Accounts(engine=engine, now=hands), Logins(engine=engine, now=hands)
    an_account(accounts)
    an_account(accounts, "Ida")
    logins.log_in("Ida", PASSWORD)
    hands.move(minutes=10)
    token = logins.log_in("Cora", PASSWORD)
    assert [each.name for each in health.look().sessions] == ["Cora", "Ida"]
    hands.move(minutes=6)
    assert [each.name for each in health.look().sessions] == ["Cora"]
    logins.log_out(token)
    assert health.look().sessions == ()


def test_each_guarded_call_is_timed_and_refusals_are_no_failures(
    at_desk: Desk, watch: Watch, hands: Hands
) -> None:
    ana = Actor(name="ana", role=Role.CODER)
    coding = guarded(at_desk.coding, ana, watch.call)
    coding.apply([at_desk.intent(Kind.ACCEPT, "R50.9")], coder="ana")
    with pytest.raises(NotAllowed):
        guarded(at_desk.coding, ADA, watch.call).chart(at_desk.opened, coder="Ada")
    with pytest.raises(TypeError):
        coding.chart(None, coder="ana", nonsense=1)
    found = {each.what: each for each in watch.timings(since=timedelta(hours=1))}
    assert found["Coding.apply"].calls == 1
    assert 0 < found["Coding.apply"].median <= found["Coding.apply"].slowest < 60
    assert (found["Coding.chart"].calls, found["Coding.chart"].failed) == (2, 1)
    hands.move(hours=2)
    assert watch.timings(since=timedelta(hours=1)) == ()


def test_errors_are_known_by_id_for_a_day_and_without_their_words(
    health: Health, hands: Hands
) -> None:
    try:
        raise ValueError("canary in the note")
    except ValueError as error:
        number = logged(error)
    (failure,) = health.look().errors
    assert (failure.id, failure.type) == (number, "ValueError")
    assert failure.place.startswith("test_ui_health.py:")
    assert "canary" not in repr(health.look())
    hands.move(days=1, seconds=1)
    assert health.look().errors == ()


def test_only_whoever_runs_the_server_sees_it(health: Health) -> None:
    for role in Role:
        actor = Actor(name="Sam", role=role)
        if role is Role.ADMINISTRATOR:
            assert guarded(health, actor).look().version == "1"
            continue
        with pytest.raises(NotAllowed, match="see how the server is doing"):
            guarded(health, actor).look()


def test_the_page_draws_checks_the_trail_and_says_what_came_of_it(app: AppTest) -> None:
    app.run()
    app.switch_page("ui/pages/health.py").run()
    assert not app.exception
    said = " ".join(each.value for each in (*app.text, *app.code))
    assert "was not checked lately" in said
    assert "No backups are scheduled" in said
    assert "SQLite 3." in said
    assert app.button(key="health-backup").disabled
    app.button(key="health-verify").click().run()
    assert not app.exception
    assert app.success[0].value == "The audit trail fits every record."
    assert "all as it was" in " ".join(each.value for each in app.code)


def test_the_page_writes_a_backup_into_the_folder_of_the_settings(
    app: AppTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EVICODE_BACKUP_FOLDER", str(tmp_path / "backups"))
    app.run()
    app.switch_page("ui/pages/health.py").run()
    assert "There is no backup in the folder yet." in str([each.value for each in app.text])
    app.button(key="health-backup").click().run()
    assert not app.exception
    assert app.success[0].value == "The backup is written, and verified."
    assert len(list((tmp_path / "backups").iterdir())) == 1
    shutil.rmtree(tmp_path / "backups")
