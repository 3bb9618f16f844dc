"""One chart: suggestions, decisions on them, and finishing it."""

from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Body, Header, Request, Response

from ui.api import views
from ui.api.callers import AtDesk
from ui.api.models import Accept, Add, Change, Chart, Decision, OnScreen, Reject, Wanted
from ui.api.notes import AS_FHIR, FHIR, NoteNumber, as_fhir, the_note
from ui.api.problems import Blocked, documented
from ui.api.services import Desk
from ui.services.charts import Opened
from ui.services.checking import Checked
from ui.services.intents import Intent, Kind
from ui.services.rights import Action, may
from ui.services.worklist import Work

router = APIRouter(prefix="/v1/notes/{number}", tags=["charts"])
FAILURES = documented(400, 401, 403, 404, 409, 413, 422, 503)
Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        pattern="^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
        description="A UUID of your own for this decision. Sent again with the same key it "
        "changes nothing, so that a request whose answer was lost can be repeated.",
    ),
]


@router.post("/suggestions", responses=FAILURES)
def suggestions(
    desk: AtDesk, number: NoteNumber, wanted: Annotated[Wanted | None, Body()] = None
) -> OnScreen:
    """Open the chart: take it, and get the list of suggested codes with their evidence.

    The list is kept, with checkpoint, scores and evidence, before it is sent. Who opens the chart
    again sees the same list, unless nothing was decided and memory has learned since. The chart is
    this coder's for 15 minutes after each request; 409 names who has it, if another does.
    """
    asked, name = wanted or Wanted(), desk.actor.name
    the_note(desk, number)
    desk.worklist.open(Work(note_id=number), coder=name)
    coverage = None if asked.coverage is None else float(asked.coverage)
    opened = desk.coding.open(number, coder=name, coverage=coverage)
    opened = desk.coding.explain_list(opened, asked.method)
    chart = desk.coding.chart(opened, coder=name)
    return views.on_screen(chart, asked.method, desk.problem)


@router.post("/decisions", status_code=201, responses=FAILURES)
def decide(desk: AtDesk, number: NoteNumber, sent: Decision, key: Key = None) -> Chart:
    """Decide on a code; 201 once that is on disk. The answer is what stands now.

    If somebody else has the chart, or decided on the code since `seen`, nothing is written: 409
    names who.
    """
    the_note(desk, number)
    intent = Intent(
        token=key or str(uuid4()),
        kind=Kind(sent.kind),
        note_id=number,
        screen_id=sent.screen,
        code=sent.code.read(),
        instead=sent.instead.read() if isinstance(sent, Change) else None,
        reason=sent.reason if isinstance(sent, Reject) else None,
        marks=tuple(each.read() for each in sent.evidence)
        if isinstance(sent, Accept | Add | Change)
        else (),
        seen=sent.seen,
    )
    desk.coding.do(intent, coder=desk.actor.name)
    return _standing(desk, number)


@router.get(
    "/decisions",
    responses=AS_FHIR | FAILURES,
    response_model=Chart,
)
def decisions(request: Request, desk: AtDesk, number: NoteNumber) -> Chart | Response:
    """What stands on the note, and what the checks say of it.

    With `Accept: application/fhir+json`: the Bundle of `/fhir`.
    """
    if FHIR in request.headers.get("accept", ""):
        return as_fhir(desk, number)
    the_note(desk, number)
    desk.worklist.look(number, coder=desk.actor.name)
    return _standing(desk, number)


@router.post("/finish", responses=FAILURES)
def finish(desk: AtDesk, number: NoteNumber) -> Chart:
    """Finish the chart and let go of it. Errors of the checks keep it open: 422 lists them."""
    the_note(desk, number)
    desk.worklist.look(number, coder=desk.actor.name)  # findings say what stands
    checked = _checked(desk, number)
    if checked.blocks and may(desk.actor, Action.CODE):  # the guard says the rest
        raise Blocked(checked.why, views.findings(checked.findings))
    _turn(desk, number, Kind.FINISH)
    return _standing(desk, number)


@router.post("/reopen", responses=FAILURES)
def reopen(desk: AtDesk, number: NoteNumber) -> Chart:
    """Open a finished chart again, to change its codes."""
    the_note(desk, number)
    _turn(desk, number, Kind.REOPEN)
    return _standing(desk, number)


@router.post("/release", status_code=204, responses=FAILURES)
def release(desk: AtDesk, number: NoteNumber) -> Response:
    """Let go of a chart one has, so that others need not wait for it."""
    the_note(desk, number)
    desk.worklist.release(Work(note_id=number), by=desk.actor.name)
    return Response(status_code=204)


def _turn(desk: Desk, number: int, kind: Kind) -> None:
    intent = Intent(token=str(uuid4()), kind=kind, note_id=number, screen_id=None)
    desk.coding.do(intent, coder=desk.actor.name)


def _standing(desk: Desk, number: int) -> Chart:
    opened = Opened(note=the_note(desk, number), screen=None)
    chart = desk.coding.chart(opened, coder=desk.actor.name)
    return views.standing(chart, _checked(desk, number))


def _checked(desk: Desk, number: int) -> Checked:
    encounter = the_note(desk, number).encounter
    return desk.checking.check_coded(desk.detailing.coded(number), encounter)
