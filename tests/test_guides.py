"""The guides are complete: every page of a role, every key, every picture, every command."""

import re
from pathlib import Path

import pytest

from ui.app import offered
from ui.components.guide import HELP
from ui.services.rights import Action, Actor, Role, may

GUIDES = Path(__file__).resolve().parents[1] / "docs" / "guides"
BOARD = GUIDES.parents[1] / "ui" / "components" / "review_board"
GUIDE_OF = {
    Role.CODER: "coder",
    Role.SECOND_CODER: "coder",
    Role.AUDITOR: "auditor",
    Role.LEAD: "lead",
    Role.ADMINISTRATOR: "administrator",
}
PICTURES = sorted(path.name for path in (GUIDES / "pictures").glob("*"))
MOST = 200_000  # bytes of a picture


def _guide(name: str) -> str:
    return (GUIDES / f"{name}.md").read_text("utf-8")


def _linked() -> set[str]:
    return {
        name
        for guide in GUIDES.glob("*.md")
        for name in re.findall(r"!\[[^\]]+\]\(pictures/([^)]+)\)", guide.read_text("utf-8"))
    }


@pytest.mark.parametrize("role", Role)
def test_every_page_offered_to_a_role_is_in_its_guide(role: Role) -> None:
    guide = _guide(GUIDE_OF[role])
    pages = [offer.page for offer in offered(Actor(name="", role=role))]
    assert [page for page in pages if f"**{page.capitalize()}**" not in guide] == []


@pytest.mark.parametrize("role", Role)
def test_every_page_offered_to_a_role_has_help(role: Role) -> None:
    pages = {offer.page for offer in offered(Actor(name="", role=role))}
    assert pages - set(HELP) == set()


def test_every_key_of_the_sheet_is_in_the_coders_guide() -> None:
    keys: list[str] = []
    for file, of_sheet in (("draw.js", "keys"), ("charting.js", "chartKeys")):
        text = (BOARD / file).read_text()
        sheet = re.search(rf"const {of_sheet} = \(\) => \[(.*?)\n\];", text, re.DOTALL)
        assert sheet is not None
        keys += re.findall(r'\[(?:t\()?"([^"]+)"\)?, ', sheet[1])
    assert len(keys) >= 30
    assert [key for key in keys if f"`{key}`" not in _guide("coder")] == []


def test_every_picture_that_is_shown_exists_and_every_picture_is_shown() -> None:
    assert _linked() == set(PICTURES)


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_a_small_png(name: str) -> None:
    picture = (GUIDES / "pictures" / name).read_bytes()
    assert picture.startswith(b"\x89PNG")
    assert len(picture) < MOST


@pytest.mark.parametrize("guide", sorted(path.stem for path in GUIDES.glob("*.md")))
def test_what_a_guide_links_to_exists(guide: str) -> None:
    links = re.findall(r"\]\((?!http|pictures)([^)#]+)", _guide(guide))
    assert [link for link in links if not (GUIDES / link).exists()] == []


def test_the_administrators_guide_names_every_role_and_hides_no_right_to_notes() -> None:
    guide = _guide("administrator")
    assert [role for role in Role if f"| {role} |" not in guide] == []
    assert not may(Actor(name="", role=Role.ADMINISTRATOR), Action.READ)


def test_every_command_of_a_guide_exists() -> None:
    from db.__main__ import _parser

    (commands,) = [action.choices for action in _parser()._actions if action.choices]
    named = set(re.findall(r"python -m db (\w+)", "".join(map(_guide, set(GUIDE_OF.values())))))
    assert named - set(commands) == set()
