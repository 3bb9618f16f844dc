"""The codes around a code, for a more specific choice or another one."""

from dataclasses import dataclass
from typing import Protocol

from core.codes.writing import plain
from core.types import Code, CodeSystem

EXTENDED = 7  # characters of an ICD-10-CM code whose last one tells the encounter


class Hierarchy(Protocol):
    """A code system's way up and down."""

    def parent(self, code: str) -> str | None: ...

    def children(self, code: str) -> list[str]: ...


@dataclass(frozen=True, kw_only=True)
class Relatives:
    """Children are more specific; siblings stand under the same heading."""

    heading: Code | None = None
    siblings: tuple[Code, ...] = ()
    children: tuple[Code, ...] = ()


def relatives(code: Code, hierarchy: Hierarchy) -> Relatives:
    """The heading, siblings and children of a code, in the order of the list."""
    heading = hierarchy.parent(code.code)
    siblings = [] if heading is None else _siblings(code, heading, hierarchy)
    return Relatives(
        heading=None if heading is None else Code(code.system, heading),
        siblings=tuple(
            Code(code.system, each) for each in siblings if not code.code.startswith(each)
        ),
        children=tuple(Code(code.system, each) for each in hierarchy.children(code.code)),
    )


def _siblings(code: Code, heading: str, hierarchy: Hierarchy) -> list[str]:
    """What else stands under the heading; for a code of an encounter, first those that differ in
    the condition: S05.91XA (right eye) is nearer to S05.92XA (left eye) than S05.92XD is."""
    under = hierarchy.children(heading)
    if code.system is not CodeSystem.ICD10CM or len(plain(code.code)) < EXTENDED:
        return under
    above = hierarchy.parent(heading)
    beside = [] if above is None else hierarchy.children(above)
    encounter = code.code[-1]
    alike = [
        each
        for condition in beside
        for each in hierarchy.children(condition)
        if each[-1] == encounter and len(plain(each)) == EXTENDED
    ]
    return [*alike, *(each for each in under if each not in alike)]
