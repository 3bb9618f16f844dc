"""Notes in, by JSON or FHIR; the worklist and single notes out; decisions out as FHIR."""

from typing import Annotated, Any, Literal

from anyio.to_thread import run_sync
from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.exceptions import HTTPException

from core.errors import BadFile, BadInput
from core.notes import Format as FileFormat
from core.notes import Limits
from core.notes.limits import check_note
from core.notes.names import short
from core.text.language import language_of
from core.types import Note as TextNote
from db.records import Added, StoredNote
from ui.api import views
from ui.api.callers import AtDesk
from ui.api.models import LARGEST_INT, Kept, NewNote, Note, NotesKept, Page
from ui.api.problems import Documented, NotFound, documented
from ui.api.services import Desk
from ui.services.export import Export, Filter, Format
from ui.services.intake import UnderstoodNote
from ui.services.rights import Action, may
from ui.services.worklist import Pass, WorkRow

JSON, FHIR = "application/json", "application/fhir+json"
router = APIRouter(prefix="/v1/notes", tags=["notes"])
NoteNumber = Annotated[int, Path(ge=1, le=LARGEST_INT, description="A note's number here.")]
Read = tuple[list[UnderstoodNote], tuple[str, ...]]  # notes and problems
FAILURES = (401, 403, 404, 422, 503)
_DOCUMENT = {  # of FHIR, what is read; everything else may be there too
    "type": "object",
    "required": ["resourceType"],
    "properties": {"resourceType": {"enum": ["DocumentReference", "Bundle"]}},
}
_KEPT: Documented = {200: {"model": NotesKept, "description": "All of them were here already"}}
AS_FHIR: Documented = {200: {"content": {FHIR: {"schema": {"type": "object"}}}}}
_IN = {
    "requestBody": {
        "required": True,
        "content": {
            JSON: {"schema": {"$ref": "#/components/schemas/NewNote"}},
            FHIR: {"schema": _DOCUMENT},
        },
    }
}


@router.post(
    "",
    status_code=201,
    openapi_extra=_IN,
    responses=_KEPT | documented(400, 401, 403, 409, 413, 415, 422, 503),
)
async def keep_notes(request: Request, response: Response, desk: AtDesk) -> NotesKept:
    """Store notes: one as JSON, or those of a FHIR R4 DocumentReference or Bundle of them.

    In FHIR the text is the attachment's data, in base64: plain text, HTML, RTF or PDF. Patient and
    Encounter of the same Bundle are used where they are referred to. Nothing is fetched. The same
    text twice is one note: then `duplicate` is true.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    body = await request.body()
    if kind == JSON:
        notes, problems = _plain(body)
    elif kind == FHIR:
        readers = request.app.state.readers
        notes, problems = await run_sync(_of_fhir, desk, body, limiter=readers)
    else:
        raise HTTPException(415)
    added = await run_sync(lambda: list(desk.intake.store(notes, by=desk.actor.name)))
    if all(each.duplicate for each in added):
        response.status_code = 200
    return NotesKept(notes=[_kept(each) for each in added], problems=list(problems))


@router.get("", responses=documented(401, 403, 422, 503))
def worklist(
    desk: AtDesk,
    status: Annotated[
        Literal["new", "in progress", "done"] | None, Query(description="Only these.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    offset: Annotated[int, Query(ge=0, le=LARGEST_INT)] = 0,
) -> Page:
    """The notes to code, most urgent first, then oldest first. Of first codings only."""
    rows = [row for row in _rows(desk) if status in (None, row.status.value)]
    end = offset + limit
    return Page(
        total=len(rows),
        lines=[views.line(row) for row in rows[offset:end]],
        next=end if end < len(rows) else None,
    )


@router.get("/{number}", responses=documented(*FAILURES))
def one_note(desk: AtDesk, number: NoteNumber) -> Note:
    """A note with its text, to which all offsets refer."""
    return views.note(the_note(desk, number))


@router.get(
    "/{number}/fhir",
    response_class=Response,
    responses=AS_FHIR | documented(*FAILURES),
)
def as_fhir(
    desk: AtDesk,
    number: NoteNumber,
    text: Annotated[bool, Query(description="With the note itself, for leads.")] = False,
    quotes: Annotated[bool, Query(description="With the words of the evidence.")] = False,
) -> Response:
    """What stands on a note as a FHIR R4B Bundle: Conditions, Procedures and their Provenance.

    Needs the right to export: an auditor's or a lead's. It is there before the chart is finished.
    """
    the_note(desk, number)
    where = Filter(finished=False, note_id=number)
    wanted = Export(format=Format.FHIR, text=text, quotes=quotes, where=where)
    return Response(desk.exporting.file(wanted).content, media_type=FHIR)


def the_note(desk: Desk, number: int) -> StoredNote:
    """The note of this number; NotFound if there is none, or no longer."""
    try:
        return desk.intake.note(number)
    except BadInput:
        raise NotFound(f"there is no note {number}") from None


def _rows(desk: Desk) -> list[WorkRow]:
    """All of the list for whoever looks over it; for a coder nothing that would unblind them."""
    over = may(desk.actor, Action.AUDIT) and desk.actor.role is not None
    rows = desk.worklist.rows() if over else desk.worklist.listing(coder=desk.actor.name)
    return [row for row in rows if row.work.coding_pass is Pass.FIRST]


def _plain(body: bytes) -> Read:
    try:
        sent = NewNote.model_validate_json(body)
    except ValidationError as error:
        found = error.errors(include_input=False, include_context=False, include_url=False)
        located: list[Any] = [each | {"loc": ("body", *each["loc"])} for each in found]
        raise RequestValidationError(located) from None
    check_note(sent.text, Limits())
    name = short(sent.id)
    understood = UnderstoodNote(
        file=name,
        format=FileFormat.TXT,
        note=TextNote(id=name, text=sent.text),
        language=language_of(sent.text),
    )
    return [understood], ()


def _of_fhir(desk: Desk, body: bytes) -> Read:
    """The notes of a resource, read in a child process without rights; BadFile if there is none."""
    (read,) = desk.intake.understand([("sent.fhir", body)])
    if read.refused is not None and not read.columns:
        raise BadFile("; ".join([read.refused, *read.problems]))
    if read.format is not FileFormat.FHIR:  # nor of a table, whose columns it would name
        raise BadFile("this is no FHIR resource; send a DocumentReference, or a Bundle of them")
    return list(read.notes), read.problems


def _kept(added: Added) -> Kept:
    return Kept(note=added.note.id, name=added.note.name, duplicate=added.duplicate)
