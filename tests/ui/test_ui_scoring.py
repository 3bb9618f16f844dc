"""Notes of the database are scored as the app would show them, and nothing is left behind."""

import json
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

import db
from core.errors import BadSettings
from core.inference import Coder
from core.memory.edits import Edits, SitePhrase
from core.memory.words import phrase_words
from core.scoring import Hands
from core.types import Code, CodeSystem, Span
from db import inbox, models, notes, phrases
from db.phrases import PhraseAction
from db.tables import Base
from tests.models import tiny_fused_checkpoint
from tests.ui.conftest import Desk
from ui.scoring import main, score_notes
from ui.services.coding import Coding
from ui.services.intents import Kind
from ui.services.model_folders import hash_of

TEXTS = {
    "b": "Fever, hypertension. No chest pain.",
    "c": "Cough, and pain in the chest since noon; she shivers.",
    "d": "12 34",
    "e": "Neumonía y fiebre. The patient shivers.",
}

CHILLS, PRESSURE = (Code(CodeSystem.ICD10CM, code) for code in ("R68.83", "I10"))
EDITS = Edits(
    off=frozenset({(phrase_words("hypertension"), PRESSURE)}),
    added=frozenset({SitePhrase(language="en", key=phrase_words("chest pain"), code=CHILLS)}),
)


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    tiny_fused_checkpoint(tmp_path / "fused")
    return tmp_path / "fused"


@pytest.fixture
def coding(coding: Coding, checkpoint: Path) -> Coding:
    return replace(coding, coder=Coder.load(checkpoint))


@pytest.fixture
def at_work(at_desk: Desk, a_note: Callable[..., int]) -> Desk:
    """A finished chart from which memory learned, and four that are open."""
    ids = {name: a_note(name, text) for name, text in TEXTS.items()}
    at_desk.do(Kind.ACCEPT, "I10", marks=(Span(35, 47),))
    at_desk.do(Kind.REJECT, "R50.9", reason="other")
    other = Desk(coding=at_desk.coding, opened=at_desk.coding.open(ids["c"], coder="ana"))
    other.do(Kind.ADD, "R68.83", marks=(Span(45, 52),))  # a phrase that no training note had
    assert at_desk.do(Kind.FINISH) is None
    return at_desk


