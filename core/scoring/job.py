"""A scoring job: what is asked, and the folder of its parts beside the output."""

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from core.errors import BadFile, BadSettings
from core.scoring.slices import PARQUET, Slice, cut
from core.settings import settings

SLICE = 64  # notes; a killed worker repeats this many at most
PRIVATE = 0o700  # codes of patients, and at times their notes, lie in the folder


@dataclass(frozen=True, kw_only=True)
class Job:
    """What decides on the output, and nothing else: not who makes it, nor with how many hands."""

    source: Path
    out: Path
    checkpoint: Path | None = None  # None: the shipped one
    lessons: Path | None = None  # what memory learns first (core.scoring.learned); None: nothing
    top: int = 50
    evidence: str = "default"  # default, none, or a method
    coverage: float | None = None
    device: str = "cpu"
    slice: int = SLICE

    @property
    def folder(self) -> Path:
        """The parts, until the output is whole."""
        return folder_of(self.out)

    def part(self, piece: Slice) -> Path:
        """The file of one slice; it is there only when it is complete."""
        return self.folder / f"{piece.number:08d}{PARQUET}"

    def slices(self) -> Iterator[Slice]:
        """All of it, in order."""
        return cut(self.source, self.slice)

    def left(self) -> Iterator[Slice]:
        """What is still to be made."""
        return (piece for piece in self.slices() if not self.part(piece).exists())

    def check(self) -> None:
        """BadSettings, before any work, if the output could not be written in the end."""
        if self.out.is_dir():
            raise BadSettings(f"{self.out} is a folder; name a file with --out")
        if not self.out.parent.is_dir():
            raise BadSettings(f"there is no folder {self.out.parent}; make it, or name another")
        if self.source.exists() and self.out.exists() and self.source.samefile(self.out):
            raise BadSettings(f"{self.out} is the input; name another file with --out")

    def begin(self, checkpoint: str) -> None:
        """Make the folder, or find it again. `checkpoint`: its hash.

        BadSettings if the folder holds parts of another job: another input, other settings.
        """
        wanted, kept = self._named(checkpoint), self.folder / "job.json"
        if kept.exists():
            if _read(kept) != wanted:
                raise BadSettings(
                    f"{self.folder} holds parts of another job (other notes, checkpoint or "
                    "settings); repeat that command, or delete the folder"
                )
            return
        self.folder.mkdir(mode=PRIVATE, exist_ok=True)
        draft = kept.with_suffix(".draft")
        with draft.open("w", encoding="utf-8") as file:
            json.dump(wanted, file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(kept)

    def check_unchanged(self) -> None:
        """BadFile if the input is not what it was in the beginning; its parts are deleted then."""
        begun = _read(self.folder / "job.json")
        if begun.get("source") != _digest(self.source):
            self.end()
            raise BadFile(
                f"{self.source} was changed while it was scored, so nothing of it was kept; "
                "repeat the command when nobody writes to it"
            )

    def end(self) -> None:
        """Remove the parts; the output is whole."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _named(self, checkpoint: str) -> dict[str, object]:
        read = {name: _digest(file) for name, file in self._files().items()}
        named = asdict(self) | {"checkpoint": checkpoint, "engine": settings().engine} | read
        del named["out"]
        return named

    def _files(self) -> dict[str, Path]:
        learned = {} if self.lessons is None else {"lessons": self.lessons}
        return {"source": self.source, **learned}


def folder_of(out: Path) -> Path:
    """Where what will become this output lies until it is whole."""
    return out.with_name(f".{out.name}.parts")


@contextmanager
def alone(out: Path) -> Iterator[None]:
    """Keep other commands from making the same output; the system frees it if this one dies.

    BadSettings if one is at it already.
    """
    path = out.with_name(f".{out.name}.lock")
    with path.open("w", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if not os.path.samestat(path.stat(), os.fstat(file.fileno())):
                raise BlockingIOError  # whoever held it has just taken it away
        except OSError:
            raise BadSettings(
                f"another command is making {out}; wait for it, or name another file with --out"
            ) from None
        try:
            yield
        finally:
            path.unlink(missing_ok=True)


def _read(kept: Path) -> dict[str, object]:
    """What a job said of itself; nothing if it was never written whole."""
    try:
        said: dict[str, object] = json.loads(kept.read_text(encoding="utf-8"))
    except (ValueError, OSError):
        return {}
    return said


def _digest(path: Path) -> str:
    """All of a file: reading it takes a thousandth of the time that scoring it takes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
