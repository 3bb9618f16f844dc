"""What repositories hand out and take in: frozen records that outlive the session.

Offsets are half-open code points of the note's text; times are aware and in UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from core.types import Code, Encounter, Evidence, Explanation, Note, Span, Suggestion


class Action(StrEnum):
    """What a coder did to a code of a note."""

    ACCEPT = "accept"
    REJECT = "reject"
    ADD = "add"
    RETRACT = "retract"


class Pass(StrEnum):
    """One coding of a note by people who did not see the others' decisions.

    `SECOND` is blind double coding; `ADJUDICATED` settles what the two differ in, and what it
    decides holds for the chart.
    """

    FIRST = "first"
    SECOND = "second"
    ADJUDICATED = "adjudicated"


class Turn(StrEnum):
    """What a coder did to a chart as a whole."""

    OPENED = "opened"
    FINISHED = "finished"
    REOPENED = "reopened"


class Status(StrEnum):
    """How far the chart of a note is."""

    NEW = "new"
    IN_PROGRESS = "in progress"
    DONE = "done"


@dataclass(frozen=True, kw_only=True)
class StoredNote:
    """A note as it was uploaded. `name` is unique and is its id in every file we write."""

    id: int
    name: str
    text: str = field(repr=False)  # a record may end up in a log line; the text must not
    sha256: str
    characters: int
    source: str
    language: str | None
    uploaded_by: str
    created_at: datetime
    format: str | None = None  # of the file it came in
    encounter: Encounter = field(default=Encounter(), repr=False)  # names a patient

    @property
    def deleted(self) -> bool:
        """Whether its words are gone; its name says since when."""
        return not self.text

    def as_note(self) -> Note:
        return Note(id=self.name, text=self.text, encounter=self.encounter)


@dataclass(frozen=True, kw_only=True)
class Added:
    """The outcome of an upload: the stored note, and whether its text was there before."""

    note: StoredNote
    duplicate: bool


@dataclass(frozen=True, kw_only=True)
class ShownSuggestion:
    """One suggestion of a screen. `rank` counts from 1 within its task."""

    id: int
    rank: int
    suggestion: Suggestion


@dataclass(frozen=True, kw_only=True)
class Screen:
    """One set of suggestions as a coder saw it, with all that is needed to see it again."""

    id: int
    note_id: int
    coder: str
    checkpoint: str
    checkpoint_hash: str
    thresholds: Mapping[str, float]
    truncated_at: int | None
    app_version: str
    shown_at: datetime
    suggestions: tuple[ShownSuggestion, ...]
    memory: str = ""  # which decisions memory had learned; empty: as shipped
    coverage: float | None = None  # share of a note's codes the list was to hold; None: likely ones
    cut: float | None = None  # the probability from which it lists codes then


@dataclass(frozen=True, kw_only=True)
class ShownExplanation:
    """The evidence for one suggestion as a coder saw it, strongest first."""

    id: int
    suggestion_id: int
    method: str
    delta: float | None
    shown_at: datetime
    spans: tuple[Evidence, ...]


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a coder was told of evidence they were shown: how far it can be trusted.

    The numbers are those of `core.inference.Confidence`; `memory` names what memory knew then.
    """

    explanation_id: int
    before: float
    after: float | None
    words: int
    agreed: int | None
    memory: str
    sentences: str  # as they stood on the page; they hold no text of the note
    said_at: datetime


@dataclass(frozen=True, kw_only=True)
class EvidenceKey:
    """What computed evidence depends on: the same key gives the same evidence."""

    note_id: int
    code: Code
    method: str  # that was asked for; another may have been used in its place
    checkpoint_hash: str
    memory: str = ""  # which decisions memory had learned; empty: none, or it has no say
    program: str = ""  # which version of the methods computed it


@dataclass(frozen=True, kw_only=True)
class Computed:
    """Evidence, and when it was computed."""

    explanation: Explanation
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A decision a coder wants to make. The token makes a repeated click write nothing twice."""

    note_id: int
    code: Code
    title: str
    action: Action
    coder: str
    token: str  # a fresh UUID for each intent, kept while it is retried; see `standing.part`
    reason: str | None = None
    screen_id: int | None = None
    suggestion_id: int | None = None
    evidence: tuple[Span, ...] = ()  # marked by the coder
    replaces: int | None = None  # id of the decision taken back, or made again
    coding_pass: Pass = Pass.FIRST


@dataclass(frozen=True, kw_only=True)
class Decision:
    """A decision as it was made; `sequence` counts the decisions of its note from 1.

    `replaces` names the decision a retract takes back; on any other action it names the retracted
    decision that was made again (redo).
    """

    id: int
    note_id: int
    sequence: int
    code: Code
    title: str
    action: Action
    coder: str
    token: str
    decided_at: datetime
    reason: str | None = None
    screen_id: int | None = None
    suggestion_id: int | None = None
    evidence: tuple[Span, ...] = ()
    replaces: int | None = None
    coding_pass: Pass = Pass.FIRST

    @property
    def subject(self) -> Code:
        return self.code

    @property
    def retracts(self) -> bool:
        return self.action is Action.RETRACT


@dataclass(frozen=True, kw_only=True)
class Lesson:
    """What stands on a note: its codes with their marked evidence, and the codes rejected."""

    note: Note
    rejected: frozenset[Code]


@dataclass(frozen=True, kw_only=True)
class ChartEvent:
    """One turn in the life of a chart."""

    id: int
    note_id: int
    coder: str
    turn: Turn
    at: datetime
    coding_pass: Pass = Pass.FIRST


@dataclass(frozen=True, kw_only=True)
class InboxRow:
    """A note as the inbox lists it; the counts are of standing decisions."""

    note_id: int
    name: str
    characters: int
    status: Status
    accepted: int
    rejected: int
    added: int
    created_at: datetime
    changed_at: datetime  # last decision, turn or upload
