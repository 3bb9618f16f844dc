"""Every text can be read on what it stands on, in both themes, and no colour is alone in meaning.

Contrast as WCAG 2.2 defines it (1.4.3: 4.5 for text). Colour blindness as Machado et al. 2009
simulate it, in linear light, at full severity.
"""

import re
import tomllib
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
COMPONENTS = ROOT / "ui" / "components"
THEMES = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())["theme"]
TEXT = 4.5
SEEN = 3.0  # what is no text: a bar, an outline
APART = 12.0  # CIE76; below some 2.3 nobody sees a difference
BLIND = {
    "protanopia": "0.152286 1.052583 -0.204868 0.114503 0.786281 0.099216 "
    "-0.003882 -0.048116 1.051998",
    "deuteranopia": "0.367322 0.860646 -0.227968 0.280085 0.672501 0.047413 "
    "-0.011820 0.042940 0.968881",
    "tritanopia": "1.255528 -0.076749 -0.178779 -0.078411 0.930809 0.147602 "
    "0.004733 0.691367 0.303900",
}

Colour = np.ndarray


def rgb(written: str) -> Colour:
    digits = written.removeprefix("#")
    return np.array([int(digits[at : at + 2], 16) for at in (0, 2, 4)]) / 255


def mixed(one: Colour, share: float, other: Colour) -> Colour:
    """As color-mix(in srgb, one share, other), and as `one` with that opacity on `other`."""
    return one * share + other * (1 - share)


def linear(colour: Colour) -> Colour:
    return np.where(colour <= 0.04045, colour / 12.92, ((colour + 0.055) / 1.055) ** 2.4)


def luminance(colour: Colour) -> float:
    return float(linear(colour) @ [0.2126, 0.7152, 0.0722])


def contrast(one: Colour, other: Colour) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def lab(light: Colour) -> Colour:
    """CIE L*a*b* of linear sRGB, D65."""
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    scaled = np.array(to_xyz) @ np.clip(light, 0, 1) / [0.9505, 1.0, 1.089]
    x, y, z = np.where(scaled > 0.008856, np.cbrt(scaled), 7.787 * scaled + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def apart(one: Colour, other: Colour, kind: str) -> float:
    matrix = np.array(BLIND[kind].split(), float).reshape(3, 3)
    return float(np.linalg.norm(lab(matrix @ linear(one)) - lab(matrix @ linear(other))))


def _css(component: str) -> str:
    return "".join(sheet.read_text() for sheet in sorted((COMPONENTS / component).glob("*.css")))


def own(component: str, name: str) -> Colour:
    """A colour that a component's style sheet sets itself."""
    found = re.search(rf"--{name}: (#\w{{6}});", _css(component))
    assert found is not None
    return rgb(found[1])


def _shares() -> tuple[float, float]:
    """How deep evidence is coloured: at least, and what a full score adds."""
    css = _css("review_board")
    found = re.search(r"--heat\) calc\((\d+)% \+ var\(--score\) \* (\d+)%\), transparent", css)
    assert found is not None
    return int(found[1]) / 100, int(found[2]) / 100


class Theme:
    """The colours of light or dark, by what they are for."""

    def __init__(self, name: str) -> None:
        theme = {key: rgb(value) for key, value in THEMES[name].items()}
        self.ink, self.paper = theme["textColor"], theme["backgroundColor"]
        self.panel, self.accent = theme["secondaryBackgroundColor"], theme["primaryColor"]
        self.said = {key: value for key, value in theme.items() if key.endswith("TextColor")}
        self.link, self.line = theme["linkColor"], theme["borderColor"]
        self.soft = mixed(self.ink, 0.68, self.paper)

    def highlights(self) -> dict[str, Colour]:
        """The deepest of each colour that lies under text of a note."""
        heat, mark = own("review_board", "heat"), own("review_board", "mark")
        for_, against = own("evidence_panels", "for"), own("evidence_panels", "against")
        return {
            "strongest evidence": mixed(heat, sum(_shares()), self.paper),
            "weakest evidence": mixed(heat, _shares()[0], self.paper),
            "marked by the coder": mixed(mark, 0.14, self.paper),
            "most for the code": mixed(for_, 0.42, self.paper),
            "most against it": mixed(against, 0.42, self.paper),
            "selected row": mixed(self.accent, 0.11, self.paper),
            "search hit": mixed(self.accent, 0.18, self.paper),
        }


@pytest.fixture(params=["light", "dark"])
def theme(request: pytest.FixtureRequest) -> Theme:
    return Theme(request.param)


def test_text_can_be_read_on_the_page_and_on_panels(theme: Theme) -> None:
    texts = {"text": theme.ink, "soft": theme.soft, "link": theme.link, **theme.said}
    low = {
        (name, ground): round(found, 2)
        for name, colour in texts.items()
        for ground, below in (("page", theme.paper), ("panel", theme.panel))
        if (found := contrast(colour, below)) < TEXT
    }
    assert low == {}


def test_a_notes_text_can_be_read_on_every_highlight(theme: Theme) -> None:
    low = {
        name: round(found, 2)
        for name, below in theme.highlights().items()
        if (found := contrast(theme.ink, below)) < TEXT
    }
    assert low == {}


def test_the_text_of_a_main_button_can_be_read(theme: Theme) -> None:
    assert contrast(theme.paper, theme.accent) >= TEXT


def test_bars_and_outlines_stand_out_from_the_page(theme: Theme) -> None:
    assert contrast(theme.accent, theme.paper) >= SEEN
    assert contrast(theme.said["redTextColor"], theme.paper) >= SEEN


@pytest.mark.parametrize("kind", BLIND)
def test_colours_of_unlike_meaning_differ_for_colour_blind_coders_too(
    theme: Theme, kind: str
) -> None:
    pairs = [
        (theme.accent, theme.said["redTextColor"]),  # accepted and rejected
        (own("review_board", "heat"), own("review_board", "mark")),  # the model's and the coder's
        (own("evidence_panels", "for"), own("evidence_panels", "against")),
    ]
    assert [round(apart(*pair, kind), 1) for pair in pairs if apart(*pair, kind) < APART] == []


def test_states_have_a_shape_and_a_word_beside_their_colour() -> None:
    listed = (COMPONENTS / "review_board" / "list.js").read_text()
    shapes = re.search(r"const states = \(\) => \(\{(.*?)\}\);", listed, re.DOTALL)
    assert shapes is not None
    signs = re.findall(r'\["(.)", t\("\w+', shapes[1])
    assert len(signs) >= 4
    assert all(one != other for one, other in combinations(signs, 2))


@pytest.mark.parametrize("sheet", sorted(COMPONENTS.glob("*/*.css")), ids=lambda file: file.name)
def test_nothing_turns_for_those_who_asked_for_stillness(sheet: Path) -> None:
    css = sheet.read_text()
    endless = re.findall(r"animation: [^;]*infinite", css)
    if endless:
        still = re.search(r"@media \(prefers-reduced-motion: reduce\) \{.*animation: none", css)
        assert still is not None
