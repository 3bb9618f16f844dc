"""`make pictures`: the app with sample charts and accounts, and a picture of every page.

python -m tests.browser.pictures              the pictures that docs/guides show
python -m tests.browser.pictures --all FOLDER every page, for its first role, light and dark
"""

import argparse
import io
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright
from playwright.sync_api import Error as BrowserError

import db
from core.codes import shared_tables
from core.inference import Coder
from tests.browser.conftest import CHROMIUM, FLAGS, ROOT, Server
from ui.app import offered
from ui.services.accounts import Accounts, Role
from ui.services.charts import Opened
from ui.services.coding import Coding
from ui.services.intake import Intake
from ui.services.intents import REASONS, Intent, Kind
from ui.services.rights import Actor

GUIDES = ROOT / "docs" / "guides"
PICTURES = GUIDES / "pictures"
CHECKPOINT = ROOT / "checkpoints" / "evicode-codiesp"
PASSWORD = "three grey boats at noon"  # noqa: S105  (of a database that is thrown away)
PEOPLE = {
    Role.CODER: "Ana Coder",
    Role.SECOND_CODER: "Ben Second",
    Role.AUDITOR: "Eva Auditor",
    Role.LEAD: "Leo Lead",
    Role.ADMINISTRATOR: "Ada Admin",
}
FIRST = (Role.CODER, Role.LEAD, Role.AUDITOR, Role.SECOND_CODER, Role.ADMINISTRATOR)
WAIT = 120_000  # milliseconds; the first page loads the model
WIDTH, HEIGHT, SHOWN = 1440, 900, 1200  # pixels; a guide shows it narrower
COLOURS = 224  # of a small PNG; these are flat pages


