"""One ranked list from network and memory, and what it says of where it comes from."""

from dataclasses import replace

import pytest

from core.errors import BadCheckpoint
from core.fusion import Fused, Fusion, NetworkScores, fusion_files, load_fusion
from core.fusion.fusion import provenance, shown
from core.memory import PhraseMemory
from core.types import Code, CodeSystem, Context, Note
from tests.models import coded, tiny_combiner, tiny_memory

I10, FEVER = Code(CodeSystem.ICD10CM, "I10"), Code(CodeSystem.ICD10CM, "R50.9")
NETWORK = NetworkScores(icd={I10: 2.0, FEVER: -1.0}, ccs={})


def tiny_fusion(memory: PhraseMemory | None = None) -> Fusion:
    return Fusion(
        memory=memory or tiny_memory(),
        combiner=tiny_combiner(),
        shifts={CodeSystem.ICD10CM: 0.5},
        cuts={0.9: 0.125},
    )


def ranked(text: str, fusion: Fusion | None = None) -> dict[Code, Fused]:
    ranking = (fusion or tiny_fusion()).rank(
        Note(id="x", text=text), NETWORK, category=lambda code: None
    )
    return {each.code: each for each in ranking.fused}


def test_candidates_come_the_most_probable_first() -> None:
    found = [each.probability for each in ranked("Fever and arterial hypertension.").values()]
    assert found == sorted(found, reverse=True)
    assert all(0 <= probability <= 1 for probability in found)


def test_each_says_who_proposed_it() -> None:
    found = ranked("Fever. Pain in the chest.")
    assert found[FEVER].source == "network and memory"
    assert found[Code(CodeSystem.ICD10CM, "R07.9")].source == "memory"
    assert (found[I10].source, found[I10].provenance, found[I10].mentions) == ("network", "", ())


def test_memory_says_how_often_it_saw_the_phrase_and_how_often_it_stood() -> None:
    memory = PhraseMemory()
    yes = [
        coded("Arterial hypertension.", ("I10", "Arterial hypertension"), id=str(n))
        for n in range(13)
    ]
    memory.learn([*yes, Note(id="no", text="No arterial hypertension.")])
    found = ranked("He has arterial hypertension.", tiny_fusion(memory))
    assert found[I10].provenance == "seen in 14 coded notes, 13 times I10"


@pytest.mark.parametrize(
    ("known", "said"),
    [
        ({"found": 1, "stood": 1}, "seen in 1 coded note, once I10"),
        ({"found": 2, "stood": 0}, "seen in 2 coded notes, 0 times I10"),
        (
            {"coverage": 0.7, "found": 2, "stood": 2},
            "a phrase like it was seen in 2 coded notes, 2 times I10",
        ),
        ({"found": 0, "marked": 3}, "marked in 3 coded notes"),
    ],
)
def test_provenance_reads_as_a_coder_would_say_it(known: dict[str, float], said: str) -> None:
    (mention,) = [
        m for m in tiny_memory().read("arterial hypertension").mentions if m.source == "coded notes"
    ]
    assert provenance(replace(mention, **known)) == said  # type: ignore[arg-type]  # by its fields


def test_a_title_is_said_to_be_one() -> None:
    found = ranked("Dependence on renal dialysis.")
    assert found[Code(CodeSystem.ICD10CM, "Z99.2")].provenance == "code title"


def test_contexts_of_the_strongest_mention_come_along() -> None:
    assert ranked("Patient without fever.")[FEVER].contexts == (Context.NEGATED,)
    assert ranked("Patient with fever.")[FEVER].contexts == ()


def test_where_a_code_stands_is_told_once_for_each_place() -> None:
    text = "🙂 Fever at night. Not a word; fever by day."
    ranking = tiny_fusion().rank(Note(id="x", text=text), None, category=lambda code: None)
    places = [[text[s.start : s.end] for s in mention] for mention in ranking.spans(FEVER)]
    assert sorted(places) == [["Fever"], ["fever"]]
    assert ranking.spans(Code(CodeSystem.ICD10CM, "A00")) == ()


def test_of_mentions_that_share_words_the_first_is_shown_and_strong_ones_elsewhere_too() -> None:
    known = [m for m in tiny_memory().read("Fever.").mentions if m.code == FEVER]
    mention = replace(known[0], words=(3, 4))
    assert shown([mention, replace(mention, words=(4,))]) == (mention,)
    elsewhere = replace(mention, words=(7, 8))
    assert shown([mention, elsewhere]) == (mention, elsewhere)
    doubtful = replace(elsewhere, stood=0, stood_whole=0)
    assert shown([mention, doubtful]) == (mention,)
    assert shown([]) == ()


def test_a_code_that_is_learned_is_ranked_in_the_next_note() -> None:
    fusion = tiny_fusion()
    new = Code(CodeSystem.ICD10CM, "R51")
    assert new not in ranked("A dancing rash.", fusion)
    fusion.memory.decide(coded("He has a dancing rash.", ("R51", "dancing rash"), id="d"))
    assert ranked("A dancing rash.", fusion)[new].probability > 0


def test_a_fusion_survives_its_files() -> None:
    fusion = tiny_fusion()
    loaded = load_fusion(fusion_files(fusion))
    assert (loaded.shifts, loaded.cuts) == (fusion.shifts, fusion.cuts)
    for text in ("Fever and arterial hypertension.", "Renal dialysis", "", "nothing"):
        assert [
            (each.code, each.probability, each.provenance) for each in ranked(text, loaded).values()
        ] == [
            (each.code, each.probability, each.provenance) for each in ranked(text, fusion).values()
        ]


def test_a_combiner_of_other_features_is_refused() -> None:
    files = fusion_files(tiny_fusion())
    files["fusion.json"] = files["fusion.json"].replace(b"marked_any", b"marked_all")
    with pytest.raises(BadCheckpoint, match="reads other features; retrain it"):
        load_fusion(files)


def test_the_files_are_the_same_for_the_same_fusion() -> None:
    assert fusion_files(tiny_fusion()) == fusion_files(tiny_fusion())
