"""Frozen records of audits: charts as drawn, what an auditor found, and what was answered."""

import dataclasses
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.types import Code


class FindingKind(StrEnum):
    """A change an auditor would make. `EDITED` is another code in place of the one given."""

    ADDED = "added"
    EDITED = "edited"
    REMOVED = "removed"
    POA = "poa"
    PRINCIPAL = "principal"


class AuditTurn(StrEnum):
    """A step of an audit, or of one of its findings."""

    FINISHED = "finished"
    ACKNOWLEDGED = "acknowledged"
    REBUTTED = "rebutted"
    WITHDRAWN = "withdrawn"
    ESCALATED = "escalated"
    UPHELD = "upheld"
    OVERTURNED = "overturned"


class FindingState(StrEnum):
    """How a finding stands: open, or what was last done to it."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    REBUTTED = "rebutted"
    WITHDRAWN = "withdrawn"
    ESCALATED = "escalated"
    UPHELD = "upheld"
    OVERTURNED = "overturned"


GONE = frozenset(
    {FindingState.WITHDRAWN, FindingState.OVERTURNED}
)  # no longer held against a chart


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """A chart to be audited, and why it was chosen."""

    note_id: int
    stratum: str = ""


@dataclass(frozen=True, kw_only=True)
class ChartAudit:
    """A chart drawn for audit; its coding is judged as it stood then."""

    id: int
    note_id: int
    sample: str  # names the draw
    method: str
    stratum: str
    seed: int
    population: int
    decisions_up_to: int
    details_up_to: int
    drawn_by: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class FindingDraft:
    """A finding an auditor wants to record; the token is as in `Draft`.

    `code` is the code it is about: given wrongly or with a wrong POA indicator, missing, or the one
    that should be the principal diagnosis. `corrected` is what an edited code should be.
    """

    audit_id: int
    kind: FindingKind
    code: Code
    auditor: str
    token: str
    corrected: Code | None = None
    poa: str | None = None
    comment: str = dataclasses.field(default="", repr=False)  # may quote the note


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A finding as it was recorded."""

    id: int
    audit_id: int
    kind: FindingKind
    code: Code
    corrected: Code | None
    poa: str | None
    comment: str = dataclasses.field(repr=False)
    auditor: str
    token: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class AuditEvent:
    """A turn as it was taken; `finding_id` is None where it is of the whole audit."""

    id: int
    audit_id: int
    finding_id: int | None
    turn: AuditTurn
    by: str
    comment: str = dataclasses.field(repr=False)
    at: datetime
