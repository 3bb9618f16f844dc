"""Cells of an experiment: a row of the systems table with some of its settings changed.

A setting is named by its path: `loss.alpha`, `encoder.hidden`, `recipe.patience`, `tasks`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from typing import Any

from core.errors import BadSettings
from core.systems import System

Changes = Mapping[str, Any]  # Any: path -> a brick's settings or plain JSON


@dataclass(frozen=True, kw_only=True)
class Cell:
    """What is trained under one name: a row, and what differs from it."""

    name: str
    row: str
    changes: Changes = field(default_factory=dict)
    value: float | None = None  # where it stands on the axis of a sweep


def changed(row: System, changes: Changes) -> System:
    """The row with each path set, and nothing else; BadSettings if it has no such setting."""
    for path, value in changes.items():
        row = _set(row, path, path.split("."), value)
    return row


def has(row: System, path: str) -> bool:
    """Whether the row has the setting `path` names."""
    place: Any = row  # Any: a row, a brick's settings, or a plain value
    for name in path.split("."):
        if not (is_dataclass(place) and name in {cell.name for cell in fields(place)}):
            return False
        place = getattr(place, name)
    return True


def where_there(row: System, changes: Changes) -> Changes:
    """The changes whose settings this row has."""
    return {path: value for path, value in changes.items() if has(row, path)}


def parsed(settings: list[str]) -> dict[str, Any]:  # Any: JSON from the command line
    """`PATH=VALUE` as the command line gives it; a value that is not JSON is text."""
    found = {}
    for setting in settings:
        path, equals, value = setting.partition("=")
        if not (path and equals and value):
            raise BadSettings(f"--set {setting!r}: write PATH=VALUE, such as recipe.patience=5")
        try:
            found[path] = json.loads(value)
        except ValueError:
            found[path] = value
    return found


def _set(place: Any, path: str, names: list[str], value: Any) -> Any:  # Any: as in `has`
    if not is_dataclass(place) or names[0] not in {cell.name for cell in fields(place)}:
        there = ", ".join(cell.name for cell in fields(place)) if is_dataclass(place) else "none"
        raise BadSettings(f"no setting {path!r}: {names[0]!r} is not among {there}")
    old = getattr(place, names[0])
    inner = _set(old, path, names[1:], value) if names[1:] else value
    if isinstance(old, int | float) and not isinstance(inner, int | float):
        raise BadSettings(f"{path} is a number, such as {old:g}; {str(value)[:40]!r} is not one")
    return replace(place, **{names[0]: inner})  # type: ignore[type-var]  # an instance: no class
