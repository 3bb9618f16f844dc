"""One sentence of a note as every method scores it: a small SVG for each."""

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.evidence_figures import RIGHT, Results
from core.types import Note, Span

SHORTEST, LONGEST = 8, 24  # words of an example sentence
COLUMNS = 84  # letters a line
WIDE, HIGH = 7.3, 24  # of a letter and a line, in pixels
_SENTENCE = re.compile(r"[^.\n]+\.?")


@dataclass(frozen=True, kw_only=True)
class Word:
    """A word of the sentence: its letters, a score in [-1, 1], whether a human marked it."""

    text: str
    score: float
    marked: bool


@dataclass(frozen=True, kw_only=True)
class Example:
    """A sentence of one note with marked evidence for a code, as each method scores it."""

    checkpoint: str
    note: str
    code: str
    words: Mapping[str, Sequence[Word]]  # by method

    def section(self, pictures: Path) -> Iterator[str]:
        """Write the pictures, and give the part of the page that shows them."""
        pictures.mkdir(parents=True, exist_ok=True)
        yield f"\n## One sentence, {self.code}, {self.checkpoint}\n\n"
        yield "Blue speaks for the code, orange against it; the darker, the more. Underlined is "
        yield "what CodiEsp's annotators marked. The strongest word may stand elsewhere.\n\n"
        for method, words in self.words.items():
            path = pictures / f"{method}.svg"
            path.write_text(svg(f"{method}: {self.code}", words), encoding="utf-8")
            yield f"`{method}`\n\n![{method}]({pictures.name}/{path.name})\n\n"
        yield f"Sentence of note {self.note} of the CodiEsp corpus (Miranda-Escalada et al. 2020), "
        yield "CC BY 4.0.\n"


def example(results: Sequence[Results], notes: Sequence[Note]) -> Example | None:
    """The first sentence that fits, of the checkpoint with most methods; None if none does."""
    found = max(results, key=lambda each: len(each.scores), default=None)
    if found is None or not found.scores:
        return None
    shared = set.intersection(*(found.keys(method, RIGHT) for method in found.scores))
    for note in notes:
        places = found.subject.words(note.text)
        for key in sorted(key for key in shared if key[0] == note.id):
            marked = set(next(iter(found.scores.values()))[key]["marked"])
            inside = _sentence(note.text, places, marked)
            if inside:
                return Example(
                    checkpoint=found.name,
                    note=note.id,
                    code=key[1],
                    words={
                        method: [
                            Word(
                                text=note.text[places[p].start : places[p].end],
                                score=float(of_method[key]["scores"][p]),
                                marked=p in marked,
                            )
                            for p in inside
                        ]
                        for method, of_method in found.scores.items()
                    },
                )
    return None


def _sentence(text: str, places: Sequence[Span], marked: set[int]) -> list[int]:
    """The words of the first sentence of a fitting length that holds all marked words."""
    for match in _SENTENCE.finditer(text):
        inside = [
            p for p, at in enumerate(places) if match.start() <= at.start and at.end <= match.end()
        ]
        if SHORTEST <= len(inside) <= LONGEST and marked and marked <= set(inside):
            return inside
    return []


def svg(title: str, words: Sequence[Word]) -> str:
    """The words in lines, each on a shade of its score; a title for those who cannot see it."""
    parts, line, column = [], 0, 0
    for word in words:
        if column and column + len(word.text) > COLUMNS:
            line, column = line + 1, 0
        parts.append(_drawn(word, x=8 + column * WIDE, y=8 + line * HIGH))
        column += len(word.text) + 1
    width, height = 16 + COLUMNS * WIDE, 16 + (line + 1) * HIGH
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}" '
        f'width="{width:.0f}" height="{height}" role="img" font-family="monospace" '
        f'font-size="12">\n<title>{html.escape(title)}</title>\n'
        f'<rect width="100%" height="100%" fill="#ffffff"/>\n{"".join(parts)}</svg>\n'
    )


def _drawn(word: Word, *, x: float, y: float) -> str:
    wide = len(word.text) * WIDE
    shade = "#1f77b4" if word.score >= 0 else "#e6842a"
    drawn = (
        f'<rect x="{x:.1f}" y="{y}" width="{wide:.1f}" height="18" rx="3" fill="{shade}" '
        f'fill-opacity="{min(1.0, abs(word.score)) * 0.75:.2f}"/>\n'
        f'<text x="{x:.1f}" y="{y + 13}" textLength="{wide:.1f}" fill="#111111">'
        f"{html.escape(word.text)}</text>\n"
    )
    if word.marked:
        drawn += f'<rect x="{x:.1f}" y="{y + 19}" width="{wide:.1f}" height="2" fill="#111111"/>\n'
    return drawn
