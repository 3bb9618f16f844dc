"""Notes: uploaded files of many formats become notes, or a clear reason why not."""

from core.notes.formats import ENDINGS, Format
from core.notes.limits import Limits
from core.notes.reading import Reading, read_notes, sha256_of

__all__ = ["ENDINGS", "Format", "Limits", "Reading", "read_notes", "sha256_of"]
