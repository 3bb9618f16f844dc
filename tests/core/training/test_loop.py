"""The loop: learns, keeps the best epoch, stops early, and goes on after a stop as if none was."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from core.assembly import Model, assemble
from core.errors import BadSettings
from core.losses import EvidenceLoss, Mark
from core.systems import SYSTEMS, Embedding, Recipe
from core.training import Examples, Plan, score, train
from core.training.steps import drawn
from tests.models import LABELS, some_notes, some_targets, tiny, tiny_knowledge

RECIPE = Recipe(learning_rate=0.01, batch_size=3, patience=2)


def a_run(
    name: str = "marn", *, epochs: int = 3, seed: int = 5, data: str = "d"
) -> tuple[Model, Plan]:
    row = replace(tiny(name, dropout=0.3), recipe=RECIPE)
    labels = {task: LABELS[task] for task in row.tasks}
    knowledge = tiny_knowledge(row)
    model = assemble(row, vocabulary_size=20, labels=labels, knowledge=knowledge, seed=seed)
    return model, Plan(system=row, seed=seed, epochs=epochs, data=data)


def eight_notes(model: Model) -> Examples:
    lengths = (3, 9, 4, 7, 5, 6, 8, 2)
    targets = some_targets(model, len(lengths))
    return Examples(
        notes=(),
        ids=tuple(tuple(note) for note in some_notes(*lengths)),
        targets=targets,
        missed={task: torch.zeros(len(lengths), dtype=torch.int64) for task in targets},
        marks={task: [(Mark(code=1, tokens=(0, 1)),)] * len(lengths) for task in targets},
    )


def weights(model: Model) -> dict[str, Tensor]:
    return {name: part.clone() for name, part in model.state_dict().items()}


def equal(first: dict[str, Tensor], second: dict[str, Tensor]) -> bool:
    return all(torch.equal(part, second[name]) for name, part in first.items())


@pytest.mark.parametrize("name", sorted(SYSTEMS))
def test_every_row_learns_its_notes(tmp_path: Path, name: str) -> None:
    model, plan = a_run(name, epochs=12)
    done = train(model, plan, eight_notes(model), watch=None, folder=tmp_path)
    losses = [figures["loss"] for figures in done.history]
    assert len(losses) == 12
    assert losses[-1] < losses[0]


def test_the_same_seed_gives_the_same_weights_and_another_seed_others(tmp_path: Path) -> None:
    ends = []
    for place, seed in (("a", 5), ("b", 5), ("c", 6)):
        model, plan = a_run()
        train(
            model, replace(plan, seed=seed), eight_notes(model), watch=None, folder=tmp_path / place
        )
        ends.append(weights(model))
    assert equal(ends[0], ends[1])
    assert not equal(ends[0], ends[2])


def test_a_run_in_two_goes_ends_like_a_run_in_one(tmp_path: Path) -> None:
    model, plan = a_run(epochs=5)
    whole = train(model, plan, eight_notes(model), watch=None, folder=tmp_path / "whole")
    expected = weights(model)

    model, _ = a_run()
    train(model, replace(plan, epochs=2), eight_notes(model), watch=None, folder=tmp_path / "two")
    model, _ = a_run(seed=99)  # what it starts from no longer matters
    again = train(model, plan, eight_notes(model), watch=None, folder=tmp_path / "two")
    assert equal(weights(model), expected)
    assert again.history == whole.history


def test_the_best_epoch_is_kept_and_a_run_without_progress_stops(tmp_path: Path) -> None:
    figures = iter([0.1, 0.5, 0.4, 0.5, 0.9])
    seen: list[dict[str, Tensor]] = []

    def watch(model: Model) -> dict[str, float]:
        seen.append(weights(model))
        return {"P@5": next(figures)}

    model, plan = a_run(epochs=9)
    done = train(model, plan, eight_notes(model), watch=watch, folder=tmp_path)
    assert len(done.history) == 4  # the second was best, two more did not beat it
    assert done.best_epoch == 1
    assert equal(weights(model), seen[1])


@pytest.mark.parametrize("change", [{"seed": 6}, {"data": "other notes"}])
def test_another_run_does_not_go_on_with_this_one(
    tmp_path: Path, change: dict[str, object]
) -> None:
    model, plan = a_run()
    train(model, plan, eight_notes(model), watch=None, folder=tmp_path)
    other = replace(plan, **change)  # type: ignore[arg-type]  # checked by the dataclass's fields
    with pytest.raises(BadSettings, match="unfinished run with other settings or data"):
        train(model, other, eight_notes(model), watch=None, folder=tmp_path)
    done = train(model, other, eight_notes(model), watch=None, folder=tmp_path, overwrite=True)
    assert len(done.history) == 3


def test_a_damaged_state_is_refused_and_may_be_overwritten(tmp_path: Path) -> None:
    model, plan = a_run()
    (tmp_path / "state.safetensors").write_bytes(b"half a file")
    with pytest.raises(BadSettings, match="--overwrite"):
        train(model, plan, eight_notes(model), watch=None, folder=tmp_path)
    train(model, plan, eight_notes(model), watch=None, folder=tmp_path, overwrite=True)


def test_fewer_epochs_than_are_done_cannot_be_asked_for(tmp_path: Path) -> None:
    model, plan = a_run(epochs=3)
    train(model, plan, eight_notes(model), watch=None, folder=tmp_path)
    with pytest.raises(BadSettings, match="3 epochs are done"):
        train(model, replace(plan, epochs=2), eight_notes(model), watch=None, folder=tmp_path)


def test_scores_come_in_the_order_of_the_notes(tmp_path: Path) -> None:
    model, _ = a_run()
    notes = eight_notes(model)
    together = score(model, notes)
    for place, ids in enumerate(notes.ids):
        alone = model(torch.tensor([ids]), torch.ones(1, len(ids), dtype=torch.bool))
        for task, logits_BL in alone.items():
            torch.testing.assert_close(together[task][place], logits_BL[0].sigmoid())


@pytest.mark.parametrize("sample", [0, 2, 99])
def test_a_step_scores_every_code_that_is_present_and_some_that_are_not(sample: int) -> None:
    targets_BL = torch.zeros(2, 10)
    targets_BL[0, 3] = targets_BL[1, 7] = 1
    codes = drawn(targets_BL, sample, torch.Generator()).tolist()
    assert codes[:2] == [3, 7]
    assert len(codes) == len(set(codes)) == 2 + min(sample, 8)


def test_every_absent_code_is_drawn_as_often_as_another() -> None:
    targets_BL = torch.zeros(1, 6)
    targets_BL[0, 0] = 1
    generator = torch.Generator().manual_seed(1)
    found = torch.cat([drawn(targets_BL, 2, generator)[1:] for _ in range(1000)])
    counts = found.bincount(minlength=6)
    assert counts[0] == 0
    assert counts[1:].tolist() == pytest.approx([400] * 5, abs=70)


@pytest.mark.parametrize("name", ["mt_ram", "jointlaat"])
def test_a_sample_that_holds_every_code_trains_as_all_codes_do(tmp_path: Path, name: str) -> None:
    ends = []
    for sample in (None, 99):
        model, plan = a_run(name)
        row = replace(plan.system, recipe=replace(RECIPE, sampled_codes=sample))
        row = replace(row, embedding=Embedding(width=6), aggregator=None)  # no dropout: no draws
        model = assemble(row, vocabulary_size=20, labels=LABELS, seed=5)
        folder = tmp_path / str(sample)
        done = train(
            model, replace(plan, system=row), eight_notes(model), watch=None, folder=folder
        )
        ends.append((weights(model), done.history[-1]["loss"]))
    assert ends[0][1] == pytest.approx(ends[1][1], rel=1e-4)
    for name, part in ends[0][0].items():
        torch.testing.assert_close(part, ends[1][0][name], atol=1e-4, rtol=1e-3)


def test_a_batch_in_parts_learns_what_the_batch_at_once_does(tmp_path: Path) -> None:
    """Evidence and sampled codes included; without batch normalisation, which sees one part."""
    ends = []
    for parts in (1, 2, 99):
        _, plan = a_run("bigru_mtl")
        recipe = replace(RECIPE, sampled_codes=2, accumulate=parts)
        row = replace(
            plan.system, recipe=recipe, evidence=EvidenceLoss(), embedding=Embedding(width=6)
        )
        model = assemble(row, vocabulary_size=20, labels=LABELS, seed=5)
        plan = replace(plan, system=row)
        done = train(model, plan, eight_notes(model), watch=None, folder=tmp_path / f"in-{parts}")
        ends.append((weights(model), [figures["loss"] for figures in done.history]))
    for found, losses in ends[1:]:
        assert losses == pytest.approx(ends[0][1], rel=1e-4)
        for name, part in ends[0][0].items():
            torch.testing.assert_close(part, found[name], atol=1e-4, rtol=1e-3)


def test_the_learning_rate_falls_to_nothing_over_the_epochs_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rates = []
    plain = torch.optim.Adam.step

    def step(self: torch.optim.Adam, *rest: object) -> object:
        rates.append(self.param_groups[0]["lr"])
        return plain(self, *rest)  # type: ignore[arg-type]  # what torch hands on

    monkeypatch.setattr(torch.optim.Adam, "step", step)
    model, plan = a_run(epochs=4)
    plan = replace(plan, system=replace(plan.system, recipe=replace(RECIPE, decay=True)))
    train(model, plan, eight_notes(model), watch=None, folder=tmp_path)
    assert list(dict.fromkeys(rates)) == pytest.approx([0.01, 0.0075, 0.005, 0.0025])


def test_with_decay_another_number_of_epochs_is_another_run() -> None:
    _, plan = a_run()
    decaying = replace(plan, system=replace(plan.system, recipe=replace(RECIPE, decay=True)))
    assert replace(plan, epochs=9).fingerprint == plan.fingerprint
    assert replace(decaying, epochs=9).fingerprint != decaying.fingerprint


def test_an_epoch_learns_what_is_given_besides_the_notes(tmp_path: Path) -> None:
    model, plan = a_run(epochs=3)
    asked = []

    def more(epoch: int) -> Examples:
        asked.append(epoch)
        return eight_notes(model)

    train(model, plan, eight_notes(model), watch=None, folder=tmp_path / "more", more=more)
    assert asked == [0, 1, 2]
    other, plan = a_run(epochs=3)
    train(other, plan, eight_notes(other), watch=None, folder=tmp_path / "without")
    assert not equal(weights(model), weights(other))


def test_evidence_supervision_changes_what_is_learned(tmp_path: Path) -> None:
    ends = []
    for name, cell in (("with", EvidenceLoss()), ("without", None)):
        model, plan = a_run()
        row = replace(plan.system, evidence=cell)
        model = assemble(row, vocabulary_size=20, labels=LABELS, seed=5)
        train(
            model, replace(plan, system=row), eight_notes(model), watch=None, folder=tmp_path / name
        )
        ends.append(weights(model))
    assert not equal(*ends)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_cuda_trains_in_bfloat16_and_scores_in_float32(tmp_path: Path) -> None:
    model, plan = a_run(epochs=6)
    model.to("cuda")
    done = train(model, plan, eight_notes(model), watch=None, folder=tmp_path)
    assert done.history[-1]["loss"] < done.history[0]["loss"]
    assert all(part.dtype == torch.float32 for part in score(model, eight_notes(model)).values())
