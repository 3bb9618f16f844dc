"""From which score on each method's words are shown, tuned on notes with marked evidence."""

from collections.abc import Iterator, Sequence
from itertools import islice

from core.errors import BadSettings
from core.explanations.tuning import Marked, tune
from core.inference.coder import Coder
from core.types import Code, Note, Span

NOTES = 100  # enough for a threshold; each costs a gradient for every code
QUICK = ("phrases_and_network", "attention_x_gradient", "attention")  # the rest keep the default


def tuned(coder: Coder, notes: Sequence[Note]) -> dict[str, float]:
    """Method -> the share of the strongest word's score from which its words are shown.

    Only of methods the app offers that take well under a second; none for notes without marks. The
    notes must be others than those the coder learned from.
    """
    with_marks = list(islice((note for note in notes if any(_marks(coder, note))), NOTES))
    found = {}
    for method in (each for each in QUICK if each in coder.methods):
        try:
            found[method] = tune(_explained(coder, with_marks, method)).shown_from
        except BadSettings:  # no word is marked
            return {}
    return found


def _explained(coder: Coder, notes: Sequence[Note], method: str) -> Iterator[Marked]:
    for note in notes:
        marks = dict(_marks(coder, note))
        for each in coder.explain(note, list(marks), method=method):
            yield Marked(text=note.text, tokens=each.tokens, marks=marks[each.code])


def _marks(coder: Coder, note: Note) -> Iterator[tuple[Code, Sequence[Span]]]:
    """The marked codes that the network ranks."""
    for code in dict.fromkeys(each.code for each in note.annotations if each.evidence):
        if code in coder.spaces["icd"]:
            yield code, [s for a in note.annotations if a.code == code for s in a.evidence]
