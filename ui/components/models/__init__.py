"""The parts of the models page: what is in use, and how another comes into use."""

from ui.components.models.registry import registry

__all__ = ["registry"]
