"""Tables of who codes what: worklist, details of codes, audits, trials. Only ever added to."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from db.tables import Base


class WorkEventRow(Base):
    """One change to the worklist: a priority, an assignment, or a coder taking or leaving work."""

    __tablename__ = "work_events"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('prioritised', 'assigned', 'claimed', 'renewed', 'released')", name="kind"
        ),
        CheckConstraint("(kind = 'prioritised') = (priority IS NOT NULL)", name="priority"),
        CheckConstraint("kind NOT IN ('claimed', 'renewed') OR coder IS NOT NULL", name="coder"),
        Index(None, "note_id", "coding_pass", "kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    note_id: Mapped[int] = mapped_column(ForeignKey("notes.id"))
    coding_pass: Mapped[str]
    kind: Mapped[str]
    coder: Mapped[str | None]  # who is to do it, or has it now
    priority: Mapped[int | None]
    by: Mapped[str]
    at: Mapped[datetime]


class DetailRow(Base):
    """What a coder says of a code or a chart beyond the code itself: order, POA, comment."""

    __tablename__ = "details"
    __table_args__ = (
        CheckConstraint("field IN ('order', 'poa', 'comment', 'unrelated')", name="field"),
        CheckConstraint("action IN ('set', 'retract')", name="action"),
        CheckConstraint("action <> 'retract' OR replaces IS NOT NULL", name="replaces"),
        CheckConstraint("(code IS NULL) = (system IS NULL)", name="code"),
        CheckConstraint("field <> 'poa' OR code IS NOT NULL", name="poa"),
        CheckConstraint("sequence >= 1", name="sequence"),
        UniqueConstraint("note_id", "sequence"),
        Index(
            "uq_details_retracted",
            "replaces",
            unique=True,
            sqlite_where=text("action = 'retract'"),
            postgresql_where=text("action = 'retract'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    note_id: Mapped[int] = mapped_column(ForeignKey("notes.id"))
    coding_pass: Mapped[str]
    sequence: Mapped[int]
    field: Mapped[str]
    action: Mapped[str]
    system: Mapped[str | None]
    code: Mapped[str | None]
    value: Mapped[str]
    coder: Mapped[str]
    at: Mapped[datetime]
    token: Mapped[str] = mapped_column(unique=True)
    replaces: Mapped[int | None] = mapped_column(ForeignKey("details.id"))


class AuditRow(Base):
    """A chart drawn for audit, how it was drawn, and up to where its coding is audited."""

    __tablename__ = "audits"
    __table_args__ = (
        CheckConstraint("population >= 1", name="population"),
        UniqueConstraint("sample", "note_id"),
        Index(None, "note_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    note_id: Mapped[int] = mapped_column(ForeignKey("notes.id"))
    sample: Mapped[str]  # names the draw
    method: Mapped[str]
    stratum: Mapped[str]
    seed: Mapped[int]
    population: Mapped[int]  # charts it was drawn from
    decisions_up_to: Mapped[int]  # sequence of the last decision that is audited
    details_up_to: Mapped[int]
    drawn_by: Mapped[str]
    at: Mapped[datetime]


class FindingRow(Base):
    """What an auditor would change in a coded chart."""

    __tablename__ = "findings"
    __table_args__ = (
        CheckConstraint("kind IN ('added', 'edited', 'removed', 'poa', 'principal')", name="kind"),
        CheckConstraint("(corrected IS NULL) = (corrected_system IS NULL)", name="corrected"),
        Index(None, "audit_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    audit_id: Mapped[int] = mapped_column(ForeignKey("audits.id"))
    kind: Mapped[str]
    system: Mapped[str]
    code: Mapped[str]
    corrected_system: Mapped[str | None]
    corrected: Mapped[str | None]  # the code it should be, where it should be another
    poa: Mapped[str | None]  # the indicator it should have
    comment: Mapped[str]
    auditor: Mapped[str]
    at: Mapped[datetime]
    token: Mapped[str] = mapped_column(unique=True)


class AuditTurnRow(Base):
    """A step of an audit: finished by its auditor, or a finding answered, escalated, settled."""

    __tablename__ = "audit_turns"
    __table_args__ = (
        CheckConstraint(
            "turn IN ('finished', 'acknowledged', 'rebutted', 'withdrawn', 'escalated', 'upheld', "
            "'overturned')",
            name="turn",
        ),
        CheckConstraint("(turn = 'finished') = (finding_id IS NULL)", name="finding"),
        Index(None, "audit_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    audit_id: Mapped[int] = mapped_column(ForeignKey("audits.id"))
    finding_id: Mapped[int | None] = mapped_column(ForeignKey("findings.id"))
    turn: Mapped[str]
    by: Mapped[str]
    comment: Mapped[str]
    at: Mapped[datetime]


class TrialEventRow(Base):
    """A coder's chart on trial: suggestions withheld at first, or one of them wrong on purpose."""

    __tablename__ = "trial_events"
    __table_args__ = (
        CheckConstraint("kind IN ('blind first', 'seeded', 'submitted', 'revealed')", name="kind"),
        UniqueConstraint("note_id", "coder", "kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    note_id: Mapped[int] = mapped_column(ForeignKey("notes.id"))
    coder: Mapped[str]
    kind: Mapped[str]
    by: Mapped[str]
    at: Mapped[datetime]


class SeedRow(Base):
    """A shown suggestion that no model made: a sibling of a real one, put in on purpose."""

    __tablename__ = "seeds"

    id: Mapped[int] = mapped_column(primary_key=True)
    suggestion_id: Mapped[int] = mapped_column(ForeignKey("suggestions.id"), unique=True)
    sibling_id: Mapped[int] = mapped_column(ForeignKey("suggestions.id"))
    at: Mapped[datetime]
