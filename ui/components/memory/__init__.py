"""What memory learned: a list of phrases, one of them in full, and a form to add another."""

from ui.components.memory.desk import memory_desk

__all__ = ["memory_desk"]
