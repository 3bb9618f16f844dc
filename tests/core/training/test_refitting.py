"""The combiner learns what coders decided, each note as if nobody had decided on it."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from core.assembly import assemble
from core.checkpoints import Checkpoint, load_checkpoint, save_checkpoint
from core.codes import shared_tables
from core.corpora import Lesson
from core.fusion import CombinerSettings, Fusion, candidates, untaught
from core.inference import Coder
from core.memory import PhraseMemory
from core.training import finetuning, own_category
from core.training.finetuning import Finetuning, Starting, finetune, held_out
from core.training.refitting import refit, taught
from core.types import Code, CodeSpace, CodeSystem, Note
from tests.models import coded, tiny_checkpoint, tiny_fused_checkpoint, tiny_memory

FEVER, CHEST, I10 = (Code(CodeSystem.ICD10CM, code) for code in ("R50.9", "R07.9", "I10"))
QUICK = CombinerSettings(members=2, hidden=8, epochs=60, learning_rate=1e-2)


@cache
def category(code: Code) -> Code | None:
    return own_category(shared_tables().category)(code)


def many(
    text: str, *marked: tuple[str, str], count: int = 6, wrong: Sequence[Code] = ()
) -> list[Lesson]:
    return [
        Lesson(note=coded(f"{text} {n}", *marked, id=f"{text}-{n}"), rejected=frozenset(wrong))
        for n in range(count)
    ]


def said(fusion: Fusion, text: str) -> dict[Code, float]:
    note = Note(id="new", text=text)
    return {f.code: f.probability for f in fusion.rank(note, None, category=category).fused}


def from_nothing() -> Fusion:
    memory = PhraseMemory(listed=tiny_memory().listed)
    memory.hear(["fever and cough", "pain in the chest"])
    return Fusion(memory=memory, combiner=untaught())


def refitted(fusion: Fusion, lessons: Sequence[Lesson]) -> Fusion:
    found = refit(fusion, lessons, {}, category=category, settings=QUICK)
    return replace(found, memory=taught(found.memory, lessons))


def test_before_anything_was_decided_a_title_speaks_for_its_code_and_no_more() -> None:
    found = said(from_nothing(), "Essential primary hypertension and fever")
    assert list(found) == [I10]
    assert 0 < found[I10] < 0.5


def test_a_phrase_marked_once_is_likely_at_once_and_without_training() -> None:
    fusion = from_nothing()
    before = said(fusion, "high fever today")
    fusion.memory.decide(coded("The fever rose.", ("R50.9", "fever"), id="a"))
    after = said(fusion, "high fever today")
    assert FEVER not in before
    assert after[FEVER] > 0.4


def test_decisions_move_what_the_combiner_says() -> None:
    lessons = many("fever and pain in the chest", ("R50.9", "fever"), wrong=[CHEST])
    lessons += many("pain in the chest", ("R07.9", "pain in the chest"), count=2)
    before = replace(from_nothing(), memory=taught(from_nothing().memory, lessons))
    after = refitted(from_nothing(), lessons)
    text = "fever and pain in the chest"
    assert said(after, text)[FEVER] > said(before, text)[FEVER]
    assert said(after, text)[FEVER] > said(after, text)[CHEST] + 0.2


def test_what_nobody_decided_on_is_taught_as_it_was_said() -> None:
    whole = many("Essential primary hypertension and fever", ("R50.9", "fever"), count=8)
    wrong = [replace(each, rejected=frozenset({I10})) for each in whole]
    text = "Essential primary hypertension"
    open_, refused = (said(refitted(from_nothing(), each), text)[I10] for each in (whole, wrong))
    assert said(from_nothing(), text)[I10] == pytest.approx(open_, abs=0.1)
    assert refused < open_


def test_a_lesson_is_ranked_as_if_nobody_had_decided_on_it() -> None:
    alone = [Lesson(note=coded("odd rigors", ("R50.9", "odd rigors"), id="only"))]
    memory = taught(from_nothing().memory, alone)
    assert not candidates(alone[0].note, memory, None, category=category).codes
    assert refit(from_nothing(), alone, {}, category=category, settings=QUICK).combiner is not None


def test_what_a_fusion_was_taught_is_where_the_next_lessons_begin(tmp_path: Path) -> None:
    fusion = tiny_fused_checkpoint(tmp_path / "c").fusion
    assert fusion is not None
    nothing = [Lesson(note=coded("the cough", id="n"))]
    assert refit(fusion, nothing, {}, category=category, settings=QUICK) is fusion
    found = refit(fusion, many("fever", ("R50.9", "fever")), {}, category=category, settings=QUICK)
    assert found.combiner.settings == fusion.combiner.settings
    for name in ("mean_F", "spread_F"):
        torch.testing.assert_close(
            found.combiner.get_buffer(name), fusion.combiner.get_buffer(name)
        )


def test_a_copy_of_a_memory_learns_for_itself() -> None:
    memory = tiny_memory()
    copy = memory.copy()
    copy.decide(coded("rigors", ("R50.9", "rigors"), id="x"))
    assert len(copy.read("the rigors").mentions) == 1
    assert not memory.read("the rigors").mentions
    copy.decide(Note(id="x", text=""))
    assert copy.tallies == memory.tallies


def test_rare_words_of_uncoded_texts_say_more() -> None:
    memory = PhraseMemory()
    memory.hear(["the fever", "fever rose", "no fever", "the rigors"])
    memory.decide(coded("fever or rigors", ("R50.9", "fever"), ("R07.9", "rigors"), id="x"))
    mass = {mention.code: mention.mass for mention in memory.read("fever, then rigors").mentions}
    assert mass[CHEST] > mass[FEVER]
    assert not memory.codes


def start_of(checkpoint: Checkpoint) -> Starting:
    return Starting(
        model=checkpoint.model,
        spaces=checkpoint.spaces,
        vocabulary=checkpoint.vocabulary,
        fallback=None,
        max_length=checkpoint.max_length,
        name=checkpoint.hash,
        fusion=checkpoint.fusion,
    )


def how(**settings: object) -> Finetuning:
    asked = Finetuning(tables=shared_tables(), category=category, min_count=1, epochs=2, folds=2)
    return replace(asked, **settings)  # type: ignore[arg-type]


def test_a_network_that_judges_a_lesson_does_not_know_the_codes_it_alone_gives(
    tmp_path: Path,
) -> None:
    checkpoint = tiny_fused_checkpoint(tmp_path / "c")
    asthma = Code(CodeSystem.ICD10CM, "J45.909")
    lessons = [*many("fever", ("R50.9", "fever"), count=3)]
    lessons.append(Lesson(note=coded("the cough", ("J45.909", "cough"), id="cough")))
    scores = held_out(start_of(checkpoint), lessons, how(), folder=tmp_path / "run")
    assert scores.keys() == {lesson.note.id for lesson in lessons}
    assert asthma not in scores["cough"].icd
    assert FEVER in scores["cough"].icd
    apart = [lesson for lesson in lessons if asthma in scores[lesson.note.id].icd]
    assert apart  # the other fold did learn it


def test_a_network_that_judges_a_lesson_did_not_rehearse_it_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkpoint = tiny_fused_checkpoint(tmp_path / "c")
    lessons = many("fever", ("R50.9", "fever"), count=4)
    charts = [each.note for each in lessons] + [coded("the cough", id="chart")]
    seen: list[tuple[set[str], set[str]]] = []
    learn = finetuning._Learning.network

    def watched(self: finetuning._Learning, taught: Sequence[Lesson], *rest: Any) -> Any:
        rehearsed = {note.id for note in self.how.rehearsed}
        seen.append(({each.note.id for each in taught}, rehearsed))
        return learn(self, taught, *rest)

    monkeypatch.setattr(finetuning._Learning, "network", watched)
    held_out(start_of(checkpoint), lessons, how(rehearsed=charts), folder=tmp_path / "run")
    assert len(seen) == 2
    for taught_ones, rehearsed in seen:
        assert rehearsed == {*taught_ones, "chart"}


def test_in_a_whole_chart_what_nobody_coded_is_wrong() -> None:
    lessons = many("Essential primary hypertension and fever", ("R50.9", "fever"), count=8)
    asked = {"category": category, "settings": QUICK}
    text = "Essential primary hypertension"
    part = refit(from_nothing(), lessons, {}, **asked)  # type: ignore[arg-type]
    whole = refit(from_nothing(), lessons, {}, whole={n.note.id for n in lessons}, **asked)  # type: ignore[arg-type]
    assert said(whole, text)[I10] < said(part, text)[I10]


def test_a_checkpoint_without_any_code_learns_its_first(tmp_path: Path) -> None:
    tiny = tiny_checkpoint(tmp_path / "tiny", "evicode")
    empty = {task: CodeSpace(name=task, codes=()) for task in tiny.spaces}
    model = assemble(
        tiny.system, vocabulary_size=len(tiny.vocabulary), labels=dict.fromkeys(empty, 0)
    )
    nothing = replace(tiny, model=model.eval(), spaces=empty, fusion=from_nothing())
    save_checkpoint(nothing, tmp_path / "nothing")
    loaded = load_checkpoint(tmp_path / "nothing")
    note = Note(id="n", text="high fever today")
    assert not Coder(loaded, shared_tables()).suggest(note).of("icd")
    lessons = many("the fever", ("R50.9", "fever"))
    found = finetune(
        start_of(loaded), lessons, how(epochs=20, learning_rate=0.02), folder=tmp_path / "run"
    )
    learned = replace(loaded, model=found.model, spaces=found.spaces, fusion=found.fusion)
    save_checkpoint(learned, tmp_path / "learned")
    coder = Coder(load_checkpoint(tmp_path / "learned"), shared_tables())
    first = coder.suggest(note).of("icd")[0]
    assert first.code == FEVER
    assert np.isfinite(first.probability)
    coder.learn_all((lesson.note, lesson.rejected) for lesson in lessons)
    assert coder.suggest(note).of("icd")[0].probability >= first.probability
