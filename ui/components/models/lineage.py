"""Where a model came from: the feedback, the settings and the checkpoints behind it."""

from collections.abc import Iterator, Mapping
from typing import Any

import streamlit as st

from ui.language import nt, t
from ui.services.models import Known, Overview

DRAWN_ELSEWHERE = ("history", "parent", "lessons", "settings", "new_codes")
_LONGEST = 160  # characters of a value; the model card has all of it


def trained_on(model: Known) -> str:
    """In a few words, the feedback a model was trained on."""
    lessons = model.lineage.get("lessons")
    if isinstance(lessons, int):
        return nt("feedback on {count} note", "feedback on {count} notes", lessons)
    return "–"


def lineage_of(model: Known, overview: Overview) -> None:
    """The chosen model: its ancestors, and what each training was given."""
    st.subheader(t("Where it comes from"), anchor=False)
    st.text(" ← ".join(_line(model, overview)))
    if model.folder is None:
        st.caption(t("It came with Evicode. Its figures stand on the insights page."))
        return
    pairs = dict(_facts(model))
    st.dataframe(
        {t("What"): list(pairs), t("Value"): list(pairs.values())},
        hide_index=True,
        key="models-lineage",
        width="stretch",
    )


def _line(model: Known, overview: Overview) -> Iterator[str]:
    """The model and those before it, as far as the registry knows them."""
    by_hash = {each.hash: each for each in overview.models}
    seen: set[str] = set()
    now: Known | None = model
    while now is not None and now.hash not in seen:
        seen.add(now.hash)
        yield f"{now.name} ({now.hash[:12]})"
        if now.parent is not None and now.parent not in by_hash:
            yield t("{hash}, not known here", hash=now.parent[:12])
        now = by_hash.get(now.parent or "")


def _facts(model: Known) -> Iterator[tuple[str, str]]:
    lineage = model.lineage
    yield t("Folder"), model.folder or ""
    yield t("Hash"), model.hash
    if isinstance(lessons := lineage.get("lessons"), int):
        yield t("Notes of feedback"), f"{lessons:,}"
    for name, codes in _mapping(lineage.get("new_codes")).items():
        listed = ", ".join(map(str, codes)) if isinstance(codes, list) else str(codes)
        yield t("New codes ({task})", task=name), _short(listed or "–")
    for name, value in _mapping(lineage.get("settings")).items():
        yield str(name).replace("_", " "), _short(str(value))
    for name, value in lineage.items():
        if name not in DRAWN_ELSEWHERE and value is not None:
            yield str(name).replace("_", " "), _short(_plain(value))


def _mapping(value: object) -> Mapping[str, Any]:  # Any: JSON as training wrote it
    return value if isinstance(value, Mapping) else {}


def _plain(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {each}" for name, each in value.items())
    return str(value)


def _short(value: str) -> str:
    return value if len(value) <= _LONGEST else f"{value[: _LONGEST - 1]}…"
