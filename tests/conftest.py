"""Settings of all tests: none fails because the machine is busy, writes to the home, or asks who.

Tests of accounts take single-user mode away again.
"""

import os
from pathlib import Path

from hypothesis import settings

# for servers and commands that tests start, too; pytest's own cache folder, so built only once
_CACHE = Path(__file__).resolve().parents[1] / ".pytest_cache" / "evicode"
os.environ.setdefault("EVICODE_CACHE", str(_CACHE))

settings.register_profile("evicode", deadline=None, max_examples=60)
settings.load_profile("evicode")

os.environ["EVICODE_SINGLE_USER"] = "1"
os.environ["EVICODE_CONFIG"] = os.devnull  # nobody's own settings file
