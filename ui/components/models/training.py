"""The tab "Train": what there is to learn from, how it is learned, how far that is, past runs."""

from collections.abc import Callable, Sequence
from datetime import date

import streamlit as st

from core.errors import EvicodeError
from ui.components.errors import problem
from ui.components.models.training_words import bar_words, how_far, moment, outcome
from ui.language import msgid, nt, said, t
from ui.services.rights import Action, may
from ui.services.training import Asked, Material, Seen, State, Training
from ui.session import actor
from ui.workbench import workbench

LOOK_EVERY = 2.0  # seconds
SHOWN = 50  # new codes that are listed
_PACES = {  # learning rates
    3e-4: msgid("Careful"),
    1e-3: msgid("Normal"),
    3e-3: msgid("Fast"),
}


def training() -> None:
    """Draw the tab; for who may not train models, that they may not."""
    if not may(actor(), Action.TEACH):
        st.text(t("A lead trains models here."))
        return
    service = workbench().training
    runs = service.listing()
    busy = bool(runs) and runs[0].state is State.GOES_ON
    st.fragment(_now, run_every=LOOK_EVERY if busy else None)(busy=busy)
    left, right = st.columns([2, 3], gap="large")
    with left:
        asked = _asked(has_base_corpus=service.has_base_corpus())
    with right:
        found = service.material(asked)
        _material(found)
        _start(service, asked, ready=not busy and found.decisions > 0)
    _past(runs)


def _now(*, busy: bool) -> None:
    """The run that goes on or can be resumed; draws itself anew while one goes on."""
    service = workbench().training
    seen = service.current()
    if busy and (seen is None or seen.state is not State.GOES_ON):
        st.rerun()  # the whole page: there may be a new model
    with st.container(border=True):
        if seen is None:
            st.text(t("No model is being trained."))
            return
        st.text(how_far(seen))
        progress = seen.progress
        share = progress.epochs_done / progress.epochs if progress and progress.epochs else 0.0
        st.progress(min(share, 1.0), bar_words(seen) or None)
        if seen.state is State.FAILED and seen.run.reason:
            st.text(said(seen.run.reason))
        with st.container(horizontal=True):
            _buttons(service, seen)


def _buttons(service: Training, seen: Seen) -> None:
    name, by = seen.run.name, actor().name
    if seen.state is State.GOES_ON and st.button(
        t("Cancel"),
        key="training-cancel",
        icon=":material/stop_circle:",
        help=t("What it has learned up to the last full pass is kept, and it can be resumed."),
    ):
        with st.spinner(t("Stopping…")):
            _do(lambda: service.cancel(name, by=by))
    if seen.can_go_on and st.button(
        t("Resume"), key="training-resume", icon=":material/play_circle:", type="primary"
    ):
        _do(lambda: service.go_on(name, by=by))
    if seen.state is not State.GOES_ON and st.button(
        t("Discard"),
        key="training-discard",
        icon=":material/delete:",
        help=t("Deletes what it has learned so far, and the text of notes that it kept."),
    ):
        _do(lambda: service.discard(name, by=by))


def _do(action: Callable[[], object]) -> None:
    """Do it and draw the page anew, or show why it could not be done."""
    try:
        action()
    except EvicodeError as error:
        problem(said(str(error)))
        return
    st.rerun()


