"""Settings of all tests: no test fails because the machine is busy."""

from hypothesis import settings

settings.register_profile("evicode", deadline=None, max_examples=60)
settings.load_profile("evicode")
