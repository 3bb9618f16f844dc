"""The nouns that cross stages: code, note, annotation, suggestion, evidence. Imports no torch.

All offsets are half-open and count Unicode code points of the original note: `text[start:end]`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property

from core.errors import UnknownCode, quoted


class CodeSystem(StrEnum):
    """A code system; the value is the name used in files, in the database and on screen."""

    ICD10CM = "ICD-10-CM"
    ICD10PCS = "ICD-10-PCS"
    ICD9CM = "ICD-9-CM"
    ICD9PROC = "ICD-9-PROC"
    CCS = "CCS"
    CCSPROC = "CCS-PROC"
    CCSR = "CCSR"

    @classmethod
    def parse(cls, name: str) -> "CodeSystem":
        """Read a system's name whatever its case and punctuation (`icd10cm`, `ICD-10-CM`)."""
        key = re.sub(r"[^a-z0-9]", "", name.lower())
        for system in cls:
            if key == re.sub(r"[^a-z0-9]", "", system.value.lower()):
                return system
        raise UnknownCode(f"{quoted(name)} is not a code system; use one of {', '.join(cls)}")


class Context(StrEnum):
    """How a note speaks of a mention, when it does not plainly say that the patient has it now."""

    NEGATED = "negated"
    FAMILY = "family"
    HISTORICAL = "historical"
    HYPOTHETICAL = "hypothetical"


@dataclass(frozen=True, order=True)
class Code:
    """One code of one system, in upper case with its dot (`I10`, `R50.9`, `BW03ZZZ`)."""

    system: CodeSystem
    code: str

    def __hash__(self) -> int:
        """Of the code alone: an enumeration's hash is Python, and a note asks 15,000 times."""
        return hash(self.code)

    def __str__(self) -> str:
        return f"{self.system} {self.code}"


@dataclass(frozen=True, order=True)
class Span:
    """A stretch of the original note: `text[start:end]`, in code points."""

    start: int
    end: int


@dataclass(frozen=True, kw_only=True)
class Annotation:
    """A code somebody gave to a note, with one mention they marked for it (or none).

    A discontinuous mention has several spans; a code marked in several places is as many
    annotations.
    """

    code: Code
    evidence: tuple[Span, ...] = ()


class Sex(StrEnum):
    """The patient's sex as FHIR's administrative gender says it; unknown is None."""

    FEMALE = "female"
    MALE = "male"
    OTHER = "other"


@dataclass(frozen=True, kw_only=True)
class Encounter:
    """What came with a note besides its text; None: its file did not say."""

    external_id: str | None = None  # the note's id in the system it came from
    encounter_id: str | None = None
    patient_id: str | None = None
    age: int | None = None  # whole years, on the service date
    sex: Sex | None = None
    birth_date: date | None = None
    service_date: date | None = None


@dataclass(frozen=True, kw_only=True)
class Note:
    """A clinical note as it came, and the codes it is known to carry (none if not coded yet)."""

    id: str
    text: str
    annotations: tuple[Annotation, ...] = ()
    encounter: Encounter = Encounter()

    @property
    def codes(self) -> frozenset[Code]:
        return frozenset(annotation.code for annotation in self.annotations)


@dataclass(frozen=True, kw_only=True)
class CodeSpace:
    """The codes one task of a model ranks, in the order of its logits."""

    name: str
    codes: tuple[Code, ...]

    def __len__(self) -> int:
        return len(self.codes)

    def __iter__(self) -> Iterator[Code]:
        return iter(self.codes)

    def __contains__(self, code: object) -> bool:
        return code in self._index

    @cached_property
    def _index(self) -> Mapping[Code, int]:
        return {code: position for position, code in enumerate(self.codes)}

    def index(self, code: Code) -> int:
        """Position of `code` among the logits; UnknownCode if this space does not hold it."""
        try:
            return self._index[code]
        except KeyError:
            raise UnknownCode(
                f"{code} is not in the label space {self.name!r} ({len(self)} codes); "
                "was the checkpoint trained on another label set?"
            ) from None


@dataclass(frozen=True, order=True)
class Evidence:
    """A span of the note and how much it speaks for a code; scores of one code peak at 1."""

    start: int
    end: int
    score: float


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """One ranked code for a note. Probability is the model's, in [0, 1]."""

    code: Code
    title: str
    task: str  # which branch of the model ranks it: "icd" or "ccs"
    probability: float
    category: Code | None = None  # the CCS/CCSR category of an ICD code
    source: str = "network"  # what proposed it: "network", "memory" or "network and memory"
    evidence: tuple[Evidence, ...] = ()
    provenance: str = ""  # what memory knows: "seen in 14 coded notes, 13 times I10"
    contexts: tuple[
        Context, ...
    ] = ()  # how the note speaks of its strongest mention, if not plainly


@dataclass(frozen=True, kw_only=True)
class Suggestions:
    """What one checkpoint says of one note, best first within `ranked`."""

    note_id: str
    checkpoint: str  # the checkpoint's hash: same hash, same scores
    truncated_at: int | None  # offset from which the model read nothing; None: all was read
    memory: str = ""  # which decisions memory had learned besides; empty: none, as shipped
    ranked: tuple[Suggestion, ...] = field(default=())

    def of(self, task: str) -> tuple[Suggestion, ...]:
        return tuple(suggestion for suggestion in self.ranked if suggestion.task == task)


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """Evidence for one code by one method: a score for every token read, and the spans to show."""

    code: Code
    method: str
    tokens: tuple[Evidence, ...]  # every word the model read, in order; scores in [-1, 1]
    spans: tuple[Evidence, ...]  # what to show, strongest first
    peak: float = 1.0  # the method's own value where a token's score is 1
    delta: float | None = None  # convergence delta (integrated gradients only)
