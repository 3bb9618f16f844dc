"""What train and evaluate share: notes as examples, and what had to be left out, told."""

import hashlib
import sys
from collections.abc import Mapping, Sequence
from functools import cache

from core import ranks
from core.codes import shared_tables
from core.corpora import Corpus
from core.text import Fallback, Tokenizer
from core.training import Examples, examples
from core.types import CodeSpace, Note

SHOWN = 10  # problems told one by one


def examples_of(
    notes: Sequence[Note],
    *,
    vocabulary: Tokenizer,
    spaces: Mapping[str, CodeSpace],
    max_length: int,
    fallback: Fallback | None = None,
) -> Examples:
    """Read every note as the model will; a note without words is told and left out."""
    found = examples(
        notes,
        vocabulary,
        spaces,
        category=cache(shared_tables().category),
        max_length=max_length,
        fallback=fallback,
    )
    for problem in found.problems[:SHOWN]:
        tell(f"left out: {problem}")
    if found.cut:
        tell(f"{found.cut} of {len(notes)} notes are longer than {max_length} tokens and are cut")
    return found


def tell_problems(corpus: Corpus) -> None:
    """Name what could not be used, the first few one by one."""
    for problem in corpus.problems[:SHOWN]:
        tell(problem)
    if len(corpus.problems) > SHOWN:
        tell(f"... and {len(corpus.problems) - SHOWN} more problems in {corpus.split}")


def digest(notes: Sequence[Note]) -> str:
    """SHA-256 of ids, texts and codes: changes when anything a run learns from changes."""
    summed = hashlib.sha256()
    for note in notes:
        codes = ",".join(sorted(str(code) for code in note.codes))
        summed.update("\0".join((note.id, note.text, codes, "")).encode("utf-8", "surrogatepass"))
    return summed.hexdigest()


def tell(message: str) -> None:
    """Say something on stderr, once for all processes; stdout is for results."""
    if ranks.first():
        sys.stderr.write(f"{message}\n")
