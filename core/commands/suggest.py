"""`python -m core suggest`: a file of notes in, a file of suggestions with evidence out."""

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

from core.commands.writing import whole
from core.errors import BadFile, BadNote, BadSettings
from core.inference import Coder
from core.types import Note, Suggestion, Suggestions


def suggest(options: argparse.Namespace) -> int:
    """Serve every readable line; report the others by number and go on.

    The output appears under its name only when it is complete. 0 also when lines were refused.
    """
    if options.top < 1:
        raise BadSettings(f"--top {options.top}: ask for at least 1 suggestion")
    source = _open(options.source)
    coder = Coder.load(options.checkpoint, device=options.device)
    method = _method(options.evidence, coder)
    least = _least(options.coverage, coder)
    served = refused = 0
    with source, whole(options.out) as target:
        for number, line in enumerate(source, start=1):
            if not line.strip():
                continue
            try:
                given, note = _note(line)
                answer = _at_least(
                    coder.suggest(note, top=options.top, evidence=method, least=least), least
                )
            except BadNote as error:
                refused += 1
                sys.stderr.write(f"line {number}: {error}\n")
                continue
            target.write(json.dumps(as_json(answer) | {"id": given}) + "\n")
            served += 1
    sys.stderr.write(f"{served} notes served, {refused} lines refused; wrote {options.out}\n")
    return 0


def as_json(answer: Suggestions) -> dict[str, Any]:  # Any: plain JSON
    """One line of the output, as the README promises it."""
    return {
        "id": answer.note_id,
        "checkpoint": answer.checkpoint,
        "memory": answer.memory,
        "truncated_at": answer.truncated_at,
        "suggestions": [_suggestion(suggestion) for suggestion in answer.ranked],
    }


def _suggestion(suggestion: Suggestion) -> dict[str, Any]:  # Any: plain JSON
    return {
        "system": suggestion.code.system.value,
        "code": suggestion.code.code,
        "title": suggestion.title,
        "probability": suggestion.probability,
        "source": suggestion.source,
        "provenance": suggestion.provenance,
        "contexts": [context.value for context in suggestion.contexts],
        "evidence": [
            {"start": span.start, "end": span.end, "score": span.score}
            for span in suggestion.evidence
        ],
    }


def _least(coverage: float | None, coder: Coder) -> float:
    """The probability from which the list is expected to hold that share of a note's codes."""
    if coverage is None:
        return 0.0
    least = coder.cut(coverage)
    if least is None:
        known = ", ".join(str(level) for level in coder.coverages) or "none"
        raise BadSettings(
            f"--coverage {coverage}: no list of {coder.name!r} is known to hold as much; "
            f"levels it can hold: {known}"
        )
    return least


def _at_least(answer: Suggestions, least: float) -> Suggestions:
    return replace(answer, ranked=tuple(s for s in answer.ranked if s.probability >= least))


def _method(asked: str, coder: Coder) -> str | None:
    if asked == "none":
        return None
    if asked != "default" and asked not in coder.methods:
        known = ", ".join(("default", "none", *coder.methods))
        raise BadSettings(f"--evidence {asked!r} is not a method; use one of {known}")
    return asked


def _open(path: Path) -> IO[bytes]:
    if not path.is_file():
        raise BadFile(f"there is no file {path}; give notes as JSON lines of id and text")
    return path.open("rb")


def _note(line: bytes) -> tuple[str | int, Note]:
    """The id as it was given, and the note."""
    try:
        fields = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise BadNote("not UTF-8; save the file as UTF-8") from None
    except (ValueError, RecursionError):
        raise BadNote("not JSON; a line is an object with id and text") from None
    if not isinstance(fields, dict) or not {"id", "text"} <= fields.keys():
        raise BadNote("not an object with id and text")
    if not isinstance(fields["text"], str) or not isinstance(fields["id"], str | int):
        raise BadNote("id is not a string or number, or text is not a string")
    return fields["id"], Note(id=str(fields["id"]), text=fields["text"])
