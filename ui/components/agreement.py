"""How first and second coders agree: the figures, in plain words, and the charts behind them."""

from collections.abc import Iterable, Mapping, Sequence

import streamlit as st

from core.errors import BadInput
from ui.components.figures import figures
from ui.language import msgid, t
from ui.services.double_coding import Agreements, CoderAgreement, DoubleCoding, TwiceCoded
from ui.services.tables import Tables

KAPPA = msgid(
    "Agreement beyond what chance alone would give: 1 is full agreement, 0 is chance, less than 0 "
    "is worse than chance. A dash: it cannot be said, because neither coder ever varied."
)
POSITIVE = msgid(
    "Of all codes that the two gave, the share that both gave. It says nothing of the codes that "
    "neither gave, and so is not flattered by them."
)
PRINCIPAL = msgid(
    "Of the charts on which both chose a principal diagnosis, those with the same one."
)
ALL = msgid("Everybody")
_FIGURE = st.column_config.NumberColumn(format="%.3f")
CONFIG = {"Kappa": _FIGURE, "Positive agreement": _FIGURE}


def overview(service: DoubleCoding, tables: Tables) -> int | None:
    """Draw the figures and the charts; the chart that was opened, or None."""
    with st.spinner(t("Comparing the codings…")):
        charts = service.charts()
    if not charts:
        st.text(
            t(
                "No chart has a second coding yet. A lead asks for one in the inbox; once two "
                "coders have finished, their codings are compared here."
            )
        )
        st.page_link("ui/pages/inbox.py", label=t("Open the inbox"), icon=":material/inbox:")
        return None
    coder = _coder(charts)
    found = _agreement(service, coder)
    if found is not None:
        _headline(found)
    return _tables(found, [each for each in charts if coder in (None, *each.coders)], tables)


def _coder(charts: Iterable[TwiceCoded]) -> str | None:
    names = sorted({name for each in charts for name in each.coders if name})
    chosen = st.selectbox(
        t("Coder"),
        [ALL, *names],
        key="compare-coder",
        width=320,
        format_func=lambda name: t(ALL) if name == ALL else name,
    )
    return None if chosen == ALL else chosen


def _agreement(service: DoubleCoding, coder: str | None) -> Agreements | None:
    try:
        with st.spinner(t("Counting…")):
            return service.agreement(coder=coder)
    except BadInput:
        st.text(t("No chart is finished by two coders yet, so there are no figures."))
        return None


def _headline(found: Agreements) -> None:
    overall = found.overall
    charts, kappa, positive, principal = st.columns(4)
    charts.metric(t("Charts finished by two"), found.charts, border=True)
    kappa.metric(t("Kappa"), _shown(overall.kappa), help=t(KAPPA), border=True)
    positive.metric(
        t("Positive agreement"), _shown(overall.positive), help=t(POSITIVE), border=True
    )
    principal.metric(
        t("Same principal diagnosis"),
        t("{same} of {all}", same=found.same_principal, all=found.both_chose_principal),
        help=t(PRINCIPAL),
        border=True,
    )
    with st.expander(t("What these figures say")):
        st.text(t("Kappa. {kappa}", kappa=t(KAPPA)))
        st.text(t("Positive agreement. {positive}", positive=t(POSITIVE)))
        st.text(t("Same principal diagnosis. {principal}", principal=t(PRINCIPAL)))
        st.text(
            t(
                "Counted here: {both} codes that both gave, {only_one} that only the first coder "
                "gave, {only_other} that only the second gave.",
                both=overall.both,
                only_one=overall.only_one,
                only_other=overall.only_other,
            )
        )


def _tables(found: Agreements | None, charts: Sequence[TwiceCoded], tables: Tables) -> int | None:
    of_charts, of_pairs, of_codes = st.tabs([t("Charts"), t("Pairs of coders"), t("Codes")])
    with of_charts:
        st.caption(t("Click a chart to see what its coders differ in, and to settle it."))
        chosen = figures(
            _charts(charts, {} if found is None else found.by_chart),
            key="compare-charts",
            file_name="agreement-by-chart.csv",
            config=CONFIG,
            choose=True,
        )
    if found is not None:
        with of_pairs:
            pairs = found.by_pair
            names = {
                msgid("One coder"): [one for one, _ in pairs],
                msgid("Other coder"): [other for _, other in pairs],
            }
            table = names | _figures(pairs.values())
            figures(table, key="compare-pairs", file_name="agreement-by-pair.csv", config=CONFIG)
        with of_codes:
            table = {
                "Code": [str(code) for code in found.by_code],
                "Title": [tables.title(code) or "" for code in found.by_code],
            } | _figures(found.by_code.values())
            figures(table, key="compare-codes", file_name="agreement-by-code.csv", config=CONFIG)
    return None if chosen is None else charts[chosen].note_id


def _charts(
    charts: Sequence[TwiceCoded], found: Mapping[str, CoderAgreement]
) -> dict[str, list[object]]:
    agreed = [found.get(each.name) for each in charts]
    return {
        "Chart": [each.name for each in charts],
        "State": [t(_state(each)) for each in charts],
        "First coder": [each.coders[0] for each in charts],
        "Second coder": [each.coders[1] for each in charts],
        "Differences": [each.differences for each in charts],
        "To settle": [each.open for each in charts],
        "Kappa": [None if each is None else each.kappa for each in agreed],
        "Positive agreement": [None if each is None else each.positive for each in agreed],
    }


def _state(chart: TwiceCoded) -> str:
    if chart.differences is None:
        return msgid("○ not finished by both: blind")
    if not chart.differences:
        return msgid("● the same codes")
    if chart.adjudicated:
        return msgid("● settled")
    return msgid("◐ to settle") if chart.open else msgid("◐ to finish")


def _figures(found: Iterable[CoderAgreement]) -> dict[str, list[object]]:
    rows = list(found)
    return {
        "Kappa": [each.kappa for each in rows],
        "Positive agreement": [each.positive for each in rows],
        "Both gave it": [each.both for each in rows],
        "Only one gave it": [each.only_one + each.only_other for each in rows],
    }


def _shown(figure: float | None) -> str:
    return "–" if figure is None else f"{figure:.3f}".replace("-", "−")
