"""Table of training runs: what was asked for, and what became of it. Only ever added to."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from db.tables import Base


class TrainingEventRow(Base):
    """One step of a run: asked for, started, resumed, and how it ended. Holds no words of notes."""

    __tablename__ = "training_events"
    __table_args__ = (
        CheckConstraint(
            "step IN ('asked', 'started', 'resumed', 'done', 'failed', 'cancelled', 'discarded')",
            name="step",
        ),
        CheckConstraint("(step = 'asked') = (settings IS NOT NULL)", name="settings"),
        CheckConstraint("(step = 'done') = (model IS NOT NULL)", name="model"),
        CheckConstraint("step <> 'failed' OR reason IS NOT NULL", name="reason"),
        Index(
            "uq_training_events_asked",
            "run",
            unique=True,
            sqlite_where=text("step = 'asked'"),
            postgresql_where=text("step = 'asked'"),
        ),
        Index(None, "run"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    run: Mapped[str]  # its name, also that of the model it makes
    step: Mapped[str]
    settings: Mapped[dict[str, Any] | None] = mapped_column(  # Any: plain JSON
        JSON(none_as_null=True)
    )
    model: Mapped[str | None]  # hash of the checkpoint
    reason: Mapped[str | None]
    by: Mapped[str]
    at: Mapped[datetime]
