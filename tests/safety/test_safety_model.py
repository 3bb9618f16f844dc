"""Coders, conflicts, undo and crashes at random lose no decision and invent none."""

import pytest
from sqlalchemy import Engine

from db import decisions
from db.verify import verify
from tests.db import decision_model


def test_coders_crashes_and_a_dictionary_agree(engine: Engine) -> None:
    counted = decision_model.run(engine, examples=8, steps=15)
    assert counted["crash"] > 0
    assert counted["undo"] > 0
    assert verify(engine).fault is None


def test_the_model_notices_an_edit_over_somebody_unseen(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The protection taken out: without the check for stale edits, store and model part."""
    monkeypatch.setattr(decisions, "_refuse_stale", lambda *args, **names: None)
    with pytest.raises(AssertionError):
        decision_model.run(engine, examples=40, steps=20, shorten=False)
