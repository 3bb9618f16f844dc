"""A comparison on the page: the verdict in words, figures, and every code."""

from collections.abc import Mapping, Sequence

import streamlit as st

from core.comparing import CodeFigure, Comparison, Figure, Standing, Verdict
from core.comparing.comparison import ENOUGH, code_of
from ui.components.figures import figures
from ui.components.models.drawing import both
from ui.language import msgid, t
from ui.services.tables import Tables
from ui.services.tabular import Columns

_PLOT = {"displaylogo": False, "modeBarButtonsToRemove": ["select2d", "lasso2d"]}
VERDICTS: Mapping[Verdict, tuple[str, str]] = {  # an icon, and the words
    Verdict.BETTER: (":material/trending_up:", msgid("Model B is better on these notes.")),
    Verdict.WORSE: (":material/trending_down:", msgid("Model B is worse on these notes.")),
    Verdict.NONE: (
        ":material/drag_handle:",
        msgid("No difference is shown: what there is may be chance."),
    ),
    Verdict.FEW: (
        ":material/hourglass_empty:",
        msgid("Too few notes to tell: at least 20 are needed."),
    ),
}
STANDINGS: Mapping[Standing, str] = {
    Standing.WORSE: msgid("B is worse"),
    Standing.BETTER: msgid("B is better"),
    Standing.NONE: msgid("no difference shown"),
    Standing.FEW: msgid("too few notes to tell"),
}
FIGURES = {
    "MAP": msgid("Order of the list (MAP)"),
    "F1": msgid("Likely codes (F1)"),
    "precision": msgid("Likely codes that are right (precision)"),
    "recall": msgid("Right codes that are likely (recall)"),
    "recall@5": msgid("Right codes among the first 5"),
    "recall@10": msgid("Right codes among the first 10"),
    "recall@20": msgid("Right codes among the first 20"),
    "calibration error": msgid("Calibration error (lower is better)"),
}
_ALL = msgid("All codes")
_DIFFERENCE = st.column_config.NumberColumn(format="%+.3f")
_SHARE = st.column_config.NumberColumn(format="%.3f")
_RANK = st.column_config.NumberColumn(format="%.1f")


def outcome(
    found: Comparison,
    *,
    names: Mapping[str, str],
    tables: Tables,
    key: str,
    caveats: Sequence[str] = (),
) -> None:
    """Draw all of a comparison. names: of both models, under "a" and "b"."""
    _verdict(found)
    _figures(found, names, key)
    _codes(found, tables, key)
    with st.expander(t("How this was made, and what it does not say"), key=f"{key}-how"):
        for sentence in (*caveats, *_caveats(found)):
            st.text(sentence)


def _verdict(found: Comparison) -> None:
    icon, words = VERDICTS[found.verdict]
    with st.container(border=True):
        st.subheader(f"{icon} {t(words)}", anchor=False)
        st.text(
            t(
                "{notes} notes. Of single codes, {better} are better and {worse} worse with model "
                "B; of {few} codes there are too few notes to tell.",
                notes=found.notes,
                better=len(found.standing(Standing.BETTER)),
                worse=len(found.standing(Standing.WORSE)),
                few=len(found.standing(Standing.FEW)),
            )
        )


def _figures(found: Comparison, names: Mapping[str, str], key: str) -> None:
    st.plotly_chart(
        both(found.figures, names, {name: t(words) for name, words in FIGURES.items()}),
        config=_PLOT,
        key=f"{key}-plot",
        alt=t("The figures of both models and their difference; the table below has them all."),
    )
    st.caption(
        t(
            "Whiskers: 95 % intervals, with notes drawn anew 2,000 times, the same for both. "
            "Hollow: the interval of the difference holds 0, so it may be chance."
        )
    )
    with st.expander(t("The figures as a table"), key=f"{key}-table-open"):
        figures(
            _columns(found.figures),
            key=f"{key}-figures",
            file_name="evicode-comparison.csv",
            config={
                **dict.fromkeys(("A", "B"), _SHARE),
                **dict.fromkeys(("B minus A", "from", "to"), _DIFFERENCE),
            },
        )


