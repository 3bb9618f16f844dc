"""Two coders on the same notes."""

from collections.abc import Callable, Iterable

from core.comparing.cases import Case, Ranked
from core.comparing.comparison import Comparison, Side
from core.comparing.tally import Tally
from core.errors import BadFile, BadNote
from core.inference import Coder

Progress = Callable[[int], None]  # told how many notes were compared

CODES = "icd"  # the task whose suggestions are codes to decide on


def nobody(_done: int) -> None:
    """Progress that nobody looks at."""


def compare(
    a: Coder, b: Coder, cases: Iterable[Case], *, seed: int = 0, progress: Progress = nobody
) -> Comparison:
    """Compare two coders on notes, one at a time. Notes without words are left out.

    Both are to have learned the same decisions, none of them on these notes. BadFile if there is
    no usable note.
    """
    tally, done = Tally(), 0
    for case in cases:
        try:
            tally.add(case, ranked(a, case), ranked(b, case))
        except BadNote:
            continue
        done += 1
        progress(done)
    if not done:
        raise BadFile("there is no note to compare on that has words and a decision; give others")
    spaces = (a.spaces.get(CODES, ()), b.spaces.get(CODES, ()))
    return tally.comparison(_side(a), _side(b), spaces=spaces, seed=seed)


def ranked(coder: Coder, case: Case) -> Ranked:
    """What a coder says of a note."""
    said = coder.suggest(case.note).of(CODES)
    return Ranked(
        codes={each.code: each.probability for each in said},
        likely_from=coder.thresholds.get(CODES, 0.5),
    )


def _side(coder: Coder) -> Side:
    return Side(
        name=coder.name,
        checkpoint=coder.checkpoint,
        codes=len(coder.spaces.get(CODES, ())),
        memory=coder.memory,
    )
