"""FHIR R4 to notes: a DocumentReference, or a Bundle of them, with the document inside.

Nothing is fetched: a document that is only linked to is a problem that says so. Patient, Encounter
and Binary resources of the same Bundle are looked up where a DocumentReference names them.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from core.errors import BadFile, BadInput
from core.notes.attachments import READABLE, attachment_text, media_type
from core.notes.extracted import Extracted
from core.notes.limits import Limits, check_note
from core.notes.names import short
from core.notes.values import encounter, read_date, read_id, read_sex
from core.types import Encounter, Note

Resource = Mapping[str, Any]  # Any: JSON from outside, of any shape


def read_fhir(text: str, name: str, limits: Limits) -> tuple[list[Note], list[str]]:
    """Notes and problems; `name` is for documents that have no id. BadFile if there is no note."""
    resources = list(_resources(text))
    known = {key: found for url, found in resources for key in _keys(url, found)}
    documents = [
        found for _, found in resources if _at(found, "resourceType") == "DocumentReference"
    ]
    if not documents:
        raise BadFile("there is no DocumentReference in it; export the notes as those, with data")
    notes: list[Note] = []
    problems: list[str] = []
    characters = 0
    for number, document in enumerate(documents, start=1):
        if len(notes) == limits.notes or characters > limits.all_characters:
            problems.append(f"document {number:,} and all after it were not read; split the file")
            break
        try:
            found = _document(document, known, limits)
            check_note(found.text, limits)
        except BadInput as error:
            problems.append(f"document {number:,}: {error}")
            continue
        facts = _encounter(document, known)
        unnamed = f"{name} {number}" if len(documents) > 1 else name
        notes.append(Note(id=short(facts.external_id or unnamed), text=found.text, encounter=facts))
        problems += [f"document {number:,}: {problem}" for problem in found.problems]
        characters += len(found.text)
    return notes, problems


def _resources(text: str) -> Iterator[tuple[str, Resource]]:
    """fullUrl (or "") and resource: of a Bundle each entry's; of NDJSON each line's."""
    try:
        roots = [json.loads(text)]
    except ValueError:
        roots = _lines(text)
    for root in roots:
        if _at(root, "resourceType") != "Bundle":
            yield "", root
            continue
        entries = _at(root, "entry")
        for entry in entries if isinstance(entries, list) else []:
            resource = _at(entry, "resource")
            if isinstance(resource, dict):
                yield _said(entry, "fullUrl"), resource


def _lines(text: str) -> list[Any]:
    try:
        return [json.loads(line) for line in text.split("\n") if line.strip()]
    except ValueError:  # "from None": the original error holds the text
        raise BadFile("it is not JSON; was it cut off? Export it again") from None


def _keys(url: str, resource: Resource) -> Iterator[str]:
    """The references by which other resources may name this one."""
    if url:
        yield url
    kind, identity = _said(resource, "resourceType"), _said(resource, "id")
    if kind and identity:
        yield f"{kind}/{identity}"


def _document(document: Resource, known: Mapping[str, Resource], limits: Limits) -> Extracted:
    """The best readable of the forms in which a document comes."""
    contents = _at(document, "content")
    forms = [
        (media_type(_said(content, "attachment", "contentType")), _at(content, "attachment"))
        for content in (contents if isinstance(contents, list) else [])
    ]
    readable = [form for form in forms if form[0] in READABLE]
    if not readable:
        raise BadFile(f"it has no attachment of a kind that is read ({', '.join(READABLE)})")
    kind, attachment = min(readable, key=lambda form: READABLE[form[0]])
    data = _said(attachment, "data") or _said(known.get(_said(attachment, "url"), {}), "data")
    if not data:
        raise BadFile(
            "its attachment is a link; Evicode fetches nothing, so export it with the data inside"
        )
    return attachment_text(data, kind, limits)


def _encounter(document: Resource, known: Mapping[str, Resource]) -> Encounter:
    patient = _said(document, "subject", "reference")
    visit = _said(document, "context", "encounter", 0, "reference")
    person = known.get(patient, {})
    day = (
        _said(document, "context", "period", "start")
        or _said(known.get(visit, {}), "period", "start")
        or _said(document, "date")
    )
    return encounter(
        external_id=read_id(
            _said(document, "masterIdentifier", "value")
            or _said(document, "identifier", 0, "value")
            or _said(document, "id")
        ),
        encounter_id=read_id(_tail(visit) or _said(document, "context", "encounter", 0, "display")),
        patient_id=read_id(_tail(patient) or _said(document, "subject", "identifier", "value")),
        sex=read_sex(_said(person, "gender")),
        birth_date=read_date(_said(person, "birthDate")),
        service_date=read_date(day),
    )


def _tail(reference: str) -> str:
    return reference.rpartition("/")[2].removeprefix("urn:uuid:")


def _at(value: Any, *path: str | int) -> Any:  # Any: JSON from outside, of any shape
    """What stands at `path`, or None: a hostile file may have anything anywhere."""
    for step in path:
        if isinstance(step, int) and isinstance(value, list) and len(value) > step:
            value = value[step]
        elif isinstance(step, str) and isinstance(value, dict):
            value = value.get(step)
        else:
            return None
    return value


def _said(value: Any, *path: str | int) -> str:  # Any: as above
    """The string at `path`, or ""."""
    found = _at(value, *path)
    return found if isinstance(found, str) else ""
