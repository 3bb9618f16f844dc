"""What every benchmark page says first: what made it, at which commit, on what machine."""

import os
import platform
import subprocess
from datetime import UTC, datetime


def header(title: str, command: str) -> str:
    """The head of a page: title, command, commit and machine in general words."""
    return (
        f"# {title}\n\n"
        f"Made by `{command}` on {datetime.now(UTC):%Y-%m-%d}, commit `{commit()}`, "
        f"{os.cpu_count()} {platform.machine()} CPU cores, Python {platform.python_version()}.\n\n"
    )


def commit() -> str:
    """The commit that is checked out, in short."""
    git = ["git", "rev-parse", "--short", "HEAD"]
    found = subprocess.run(git, capture_output=True, text=True, check=False)  # noqa: S603
    return found.stdout.strip() or "unknown"
