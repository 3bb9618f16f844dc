"""One chart that two coders finished: what they differ in, side by side, and settling it."""

from collections.abc import Sequence
from uuid import uuid4

import streamlit as st

from core.errors import BadInput, Conflict
from ui.components.errors import problem
from ui.components.quotes import Column, quotes
from ui.language import said, t
from ui.services.double_coding import Compared, Decision, Difference, DoubleCoding
from ui.services.grounds import Ground, passages
from ui.services.intents import REASONS
from ui.services.methods import name as method_name
from ui.services.wording import given, settled
from ui.session import CODE, NOTE


def adjudication(service: DoubleCoding, note_id: int, *, by: str) -> None:
    """Draw the chart's differences, the one at hand in full, and take what is settled."""
    top, back = st.columns([5, 1.3], vertical_alignment="center")
    if back.button(
        t("All charts"), key="compare-back", icon=":material/arrow_back:", width="stretch"
    ):
        _leave()
    try:
        chart = service.open(note_id)
    except BadInput as error:
        problem(said(str(error)))
        return
    top.text("\n".join(_head(chart)))
    if not chart.differences:
        st.text(t("✓ The two coders gave the same codes. There is nothing to settle."))
        return
    may_settle = by not in chart.parties
    if not may_settle:
        problem(
            t("You coded this chart yourself. Somebody who coded neither time has to settle it.")
        )
    left, right = st.columns([4, 7], gap="medium")
    at = _at_hand(chart)
    with left:
        _list(chart, at)
        _steps(chart, at)
        _ending(service, chart, by=by, may_settle=may_settle)
    with right:
        _side_by_side(chart, chart.differences[at])
        if may_settle and not chart.finished:
            _settling(service, chart, at, by=by)


def _leave() -> None:
    for name in (NOTE, CODE):
        st.query_params.pop(name, None)
    st.rerun()


def _head(chart: Compared) -> tuple[str, ...]:
    codes = ", ".join(str(each.code) for each in chart.agreed) or t("none")
    one, other = (str(each) if each else t("none chosen") for each in chart.principals)
    principal = (
        t("Principal diagnosis of both: {one}.", one=one)
        if one == other
        else t(
            "≠ Principal diagnosis: the first coder has {one}, the second {other}.",
            one=one,
            other=other,
        )
    )
    first, second = chart.coders
    return (
        chart.note.name,
        t("First coder: {first}. Second: {second}.", first=first, second=second),
        t("Both gave: {codes}.", codes=codes),
        principal,
    )


def _at_hand(chart: Compared) -> int:
    """The difference in the address, else the first that is open, else the first."""
    codes = [str(each.code) for each in chart.differences]
    named = st.query_params.get(CODE)
    if named in codes:
        return codes.index(named)
    still = chart.unsettled
    return chart.differences.index(still[0]) if still else 0


def _list(chart: Compared, at: int) -> None:
    st.dataframe(
        {
            " ": ["▶" if place == at else "" for place in range(len(chart.differences))],
            t("Settled"): [said(settled(each.settled)) for each in chart.differences],
            t("Code"): [each.code.code for each in chart.differences],
            t("Given by"): [_giver(chart, each) for each in chart.differences],
            t("Title"): [each.title for each in chart.differences],
        },
        hide_index=True,
        key="compare-differences",
        height="content",
        column_config={" ": st.column_config.TextColumn(width=30)},
    )


def _giver(chart: Compared, difference: Difference) -> str:
    return chart.coders[0] if difference.first is not None else chart.coders[1]


def _steps(chart: Compared, at: int) -> None:
    back, forth = st.columns(2)
    ways = (
        (back, "previous", t("Previous"), "K", at - 1),
        (forth, "next", t("Next"), "J", at + 1),
    )
    for place, way, label, key, to in ways:
        place.button(
            label,
            key=f"compare-{way}",
            shortcut=key,
            width="stretch",
            disabled=not 0 <= to < len(chart.differences),
            on_click=_turn_to,
            args=(chart.differences, to),
        )


def _turn_to(found: Sequence[Difference], to: int) -> None:
    st.query_params[CODE] = str(found[to].code)


