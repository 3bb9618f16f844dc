"""The parts of the models page: what is in use, how another is made, compared and tried out."""

from ui.components.models.comparing import comparing
from ui.components.models.registry import registry
from ui.components.models.shadowing import shadowing
from ui.components.models.training import training

__all__ = ["comparing", "registry", "shadowing", "training"]
