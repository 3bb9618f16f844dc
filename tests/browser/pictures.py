"""`make pictures`: the app with a team's work in it (`sample_work`), and a picture of every page.

python -m tests.browser.pictures              the pictures that docs/guides and the README show
python -m tests.browser.pictures --all FOLDER everything, light and dark, at full size
  [--only WORD] [--window 1280x800] [--scale 2]
"""

import argparse
import io
import re
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright
from playwright.sync_api import Error as BrowserError

from tests.browser.conftest import CHROMIUM, FLAGS, ROOT, Server
from tests.browser.sample_work import BEGUN, CHECKPOINT, PASSWORD, PEOPLE, PLAIN, TWICE, fill
from ui.services.accounts import Role

GUIDES = ROOT / "docs" / "guides"
PICTURES = GUIDES / "pictures"
WAIT = 120_000  # milliseconds; the first page loads the model
WINDOW, SHOWN = (1440, 900), 1200  # pixels; a guide shows it narrower
COLOURS = 224  # of a small PNG; these are flat pages


@dataclass(frozen=True, kw_only=True)
class Shot:
    """One picture: whose page it is, its address, and what is pressed once it is there."""

    name: str
    role: Role
    at: str
    press: str = ""  # a key
    choose: str = ""  # a choice that shows a part of the page


def shots(audit_id: int) -> tuple[Shot, ...]:
    """Every page, and the parts of it that a choice or a key shows."""
    coder, lead, auditor = Role.CODER, Role.LEAD, Role.AUDITOR
    note = PLAIN[0]
    return (
        Shot(name="review", role=coder, at=f"review?note={BEGUN}"),
        Shot(name="review-chart", role=coder, at=f"review?note={BEGUN}", press="o"),
        Shot(name="findings", role=coder, at="quality"),
        Shot(name="inbox", role=lead, at=""),
        Shot(name="compare", role=lead, at="compare"),
        Shot(name="compare-chart", role=lead, at=f"compare?note={TWICE}"),
        Shot(name="quality", role=auditor, at="quality"),
        Shot(name="quality-scorecards", role=auditor, at="quality", choose="Scorecards"),
        Shot(name="quality-draw", role=auditor, at="quality", choose="Draw a sample"),
        Shot(name="worksheet", role=auditor, at=f"quality?audit={audit_id}"),
        Shot(name="audit", role=auditor, at=f"audit?note={note}"),
        Shot(name="history", role=auditor, at=f"history?note={note}"),
        Shot(name="as-shown", role=auditor, at="history?decision=1"),
        Shot(name="insights", role=lead, at="insights"),
        Shot(name="insights-decisions", role=lead, at="insights", choose="Decisions"),
        Shot(name="insights-model", role=lead, at="insights", choose="Model"),
        Shot(name="insights-drift", role=lead, at="insights", choose="Drift"),
        Shot(name="insights-trials", role=lead, at="insights", choose="Trials"),
        Shot(name="models", role=lead, at="models"),
        Shot(name="memory", role=lead, at="memory"),
        Shot(name="export", role=lead, at="export"),
        Shot(name="people", role=Role.ADMINISTRATOR, at=""),
        Shot(name="health", role=Role.ADMINISTRATOR, at="health"),
        Shot(name="account", role=Role.ADMINISTRATOR, at="account"),
    )