def main() -> int:
    """0 when all pictures are there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--all", type=Path, metavar="FOLDER", help="every page, not only those shown"
    )
    folder: Path | None = parser.parse_args().all
    wanted = None if folder else linked()
    with (
        tempfile.TemporaryDirectory() as scratch,
        _served(Path(scratch)) as server,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        for theme in ("light", "dark"):
            _of_theme(browser, server, theme, folder or PICTURES, wanted)
        browser.close()
    return 0


def linked() -> set[str]:
    """The names of the pictures that the guides show: "review-light"."""
    guides = "".join(guide.read_text("utf-8") for guide in GUIDES.glob("*.md"))
    return set(re.findall(r"\(pictures/([\w-]+)\.png\)", guides))


@contextmanager
def _served(scratch: Path) -> Iterator[Server]:
    database = scratch / "evicode.sqlite"
    fill(database)
    server = Server(
        checkpoint=CHECKPOINT, database=database, log=scratch / "server.log", single_user=False
    )
    server.start()
    try:
        yield server
    finally:
        server.kill()


def fill(database: Path) -> None:
    """Accounts for every role; charts that are finished, begun and new."""
    engine = db.connect(database)
    db.migrate(engine)
    accounts = Accounts(engine=engine, now=_now)
    for role, name in PEOPLE.items():
        accounts.add(name, role, by="Ada Admin", password=PASSWORD)
    Intake(engine=engine, now=_now).load_samples()
    coding = Coding(
        engine=engine, coder=Coder.load(CHECKPOINT), tables=shared_tables(), version="", now=_now
    )
    for note_id, share in ((2, 1.0), (3, 1.0), (6, 1.0), (1, 0.3)):
        _code(coding, note_id, share=share)
    engine.dispose()


def _code(coding: Coding, note_id: int, *, share: float) -> None:
    """Decide on a share of the list as a coder might; a whole list is finished."""
    coder = PEOPLE[Role.CODER]
    opened = coding.open(note_id, coder=coder)
    rows = [row for row in coding.chart(opened, coder=coder).rows if row.probability is not None]
    for place, row in enumerate(rows[: int(len(rows) * share)]):
        kind = Kind.ACCEPT if (row.probability or 0) > 0.5 and place % 5 != 4 else Kind.REJECT
        reason = REASONS[place % 3] if kind is Kind.REJECT else None
        intent = _intent(opened, kind, coding, code=row.code, reason=reason)
        coding.apply([intent], coder=coder)
    if share == 1.0:
        coding.apply([_intent(opened, Kind.FINISH, coding)], coder=coder)


def _intent(opened: Opened, kind: Kind, coding: Coding, **more: object) -> Intent:
    chart = coding.chart(opened, coder=PEOPLE[Role.CODER])
    screen = opened.screen.id if opened.screen else None
    fixed = {"token": str(uuid4()), "kind": kind, "note_id": opened.note.id, "screen_id": screen}
    return Intent(**(fixed | {"seen": chart.sequence} | more))  # type: ignore[arg-type]


def _of_theme(
    browser: Browser, server: Server, theme: str, folder: Path, wanted: set[str] | None
) -> None:
    done: set[str] = set()
    folder.mkdir(parents=True, exist_ok=True)
    for role in FIRST:
        pages = [each.page for each in offered(Actor(name="", role=role))]
        new = [page for page in pages if page not in done and _is(page, theme, wanted)]
        done |= set(pages)
        if new:
            page = _logged_in(browser, server, PEOPLE[role], theme)
            for name in new:
                _picture(page, server, name, at="" if name == pages[0] else name).save(
                    folder / f"{name}-{theme}.png", optimize=True
                )
                sys.stdout.write(f"{name}-{theme}, as {role}\n")
            page.context.close()
    if _is("login", theme, wanted):
        page = _new_page(browser, theme)
        page.goto(f"{server.url}/login")
        _small(page.screenshot()).save(folder / f"login-{theme}.png", optimize=True)
        page.context.close()


def _is(page: str, theme: str, wanted: set[str] | None) -> bool:
    return wanted is None or f"{page}-{theme}" in wanted


def _new_page(browser: Browser, theme: str) -> Page:
    context = browser.new_context(
        viewport={"width": WIDTH, "height": HEIGHT},
        color_scheme="dark" if theme == "dark" else "light",
    )
    context.set_default_timeout(WAIT)
    return context.new_page()


def _logged_in(browser: Browser, server: Server, name: str, theme: str) -> Page:
    page = _new_page(browser, theme)
    page.goto(f"{server.url}/login")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("button", name="Help", exact=True).wait_for()
    return page


def _picture(page: Page, server: Server, name: str, *, at: str) -> Image.Image:
    """The page once it stands still: no spinner, nothing being computed."""
    page.goto(f"{server.url}/{at}?note={1 if name == 'review' else 2}")
    page.get_by_role("button", name="Help", exact=True).wait_for()
    page.wait_for_function(_STILL, polling=500, timeout=WAIT)
    try:  # evidence that comes in afterwards, where there is any
        page.locator(".is-computing, .is-waiting").first.wait_for(state="detached", timeout=30_000)
    except BrowserError:
        sys.stdout.write(f"{name} was still computing\n")
    return _small(page.screenshot())


_STILL = """() => {
  const signs = ["stSpinner", "stStatusWidget", "stSkeleton"];
  const busy = signs.some((sign) => document.querySelector(`[data-testid=${sign}]`));
  const main = document.querySelector("[data-testid=stMain]");
  if (busy || !main) return false;
  const parts = [...main.querySelectorAll("*")].map(({ shadowRoot }) => shadowRoot);
  const drawn = parts.map((part) => part?.textContent.length ?? 0);
  const now = drawn.reduce((sum, each) => sum + each, main.innerText.length);
  const same = now > 0 && window.drawnBefore === now;
  window.drawnBefore = now;
  return same;
}"""


def _small(png: bytes) -> Image.Image:
    whole = Image.open(io.BytesIO(png)).convert("RGB")
    narrow = whole.resize((SHOWN, SHOWN * whole.height // whole.width), Image.Resampling.LANCZOS)
    # by coverage: a highlight is few pixels, and what a picture is about
    return narrow.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)


def _now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    raise SystemExit(main())
