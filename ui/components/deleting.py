"""Deleting notes for good: what a lead is told and asked for before the words go."""

from collections.abc import Callable, Sequence

import streamlit as st

from core.errors import BadInput
from ui.language import msgid, nt, t
from ui.services.forgetting import LONGEST_REASON
from ui.services.rights import Actor
from ui.services.worklist import WorkRow
from ui.session import desk
from ui.workbench import workbench

DELETING = msgid(
    "What goes, for good and with no undo: the notes' text, names, ids, dates, age and sex, the "
    "comments and reasons written on them, the words that suggestions quoted from them, and "
    "phrases that memory learned from them alone."
)
STAYS = msgid(
    "What stays: codes and decisions, who made them and when, and an entry in the trail that says "
    "that you deleted the note, when, and why. Backups and files exported before keep the words."
)
REASON_WHAT = msgid(
    "It is kept for good: name the request, and nothing of the patient or from the note."
)
_REASON, _COUNT = "delete-reason", "delete-count"
_NAMED = 8  # names of notes that are shown before the rest is counted


def notes_of(marked: Sequence[WorkRow]) -> dict[int, str]:
    """The notes of the marked charts, each once: first and second coding are of one note."""
    return {row.work.note_id: row.name for row in marked}


def deletion(notes: dict[int, str], who: Actor) -> tuple[Callable[[], None], bool]:
    """Draw what goes and stays, and ask for reason and confirmation; give the action.

    The action refuses with BadInput, and nothing goes, unless the number of notes was typed.
    """
    st.caption(t(STAYS))
    st.text("\n".join(_named([*notes.values()])))
    st.text_input(
        t("Reason"),
        key=_REASON,
        max_chars=LONGEST_REASON,
        placeholder=t("Which request it follows"),
    )
    st.caption(t(REASON_WHAT))
    st.text_input(
        t("To confirm, type how many notes go: {count}", count=len(notes)),
        key=_COUNT,
    )
    return lambda: _delete([*notes], who), True


def deleted(count: int) -> str:
    """What is said once they are gone."""
    return nt(
        "{count} note deleted for good. The trail says who did it, when and why.",
        "{count} notes deleted for good. The trail says who did it, when and why.",
        count,
    )


def _delete(note_ids: Sequence[int], who: Actor) -> None:
    """Reads the fields as they are now: what was typed last comes in with the click."""
    typed = str(st.session_state.get(_COUNT, "")).strip()
    if typed != str(len(note_ids)):
        raise BadInput("nothing was deleted: to confirm, type the number of notes that go")
    reason = str(st.session_state.get(_REASON, "")).strip()
    workbench().forgetting.forget(note_ids, by=who.name, reason=reason)
    here = desk()  # which may hold their words: open, audited, or in an export not fetched yet
    here.opened = here.opened_for = here.audit = here.audit_drawn = here.prepared = None


def _named(names: Sequence[str]) -> list[str]:
    rest = len(names) - _NAMED
    more = [nt("and {count} more", "and {count} more", rest)] if rest > 0 else []
    return [*names[:_NAMED], *more]
