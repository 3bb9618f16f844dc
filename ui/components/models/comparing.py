"""The Compare tab: two models held against each other on notes that neither learned from."""

import streamlit as st

from core.errors import BadInput
from ui.components.models.choosing import model_name, sides, two_models
from ui.components.models.outcome import outcome
from ui.language import msgid, said, t
from ui.services.comparing import FEEDBACK, Asked, Comparing, Kept, Running
from ui.services.rights import Action, may
from ui.session import actor
from ui.workbench import workbench

POLL = 1.0  # seconds
_FEEDBACK = msgid("decisions that are held out")


def comparing() -> None:
    """Draw the tab."""
    service = workbench().comparing
    st.caption(
        t(
            "About every fifth note, chosen by its name, is held out: no model is trained on it, "
            "so that models can be compared on it."
        )
    )
    chosen = two_models(service.candidates(), key="compare")
    if chosen is None:
        return
    a, b = chosen
    asked = Asked(a=a.checkpoint, b=b.checkpoint, on=_on(service))
    st.fragment(_watched, run_every=POLL if _at_work(service.running()) else None)(service, asked)
    kept = service.kept(asked)
    if kept is None:
        st.text(t("These two were not compared on this yet."))
        return
    _made(kept)
    outcome(
        kept.found,
        names=sides(model_name(a), model_name(b)),
        tables=workbench().tables,
        key="compare",
        caveats=[
            t("Both models had learned the same decisions, and none of those on these notes.")
        ],
    )


def _on(service: Comparing) -> str:
    """What is compared on."""
    grounds = service.grounds()
    if len(grounds) == 1:
        return FEEDBACK
    chosen = st.segmented_control(
        t("Compare on"),
        grounds,
        format_func=_ground,
        default=FEEDBACK,
        required=True,
        key="compare-on",
    )
    return chosen or FEEDBACK


def _ground(name: str) -> str:
    return t(_FEEDBACK) if name == FEEDBACK else t("dev notes of {name}", name=name)


def _watched(service: Comparing, asked: Asked) -> None:
    """Start, progress and stop. Drawn anew each second while something is at work."""
    running = service.running()
    teaches = may(actor(), Action.TEACH)
    if running is not None and not running.ended:
        st.session_state["compare-watched"] = True
        st.progress(running.share, text=t("Comparing: {share} %", share=int(100 * running.share)))
        if teaches and st.button(t("Stop"), key="compare-stop", icon=":material/stop:"):
            service.stop()
        return
    if st.session_state.pop("compare-watched", False):
        st.rerun()  # what was found is drawn outside of this fragment
    if running is not None and running.problem is not None and running.asked == asked:
        st.warning(t("The comparison came to nothing."), icon=":material/warning:")
        st.text(said(running.problem))
    if not teaches:
        st.text(t("A lead can compare these two anew."))
    elif st.button(t("Compare"), key="compare-start", type="primary", icon=":material/balance:"):
        _start(service, asked)


def _start(service: Comparing, asked: Asked) -> None:
    try:
        service.start(asked, by=actor().name)
    except BadInput as error:
        st.text(said(str(error)))
        return
    st.rerun()


def _at_work(running: Running | None) -> bool:
    return running is not None and not running.ended


def _made(kept: Kept) -> None:
    st.text(t("Compared by {by}, {at} (UTC).", by=kept.by, at=f"{kept.at:%Y-%m-%d %H:%M}"))
