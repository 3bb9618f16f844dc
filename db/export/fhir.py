"""FHIR R4B: a Bundle of Conditions and Procedures, each with the Provenance of its decision.

A code that was accepted or added is `confirmed`; a rejected diagnosis is `refuted`, a rejected
procedure `entered-in-error`, because FHIR knows no refuted procedure. A tag names the kind.
"""

import base64
import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, BinaryIO
from uuid import NAMESPACE_URL, uuid5

from core.types import CodeSystem, Evidence, Span
from db.export.records import LIMITS, utc
from db.export.request import Export, Written
from db.feedback import Feedback
from db.kinds import DECIDED, Kind

JSON = dict[str, Any]  # Any: JSON

_OWN = "urn:evicode"
_HL7 = "http://terminology.hl7.org/CodeSystem"
SYSTEMS = {
    CodeSystem.ICD10CM: "http://hl7.org/fhir/sid/icd-10-cm",
    CodeSystem.ICD10PCS: "http://www.cms.gov/Medicare/Coding/ICD10",
    CodeSystem.ICD9CM: "http://hl7.org/fhir/sid/icd-9-cm",
    CodeSystem.ICD9PROC: "urn:oid:2.16.840.1.113883.6.104",
}
_PROCEDURES = {CodeSystem.ICD10PCS, CodeSystem.ICD9PROC, CodeSystem.CCSPROC}


def write_fhir(rows: Iterator[Feedback], file: BinaryIO, export: Export, at: datetime) -> Written:
    """One JSON Bundle, an entry a line. What nobody decided on asserts nothing: left out."""
    written, left_out, last = 0, 0, None
    file.write(_head(export, at))
    for row in rows:
        if row.kind not in DECIDED:
            left_out += 1
            continue
        entries = [_coded(row), _provenance(row, export)]
        if row.note != last and export.text:
            entries.insert(0, _document(row))
        last = row.note
        for entry in entries:
            file.write(b"\n" if not written and entry is entries[0] else b",\n")
            file.write(json.dumps(entry).encode())
        written += 1
    file.write(b"\n]}\n")
    return Written(records=written, left_out=left_out)


def _head(export: Export, at: datetime) -> bytes:
    """All of the Bundle that comes before its entries."""
    bundle: JSON = {"resourceType": "Bundle", "type": "collection"}
    if export.deidentified:
        bundle["meta"] = {"tag": [_coding(f"{_OWN}:deidentified", "patterns", LIMITS)]}
    bundle["timestamp"] = at.astimezone(UTC).isoformat(timespec="seconds")
    return json.dumps(bundle).encode()[:-1] + b', "entry": ['


def _coded(row: Feedback) -> JSON:
    """The Condition or Procedure that the decision is about."""
    kind = "Procedure" if row.code.system in _PROCEDURES else "Condition"
    system = SYSTEMS.get(row.code.system, f"{_OWN}:{row.code.system.value}")
    resource: JSON = {
        "resourceType": kind,
        "id": _id(row, kind),
        "meta": {"tag": [_coding(f"{_OWN}:kind", row.kind.value)]},
        "code": {"coding": [_coding(system, row.code.code, row.title)]},
        "subject": _reference("Patient", "patient", row.identity.patient, row),
        "encounter": _reference("Encounter", "encounter", row.identity.encounter, row),
        "recorder": _coder(row),
    }
    resource |= _procedure(row) if kind == "Procedure" else _condition(row)
    if reason := _string(row.reason):
        resource["note"] = [{"text": reason}]
    return _entry(resource)


def _condition(row: Feedback) -> JSON:
    status = "refuted" if row.kind is Kind.REJECTED else "confirmed"
    category = _coding(f"{_HL7}/condition-category", "encounter-diagnosis")
    return {
        "verificationStatus": {"coding": [_coding(f"{_HL7}/condition-ver-status", status)]},
        "category": [{"coding": [category]}],
        "recordedDate": utc(row.time),
        "evidence": [{"detail": [_note(row)]}],
    }


def _procedure(row: Feedback) -> JSON:
    return {
        "status": "entered-in-error" if row.kind is Kind.REJECTED else "completed",
        "report": [_note(row)],
    }


