"""Evidence is computed once for as long as the database keeps it, and never needs the database."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event, Thread

import pytest
from sqlalchemy import Engine, text

import db
from core.codes import shared_tables
from core.errors import UnknownCode
from core.explanations import METHODS
from core.explanations.reading import Progress, nobody
from core.inference import Coder
from core.types import Annotation, Code, CodeSystem, Explanation, Note
from tests.models import tiny_fused_checkpoint
from tests.ui.conftest import TEXT, Clock
from ui.services.explaining import Explainer
from ui.services.remembering import Remembering, program

I10 = Code(CodeSystem.ICD10CM, "I10")
FEVER = Code(CodeSystem.ICD10CM, "R50.9")
PAIN = Code(CodeSystem.ICD10CM, "R07.9")
NOTE = Note(id="letter", text=TEXT)
GRADIENTS = "integrated_gradients"


@dataclass
class Counting:
    """A coder that counts what it has to explain."""

    coder: Coder
    asked: list[tuple[tuple[Code, ...], str | None]] = field(default_factory=list)
    meanwhile: Callable[[], None] = lambda: None

    def __getattr__(self, name: str) -> object:
        return getattr(self.coder, name)

    def explain(
        self, note: Note, codes: list[Code], *, method: str, progress: Progress = nobody
    ) -> tuple[Explanation, ...]:
        self.asked.append((tuple(codes), method))
        found = self.coder.explain(note, codes, method=method, progress=progress)
        self.meanwhile()
        return found


@pytest.fixture
def counting(model: Coder) -> Counting:
    return Counting(model)


@pytest.fixture
def remembering(
    counting: Counting, engine: Engine, clock: Clock, a_note: Callable[..., int]
) -> Remembering:
    a_note()
    return Remembering(coder=counting, now=clock, engine=engine)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def fused(tmp_path_factory: pytest.TempPathFactory) -> Coder:
    """A coder with a phrase memory of its own; tests teach it and take it back."""
    checkpoint = tiny_fused_checkpoint(tmp_path_factory.mktemp("fused") / "tiny")
    return Coder(checkpoint, shared_tables())


def _kept(engine: Engine) -> int:
    with db.unit_of_work(engine, write=False) as session:
        return int(session.execute(text("SELECT count(*) FROM computed_evidence")).scalar_one())


@pytest.mark.parametrize("method", METHODS)
def test_what_was_computed_is_looked_up_after_a_restart(
    remembering: Remembering, counting: Counting, method: str
) -> None:
    first = remembering.explain(NOTE, [I10], method)[I10]
    later = replace(remembering)  # as another process would have it
    assert later.find(NOTE, [I10], method)[I10].at == first.at
    again = later.explain(NOTE, [I10], method)[I10]
    assert len(counting.asked) == 1
    assert again.explanation.spans == first.explanation.spans
    assert again.explanation.delta == first.explanation.delta
    for kept, word in zip(again.explanation.tokens, first.explanation.tokens, strict=True):
        assert (kept.start, kept.end) == (word.start, word.end)
        assert kept.score == pytest.approx(word.score, abs=1e-6)


def test_only_what_is_missing_is_computed_and_all_of_it_together(
    remembering: Remembering, counting: Counting
) -> None:
    remembering.explain(NOTE, [I10], "attention")
    found = remembering.explain(NOTE, [FEVER, I10, PAIN, FEVER], "attention")
    assert found.keys() == {I10, FEVER, PAIN}
    assert counting.asked[1:] == [((FEVER, PAIN), "attention")]
    assert all(each.explanation.code == code for code, each in found.items())


def test_a_code_the_model_does_not_know_is_an_error_and_keeps_nothing(
    remembering: Remembering, engine: Engine
) -> None:
    with pytest.raises(UnknownCode):
        remembering.explain(NOTE, [I10, Code(CodeSystem.ICD10CM, "A00.0")], "attention")
    assert _kept(engine) == 0


def test_evidence_for_a_note_that_is_not_stored_is_not_kept(
    remembering: Remembering, engine: Engine
) -> None:
    for note in (Note(id="other", text=TEXT), Note(id="letter", text="another text, fever")):
        assert remembering.explain(note, [I10], "attention")
    assert _kept(engine) == 0


def test_another_program_or_checkpoint_computes_anew(
    remembering: Remembering, monkeypatch: pytest.MonkeyPatch, counting: Counting, tmp_path: Path
) -> None:
    remembering.explain(NOTE, [I10], "attention")
    monkeypatch.setattr("ui.services.remembering.program", lambda: "other")
    assert remembering.find(NOTE, [I10], "attention") == {}
    monkeypatch.undo()
    assert remembering.find(NOTE, [I10], "attention")
    other = replace(remembering, coder=Counting(tiny_coder(tmp_path)))  # type: ignore[arg-type]
    assert other.find(NOTE, [I10], "attention") == {}


def tiny_coder(folder: Path) -> Coder:
    return Coder(tiny_fused_checkpoint(folder / "other"), shared_tables())


def test_the_program_has_one_short_name() -> None:
    assert program() == program()
    assert len(program()) < 30


@pytest.fixture
def teaching(fused: Coder, engine: Engine, clock: Clock, a_note: Callable[..., int]):
    a_note()
    counting = Counting(fused)
    yield Remembering(coder=counting, now=clock, engine=engine), counting  # type: ignore[arg-type]
    fused.learn(Note(id="lesson", text="other"))  # forget


LESSON = Note(id="lesson", text="chest pain", annotations=(Annotation(code=PAIN),))


def test_phrase_evidence_depends_on_what_memory_learned_and_attention_does_not(teaching) -> None:
    remembering, counting = teaching
    for method in ("phrases", "attention"):
        remembering.explain(NOTE, [I10], method)
    counting.coder.learn(LESSON)
    for method in ("phrases", "attention"):
        remembering.explain(NOTE, [I10], method)
    assert [method for _, method in counting.asked] == ["phrases", "attention", "phrases"]
    counting.coder.learn(Note(id="lesson", text="chest pain"))  # taken back
    assert remembering.find(NOTE, [I10], "phrases"), "the same knowledge gives the same evidence"


def test_evidence_computed_while_memory_learned_is_not_kept(teaching, engine: Engine) -> None:
    remembering, counting = teaching
    counting.meanwhile = lambda: counting.coder.learn(LESSON)
    assert remembering.explain(NOTE, [I10], "phrases")
    assert _kept(engine) == 0
    counting.meanwhile = lambda: None
    with remembering.learning:
        assert remembering.explain(NOTE, [I10], "phrases")
        assert remembering.explain(NOTE, [I10], "attention")
    assert _kept(engine) == 1, "attention asks no memory"


@pytest.mark.parametrize("lost", [["computed_evidence"], ["computed_evidence", "notes"]])
def test_a_broken_database_costs_time_but_no_evidence(
    remembering: Remembering,
    engine: Engine,
    counting: Counting,
    caplog: pytest.LogCaptureFixture,
    lost: list[str],
) -> None:
    remembering.explain(NOTE, [I10], "attention")
    with db.unit_of_work(engine) as session:
        for table in lost:
            session.execute(text(f"DROP TABLE {table}"))
    with caplog.at_level(logging.DEBUG):
        assert remembering.explain(NOTE, [I10], "attention")[I10].explanation.spans
    assert len(counting.asked) == 2
    assert "error" in caplog.text
    assert "hypertension" not in caplog.text


def test_nothing_of_a_note_is_logged(
    remembering: Remembering, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        remembering.explain(NOTE, [I10], "attention")
        remembering.find(NOTE, [I10], "attention")
    assert "hypertension" not in caplog.text


def test_threads_that_ask_at_once_all_get_the_same(
    remembering: Remembering, engine: Engine
) -> None:
    found: list[object] = []
    ask = lambda: found.append(remembering.explain(NOTE, [I10, FEVER], "attention"))  # noqa: E731
    threads = [Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len(found) == 6
    spans = {tuple(each.explanation.spans for each in one.values()) for one in found}  # type: ignore[attr-defined]
    assert len(spans) == 1
    assert _kept(engine) == 2


def test_the_page_gets_at_once_what_was_computed_before(
    remembering: Remembering, counting: Counting
) -> None:
    first = Explainer(counting, remembering)  # type: ignore[arg-type]
    assert first.ask(NOTE, I10, GRADIENTS) is None
    first.wait()
    second = Explainer(counting, remembering)  # type: ignore[arg-type]
    found = second.ask(NOTE, I10, GRADIENTS)
    assert found is not None, "no patience needed"
    assert found.delta is not None
    assert len(counting.asked) == 1


def test_slow_evidence_tells_how_far_it_is_and_can_be_called_off(
    remembering: Remembering, counting: Counting, engine: Engine
) -> None:
    reached, go_on = Event(), Event()

    class Slow(Counting):
        def explain(self, note: Note, codes: list[Code], *, method: str, progress: Progress):
            def slowly(share: float) -> None:
                progress(share)
                reached.set()
                go_on.wait(20)

            return super().explain(note, codes, method=method, progress=slowly)

    slow = Slow(counting.coder)
    explainer = Explainer(slow, replace(remembering, coder=slow))  # type: ignore[arg-type]
    assert explainer.progress(NOTE, I10, GRADIENTS) is None
    assert explainer.look(NOTE, I10, GRADIENTS) is None
    assert reached.wait(20)
    share = explainer.progress(NOTE, I10, GRADIENTS)
    assert share is not None
    assert 0 < share < 1
    assert explainer.look(NOTE, FEVER, GRADIENTS) is None
    explainer.call_off(NOTE, FEVER, GRADIENTS)  # it has not begun
    assert explainer.progress(NOTE, FEVER, GRADIENTS) is None
    explainer.call_off(NOTE, I10, GRADIENTS)
    go_on.set()
    explainer.wait()
    assert explainer.look(NOTE, I10, GRADIENTS) is None, "called off is no error"
    assert _kept(engine) == 0
    again = explainer.look(NOTE, I10, GRADIENTS, patience=20)
    assert again is not None, "who still wants it asks again"
    assert explainer.progress(NOTE, I10, GRADIENTS) == 1
