"""What the software can do stands in the README, and what the README names exists."""

import re
import subprocess
from pathlib import Path

import pytest

from core.analysis import ANALYSES
from core.checks import RULES
from core.explanations import METHODS
from core.systems import SYSTEMS
from core.types import CodeSystem

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text()
PAGES = sorted(path.stem for path in (ROOT / "ui" / "pages").glob("[!_]*.py"))


@pytest.mark.parametrize(
    "name", [*SYSTEMS, *METHODS, *ANALYSES, *CodeSystem, *(rule.name for rule in RULES)]
)
def test_every_row_method_analysis_code_system_and_rule_is_in_the_readme(name: str) -> None:
    assert f"`{name}`" in README


@pytest.mark.parametrize("page", PAGES)
def test_every_page_is_in_the_readme(page: str) -> None:
    assert f"**{page.capitalize()}**" in README


@pytest.mark.parametrize("link", re.findall(r"\]\((?!http)([^)#]+)\)", README))
def test_every_file_the_readme_links_to_exists(link: str) -> None:
    assert (ROOT / link).exists()


def test_every_command_is_in_the_readme() -> None:
    from core.__main__ import build_parser

    (commands,) = [action.choices for action in build_parser()._actions if action.choices]
    assert all(f"python -m core {command}" in README for command in commands)


def test_every_make_target_in_the_readme_exists() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for target in set(re.findall(r"`?make (run|test|bench|\w+)", README)):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


@pytest.mark.parametrize("place", [ROOT.parent, Path.home()], ids=["checkout", "home"])
def test_no_committed_text_carries_a_path_of_this_machine(place: Path) -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode or len(place.parts) < 2:
        pytest.skip("not a git checkout, or a path too short to tell")
    files = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    guilty = [
        path.name for path in files if path.is_file() and f"{place}/".encode() in path.read_bytes()
    ]
    assert guilty == []
