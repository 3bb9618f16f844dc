"""A model is held against another in a process of its own, on notes that neither learned from."""

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine

from core.checkpoints import load_checkpoint
from core.comparing import Verdict
from core.corpora import held_out
from core.errors import BadCheckpoint, BadInput
from core.types import CodeSystem
from db import unit_of_work
from db.records import Action
from tests.builders import a_code, write_codiesp
from tests.db.desk import decide
from tests.models import tiny_checkpoint, tiny_fused_checkpoint
from tests.ui.conftest import Clock
from ui.services import compared_apart
from ui.services.candidates import Candidate, loaded
from ui.services.comparing import FEEDBACK, STOPPED, Asked, Comparing, as_columns
from ui.services.tabular import csv_file

PATIENCE = 120  # seconds; a loaded machine
FEVER = a_code("R50.9")


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> tuple[Candidate, Candidate]:
    folder = tmp_path_factory.mktemp("models")
    tiny_fused_checkpoint(folder / "now")
    tiny_fused_checkpoint(folder / "next", sharpness=1.0)
    a, b = (
        Candidate(checkpoint=load_checkpoint(folder / name).hash, name=name, folder=folder / name)
        for name in ("now", "next")
    )
    return a, b


@pytest.fixture
def service(
    engine: Engine, clock: Clock, two: tuple[Candidate, Candidate], tmp_path: Path
) -> Comparing:
    return Comparing(engine=engine, models=lambda: two, now=clock, folder=lambda: tmp_path)


@pytest.fixture
def decided(engine: Engine, a_note: Callable[..., int]) -> list[str]:
    """Twelve notes with decisions; the names of those that are held out."""
    from db import notes

    names = [f"letter {number}" for number in range(12)]
    for name in names:
        note_id = a_note(name, f"Fever and cough. This is {name}.")
        with unit_of_work(engine) as session:
            note = notes.get(session, note_id)
            decide(session, note, FEVER)
            decide(session, note, a_code("I10"), Action.REJECT)
    return [name for name in names if held_out(name)]


def asked(two: tuple[Candidate, Candidate], on: str = FEEDBACK) -> Asked:
    return Asked(a=two[0].checkpoint, b=two[1].checkpoint, on=on)


def request(engine: Engine, two: tuple[Candidate, Candidate], **more: object) -> dict[str, object]:
    return {
        "models": [[str(each.folder), each.checkpoint] for each in two],
        "corpus": None,
        "database": engine.url.render_as_string(hide_password=False),
        **more,
    }


