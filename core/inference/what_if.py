"""What a note's suggestions would be without some of its words."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from core.types import Code, Span, Suggestion


@dataclass(frozen=True, kw_only=True)
class Change:
    """A code's probability with and without the words; None where the code is not ranked."""

    code: Code
    title: str
    task: str
    before: float | None
    after: float | None

    @property
    def by(self) -> float:
        """What taking the words away adds to the probability: below zero where it drops."""
        return (self.after or 0.0) - (self.before or 0.0)


@dataclass(frozen=True, kw_only=True)
class WhatIf:
    """Every code that is ranked with the words or without them, the largest change first."""

    removed: tuple[Span, ...]
    changes: tuple[Change, ...]

    def of(self, code: Code) -> Change | None:
        """What changes for one code; None if it is ranked neither with the words nor without."""
        return next((change for change in self.changes if change.code == code), None)

    def appeared(self, least: float = 0.0) -> tuple[Change, ...]:
        """The codes of a list cut at the probability `least` that are in it only without the words.

        At 0 the list is all codes ranked; at a checkpoint's threshold it is those shown as likely.
        """
        return tuple(c for c in self.changes if _in(c.after, least) and not _in(c.before, least))

    def vanished(self, least: float = 0.0) -> tuple[Change, ...]:
        """The codes of such a list that are in it only with the words."""
        return tuple(c for c in self.changes if _in(c.before, least) and not _in(c.after, least))


def compared(
    before: Iterable[Suggestion], after: Iterable[Suggestion], *, title: Callable[[Code], str]
) -> tuple[Change, ...]:
    """Both rankings code by code, the largest change first."""
    found = [{each.code: each for each in ranked} for ranked in (before, after)]
    either = found[1] | found[0]
    changes = [
        Change(
            code=code,
            title=title(code),
            task=each.task,
            before=found[0][code].probability if code in found[0] else None,
            after=found[1][code].probability if code in found[1] else None,
        )
        for code, each in either.items()
    ]
    return tuple(sorted(changes, key=lambda change: (-abs(change.by), change.code)))


def _in(probability: float | None, least: float) -> bool:
    return probability is not None and probability >= least
