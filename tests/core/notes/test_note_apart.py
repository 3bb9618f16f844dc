"""Uploads are read in a child process: bombs end there, and the server never notices.

Limits are small here, so that the tests are fast; `Limits()` has the real ones.
"""

import json
import os
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from core.errors import BadFile, BadInput
from core.notes import Limits, Reading, read_notes
from core.notes.apart import ENVIRONMENT, read_apart
from core.notes.wire import packed, unpacked
from tests.uploads import TEXT, excel, members, one_of_each, parquet, pdf, pdf_of, word

ROOT = Path(__file__).parents[3]
EACH = one_of_each()
QUICK = Limits(cpu_seconds=1, wall_seconds=60, memory_bytes=400_000_000)
PATIENT = Limits(wall_seconds=60)  # for what must be read, on however busy a machine
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
LAUGHS = '<!DOCTYPE l [<!ENTITY a "ha">' + "".join(
    f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9)
)


def apart(name: str, data: bytes, limits: Limits = PATIENT) -> Reading | BadInput:
    (outcome,) = read_apart([(name, data)], limits=limits)
    return outcome


def test_a_child_reads_every_format_as_this_process_does() -> None:
    files = [(f"a.{ending}", data) for ending, data in EACH.items()]
    assert list(read_apart(files, limits=PATIENT)) == [
        read_notes(name, data) for name, data in files
    ]


def test_a_refusal_crosses_from_the_child_with_its_reason_and_the_next_file_is_read() -> None:
    refused, read = read_apart([("a.pdf", pdf("")), ("b.txt", TEXT.encode())], limits=PATIENT)
    assert isinstance(refused, BadInput)
    assert "no text on any page" in str(refused)
    assert isinstance(read, Reading)


def _word(body: str) -> bytes:
    xml = f'<w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>'
    return members(word("x"), word__document__xml=b"", **{"word__document.xml": xml.encode()})


def _flat(content: bytes) -> bytes:
    """A PDF whose page unpacks to `content`."""
    packed_ = zlib.compress(content, 9)
    return pdf_of(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R"
            b"/Resources<</Font<</F1 5 0 R>>>>>>",
            b"<</Length %d/Filter/FlateDecode>>stream\n%s\nendstream" % (len(packed_), packed_),
            b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        ]
    )


