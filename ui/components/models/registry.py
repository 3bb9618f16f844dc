"""The registry on the models page: every model, what it came from, and which one is in use."""

from collections.abc import Callable

import streamlit as st

from core.errors import EvicodeError
from ui.components.errors import problem
from ui.components.models.lineage import lineage_of, trained_on
from ui.language import msgid, said, t
from ui.services.models import Change, Known, Models, Overview
from ui.services.rights import Action, may
from ui.services.wording import moment
from ui.session import actor
from ui.workbench import model, workbench

SAID = "models-said"  # session state: what a button did, said once after the page is drawn anew
SEEN = "models-seen"  # the turn on the page as it was drawn last: what whoever clicks looked at
LOOK = "models-look"  # session state: the model just registered, which is looked at next
DONE = "models-done"  # counts what was done, so that the forms are empty again afterwards
REASON_WHAT = msgid("It is kept for good in the audit trail, with your name.")
LONGEST_REASON = 500
_CHANGES = {
    Change.PROMOTED: msgid("put into use"),
    Change.ROLLED_BACK: msgid("rolled back"),
    Change.SHADOWED: msgid("set as shadow"),
}
_WIDTH = 560  # pixels of a form


def registry() -> None:
    """Draw it all: the model in use, the others, what may be done, and what was done."""
    model()  # loaded by now, or known to be unusable
    models = workbench().models
    overview = models.listing()
    _say(overview)
    _table(overview)
    chosen = _chosen(overview)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        lineage_of(chosen, overview)
    with right:
        if may(actor(), Action.TEACH):
            _actions(models, overview, chosen)
        else:
            st.caption(t("A lead puts models into use and rolls back."))
    _history(overview)
    st.session_state[SEEN] = overview.standing.turn


def _seen(overview: Overview) -> int:
    """What they looked at as they clicked; the page has been read anew since."""
    return int(st.session_state.get(SEEN, overview.standing.turn))


def _say(overview: Overview) -> None:
    """What the last button did; which model works; what is wrong with it."""
    if (done := st.session_state.pop(SAID, None)) is not None:
        st.toast(done, icon=":material/check:")
    with st.container(border=True):
        if overview.problem is None:
            st.text(t("● In use: {name}", name=overview.name_of(overview.standing.in_use)))
            return
        st.text(
            t(
                "⚠ {name} is to be in use and cannot be loaded: {error}",
                name=overview.name_of(overview.standing.in_use),
                error=said(overview.problem),
            )
        )
        if overview.instead is not None:
            st.text(
                t(
                    "Suggestions come from {name} meanwhile. Restore the folder, or roll back.",
                    name=overview.instead,
                )
            )


def _table(overview: Overview) -> None:
    """Every model, the newest first."""
    rows = [_row(each, overview) for each in overview.models]
    heads = (
        *(t("Model"), t("Stands"), t("Hash"), t("Trained from")),
        *(t("Trained on"), t("Registered"), t("By")),
    )
    st.dataframe(
        {head: [row[place] for row in rows] for place, head in enumerate(heads)},
        hide_index=True,
        key="models-table",
        width="stretch",
    )


def _chosen(overview: Overview) -> Known:
    """The model to look at: at first the newest that is not in use."""
    by_hash = {each.hash: each for each in overview.models}
    waiting = [each.hash for each in overview.models if not each.in_use]
    options = list(by_hash)
    if st.session_state.get(LOOK) in options:
        st.session_state["models-chosen"] = st.session_state.pop(LOOK)
    chosen = st.selectbox(
        t("Look at"),
        options,
        index=options.index(waiting[0]) if waiting else 0,
        key="models-chosen",
        format_func=lambda digest: f"{by_hash[digest].name} ({digest[:12]})",
        width=_WIDTH,
    )
    return by_hash.get(chosen or "", overview.models[0])


def _row(model: Known, overview: Overview) -> tuple[str, ...]:
    return (
        model.name,
        _stands(model),
        model.hash[:12],
        "–" if model.parent is None else overview.name_of(model.parent),
        trained_on(model),
        "–" if model.at is None else moment(model.at),
        t("came with Evicode") if model.folder is None else model.by,
    )


def _stands(model: Known) -> str:
    """How a model stands, by word and shape."""
    stands = [
        word
        for word, holds in (
            (t("● in use"), model.in_use),
            (t("◐ the one before"), model.before),
            (t("○ shadow"), model.shadow),
        )
        if holds
    ]
    return ", ".join(stands) or "–"


def _actions(models: Models, overview: Overview, chosen: Known) -> None:
    """Promote, roll back, register: each says what it does before it is done."""
    _promote(models, overview, chosen)
    _roll_back(models, overview)
    _register(models, overview)


