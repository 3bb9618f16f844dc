"""Choosing two models: the one in use, and the one it is held against."""

from collections.abc import Mapping, Sequence

import streamlit as st

from ui.language import t
from ui.services.candidates import Candidate


def two_models(there: Sequence[Candidate], *, key: str) -> tuple[Candidate, Candidate] | None:
    """The two that are chosen, A and B; None, and why is said, if there is but one."""
    if len(there) < 2:
        st.text(
            t(
                "There is only one model here, so there is nothing to hold it against. A lead "
                "trains another one on the Train tab."
            )
        )
        return None
    of = {each.checkpoint: each for each in there}
    left, right = st.columns(2)
    a = left.selectbox(
        t("Model A, usually the one in use"),
        list(of),
        format_func=lambda checkpoint: model_name(of[checkpoint]),
        key=f"{key}-a",
    )
    others = [checkpoint for checkpoint in of if checkpoint != a]
    b = right.selectbox(
        t("Model B, usually a candidate"),
        others,
        format_func=lambda checkpoint: model_name(of[checkpoint]),
        key=f"{key}-b",
    )
    return of[a], of[b]


def model_name(model: Candidate) -> str:
    """Its name, the beginning of its hash, and whether coders work with it."""
    name = f"{model.name} ({model.checkpoint[:8]})"
    if model.in_use:
        return t("{name}, in use", name=name)
    return t("{name}, shadow", name=name) if model.shadow else name


def sides(a: str, b: str) -> Mapping[str, str]:
    """The names of both as a legend tells them."""
    return {"a": f"A: {a}", "b": f"B: {b}"}