def main() -> int:
    """0 when all pictures are there."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--all", type=Path, metavar="FOLDER", help="everything, full size")
    parser.add_argument("--only", default="", metavar="WORD", help="names that hold this word")
    parser.add_argument("--window", default="x".join(map(str, WINDOW)), metavar="WIDTHxHEIGHT")
    parser.add_argument("--scale", type=float, default=1, help="pixels of the screen a pixel")
    asked = parser.parse_args()
    linked_ones = linked()
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        database = Path(scratch) / "evicode.sqlite"
        shown = shots(fill(database))
        server = Server(
            checkpoint=CHECKPOINT,
            database=database,
            log=Path(scratch) / "server.log",
            single_user=False,
        )
        server.start()
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        width, height = map(int, asked.window.split("x"))
        shoot = _Shoot(
            browser=browser,
            server=server,
            shots=shown,
            folder=asked.all or PICTURES,
            is_wanted=lambda name: asked.only in name and bool(asked.all or name in linked_ones),
            prepare=(lambda whole: whole) if asked.all else small,
            window=(width, height),
            scale=asked.scale,
        )
        try:
            for theme in ("light", "dark"):
                _of_theme(shoot, theme)
        finally:
            browser.close()
            server.kill()
    return 0


def linked() -> set[str]:
    """The names of the pictures that the guides show: "review-light"."""
    pages = [*GUIDES.glob("*.md"), ROOT / "README.md"]
    words = "".join(page.read_text("utf-8") for page in pages)
    return set(re.findall(r"pictures/([\w-]+)\.png\)", words))


@dataclass(frozen=True, kw_only=True)
class _Shoot:
    browser: Browser
    server: Server
    shots: tuple[Shot, ...]
    folder: Path
    is_wanted: Callable[[str], bool]
    prepare: Callable[[Image.Image], Image.Image]
    window: tuple[int, int]
    scale: float

    def save(self, page: Page, name: str) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        whole = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
        self.prepare(whole).save(self.folder / f"{name}.png", optimize=True)
        wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        sys.stdout.write(f"{name}{f': {wide} px too wide' if wide > 0 else ''}\n")


def _of_theme(shoot: _Shoot, theme: str) -> None:
    wanted = [shot for shot in shoot.shots if shoot.is_wanted(f"{shot.name}-{theme}")]
    for role in dict.fromkeys(shot.role for shot in wanted):
        page = _logged_in(shoot, PEOPLE[role], theme)
        for shot in wanted:
            if shot.role is role:
                _open(page, shoot.server, shot)
                shoot.save(page, f"{shot.name}-{theme}")
        page.context.close()
    if shoot.is_wanted(f"login-{theme}"):
        page = _new_page(shoot, theme)
        page.goto(f"{shoot.server.url}/login")
        shoot.save(page, f"login-{theme}")
        page.context.close()


def _new_page(shoot: _Shoot, theme: str) -> Page:
    width, height = shoot.window
    context = shoot.browser.new_context(
        viewport={"width": width, "height": height},
        device_scale_factor=shoot.scale,
        color_scheme="dark" if theme == "dark" else "light",
    )
    context.set_default_timeout(WAIT)
    return context.new_page()


def _logged_in(shoot: _Shoot, name: str, theme: str) -> Page:
    page = _new_page(shoot, theme)
    page.goto(f"{shoot.server.url}/login")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.get_by_test_id("stMain").wait_for()
    return page


def _open(page: Page, server: Server, shot: Shot) -> None:
    """The page once it stands still: no spinner, nothing being computed."""
    page.goto(f"{server.url}/{shot.at}")
    _wait_still(page, shot.name)
    if shot.choose:
        before = page.get_by_test_id("stMain").inner_text()
        page.get_by_role("radio", name=shot.choose, exact=True).click()
        page.wait_for_function(_OTHER, arg=before, timeout=WAIT)
    if shot.press:
        page.keyboard.press(shot.press)
    if shot.choose or shot.press:
        _wait_still(page, shot.name)


def _wait_still(page: Page, name: str) -> None:
    page.get_by_test_id("stMain").wait_for()
    page.wait_for_function(_STILL, polling=500, timeout=WAIT)
    try:  # evidence that comes in afterwards, where there is any
        page.locator(".is-computing, .is-waiting").first.wait_for(state="detached", timeout=30_000)
    except BrowserError:
        sys.stdout.write(f"{name} was still computing\n")


_OTHER = "text => document.querySelector('[data-testid=stMain]').innerText !== text"
_STILL = """() => {
  const signs = ["stSpinner", "stStatusWidget", "stSkeleton"];
  const busy = signs.some((sign) => document.querySelector(`[data-testid=${sign}]`));
  const main = document.querySelector("[data-testid=stMain]");
  const app = document.querySelector("[data-testid=stApp]");
  if (busy || !main || app?.dataset.testScriptState !== "notRunning") return false;
  const parts = [...main.querySelectorAll("*")].map(({ shadowRoot }) => shadowRoot);
  const drawn = parts.map((part) => part?.textContent.length ?? 0);
  const now = drawn.reduce((sum, each) => sum + each, main.innerText.length);
  window.drawnFor = window.drawnBefore === now ? window.drawnFor + 1 : 0;
  window.drawnBefore = now;
  return now > 0 && window.drawnFor >= 3;
}"""


def small(whole: Image.Image) -> Image.Image:
    """As a guide shows it: narrower, with few colours."""
    narrow = whole.resize((SHOWN, SHOWN * whole.height // whole.width), Image.Resampling.LANCZOS)
    # by coverage: a highlight is few pixels, and what a picture is about
    return narrow.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)


if __name__ == "__main__":
    raise SystemExit(main())
