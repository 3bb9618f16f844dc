"""Tables of models trained here: which there are, and which was in use when. Only ever added to."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from db.tables import Base


class ModelRow(Base):
    """A model that was trained here: the hash of its checkpoint, its folder, and its lineage."""

    __tablename__ = "models"
    __table_args__ = (
        CheckConstraint("length(hash) = 64", name="hash"),
        CheckConstraint("trim(name) <> ''", name="name"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    hash: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    folder: Mapped[str] = mapped_column(unique=True)  # in the folder of models; never a path
    parent: Mapped[str | None]  # the hash of the checkpoint it was trained from
    lineage: Mapped[dict[str, Any]] = mapped_column(JSON())  # Any: JSON as training wrote it
    by: Mapped[str]
    at: Mapped[datetime]


class ModelEventRow(Base):
    """A model was put into use, taken out of use again, or set to run as a shadow."""

    __tablename__ = "model_events"
    __table_args__ = (
        CheckConstraint("kind IN ('promoted', 'rolled back', 'shadowed')", name="kind"),
        CheckConstraint("kind = 'shadowed' OR trim(reason) <> ''", name="reason"),
        Index(None, "kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    model_id: Mapped[int | None] = mapped_column(ForeignKey("models.id"))
    # in use from then on, NULL: the shipped one; or the shadow, NULL: none
    reason: Mapped[str]
    by: Mapped[str]
    at: Mapped[datetime]
