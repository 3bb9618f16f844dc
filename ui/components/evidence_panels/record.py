"""What is on record of a code, as the JSON the panels draw: listed then and now, and decided."""

from typing import Any

from ui.language import msgid, said, t
from ui.services.audit import Audit, Listing
from ui.services.methods import name as method_name
from ui.services.wording import ACTIONS, moment, quote

JSON = dict[str, Any]  # Any: JSON has no type of its own
OTHER_MODEL = msgid(
    "The model is not the one that made the suggestion: what is computed now says what "
    "today’s model finds, not what the coder was told."
)
OTHER_MEMORY = msgid(
    "Phrase memory has learned from decisions since the suggestion was made: evidence by phrases "
    "and the score may differ from what was shown. The network’s evidence cannot."
)
HASH = 12  # letters of a checkpoint's hash; the evidence sheet has all of them


def record(audit: Audit) -> JSON:
    """Head, warnings, facts and decisions."""
    stands = audit.standing
    return {
        "code": audit.code.code,
        "system": audit.code.system.value,
        "title": audit.title or t("no title in the code tables"),
        "group": audit.group,
        "flags": [said(flag) for flag in audit.flags],
        "standing": _standing(audit),
        "decided": "open" if stands is None else stands.action.value,
        "warnings": _warnings(audit),
        "then": _then_head(audit),
        "facts": _facts(audit),
        "note": t("Note {id}, SHA-256 {hash}", id=str(audit.note.id), hash=audit.note.sha256),
        "decisions": [
            {
                "what": f"{each.sequence}. {_by(ACTIONS[each.action], each.coder)}",
                "when": moment(each.decided_at),
                "why": said(each.reason or ""),
                "marks": [quote(audit.note.text, mark) for mark in each.evidence],
            }
            for each in audit.decisions
        ],
    }


def _standing(audit: Audit) -> str:
    """What holds now of the code, who said so, and why."""
    stands = audit.standing
    if stands is None:
        return t("Open: no decision stands on this code")
    why = f": {said(stands.reason)}" if stands.reason else ""
    return f"{_by(ACTIONS[stands.action], stands.coder)}, {moment(stands.decided_at)}{why}"


def _by(what: str, coder: str) -> str:
    """What was decided, and by whom."""
    return t("{what} by {coder}", what=said(what).capitalize(), coder=coder)


def _warnings(audit: Audit) -> list[list[str]]:
    """[sentence, "calm" or ""]: what to bear in mind before reading on."""
    if not audit.checkpoint:
        return [[t("There is no model at hand: only what is on record can be shown."), ""]]
    if audit.listing is None:
        return [
            [t("No list of this chart ever had this code, and the model does not rank it."), ""]
        ]
    if not audit.same_model:
        return [[t(OTHER_MODEL), ""]]
    return [] if audit.same_memory else [[t(OTHER_MEMORY), "calm"]]


def _then_head(audit: Audit) -> str:
    listing = audit.listing
    if listing is None or listing.shown_to is None or listing.shown_at is None:
        return t("Nobody was shown this code")
    return t("Shown to {coder}, {when}", coder=listing.shown_to, when=moment(listing.shown_at))


def _facts(audit: Audit) -> list[list[str]]:
    """Lines of [what, then, now, "differs" or ""]; an empty cell is not known."""
    then = audit.listing if audit.listing and audit.listing.shown_to else None
    was, now = _told(then), _told(audit.scored)
    lines = []
    for what in dict.fromkeys([*was, *now]):
        told = [was.get(what, "–" if was else ""), now.get(what, "–" if now else "")]
        lines.append([what, *told, "differs" if all(told) and told[0] != told[1] else ""])
    if then is not None and audit.shown:
        shown = [
            f"{said(method_name(e.method)).lower()}, {moment(e.shown_at)}" for e in audit.shown
        ]
        lines.append([t("Evidence shown"), "; ".join(shown), "", ""])
    return lines


def _told(listing: Listing | None) -> dict[str, str]:
    """What a list says of the code; what says nothing is left out."""
    if listing is None:
        return {}
    limit = "" if listing.threshold is None else f", {_likely(listing)}"
    read = listing.truncated_at
    told = {
        t("Probability"): t(
            "{probability}{limit}; rank {rank}",
            probability=f"{listing.probability:.3f}",
            limit=limit,
            rank=listing.rank,
        ),
        t("Proposed by"): ": ".join(map(said, filter(None, [listing.source, listing.provenance]))),
        t("Spoken of as"): ", ".join(map(said, listing.contexts)),
        t("Model"): f"{listing.checkpoint} {listing.checkpoint_hash[:HASH]}",
        t("Memory"): listing.memory or t("as shipped"),
        t("Read"): ""
        if read is None
        else t("the first {count} characters of the note", count=read),
    }
    return {what: words for what, words in told.items() if words}


def _likely(listing: Listing) -> str:
    threshold = listing.threshold or 0.0
    if listing.probability >= threshold:
        return t("likely (from {threshold})", threshold=f"{threshold:.2f}")
    return t("less likely (from {threshold})", threshold=f"{threshold:.2f}")
