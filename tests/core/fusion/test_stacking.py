"""Stacking: opinions, names and rivals -> one probability for every (note, code) pair."""

from dataclasses import replace

import numpy as np

from core.fusion.combiner import CombinerSettings
from core.fusion.stacking import (
    NAMED,
    Opinions,
    StackSettings,
    as_if_new,
    features,
    fit_stack,
    named,
    worth_asking,
)
from core.fusion.trees import TreeSettings, grow
from core.memory import Listed, Phrase, PhraseMemory, Source
from core.types import CodeSystem
from tests.builders import a_code, a_note

CODES = tuple(a_code(code, CodeSystem.ICD9CM) for code in ("486", "786.2", "V13.02"))
SMALL = StackSettings(
    networks=CombinerSettings(members=2, hidden=8, epochs=20), trees=TreeSettings(members=2)
)


def some_opinions(notes: int = 200, seed: int = 0) -> tuple[Opinions, np.ndarray]:
    """The illness is certain; the cough is always likely, but given only without the illness."""
    random = np.random.default_rng(seed)
    gold = np.zeros((notes, 3), dtype=np.float32)
    gold[:, 0] = random.random(notes) < 0.4
    gold[:, 1] = 1 - gold[:, 0]
    opinions = np.zeros((notes, 3, 1), dtype=np.float32)
    opinions[:, 0, 0] = np.where(gold[:, 0], 0.9, 0.05)
    opinions[:, 1, 0] = 0.7
    return Opinions(
        opinions_NCK=opinions,
        shares_NCF=np.zeros((notes, 3, 3), dtype=np.float32),
        seen_NC=np.full((notes, 3), 50, dtype=np.float32),
        named_NCF=np.zeros((notes, 3, NAMED), dtype=np.float32),
    ), gold


def a_memory() -> PhraseMemory:
    phrases = [
        Phrase(text=text, code=code, source=Source.TITLE)
        for text, code in zip(("Pneumonia", "Cough", "History of infection"), CODES, strict=True)
    ]
    return PhraseMemory(listed=Listed.of(phrases))


def test_names_are_told_apart_by_section_and_context():
    note = a_note("Clinical history:\nCough.\n\nImpression:\nNo pneumonia.")

    (found,) = named([note], CODES, a_memory())

    assert found[1, 0] == 1.0  # plainly, in the first section
    assert found[1, 6] > 0
    assert found[0].tolist() == [0, 0, 1.0, 0, 0, 0, 0]  # negated
    assert not found[2].any()


def test_symptoms_give_way_to_the_illness():
    opinions, gold = some_opinions()
    stack = fit_stack(opinions, gold, CODES, settings=SMALL)

    new, new_gold = some_opinions(50, seed=1)
    found = stack.probabilities(new)

    assert ((found[:, :2] > 0.5) == (new_gold[:, :2] > 0)).all()


def test_the_same_seed_gives_the_same_probabilities():
    opinions, gold = some_opinions()

    one, other = (
        fit_stack(opinions, gold, CODES, settings=SMALL).probabilities(opinions) for _ in range(2)
    )

    assert np.array_equal(one, other)


def test_a_pair_that_nothing_speaks_for_has_no_chance():
    opinions, gold = some_opinions()
    stack = fit_stack(opinions, gold, CODES, settings=SMALL)

    assert not worth_asking(opinions)[:, 2].any()
    assert not stack.probabilities(opinions)[:, 2].any()


def test_an_order_of_notes_changes_no_probability():
    opinions, gold = some_opinions()
    stack = fit_stack(opinions, gold, CODES, settings=SMALL)
    turned = np.arange(len(gold))[::-1]

    assert np.allclose(
        stack.probabilities(opinions.rows(turned)), stack.probabilities(opinions)[turned], atol=1e-6
    )


def test_a_code_shown_as_new_keeps_names_and_rivals_only():
    opinions, gold = some_opinions(20)
    named_NCF = np.random.default_rng(0).random(opinions.named_NCF.shape).astype(np.float32)
    opinions = replace(opinions, named_NCF=named_NCF)
    unknown = Opinions(
        opinions_NCK=np.zeros_like(opinions.opinions_NCK),
        shares_NCF=opinions.shares_NCF,
        seen_NC=np.zeros_like(opinions.seen_NC),
        named_NCF=named_NCF,
    )

    hidden = as_if_new(features(opinions, CODES, gold))
    truly = features(unknown, CODES, np.zeros_like(gold))

    own = hidden.shape[2] - 9
    assert np.allclose(hidden[:, :, :own], truly[:, :, :own], atol=1e-6)
    assert not np.allclose(hidden[:, :, own:], truly[:, :, own:])


def test_a_new_code_is_given_by_its_name():
    opinions, gold = some_opinions()
    opinions.named_NCF[:, 0, 0] = gold[:, 0]
    opinions.named_NCF[:, 0, 2] = 1 - gold[:, 0]
    stack = fit_stack(opinions, gold, CODES, settings=replace(SMALL, new=1.0))

    new, _ = some_opinions(2, seed=3)
    new.opinions_NCK[:] = 0
    new.seen_NC[:] = 0
    new.named_NCF[0, 2, 0] = 1.0  # said plainly
    new.named_NCF[1, 2, 2] = 1.0  # negated
    found = stack.probabilities(new)

    assert found[0, 2] > 0.5
    assert found[0, 2] > found[1, 2]


def test_trees_learn_what_no_line_parts():
    random = np.random.default_rng(0)
    features_NF = random.normal(size=(600, 4)).astype(np.float32)
    either = ((features_NF[:, 0] > 0) ^ (features_NF[:, 1] > 0)).astype(np.float32)

    trees = grow(features_NF[:400], either[:400])
    found = trees.probabilities(features_NF[400:])

    assert ((found > 0.5) == (either[400:] > 0)).mean() > 0.9
    assert found.min() >= 0
    assert found.max() <= 1


def test_trees_on_one_kind_of_target_say_so():
    features_NF = np.zeros((20, 2), dtype=np.float32)

    assert grow(features_NF, np.zeros(20, np.float32)).probabilities(features_NF).max() < 0.01
