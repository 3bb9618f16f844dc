"""The log: a line of JSON for each event; names as marks; no word of a note, whoever logs it."""

import json
import logging
import os
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from core.errors import BadSettings
from core.settings import Settings
from tests.ui.conftest import ROOT, Desk
from ui.components.errors import shown_errors
from ui.services.failures import logged
from ui.services.guard import guarded
from ui.services.intents import Kind
from ui.services.logs import event, mark, set_up
from ui.services.rights import Actor, Role
from ui.services.watching import Watch
from ui.serving.headers import SafeHeaders
from ui.serving.request_log import RequestLog, known_part

CANARY = "zebrafinch"
KEY = "a key of the tests"


@pytest.fixture
def read(tmp_path: Path) -> Iterator[Callable[[], list[dict[str, object]]]]:
    """The log of this process in a file, and all as it was afterwards."""
    root, factory = logging.getLogger(), logging.getLogRecordFactory()
    known = [each for each in root.manager.loggerDict.values() if isinstance(each, logging.Logger)]
    before = [(each, each.handlers[:], each.level, each.propagate) for each in (root, *known)]
    hooks = threading.excepthook, sys.unraisablehook
    set_up(Settings(log_file=tmp_path / "log", log_level="debug", log_key=KEY))
    yield lambda: [json.loads(line) for line in (tmp_path / "log").read_text("utf-8").splitlines()]
    for logger, handlers, level, propagate in before:
        logger.handlers[:], logger.propagate = handlers, propagate
        logger.setLevel(level)
    logging.setLogRecordFactory(factory)
    logging.captureWarnings(False)
    threading.excepthook, sys.unraisablehook = hooks


Read = Callable[[], list[dict[str, object]]]


def test_an_event_is_one_line_with_time_level_and_its_fields(read: Read) -> None:
    event("backup", bytes=12)
    event("odd", level=logging.WARNING, said='two\nlines "quoted"')
    first, second = read()
    assert first.keys() == {"time", "level", "event", "bytes"}
    assert (first["event"], first["level"], first["bytes"]) == ("backup", "info", 12)
    assert str(first["time"]).endswith("+00:00")
    assert second["said"] == 'two\nlines "quoted"'


def test_a_user_is_written_as_a_mark_that_needs_the_key(read: Read) -> None:
    event("login", user="Cora")
    event("login", user="CORA")
    first, second = read()
    assert first["user"] == second["user"] == mark("Cora", KEY) != mark("Cora", "another")
    assert "cora" not in str(read()).lower()


def test_somebodys_mark_can_be_asked_for_where_a_key_is_set() -> None:
    def ask(**environment: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "ui.services.logs", "Cora"],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], "EVICODE_CONFIG": os.devnull} | environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    assert ask(EVICODE_LOG_KEY=KEY) == mark("Cora", KEY)
    assert "set log_key" in ask()


def test_of_what_a_library_says_only_the_place_is_kept(read: Read) -> None:
    library = logging.getLogger("some.library")
    library.warning("could not read %s", CANARY)
    try:
        raise ValueError(CANARY)
    except ValueError:
        library.exception(f"failed on {CANARY}")
    warnings.warn(CANARY, stacklevel=1)
    plain, failed, warned = read()
    assert (plain["event"], plain["from"]) == ("library", "some.library")
    assert str(plain["place"]).startswith("test_ui_logs:")
    assert "ValueError at" in str(failed["place"])
    assert warned["from"] == "py.warnings"
    assert CANARY not in str(read())


def test_a_line_of_the_server_for_every_request_is_left_out(tmp_path: Path, read: Read) -> None:
    access = logging.getLogger("uvicorn.access")
    access.setLevel(logging.INFO)  # as uvicorn does
    access.info("while nobody has set up the log")
    set_up(Settings(log_file=tmp_path / "log", log_level="info", log_key=KEY))
    access.info("for each request")
    access.warning("worth a look")
    assert [line["from"] for line in read() if line["event"] == "library"][-1:] == [
        "uvicorn.access"
    ]
    assert sum(line.get("from") == "uvicorn.access" for line in read()) == 2


