"""Tables of the shadow: what a candidate would have listed, and what was listed beside it.

Only ever added to. They hold codes and numbers, no word of a note.
"""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from db.tables import Base


class ShadowListRow(Base):
    """What one model would list of a note when a screen was made. Nobody was shown it.

    Each screen has two: the candidate's, and the one of the model in use, to the same length.
    """

    __tablename__ = "shadow_lists"
    __table_args__ = (
        UniqueConstraint("screen_id", "checkpoint_hash"),
        Index(None, "checkpoint_hash"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    note_id: Mapped[int] = mapped_column(ForeignKey("notes.id"), index=True)
    screen_id: Mapped[int] = mapped_column(ForeignKey("screens.id"))
    checkpoint: Mapped[str]  # its name
    checkpoint_hash: Mapped[str]
    memory: Mapped[str]  # which decisions it had learned besides; empty: as it came
    likely_from: Mapped[float]
    scored_at: Mapped[datetime]
    codes: Mapped[list["ShadowCodeRow"]] = relationship(
        order_by="ShadowCodeRow.rank", lazy="selectin"
    )


class ShadowCodeRow(Base):
    """A code of such a list."""

    __tablename__ = "shadow_codes"
    __table_args__ = (
        CheckConstraint("rank >= 1", name="rank"),
        UniqueConstraint("list_id", "rank"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    list_id: Mapped[int] = mapped_column(ForeignKey("shadow_lists.id"))
    rank: Mapped[int]
    system: Mapped[str]
    code: Mapped[str]
    probability: Mapped[float]
