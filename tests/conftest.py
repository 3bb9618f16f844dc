"""Settings of all tests: no test fails because the machine is busy, and none asks for a login.

Tests of accounts take single-user mode away again.
"""

import os

from hypothesis import settings

settings.register_profile("evicode", deadline=None, max_examples=60)
settings.load_profile("evicode")

os.environ["EVICODE_SINGLE_USER"] = "1"