def _promote(models: Models, overview: Overview, chosen: Known) -> None:
    with st.expander(t("Put it into use"), expanded=True):
        if chosen.in_use:
            st.text(t("This model is in use. Choose another to put into use."))
            return
        with st.form(f"promote-{chosen.hash}", border=False, width=_WIDTH):
            st.text(
                t(
                    "{name} instead of {now}.",
                    name=chosen.name,
                    now=overview.name_of(overview.standing.in_use),
                )
            )
            st.caption(
                t(
                    "Every chart opened from then on gets its suggestions. A chart that somebody "
                    "decided on goes on with the model it was begun with."
                )
            )
            reason, sure = _asked("promote", chosen.hash)
            if st.form_submit_button(t("Put into use"), type="primary", key="promote-do"):
                _do(
                    lambda: models.promote(
                        chosen.promotes_as,
                        reason=reason,
                        by=actor().name,
                        seen=_seen(overview),
                    ),
                    t("{name} is in use.", name=chosen.name),
                    sure=sure,
                )


def _roll_back(models: Models, overview: Overview) -> None:
    before = overview.standing.before
    with st.expander(t("Roll back")):
        if not before:
            st.text(t("No model was put into use yet: there is none to go back to."))
            return
        name = overview.name_of(before[0])
        with st.form("roll-back", border=False, width=_WIDTH):
            st.text(t("Back to {name}, which was in use before.", name=name))
            reason, sure = _asked("roll-back", "")
            if st.form_submit_button(t("Roll back"), key="roll-back-do"):
                _do(
                    lambda: models.roll_back(reason=reason, by=actor().name, seen=_seen(overview)),
                    t("Rolled back: {name} is in use.", name=name),
                    sure=sure,
                )


def _asked(what: str, of: str) -> tuple[str, bool]:
    """The reason, and whether they say that they mean it."""
    of = f"{of}-{st.session_state.get(DONE, 0)}"
    reason = st.text_input(
        t("Reason"),
        key=f"{what}-reason-{of}",
        max_chars=LONGEST_REASON,
        placeholder=t("What it does better, or worse"),
        help=t(REASON_WHAT),
    )
    sure = st.checkbox(t("Yes, for everybody who codes here"), key=f"{what}-sure-{of}")
    return reason, sure


def _register(models: Models, overview: Overview) -> None:
    if not overview.unregistered:
        return
    with st.expander(t("Register a checkpoint")):
        st.caption(
            t(
                "These folders of models hold a checkpoint that nobody registered. It is read "
                "whole first; registering puts nothing into use."
            )
        )
        with st.form("register", border=False, width=_WIDTH):
            folder = st.selectbox(
                t("Folder"),
                list(overview.unregistered),
                key="register-folder",
                format_func=lambda name: f"{name} ({overview.unregistered[name][:12]})",
            )
            wanted = st.form_submit_button(t("Register it"), key="register-do")
            if wanted and folder is not None:
                name = str(folder)
                _do(lambda: _registered(models, name), t("{name} is registered.", name=name))


def _registered(models: Models, folder: str) -> None:
    st.session_state[LOOK] = models.register(folder, by=actor().name).hash


def _do(action: Callable[[], object], done: str, *, sure: bool = True) -> None:
    """Do it, with a word while it takes a moment, and draw the page anew."""
    if not sure:
        st.warning(t("Tick the box first: it concerns everybody."), icon=":material/warning:")
        return
    try:
        with st.spinner(t("Reading the model…")):
            action()
    except EvicodeError as error:
        problem(said(str(error)))
        return
    st.session_state[SAID] = done
    st.session_state[DONE] = st.session_state.get(DONE, 0) + 1
    st.rerun()


def _history(overview: Overview) -> None:
    st.subheader(t("What was in use when"), anchor=False)
    if not overview.history:
        st.caption(t("No model was put into use yet: the one Evicode came with makes the list."))
        return
    st.dataframe(
        {
            t("When"): [moment(each.at) for each in overview.history],
            t("What"): [t(_CHANGES[each.change]) for each in overview.history],
            t("Model"): [
                t("none")
                if each.change is Change.SHADOWED and each.model is None
                else overview.name_of(each.model)
                for each in overview.history
            ],
            t("Instead of"): [
                "–"
                if each.change is Change.SHADOWED and each.replaced is None
                else overview.name_of(each.replaced)
                for each in overview.history
            ],
            t("Why"): [each.reason or "–" for each in overview.history],
            t("By"): [each.by for each in overview.history],
        },
        hide_index=True,
        key="models-history",
        width="stretch",
    )
