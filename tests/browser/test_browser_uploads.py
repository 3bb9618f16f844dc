"""A real file of each format through the real page: read, shown, stored, and opened as a chart."""

import json
import re

from playwright.sync_api import Locator, Page, expect

from tests import uploads
from tests.browser.conftest import Server
from tests.uploads import TEXT

NOTHING_LOST = re.compile("nothing of it was kept")
WORDS = "Fever and cough. File {}."


def _table(number: int) -> tuple[tuple[object, ...], ...]:
    return (("note_id", "text", "age", "sex"), (f"row-{number}", WORDS.format(number), "71", "F"))


def _fhir(number: int) -> dict[str, object]:
    return uploads.document_reference(WORDS.format(number).encode(), id=f"doc-{number}")


ORU = (
    "MSH|^~\\&|EHR|H|EVI|H|20250304101500||ORU^R01|M2|P|2.5",
    "PID|1||p1^^^H^MR||CANARY^ANA||19500102|F",
    "OBR|1||o1|1^Report|||20250304",
    f"OBX|1|TX|1^Report||{WORDS.format(11)}||||||F",
)
FILES = {  # a file of each format, and the note that comes of it
    "letter.txt": (WORDS.format(1).encode(), "letter"),
    "scan.pdf": (uploads.pdf(WORDS.format(2)), "scan"),
    "report.docx": (uploads.word(WORDS.format(3)), "report"),
    "old.rtf": (uploads.rich_text(WORDS.format(4)), "old"),
    "batch.csv": (uploads.delimited(rows=_table(5)), "row-5"),
    "batch.tsv": (uploads.delimited("\t", rows=_table(6)), "row-6"),
    "batch.xlsx": (uploads.excel(_table(7)), "row-7"),
    "batch.parquet": (
        uploads.parquet({str(name): [cell] for name, cell in zip(*_table(8), strict=True)}),
        "row-8",
    ),
    "batch.jsonl": (uploads.json_lines(_table(9)), "row-9"),
    "document.json": (json.dumps(_fhir(12)).encode(), "doc-12"),
    "bundle.json": (uploads.bundle(uploads.PATIENT, _fhir(10)), "doc-10"),
    "mdm.hl7": (uploads.hl7(*uploads.MDM, f"OBX|1|TX|||{WORDS.format(13)}"), "d1"),
    "oru.hl7": (uploads.hl7(*ORU), "o1"),
}


def test_a_file_of_each_format_is_shown_stored_and_opened(page: Page, server: Server) -> None:
    page.goto(server.url)
    _drop(page, {name: data for name, (data, _) in FILES.items()})
    said = f"Understood, not stored yet: {len(FILES)} new, 0 already here, 0 refused"
    expect(page.get_by_text(said)).to_be_visible()
    expect(page.get_by_test_id("stCode")).to_contain_text(WORDS.format(1))
    assert "unstored=yes" in page.url
    page.get_by_role("button", name=f"Store all {len(FILES)} new").click()
    expect(page.get_by_text(f"{len(FILES)} new, 0 already here, 0 refused")).to_be_visible()
    for number, (_, note) in enumerate(FILES.values()):
        _line(page, note).get_by_role("button").click()
        expect(page.locator(".board .note")).to_contain_text("Fever and cough. File")
        expect(page.locator(".board .names")).to_contain_text(note)
        if number < len(FILES) - 1:
            page.get_by_role("link", name="Inbox").click()
    assert page.url.startswith(f"{server.url}/review")


def test_what_is_known_already_is_named_and_what_cannot_be_read_says_why(
    page: Page, server: Server
) -> None:
    page.goto(server.url)
    _drop(page, {"twin.txt": WORDS.format(1).encode(), "picture.png": b"\x89PNG\r\n\x1a\n"})
    expect(page.get_by_text("0 new, 1 already here, 1 refused")).to_be_visible()
    expect(page.get_by_role("button", name="Store all 0 new")).to_be_disabled()
    page.reload()
    expect(page.get_by_text(NOTHING_LOST)).to_be_visible()
    assert "unstored" not in page.url
    _drop(page, {"new.txt": TEXT.encode()})
    expect(page.get_by_text("1 new, 0 already here, 0 refused")).to_be_visible()
    expect(page.get_by_text(NOTHING_LOST)).to_have_count(0)
    page.get_by_role("button", name="Discard").click()
    expect(page.get_by_text("not stored yet")).to_have_count(0)


def _drop(page: Page, files: dict[str, bytes]) -> None:
    page.locator("input[type=file]").set_input_files(
        [
            {"name": name, "mimeType": "application/octet-stream", "buffer": data}
            for name, data in files.items()
        ]
    )


def _line(page: Page, note: str) -> Locator:
    return page.locator(".worklist tbody tr").filter(has=page.get_by_text(note, exact=True))