def _provenance(row: Feedback, export: Export) -> JSON:
    """Who decided, what proposed it, and the words it rests on."""
    target = _coded(row)
    found: JSON = {
        "resourceType": "Provenance",
        "id": _id(row, "Provenance"),
        "target": [{"reference": target["fullUrl"]}],
        "recorded": utc(row.time),
        "activity": {"coding": [_coding(f"{_OWN}:kind", row.kind.value)]},
        "agent": [_agent("author", _coder(row)), *_device(row)],
        "entity": [{"role": "source", "what": _note(row), "extension": _evidence(row, export)}],
    }
    if not found["entity"][0]["extension"]:
        del found["entity"][0]["extension"]
    if reason := _string(row.reason):
        found["reason"] = [{"text": reason}]
    return _entry(found)


def _device(row: Feedback) -> list[JSON]:
    """Evicode, if a list of its own was on screen: the checkpoint, and what it said."""
    if row.checkpoint is None:
        return []
    said: list[JSON] = []
    if row.rank is not None:
        said += [
            {"url": f"{_OWN}:rank", "valueInteger": row.rank},
            {"url": f"{_OWN}:probability", "valueDecimal": row.score},
        ]
    what = {
        "type": "Device",
        "identifier": {"system": f"{_OWN}:checkpoint", "value": row.checkpoint},
        "display": "Evicode",
    }
    return [{**_agent("assembler", what), **({"extension": said} if said else {})}]


def _agent(role: str, who: JSON) -> JSON:
    coding = _coding(f"{_HL7}/provenance-participant-type", role)
    return {"type": {"coding": [coding]}, "who": who}


def _evidence(row: Feedback, export: Export) -> list[JSON]:
    """Spans as extensions: where in the note, how strong, and whose: the coder's or shown."""
    spans: Sequence[tuple[str, Span | Evidence]] = [
        *(("marked", span) for span in row.marked),
        *(("shown", span) for span in row.evidence),
    ]
    return [_span(row, whose, span, quoted=export.quotes) for whose, span in spans]


def _span(row: Feedback, whose: str, span: Span | Evidence, *, quoted: bool) -> JSON:
    parts: list[JSON] = [
        {"url": "whose", "valueCode": whose},
        {"url": "start", "valueInteger": span.start},
        {"url": "end", "valueInteger": span.end},
    ]
    if isinstance(span, Evidence):
        parts.append({"url": "score", "valueDecimal": span.score})
    words = _string((row.text or "")[span.start : span.end]) if quoted else None
    if words:
        parts.append({"url": "text", "valueString": words})
    return {"url": f"{_OWN}:evidence", "extension": parts}


def _document(row: Feedback) -> JSON:
    data = base64.b64encode((row.text or "").encode()).decode()
    return _entry(
        {
            "resourceType": "DocumentReference",
            "id": str(uuid5(NAMESPACE_URL, f"{_OWN}:note:{row.note}:{row.sha256}")),
            "identifier": [_note(row)["identifier"]],
            "status": "current",
            "subject": _reference("Patient", "patient", row.identity.patient, row),
            "content": [{"attachment": {"contentType": "text/plain; charset=utf-8", "data": data}}],
        }
    )


def _note(row: Feedback) -> JSON:
    name = _string(row.note_id) or f"note {row.note}"
    return {
        "type": "DocumentReference",
        "identifier": {"system": f"{_OWN}:note", "value": name},
    }


def _coder(row: Feedback) -> JSON:
    name = _string(row.coder) or "unnamed"
    return {
        "type": "Practitioner",
        "identifier": {"system": f"{_OWN}:coder", "value": name},
        "display": name,
    }


def _reference(kind: str, what: str, known: str | None, row: Feedback) -> JSON:
    """A reference by identifier: the source's, else a surrogate that its system names as one."""
    value = _string(known)
    if value is not None:
        identifier = {"system": f"{_OWN}:{what}", "value": value}
    else:
        identifier = {"system": f"{_OWN}:surrogate:{what}", "value": f"note-{row.note}"}
    return {"type": kind, "identifier": identifier}


def _entry(resource: JSON) -> JSON:
    return {"fullUrl": f"urn:uuid:{resource['id']}", "resource": resource}


def _id(row: Feedback, what: str) -> str:
    """The same decision has the same id in every export."""
    return str(uuid5(NAMESPACE_URL, f"{_OWN}:{what}:{row.note}:{row.sha256}:{row.sequence}"))


def _coding(system: str, code: str, display: str = "") -> JSON:
    shown = _string(display)
    return {"system": system, "code": code, **({"display": shown} if shown else {})}


def _string(text: str | None) -> str | None:
    """Text as FHIR allows it: printable, with something in it; else None."""
    kept = "".join(each if each.isprintable() or each in "\r\n\t" else " " for each in text or "")
    return kept.strip() or None
