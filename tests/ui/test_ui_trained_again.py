"""What was learned once counts once: in the memory of a trained model, and in the next run."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

import db
from core.checkpoints import load_checkpoint
from core.codes import CodeTables
from core.inference import Coder
from db import models
from db.models import StoredModel
from tests.models import tiny_fused_checkpoint
from tests.ui.conftest import Clock
from tests.ui.decided import decided_notes
from tests.ui.test_ui_training import SHORT, over, until
from ui.services.coding import Coding
from ui.services.loading import Loading
from ui.services.models import Models
from ui.services.teaching import untaught
from ui.services.training import State, Training


@pytest.fixture
def service(
    engine: Engine, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Training]:
    tiny_fused_checkpoint(tmp_path / "fused")
    monkeypatch.setenv("EVICODE_CHECKPOINT", str(tmp_path / "fused"))
    made = Training(engine=engine, now=clock, folder=tmp_path / "models")
    yield made
    for seen in made.listing():
        if seen.state is State.GOES_ON:
            made.discard(seen.run.name, by="lea")


def started_app(engine: Engine, clock: Clock, tables: CodeTables, folder: Path) -> Loading:
    """The models of an app that has just started: each is taught what the database holds."""
    bare = Coding(engine=engine, coder=None, tables=tables, version="0.1.0", now=clock)

    def teach(coder: Coder, ready: Callable[[], None]) -> None:
        replace(bare, coder=coder).learn_all(ready=ready)

    return Loading(engine=engine, now=clock, folder=folder, teach=teach)


def test_a_trained_model_in_use_counts_each_decision_once_and_is_not_trained_further(
    service: Training, engine: Engine, clock: Clock, tables: CodeTables, tmp_path: Path
) -> None:
    decided_notes(engine, clock, count=10)
    before = started_app(engine, clock, tables, service.folder).in_use().coder
    service.start(SHORT, by="lea")
    trained = until(service, over).run.model
    assert trained is not None
    loading = started_app(engine, clock, tables, service.folder)
    lead = Models(engine=engine, loading=loading, now=clock)
    lead.promote(trained, reason="better", by="lea", seen=lead.listing().standing.turn)
    after = loading.in_use().coder
    assert after.checkpoint == trained != before.checkpoint
    assert after.memory == before.memory != ""
    assert counted(after) == counted(before)
    assert service.material(SHORT).start is None  # the one Evicode came with learns it all anew
    again = service.start(SHORT, by="lea")
    assert again.run.settings["parent"] == load_checkpoint(tmp_path / "fused").hash


def counted(coder: Coder) -> list[tuple[object, ...]]:
    """What memory has counted of the phrases of a note, and their weight up to rounding."""
    fusion = coder._checkpoint.fusion
    assert fusion is not None
    mentions = fusion.memory.read("Patient with fever and cough.").mentions
    assert mentions
    return [
        (each.code, each.key, each.marked, each.found, each.whole, round(each.mass, 9))
        for each in mentions
    ]


def test_a_run_begins_with_the_last_model_that_learned_no_feedback(engine: Engine) -> None:
    def add(session: Session, letter: str, parent: str | None, **lineage: Any) -> str:  # JSON
        model = StoredModel(
            hash=letter * 64, name=letter, folder=letter, parent=parent, lineage=lineage
        )
        return models.register(session, model, by="lea", at=Clock()()).hash

    with db.unit_of_work(engine) as session:
        plain = add(session, "a", None)
        first = add(session, "b", plain, feedback="f1", lessons=3)
        second = add(session, "c", first, feedback="f2", lessons=5)
        of_shipped = add(session, "d", "e" * 64, feedback="f1")
        assert named(untaught(session, second)) == named(untaught(session, plain)) == "a"
        assert untaught(session, of_shipped) is untaught(session, None) is None


def named(model: StoredModel | None) -> str | None:
    return None if model is None else model.name
