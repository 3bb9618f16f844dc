"""The combiner learns only from what was said of notes that nothing had learned."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from core.codes import shared_tables
from core.fusion import FEATURES, CombinerSettings, NetworkScores
from core.memory import Bridge, Listed, PhraseMemory, Source
from core.systems import Recipe
from core.text import Vocabulary
from core.training import (
    FusionPlan,
    NetworkPlan,
    folds,
    fuse,
    fusing,
    network,
    origin,
    own_category,
)
from core.training.fusing import Rows, best_cuts, held_out_logits
from core.types import Code, CodeSystem, Note
from tests.models import WORDS, coded, tiny

I10, FEVER = Code(CodeSystem.ICD10CM, "I10"), Code(CodeSystem.ICD10CM, "R50.9")
SETTINGS = CombinerSettings(members=1, hidden=4, epochs=4)


def two_languages(count: int) -> list[Note]:
    """Each note twice, the second time as its translation: `n3` and `n3.en`."""
    return [
        coded(f"Note {n} has {words} today.", (code, words), id=f"n{n}{suffix}")
        for n in range(count)
        for suffix in ("", ".en")
        for code, words in ([("I10", "hypertension"), ("R50.9", "fever")][n % 2],)
    ]


def fusion_plan(seed: int = 0) -> FusionPlan:
    return FusionPlan(
        listed=Listed(keys=(), codes=()),
        bridge=Bridge(),
        settings=SETTINGS,
        category=lambda code: None,
        seed=seed,
    )


def network_plan() -> NetworkPlan:
    vocabulary = Vocabulary(words=("<pad>", "<unk>", *sorted(WORDS)))
    row = replace(tiny("evicode"), recipe=Recipe(phrase_texts=2, titled_start=True, decay=True))
    return NetworkPlan(
        system=row,
        vocabulary=vocabulary,
        vectors=np.ones((len(vocabulary), 6), dtype=np.float32),
        fallback=None,
        tables=shared_tables(),
        category=own_category(lambda code: Code(CodeSystem.CCSR, f"X{code.code[0]}")),
        min_count=1,
        epochs=1,
        seed=0,
    )


def test_a_note_and_its_translation_are_in_one_fold_and_folds_are_even() -> None:
    notes = two_languages(23)
    parts = folds(notes, 5, seed=3)
    assert set(parts) == {f"n{n}" for n in range(23)}
    sizes = [list(parts.values()).count(fold) for fold in range(5)]
    assert sorted(sizes) == [4, 4, 5, 5, 5]
    assert folds(notes[::-1], 5, seed=3) == parts
    assert folds(notes, 5, seed=4) != parts
    assert origin(notes[1]) == origin(notes[0]) == "n0"


def test_no_memory_reads_a_note_that_it_or_its_translation_taught(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    notes = two_languages(12)
    taught: dict[int, set[str]] = {}
    shown: list[str] = []
    learn, rows_of = PhraseMemory.learn, fusing.rows_of

    def spy_learn(memory: PhraseMemory, learned: Sequence[Note]) -> None:
        taught[id(memory)] = {origin(note) for note in learned}
        learn(memory, learned)

    def spy_rows(held: Sequence[Note], memory: PhraseMemory, *rest: Any, **more: Any) -> list[Rows]:
        assert not taught[id(memory)] & {origin(note) for note in held}
        shown.extend(note.id for note in held)
        return rows_of(held, memory, *rest, **more)

    monkeypatch.setattr(PhraseMemory, "learn", spy_learn)
    monkeypatch.setattr(fusing, "rows_of", spy_rows)
    fusion, _ = fuse(notes, {}, fusion_plan())
    assert sorted(shown) == sorted(note.id for note in notes)
    assert taught[id(fusion.memory)] == {origin(note) for note in notes}


def test_no_combiner_judges_a_note_that_it_or_its_translation_taught(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Every note's features are its own number, so what a combiner learned can be read off."""
    notes = two_languages(10)
    rows = [
        Rows(
            note=note,
            codes=(I10,),
            features_NF=np.full((1, len(FEATURES)), int(origin(note)[1:]), dtype=np.float32),
            right_N=np.array([True]),
            missed=0,
        )
        for note in notes
    ]
    learned: list[set[int]] = []
    judged: list[int] = []

    def spy_fit(features_NF: np.ndarray, *rest: Any, **more: Any) -> torch.nn.Module:
        learned.append({int(number) for number in features_NF[:, 0]})
        return torch.nn.Identity()

    def spy_logits(combiner: torch.nn.Module, features_NF: np.ndarray) -> np.ndarray:
        number = int(features_NF[0, 0])
        assert number not in learned[-1]
        judged.append(number)
        return features_NF[:, 0]

    monkeypatch.setattr(fusing, "fit", spy_fit)
    monkeypatch.setattr(fusing, "discounted_logits", spy_logits)
    found = held_out_logits(rows, fusion_plan())
    assert sorted(judged) == sorted([*range(10), *range(10)])
    assert [float(logits[0]) for logits in found] == [float(origin(note)[1:]) for note in notes]


