"""How much a mention says, before anything was trained: orders the mentions of a code."""

from core.memory import WHOLE, Mention, Source


def share(mention: Mention) -> float:
    """How often the phrase stood for the code where it was found, drawn a little to a third."""
    if mention.coverage < WHOLE:
        return 0.35 * mention.coverage**2
    if mention.gap == 0 and mention.whole:
        return (mention.stood_whole + 0.4) / (mention.whole + 1.0)
    return (mention.stood + 0.4) / (max(mention.found, mention.marked) + 1.2)


def strength(mention: Mention) -> tuple[float, float]:
    """By which the mentions of a code are ordered: marked phrases before titles, whole first."""
    worth = share(mention) if mention.source is Source.EVIDENCE else 0.2
    return worth * mention.coverage**3 / (1 + 0.1 * mention.gap), mention.mass
