"""THE TABLE of analyses: a new picture is a function and a row here."""

from collections.abc import Callable, Mapping, Sequence

from core.analysis.bins import bins
from core.analysis.blocks import blocks
from core.analysis.embeddings import embeddings, neighbours
from core.analysis.frequency import frequency
from core.analysis.losses import losses
from core.analysis.result import Result
from core.analysis.seeds import seeds
from core.analysis.subject import Material
from core.analysis.sweeps import sweeps
from core.errors import BadSettings

Draw = Callable[[Material], list[Result]]

ANALYSES: Mapping[str, Draw] = {
    "frequency": frequency,
    "embeddings": embeddings,
    "neighbours": neighbours,
    "loss": losses,
    "bins": bins,
    "sweeps": sweeps,
    "blocks": blocks,
    "seeds": seeds,
}

SCORED = ("loss", "bins")  # those that need scores of notes


def analyse(material: Material, only: Sequence[str] = ()) -> list[Result]:
    """Draw every analysis, or those named; BadSettings lists the names there are."""
    unknown = [name for name in only if name not in ANALYSES]
    if unknown:
        raise BadSettings(f"{unknown[0]!r} is no analysis; use some of {', '.join(ANALYSES)}")
    return [
        result
        for name, draw in ANALYSES.items()
        if not only or name in only
        for result in draw(material)
    ]
