"""A past screen in words: what was listed then, what is listed now, and what changed."""

from collections.abc import Sequence

from ui.services.history import AsShown, Comparison, Line
from ui.services.wording import moment

TASKS = {"icd": "ICD codes", "category": "Categories"}


def facts(shown: AsShown) -> dict[str, str]:
    """What is on record of the screen, by heading; empty if no suggestions were shown."""
    screen = shown.screen
    if screen is None:
        return {}
    thresholds = ", ".join(f"{task} {each:.2f}" for task, each in screen.thresholds.items())
    wanted = (
        "likely codes"
        if screen.coverage is None
        else f"codes that were to hold {screen.coverage:.0%} of the note's, cut at {screen.cut}"
    )
    read = screen.truncated_at
    return {
        "Shown": f"shown to {screen.coder}, {moment(screen.shown_at)}",
        "Checkpoint": screen.checkpoint,
        "Checkpoint hash": screen.checkpoint_hash,
        "Memory hash": screen.memory or "as shipped: nothing learned",
        "Thresholds": thresholds or "none",
        "List": wanted,
        "Read": "the whole note" if read is None else f"the first {read:,} characters",
        "Program": screen.app_version,
        "Note": f"SHA-256 {shown.note.sha256}",
    }


def listed(shown: AsShown) -> dict[str, list[object]]:
    """The list as it was on the screen, from above."""
    rows = () if shown.screen is None else shown.screen.suggestions
    thresholds = {} if shown.screen is None else shown.screen.thresholds
    at_hand = shown.decision.suggestion_id
    return {
        " ": ["▶ decided" if each.id == at_hand else "" for each in rows],
        "Rank": [each.rank for each in rows],
        "Code": [str(each.suggestion.code) for each in rows],
        "Title": [each.suggestion.title for each in rows],
        "Score": [each.suggestion.probability for each in rows],
        "Likely": [
            "✓ likely"
            if each.suggestion.probability >= thresholds.get(each.suggestion.task, 0.5)
            else "less likely"
            for each in rows
        ],
        "List": [each.suggestion.task for each in rows],
        "Proposed by": [
            "planted: no model’s"
            if each.id in shown.seeded
            else ": ".join(filter(None, [each.suggestion.source, each.suggestion.provenance]))
            for each in rows
        ],
        "Spoken of as": [", ".join(each.suggestion.contexts) for each in rows],
    }


def beside(found: Comparison) -> dict[str, list[object]]:
    """Then beside now, code by code, with what changed in a word and an arrow."""
    rows: Sequence[Line] = found.lines
    return {
        "Change": [change(each) for each in rows],
        "Code": [str(each.code) for each in rows],
        "Title": [each.title for each in rows],
        "Rank then": [each.rank_then for each in rows],
        "Rank now": [each.rank_now for each in rows],
        "Score then": [each.probability_then for each in rows],
        "Score now": [each.probability_now for each in rows],
        "Likely then": ["✓" if each.likely_then else "" for each in rows],
        "Likely now": ["✓" if each.likely_now else "" for each in rows],
    }


def change(line: Line) -> str:
    """What became of a code of the list."""
    if line.rank_now is None or line.probability_now is None:
        return "✕ gone"
    if line.rank_then is None or line.probability_then is None:
        return "＋ new"
    if line.likely_then != line.likely_now:
        return "↑ likely now" if line.likely_now else "↓ no longer likely"
    if line.rank_then != line.rank_now:
        return "↑ higher" if line.rank_now < line.rank_then else "↓ lower"
    if abs(line.probability_now - line.probability_then) < SAME:
        return "= same"
    return "↑ score" if line.probability_now > line.probability_then else "↓ score"


SAME = 0.0005  # scores that print alike


def same_words(found: Comparison) -> str:
    """Whether anything that scores could have changed."""
    if found.same_model:
        return "= The same checkpoint and memory as then: the same note gives the same scores."
    if found.checkpoint_then == found.checkpoint_now:
        return (
            "≠ The same checkpoint, but memory has learned since: "
            f"{found.memory_then or 'as shipped'} then, {found.memory_now or 'as shipped'} now."
        )
    return f"≠ Another checkpoint: {found.checkpoint_then} then, {found.checkpoint_now} now."
