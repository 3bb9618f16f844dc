"""What learning costs with many decided notes: processor seconds, memory alone, no database.

    python -m benchmarks.memory_scale [NOTES]     writes docs/benchmarks/memory.md

Notes of 250 words drawn from the samples, each with four codes and two words marked for each: far
more different phrases than real charts have, so that a decision is dear rather than cheap.
"""

import random
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from time import process_time

from benchmarks.report import header
from core.codes import shared_tables
from core.inference import Coder
from core.types import Annotation, Code, Note, Span
from ui.services.phrase_lines import Lines

ROOT = Path(__file__).parents[1]
REPORT = ROOT / "docs" / "benchmarks" / "memory.md"
NOTES, WORDS, MARKED, CODES = 10_000, 250, 4, 400


def main() -> None:
    notes = int(sys.argv[1]) if len(sys.argv) > 1 else NOTES
    rows = measured(Coder.load(), notes)
    title = f"Learning with {notes:,} decided notes"
    lines = ["| What | Processor seconds |", "| --- | ---: |"]
    lines += [f"| {what} | {seconds:.3f} |" for what, seconds in rows]
    about = (
        f"Drawn notes of {WORDS} words with {MARKED} codes each, one thread, memory alone without "
        "the database. A decision is learned before it is acknowledged."
    )
    command = f"python -m benchmarks.memory_scale {notes}"
    REPORT.write_text(header(title, command) + "\n".join([about, "", *lines, ""]))


def measured(coder: Coder, count: int) -> list[tuple[str, float]]:
    """What was done, and how many processor seconds it took."""
    codes = coder.spaces["icd"].codes[:CODES]
    notes = drawn(count, codes)
    lines = Lines()
    rows = [
        ("teach all notes, at start-up", _seconds(lambda: _teach(coder, notes))),
        ("the memory page, first time", _seconds(lambda: _list(coder, lines))),
    ]
    for number, code in enumerate((codes[0], codes[-100])):
        of_code = sum(code in note.codes for note in notes)
        new = _with_a_phrase(notes[number], code)
        what = f"a code of {of_code:,} notes"
        rows += [
            (f"a decision without a new phrase, {what}", _learned(coder, notes[number])),
            (f"a decision with a new phrase, {what}", _learned(coder, new)),
            ("the next reading of a note", _seconds(lambda: _read(coder, notes[-1]))),
            ("the name of what was learned", _seconds(lambda: _name(coder))),
            ("the memory page after it", _seconds(lambda: _list(coder, lines))),
        ]
    return rows


def drawn(count: int, codes: tuple[Code, ...]) -> list[Note]:
    """Notes of words of the samples; the first codes are the most frequent."""
    lot = random.Random(1)  # noqa: S311 - the same notes each time
    texts = [path.read_text() for path in sorted((ROOT / "samples").glob("*.txt"))]
    words = sorted({word for text in texts for word in text.split() if word.isalpha()})
    notes = []
    for number in range(count):
        said = [lot.choice(words) + ("." if at % 9 == 8 else "") for at in range(WORDS)]
        marked = [
            Annotation(
                code=codes[int(len(codes) * lot.random() ** 2)],
                evidence=(_span(said, lot.randrange(WORDS - 2)),),
            )
            for _ in range(MARKED)
        ]
        notes.append(Note(id=f"n{number}", text=" ".join(said), annotations=tuple(marked)))
    return notes


def _span(words: list[str], first: int) -> Span:
    start = sum(len(word) + 1 for word in words[:first])
    return Span(start, start + len(" ".join(words[first : first + 2])))


def _with_a_phrase(note: Note, code: Code) -> Note:
    new = Annotation(code=code, evidence=(_span(note.text.split(" "), 0),))
    return replace(note, annotations=(*note.annotations, new))


def _teach(coder: Coder, notes: list[Note]) -> None:
    coder.learn_all((note, frozenset()) for note in notes)
    _read(coder, notes[0])


def _learned(coder: Coder, note: Note) -> float:
    return _seconds(lambda: coder.learn(note))


def _read(coder: Coder, note: Note) -> None:
    fusion = coder.loaded.fusion
    assert fusion is not None  # noqa: S101 - the shipped checkpoint has one
    fusion.memory.read(note.text)


def _name(coder: Coder) -> None:
    assert coder.memory  # noqa: S101 - it learned


def _list(coder: Coder, lines: Lines) -> None:
    fusion = coder.loaded.fusion
    assert fusion is not None  # noqa: S101 - the shipped checkpoint has one
    lines.bring(fusion.memory, {}, shared_tables(), coder.loaded.vocabulary.words)


def _seconds(work: Callable[[], None]) -> float:
    start = process_time()
    work()
    return process_time() - start


if __name__ == "__main__":
    main()
