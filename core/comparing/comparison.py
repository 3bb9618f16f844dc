"""The outcome of a comparison, as it is kept and shown: `b` beside `a`, differences are b - a."""

import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from core.comparing.counting import LOWER_IS_BETTER
from core.metrics.shares import FEW
from core.types import Code, CodeSystem

ENOUGH = 10  # notes that carry a code, below which nothing is said of it
DECIDING = ("MAP", "F1")  # what the verdict looks at


class Verdict(StrEnum):
    """What the comparison comes to."""

    BETTER = "better"
    WORSE = "worse"
    NONE = "no difference shown"
    FEW = "too few notes to tell"


Standing = Verdict  # of one code: the same four words


@dataclass(frozen=True, kw_only=True)
class Side:
    """One of the two models."""

    name: str
    checkpoint: str  # hash
    codes: int  # it ranks
    memory: str = ""  # which decisions phrase memory had learned; empty: as shipped


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A figure of both and the difference, with 95 % intervals. None: no note defines it."""

    name: str
    a: float | None
    a_low: float | None
    a_high: float | None
    b: float | None
    b_low: float | None
    b_high: float | None
    difference: float | None
    low: float | None
    high: float | None

    @property
    def verdict(self) -> Verdict:
        """Whether b is better here; a difference whose interval holds 0 may be none."""
        if self.low is None or self.high is None or self.low <= 0 <= self.high:
            return Verdict.NONE
        higher_is_better = self.name not in LOWER_IS_BETTER
        return Verdict.BETTER if (self.low > 0) == higher_is_better else Verdict.WORSE


@dataclass(frozen=True, kw_only=True)
class CodeFigure:
    """One code under both models, on the notes where something is known of it."""

    system: str
    code: str
    notes: int  # that carry it
    hits_a: int  # of these: it was a likely suggestion
    hits_b: int
    wrong_a: int  # notes it was a likely suggestion on, and known to be wrong
    wrong_b: int
    rank_a: float | None  # mean place on the notes that carry it; None: there is none
    rank_b: float | None
    f1_a: float | None  # of hits and wrong suggestions
    f1_b: float | None
    difference: float | None  # of F1
    low: float | None  # its interval; None with too few notes
    high: float | None
    chance: float | None  # adjusted for the number of codes; None with too few notes
    standing: Standing
    only: str = ""  # "a" or "b": only that model ranks it


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Two models on the same notes."""

    a: Side  # usually the model in use
    b: Side  # usually a candidate
    notes: int
    whole: int  # of these: whole charts, of which all codes are known
    unknown_a: int  # likely suggestions of which nothing is known
    unknown_b: int
    figures: tuple[Figure, ...]
    codes: tuple[CodeFigure, ...]  # the largest loss first
    seed: int
    resamples: int

    @property
    def verdict(self) -> Verdict:
        """Worse if any deciding figure is, whatever the other says; better if only better."""
        if self.notes < FEW:
            return Verdict.FEW
        said = {each.verdict for each in self.figures if each.name in DECIDING}
        return next((v for v in (Verdict.WORSE, Verdict.BETTER) if v in said), Verdict.NONE)

    def standing(self, of: Standing) -> tuple[CodeFigure, ...]:
        """The codes of which this is said."""
        return tuple(each for each in self.codes if each.standing is of)

    def to_json(self) -> dict[str, Any]:  # Any: plain JSON
        """Plain JSON, with the verdict."""
        return {**asdict(self), "verdict": self.verdict.value}

    @classmethod
    def from_json(cls, text: str) -> "Comparison":
        """What `to_json` wrote. ValueError, KeyError or TypeError if it is not that."""
        said = json.loads(text)
        said.pop("verdict")
        return cls(
            **{
                **said,
                "a": Side(**said["a"]),
                "b": Side(**said["b"]),
                "figures": tuple(Figure(**each) for each in said["figures"]),
                "codes": tuple(
                    CodeFigure(**{**each, "standing": Standing(each["standing"])})
                    for each in said["codes"]
                ),
            }
        )


def code_of(figure: CodeFigure) -> Code:
    """The code a line is about."""
    return Code(CodeSystem(figure.system), figure.code)
