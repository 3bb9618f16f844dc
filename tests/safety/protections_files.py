"""Files of strangers: uploads and checkpoints run nothing, reach nobody, and name no place."""

import os
import pickle
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from core import checkpoints
from core.errors import BadCheckpoint
from core.notes import reading
from tests.core.notes.test_note_apart import ENVIRONMENT, ROOT
from tests.models import tiny_checkpoint
from tests.safety.protection import Place, Protection

HOSTILE = ("../outside", "../../outside", "..\\outside", "a/b", "a\0b", "..")


def _in_a_child(code: str) -> str:
    """What became of this code in a process like the one that reads uploads."""
    confined = os.environ.get("WITHOUT") is None
    whole = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from core.notes.confinement import confine\nfrom core.notes import Limits\n"
        f"if {confined}: confine(Limits())\n"
        f"try: {code}; print('done')\n"
        "except OSError as error: print(type(error).__name__)"
    )
    return subprocess.run(
        [sys.executable, "-I", "-c", whole, str(ROOT)],
        capture_output=True,
        text=True,
        env=ENVIRONMENT,
        check=True,
    ).stdout.strip()


def a_parser_opens_no_socket(_place: Place) -> None:
    said = _in_a_child("import socket; socket.socket().bind(('127.0.0.1', 0))")
    assert said == "PermissionError"


def a_parser_writes_no_file(place: Place) -> None:
    written = place.folder / "written.txt"
    assert _in_a_child(f"open({str(written)!r}, 'w').write('x')") == "PermissionError"
    assert not written.exists()


def _without_confinement(_place: Place, patch: pytest.MonkeyPatch) -> None:
    patch.setenv("WITHOUT", "1")


def a_hostile_file_name_is_no_way_out_of_a_folder(place: Place) -> None:
    """Whoever writes a note to a file by its name stays in the folder."""
    store = place.folder / "a" / "store"
    store.mkdir(parents=True)
    names = set[str]()
    for name in HOSTILE:
        (note,) = reading.read_notes(f"{name}.txt", b"Fever.").notes
        names.add(note.id)
        with suppress(OSError, ValueError):  # what a name without protection may run into
            (store / f"{note.id}.note").write_text("x")
    assert {file.parent for file in place.folder.rglob("*.note")} == {store}
    assert not set("".join(names)) & set("/\\\0")


def _with_names_as_given(_place: Place, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(reading, "note_id", lambda name: name)


class Malicious:
    """Leaves a mark when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, ...]:
        return (os.mkdir, (str(self.mark),))


def a_malicious_pickle_never_runs(place: Place) -> None:
    """Put in place of each file of a checkpoint in turn."""
    mark = place.folder / "it ran"
    bomb = pickle.dumps(Malicious(mark))
    tiny_checkpoint(place.folder / "checkpoint")
    for file in sorted((place.folder / "checkpoint").rglob("*.*")):
        whole = file.read_bytes()
        file.write_bytes(bomb)
        with suppress(BadCheckpoint):
            checkpoints.load_checkpoint(place.folder / "checkpoint")
        assert not mark.exists(), f"it ran from {file.name}"
        file.write_bytes(whole)


def _with_pickles(_place: Place, patch: pytest.MonkeyPatch) -> None:
    """As torch.load(weights_only=False) and its like do."""
    patch.setattr(checkpoints, "load_checkpoint", _unpickle_all)


def _unpickle_all(folder: Path) -> None:
    for file in folder.rglob("*.*"):
        try:
            pickle.loads(file.read_bytes())  # noqa: S301  (this is what must never be done)
        except (pickle.UnpicklingError, EOFError, ValueError, KeyError, IndexError):
            continue


FILES = (
    Protection(12, a_parser_opens_no_socket, _without_confinement),
    Protection(13, a_parser_writes_no_file, _without_confinement),
    Protection(13, a_hostile_file_name_is_no_way_out_of_a_folder, _with_names_as_given),
    Protection(14, a_malicious_pickle_never_runs, _with_pickles),
)
