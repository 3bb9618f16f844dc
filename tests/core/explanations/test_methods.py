"""Every method answers for every row that it supports, and always the same."""

from threading import Thread

import pytest
import torch

from core.errors import BadSettings, Cancelled
from core.explanations import METHODS, Reading, explain
from core.explanations.methods import OFFERED, default_method, offered
from core.systems import SYSTEMS
from tests.models import looks, some_notes, tiny_model
from tests.readings import reading_of

ROWS = pytest.mark.parametrize("row", sorted(SYSTEMS))
CHANCE = ("random", "gradient_shap")  # what they draw depends on the note's length
SLOW = ("integrated_gradients", "gradient_shap", "occlusion", "kernel_shap")


def reading_for(row: str, length: int = 5, *, padding: int = 0) -> Reading:
    return reading_of(tiny_model(row).eval(), some_notes(length)[0], padding=padding)


def supported(reading: Reading) -> list[str]:
    return [name for name, method in METHODS.items() if method.supports(reading.model)]


@ROWS
def test_every_method_scores_every_token_of_every_task_whether_alone_or_with_others(
    row: str,
) -> None:
    reading = reading_for(row, 6)
    for method in supported(reading):
        for task in SYSTEMS[row].tasks:
            both = explain(reading, task=task, codes=[2, 0], method=method)
            (alone,) = explain(reading, task=task, codes=[0], method=method)
            assert all(scored.scores_T.shape == (6,) for scored in both), method
            assert all(scored.scores_T.isfinite().all() for scored in both), method
            torch.testing.assert_close(both[1].scores_T, alone.scores_T, msg=method)
            assert not torch.equal(both[0].scores_T, both[1].scores_T), method


@ROWS
def test_padding_changes_no_score_and_has_none(row: str) -> None:
    plain, padded = reading_for(row), reading_for(row, padding=3)
    for method in supported(plain):
        if method in (*CHANCE, "title_words"):
            continue
        (expected,) = explain(plain, task="icd", codes=[1], method=method)
        (found,) = explain(padded, task="icd", codes=[1], method=method)
        part = 3 if method.endswith("sentences") else 5  # the last sentence is longer, if padded
        close = {"atol": 1e-5, "rtol": 1e-4, "msg": f"{row} {method}"}
        torch.testing.assert_close(found.scores_T[:part], expected.scores_T[:part], **close)
        if part == 5:
            torch.testing.assert_close(found.scores_T[5:], torch.zeros(3), **close)


@pytest.mark.parametrize("method", METHODS)
def test_threads_that_ask_at_once_get_the_same_scores(method: str) -> None:
    reading = reading_for("evicode", 20)
    expected = explain(reading, task="icd", codes=[0, 1], method=method)
    found: list[bool] = []

    def ask() -> None:
        scores = explain(reading, task="icd", codes=[0, 1], method=method)
        found.extend(
            torch.equal(a.scores_T, b.scores_T) for a, b in zip(scores, expected, strict=True)
        )

    threads = [Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 6


@ROWS
def test_a_method_says_which_rows_it_supports(row: str) -> None:
    model = tiny_model(row)
    assert METHODS["attention"].supports(model) == looks(SYSTEMS[row])
    assert METHODS["attention_x_gradient"].supports(model) == looks(SYSTEMS[row])
    assert all(METHODS[name].supports(model) for name in METHODS if "attention" not in name)
    assert default_method(model) == offered(model)[0]
    assert set(offered(model)) <= set(OFFERED)


def test_what_a_row_does_not_support_is_refused_with_the_reason() -> None:
    with pytest.raises(BadSettings, match="'cnn': it has no label attention"):
        explain(reading_for("cnn"), task="icd", codes=[0], method="attention_x_gradient")


@pytest.mark.parametrize("method", SLOW)
def test_slow_methods_say_how_far_they_are(method: str) -> None:
    told: list[float] = []
    explain(
        reading_for("evicode", 12), task="icd", codes=[0, 1], method=method, progress=told.append
    )
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1)
    assert all(0 < share <= 1 for share in told)


@pytest.mark.parametrize("method", SLOW)
def test_slow_methods_stop_when_they_are_called_off(method: str) -> None:
    told: list[float] = []

    def stop(share: float) -> None:
        told.append(share)
        raise Cancelled("not needed any more")

    with pytest.raises(Cancelled):
        explain(reading_for("evicode"), task="icd", codes=[0], method=method, progress=stop)
    assert len(told) == 1


def test_no_codes_have_no_scores() -> None:
    reading = reading_for("evicode")
    assert all(explain(reading, task="icd", codes=[], method=name) == [] for name in METHODS)
