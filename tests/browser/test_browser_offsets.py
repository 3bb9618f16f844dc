"""What the browser highlights is `text[start:end]`, whatever characters the note is made of."""

import json
import random

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Server
from tests.browser.desk import open_note, upload
from ui.components.review_board import script

PIECES = (
    *(
        "fever",
        "no",
        "dolor",
        "Año",
        "µg",
        " ",
        " ",
        "  ",
        "\n",
        "\r\n",
        "\r",
        "\t",
        ". ",
        "<&>",
        "</mark>",
    ),
    *(
        "&amp;",
        "<b>",
        "🫁",
        "👩🏽‍⚕️",
        "🇪🇸",
        "é",
        "e\u0301",
        "n\u0303o",
        "\u0928\u093f",
        "ﬁ",
        "\u200b",
    ),
    *("\u2028", "\x85", "\u00a0", "٣", "היי", "\u202e", "𝛽", "\ufeff", "½"),
)

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


def random_note(seed: int) -> dict[str, object]:
    chance = random.Random(seed)
    text = "".join(chance.choices(PIECES, k=chance.randint(1, 80)))
    points = len(text)

    def spans(most: int) -> list[list[int]]:
        cuts = [
            sorted(chance.choices(range(points + 1), k=2)) for _ in range(chance.randint(0, most))
        ]
        return [[start, end] for start, end in cuts if start < end]

    return {
        "text": text,
        "spans": [[start, end, chance.random()] for start, end in spans(8)],
        "marks": spans(2),
        "truncatedAt": chance.choice([None, None, chance.randint(0, points)]),
    }


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
