"""The parts of the models page: what is in use, how another comes into use, and how it is made."""

from ui.components.models.registry import registry
from ui.components.models.training import training

__all__ = ["registry", "training"]
