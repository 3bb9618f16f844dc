"""What the browser highlights is `text[start:end]`, whatever characters the note is made of."""

import json

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Server
from tests.browser.desk import open_note, upload
from tests.browser.odd_notes import random_note
from ui.components.review_board import script

PAINT = """async ([code, notes]) => {
  const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
  const { paint, codePointStarts, codePointAt } = await import(url);
  const box = document.createElement("div");
  document.body.append(box);
  return notes.map(({ text, spans, marks, truncatedAt }) => {
    paint(box, text, { spans, marks, truncatedAt });
    const pieces = [...box.querySelectorAll("[data-start]")].map((each) =>
      [Number(each.dataset.start), Number(each.dataset.end), each.textContent]);
    const starts = codePointStarts(text);
    const back = Array.from(starts).every((unit, offset) => codePointAt(starts, unit) === offset);
    const lines = box.querySelectorAll(".unread-line").length;
    return { whole: box.textContent, pieces, back, lines };
  });
}"""


def test_the_browser_highlights_exactly_the_offsets_of_1000_random_notes(page: Page) -> None:
    notes = [random_note(seed) for seed in range(1000)]
    page.goto("about:blank")
    painted = page.evaluate(PAINT, [script(), notes])
    for note, seen in zip(notes, painted, strict=True):
        text, cut = str(note["text"]), note["truncatedAt"]
        assert seen["whole"] == text
        assert seen["back"], "offsets of selections are the inverse of offsets of highlights"
        assert all(shown == text[start:end] for start, end, shown in seen["pieces"])
        shown = {offset for start, end, _ in seen["pieces"] for offset in range(start, end)}
        asked = {
            offset
            for start, end, *_ in [*note["spans"], *note["marks"]]  # type: ignore[misc]
            for offset in range(start, end)
        }
        unread = set() if cut is None else set(range(int(str(cut)), len(text)))
        assert shown == asked | unread
        assert seen["lines"] == (cut is not None and int(str(cut)) < len(text))


def test_counted_as_javascript_counts_the_same_notes_would_be_highlighted_wrongly(
    page: Page,
) -> None:
    counted = script().replace("const points = Array.from(text);", 'const points = text.split("");')
    assert counted != script()
    notes = [random_note(seed) for seed in range(100)]
    page.goto("about:blank")
    for note, seen in zip(notes, page.evaluate(PAINT, [counted, notes]), strict=True):
        if any(shown != str(note["text"])[start:end] for start, end, shown in seen["pieces"]):
            return
    pytest.fail("nobody would have noticed")


@pytest.mark.parametrize("seed", range(3))
def test_a_note_arrives_in_the_browser_as_it_was_uploaded(
    page: Page, server: Server, seed: int
) -> None:
    text = f"{seed} 🫁 cough\r\nfever " + str(random_note(seed)["text"]) + "\r\npain <&> e\u0301"
    upload(page, server.url, (f"odd-{seed}.txt", text.encode()))
    open_note(page, server.url, 10 + seed)
    assert page.locator(".board .note").evaluate("note => note.textContent") == text
    for _ in range(5):
        expect(page.locator(".note .evidence").first).to_be_attached()  # comes code by code
        pieces = page.locator(".note .evidence").evaluate_all(
            "all => all.map((e) => [Number(e.dataset.start), Number(e.dataset.end), e.textContent])"
        )
        assert pieces
        assert all(shown == text[start:end] for start, end, shown in pieces), json.dumps(pieces)
        page.keyboard.press("ArrowDown")