def _asked(*, has_base_corpus: bool) -> Asked:
    st.subheader(t("How to learn"))
    one, two = st.columns(2)
    since = one.date_input(
        t("Decisions from (UTC)"), None, key="training-since",
        help=t("Empty: all. Nothing from before this day will be known to the new model."),
    )  # fmt: skip
    finished = two.selectbox(
        t("Charts"), [False, True], key="training-finished",
        format_func=lambda only: t("Finished ones only") if only else t("All with decisions"),
        help=t("A code nobody was shown counts neither for nor against it, finished or not."),
    )  # fmt: skip
    epochs = one.number_input(
        t("Passes over the notes"), 1, 1000, Asked.epochs, key="training-epochs",
        help=t("More passes learn more, take longer, and at last learn by heart."),
    )  # fmt: skip
    pace = two.selectbox(
        t("Pace"), list(_PACES), index=1, key="training-pace",
        format_func=lambda rate: t(_PACES[rate]),
        help=t("How much each pass may change. Careful forgets less, and needs more passes."),
    )  # fmt: skip
    min_count = one.number_input(
        t("Notes a new code needs"), 1, 1000, Asked.min_count, key="training-min-count",
        help=t("Codes the model does not rank yet are learned once so many notes have them."),
    )  # fmt: skip
    rehearse = two.number_input(
        t("Rehearsed charts for each note"), 0.0, 20.0, Asked.rehearse, 0.5,
        key="training-rehearse",
        help=t("More keep better what the model knew, and take longer."),
    )  # fmt: skip
    charts = st.checkbox(
        t("Rehearse finished charts"), value=not has_base_corpus, key="training-charts",
        help=t(
            "They are shown to the model whole: what nobody coded in a finished chart is taken "
            "for wrong there. This tells new codes from the rest."
        ),
    )  # fmt: skip
    corpus = st.checkbox(
        t("Rehearse the base corpus"), value=has_base_corpus, key="training-corpus",
        disabled=not has_base_corpus,
        help=t("What the first model was trained on; base_corpus in the settings names it."),
    )  # fmt: skip
    return Asked(
        since=since if isinstance(since, date) else None,
        finished=finished,
        epochs=epochs,
        learning_rate=pace,
        min_count=min_count,
        charts=charts,
        corpus=corpus and has_base_corpus,
        rehearse=rehearse,
    )


def _material(found: Material) -> None:
    st.subheader(t("What there is to learn from"))
    figures = (
        (t("Notes"), found.notes),
        (t("Codes accepted"), found.accepted),
        (t("Codes added"), found.added),
        (t("Codes rejected"), found.rejected),
        (t("New since the last run"), found.newer),
    )
    with st.container(horizontal=True):
        for name, value in figures:
            st.metric(name, f"{value:,}", width="content")
    if found.held_out:
        st.caption(
            nt(
                "{count} more note is held out: models are never taught by it, but compared on it.",
                "{count} more notes are held out: models are never taught by them, but compared on "
                "them.",
                found.held_out,
            )
        )
    st.text(_begins(found))
    if not found.new:
        st.text(t("No new code would be learned."))
    else:
        st.text(
            nt("{count} new code would be learned:", "{count} new codes would be learned:",
               len(found.new))
        )  # fmt: skip
        _new_codes(found)
    if found.rare:
        st.caption(
            nt(
                "{count} new code is in too few notes yet.",
                "{count} new codes are in too few notes yet.",
                found.rare,
            )
        )


def _begins(found: Material) -> str:
    """Which model learns it, and why that is not the one in use."""
    if found.start is None:
        return t(
            "The model Evicode came with learns all of it, each time: on notes that a model "
            "learned before, it could not be judged."
        )
    return t(
        "{name}, which learned no decisions yet, learns all of it, each time: on notes that a "
        "model learned before, it could not be judged.",
        name=found.start,
    )


def _new_codes(found: Material) -> None:
    tables = workbench().tables
    st.dataframe(
        {
            t("Code"): [code.code for code, _ in found.new[:SHOWN]],
            t("Title"): [tables.title(code) or "" for code, _ in found.new[:SHOWN]],
            t("Notes"): [notes for _, notes in found.new[:SHOWN]],
        },
        hide_index=True,
        key="training-new",
    )


def _start(service: Training, asked: Asked, *, ready: bool) -> None:
    pressed = st.button(
        t("Train a model"),
        key="training-start",
        icon=":material/model_training:",
        type="primary",
        disabled=not ready,
    )
    st.caption(
        t(
            "It takes minutes to hours beside the work of coders, who notice nothing. Nobody sees "
            "its suggestions before you compare it and put it into use."
        )
    )
    if pressed:
        with st.spinner(t("Writing what is to be learned…")):
            _do(lambda: service.start(asked, by=actor().name))


def _past(runs: Sequence[Seen]) -> None:
    st.subheader(t("Runs so far"))
    if not runs:
        st.text(t("None yet. What coders decide is learned by a run that you start above."))
        return
    st.dataframe(
        {
            t("Asked for"): [moment(seen.run.asked_at) for seen in runs],
            t("By"): [seen.run.asked_by for seen in runs],
            t("Outcome"): [outcome(seen.state) for seen in runs],
            t("Model"): [seen.run.name if seen.run.model else "" for seen in runs],
            t("Its hash"): [(seen.run.model or "")[:12] for seen in runs],
            t("Passes"): [seen.run.settings.get("epochs") for seen in runs],
            t("Why"): [said(seen.run.reason or "") for seen in runs],
        },
        hide_index=True,
        key="training-runs",
    )
