"""What the columns of a figure's table are called on the page; the file keeps their plain names."""

from ui.language import msgid, t

_NAMES = {
    "acceptance": msgid("share accepted"),
    "accepted": msgid("accepted"),
    "added": msgid("added"),
    "brier": msgid("brier"),
    "by_chance": msgid("by chance"),
    "category": msgid("category"),
    "changed_share": msgid("changed share"),
    "chapter": msgid("chapter"),
    "charts": msgid("charts"),
    "checkpoint": msgid("checkpoint"),
    "code": msgid("code"),
    "coder": msgid("coder"),
    "codes": msgid("codes"),
    "coverage": msgid("coverage"),
    "decided": msgid("decided"),
    "distance": msgid("distance"),
    "error": msgid("error"),
    "expected": msgid("said"),
    "final": msgid("final codes"),
    "first_codes": msgid("first codes"),
    "likely": msgid("likely"),
    "median": msgid("median"),
    "missed": msgid("missed"),
    "notes": msgid("notes"),
    "observed": msgid("held"),
    "overturn": msgid("share overturned"),
    "overturned": msgid("overturned"),
    "period": msgid("period"),
    "precision": msgid("precision"),
    "rank": msgid("rank"),
    "recall": msgid("recall"),
    "rejected": msgid("rejected"),
    "rejection": msgid("share rejected"),
    "removed": msgid("removed"),
    "share": msgid("share"),
    "shown": msgid("shown"),
    "suggestions": msgid("suggestions"),
    "title": msgid("title"),
    "unknown": msgid("unknown words"),
    "words": msgid("words"),
}
_ENDS = {"_low": msgid("{figure}, at least"), "_high": msgid("{figure}, at most")}


def heading(column: str) -> str:
    """The name of a column in the language of the session; an interval's end by its figure's."""
    for end, words in _ENDS.items():
        if column.endswith(end):
            return t(words, figure=heading(column.removesuffix(end)))
    return t(_NAMES[column]) if column in _NAMES else column.replace("_", " ")
