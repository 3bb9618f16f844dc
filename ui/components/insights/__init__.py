"""The insights page: what was coded, how decisions held, how the model did, what has changed."""

from ui.components.insights.choosing import Section, chosen_section
from ui.components.insights.sections import draw

__all__ = ["Section", "chosen_section", "draw"]
