"""What an auditor can choose from: the codes of a chart, decided on or suggested."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Engine

from core.errors import BadInput, EvicodeError, quoted
from core.inference import Coder
from core.types import Code, CodeSystem, Suggestion
from db import decisions, notes, screens, unit_of_work
from db.records import Action, Decision, StoredNote
from db.standing import standing
from ui.services.charts import State, shown

__all__ = ["ListedCode", "State", "code_named", "codes_of"]

_STATES = {
    Action.ACCEPT: State.ACCEPTED,
    Action.REJECT: State.REJECTED,
    Action.ADD: State.ADDED,
}


@dataclass(frozen=True, kw_only=True)
class ListedCode:
    """One code of a chart, and how it stands."""

    code: Code
    title: str
    state: State
    probability: float | None  # None: it was not suggested


def codes_of(note_id: int, *, engine: Engine, coder: Coder | None) -> tuple[ListedCode, ...]:
    """Codes ever decided on, as they stand, then the others of the last list; best first in each.

    Where nobody has opened the chart, the list is the one a coder would be shown. BadInput if
    there is no such note.
    """
    with unit_of_work(engine, write=False) as session:
        note = notes.get(session, note_id)
        made = decisions.of_note(session, note_id)
        screen = screens.latest(session, note_id)
    if screen is None:
        suggested = _likely(note, coder)
    else:
        listed = [each.suggestion for each in screen.suggestions]
        suggested = [each for each in listed if each.task == "icd"]
    return _together(made, suggested)


def code_named(name: str) -> Code:
    """The code an address names: "ICD-10-CM I10". BadInput if it names none."""
    system, _, code = name.strip().rpartition(" ")
    if not system.strip() or not code:
        raise BadInput(f"{quoted(name)} names no code; write system and code: ICD-10-CM I10")
    return Code(CodeSystem.parse(system), code.upper())


def _likely(note: StoredNote, coder: Coder | None) -> Sequence[Suggestion]:
    if coder is None:
        return ()
    try:
        ranked = coder.suggest(note.as_note()).of("icd")
    except EvicodeError:
        return ()
    return shown(ranked, coder.thresholds.get("icd", 0.5))


def _together(made: Iterable[Decision], suggested: Iterable[Suggestion]) -> tuple[ListedCode, ...]:
    stands = standing(decided := tuple(made))
    probabilities = {each.code: each.probability for each in suggested}
    titles = {each.code: each.title for each in decided if each.title}
    titles |= {each.code: each.title for each in suggested}
    found = [
        ListedCode(
            code=code,
            title=titles.get(code, ""),
            state=_STATES[stands[code].action] if code in stands else State.OPEN,
            probability=probabilities.get(code),
        )
        for code in dict.fromkeys([*(each.code for each in decided), *probabilities])
    ]
    touched = {each.code for each in decided}
    return tuple(
        sorted(found, key=lambda each: (each.code not in touched, -(each.probability or 0)))
    )
