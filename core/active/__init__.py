"""Which note to code next, so that the model learns most: what each holds, and an order of them."""

from core.active.known import Known
from core.active.ordering import ordered
from core.active.prospects import WORTH, Prospect, prospect
from core.active.units import Kind, Unit

__all__ = [
    "WORTH",
    "Kind",
    "Known",
    "Prospect",
    "Unit",
    "ordered",
    "prospect",
]
