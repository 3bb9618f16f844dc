"""Tables of what was deleted on request: the tombstone, and which records lost their words."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.tables import Base


class TombstoneRow(Base):
    """A note whose words were deleted: by whom, when, why. Holds none of them."""

    __tablename__ = "tombstones"
    __table_args__ = (CheckConstraint("trim(reason) <> ''", name="reason"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    note_id: Mapped[int] = mapped_column(ForeignKey("notes.id"), unique=True)
    sha256: Mapped[str]  # of the text that is gone
    by: Mapped[str]
    reason: Mapped[str]
    at: Mapped[datetime]


class ErasedRow(Base):
    """A record that lost its words: its hash in the trail, and its hash since then."""

    __tablename__ = "erased"
    __table_args__ = (UniqueConstraint("kind", "row_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    tombstone_id: Mapped[int] = mapped_column(ForeignKey("tombstones.id"), index=True)
    kind: Mapped[str]  # the record's table
    row_id: Mapped[int]
    before: Mapped[str]
    after: Mapped[str]
