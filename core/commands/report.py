"""Figures as lines a person can read."""

from collections.abc import Iterator
from typing import Any

Measures = dict[str, Any]  # Any: JSON as core.training.figures writes it

HEADS = ("MAP", "micro-F1", "macro-F1", "micro-AUC", "macro-AUC", "P@5", "P@8", "P@15")


def rows(figures: dict[str, Measures]) -> Iterator[tuple[str, str, tuple[float | None, ...]]]:
    """(task or its system, how gold codes are counted, the figures under HEADS)."""
    for task, measures in figures.items():
        systems = measures.get("systems", {})
        several = systems if len(systems) > 1 else {}
        for name, found in ((task, measures), *((f"{task} {s}", m) for s, m in several.items())):
            for counted in ("label space", "all gold"):
                yield name, counted, _values(found[counted])


def table(figures: dict[str, Measures]) -> str:
    """All figures as a table in plain text."""
    lines = [f"{'':<32}" + "".join(f"{head:>10}" for head in HEADS)]
    for name, counted, values in rows(figures):
        cells = "".join(f"{'-' if v is None else format(v, '.4f'):>10}" for v in values)
        lines.append(f"{f'{name}, {counted}':<32}{cells}")
    return "\n".join(lines)


def fused_table(figures: dict[str, Measures]) -> str:
    """The fused list's figures by language, as lines."""
    lines = []
    for language, found in figures.items():
        for name, measures in found.items():
            if isinstance(measures, dict):
                cells = ", ".join(f"{head} {value:.3f}" for head, value in measures.items())
                lines.append(f"{language} {name}: {cells}")
    return "\n".join(lines)


def _values(m: Measures) -> tuple[float | None, ...]:
    return (
        *(
            m["mean_average_precision"],
            m["micro_f1"],
            m["macro_f1"],
            m["micro_auc"],
            m["macro_auc"],
        ),
        *(m["precision_at"][at] for at in HEADS[5:]),
    )
