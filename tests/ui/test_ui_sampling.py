"""Audit samples: the same seed draws the same, strata get their share, risk comes first."""

import random
from collections import Counter

import pytest

from core.errors import BadInput
from db.records import Status
from ui.services.sampling import Candidate, Method, draw


def some(number: int, **changes: object) -> list[Candidate]:
    settings = {"coder": "ana", "status": Status.DONE, "chapter": "Eye"} | changes
    return [Candidate(note_id=i, **settings) for i in range(number)]  # type: ignore[arg-type]


def test_the_same_seed_draws_the_same_charts_whatever_their_order() -> None:
    candidates = some(50)
    first = draw(candidates, Method.RANDOM, size=10, seed=7)
    random.Random(1).shuffle(candidates)
    assert draw(candidates, Method.RANDOM, size=10, seed=7) == first
    assert draw(candidates, Method.RANDOM, size=10, seed=8) != first
    assert len({each.note_id for each in first}) == 10


def test_every_chart_is_drawn_equally_often() -> None:
    drawn = Counter(
        each.note_id
        for seed in range(2000)
        for each in draw(some(10), Method.RANDOM, size=3, seed=seed)
    )
    assert all(520 < count < 680 for count in drawn.values())  # 600 each; sd 20


def test_strata_get_places_in_proportion_and_nobody_is_left_out() -> None:
    names = ["ana"] * 60 + ["bob"] * 30 + ["cleo"] * 9 + ["dan"]
    candidates = [
        Candidate(note_id=i, coder=name, status=Status.DONE, chapter="Eye")
        for i, name in enumerate(names)
    ]
    drawn = draw(candidates, Method.BY_CODER, size=10, seed=0)
    assert Counter(each.stratum for each in drawn) == {"ana": 6, "bob": 2, "cleo": 1, "dan": 1}
    few = draw(candidates, Method.BY_CODER, size=2, seed=0)
    assert {each.stratum for each in few} == {"ana", "bob"}
    assert len(draw(candidates, Method.BY_CODER, size=500, seed=0)) == 100


def test_charts_are_stratified_by_status_and_chapter_too() -> None:
    candidates = [
        Candidate(note_id=0, coder="ana", status=Status.DONE, chapter="Eye"),
        Candidate(note_id=1, coder="ana", status=Status.IN_PROGRESS, chapter="Ear"),
    ]
    assert [each.stratum for each in draw(candidates, Method.BY_STATUS, size=2, seed=0)] == [
        "done",
        "in progress",
    ]
    assert [each.stratum for each in draw(candidates, Method.BY_CHAPTER, size=2, seed=0)] == [
        "Ear",
        "Eye",
    ]


@pytest.mark.parametrize(
    ("method", "risk", "values"),
    [
        (Method.LOW_CONFIDENCE, "confidence", [0.9, 0.5, None, 0.7]),
        (Method.CODERS_DIFFER, "coders_differ", [0.1, 0.5, None, 0.3]),
        (Method.BRANCHES_DIFFER, "branches_differ", [0.1, 0.5, None, 0.3]),
    ],
)
def test_the_riskiest_charts_come_first(
    method: Method, risk: str, values: list[float | None]
) -> None:
    candidates = [
        Candidate(note_id=i, coder="ana", status=Status.DONE, chapter="Eye", **{risk: value})
        for i, value in enumerate(values)
    ]
    drawn = draw(candidates, method, size=4, seed=0)
    assert [each.note_id for each in drawn] == [1, 3, 0]
    assert drawn[0].stratum == "risk 0.500"


def test_equally_risky_charts_are_drawn_by_lot() -> None:
    candidates = some(5, confidence=0.5)
    first = {draw(candidates, Method.LOW_CONFIDENCE, size=1, seed=s)[0].note_id for s in range(60)}
    assert first == set(range(5))


@pytest.mark.parametrize(("number", "size"), [(0, 3), (5, 0)])
def test_nothing_to_draw_is_said(number: int, size: int) -> None:
    with pytest.raises(BadInput, match=f"a sample of {size} of {number} charts cannot be drawn"):
        draw(some(number), Method.RANDOM, size=size, seed=0)
