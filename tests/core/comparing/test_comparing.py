"""Two models on the same notes: figures, intervals, codes, and what is said of them."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, f1_score, precision_score, recall_score

from core.comparing import (
    Case,
    Comparison,
    Ranked,
    Side,
    Standing,
    Tally,
    Verdict,
    compare,
    of_lessons,
)
from core.comparing.comparison import ENOUGH
from core.comparing.resampling import chance, drawn_anew, ends
from core.comparing.words import table, verdict
from core.corpora import Lesson
from core.errors import BadFile
from core.inference import Coder
from core.metrics.insights import calibration_error
from core.types import Code, CodeSystem, Note
from tests.builders import a_code, a_note, write_codiesp
from tests.models import tiny_fused_checkpoint

CODES = tuple(a_code(f"I{number}") for number in range(10, 18))
A, B = (
    Side(name="one", checkpoint="a" * 64, codes=8),
    Side(name="two", checkpoint="b" * 64, codes=8),
)
DRAWS = 200


def ranked(said: Sequence[float], likely_from: float = 0.5) -> Ranked:
    """A list of CODES with these probabilities."""
    order = np.argsort(-np.array(said), kind="stable")
    codes = {CODES[place]: float(said[place]) for place in order}
    return Ranked(codes=codes, likely_from=likely_from)


def chart(*right: int, wrong: Sequence[int] | None = None) -> Case:
    return Case(
        note=a_note(),
        right=frozenset(CODES[place] for place in right),
        wrong=None if wrong is None else frozenset(CODES[place] for place in wrong),
    )


Pairs = list[tuple[Case, Ranked, Ranked]]


def some_pairs(notes: int = 30, *, seed: int = 1, whole: bool = True) -> Pairs:
    random = np.random.default_rng(seed)
    found: Pairs = []
    for _ in range(notes):
        right = set(np.flatnonzero(random.random(len(CODES)) < 0.4).tolist())
        others = [place for place in range(len(CODES)) if place not in right]
        wrong = None if whole else [place for place in others if random.random() < 0.5]
        said = (random.random(len(CODES)) for _ in range(2))
        found.append((chart(*right, wrong=wrong), *map(ranked, said)))
    return found


def compared(pairs: Pairs, *, seed: int = 0, exchanged: bool = False) -> Comparison:
    tally = Tally()
    for case, a, b in pairs:
        tally.add(case, *((b, a) if exchanged else (a, b)))
    sides = (B, A) if exchanged else (A, B)
    return tally.comparison(*sides, seed=seed, resamples=DRAWS)


def figure(found: Comparison, name: str) -> tuple[float | None, float | None]:
    of = next(each for each in found.figures if each.name == name)
    return of.a, of.b


def test_the_figures_are_those_of_scikit_learn() -> None:
    pairs = some_pairs(40)
    found = compared(pairs)
    gold = np.array([[code in case.right for code in CODES] for case, *_ in pairs])
    for place in range(2):
        said = np.array([[pair[1 + place].codes[code] for code in CODES] for pair in pairs])
        likely = said >= 0.5
        average = [
            average_precision_score(row, scores)
            for row, scores in zip(gold, said, strict=True)
            if row.any()
        ]
        wanted = {
            "MAP": np.mean(average),
            "F1": f1_score(gold, likely, average="micro"),
            "precision": precision_score(gold, likely, average="micro"),
            "recall": recall_score(gold, likely, average="micro"),
        }
        for name, value in wanted.items():
            assert figure(found, name)[place] == pytest.approx(value), name
        first = np.take_along_axis(gold, np.argsort(-said, axis=1), axis=1)[:, :5]
        shares = [
            hits.sum() / row.sum() for hits, row in zip(first, gold, strict=True) if row.any()
        ]
        assert figure(found, "recall@5")[place] == pytest.approx(np.mean(shares))
        frame = pd.DataFrame(
            {"probability": said.ravel(), "right": gold.ravel(), "code": 0, "checkpoint": "c"}
        )
        wanted_error = calibration_error(frame)
        assert figure(found, "calibration error")[place] == pytest.approx(wanted_error)
        for line in found.codes:
            column = CODES.index(Code(CodeSystem(line.system), line.code))
            f1 = (line.f1_a, line.f1_b)[place]
            assert f1 == pytest.approx(f1_score(gold[:, column], likely[:, column]))
            carried = gold[:, column]
            assert (line.hits_a, line.hits_b)[place] == (likely[:, column] & carried).sum()
            assert (line.wrong_a, line.wrong_b)[place] == (likely[:, column] & ~carried).sum()


def test_what_nobody_decided_on_counts_for_nobody() -> None:
    case = chart(1, wrong=[3])
    listed = ranked([0.9, 0.8, 0.7, 0.6, 0.1, 0.1, 0.1, 0.1])  # the first and third: unknown
    best = ranked([0.1, 0.9, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1])
    found = compared([(case, listed, best)])
    assert figure(found, "MAP") == (1.0, 1.0)
    assert figure(found, "precision") == (0.5, 1.0)
    assert (found.unknown_a, found.unknown_b) == (2, 0)
    assert {line.code for line in found.codes} == {"I11", "I13"}
    as_whole = compared([(chart(1), listed, best)])
    assert figure(as_whole, "MAP") == (0.5, 1.0)
    assert as_whole.unknown_a == 0


def test_a_code_that_a_model_does_not_list_is_missed_and_ranks_last() -> None:
    short = Ranked(codes={CODES[0]: 0.9}, likely_from=0.5)
    found = compared([(chart(0, 7), short, ranked([0.9] * 8))])
    assert figure(found, "MAP")[0] == 0.5
    missed = next(line for line in found.codes if line.code == "I17")
    assert (missed.rank_a, missed.rank_b) == (2.0, 8.0)


@given(st.integers(0, 10_000), st.booleans())
def test_a_model_against_itself_shows_nothing(seed: int, whole: bool) -> None:
    pairs = [(case, a, a) for case, a, _ in some_pairs(25, seed=seed, whole=whole)]
    found = compared(pairs)
    assert {(each.difference, each.low, each.high) for each in found.figures} <= {
        (0.0, 0.0, 0.0),
        (None, None, None),
    }
    assert found.verdict is Verdict.NONE
    for line in found.codes:
        assert line.standing in (Standing.NONE, Standing.FEW)
        assert line.standing is Standing.FEW or (line.difference, line.low, line.high) == (0, 0, 0)


@given(st.integers(0, 10_000), st.booleans())
def test_exchanging_the_two_only_turns_the_sign(seed: int, whole: bool) -> None:
    pairs = some_pairs(25, seed=seed, whole=whole)
    one, other = compared(pairs), compared(pairs, exchanged=True)
    for here, there in zip(one.figures, other.figures, strict=True):
        assert (here.a, here.b) == (there.b, there.a)
        assert here.difference == pytest.approx(-(there.difference or 0))
        assert (here.low, here.high) == (
            pytest.approx(-(there.high or 0)),
            pytest.approx(-(there.low or 0)),
        )
    lines = {line.code: line for line in other.codes}
    for line in one.codes:
        turned = lines[line.code]
        assert (line.hits_a, line.wrong_a, line.rank_a) == (
            turned.hits_b,
            turned.wrong_b,
            turned.rank_b,
        )
        assert line.chance == turned.chance
        if line.low is not None and turned.high is not None:
            assert line.low == pytest.approx(-turned.high)


def test_the_same_seed_gives_the_same_and_another_other_intervals() -> None:
    pairs = some_pairs()
    assert compared(pairs) == compared(pairs)
    assert compared(pairs).figures != compared(pairs, seed=1).figures


def test_the_interval_is_that_of_means_drawn_one_by_one() -> None:
    values = np.random.default_rng(3).normal(size=(50, 1))
    low, high = ends(drawn_anew(values, rng=np.random.default_rng(0), resamples=4000)[0][:, 0] / 50)
    random = np.random.default_rng(9)
    by_hand = [random.choice(values[:, 0], 50).mean() for _ in range(4000)]
    assert (low, high) == pytest.approx(tuple(np.quantile(by_hand, [0.025, 0.975])), abs=0.03)


def test_chance_is_that_of_all_ways_to_toss() -> None:
    a, b = np.zeros((6, 1)), np.ones((6, 1))  # b is higher on all six: 2 of 64 ways are as far
    found = chance(a, b, lambda sums: sums[..., 0], np.random.default_rng(0), resamples=20_000)
    assert found == pytest.approx(2 / 64, abs=0.005)


GOOD = ranked([0.9, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1])
BAD = ranked([0.1, 0.9, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1])


@pytest.mark.parametrize(
    ("pairs", "said", "sentence"),
    [
        ([(chart(0), BAD, GOOD)] * 20, Verdict.BETTER, "B (two, bbbbbbbbbbbb) is better than A"),
        ([(chart(0), GOOD, BAD)] * 20, Verdict.WORSE, "B (two, bbbbbbbbbbbb) is worse than A"),
        ([(chart(0), GOOD, BAD), (chart(0), BAD, GOOD)] * 10, Verdict.NONE, "no difference"),
        ([(chart(0), GOOD, BAD)] * 19, Verdict.FEW, "too few notes to tell"),
    ],
)
def test_the_verdict_says_what_the_intervals_say(
    pairs: Pairs, said: Verdict, sentence: str
) -> None:
    found = compared(pairs)
    assert found.verdict is said
    assert verdict(found).startswith(sentence)


def test_a_better_order_does_not_outweigh_worse_suggestions() -> None:
    hidden = Ranked(codes=GOOD.codes, likely_from=0.95)  # first in its list, and not likely
    second = ranked([0.8, 0.9, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1])
    found = compared([(chart(0), second, hidden)] * 30)
    assert {each.name: each.verdict for each in found.figures}["MAP"] is Verdict.BETTER
    assert found.verdict is Verdict.WORSE


def test_codes_with_too_few_notes_are_said_to_be_that_and_come_last() -> None:
    pairs = [(chart(0), GOOD, BAD)] * ENOUGH + [(chart(2), GOOD, BAD)] * (ENOUGH - 1)
    found = compared(pairs)
    told = {line.code: line.standing for line in found.codes}
    assert told == {"I10": Standing.WORSE, "I11": Standing.FEW, "I12": Standing.FEW}
    assert found.codes[0].code == "I10"
    few = found.codes[-1]
    assert (few.low, few.high, few.chance) == (None, None, None)
    assert any(str(Standing.FEW) in line for line in table(found))


def test_the_largest_loss_stands_first() -> None:
    half = ranked([0.9, 0.9, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1])
    pairs = [(chart(0, 1), half, GOOD)] * 12 + [(chart(0), BAD, GOOD)] * 12
    lines = compared(pairs).codes
    differences = [line.difference for line in lines if line.standing is not Standing.FEW]
    assert differences == sorted(differences, key=lambda each: each or 0.0)
    assert (lines[0].code, lines[0].standing) == ("I11", Standing.WORSE)


def test_a_comparison_is_read_as_it_was_written() -> None:
    found = compared(some_pairs(whole=False))
    assert Comparison.from_json(json.dumps(found.to_json())) == found


def test_feedback_in_which_nothing_was_decided_is_no_case() -> None:
    lessons = [
        Lesson(note=a_note("fever")),
        Lesson(note=a_note("fever", id="b"), rejected=frozenset({CODES[0]})),
    ]
    assert [case.note.id for case in of_lessons(lessons)] == ["b"]


@pytest.fixture(scope="module")
def coder(tmp_path_factory: pytest.TempPathFactory) -> Coder:
    folder = tmp_path_factory.mktemp("compared") / "tiny"
    tiny_fused_checkpoint(folder)
    return Coder.load(folder)


def test_two_coders_are_asked_note_by_note_and_wordless_notes_left_out(coder: Coder) -> None:
    fever = a_code("R50.9")
    handed: list[str] = []

    def cases():
        for number, text in enumerate(["fever", "12 34", "no fever and cough"]):
            handed.append(text)
            yield Case(note=Note(id=str(number), text=text), right=frozenset({fever}))

    done: list[tuple[int, int]] = []
    found = compare(coder, coder, cases(), progress=lambda n: done.append((n, len(handed))))
    assert done == [(1, 1), (2, 3)]  # nothing is read ahead
    assert (found.notes, found.verdict) == (2, Verdict.FEW)
    assert (found.a.checkpoint, found.a.codes) == (coder.checkpoint, 5)
    with pytest.raises(BadFile, match="no note to compare on"):
        compare(coder, coder, [])


def test_a_code_that_only_one_network_ranks_is_marked(coder: Coder) -> None:
    tally, code = Tally(), CODES[0]
    tally.add(chart(0), GOOD, GOOD)
    found = tally.comparison(A, B, spaces=((), (code,)), resamples=10)
    assert {line.code: line.only for line in found.codes}["I10"] == "b"
    assert replace(found.codes[0], only="") != found.codes[0]


def test_the_command_prints_and_writes_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from core.__main__ import main

    tiny_fused_checkpoint(tmp_path / "one")
    tiny_fused_checkpoint(tmp_path / "two", sharpness=1.0)
    lines = [
        {
            "id": str(number),
            "text": f"fever and cough {number}",
            "codes": [{"system": "ICD-10-CM", "code": "R50.9"}],
            "rejected": [{"system": "ICD-10-CM", "code": "I10"}],
        }
        for number in range(3)
    ]
    feedback = tmp_path / "feedback.jsonl"
    feedback.write_text("".join(json.dumps(line) + "\n" for line in lines))
    command = ["compare", "--checkpoint", str(tmp_path / "one"), "--with", str(tmp_path / "two")]
    out = tmp_path / "comparison.json"
    assert main([*command, "--feedback", str(feedback), "--out", str(out)]) == 0
    printed, first = capsys.readouterr().out, out.read_text()
    assert "too few notes to tell B (tiny-evicode" in printed
    assert json.loads(first)["on"] == {"feedback": "feedback.jsonl"}
    assert json.loads(first)["notes"] == 3
    assert main([*command, "--feedback", str(feedback), "--out", str(out)]) == 0
    assert out.read_text() == first
    assert main(command) == 2
    assert "name what to compare on" in capsys.readouterr().err


def test_the_command_compares_on_whole_charts_of_a_corpus(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from core.__main__ import main

    tiny_fused_checkpoint(tmp_path / "one")
    tiny_fused_checkpoint(tmp_path / "two", sharpness=1.0)
    write_codiesp(tmp_path, texts={"a": "fever", "b": "no cough"}, tables={"D": "a\tr50.9\n"})
    command = ["compare", "--checkpoint", str(tmp_path / "one"), "--with", str(tmp_path / "two")]
    assert main([*command, "--corpus", "codiesp", "--dir", str(tmp_path), "--split", "dev"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("2 notes\n")
    assert "nobody decided" not in printed