def test_no_network_scores_a_note_that_it_or_its_translation_taught(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notes = two_languages(5)
    taught: dict[int, set[str]] = {}
    train_network, scores_of = network.train_network, network.scores_of

    def spy_train(learned: Sequence[Note], *rest: Any, **more: Any) -> network.Network:
        found = train_network(learned, *rest, **more)
        taught[id(found)] = {origin(note) for note in learned}
        kept.append(found)  # so that no other network gets its id
        return found

    def spy_scores(
        held: Sequence[Note], judge: network.Network, plan: NetworkPlan
    ) -> dict[str, NetworkScores]:
        assert held
        assert not taught[id(judge)] & {origin(note) for note in held}
        return scores_of(held, judge, plan)

    kept: list[network.Network] = []
    monkeypatch.setattr(network, "train_network", spy_train)
    monkeypatch.setattr(network, "scores_of", spy_scores)
    scores = network.held_out_scores(notes, network_plan(), count=3, folder=tmp_path)
    assert set(scores) == {note.id for note in notes}
    assert all(set(each.icd) <= {I10, FEVER} for each in scores.values())
    assert len({path.name for path in tmp_path.iterdir()}) == 3


def test_phrase_texts_of_a_network_are_made_of_its_own_notes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: set[str] = set()
    drawn = network.phrase_notes

    def spy(phrases: Any, **more: Any) -> list[Note]:
        seen.update(phrase.text for phrase in phrases if phrase.source is Source.EVIDENCE)
        return drawn(phrases, **more)

    monkeypatch.setattr(network, "phrase_notes", spy)
    network.train_network([coded("Fever.", ("R50.9", "Fever"))], network_plan(), folder=tmp_path)
    assert seen == {"Fever"}


def test_a_network_goes_on_from_its_folder_and_ends_the_same(tmp_path: Path) -> None:
    notes, plan = two_languages(3), network_plan()
    first = network.scores_of(
        notes, network.train_network(notes, plan, folder=tmp_path / "a"), plan
    )
    again = network.scores_of(
        notes, network.train_network(notes, plan, folder=tmp_path / "a"), plan
    )
    assert first == again


def test_a_note_without_words_has_no_scores_and_stops_nothing(tmp_path: Path) -> None:
    notes = [*two_languages(3), Note(id="n9", text="12 -- 34")]
    scores = network.held_out_scores(notes, network_plan(), count=2, folder=tmp_path)
    assert "n9" not in scores
    fusion, figures = fuse(notes, scores, fusion_plan())
    assert fusion.combiner is not None
    assert 0 <= figures["reach"] <= 1


def test_fusing_is_the_same_for_the_same_seed() -> None:
    notes = two_languages(8)
    (first, figures), (second, again) = (fuse(notes, {}, fusion_plan()) for _ in range(2))
    assert figures == again
    assert (first.shifts, first.cuts) == (second.shifts, second.cuts)
    weights = zip(
        first.combiner.state_dict().values(), second.combiner.state_dict().values(), strict=True
    )
    assert all(torch.equal(one, other) for one, other in weights)


def test_a_shift_puts_one_half_at_the_best_cut_unless_it_would_cost_calibration() -> None:
    """500 candidates at logit -1 right at 27 %, which is what -1 says: nothing may be moved far."""
    right = np.arange(500) % 100 < 27
    calibrated = Rows(
        note=coded("Fever.", ("I10", "Fever")),
        codes=(I10,) * 500,
        features_NF=np.zeros((500, len(FEATURES)), dtype=np.float32),
        right_N=right,
        missed=0,
    )
    shifts = best_cuts([calibrated], [np.full(500, -1.0, dtype=np.float32)])
    assert shifts == {CodeSystem.ICD10CM: 0.0}


def test_a_code_system_without_a_right_candidate_is_not_moved() -> None:
    nothing = Rows(
        note=coded("Fever.", ("I10", "Fever")),
        codes=(FEVER,),
        features_NF=np.zeros((1, len(FEATURES)), dtype=np.float32),
        right_N=np.array([False]),
        missed=1,
    )
    assert best_cuts([nothing], [np.zeros(1, dtype=np.float32)]) == {}
