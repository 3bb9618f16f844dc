"""What goes in and out as JSON. The OpenAPI document is written from these models.

What comes in is read strictly: no field that is not known, no number in quotation marks.
"""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictFloat, StrictInt

from core.types import Code, CodeSystem, Sex, Span
from ui.services.intents import MOST_MARKS

LARGEST_INT = 2**31 - 1
LONGEST_TEXT = 200_000
Number = Annotated[StrictInt, Field(ge=1, le=LARGEST_INT)]
Offset = Annotated[StrictInt, Field(ge=0, le=LARGEST_INT)]
Method = Annotated[
    str,
    Field(
        pattern=r"^[a-z_]{1,40}$",
        examples=["attention"],
        description="How evidence is found; the model's first method unless another is named.",
    ),
]
Reason = Literal[
    "not supported by the note",
    "negated or ruled out",
    "history only",
    "more specific code exists",
    "duplicate",
    "other",
]


class Sent(BaseModel):
    """What a caller sends."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Given(BaseModel):
    """What a caller gets."""

    model_config = ConfigDict(frozen=True)


class CodeName(Sent):
    """A code of a code system, in upper case with its dot."""

    system: CodeSystem = Field(examples=["ICD-10-CM"])
    code: str = Field(pattern=r"^[A-Z0-9][A-Z0-9.]{0,9}$", examples=["I10"])

    def read(self) -> Code:
        """As the services know it."""
        return Code(self.system, self.code)

    @classmethod
    def of(cls, code: Code) -> "CodeName":
        """For an answer, in which any code may stand that is on record."""
        return cls.model_construct(system=code.system, code=code.code)


class Stretch(Sent):
    """A stretch of the note's text, `text[start:end]`, in Unicode code points."""

    start: Offset = Field(examples=[0])
    end: Offset = Field(examples=[5])

    def read(self) -> Span:
        """As the services know it."""
        return Span(self.start, self.end)


class LogIn(Sent):
    """Name and password of an account."""

    name: str = Field(min_length=1, max_length=200, examples=["Cora"])
    password: str = Field(min_length=1, max_length=1000, examples=["three grey boats at noon"])


class LoggedIn(Given):
    """A login: send its token as `Authorization: Bearer TOKEN`."""

    token: str = Field(examples=["wQx…"])
    token_type: Literal["bearer"] = "bearer"  # noqa: S105
    idle_minutes: int = Field(examples=[15], description="It ends so long after the last request.")
    hours: int = Field(examples=[12], description="It ends so long after the login at the latest.")
    name: str = Field(examples=["Cora"])
    role: str = Field(examples=["coder"])


class Well(Given):
    """The server answers, and so does its database."""

    status: Literal["ok"] = "ok"
    version: str = Field(examples=["0.1.0"])
    suggestions: bool = Field(description="Whether there is a model to suggest codes.")


class NewNote(Sent):
    """A note as plain text."""

    id: str = Field(
        min_length=1,
        max_length=120,
        examples=["letter-17"],
        description="Its name in your system. It is stored with the note: no patient's name.",
    )
    text: str = Field(
        min_length=1, max_length=LONGEST_TEXT, examples=["Fever and cough. No diabetes."]
    )


class Encounter(Given):
    """What came with a note besides its text."""

    external_id: str | None = None
    encounter_id: str | None = None
    patient_id: str | None = None
    age: int | None = None
    sex: Sex | None = None
    service_date: date | None = None


class Kept(Given):
    """What became of one note that was sent."""

    note: int = Field(examples=[7], description="Its number here: `/v1/notes/7`.")
    name: str = Field(examples=["letter-17"])
    duplicate: bool = Field(description="The same text was here; nothing new was stored.")


class NotesKept(Given):
    """What became of the notes that were sent."""

    notes: list[Kept]
    problems: list[str] = Field(description="What was left out, and why.")


class Line(Given):
    """A line of the worklist."""

    note: int = Field(examples=[7])
    name: str = Field(examples=["letter-17"])
    characters: int
    status: Literal["new", "in progress", "done"]
    priority: Literal["low", "normal", "high", "urgent"]
    assigned_to: str | None
    held_by: str | None = Field(description="Who has the chart now; nobody else may decide.")
    accepted: int
    rejected: int
    added: int
    created_at: datetime


class Page(Given):
    """Some of the worklist, most urgent first, then oldest first."""

    total: int
    lines: list[Line]
    next: int | None = Field(description="The `offset` of the page that follows; null: none does.")


class Note(Given):
    """A stored note, with its text."""

    note: int = Field(examples=[7])
    name: str
    text: str
    language: str | None
    created_at: datetime
    encounter: Encounter


class ToSuggest(Sent):
    """A text to suggest codes for. It is not stored."""

    text: str = Field(
        min_length=1, max_length=LONGEST_TEXT, examples=["Fever and cough. No diabetes."]
    )
    top: Annotated[StrictInt, Field(ge=1, le=200, examples=[20])] = 20
    method: Method | None = None


