"""What is on record of a code, as the JSON the panels draw: listed then and now, and decided."""

from typing import Any

from ui.services.audit import Audit, Listing
from ui.services.methods import name as method_name
from ui.services.wording import ACTIONS, moment, quote

JSON = dict[str, Any]  # Any: JSON has no type of its own
OTHER_MODEL = (
    "The model is not the one that made the suggestion: what is computed now says what "
    "today’s model finds, not what the coder was told."
)
OTHER_MEMORY = (
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
        "title": audit.title or "no title in the code tables",
        "group": audit.group,
        "flags": list(audit.flags),
        "standing": "Open: no decision stands on this code"
        if stands is None
        else f"{ACTIONS[stands.action].capitalize()} by {stands.coder}, {moment(stands.decided_at)}"
        + (f": {stands.reason}" if stands.reason else ""),
        "decided": "open" if stands is None else stands.action.value,
        "warnings": _warnings(audit),
        "then": _then_head(audit),
        "facts": _facts(audit),
        "note": f"Note {audit.note.id}, SHA-256 {audit.note.sha256}",
        "decisions": [
            {
                "what": f"{each.sequence}. {ACTIONS[each.action].capitalize()} by {each.coder}",
                "when": moment(each.decided_at),
                "why": each.reason or "",
                "marks": [quote(audit.note.text, mark) for mark in each.evidence],
            }
            for each in audit.decisions
        ],
    }


def _warnings(audit: Audit) -> list[list[str]]:
    """[sentence, "calm" or ""]: what to bear in mind before reading on."""
    if not audit.checkpoint:
        return [["There is no model at hand: only what is on record can be shown.", ""]]
    if audit.listing is None:
        return [["No list of this chart ever had this code, and the model does not rank it.", ""]]
    if not audit.same_model:
        return [[OTHER_MODEL, ""]]
    return [] if audit.same_memory else [[OTHER_MEMORY, "calm"]]


def _then_head(audit: Audit) -> str:
    listing = audit.listing
    if listing is None or listing.shown_to is None or listing.shown_at is None:
        return "Nobody was shown this code"
    return f"Shown to {listing.shown_to}, {moment(listing.shown_at)}"


def _facts(audit: Audit) -> list[list[str]]:
    """Lines of [what, then, now, "differs" or ""]; an empty cell is not known."""
    then = audit.listing if audit.listing and audit.listing.shown_to else None
    was, now = _told(then), _told(audit.scored)
    lines = []
    for what in dict.fromkeys([*was, *now]):
        told = [was.get(what, "–" if was else ""), now.get(what, "–" if now else "")]
        lines.append([what, *told, "differs" if all(told) and told[0] != told[1] else ""])
    if then is not None and audit.shown:
        shown = [f"{method_name(e.method).lower()}, {moment(e.shown_at)}" for e in audit.shown]
        lines.append(["Evidence shown", "; ".join(shown), "", ""])
    return lines


def _told(listing: Listing | None) -> dict[str, str]:
    """What a list says of the code; what says nothing is left out."""
    if listing is None:
        return {}
    limit = "" if listing.threshold is None else f", {_likely(listing)}"
    read = listing.truncated_at
    told = {
        "Probability": f"{listing.probability:.3f}{limit}; rank {listing.rank}",
        "Proposed by": ": ".join(filter(None, [listing.source, listing.provenance])),
        "Spoken of as": ", ".join(listing.contexts),
        "Model": f"{listing.checkpoint} {listing.checkpoint_hash[:HASH]}",
        "Memory": listing.memory or "as shipped",
        "Read": "" if read is None else f"the first {read:,} characters of the note",
    }
    return {what: said for what, said in told.items() if said}


def _likely(listing: Listing) -> str:
    threshold = listing.threshold or 0.0
    kind = "likely" if listing.probability >= threshold else "less likely"
    return f"{kind} (from {threshold:.2f})"
