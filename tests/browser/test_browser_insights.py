"""Insights and export in a real browser: figures and tables paint under our policy, files come."""

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from playwright.sync_api import Browser, Page, expect

import db
from tests.browser.conftest import COLD, PATIENCE, Server
from tests.ui.finished import finish_charts

FIGURES = {  # section -> a title in it
    "Work": "Active minutes on a chart",
    "Decisions": "Accepted, rejected, overturned: by coder",
    "Model": "Calibration: what was said against what held",
    "Drift": "The mix of codes, by chapter",
    "Papers": "Code embeddings",
}
PAINTED = ".js-plotly-plot .main-svg .trace"


@pytest.fixture(scope="module")
def server(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("insights")
    engine = db.connect(folder / "evicode.sqlite")
    db.migrate(engine)
    finish_charts(engine, 40, days=90)
    engine.dispose()
    server = Server(
        checkpoint=checkpoint, database=folder / "evicode.sqlite", log=folder / "server.log"
    )
    server.start()
    yield server
    server.kill()


def test_figures_and_tables_paint_under_the_policy_in_light_and_in_dark(
    browser: Browser, server: Server
) -> None:
    inks = {}
    for scheme in ("light", "dark"):
        context = browser.new_context(color_scheme=scheme, viewport={"width": 1440, "height": 900})
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        refused: list[str] = []
        page.on("console", lambda message, told=refused: told.append(message.text))
        asked: list[str] = []
        context.on("request", lambda request, told=asked: told.append(request.url))
        page.goto(f"{server.url}/insights")
        expect(page.get_by_role("heading", name=FIGURES["Work"])).to_be_visible(timeout=COLD)
        for section, title in FIGURES.items():
            page.get_by_role("radio", name=section, exact=True).click()
            expect(page.get_by_role("heading", name=title)).to_be_visible(timeout=COLD)
            expect(page.locator(PAINTED).first).to_be_attached()
        page.get_by_text("The figures as a table").first.click()
        expect(page.locator("[data-testid=stDataFrame] canvas").first).to_be_visible()
        inks[scheme] = page.locator(".js-plotly-plot .xtick text").first.evaluate(
            "node => getComputedStyle(node).fill"
        )
        policy = [said for said in refused if "Content Security Policy" in said]
        # Streamlit's own index page holds one inline script, which it does not need
        assert [said for said in policy if "inline script" not in said] == []
        assert all(url.startswith((server.url, "ws", "blob:", "data:")) for url in asked)
        context.close()
    assert inks["light"] != inks["dark"], "the figures follow the theme"


def test_the_file_of_a_figure_holds_its_numbers(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/insights")
    expect(page.get_by_role("heading", name=FIGURES["Work"])).to_be_visible(timeout=COLD)
    with page.expect_download() as waiting:
        page.locator(".st-key-csv-throughput button").click()
    assert waiting.value.suggested_filename == "evicode-throughput.csv"
    text = Path(waiting.value.path()).read_text("utf-8")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert sum(int(row["charts"]) for row in rows) == 40
    assert {row["coder"] for row in rows} <= {"ana", "bob", "eva"}


def _choose(page: Page, format_: str) -> None:
    """Choose a format, and wait until the file of another one is no longer offered."""
    page.get_by_role("radio", name=format_, exact=True).check(force=True)
    expect(page.get_by_role("button", name="Download")).to_have_count(0)


def _download(page: Page, format_: str) -> bytes:
    """Prepare the default export in this format, and download it."""
    _choose(page, format_)
    page.get_by_role("button", name="Prepare the file").click()
    expect(page.get_by_role("button", name="Download")).to_be_enabled()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download").click()
    return Path(waiting.value.path()).read_bytes()


def test_every_format_of_the_export_arrives_and_can_be_read(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/export")
    said = page.get_by_text(re.compile(r"^[\d,]+ codes of 40 charts: "))
    expect(said).to_be_visible(timeout=COLD)
    codes = int(said.inner_text().split()[0].replace(",", ""))
    assert len(list(csv.DictReader(io.StringIO(_download(page, "CSV").decode())))) == codes
    lines = _download(page, "JSONL").decode().splitlines()
    assert len(lines) == codes
    kinds = {json.loads(line)["kind"] for line in lines}
    assert kinds == {"accepted", "rejected", "never shown"}, "what became of a code stays apart"
    sheet = openpyxl.load_workbook(io.BytesIO(_download(page, "Excel"))).worksheets[0]
    assert sheet.max_row == codes + 1
    assert len(pd.read_parquet(io.BytesIO(_download(page, "Parquet")))) == codes
    bundle = json.loads(_download(page, "FHIR R4B"))
    resources = [entry["resource"]["resourceType"] for entry in bundle["entry"]]
    assert resources.count("Condition") == resources.count("Provenance") == codes
    tables = zipfile.ZipFile(io.BytesIO(_download(page, "MIMIC-IV"))).namelist()
    assert any("diagnoses_icd" in name for name in tables)
    corpus = [json.loads(line) for line in _download(page, "Corpus").decode().splitlines()]
    assert len(corpus) == 40
    _choose(page, "MIMIC-III")
    page.get_by_role("button", name="Prepare the file").click()
    expect(page.get_by_text("have no place in MIMIC-III and are left out")).to_be_visible()
    expect(page.get_by_role("button", name="Download")).to_be_disabled()