@pytest.fixture
def promoted(engine: Engine, checkpoint: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a model that was trained here and is in use, in a memory that was edited."""
    monkeypatch.setenv("EVICODE_MODELS", str(checkpoint.parent))
    digest, at = hash_of(checkpoint), datetime(2026, 1, 2, tzinfo=UTC)
    model = models.StoredModel(hash=digest, name="spring", folder=checkpoint.name)
    draft = partial(phrases.PhraseDraft, reason="as we say it here", by="lea")
    with db.unit_of_work(engine) as session:
        models.register(session, model, by="lea", at=at)
        models.promote(session, digest, reason="better", by="lea", at=at)
        for event in (
            draft(action=PhraseAction.ADD, phrase="chest pain", code=CHILLS, language="en"),
            draft(action=PhraseAction.OFF, phrase="hypertension", code=PRESSURE),
        ):
            phrases.record(session, event, at=at)
    return checkpoint


def rows(path: Path) -> dict[str, dict[str, object]]:
    return {row["id"]: row for row in map(json.loads, path.read_text().splitlines())}


def counted(engine: Engine) -> dict[str, int]:
    with db.unit_of_work(engine, write=False) as session:
        return {
            table.name: session.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
        }


def test_what_is_written_is_what_the_app_would_show(
    at_work: Desk, engine: Engine, promoted: Path, tmp_path: Path
) -> None:
    before, out = counted(engine), tmp_path / "out.jsonl"
    done = score_notes(engine, out, Hands())
    assert done is not None
    assert (done.served, len(done.refused)) == (4, 1)
    assert counted(engine) == before
    assert list(tmp_path.glob(".out*")) == []
    coder = at_work.coding.coder
    assert coder is not None
    coder.edit(EDITS)
    assert coder.memory
    with db.unit_of_work(engine, write=False) as session:
        stored = [note for name in ("letter", *TEXTS) if (note := notes.named(session, name))]
    for note in stored:
        if note.name == "d":
            continue
        shown = coder.suggest(note.as_note(), top=50, evidence="default")
        written = rows(out)[note.name]
        assert (written["checkpoint"], written["memory"]) == (shown.checkpoint, shown.memory)
        assert [
            (s["system"], s["code"], s["probability"], s["provenance"], s["evidence"])
            for s in written["suggestions"]  # type: ignore[attr-defined]
        ] == [
            (
                s.code.system,
                s.code.code,
                s.probability,
                s.provenance,
                [{"start": e.start, "end": e.end, "score": e.score} for e in s.evidence],
            )
            for s in shown.ranked
        ]
    learned = [s["code"] for s in rows(out)["e"]["suggestions"]]  # type: ignore[attr-defined]
    assert "R68.83" in learned, "what one note taught is known of the next"
    added = {s["code"]: s["provenance"] for s in rows(out)["b"]["suggestions"]}  # type: ignore[attr-defined]
    assert added["R68.83"], "and what was added by hand"


def test_only_open_charts_are_scored_if_asked_for_by_any_number_of_workers(
    at_work: Desk, engine: Engine, checkpoint: Path, tmp_path: Path
) -> None:
    one, two = tmp_path / "one.jsonl", tmp_path / "two.jsonl"
    score_notes(engine, one, Hands(), open_only=True, checkpoint=checkpoint)
    score_notes(engine, two, Hands(workers=2), open_only=True, checkpoint=checkpoint)
    assert set(rows(one)) == {"b", "c", "e"}
    assert one.read_bytes() == two.read_bytes()


def test_a_stopped_command_goes_on_from_its_private_copy(
    at_work: Desk,
    engine: Engine,
    checkpoint: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    plain, out = tmp_path / "plain.jsonl", tmp_path / "out.jsonl"
    score_notes(engine, plain, Hands(), checkpoint=checkpoint)
    command = ["--database", str(engine.url.database), "--out", str(out)]
    command += ["--checkpoint", str(checkpoint)]
    with monkeypatch.context() as patched:
        patched.setattr("core.scoring.worker.Worker.make", _interrupt)
        assert main(command) == 130
    copy = tmp_path / ".out.jsonl.notes"
    kept = {path.name: path.stat().st_mode & 0o777 for path in copy.iterdir()}
    assert kept == dict.fromkeys(("notes.jsonl", "lessons.jsonl", "asked.json"), 0o600)
    assert copy.stat().st_mode & 0o777 == 0o700
    at_work.do(Kind.REOPEN)  # whatever happens meanwhile
    at_work.do(Kind.UNDO)
    with pytest.raises(BadSettings, match="holds notes of another database, or others"):
        score_notes(engine, out, Hands(), open_only=True, checkpoint=checkpoint)
    assert main(command) == 0
    assert out.read_bytes() == plain.read_bytes()
    assert not copy.exists()
    said = capsys.readouterr().err
    assert "what is done is kept" in said
    assert "4 notes served, 1 refused" in said


def test_a_stopped_command_keeps_its_model_and_a_changed_one_is_refused(
    at_work: Desk,
    engine: Engine,
    promoted: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = tmp_path / "out.jsonl"
    command = ["--database", str(engine.url.database), "--out", str(out)]
    with monkeypatch.context() as patched:
        patched.setattr("core.scoring.worker.Worker.make", _interrupt)
        assert main(command) == 130
    with db.unit_of_work(engine) as session:
        models.roll_back(session, reason="slow", by="lea", at=datetime(2026, 1, 3, tzinfo=UTC))
    assert main(command) == 0
    assert {row["checkpoint"] for row in rows(out).values()} == {hash_of(promoted)}
    with db.unit_of_work(engine) as session:
        at = datetime(2026, 1, 4, tzinfo=UTC)
        models.promote(session, hash_of(promoted), reason="after all", by="lea", at=at)
    (promoted / "spec.json").write_text("{}")
    assert main(command) == 2
    assert "'spring' is not the model that was registered" in capsys.readouterr().err


def _interrupt(*_: object) -> int:
    raise KeyboardInterrupt


def test_there_must_be_a_database_and_a_place_for_the_output(
    engine: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = ["--out", str(tmp_path / "out.jsonl")]
    assert main(["--database", str(tmp_path / "none.sqlite"), *out]) == 2
    assert main(["--database", str(engine.url.database), "--out", str(tmp_path / "no" / "x")]) == 2
    assert "there is no folder" in capsys.readouterr().err
    assert [path for path in os.listdir(tmp_path) if path.startswith(".")] == []


def test_texts_stream_oldest_first_and_leave_out_what_was_deleted(
    at_work: Desk, engine: Engine
) -> None:
    with db.unit_of_work(engine, write=False) as session:
        every = [name for name, _ in inbox.texts(session)]
        still_open = [name for name, _ in inbox.texts(session, open_only=True)]
    assert (every, still_open) == (["letter", *TEXTS], [*TEXTS])