def _columns(told: Sequence[Figure]) -> Columns:
    return {
        msgid("Figure"): [t(FIGURES[each.name]) for each in told],
        msgid("A"): [each.a for each in told],
        msgid("B"): [each.b for each in told],
        msgid("B minus A"): [each.difference for each in told],
        msgid("from"): [each.low for each in told],
        msgid("to"): [each.high for each in told],
    }


def _codes(found: Comparison, tables: Tables, key: str) -> None:
    st.subheader(t("Codes, the largest loss first"), anchor=False)
    left, right = st.columns([2, 1])
    wanted = left.segmented_control(
        t("Show"),
        [_ALL, *STANDINGS.values()],
        format_func=t,
        default=_ALL,
        required=True,
        key=f"{key}-standing",
    )
    looked_for = right.text_input(
        t("Code"), key=f"{key}-code", placeholder="I10", icon=":material/search:"
    )
    lines = [each for each in found.codes if wanted in (_ALL, STANDINGS[each.standing])]
    lines = [each for each in lines if looked_for.strip().upper() in each.code]
    if not lines:
        st.text(t("No code is as chosen above."))
        return
    figures(
        _of_codes(lines, tables),
        key=f"{key}-codes",
        file_name="evicode-comparison-codes.csv",
        config={
            **dict.fromkeys(("F1 A", "F1 B"), _SHARE),
            **dict.fromkeys(("B minus A", "from", "to"), _DIFFERENCE),
            **dict.fromkeys(("Place A", "Place B"), _RANK),
        },
    )
    st.caption(
        t(
            "Hits: notes that carry the code and had it as a likely one. Wrong: notes it was "
            "likely on though it is known to be wrong. Place: its mean place in the list. What is "
            "said of single codes allows for how many there are (at most 5 % of those said to "
            "differ by chance); below {enough} notes nothing is said.",
            enough=ENOUGH,
        )
    )


def _of_codes(lines: Sequence[CodeFigure], tables: Tables) -> Columns:
    return {
        msgid("Code"): [f"{each.system} {each.code}" for each in lines],
        msgid("Title"): [_title(each, tables) for each in lines],
        msgid("Notes"): [each.notes for each in lines],
        msgid("What is shown"): [_standing(each) for each in lines],
        msgid("F1 A"): [each.f1_a for each in lines],
        msgid("F1 B"): [each.f1_b for each in lines],
        msgid("B minus A"): [each.difference for each in lines],
        msgid("from"): [each.low for each in lines],
        msgid("to"): [each.high for each in lines],
        msgid("Hits A"): [each.hits_a for each in lines],
        msgid("Hits B"): [each.hits_b for each in lines],
        msgid("Wrong A"): [each.wrong_a for each in lines],
        msgid("Wrong B"): [each.wrong_b for each in lines],
        msgid("Place A"): [each.rank_a for each in lines],
        msgid("Place B"): [each.rank_b for each in lines],
    }


def _title(each: CodeFigure, tables: Tables) -> str:
    return tables.title(code_of(each)) or ""


def _standing(each: CodeFigure) -> str:
    said = t(STANDINGS[each.standing])
    if each.only == "a":
        return t("{said}; only A ranks it", said=said)
    return t("{said}; only B ranks it", said=said) if each.only == "b" else said


def _caveats(found: Comparison) -> list[str]:
    said = [
        t(
            "Worse means: the order of the list or the likely codes are worse, whatever the other "
            "says. Better means: one of them is better and none is worse."
        ),
    ]
    if found.whole < found.notes:
        said.append(
            t(
                "Of a code that nobody decided on nothing is known, so it counts for neither: "
                "{a} likely suggestions of A, {b} of B. Rejections are of codes that coders were "
                "shown, so that new mistakes of a model nobody used stay unseen: look at whole "
                "charts, too.",
                a=found.unknown_a,
                b=found.unknown_b,
            )
        )
    return said