BOMBS: dict[str, tuple[Callable[[], bytes], str]] = {
    "zip.docx": (
        lambda: members(word("x"), **{"word__media__a.bin": bytes(60_000_000)}),
        "unpacks to 61 MB, more than the 50 MB",
    ),
    "many.xlsx": (
        lambda: members(excel(), **{f"x{number}.bin": b"x" for number in range(2_001)}),
        "files are packed in it; at most 2,000",
    ),
    "laughs.docx": (
        lambda: members(word("x"), **{"word__document.xml": f"{LAUGHS}]><x>&j;</x>".encode()}),
        "declares XML entities",
    ),
    "wide-laughs.xlsx": (
        lambda: members(excel(), **{"xl__workbook.xml": f"{LAUGHS}]><x>&j;</x>".encode("utf-16")}),
        "declares XML entities",
    ),
    "deep.docx": (lambda: _word("<w:p>" * 50_000 + "</w:p>" * 50_000), "XMLSyntaxError"),
    "flate.pdf": (lambda: _flat(bytes(200_000_000)), "LimitReachedError"),
    "operators.pdf": (lambda: _flat(b"BT /F1 9 Tf (a) Tj ET " * 400_000), "seconds"),
    "links.rtf": (
        lambda: b"{\\rtf1 " + b'{\\field{\\*\\fldinst{HYPERLINK "' * 100_000,
        "seconds",
    ),
    "brackets.json": (
        lambda: b'{"resourceType": "Bundle", "entry": ' + b"[" * 500_000,
        "nested too deeply",
    ),
    "text.parquet": (lambda: parquet({"id": ["1"], "text": ["x" * 120_000_000]}), "MB of memory"),
    "wide.csv": (lambda: b"," * 2_000_000, "columns are more than the 1,000"),
    "field.csv": (lambda: b'id,text\n1,"' + b"a" * 5_000_000 + b'"', "more than the 200,000"),
    "corner.xlsx": (
        lambda: members(
            excel(),
            **{
                "xl__worksheets__sheet1.xml": b'<worksheet xmlns="http://schemas.openxmlformats.org/'
                b'spreadsheetml/2006/main"><sheetData><row r="1"><c r="A1"><v>1</v></c>'
                b'<c r="XFD1"><v>1</v></c></row></sheetData></worksheet>'
            },
        ),
        "16,384 columns are more than",
    ),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_with_the_limit_it_ran_into(name: str) -> None:
    make, reason = BOMBS[name]
    outcome = apart(name, make(), QUICK)
    said = " ".join(outcome.problems) if isinstance(outcome, Reading) else str(outcome)
    assert reason in said


def test_after_a_file_that_ends_the_child_the_next_is_read_by_another() -> None:
    make, _ = BOMBS["operators.pdf"]
    ended, read = read_apart([("bomb.pdf", make()), ("b.txt", TEXT.encode())], limits=QUICK)
    assert "seconds" in str(ended)
    assert isinstance(read, Reading)


def test_a_clock_ends_a_child_that_sleeps_or_waits_for_the_machine() -> None:
    outcome = apart("a.rtf", BOMBS["links.rtf"][0](), Limits(cpu_seconds=60, wall_seconds=1))
    assert str(outcome).startswith("'a.rtf': reading it took more than 1 seconds; split it")


def test_a_file_over_the_limit_never_reaches_the_child() -> None:
    outcome = apart("a.pdf", b"x" * 100, Limits(file_bytes=99))
    assert "0.0 MB is more than the 9.9e-05 MB" in str(outcome)


def _confined(code: str) -> str:
    """What a confined process says when it runs `code`."""
    start = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from core.notes.confinement import confine\nfrom core.notes import Limits\n"
        f"confine(Limits())\ntry:\n    {code}\n    print('done')\n"
        "except BaseException as error: print(type(error).__name__)"
    )
    command = [sys.executable, "-I", "-c", start, str(ROOT)]
    return subprocess.run(
        command, capture_output=True, text=True, env=ENVIRONMENT, check=False
    ).stdout.strip()


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import socket; socket.create_connection(('127.0.0.1', 9))", "PermissionError"),
        ("import urllib.request; urllib.request.urlopen('http://localhost')", "PermissionError"),
        ("import subprocess; subprocess.run(['true'])", "PermissionError"),
        ("import os; os.system('true')", "PermissionError"),
        ("open('written.txt', 'w')", "PermissionError"),
        ("import os; os.open('written.txt', os.O_CREAT | os.O_RDWR)", "PermissionError"),
        ("import os; os.remove('nothing')", "PermissionError"),
        ("bytearray(600_000_000)", "MemoryError"),
        ("open(__import__('json').__file__).read()", "done"),
    ],
)
def test_a_confined_process_reads_and_does_nothing_else(code: str, said: str) -> None:
    assert _confined(code) == said


def test_a_child_sees_nothing_of_the_servers_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONSTARTUP", "/nonexistent")
    monkeypatch.setenv("PYTHONPATH", "/nonexistent")
    assert isinstance(apart("a.txt", TEXT.encode()), Reading)
    assert not set(ENVIRONMENT) & {"HOME", "PATH", "EVICODE_DATABASE"}


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd.txt", "/etc/cron.d/x.txt", "C:\\x\\a.txt", "a\0b.txt", "a\nb\x1b[2J.txt"],
)
def test_a_hostile_name_names_a_note_and_no_place(name: str, tmp_path: Path) -> None:
    before = set(os.listdir(tmp_path))
    outcome = apart(name, TEXT.encode())
    assert isinstance(outcome, Reading)
    assert not any(character in outcome.notes[0].id for character in "/\\\0\n\x1b")
    assert set(os.listdir(tmp_path)) == before


def test_a_broken_name_and_a_lone_surrogate_cross_the_pipe() -> None:
    assert isinstance(apart("\ud83d.txt", TEXT.encode()), Reading)


def test_a_reading_survives_the_pipe_exactly() -> None:
    for ending, data in EACH.items():
        reading = read_notes(f"a.{ending}", data)
        assert unpacked(json.loads(json.dumps(packed(reading)))) == reading


def test_the_child_imports_no_model_and_no_interface() -> None:
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); import core.notes.child; "
        "print([m for m in ('torch', 'streamlit', 'sqlalchemy', 'pandas', 'numpy') "
        "if m in sys.modules])"
    )
    command = [sys.executable, "-I", "-c", code, str(ROOT)]
    assert subprocess.check_output(command, text=True).strip() == "[]"


def test_a_child_that_says_nonsense_is_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.notes.apart.START", "import os; os.abort()")
    outcome = apart("a.txt", b"x")
    assert isinstance(outcome, BadFile)
    monkeypatch.setattr("core.notes.apart.START", "print('x' * 9)")
    assert "its reader broke off" in str(apart("a.txt", b"x"))