class EvidenceSpan(Given):
    """A stretch of the text and how much it speaks for the code; the strongest of a code has 1."""

    start: int
    end: int
    score: float


class Suggested(Given):
    """A code that the model suggests."""

    code: CodeName
    title: str
    probability: float = Field(description="The model's, from 0 to 1.")
    right: float | None = Field(
        description="How often suggestions of about this probability were right in "
        "cross-validation; null: not known."
    )
    category: CodeName | None = Field(description="Its CCS or CCSR category.")
    source: str = Field(examples=["network and memory"], description="What proposed it.")
    provenance: str = Field(examples=["seen in 14 coded notes, 13 times I10"])
    contexts: list[str] = Field(
        examples=[["negated"]], description="How the note speaks of it, if not plainly."
    )
    evidence: list[EvidenceSpan]


class ForText(Given):
    """Suggestions for a text that was not stored, best first."""

    checkpoint: str = Field(description="The hash of the model; the same hash, the same scores.")
    memory: str = Field(description="Names what phrase memory had learned; empty: as shipped.")
    truncated_at: int | None = Field(
        description="The offset from which the model read nothing; null: it read all."
    )
    suggestions: list[Suggested]


class Wanted(Sent):
    """Which list is wanted."""

    method: Method | None = None
    coverage: Annotated[StrictFloat | StrictInt, Field(gt=0, le=1)] | None = Field(
        default=None,
        examples=[0.7],
        description="The share of the note's codes that the list is to hold, if the model can "
        "promise it; null: the likely ones.",
    )


class Listed(Suggested):
    """A suggested code as it stands on a chart."""

    likely: bool = Field(description="The model would give it.")
    state: Literal["open", "accepted", "rejected", "added"]


class OnScreen(Given):
    """The list as it was kept before it was sent: decisions refer to it."""

    note: int
    screen: int | None = Field(description="Send it with decisions on this list. Null: no model.")
    checkpoint: str | None
    memory: str
    truncated_at: int | None
    coverage: float | None
    withheld: bool = Field(
        description="This chart is on trial: its first list is made in the app, without help."
    )
    problem: str | None = Field(description="Why there are no suggestions, if there is no model.")
    sequence: int = Field(description="Send it as `seen` with the next decision.")
    suggestions: list[Listed]


class OnACode(Sent):
    """What all decisions say."""

    code: CodeName
    seen: Offset = Field(
        examples=[0],
        description="`sequence` of the last answer on this note. If somebody decided on the same "
        "code since, that is a conflict, and nothing is written.",
    )
    screen: Number | None = Field(
        default=None, examples=[None], description="The list the decision was made on, if any."
    )


class Accept(OnACode):
    """A suggested code is right."""

    kind: Literal["accept"]
    evidence: list[Stretch] = Field(
        default=[], max_length=MOST_MARKS, description="What was marked in the note for it."
    )


class Reject(OnACode):
    """A suggested code is wrong."""

    kind: Literal["reject"]
    reason: Reason


class Add(OnACode):
    """A code that was not suggested."""

    kind: Literal["add"]
    evidence: list[Stretch] = Field(
        default=[], max_length=MOST_MARKS, description="What was marked in the note for it."
    )


class Change(OnACode):
    """Another code in place of this one, as one step."""

    kind: Literal["change"]
    instead: CodeName
    evidence: list[Stretch] = Field(
        default=[], max_length=MOST_MARKS, description="What was marked for the other code."
    )


class Retract(OnACode):
    """Take back the decision on this code; what stood before it stands again."""

    kind: Literal["retract"]


Decision = Annotated[
    Accept | Reject | Add | Change | Retract,
    Field(discriminator="kind"),
]


class Standing(Given):
    """A decision that stands."""

    code: CodeName
    title: str
    state: Literal["accepted", "rejected", "added"]
    decided_by: str
    reason: str | None
    evidence: list[Stretch]


class Finding(Given):
    """What a check found. Errors keep a chart from being finished, warnings do not."""

    rule: str
    level: Literal["error", "warning"]
    codes: list[CodeName]
    says: str
    to_do: str
    source: str


class Chart(Given):
    """What stands on a note."""

    note: int
    status: Literal["new", "in progress", "done"]
    held_by: str | None = Field(description="Another coder who has the chart; null: nobody else.")
    sequence: int = Field(description="Send it as `seen` with the next decision.")
    decisions: list[Standing]
    findings: list[Finding] = Field(description="What the checks say of it, errors first.")


class FoundCode(Given):
    """A code that matches a search."""

    code: CodeName
    title: str
    billable: bool
    flags: list[str] = Field(examples=[["unspecified"]])
    found_by: str | None = Field(description="The other name it was found by.")


class FoundCodes(Given):
    """The best matches, best first."""

    codes: list[FoundCode]