def test_a_logger_with_a_handler_of_its_own_gets_no_words_either(read: Read) -> None:
    kept: list[str] = []
    late = logging.getLogger("a.late.library")
    handler = logging.Handler()
    handler.emit = lambda record: kept.append(handler.format(record))  # type: ignore[method-assign]
    late.addHandler(handler)
    try:
        raise KeyError(CANARY)
    except KeyError:
        late.exception("%s", CANARY)
    assert kept
    assert CANARY not in str(kept)


def test_an_exception_that_nobody_catches_in_a_thread_is_logged_without_its_words(
    read: Read, capfd: pytest.CaptureFixture[str]
) -> None:
    def work() -> None:
        raise RuntimeError(CANARY)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    (line,) = read()
    assert (line["event"], line["type"]) == ("error", "RuntimeError")
    assert "test_ui_logs.py" in str(line["at"])
    assert CANARY not in str(line) + "".join(capfd.readouterr())


def test_an_error_has_an_id_and_the_lines_of_code(read: Read) -> None:
    try:
        raise ValueError(CANARY)
    except ValueError as error:
        number = logged(error)
    (line,) = read()
    assert (line["event"], line["id"], line["type"]) == ("error", number, "ValueError")


def test_a_note_with_a_canary_leaves_no_trace_in_the_log_whatever_goes_wrong(
    read: Read,
    at_desk: Desk,
    engine: Engine,
    a_note: Callable[..., int],
    clock: Callable[[], object],
    capfd: pytest.CaptureFixture[str],
) -> None:
    opened = at_desk.coding.open(a_note("canary", f"{CANARY} fever"), coder="ana")
    desk = Desk(coding=at_desk.coding, opened=opened)
    watch = Watch(now=clock)  # type: ignore[arg-type]
    coding = guarded(desk.coding, Actor(name="ana", role=Role.CODER), watch.call)
    coding.apply([desk.intent(Kind.ACCEPT, "R50.9")], coder="ana")
    coding.apply([desk.intent(Kind.ACCEPT, CANARY)], coder="ana")
    with shown_errors(), engine.connect() as connection:
        connection.execute(text("SELECT * FROM nowhere WHERE x = :x"), {"x": CANARY})
    lines = read()
    assert {"call", "error"} <= {str(line["event"]) for line in lines}
    assert CANARY not in str(lines) + "".join(capfd.readouterr())


def test_a_log_file_that_was_rotated_is_opened_anew(read: Read, tmp_path: Path) -> None:
    event("one")
    assert oct((tmp_path / "log").stat().st_mode)[-3:] == "600"
    (tmp_path / "log").rename(tmp_path / "log.1")
    event("two")
    assert [line["event"] for line in read()] == ["two"]


def test_a_log_file_that_cannot_be_written_is_an_error_on_start(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match=r"log_file .* cannot be written"):
        set_up(Settings(log_file=tmp_path / "nowhere" / "log"))


async def _fails(_request: Request) -> PlainTextResponse:
    raise ValueError(CANARY)


def _client() -> TestClient:
    layers = [Middleware(SafeHeaders), Middleware(RequestLog)]
    routes = [Route("/fails", _fails), Route("/login", lambda _: PlainTextResponse("here"))]
    return TestClient(Starlette(routes=routes, middleware=layers), base_url="http://localhost")


def test_a_request_is_a_line_with_the_id_that_its_answer_carries(read: Read) -> None:
    answer = _client().get(f"/login?next=/review%3Fcode={CANARY}")
    (line,) = [each for each in read() if each["event"] == "request"]
    assert (line["id"], line["path"]) == (answer.headers["x-request-id"], "/login")
    assert (line["method"], line["status"]) == ("GET", 200)
    assert CANARY not in str(read())


def test_what_goes_wrong_is_answered_with_headers_and_an_id_and_no_words(read: Read) -> None:
    answer = _client().get("/fails")
    (error,) = [each for each in read() if each["event"] == "error"]
    assert answer.status_code == 500
    assert str(error["id"]) in answer.text
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"
    assert CANARY not in answer.text + str(read())


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/review", "/review"),
        ("/media/0123456789.csv", "/media/*"),
        ("/_stcore/upload_file/a/b", "/_stcore/upload_file/*"),
        ("/_stcore/stream", "/_stcore/stream"),
        (f"/{CANARY}", "elsewhere"),
        ("/patient/Jane Doe", "elsewhere"),
    ],
)
def test_of_an_address_only_what_can_be_ours_is_logged(path: str, kept: str) -> None:
    assert known_part(path) == kept
