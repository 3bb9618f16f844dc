"""What the evidence benchmark measures, code by code, and the files that keep it.

Every checkpoint has a folder named by its hash, every figure of one method a file of JSON lines in
it, one line a code of a note. What stands there is not measured again: a stopped benchmark goes on.
"""

import json
import random
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from core.checkpoints import Checkpoint, load_checkpoint
from core.codes import shared_tables
from core.corpora import load
from core.errors import BadSettings
from core.explanations import METHODS, words
from core.inference.blend import PHRASES
from core.inference.coder import Coder
from core.metrics import (
    Faithfulness,
    Probabilities,
    at_random,
    faithfulness,
    perturbation,
    stability,
)
from core.types import Code, Explanation, Note, Span

Json = dict[str, Any]  # Any: plain JSON
Key = tuple[str, str]  # note, code
RANDOM_ORDER = "random order"
DRAWS = 3  # random orders a code is measured with
REMOVALS = {"deleted": " ", "unknown": "ǂ"}  # what stands in place of a word; ǂ is in no vocabulary
UNRELATED = (
    "\n\nEl centro está situado cerca de la estación. El horario figura en la puerta de entrada. "
    "La cafetería abre todos los días.\n"
)
CHANGES: Mapping[str, Callable[[str], str]] = {  # each leaves the note's words where they are
    "blank space": lambda text: "\n\n  " + text.replace(" ", "   ") + "\n\n   ",
    "upper case": str.upper,
    "unrelated sentences": lambda text: text + UNRELATED,
}


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """What is measured: numbers of notes, the first of one shuffled order, and of codes."""

    notes: int | None = None  # None: all
    codes: int | None = None  # of a note
    slow: tuple[str, ...] = ()  # methods that are measured on `slow_notes` only
    slow_notes: int = 15
    faithful_notes: int = 20
    faithful_codes: int = 3
    stable_notes: int = 5
    removal: str = "deleted"


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A checkpoint under its name in the report, and the folder of its files."""

    name: str
    checkpoint: Checkpoint
    coder: Coder
    runs: Path

    @staticmethod
    def load(name: str, folder: Path, runs: Path) -> "Subject":
        checkpoint = load_checkpoint(folder)
        checkpoint.model.requires_grad_(requires_grad=False)
        coder = Coder(checkpoint, shared_tables())
        return Subject(
            name=name,
            checkpoint=checkpoint,
            coder=coder,
            runs=runs / f"{name}-{coder.checkpoint[:12]}",
        )

    @cached_property
    def methods(self) -> tuple[str, ...]:
        """All there may be, offered or not; the default first."""
        every = (PHRASES, *METHODS) if self.checkpoint.fusion else tuple(METHODS)
        return tuple(dict.fromkeys((self.coder.default_method, *every)))

    def codes(self, note: Note, most: int | None = None) -> list[Code]:
        """The note's ICD codes with marked evidence that the network ranks, in shuffled order."""
        found = sorted(marked(note))  # of all, so that another label space has the same order
        random.Random(note.id).shuffle(found)  # noqa: S311 - order, not secrets
        return [code for code in found if code in self.coder.spaces["icd"]][:most]

    def words(self, text: str) -> list[Span]:
        """Every word that the network reads."""
        read = self.checkpoint.vocabulary.encode(text, max_length=self.checkpoint.max_length)
        return [Span(word.start, word.end) for word in words(read, [0.0] * len(read.ids))]

    def probabilities(self, note: Note) -> dict[Code, float]:
        """Of every ICD code, as the coder is shown them."""
        return {each.code: each.probability for each in self.coder.suggest(note).of("icd")}


def marked(note: Note) -> set[Code]:
    """The codes of a note for which a human marked evidence."""
    return {each.code for each in note.annotations if each.evidence}


class Rows:
    """One file of measured rows by note and code; a line that a killed run cut off is dropped."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        rows = [json.loads(line) for line in lines if line.endswith("}") and _whole(line)]
        self.found: dict[Key, Json] = {(row["note"], row["code"]): row for row in rows}
        if len(rows) < len(lines):
            path.write_text("".join(map(_line, rows)), encoding="utf-8")

    def add(self, rows: Sequence[Json]) -> None:
        with self._path.open("a", encoding="utf-8") as file:
            file.writelines(map(_line, rows))
        self.found.update({(row["note"], row["code"]): row for row in rows})


def rows(subject: Subject, what: str) -> Rows:
    """The file of `what`: "probability", or a figure and a method, such as "scores attention"."""
    return Rows(subject.runs / f"{what.replace(' ', '-')}.jsonl")


def dev_notes(folder: Path, most: int | None) -> list[Note]:
    """CodiEsp's dev notes in Spanish, in one shuffled order."""
    notes = sorted(load("codiesp", folder, split="dev").notes, key=lambda note: note.id)
    random.Random(0).shuffle(notes)  # noqa: S311 - order, not secrets
    return notes[:most]


def measure(
    subject: Subject, notes: Sequence[Note], bounds: Bounds, methods: Sequence[str]
) -> None:
    """Measure what is not in the files yet. A method that cannot explain a model is left out."""
    _rank(subject, notes, bounds)
    _be_faithful(subject, notes, bounds, RANDOM_ORDER)
    for method in methods:
        few = notes[: bounds.slow_notes] if method in bounds.slow else notes
        _tell(f"{subject.name}: {method}, {len(few)} notes")
        try:
            _explain(subject, few, bounds, method)
            _be_faithful(subject, few, bounds, method)
            _change(subject, few[: bounds.stable_notes], bounds, method)
        except BadSettings as error:
            _tell(f"{subject.name}: {method} is left out: {error}")


