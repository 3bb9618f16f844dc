"""Every code a note may carry, with one row of features for each."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given

from core.fusion import FEATURES, NetworkScores, candidates
from core.fusion.candidates import FROM_NETWORK, UNRANKED, Candidates
from core.fusion.rivals import Rivals
from core.fusion.strength import share, strength
from core.memory import Mention, PhraseMemory, Source
from core.types import Code, CodeSystem, Note
from tests.builders import clinical_text
from tests.models import coded, tiny_memory

I10, FEVER = Code(CodeSystem.ICD10CM, "I10"), Code(CodeSystem.ICD10CM, "R50.9")
CATEGORY = Code(CodeSystem.CCSR, "CIR007")
NETWORK = NetworkScores(icd={I10: 2.0, FEVER: -1.0}, ccs={CATEGORY: 0.5})


def category(code: Code) -> Code | None:
    return CATEGORY if code == I10 else None


def of(text: str, *, network: NetworkScores | None = NETWORK) -> Candidates:
    return candidates(Note(id="x", text=text), tiny_memory(), network, category=category)


def row(found: Candidates, code: Code) -> dict[str, float]:
    numbers = found.features_NF[found.codes.index(code)]
    return dict(zip(FEATURES, map(float, numbers), strict=True))


def a_mention(**known: object) -> Mention:
    plain = Mention(
        code=I10,
        source=Source.EVIDENCE,
        key=("fever",),
        coverage=1.0,
        gap=0,
        words=(0,),
        mass=1.0,
        marked=1,
        found=1,
        whole=1,
        stood=1,
        stood_whole=1,
    )
    return replace(plain, **known)  # type: ignore[arg-type]  # checked by the dataclass


@given(clinical_text())
def test_every_candidate_has_one_finite_number_for_each_feature(text: str) -> None:
    found = of(text)
    assert found.features_NF.shape == (len(found.codes), len(FEATURES))
    assert found.features_NF.dtype == np.float32
    assert np.isfinite(found.features_NF).all()
    assert list(found.codes) == sorted(set(found.codes))


def test_features_have_names_of_their_own() -> None:
    assert len(set(FEATURES)) == len(FEATURES)


def test_what_memory_found_and_what_the_network_ranks_are_candidates() -> None:
    found = of("Pneumonia organism.")
    assert found.codes == (I10, Code(CodeSystem.ICD10CM, "J18.9"), FEVER)
    assert of("cough", network=None).codes == ()
    assert of("cough", network=None).features_NF.shape == (0, len(FEATURES))


def test_the_network_alone_proposes_its_first_codes_only() -> None:
    many = {Code(CodeSystem.ICD10CM, f"A{n:03}"): float(n) for n in range(100)}
    found = of("cough", network=NetworkScores(icd=many, ccs={}))
    assert found.codes == tuple(sorted(many))[-FROM_NETWORK:]


def test_codes_of_equal_logits_are_ranked_in_the_order_of_codes() -> None:
    first, second, third = (Code(CodeSystem.ICD10CM, f"A{n:03}") for n in range(3))
    network = NetworkScores(icd={third: 1.0, first: 1.0, second: 2.0}, ccs={})
    found = of("cough", network=network)
    ranks = [np.expm1(row(found, code)["rank"]) for code in (second, first, third)]
    assert ranks == pytest.approx([0, 1, 2])
    many = {Code(CodeSystem.ICD10CM, f"B{n:03}"): 0.0 for n in reversed(range(100))}
    found = of("cough", network=NetworkScores(icd=many, ccs={}))
    assert found.codes == tuple(sorted(many))[:FROM_NETWORK]


def test_a_row_says_what_memory_and_network_know_of_a_code() -> None:
    found = of("Today arterial hypertension and no fever.")
    pressure = row(found, I10)
    assert (pressure["marked_found"], pressure["marked_stood"], pressure["marked_notes"]) == (
        2,
        1,
        1,
    )
    assert pressure["marked_share"] == pytest.approx((1 + 0.4) / (2 + 1.0))
    assert (pressure["marked_size"], pressure["marked_gap"]) == (2, 0)
    assert (pressure["notes"], pressure["notes_heading"]) == (1, 1)
    assert (pressure["logit"], pressure["logit_category"], pressure["rank"]) == (2.0, 0.5, 0.0)
    fever = row(found, FEVER)
    assert (fever["logit"], fever["logit_category"]) == (-1.0, UNRANKED)
    assert fever["rank"] == pytest.approx(np.log(2))
    assert (fever["negated"], fever["affirmed"], fever["bare"]) == (1, 0, 0)
    assert (pressure["negated"], pressure["affirmed"]) == (0, 1)


def test_without_a_network_its_features_say_not_ranked() -> None:
    fever = row(of("fever", network=None), FEVER)
    assert (fever["logit"], fever["logit_heading"], fever["networked"]) == (UNRANKED, UNRANKED, 0)


def test_a_code_the_network_alone_proposes_was_mentioned_nowhere() -> None:
    found = of("cough")
    pressure = row(found, I10)
    assert found.mentions[found.codes.index(I10)] == ()
    assert (pressure["marked_any"], pressure["title_cover"], pressure["bare"]) == (0, 0, 1)


def test_the_strongest_mention_of_a_code_comes_first() -> None:
    memory = PhraseMemory()
    weak = [Note(id=f"n{n}", text="Warm skin.") for n in range(5)]
    memory.learn([coded("Fever and warm skin.", ("R50.9", "Fever"), ("R50.9", "warm skin")), *weak])
    found = candidates(
        Note(id="x", text="Warm skin. Fever."), memory, None, category=lambda code: None
    )
    (mentions,) = found.mentions
    assert [mention.key for mention in mentions] == [("fever",), ("skin", "warm")]


def test_the_share_of_a_phrase_is_how_often_it_stood_drawn_a_little_to_a_third() -> None:
    assert share(a_mention()) == pytest.approx(1.4 / 2)
    often = a_mention(found=100, whole=100, stood=99, stood_whole=99)
    assert share(often) == pytest.approx(99.4 / 101)
    assert share(a_mention(found=100, whole=100, stood=0, stood_whole=0)) < 0.01
    assert share(a_mention(gap=2, found=3, stood=1)) == pytest.approx(1.4 / 4.2)


def test_gaps_and_missing_words_make_a_mention_weaker() -> None:
    assert strength(a_mention()) > strength(a_mention(gap=3))
    assert strength(a_mention(gap=3)) > strength(a_mention(coverage=0.7))


def test_rivals_stand_on_the_same_words_and_are_other_codes() -> None:
    long = a_mention(code=FEVER, key=("a", "b", "c"), words=(0, 1, 2))
    here, elsewhere = a_mention(words=(1,)), a_mention(code=FEVER, words=(9,))
    of_long = Rivals([long, here, elsewhere]).of(here)
    assert of_long[:2] == [1, 2]  # one rival, two words longer
    assert of_long[3] == 1.0
    assert Rivals([here, a_mention(words=(1, 2))]).of(here)[:1] == [0]
    assert Rivals([here]).of(None) == [0.0, 0.0, 0.0, 0.0]
    weak = a_mention(code=FEVER, words=(1,), coverage=0.7)
    assert Rivals([here, weak]).of(here)[0] == 0
