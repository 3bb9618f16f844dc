"""A scoring job: what is asked, and the folder of its parts beside the output."""

import hashlib
import json
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from core.errors import BadSettings
from core.scoring.slices import PARQUET, Slice, cut

SLICE = 64  # notes; a killed worker repeats this many at most
SEEN = 1 << 20  # bytes at each end of the input by which it is known again


@dataclass(frozen=True, kw_only=True)
class Job:
    """What decides on the output, and nothing else: not who makes it, nor with how many hands."""

    source: Path
    out: Path
    checkpoint: Path | None = None  # None: the shipped one
    top: int = 50
    evidence: str = "default"  # default, none, or a method
    coverage: float | None = None
    device: str = "cpu"
    slice: int = SLICE

    @property
    def folder(self) -> Path:
        """The parts, until the output is whole."""
        return self.out.with_name(f".{self.out.name}.parts")

    def part(self, piece: Slice) -> Path:
        """The file of one slice; it is there only when it is complete."""
        return self.folder / f"{piece.number:08d}{PARQUET}"

    def slices(self) -> Iterator[Slice]:
        """All of it, in order."""
        return cut(self.source, self.slice)

    def left(self) -> Iterator[Slice]:
        """What is still to be made."""
        return (piece for piece in self.slices() if not self.part(piece).exists())

    def begin(self, checkpoint: str) -> None:
        """Make the folder, or find it again. `checkpoint`: its hash.

        BadSettings if the folder holds parts of another job: another input, other settings.
        """
        wanted, kept = self._named(checkpoint), self.folder / "job.json"
        if kept.exists():
            if json.loads(kept.read_text(encoding="utf-8")) != wanted:
                raise BadSettings(
                    f"{self.folder} holds parts of another job (other notes, checkpoint or "
                    "settings); repeat that command, or delete the folder"
                )
            return
        self.folder.mkdir(exist_ok=True)
        draft = kept.with_suffix(".draft")
        draft.write_text(json.dumps(wanted), encoding="utf-8")
        draft.replace(kept)

    def end(self) -> None:
        """Remove the parts; the output is whole."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _named(self, checkpoint: str) -> dict[str, object]:
        settings = asdict(self) | {"checkpoint": checkpoint, "source": _seen(self.source)}
        return {key: value for key, value in settings.items() if key not in ("out", "device")}


def _seen(path: Path) -> str:
    """Names a file by its size and both ends: reading all of it would take as long as a copy."""
    size = path.stat().st_size
    with path.open("rb") as file:
        digest = hashlib.sha256(f"{size} ".encode() + file.read(SEEN))
        file.seek(max(0, size - SEEN))
        digest.update(file.read(SEEN))
    return digest.hexdigest()
