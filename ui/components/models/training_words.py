"""What is said of a training run: how far it is, how long it still takes, what became of it."""

from datetime import datetime

from ui.language import msgid, nt, said, t
from ui.services.training import Phase, Progress, Seen, State

_MARKS = {
    State.GOES_ON: "▶",
    State.DONE: "✓",
    State.FAILED: "⚠",
    State.STOPPED: "⚠",
    State.CANCELLED: "■",
    State.ELSEWHERE: "▶",
    State.DISCARDED: "✕",
}
_NOW = {
    State.STOPPED: msgid(
        "Stopped before it was done: its process was killed, or went with the machine. Resume goes "
        "on from the last full pass."
    ),
    State.CANCELLED: msgid("Cancelled. Resume goes on from the last full pass."),
    State.FAILED: msgid("Failed. Set right what is said below, then resume."),
    State.ELSEWHERE: msgid(
        "It goes on on another machine with the same database; look there. Discard it only if that "
        "machine is gone."
    ),
}
_PHASES = {
    Phase.READING: msgid("Reading the model and the notes…"),
    Phase.PREPARING: msgid("Asking the model what it says of the notes now…"),
    Phase.SAVING: msgid("Saving the model…"),
    Phase.DONE: msgid("Saving the model…"),
}


def outcome(state: State) -> str:
    """A word for it, with a mark that needs no colour."""
    return f"{_MARKS[state]} {said(state.value)}"


def how_far(seen: Seen) -> str:
    """What the run does now, in a sentence."""
    if seen.state is not State.GOES_ON:
        return f"{_MARKS[seen.state]} {t(_NOW[seen.state])}"
    by, since = seen.run.asked_by, moment(seen.run.at)
    return t("▶ A model is being trained for {by}, since {since}.", by=by, since=since)


def bar_words(seen: Seen) -> str:
    """Beside the bar: the pass it is in, and the time left."""
    progress = seen.progress
    if progress is None or progress.phase in _PHASES:
        going_on = seen.state is State.GOES_ON
        if not going_on:
            return t("Nothing was learned yet.") if progress is None else ""
        return t(_PHASES[progress.phase if progress else Phase.READING])
    done, of = int(progress.epochs_done), progress.epochs
    if seen.state is State.GOES_ON and done == of:
        return t("All passes are done. Learning how far to trust network and memory…")
    if seen.state is not State.GOES_ON:
        return t("{done} of {of} passes are done.", done=done, of=of)
    words = t("Pass {number} of {of}", number=done + 1, of=of)
    left = _left(progress)
    return f"{words} · {left}" if left else words


def moment(at: datetime) -> str:
    """A time of the record; UTC."""
    return f"{at:%Y-%m-%d %H:%M} UTC"


def _left(progress: Progress) -> str:
    if progress.seconds_left is None:
        return ""
    minutes = round(progress.seconds_left / 60)
    if minutes < 1:
        return t("less than a minute left")
    if minutes < 120:
        return nt("about {count} minute left", "about {count} minutes left", minutes)
    return nt("about {count} hour left", "about {count} hours left", round(minutes / 60))
