"""`python -m core systems`: the rows of the systems table."""

import sys

from core.systems import SYSTEMS


def list_systems() -> int:
    """Print every row with its tasks and source."""
    for row in SYSTEMS.values():
        tasks = ", ".join(f"{task} {weight:g}" for task, weight in row.tasks.items())
        sys.stdout.write(f"{row.name:<23}{tasks:<20}{row.source}\n")
    return 0