def _rank(subject: Subject, notes: Sequence[Note], bounds: Bounds) -> None:
    kept, cut = rows(subject, "probability"), subject.coder.thresholds["icd"]
    for note in notes:
        missing = [c for c in subject.codes(note, bounds.codes) if _key(note, c) not in kept.found]
        if missing:
            said = subject.probabilities(note)
            kept.add([_row(note, code, probability=said[code], cut=cut) for code in missing])


def _explain(subject: Subject, notes: Sequence[Note], bounds: Bounds, method: str) -> None:
    """Scores of every word, the shown spans, and which words are marked; by code."""
    kept = rows(subject, f"scores {method}")
    for note in notes:
        missing = [c for c in subject.codes(note, bounds.codes) if _key(note, c) not in kept.found]
        if missing:
            started = time.perf_counter()
            found = subject.coder.explain(note, missing, method=method)
            seconds = (time.perf_counter() - started) / len(missing)
            kept.add([_explained(note, each, seconds) for each in found])


def _explained(note: Note, found: Explanation, seconds: float) -> Json:
    spans = [s for a in note.annotations if a.code == found.code for s in a.evidence]
    return _row(
        note,
        found.code,
        by=found.method,  # another where the method asked for has nothing to show
        seconds=round(seconds, 4),
        scores=_scores(found),
        marked=[
            place
            for place, word in enumerate(found.tokens)
            if any(word.start < span.end and span.start < word.end for span in spans)
        ],
        spans=[[span.start, span.end] for span in found.spans],
    )


def _be_faithful(subject: Subject, notes: Sequence[Note], bounds: Bounds, method: str) -> None:
    """Both areas of codes that are rightly suggested, for the probability a coder is shown."""
    kept = rows(subject, f"faithful {bounds.removal} {method}")
    scores = rows(subject, f"scores {method}").found if method != RANDOM_ORDER else None
    for note, code in _suggested(subject, notes[: bounds.faithful_notes], bounds):
        if _key(note, code) in kept.found:
            continue
        asked = probabilities(subject, note, code, bounds.removal)
        if scores is None:
            places = len(subject.words(note.text))
            found = at_random(
                asked, places, draws=DRAWS, seed=crc32(repr(_key(note, code)).encode())
            )
        else:
            found = _areas(asked, scores[_key(note, code)]["scores"])
        kept.add([_row(note, code, **asdict(found))])


def _areas(asked: Probabilities, scores: Sequence[float]) -> Faithfulness:
    return faithfulness(perturbation(asked, np.array(scores)))


def _suggested(
    subject: Subject, notes: Sequence[Note], bounds: Bounds
) -> Iterator[tuple[Note, Code]]:
    said = rows(subject, "probability").found
    for note in notes:
        right = [c for c in subject.codes(note, bounds.codes) if is_right(said[_key(note, c)])]
        yield from ((note, code) for code in right[: bounds.faithful_codes])


def is_right(row: Json) -> bool:
    """Whether a gold code is suggested as likely: a true positive."""
    return bool(row["probability"] >= row["cut"])


def probabilities(subject: Subject, note: Note, code: Code, removal: str) -> Probabilities:
    """One code's probability in texts that keep some of the words the network reads."""
    places = subject.words(note.text)

    def asked(kept_KT: NDArray[np.bool_]) -> NDArray[np.float64]:
        texts = [lacking(note.text, places, kept_T, removal) for kept_T in kept_KT]
        altered = [Note(id=note.id, text=text) for text in texts]
        return np.array([subject.probabilities(each).get(code, 0.0) for each in altered])

    return asked


def lacking(text: str, places: Sequence[Span], kept_T: NDArray[np.bool_], removal: str) -> str:
    """The text up to its last word that is read, without the words that are not kept.

    A text without any word is none that can be read: one unknown word stands for it.
    """
    if not kept_T.any():
        return REMOVALS["unknown"]
    parts, end = [], 0
    for place, kept in zip(places, kept_T, strict=True):
        if not kept:
            parts += [text[end : place.start], REMOVALS[removal]]
            end = place.end
    return "".join([*parts, text[end : places[-1].end]])


def _change(subject: Subject, notes: Sequence[Note], bounds: Bounds, method: str) -> None:
    """How the scores of rightly suggested codes move under changes that should not matter."""
    kept, before = rows(subject, f"stable {method}"), rows(subject, f"scores {method}").found
    for note, code in _suggested(subject, notes, bounds):
        if _key(note, code) in kept.found:
            continue
        scores_T, found = np.array(before[_key(note, code)]["scores"]), {}
        for name, change in CHANGES.items():
            altered = Note(id=note.id, text=change(note.text))
            (after,) = subject.coder.explain(altered, [code], method=method)
            found[name] = asdict(stability(scores_T, np.array(_scores(after))))
        kept.add([_row(note, code, changes=found)])


def _scores(found: Explanation) -> list[float]:
    return [float(f"{word.score:.6g}") for word in found.tokens]


def _key(note: Note, code: Code) -> Key:
    return note.id, str(code)


def _row(note: Note, code: Code, **found: Any) -> Json:  # Any: plain JSON
    return {"note": note.id, "code": str(code), **found}


def _line(row: Json) -> str:
    return json.dumps(row, ensure_ascii=False) + "\n"


def _whole(line: str) -> bool:
    try:
        json.loads(line)
    except ValueError:
        return False
    return True


def _tell(message: str) -> None:
    sys.stderr.write(f"{message}\n")
