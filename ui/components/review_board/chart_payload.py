"""The chart as coded, as the JSON the board draws: codes in order, findings, groups, undo."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from core.checks import DRG, Finding, Impact, Risk, Uncomputed
from core.checks.chart import DIAGNOSES
from core.types import Code, Encounter
from ui.language import msgid, said, t
from ui.services.charts import Chart
from ui.services.checking import Checked
from ui.services.detailing import POA, Coded, CodedCode, Detail, Detailed, Field
from ui.services.grouping import Groups

JSON = dict[str, Any]  # Any: JSON has no type of its own

_POA_MEANS = {
    "Y": msgid("present on admission"),
    "N": msgid("not present on admission"),
    "U": msgid("the documentation does not say"),
    "W": msgid("clinically undetermined"),
    "1": msgid("exempt from POA reporting"),
}
_SAYS = {
    Field.ORDER: msgid("the order of the codes"),
    Field.POA: msgid("the POA indicator"),
    Field.COMMENT: msgid("the comment"),
    Field.UNRELATED: msgid("which codes are unrelated"),
}
_SAYS_OF = {  # the same of one code
    Field.POA: msgid("the POA indicator of {code}"),
    Field.COMMENT: msgid("the comment of {code}"),
}


@dataclass(frozen=True, kw_only=True)
class OnChart:
    """What the services say of a chart as coded."""

    detailed: Detailed
    checked: Checked
    groups: Groups | None = None  # None: not asked for, or not computed yet
    ungrouped: str | None = None  # why there are no groups


def chart_payload(chart: Chart, on: OnChart, *, coder: str) -> JSON:
    """The part of the board's data that the panel "On the chart" draws."""
    coded = on.detailed.coded
    comments = on.detailed.comments
    shown: JSON = {
        "chart": {
            "codes": [_code(each, comments, coder) for each in coded.codes],
            "principal": _principal(coded),
            "comments": _comments(comments, None, coder),
            "sequence": on.detailed.sequence,
            "findings": [_finding(each) for each in on.checked.findings],
            "blocks": on.checked.blocks,
            "unrelated": [sorted(str(code) for code in pair) for pair in coded.unrelated],
            "poa": [[value, t(_POA_MEANS[value])] for value in POA],
            "patient": _patient(chart.opened.note.encounter),
            "groups": _groups(on),
        }
    }
    for way in ("undo", "redo"):
        step = getattr(on.detailed, way)
        if step is None:
            shown[way] = None
        elif isinstance(step, Detail):
            shown[way] = _step(step)
    return shown


def _principal(coded: Coded) -> str | None:
    """The principal diagnosis: the one that was put first, or the only diagnosis there is."""
    diagnoses = [each.code for each in coded.codes if each.code.system in DIAGNOSES]
    found = coded.principal or (diagnoses[0] if len(diagnoses) == 1 else None)
    return None if found is None else str(found)


def _code(each: CodedCode, comments: Sequence[Detail], coder: str) -> JSON:
    return {
        "id": str(each.code),
        "system": each.code.system.value,
        "code": each.code.code,
        "title": each.title,
        "diagnosis": each.code.system in DIAGNOSES,
        "poa": each.poa,
        "comments": _comments(comments, each.code, coder),
    }


def _comments(comments: Sequence[Detail], code: Code | None, coder: str) -> list[JSON]:
    return [
        {
            "by": row.coder,
            "at": f"{row.at.astimezone(UTC):%Y-%m-%d %H:%M} UTC",
            "text": row.value,
            "own": row.coder == coder,
        }
        for row in comments
        if row.code == code
    ]


def _finding(finding: Finding) -> JSON:
    return {
        "rule": finding.rule,
        "name": said(finding.rule),
        "level": finding.level.value,
        "rows": [str(code) for code in finding.codes],
        "says": said(finding.says),
        "to_do": said(finding.to_do),
        "source": said(finding.source),
        "pair": finding.rule == "Excludes1",
    }


def _step(detail: Detail) -> JSON:
    """What an undo or a redo would change: named as the browser's outbox names it."""
    field, code = detail.field.value, None if detail.code is None else str(detail.code)
    return {
        "row": field if code is None else f"{field} {code}",
        "code": code,
        "state": None,
        "says": _says(detail),
    }


def _says(detail: Detail) -> str:
    if detail.code is None or detail.field not in _SAYS_OF:
        return t(_SAYS[detail.field])
    return t(_SAYS_OF[detail.field], code=detail.code.code)


def _patient(encounter: Encounter) -> JSON:
    return {
        "age": encounter.age,
        "sex": None if encounter.sex is None else encounter.sex.value,
    }


def _groups(on: OnChart) -> JSON | None:
    if on.ungrouped is not None:
        return {"problem": said(on.ungrouped)}
    if on.groups is None:
        return None
    asked, other = on.groups.asked, on.groups.other
    return {
        "row": None if asked.code is None else str(asked.code),
        "age": asked.age,
        "sex": None if asked.sex is None else asked.sex.value,
        "now": _impact(on.groups.impact),
        "other": None if other is None else _impact(other),
    }


def _impact(impact: Impact) -> JSON:
    return {"drg": _drg(impact.drg), "risk": _risk(impact.risk)}


def _drg(drg: DRG | Uncomputed) -> JSON:
    if isinstance(drg, Uncomputed):
        return {"why": said(drg.why)}
    return {
        "number": drg.number,
        "title": drg.title,
        "mdc": f"{drg.mdc} {drg.mdc_title}",
        "severity": drg.severity,
    }


def _risk(risk: Risk | Uncomputed) -> JSON:
    if isinstance(risk, Uncomputed):
        return {"why": said(risk.why)}
    return {
        "hccs": [[each.number, each.title, each.weight] for each in risk.hccs],
        "score": risk.score,
        "of_conditions": risk.of_conditions,
    }
