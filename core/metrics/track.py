"""The CodiEsp track's own metrics: MAP of ranked codes, micro-F1 of codes, F1 of evidence.

Miranda-Escalada et al. 2020, sec. 3: MAP as trec_eval has it (notes without gold codes are left
out, codes that are not ranked are missed); evidence counts when the code is right and both its ends
lie within ten characters, a discontinuous mention from its first character to its last.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from core.types import Code, CodeSystem

TOLERANCE = 10  # characters
Ends = tuple[int, int]  # first and last character of a mention


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A suggested code with its probability and the mentions given as evidence."""

    code: Code
    probability: float
    mentions: tuple[Ends, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A note's suggestions, best first, beside its gold codes and their mentions."""

    ranked: Sequence[Listed]
    gold: frozenset[Code]
    mentions: frozenset[tuple[Code, Ends]]


@dataclass(frozen=True, kw_only=True)
class Score:
    """Precision, recall and F1 over all notes."""

    precision: float
    recall: float
    f1: float

    @staticmethod
    def of(right: int, given: int, gold: int) -> "Score":
        """From counts; 0 where there is nothing to divide by."""
        return Score(
            precision=right / given if given else 0.0,
            recall=right / gold if gold else 0.0,
            f1=2 * right / (given + gold) if given + gold else 0.0,
        )


def mean_average_precision(judged: Sequence[Judged], system: CodeSystem) -> float | None:
    """MAP over the notes that carry a code of `system`; None if there are none."""
    found = []
    for note in judged:
        gold = {code for code in note.gold if code.system is system}
        ranked = [each.code for each in note.ranked if each.code.system is system]
        hits, total = 0, 0.0
        for rank, code in enumerate(dict.fromkeys(ranked), start=1):
            if code in gold:
                hits += 1
                total += hits / rank
        if gold:
            found.append(total / len(gold))
    return sum(found) / len(found) if found else None


def code_score(judged: Sequence[Judged], system: CodeSystem, *, cut: float = 0.5) -> Score:
    """Micro precision, recall and F1 of the codes at or above the cut."""
    right = given = gold = 0
    for note in judged:
        taken = {e.code for e in note.ranked if e.probability >= cut and e.code.system is system}
        wanted = {code for code in note.gold if code.system is system}
        right, given, gold = (
            right + len(taken & wanted),
            given + len(taken),
            gold + len(wanted),
        )
    return Score.of(right, given, gold)


def evidence_score(judged: Sequence[Judged], *, cut: float = 0.5) -> Score:
    """Micro precision, recall and F1 of the mentions of codes at or above the cut."""
    right = given = gold = 0
    for note in judged:
        offered = {
            (each.code, ends)
            for each in note.ranked
            if each.probability >= cut
            for ends in each.mentions
        }
        found = {wanted for wanted in note.mentions if any(_same(wanted, o) for o in offered)}
        meant = {offer for offer in offered if any(_same(w, offer) for w in note.mentions)}
        right += min(len(found), len(meant))  # each counts once, however many lie near it
        given, gold = given + len(offered), gold + len(note.mentions)
    return Score.of(right, given, gold)


def _same(one: tuple[Code, Ends], other: tuple[Code, Ends]) -> bool:
    (code, (start, end)), (other_code, (other_start, other_end)) = one, other
    near = abs(start - other_start) <= TOLERANCE and abs(end - other_end) <= TOLERANCE
    return code == other_code and near
