"""Readings as plain JSON, to cross from the child process to ours. Never pickle."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from core.errors import BadColumns, BadFile, BadNote
from core.notes.formats import Format
from core.notes.reading import Reading
from core.types import Encounter, Note, Sex

LENGTH = 8  # bytes that say how long an answer is
_DATES = ("birth_date", "service_date")


def packed(reading: Reading) -> dict[str, Any]:  # Any: JSON
    """The reading as JSON can hold it."""
    notes = [{"id": n.id, "text": n.text, "encounter": _facts(n.encounter)} for n in reading.notes]
    return {
        "reading": reading.format.value,
        "notes": notes,
        "problems": list(reading.problems),
        "columns": list(reading.columns),
        "taken": dict(reading.taken),
    }


def refused(error: BadNote | BadFile) -> dict[str, Any]:  # Any: JSON
    """Why there is no reading, as JSON can hold it."""
    columns = error.columns if isinstance(error, BadColumns) else ()
    return {"refused": type(error).__name__, "why": str(error), "columns": list(columns)}


def refusal(answer: Mapping[str, Any]) -> BadNote | BadFile:  # Any: JSON
    """Why there is no reading; KeyError or TypeError if `answer` does not say."""
    why = str(answer["why"])
    match str(answer["refused"]):
        case "BadNote":
            return BadNote(why)
        case "BadColumns":
            return BadColumns(why, [str(column) for column in answer["columns"]])
    return BadFile(why)


def unpacked(answer: Mapping[str, Any]) -> Reading:  # Any: JSON
    """The reading that was packed; KeyError, TypeError or ValueError if `answer` is none."""
    return Reading(
        format=Format(answer["reading"]),
        notes=tuple(
            Note(
                id=str(note["id"]), text=str(note["text"]), encounter=_encounter(note["encounter"])
            )
            for note in answer["notes"]
        ),
        problems=tuple(str(problem) for problem in answer["problems"]),
        columns=tuple(str(column) for column in answer["columns"]),
        taken={str(ours): str(theirs) for ours, theirs in answer["taken"].items()},
    )


def _facts(encounter: Encounter) -> dict[str, str | int]:
    said = {name: value for name, value in asdict(encounter).items() if value is not None}
    return {n: v.isoformat() if isinstance(v, date) else v for n, v in said.items()}


def _encounter(facts: Mapping[str, Any]) -> Encounter:  # Any: JSON
    changed: dict[str, Any] = dict(facts)  # Any: JSON
    for name in _DATES:
        if name in changed:
            changed[name] = date.fromisoformat(changed[name])
    if "sex" in changed:
        changed["sex"] = Sex(changed["sex"])
    return Encounter(**changed)
