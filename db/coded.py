"""A chart as it is coded: a fold of decisions and details into codes in order, with their details.

Pure functions; what stands and what is undone is `db.standing`'s word.
"""

from collections.abc import Iterable, Mapping

from core.types import Code, CodeSystem
from db.records import Action, Decision, Pass
from db.standing import final, latest, standing
from db.workflow_records import Coded, CodedCode, Detail, Field

DIAGNOSES = frozenset({CodeSystem.ICD10CM, CodeSystem.ICD9CM})

_Subject = tuple[Field, Code | None, str]


def coded(
    decisions: Iterable[Decision], details: Iterable[Detail], *, coding_pass: Pass | None = None
) -> Coded:
    """One coding of a chart, or (None) what holds for it of all its codings.

    Codes stand in the order given, then by when they were decided on. The principal diagnosis is
    the first diagnosis of the order; it is nobody's if that stands no longer.
    """
    stands, said = _standing(decisions, coding_pass), _settled(details, coding_pass)
    chosen = {code: row for code, row in stands.items() if row.action is not Action.REJECT}
    order = _order(said)
    known = [code for code in order if code in chosen]
    rest = sorted(set(chosen) - set(known), key=lambda code: chosen[code].sequence)
    first = next((code for code in order if code.system in DIAGNOSES), None)
    return Coded(
        codes=tuple(_coded_code(chosen[code], said) for code in [*known, *rest]),
        principal=first if first in chosen else None,
        unrelated=_unrelated(said),
        comments=_comments(said, None),
    )


def codes_of(decisions: Iterable[Decision], *, coding_pass: Pass | None = None) -> frozenset[Code]:
    """The accepted and added codes of one coding, or (None) those that hold."""
    stands = _standing(decisions, coding_pass)
    return frozenset(code for code, row in stands.items() if row.action is not Action.REJECT)


def _standing(decisions: Iterable[Decision], coding_pass: Pass | None) -> Mapping[Code, Decision]:
    if coding_pass is None or coding_pass is Pass.ADJUDICATED:
        return final(decisions)
    return standing(row for row in decisions if row.coding_pass is coding_pass)


def _settled(details: Iterable[Detail], coding_pass: Pass | None) -> Mapping[_Subject, Detail]:
    rows = list(details)
    passes = [Pass.FIRST, Pass.ADJUDICATED] if coding_pass is None else [coding_pass]
    if coding_pass is Pass.ADJUDICATED:
        passes = [Pass.FIRST, Pass.ADJUDICATED]
    found: dict[_Subject, Detail] = {}
    for each in passes:
        found |= latest((row for row in rows if row.coding_pass is each), lambda row: row.subject)
    return found


def _order(said: Mapping[_Subject, Detail]) -> tuple[Code, ...]:
    row = said.get((Field.ORDER, None, ""))
    return () if row is None else row.order


def _unrelated(said: Mapping[_Subject, Detail]) -> frozenset[frozenset[Code]]:
    row = said.get((Field.UNRELATED, None, ""))
    return frozenset() if row is None else row.unrelated


def _coded_code(decision: Decision, said: Mapping[_Subject, Detail]) -> CodedCode:
    poa = said.get((Field.POA, decision.code, ""))
    return CodedCode(
        code=decision.code,
        title=decision.title,
        decision=decision,
        poa="" if poa is None else poa.value,
        comments=_comments(said, decision.code),
    )


def _comments(said: Mapping[_Subject, Detail], code: Code | None) -> Mapping[str, str]:
    return {
        row.coder: row.value
        for (field, of, _), row in said.items()
        if field is Field.COMMENT and of == code and row.value
    }
