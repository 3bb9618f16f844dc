"""Context: whether a mention is negated, a relative's, of the past, or a supposition; and where."""

from core.context.blanking import blanked
from core.context.reader import ContextReader

__all__ = ["ContextReader", "blanked"]
