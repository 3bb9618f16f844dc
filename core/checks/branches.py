"""Where the model's two branches, codes and CCS/CCSR categories, contradict each other."""

from collections.abc import Iterator

from core.checks.chart import ChartCodes
from core.checks.finding import Level
from core.checks.rule import Found, Known, named

UNLIKELY = 0.1  # at most, for a category the branch does not see
SURE = 0.5  # at least, for a code the other branch sees


def code_without_category(chart: ChartCodes, known: Known) -> Iterator[Found]:
    """A code on the chart whose category the CCS/CCSR branch finds unlikely."""
    for each in chart.codes:
        category = chart.category_of.get(each.code)
        probability = None if category is None else chart.categories.get(category)
        if category is None or probability is None or probability > UNLIKELY:
            continue
        says = f"the model's {category.system} branch gives its category, {named(category, known)},"
        yield Found(
            Level.WARNING,
            (each.code, category),
            f"{named(each, known)} is on the chart, but {says} only {probability:.0%}.",
            "Read its evidence again.",
        )


def category_without_code(chart: ChartCodes, known: Known) -> Iterator[Found]:
    """A category the branch is sure of, and no code of it on the chart, nor one rejected."""
    settled = {each.code for each in chart.codes} | chart.rejected
    covered = {chart.category_of.get(code) for code in settled}
    for category, probability in chart.categories.items():
        if probability >= max(chart.likely, SURE) and category not in covered:
            yield Found(
                Level.WARNING,
                (category,),
                f"The model's {category.system} branch sees {named(category, known)} "
                f"({probability:.0%}), but the chart has no code of it.",
                "Look whether the note supports one.",
            )
