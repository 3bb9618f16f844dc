"""What if words were not in the note: only what concerns the list, and nothing kept."""

from dataclasses import replace

import pytest
from sqlalchemy import event

from core.errors import BadInput, BadNote
from core.inference import Change, Coder, WhatIf
from core.types import Code, CodeSystem, Span
from db.records import Screen
from tests.ui.conftest import TEXT, Desk
from ui.services.supposing import Supposing, supposed

PATIENCE = 20.0
LISTED, CLIMBS, NEW = (Code(CodeSystem.ICD10CM, code) for code in ("I10", "R50.9", "K35.80"))
WORDS = (Span(0, 5),)


def _change(code: Code, before: float | None, after: float | None, task: str = "icd") -> Change:
    return Change(code=code, title="", task=task, before=before, after=after)


@pytest.fixture
def screen(at_desk: Desk) -> Screen:
    """A list cut at the threshold 0.5 that holds I10 and R50.9, but not K35.80."""
    screen = at_desk.opened.screen
    assert screen is not None
    return replace(screen, thresholds={"icd": 0.5}, cut=None)


def test_codes_that_would_come_onto_the_list_are_those_that_cross_its_cut(screen: Screen) -> None:
    category = _change(Code(CodeSystem.CCSR, "DIG001"), 0.1, 0.9, task="ccs")
    changes = (
        _change(LISTED, 0.9, None),
        _change(CLIMBS, 0.2, 0.6),
        _change(NEW, 0.3, 0.5),
        category,
    )
    found = supposed(WhatIf(removed=WORDS, changes=changes), screen, text=TEXT)
    assert found.changes == {LISTED: changes[0], CLIMBS: changes[1]}
    assert found.appeared == (changes[2],), "a category is on no list of codes"
    wide = supposed(WhatIf(removed=WORDS, changes=changes), replace(screen, cut=0.3), text=TEXT)
    assert wide.appeared == (), "on a list cut at 0.3 it would have been before"


def test_only_the_largest_changes_are_named_and_the_others_counted(screen: Screen) -> None:
    codes = [Code(CodeSystem.ICD10CM, f"Z{number}") for number in range(10, 35)]
    what_if = WhatIf(removed=WORDS, changes=tuple(_change(code, 0.1, 0.8) for code in codes))
    found = supposed(what_if, screen, text=TEXT)
    assert (len(found.appeared), found.hidden) == (20, 5)


def test_whole_words_are_struck_though_only_parts_were_selected(screen: Screen) -> None:
    what_if = WhatIf(removed=(Span(2, 4), Span(5, 6)), changes=())
    (struck,) = supposed(what_if, screen, text=TEXT).removed
    assert TEXT[struck.start : struck.end] == "Fever"


def test_scores_that_memory_has_changed_since_are_called_so(screen: Screen) -> None:
    (listed,) = (each for each in screen.suggestions if each.suggestion.code == LISTED)
    shown = replace(listed, suggestion=replace(listed.suggestion, probability=0.9))
    for before, anew in ((0.901, False), (0.92, True)):
        what_if = WhatIf(removed=WORDS, changes=(_change(LISTED, before, 0.1),))
        assert supposed(what_if, replace(screen, suggestions=(shown,)), text=TEXT).anew is anew


def test_the_list_without_words_is_what_the_coder_says_and_writes_nothing(
    at_desk: Desk, model: Coder
) -> None:
    written: list[str] = []
    event.listen(at_desk.coding.engine, "before_cursor_execute", lambda *a: written.append(a[2]))
    opened, supposing = at_desk.opened, Supposing(coder=model)
    assert supposing.without(opened, WORDS) is None, "it is being read"
    found = supposing.without(opened, WORDS, patience=PATIENCE)
    assert found is not None
    assert (found.spans, found.anew) == (WORDS, False)
    what_if = model.without(opened.note.as_note(), WORDS)
    assert found.changes[LISTED] == what_if.of(LISTED)
    assert opened.screen is not None
    assert found.changes.keys() == {each.suggestion.code for each in opened.screen.suggestions}
    assert written == []


def test_words_that_are_all_or_none_of_the_note_are_refused(at_desk: Desk, model: Coder) -> None:
    opened, supposing = at_desk.opened, Supposing(coder=model)
    end = len(opened.note.text)
    with pytest.raises(BadNote, match="choose fewer words"):
        supposing.without(opened, (Span(0, end),), patience=PATIENCE)
    with pytest.raises(BadInput, match="does not lie in the note"):
        supposing.without(opened, (Span(end, end + 3),), patience=PATIENCE)
