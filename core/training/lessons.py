"""What coders decided on a note, as numbers to learn from: right, wrong, or not known."""

from collections import Counter
from collections.abc import Container, Mapping, Sequence
from dataclasses import replace

from torch import Tensor

from core.assembly import Model
from core.corpora import Category, Lesson
from core.corpora.labels import gold
from core.training.examples import Examples
from core.training.loop import score
from core.types import Code, CodeSpace


def new_codes(
    lessons: Sequence[Lesson],
    spaces: Mapping[str, CodeSpace],
    *,
    category: Category,
    min_count: int,
) -> dict[str, tuple[Code, ...]]:
    """Per task, the codes that so many lessons give and the label space does not hold."""
    found: dict[str, tuple[Code, ...]] = {}
    for task, space in spaces.items():
        counts: Counter[Code] = Counter()
        for lesson in lessons:
            counts.update(gold(lesson.note, task, category))
        enough = (code for code, notes in counts.items() if notes >= min_count)
        found[task] = tuple(sorted(code for code in enough if code not in space))
    return found


def taught(
    read: Examples,
    lessons: Mapping[str, Lesson],
    spaces: Mapping[str, CodeSpace],
    *,
    teacher: Model,
    category: Category,
    whole: Container[str] = (),
) -> Examples:
    """These examples, with what the teacher says where nobody decided.

    A target of what was said before leaves the network as it is (learning without forgetting, Li &
    Hoiem 2017): a code that no coder was shown is no word against it. lessons: by note id. whole:
    ids of the notes of which all codes are known, so that every other code is wrong.
    """
    before = score(teacher, read)
    for row in (row for row, note in enumerate(read.notes) if note.id in whole):
        for said_NL in before.values():
            said_NL[row] = 0
    targets = {
        task: _known(read, lessons, task, space, before[task], category)
        for task, space in spaces.items()
    }
    return replace(read, targets=targets)


def _known(
    read: Examples,
    lessons: Mapping[str, Lesson],
    task: str,
    space: CodeSpace,
    before_NL: Tensor,
    category: Category,
) -> Tensor:
    targets_NL = before_NL.clone()
    for row, note in enumerate(read.notes):
        lesson = lessons[note.id]
        if task == "icd":  # a wrong code says nothing of its category: another may stand for it
            targets_NL[row, [space.index(c) for c in lesson.rejected if c in space]] = 0
        given = [space.index(code) for code in gold(lesson.note, task, category) if code in space]
        targets_NL[row, given] = 1
    return targets_NL
