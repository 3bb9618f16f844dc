"""The typed tables. Notes, screens, decisions and all below them are only ever added to.

`computed_evidence` and `benefits` are caches: their rows never change either, but may be dropped.
A new table of records also joins the trail: a line in `db.trail.RECORDS`.

The triggers that refuse UPDATE and DELETE live in the migrations, because they differ by dialect.
"""

from datetime import UTC, date, datetime

from sqlalchemy import (
    JSON,
    CheckConstraint,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    MetaData,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class UtcDateTime(TypeDecorator[datetime]):
    """An aware time, kept in UTC to the microsecond, also where the database knows no zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone; pass datetime.now(UTC)")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012  (SQLAlchemy reads a plain dict here)
        str: Text(),
        datetime: UtcDateTime(),
        dict[str, float]: JSON(),
    }


class NoteRow(Base):
    __tablename__ = "notes"
    __table_args__ = (CheckConstraint("characters > 0", name="not_empty"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    text: Mapped[str]
    sha256: Mapped[str] = mapped_column(unique=True)
    characters: Mapped[int]
    source: Mapped[str]
    language: Mapped[str | None]
    uploaded_by: Mapped[str]
    created_at: Mapped[datetime]
    format: Mapped[str | None]  # of the file; None: before 0005, or not from a file
    external_id: Mapped[str | None] = mapped_column(index=True)
    encounter_id: Mapped[str | None] = mapped_column(index=True)
    patient_id: Mapped[str | None]
    age: Mapped[int | None]
    sex: Mapped[str | None]
    birth_date: Mapped[date | None]
    service_date: Mapped[date | None]


class ScreenRow(Base):
    __tablename__ = "screens"
    __table_args__ = (
        CheckConstraint("truncated_at >= 0", name="truncated_at"),
        Index(None, "note_id", "coder"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    note_id: Mapped[int] = mapped_column(ForeignKey("notes.id"))
    coder: Mapped[str]
    checkpoint: Mapped[str]
    checkpoint_hash: Mapped[str]
    thresholds: Mapped[dict[str, float]]
    truncated_at: Mapped[int | None]
    app_version: Mapped[str]
    shown_at: Mapped[datetime]
    memory: Mapped[str] = mapped_column(server_default="")
    coverage: Mapped[float | None]
    cut: Mapped[float | None]
    suggestions: Mapped[list["SuggestionRow"]] = relationship(
        order_by="SuggestionRow.id", lazy="selectin"
    )


class SuggestionRow(Base):
    __tablename__ = "suggestions"
    __table_args__ = (
        CheckConstraint("probability >= 0 AND probability <= 1", name="probability"),
        CheckConstraint("rank >= 1", name="rank"),
        UniqueConstraint("screen_id", "task", "rank"),
        UniqueConstraint("screen_id", "task", "system", "code"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    screen_id: Mapped[int] = mapped_column(ForeignKey("screens.id"))
    task: Mapped[str]
    system: Mapped[str]
    code: Mapped[str]
    title: Mapped[str]
    category_system: Mapped[str | None]
    category_code: Mapped[str | None]
    rank: Mapped[int]
    probability: Mapped[float]
    source: Mapped[str]
    provenance: Mapped[str] = mapped_column(server_default="")
    contexts: Mapped[str] = mapped_column(server_default="")  # comma between them


class ExplanationRow(Base):
    __tablename__ = "explanations"

    id: Mapped[int] = mapped_column(primary_key=True)
    suggestion_id: Mapped[int] = mapped_column(ForeignKey("suggestions.id"), index=True)
    method: Mapped[str]
    delta: Mapped[float | None]
    shown_at: Mapped[datetime]
    evidence: Mapped[list["EvidenceRow"]] = relationship(
        order_by="EvidenceRow.rank", lazy="selectin"
    )


class EvidenceRow(Base):
    __tablename__ = "evidence"
    __table_args__ = (
        CheckConstraint('"start" >= 0 AND "end" > "start"', name="span"),
        UniqueConstraint("explanation_id", "rank"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    explanation_id: Mapped[int] = mapped_column(ForeignKey("explanations.id"))
    rank: Mapped[int]
    start: Mapped[int]
    end: Mapped[int]
    score: Mapped[float]


class SaidRow(Base):
    """What a coder was told of shown evidence: how far it can be trusted."""

    __tablename__ = "evidence_said"

    id: Mapped[int] = mapped_column(primary_key=True)
    explanation_id: Mapped[int] = mapped_column(ForeignKey("explanations.id"), index=True)
    before: Mapped[float]
    after: Mapped[float | None]
    words: Mapped[int]
    agreed: Mapped[int | None]
    memory: Mapped[str]
    sentences: Mapped[str]
    said_at: Mapped[datetime]


class DecisionRow(Base):
    __tablename__ = "decisions"
    __table_args__ = (
        CheckConstraint("action IN ('accept', 'reject', 'add', 'retract')", name="action"),
        CheckConstraint("action <> 'reject' OR trim(coalesce(reason, '')) <> ''", name="reason"),
        CheckConstraint("action <> 'retract' OR replaces IS NOT NULL", name="replaces"),
        CheckConstraint("sequence >= 1", name="sequence"),
        UniqueConstraint("note_id", "sequence"),
        # Nobody takes back a decision twice; the index also finds what was taken back.
        Index(
            "uq_decisions_retracted",
            "replaces",
            unique=True,
            sqlite_where=text("action = 'retract'"),
            postgresql_where=text("action = 'retract'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    note_id: Mapped[int] = mapped_column(ForeignKey("notes.id"))
    sequence: Mapped[int]
    system: Mapped[str]
    code: Mapped[str]
    title: Mapped[str]
    action: Mapped[str]
    reason: Mapped[str | None]
    coder: Mapped[str]
    decided_at: Mapped[datetime]
    token: Mapped[str] = mapped_column(unique=True)
    screen_id: Mapped[int | None] = mapped_column(ForeignKey("screens.id"))
    suggestion_id: Mapped[int | None] = mapped_column(ForeignKey("suggestions.id"))
    replaces: Mapped[int | None] = mapped_column(ForeignKey("decisions.id"))
    coding_pass: Mapped[str] = mapped_column(server_default="first")
    marks: Mapped[list["MarkRow"]] = relationship(order_by="MarkRow.id", lazy="selectin")


class MarkRow(Base):
    """A span the coder marked as evidence for their decision."""

    __tablename__ = "marks"
    __table_args__ = (CheckConstraint('"start" >= 0 AND "end" > "start"', name="span"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    decision_id: Mapped[int] = mapped_column(ForeignKey("decisions.id"), index=True)
    start: Mapped[int]
    end: Mapped[int]


class ChartEventRow(Base):
    __tablename__ = "chart_events"
    __table_args__ = (
        CheckConstraint("turn IN ('opened', 'finished', 'reopened')", name="turn"),
        Index(None, "note_id", "turn"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    note_id: Mapped[int] = mapped_column(ForeignKey("notes.id"))
    coder: Mapped[str]
    turn: Mapped[str]
    at: Mapped[datetime]
    coding_pass: Mapped[str] = mapped_column(server_default="first")


class ComputedRow(Base):
    """Evidence computed before, and all it depends on."""

    __tablename__ = "computed_evidence"
    __table_args__ = (
        UniqueConstraint(
            *("note_id", "system", "code", "method", "checkpoint_hash", "memory", "program"),
            name="uq_computed_evidence_key",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    note_id: Mapped[int] = mapped_column(ForeignKey("notes.id"))
    system: Mapped[str]
    code: Mapped[str]
    method: Mapped[str]
    checkpoint_hash: Mapped[str]
    memory: Mapped[str]
    program: Mapped[str]
    content: Mapped[str]  # JSON; db.computed reads and writes it
    computed_at: Mapped[datetime]


class BenefitRow(Base):
    """What coding a note next may teach, as computed with one checkpoint."""

    __tablename__ = "benefits"
    __table_args__ = (UniqueConstraint("checkpoint_hash", "note_id", name="uq_benefits_key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    note_id: Mapped[int] = mapped_column(ForeignKey("notes.id"))
    checkpoint_hash: Mapped[str]
    memory: Mapped[str]
    content: Mapped[str]  # JSON; ui.services.benefits reads and writes it
    computed_at: Mapped[datetime]


class TrailRow(Base):
    """An entry of the audit trail: a record that was added, chained to all entries before it."""

    __tablename__ = "trail"
    __table_args__ = (
        CheckConstraint("sequence >= 1", name="sequence"),
        UniqueConstraint("kind", "row_id"),
    )

    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]  # the record's own time
    kind: Mapped[str]  # its table
    row_id: Mapped[int]
    content: Mapped[str]  # hash of the record
    previous: Mapped[str]  # hash of the entry before
    hash: Mapped[str]  # of this entry
