"""Edits of memory: off, on, added, taken back; and where memory has its phrases from."""

# ruff: noqa: S106  (tokens of decisions)

import pytest
from sqlalchemy import Engine

import db
from core.errors import BadInput, Conflict
from core.memory import NO_EDITS, Edits, SitePhrase, phrase_words
from core.types import Code, Span
from db import learnt, lessons, notes, phrases, tombstones
from db.phrases import PhraseAction, PhraseDraft, PhraseEvent
from db.records import Action, Decision, StoredNote
from db.verify import verify
from tests.db.desk import FEVER, PRESSURE, a_note, clock, decide

RASH = phrase_words("dancing rash")


def _change(
    engine: Engine, action: PhraseAction, phrase: str = "dancing rash", **changes
) -> PhraseEvent:
    known = {"code": FEVER, "reason": "means nothing here", "by": "lea", "language": "en"}
    with db.unit_of_work(engine) as session:
        draft = PhraseDraft(action=action, phrase=phrase, **{**known, **changes})
        return phrases.record(session, draft, at=clock())


def _undo(engine: Engine, event: PhraseEvent) -> PhraseEvent:
    with db.unit_of_work(engine) as session:
        return phrases.undo(session, event.id, by="lea", at=clock(1))


def _edits(engine: Engine) -> Edits:
    with db.unit_of_work(engine, write=False) as session:
        return phrases.edits(session)


def test_what_is_switched_off_is_off_until_it_is_switched_on(engine: Engine) -> None:
    _change(engine, PhraseAction.OFF)
    assert _edits(engine) == Edits(off=frozenset({(RASH, FEVER)}))
    _change(engine, PhraseAction.ON)
    assert _edits(engine) == NO_EDITS
    assert verify(engine).fault is None


def test_an_added_phrase_may_be_switched_off_and_on_and_stays(engine: Engine) -> None:
    mine = frozenset({SitePhrase(language="en", key=RASH, code=FEVER)})
    _change(engine, PhraseAction.ADD)
    assert _edits(engine) == Edits(added=mine)
    _change(engine, PhraseAction.OFF)
    assert _edits(engine) == Edits(added=mine, off=frozenset({(RASH, FEVER)}))
    _change(engine, PhraseAction.ON)
    assert _edits(engine) == Edits(added=mine)


def test_every_change_can_be_taken_back_the_latest_first(engine: Engine) -> None:
    added = _change(engine, PhraseAction.ADD)
    off = _change(engine, PhraseAction.OFF)
    with pytest.raises(Conflict, match="latest change first"):
        _undo(engine, added)
    _undo(engine, off)
    assert not _edits(engine).off
    _undo(engine, added)
    assert _edits(engine) == NO_EDITS
    for event in (added, off):
        with pytest.raises(Conflict, match="changed since"):
            _undo(engine, event)
    _change(engine, PhraseAction.ADD)  # and may be made again
    assert verify(engine).fault is None


def test_a_change_of_another_code_or_phrase_is_not_in_the_way(engine: Engine) -> None:
    off = _change(engine, PhraseAction.OFF)
    _change(engine, PhraseAction.OFF, code=PRESSURE)
    _change(engine, PhraseAction.OFF, "cold nose")
    _undo(engine, off)
    assert len(_edits(engine).off) == 2


@pytest.mark.parametrize(
    ("before", "change", "why"),
    [
        ((), {"action": PhraseAction.ON}, "changed this phrase meanwhile"),
        ((PhraseAction.OFF,), {"action": PhraseAction.OFF}, "changed this phrase meanwhile"),
        ((PhraseAction.OFF,), {"action": PhraseAction.ADD}, "switched off before"),
        ((PhraseAction.ADD,), {"action": PhraseAction.ADD}, "added or switched off before"),
        ((), {"action": PhraseAction.OFF, "reason": " "}, "needs a reason"),
        ((), {"action": PhraseAction.OFF, "reason": "x" * 201}, "needs a reason"),
        ((), {"action": PhraseAction.ADD, "phrase": "of the"}, "needs a word"),
        ((), {"action": PhraseAction.ADD, "phrase": "rash " * 30}, "at most 120"),
        ((), {"action": PhraseAction.ADD, "language": "fr"}, "needs its language: en, es"),
    ],
)
def test_a_change_that_says_nothing_new_or_too_little_is_refused(
    engine: Engine, before: tuple[PhraseAction, ...], change: dict, why: str
) -> None:
    for action in before:
        _change(engine, action)
    held = _edits(engine)
    with pytest.raises((BadInput, Conflict), match=why):
        _change(engine, **change)
    assert _edits(engine) == held


