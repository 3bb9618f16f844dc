"""Which note to code next, so that the model learns most: what each holds, and an order of them."""

from core.active.known import Known
from core.active.order import ordered
from core.active.prospect import WORTH, Kind, Prospect, prospect, prospect_of
from core.active.units import Unit

__all__ = [
    "WORTH",
    "Kind",
    "Known",
    "Prospect",
    "Unit",
    "ordered",
    "prospect",
    "prospect_of",
]
