"""Context: whether a mention is negated, a relative's, of the past, or a supposition."""

from core.context.reader import ContextReader

__all__ = ["ContextReader"]
