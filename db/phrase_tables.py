"""The table of what people changed in phrase memory by hand. Only ever added to."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from db.tables import Base


class PhraseEventRow(Base):
    """A phrase was switched off or on for a code, or added; or such an event was taken back."""

    __tablename__ = "phrase_events"
    __table_args__ = (
        CheckConstraint("action IN ('off', 'on', 'add', 'undo')", name="action"),
        CheckConstraint("action = 'undo' OR trim(reason) <> ''", name="reason"),
        CheckConstraint("(action = 'undo') = (replaces IS NOT NULL)", name="replaces"),
        CheckConstraint("action <> 'add' OR language IS NOT NULL", name="language"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    action: Mapped[str]
    words: Mapped[str]  # what the phrase is known by: its stems, a blank between them
    phrase: Mapped[str]  # as people read it
    language: Mapped[str | None]  # of an added phrase; the others hold in every language
    system: Mapped[str]
    code: Mapped[str]
    reason: Mapped[str]
    note_id: Mapped[int | None] = mapped_column(ForeignKey("notes.id"), index=True)
    # whose words they are; NULL: of the shipped memory, or typed
    by: Mapped[str]
    at: Mapped[datetime]
    replaces: Mapped[int | None] = mapped_column(ForeignKey("phrase_events.id"), unique=True)