def _side_by_side(chart: Compared, difference: Difference) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):  # wraps where it is narrow
        st.text(f"{difference.code} · {difference.title}", width="stretch")
        whole = st.toggle(
            t("Whole note"), key="compare-whole", help=t("Off: only the words it rests on.")
        )
        st.page_link(
            "ui/pages/history.py",
            label=t("Timeline"),
            icon=":material/history:",
            query_params={NOTE: str(chart.note.id)},
        )
    columns = [
        _column(chart, name, decision, difference.refused, whole=whole)
        for name, decision in zip(chart.coders, (difference.first, difference.second), strict=True)
    ]
    key = f"compare-quotes-{chart.note.id}-{difference.code}"
    quotes(columns, key=key, language=chart.note.language)


def _column(
    chart: Compared,
    name: str,
    decision: Decision | None,
    refused: Decision | None,
    *,
    whole: bool,
) -> Column:
    if decision is None:
        why = (
            t("Said nothing of this code.")
            if refused is None
            else t("Rejected it: {reason}.", reason=said(refused.reason or ""))
        )
        return Column(name=name, icon="✕", state=t("did not give it"), lines=[why])
    ground = chart.grounds[decision.id]
    return Column(
        name=name,
        icon="✓",
        state=said(given(decision)),
        lines=[_rests_on(ground)],
        passages=passages(chart.note.text, ground, whole=whole),
    )


def _rests_on(ground: Ground) -> str:
    if ground.marked:
        return t("Marked these words.")
    if ground.shown:
        method = said(method_name(ground.method)).lower()
        return t("Marked nothing. Was shown these words ({method}).", method=method)
    return t("Marked nothing, and was shown no evidence.")


def _settling(service: DoubleCoding, chart: Compared, at: int, *, by: str) -> None:
    code = chart.differences[at].code
    kept = st.button(
        t("Keep this code"),
        key="settle-keep",
        shortcut="A",
        type="primary",
        icon=":material/check:",
    )
    st.caption(t("Or leave it out, with the reason:"))
    reason = None
    for place, each in zip(_thirds(), enumerate(REASONS, start=1), strict=True):
        number, words = each
        if place.button(
            said(words).capitalize(), key=f"settle-{number}", shortcut=str(number), width="stretch"
        ):
            reason = words
    if not kept and reason is None:
        return
    try:
        service.settle(
            chart.note.id,
            code,
            keep=kept,
            coder=by,
            token=str(uuid4()),
            reason=reason,
            seen=chart.sequence,
        )
    except (BadInput, Conflict) as error:
        problem(said(str(error)))
        return
    later = [each for each in chart.differences[at + 1 :] if each.settled is None]
    if later:
        st.query_params[CODE] = str(later[0].code)
    else:
        st.query_params.pop(CODE, None)
    st.rerun()


def _thirds() -> list[st.delta_generator.DeltaGenerator]:
    return [*st.columns(3), *st.columns(3)]


def _ending(service: DoubleCoding, chart: Compared, *, by: str, may_settle: bool) -> None:
    open_ones = len(chart.unsettled)
    if chart.finished:
        st.text(t("● Settled and finished. What was kept holds for this chart."))
        if st.button(t("Reopen"), key="settle-reopen", icon=":material/lock_open:"):
            service.reopen(chart.note.id, coder=by)
            st.rerun()
        return
    if not may_settle:
        return
    st.text(
        t(
            "{open_ones} of {differences} still to settle.",
            open_ones=open_ones,
            differences=len(chart.differences),
        )
    )
    undo, finish = st.columns(2)
    if undo.button(
        t("Undo"),
        key="settle-undo",
        shortcut="Z",
        width="stretch",
        disabled=open_ones == len(chart.differences),
    ):
        service.undo(chart.note.id, coder=by, token=str(uuid4()), seen=chart.sequence)
        st.query_params.pop(CODE, None)
        st.rerun()
    if finish.button(
        t("Finish"),
        key="settle-finish",
        shortcut="F",
        type="primary",
        width="stretch",
        disabled=open_ones > 0,
    ):
        service.finish(chart.note.id, coder=by)
        st.rerun()
