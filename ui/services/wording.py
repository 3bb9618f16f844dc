"""How an auditor's page and its printed sheet say things: times, methods, decisions, agreement."""

from datetime import UTC, datetime

from core.types import Evidence, Span
from db.records import Action, Decision
from ui.services.audit import Agreement

QUOTED = 300  # characters of a span in a table; the text beside it has all of them

ACTIONS = {
    Action.ACCEPT: "accepted",
    Action.REJECT: "rejected",
    Action.ADD: "added by the coder",
    Action.RETRACT: "taken back",
}


def moment(at: datetime) -> str:
    """A time as everybody reads it alike: to the second, in UTC."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def given(decision: Decision) -> str:
    """How a coder gave a code."""
    return "added it" if decision.action is Action.ADD else "accepted the suggestion"


def settled(decision: Decision | None) -> str:
    """What an adjudicator made of a difference."""
    if decision is None:
        return "○ open"
    if decision.action is Action.REJECT:
        return f"✕ left out: {decision.reason}" if decision.reason else "✕ left out"
    return "✓ kept"


def quote(text: str, span: Evidence | Span, most: int = QUOTED) -> str:
    """The words of a span on one line."""
    quoted = " ".join(text[span.start : span.end].split())
    return quoted if len(quoted) <= most else f"{quoted[:most]}…"


def agreement(found: Agreement) -> str:
    """Rank correlation and share of the shown characters in common; a dash: not to be said."""
    ranks = "–" if found.correlation is None else f"{found.correlation:.2f}".replace("-", "−")
    shown = "–" if found.overlap is None else f"{found.overlap:.0%}"
    return f"{ranks} · {shown}"