def ended(service: Comparing) -> str | None:
    """Wait for the process; what it came to nothing for, or None."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        running = service.running()
        if running is not None and running.ended:
            return running.problem
        time.sleep(0.05)
    raise TimeoutError


def test_a_process_of_its_own_compares_and_what_it_found_is_kept(
    service: Comparing, two: tuple[Candidate, Candidate], decided: list[str], tmp_path: Path
) -> None:
    assert service.kept(asked(two)) is None
    service.start(asked(two), by="lead")
    with pytest.raises(BadInput, match="another comparison is at work"):
        service.start(asked(two), by="lead")
    assert ended(service) is None
    kept = service.kept(asked(two))
    assert kept is not None
    assert kept.by == "lead"
    assert kept.found.notes == len(decided) > 0
    assert kept.found.verdict is Verdict.FEW
    assert (kept.found.a.name, kept.found.b.name) == ("tiny-evicode", "tiny-evicode")
    assert kept.found.a.memory == kept.found.b.memory != ""
    (file,) = (tmp_path / ".comparisons").iterdir()
    assert "Fever" not in file.read_text()
    assert "letter" not in file.read_text()
    turned = Asked(a=two[1].checkpoint, b=two[0].checkpoint)
    assert service.kept(turned) is None


def test_neither_model_learns_from_the_notes_they_are_compared_on(
    engine: Engine,
    two: tuple[Candidate, Candidate],
    decided: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    taught: list[set[str]] = []
    real = compared_apart.Coder.learn_all

    def watched(coder, lessons):
        lessons = list(lessons)
        taught.append({note.id for note, _ in lessons})
        real(coder, lessons)

    monkeypatch.setattr(compared_apart.Coder, "learn_all", watched)
    told: list[float] = []
    found = compared_apart.compared(request(engine, two), told=told.append)
    assert taught[0] == taught[1]
    assert len(taught[0]) == 12 - len(decided)
    assert not taught[0] & set(decided)
    assert found.notes == len(decided)
    assert found.whole == 0
    assert told[-1] == 1.0


def test_a_base_corpus_is_compared_on_as_whole_charts(
    engine: Engine,
    service: Comparing,
    two: tuple[Candidate, Candidate],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write_codiesp(tmp_path, texts={"a": "fever", "b": "no cough"}, tables={"D": "a\tr50.9\n"})
    assert service.grounds() == (FEEDBACK,)
    monkeypatch.setenv("EVICODE_BASE_CORPUS", str(tmp_path))
    monkeypatch.setenv("EVICODE_BASE_CORPUS_LAYOUT", "codiesp")
    assert service.grounds() == (FEEDBACK, "codiesp")
    found = compared_apart.compared(
        request(engine, two, corpus=["codiesp", str(tmp_path)]), told=lambda _: None
    )
    assert (found.notes, found.whole) == (2, 2)


def test_without_held_out_decisions_it_says_what_is_missing(
    service: Comparing, two: tuple[Candidate, Candidate]
) -> None:
    service.start(asked(two), by="lead")
    problem = ended(service)
    assert problem is not None
    assert problem.startswith("no note that is held out has a decision yet")
    assert service.kept(asked(two)) is None


def test_a_stopped_comparison_keeps_nothing(
    service: Comparing, two: tuple[Candidate, Candidate], decided: list[str]
) -> None:
    service.start(asked(two), by="lead")
    service.stop()
    assert ended(service) == STOPPED
    assert service.kept(asked(two)) is None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"b": "same"}, "cannot be compared with itself"),
        ({"b": "f" * 64}, "there is no model ffffffffffff here"),
        ({"on": "cmc"}, "nothing of that name"),
    ],
)
def test_what_cannot_be_compared_is_refused(
    service: Comparing, two: tuple[Candidate, Candidate], change: dict[str, str], words: str
) -> None:
    a, _ = two
    settings = {"a": a.checkpoint, "b": two[1].checkpoint, **change}
    if settings["b"] == "same":
        settings["b"] = a.checkpoint
    with pytest.raises(BadInput, match=words):
        service.start(Asked(**settings), by="lead")
    assert service.running() is None


def test_a_folder_with_another_checkpoint_is_refused(tmp_path: Path) -> None:
    tiny_checkpoint(tmp_path / "c")
    with pytest.raises(BadCheckpoint, match="holds another checkpoint"):
        loaded(tmp_path / "c", "0" * 64)


def test_a_file_that_was_damaged_is_no_comparison(
    service: Comparing, two: tuple[Candidate, Candidate], tmp_path: Path
) -> None:
    file = tmp_path / ".comparisons" / f"{asked(two).key}.json"
    file.parent.mkdir()
    for text in ("", "{}", "[]", json.dumps({"found": {}, "by": "x", "at": "now"})):
        file.write_text(text)
        assert service.kept(asked(two)) is None


def test_every_code_has_a_line_in_the_csv(engine: Engine, two, decided: list[str]) -> None:
    found = compared_apart.compared(request(engine, two), told=lambda _: None)
    lines = csv_file(as_columns(found)).decode("utf-8-sig").splitlines()
    assert len(lines) == 1 + len(found.codes)
    assert any(line.startswith(f"{CodeSystem.ICD10CM},R50.9,") for line in lines)
