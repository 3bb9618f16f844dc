"""Settings of all tests: no test fails because the machine is busy, none writes to the home."""

import os
from pathlib import Path

from hypothesis import settings

# for servers and commands that tests start, too; pytest's own cache folder, so built only once
_CACHE = Path(__file__).resolve().parents[1] / ".pytest_cache" / "evicode"
os.environ.setdefault("EVICODE_CACHE", str(_CACHE))

settings.register_profile("evicode", deadline=None, max_examples=60)
settings.load_profile("evicode")
