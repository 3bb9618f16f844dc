"""From the records of the services to the models of the answers."""

from collections.abc import Iterable, Sequence

from core.checks import Finding
from core.types import Evidence, Suggestion
from db.records import StoredNote
from ui.api import models
from ui.api.models import CodeName
from ui.services.charts import Chart, Opened, Row, State
from ui.services.checking import Checked
from ui.services.search import Found
from ui.services.worklist import WorkRow

ICD = "icd"  # the task whose suggestions are codes to decide on


def line(row: WorkRow) -> models.Line:
    """A line of the worklist."""
    return models.Line(
        note=row.work.note_id,
        name=row.name,
        characters=row.characters,
        status=row.status.value,
        priority=row.priority.name.lower(),  # type: ignore[arg-type]
        assigned_to=None if row.assignment is None else row.assignment.coder,
        held_by=None if row.claim is None else row.claim.coder,
        accepted=row.accepted,
        rejected=row.rejected,
        added=row.added,
        created_at=row.created_at,
    )


def note(stored: StoredNote) -> models.Note:
    """A note with its text."""
    known = stored.encounter
    return models.Note(
        note=stored.id,
        name=stored.name,
        text=stored.text,
        language=stored.language,
        created_at=stored.created_at,
        encounter=models.Encounter(
            external_id=known.external_id,
            encounter_id=known.encounter_id,
            patient_id=known.patient_id,
            age=known.age,
            sex=known.sex,
            service_date=known.service_date,
        ),
    )


def suggested(each: Suggestion, right: Sequence[float | None]) -> models.Suggested:
    """A suggestion with its evidence."""
    return models.Suggested(
        code=CodeName.of(each.code),
        title=each.title,
        probability=each.probability,
        right=_right(each.probability, right),
        category=None if each.category is None else CodeName.of(each.category),
        source=each.source,
        provenance=each.provenance,
        contexts=[context.value for context in each.contexts],
        evidence=_spans(each.evidence),
    )


def on_screen(chart: Chart, method: str | None, problem: str | None) -> models.OnScreen:
    """An opened chart: the list as it was kept."""
    opened, screen = chart.opened, chart.opened.screen
    rows = [row for row in chart.rows if row.probability is not None]
    return models.OnScreen(
        note=opened.note.id,
        screen=None if screen is None else screen.id,
        checkpoint=None if screen is None else screen.checkpoint_hash,
        memory="" if screen is None else screen.memory,
        truncated_at=None if screen is None else screen.truncated_at,
        coverage=opened.coverage,
        withheld=opened.withheld,
        problem=problem,
        sequence=chart.sequence,
        suggestions=[_listed(row, opened, method) for row in rows],
    )


def standing(chart: Chart, checked: Checked) -> models.Chart:
    """What stands on a note, and what the checks say of it."""
    return models.Chart(
        note=chart.opened.note.id,
        status=chart.status.value,
        held_by=None if chart.held is None else chart.held.coder,
        sequence=chart.sequence,
        decisions=[_standing(row) for row in chart.rows if row.state is not State.OPEN],
        findings=findings(checked.findings),
    )


def findings(found: Iterable[Finding]) -> list[models.Finding]:
    """What checks found."""
    return [
        models.Finding(
            rule=each.rule,
            level=each.level.value,
            codes=[CodeName.of(code) for code in each.codes],
            says=each.says,
            to_do=each.to_do,
            source=each.source,
        )
        for each in found
    ]


def found(hit: Found) -> models.FoundCode:
    """A code that matches a search."""
    return models.FoundCode(
        code=CodeName.of(hit.code),
        title=hit.title,
        billable=hit.billable,
        flags=list(hit.flags),
        found_by=hit.found_by,
    )


def _listed(row: Row, opened: Opened, method: str | None) -> models.Listed:
    return models.Listed(
        code=CodeName.of(row.code),
        title=row.title,
        probability=row.probability or 0.0,
        right=_right(row.probability or 0.0, opened.rightness),
        category=None if row.category is None else CodeName.of(row.category),
        source=row.source,
        provenance=row.provenance,
        contexts=[context.value for context in row.contexts],
        evidence=_evidence(row, opened, method),
        likely=row.likely,
        state=row.state.value,
    )


def _evidence(row: Row, opened: Opened, method: str | None) -> list[models.EvidenceSpan]:
    """By the method, or by the one that had to be used in its place."""
    wanted = method or next(iter(opened.methods), "")
    used = opened.instead.get((row.code, wanted), wanted)
    shown = opened.explanations.get((row.code, used))
    return [] if shown is None else _spans(shown.spans)


def _standing(row: Row) -> models.Standing:
    marks = [models.Stretch(start=each.start, end=each.end) for each in row.marks]
    return models.Standing(
        code=CodeName.of(row.code),
        title=row.title,
        state=row.state.value,  # type: ignore[arg-type]  # never open
        decided_by=row.decided_by or "",
        reason=row.reason,
        evidence=marks,
    )


def _spans(spans: Iterable[Evidence]) -> list[models.EvidenceSpan]:
    return [models.EvidenceSpan(start=e.start, end=e.end, score=e.score) for e in spans]


def _right(probability: float, right: Sequence[float | None]) -> float | None:
    tenth = min(int(probability * 10), 9)
    return right[tenth] if len(right) > tenth else None
