"""Each protection holds, and its check fails once the protection is taken out.

The slow ones (write lock, acknowledging early, copying a live file) stand beside their trials in
`test_safety_writing.py` and `tests/db/test_db_backup.py`; encryption in `test_db_encryption.py`;
what pages do with hostile text in `tests/browser/test_browser_hostile.py`.
"""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.db.conftest import on_sqlite
from tests.safety.protections import PROTECTIONS, Place


@pytest.fixture
def place(engine: Engine, tmp_path: Path) -> Place:
    return Place(tmp_path, engine)


@on_sqlite
@pytest.mark.parametrize("name", PROTECTIONS)
def test_the_protection_holds(place: Place, name: str) -> None:
    PROTECTIONS[name].check(place)


@on_sqlite
@pytest.mark.parametrize("name", PROTECTIONS)
def test_without_it_the_same_check_fails(
    place: Place, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    protection = PROTECTIONS[name]
    protection.remove(place, monkeypatch)
    with pytest.raises(AssertionError):
        protection.check(place)
