"""Notes: uploaded files (.txt, .csv) become notes, or a clear reason why not."""

from core.notes.limits import Limits
from core.notes.reading import Reading, read_notes, sha256_of

__all__ = ["Limits", "Reading", "read_notes", "sha256_of"]
