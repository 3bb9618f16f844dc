"""The arithmetic of a coding audit: how much of a chart's coding an auditor left as it was."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from core.errors import BadInput

BAR = 0.95  # the usual bar of diagnosis accuracy


@dataclass(frozen=True, kw_only=True)
class Worksheet:
    """What an audit found in a chart, or in many charts put together.

    A code that was edited is neither added nor removed; a changed principal diagnosis counts twice,
    because the one it was and the one it is are both wrong where they stood.
    """

    codes_before: int  # codes of the charts before the audit
    added: int = 0
    edited: int = 0
    removed: int = 0
    poa_changed: int = 0
    principal_changed: int = 0
    charts: int = 1

    @property
    def counted(self) -> Mapping[str, tuple[int, int]]:
        """Each kind of change: how many there are, and as how many they count."""
        once = {
            "added": self.added,
            "edited": self.edited,
            "removed": self.removed,
            "poa": self.poa_changed,
        }
        twice = {"principal": (self.principal_changed, 2 * self.principal_changed)}
        return {kind: (found, found) for kind, found in once.items()} | twice

    @property
    def changes(self) -> int:
        """Changes as they count: the principal twice."""
        return sum(counts for _, counts in self.counted.values())

    @property
    def accuracy(self) -> float | None:
        """Diagnosis accuracy: 1 - changes / codes before audit, in [0, 1].

        More changes than codes (many were missing) are 0, not less. A chart without codes is 1 if
        nothing was changed, else 0; None for no chart at all.
        """
        if not self.charts:
            return None
        if not self.codes_before:
            return 0.0 if self.changes else 1.0
        return max(0.0, 1 - self.changes / self.codes_before)

    @property
    def passes(self) -> bool:
        """Whether it reaches the bar."""
        return self.accuracy is not None and self.accuracy >= BAR


def worksheet(
    *,
    codes_before: int,
    added: int = 0,
    edited: int = 0,
    removed: int = 0,
    poa_changed: int = 0,
    principal_changed: bool = False,
) -> Worksheet:
    """The worksheet of one chart; BadInput if it changes more codes than there were."""
    if min(codes_before, added, edited, removed, poa_changed) < 0:
        raise BadInput("an audit counts from 0; correct the worksheet")
    if edited + removed > codes_before:
        raise BadInput(
            f"{edited} codes edited and {removed} removed are more than the {codes_before} there "
            "were; correct the worksheet"
        )
    return Worksheet(
        codes_before=codes_before,
        added=added,
        edited=edited,
        removed=removed,
        poa_changed=poa_changed,
        principal_changed=int(principal_changed),
    )


def together(worksheets: Iterable[Worksheet]) -> Worksheet:
    """Many charts as one: code over code, so that a long chart weighs more than a short one."""
    sheets = list(worksheets)
    return Worksheet(
        codes_before=sum(sheet.codes_before for sheet in sheets),
        added=sum(sheet.added for sheet in sheets),
        edited=sum(sheet.edited for sheet in sheets),
        removed=sum(sheet.removed for sheet in sheets),
        poa_changed=sum(sheet.poa_changed for sheet in sheets),
        principal_changed=sum(sheet.principal_changed for sheet in sheets),
        charts=sum(sheet.charts for sheet in sheets),
    )
