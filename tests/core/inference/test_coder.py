"""A note in, ranked suggestions and evidence on its original text out."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch

from core.errors import BadCheckpoint, BadNote, Cancelled, UnknownCode
from core.inference import Coder, shipped_checkpoint
from core.systems import SYSTEMS
from core.types import Code, CodeSystem, Note
from tests.models import CCSR, ICD, WORDS, tiny_checkpoint

TEXT = (
    "Paciente con FIEBRE 🙂 y dolor.\r\n"
    "History of hypertension & <b>diabetes</b>; acute chest pain."
)
NOTE = Note(id="n1", text=TEXT)
I10 = Code(CodeSystem.ICD10CM, "I10")


@pytest.fixture
def coder(tmp_path: Path) -> Coder:
    tiny_checkpoint(tmp_path / "c", sharpness=5)
    return Coder.load(tmp_path / "c")


@pytest.mark.parametrize("row", sorted(SYSTEMS))
def test_every_code_of_every_task_is_ranked_once_best_first(tmp_path: Path, row: str) -> None:
    tiny_checkpoint(tmp_path / "c", row)
    ranked = Coder.load(tmp_path / "c").suggest(NOTE).ranked
    expected = [*ICD, *(CCSR if "ccs" in SYSTEMS[row].tasks else ())]
    assert sorted(s.code.code for s in ranked) == sorted(expected)
    probabilities = [s.probability for s in ranked]
    assert probabilities == sorted(probabilities, reverse=True)
    assert all(0 <= p <= 1 for p in probabilities)


def test_a_suggestion_names_its_title_category_and_checkpoint(coder: Coder) -> None:
    suggestions = coder.suggest(NOTE)
    (hypertension,) = [s for s in suggestions.ranked if s.code == I10]
    assert hypertension.title == "Essential (primary) hypertension"
    assert hypertension.category == Code(CodeSystem.CCSR, "CIR007")
    assert (suggestions.note_id, suggestions.checkpoint) == ("n1", coder.checkpoint)
    assert len(coder.checkpoint) == 64


def test_top_limits_the_list_and_keeps_the_best(coder: Coder) -> None:
    everything = coder.suggest(NOTE)
    assert coder.suggest(NOTE, top=3).ranked == everything.ranked[:3]
    assert {s.task for s in everything.of("ccs")} == {"ccs"}


def test_truncation_is_told(tmp_path: Path) -> None:
    tiny_checkpoint(tmp_path / "c", max_length=3)
    short = Coder.load(tmp_path / "c")
    assert short.suggest(NOTE).truncated_at == TEXT.index("y dolor")
    assert short.suggest(Note(id="2", text="chest pain")).truncated_at is None


@pytest.mark.parametrize("method", ["attention", "integrated_gradients"])
def test_every_token_score_stands_on_a_word_of_the_original_text(coder: Coder, method: str) -> None:
    (explanation,) = coder.explain(NOTE, [I10], method=method)
    words = [TEXT[token.start : token.end] for token in explanation.tokens]
    assert words[:3] == ["Paciente", "con", "FIEBRE"]
    assert words[-3:] == ["acute", "chest", "pain"]
    assert max(abs(token.score) for token in explanation.tokens) == pytest.approx(1)
    assert (explanation.delta is None) == (method == "attention")


def test_raw_attention_can_be_told_from_the_explanation(coder: Coder) -> None:
    (explanation,) = coder.explain(NOTE, [I10], method="attention")
    raw = [token.score * explanation.peak for token in explanation.tokens]
    assert sum(raw) == pytest.approx(1)


def test_explanations_come_in_the_order_asked_over_both_tasks(coder: Coder) -> None:
    codes = [Code(CodeSystem.CCSR, CCSR[1]), I10, Code(CodeSystem.CCSR, CCSR[0])]
    assert [explanation.code for explanation in coder.explain(NOTE, codes)] == codes


def test_suggestions_carry_evidence_when_asked(coder: Coder) -> None:
    assert all(s.evidence == () for s in coder.suggest(NOTE).ranked)
    for suggestion in coder.suggest(NOTE, top=4, evidence="default").ranked:
        (explanation,) = coder.explain(NOTE, [suggestion.code])
        assert suggestion.evidence == explanation.spans != ()


def test_a_code_outside_the_label_set_has_no_evidence(coder: Coder) -> None:
    with pytest.raises(UnknownCode, match=r"Z99\.9 is not among the codes"):
        coder.explain(NOTE, [Code(CodeSystem.ICD10CM, "Z99.9")])


def test_a_note_without_words_is_refused(coder: Coder) -> None:
    with pytest.raises(BadNote, match="no words"):
        coder.suggest(Note(id="x", text="12/12 -- 🙂"))


def test_eight_threads_get_what_one_gets(coder: Coder) -> None:
    notes = [Note(id=str(i), text=" ".join(WORDS[i % 7 :: 1 + i % 5])) for i in range(50)]
    alone = [coder.suggest(note) for note in notes]
    with ThreadPoolExecutor(8) as pool:
        rounds = list(pool.map(lambda _: [coder.suggest(note) for note in notes], range(8)))
    assert all(round == alone for round in rounds)


def test_suggesting_and_explaining_leave_no_trace_in_the_model(tmp_path: Path) -> None:
    checkpoint = tiny_checkpoint(tmp_path / "c")
    coder = Coder.load(tmp_path / "c")
    first = coder.suggest(NOTE)
    coder.explain(NOTE, [I10], method="integrated_gradients")
    coder.suggest(Note(id="other", text="cough"))
    assert coder.suggest(NOTE) == first
    assert checkpoint.hash == coder.checkpoint


def test_the_checkpoint_can_be_named_by_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EVICODE_CHECKPOINT", str(tmp_path / "c"))
    assert shipped_checkpoint() == tmp_path / "c"
    with pytest.raises(BadCheckpoint, match="there is no checkpoint folder"):
        Coder.load()


def test_the_shipped_checkpoint_is_fast_enough_on_one_core() -> None:
    """1,000 tokens: suggestions within 0.5 s, attention for a code within 50 ms more."""
    coder = Coder.load()
    text = "The patient was admitted with acute chest pain and fever. " * 100
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        coder.suggest(Note(id="warm", text="fever"))
        best = min(_timed(coder, text + f" round {n}") for n in "abc")
    finally:
        torch.set_num_threads(threads)
    assert best[0] < 0.5
    assert best[1] < 0.05


def test_explanations_of_the_shipped_checkpoint_are_fast_enough_on_one_core() -> None:
    """1,000 tokens, seconds of the CPU: a busy machine makes no difference."""
    coder = Coder.load()
    note = Note(id="n", text="The patient was admitted with acute chest pain and fever. " * 100)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        known = set(coder.spaces["icd"])
        codes = [each.code for each in coder.suggest(note).of("icd") if each.code in known][:10]

        def seconds(method: str, asked: int) -> float:
            start = time.process_time()
            coder.explain(note, codes[:asked], method=method)
            return time.process_time() - start

        assert min(seconds("attention", 1) for _ in range(3)) < 0.03
        assert seconds("attention_x_gradient", 1) < 1
        assert seconds("attention_x_gradient", 10) < 2
        assert seconds("integrated_gradients", 1) < 8
    finally:
        torch.set_num_threads(threads)


def test_a_method_that_is_not_offered_can_be_asked_for_all_the_same(coder: Coder) -> None:
    (found,) = coder.explain(NOTE, [Code(CodeSystem.ICD10CM, "R07.9")], method="title_words")
    assert "title_words" not in coder.methods
    shown = {NOTE.text[word.start : word.end].lower() for word in found.tokens if word.score}
    assert shown == {"chest", "pain"}  # of "Chest pain, unspecified"


def test_whoever_waits_for_an_explanation_is_told_and_may_call_it_off(coder: Coder) -> None:
    told: list[float] = []
    coder.explain(NOTE, [I10], method="integrated_gradients", progress=told.append)
    assert told[-1] == 1

    def stop(share: float) -> None:
        raise Cancelled(f"after {share}")

    with pytest.raises(Cancelled):
        coder.explain(NOTE, [I10], method="integrated_gradients", progress=stop)


def _timed(coder: Coder, text: str) -> tuple[float, float]:
    note = Note(id="n", text=text)
    start = time.perf_counter()
    best = coder.suggest(note).of("icd")[0]
    middle = time.perf_counter()
    coder.explain(note, [best.code], method="attention")
    return middle - start, time.perf_counter() - middle
