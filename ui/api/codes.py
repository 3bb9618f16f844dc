"""Codes by search, and suggestions for a text that is not stored."""

from typing import Annotated

from fastapi import APIRouter, Query

from core.types import CodeSystem
from ui.api import views
from ui.api.callers import AtDesk
from ui.api.models import ForText, FoundCodes, ToSuggest
from ui.api.problems import documented
from ui.services.search import LONGEST, SHORTEST, find

router = APIRouter(prefix="/v1")


@router.get("/codes", responses=documented(401, 403, 422, 503), tags=["codes"])
def codes(
    desk: AtDesk,
    search: Annotated[
        str,
        Query(
            min_length=SHORTEST,
            max_length=LONGEST,
            examples=["hypertension"],
            description="A code, or words of its title. Not for words of a note: addresses are "
            "not kept secret as bodies are.",
        ),
    ],
    system: Annotated[
        CodeSystem | None,
        Query(description="Where to look; ICD-10-CM and ICD-10-PCS unless one is named."),
    ] = None,
) -> FoundCodes:
    """The codes that match best, by number or words."""
    hits = find(desk.tables, search, systems=() if system is None else (system,))
    return FoundCodes(codes=[views.found(hit) for hit in hits])


@router.post(
    "/suggest",
    responses=documented(400, 401, 403, 413, 422, 503),
    tags=["suggestions without a note"],
)
def suggest(desk: AtDesk, sent: ToSuggest) -> ForText:
    """Codes for a text, with evidence; nothing of it is stored, learned or logged.

    What memory has learned here is used. Without a record nobody can say later what was shown: to
    code a chart, store the note.
    """
    service = desk.suggesting
    made = service.suggest(sent.text, top=sent.top, method=sent.method)
    right = service.coder.rightness
    return ForText(
        checkpoint=made.checkpoint,
        memory=made.memory,
        truncated_at=made.truncated_at,
        suggestions=[views.suggested(each, right) for each in made.of(views.ICD)],
    )
