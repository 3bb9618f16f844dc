"""How audits are told: findings, their states, who is to act, and the arithmetic in a line."""

from core.metrics.audit import BAR, Worksheet
from db.audit_records import Finding, FindingKind, FindingState
from ui.services.audited import Audited

KINDS = {  # what an auditor says of a code
    FindingKind.REMOVED: "Should not be coded",
    FindingKind.EDITED: "Should be another code",
    FindingKind.POA: "Wrong POA indicator",
    FindingKind.PRINCIPAL: "Should be the principal",
    FindingKind.ADDED: "A code is missing",
}
STATES = {
    FindingState.OPEN: "○ for the coder to answer",
    FindingState.ACKNOWLEDGED: "✓ acknowledged by the coder",
    FindingState.REBUTTED: "◐ rebutted: for the auditor to decide",
    FindingState.WITHDRAWN: "✕ withdrawn by the auditor: no longer counts",
    FindingState.ESCALATED: "▲ escalated: for a third person to decide",
    FindingState.UPHELD: "● upheld: it counts",
    FindingState.OVERTURNED: "✕ overturned: no longer counts",
}
_CHANGES = {
    "added": "Codes that were missing",
    "edited": "Codes that should be another",
    "removed": "Codes that should not be there",
    "poa": "Wrong POA indicators",
    "principal": "Principal diagnosis changed (counts twice)",
}


def finding_words(finding: Finding) -> str:
    """What an auditor found, in a sentence."""
    code = finding.code
    match finding.kind:
        case FindingKind.ADDED:
            return f"{code} is missing."
        case FindingKind.EDITED:
            return f"{code} should be {finding.corrected}."
        case FindingKind.REMOVED:
            return f"{code} should not be coded."
        case FindingKind.POA:
            return f"The POA indicator of {code} should be {finding.poa}."
    return f"{code} should be the principal diagnosis."


def stage(audited: Audited) -> str:
    """How far an audit is, and who has to act."""
    states = {audited.states[each.id] for each in audited.unsettled}
    if not audited.finished:
        return "◐ being audited" if audited.findings else "○ to audit"
    if FindingState.ESCALATED in states:
        return "▲ escalated"
    if FindingState.REBUTTED in states:
        return "◐ rebutted"
    return "◔ with the coder" if states else "● settled"


def lines(sheet: Worksheet) -> dict[str, list[object]]:
    """The arithmetic as a table: each kind of change, found and as it counts."""
    counted = sheet.counted
    return {
        "Change": [*(_CHANGES[kind] for kind in counted), "Changes", "Codes before the audit"],
        "Found": [*(found for found, _ in counted.values()), None, None],
        "Counts": [*(counts for _, counts in counted.values()), sheet.changes, sheet.codes_before],
    }


def sum_words(sheet: Worksheet) -> str:
    """The arithmetic in a line."""
    if sheet.accuracy is None or not sheet.codes_before:
        return "No code stood before the audit."
    return f"1 − {sheet.changes} ÷ {sheet.codes_before} = {percent(sheet)}"


def percent(sheet: Worksheet) -> str:
    """The accuracy, to a tenth of a per cent; a dash: there is none."""
    return "–" if sheet.accuracy is None else f"{sheet.accuracy:.1%}".replace("%", " %")


def verdict(sheet: Worksheet) -> str:
    """Whether it reaches the bar."""
    bar = f"{BAR:.0%}".replace("%", " %")
    return f"✓ reaches the {bar} bar" if sheet.passes else f"✕ below the {bar} bar"