def _marked(engine: Engine, name: str, text: str, **changes) -> tuple[StoredNote, Decision]:
    with db.unit_of_work(engine) as session:
        note = a_note(session, name=name, text=text)
        start = text.lower().index("dancing")
        mark = Span(start, start + len("dancing rash"))
        return note, decide(session, note, FEVER, Action.ADD, evidence=(mark,), **changes)


def _forget(engine: Engine, note: StoredNote) -> None:
    with db.unit_of_work(engine) as session:
        tombstones.forget(session, note.id, by="lea", reason="request 7", at=clock(9))


def test_a_switch_goes_with_the_only_note_that_holds_the_words(engine: Engine) -> None:
    note, _ = _marked(engine, "a", "A dancing rash.")
    event = _change(engine, PhraseAction.OFF, note_id=note.id)
    _forget(engine, note)
    assert _edits(engine) == NO_EDITS
    with db.unit_of_work(engine, write=False) as session:
        (kept,) = phrases.every(session)
    assert (kept.key, kept.phrase, kept.reason, kept.code) == ((), "", "deleted", FEVER)
    with pytest.raises(BadInput, match="no such change"):
        _undo(engine, event)
    assert verify(engine).fault is None


def test_a_switch_stays_while_another_note_holds_the_words(engine: Engine) -> None:
    first, _ = _marked(engine, "a", "A dancing rash.")
    second, _ = _marked(engine, "b", "Rash? A DANCING RASH.")
    _change(engine, PhraseAction.OFF, note_id=first.id)
    _forget(engine, first)
    assert _edits(engine).off == {(RASH, FEVER)}
    with db.unit_of_work(engine, write=False) as session:
        (gone, carried) = phrases.every(session)
    assert (gone.phrase, carried.phrase, carried.note_id) == ("", "DANCING RASH", second.id)
    _forget(engine, second)
    assert _edits(engine) == NO_EDITS
    assert verify(engine).fault is None


def test_the_words_of_a_switch_that_are_nobodys_stay(engine: Engine) -> None:
    note, _ = _marked(engine, "a", "A dancing rash.")
    _change(engine, PhraseAction.OFF)
    _forget(engine, note)
    assert _edits(engine).off == {(RASH, FEVER)}


def test_the_decisions_behind_memory_are_those_that_it_learned(engine: Engine) -> None:
    note, added = _marked(engine, "a", "A dancing rash. No fever.", token="t1")
    with db.unit_of_work(engine) as session:
        turned = decide(session, note, PRESSURE, Action.REJECT, reason="no", token="t2")
    gone, _ = _marked(engine, "b", "A dancing rash, too.", token="t3")
    _forget(engine, gone)
    with db.unit_of_work(engine, write=False) as session:
        found = list(learnt.decisions(session))
        taught = list(lessons.every(session))
        assert [each.decision_id for each in found] == [added.id, turned.id]
        assert dict(found[0].marked) == {Span(2, 14): "dancing rash"}
        assert (found[0].note, found[0].coder, found[1].action) == ("a", "ana", Action.REJECT)
        assert {each.code for each in found} == {
            code for each in taught for code in each.note.codes | each.rejected
        }
        assert list(learnt.decisions(session, code=FEVER, notes=["a", "z"])) == found[:1]
        assert list(learnt.decisions(session, notes=[])) == []
        assert notes.get(session, note.id).text == learnt.texts(session, [note.id])[note.id]


def test_marked_words_with_letters_of_every_width_are_cut_where_the_coder_marked(
    engine: Engine,
) -> None:
    _marked(engine, "a", "👩🏽‍⚕️ ne\u0301o 😀 dancing rash 🩺")
    with db.unit_of_work(engine, write=False) as session:
        (found,) = learnt.decisions(session, code=Code(FEVER.system, FEVER.code))
    assert list(found.marked.values()) == ["dancing rash"]
