"""Where training starts from: phrases, priors, translations, and short texts of phrases."""

import numpy as np
import pytest
import torch

from core.errors import BadSettings
from core.memory import Bridge, Phrase, Source
from core.text import Vocabulary
from core.training import drawn_together, phrase_notes
from core.training.phrase_texts import PHRASES_A_TEXT
from core.training.start import start_from_phrases, start_from_priors
from core.types import Code, CodeSpace, CodeSystem
from tests.models import WORDS, tiny_model, tiny_spaces

VOCABULARY = Vocabulary(words=("<pad>", "<unk>", *sorted(WORDS)))
ALL = [Code(CodeSystem.ICD10CM, f"A{n:02}") for n in range(30)]


def phrases(*pairs: tuple[str, str]) -> list[Phrase]:
    return [
        Phrase(text=text, code=Code(CodeSystem.ICD10CM, code), source=Source.EVIDENCE)
        for text, code in pairs
    ]


def test_a_code_starts_by_looking_for_what_it_is_called_and_the_others_as_drawn() -> None:
    model = tiny_model("evicode", words=len(VOCABULARY))
    before = model.get_parameter("decoders.icd.query_LD").clone()
    start_from_phrases(
        model,
        phrases(
            ("hypertension", "I10"), ("chest pain", "R07.9"), ("fever", "R50.9"), ("12", "E11.9")
        ),
        tiny_spaces(model.system),
        vocabulary=VOCABULARY,
        category=lambda code: None,
        fallback=None,
    )
    for part in ("query_LD", "weight_LD"):
        started = model.get_parameter(f"decoders.icd.{part}")
        lengths = started[:3].norm(dim=1)
        torch.testing.assert_close(lengths, lengths[:1].expand(3))
    query_LD = model.get_parameter("decoders.icd.query_LD")
    assert torch.equal(query_LD[3:], before[3:])  # no phrase, or one without words
    assert not torch.allclose(query_LD[:3], before[:3])
    states = [_state(model, text) for text in ("hypertension", "chest pain", "fever")]
    scores = torch.stack(states) @ query_LD[:3].T
    assert scores.argmax(dim=0).tolist() == [0, 1, 2]


def _state(model: torch.nn.Module, text: str) -> torch.Tensor:
    ids = VOCABULARY.encode(text).ids
    with torch.no_grad():
        hidden_BSD, _ = model.read(torch.tensor([ids]), torch.ones(1, len(ids), dtype=torch.bool))
    return hidden_BSD[0].mean(dim=0)


@pytest.mark.parametrize("row", ["cnn", "laat"])
def test_only_codes_that_look_at_the_states_themselves_can_start_from_phrases(row: str) -> None:
    model = tiny_model(row, words=len(VOCABULARY))
    with pytest.raises(BadSettings, match="needs label attention"):
        start_from_phrases(
            model,
            phrases(("fever", "R50.9")),
            tiny_spaces(model.system),
            vocabulary=VOCABULARY,
            category=lambda code: None,
            fallback=None,
        )


def test_a_code_starts_as_probable_as_it_is_among_the_notes() -> None:
    model = tiny_model("evicode")
    targets = torch.zeros(4, 5)
    targets[0, 0] = 1
    targets[:, 1] = 1
    start_from_priors(model, {"icd": targets})
    started = model.get_parameter("decoders.icd.bias_L").sigmoid().tolist()
    assert started == pytest.approx([0.25, 0.9999, 1e-4, 1e-4, 1e-4], abs=1e-5)


def test_spanish_words_move_half_way_to_their_translations_and_no_others_move() -> None:
    vocabulary = Vocabulary(words=("<pad>", "<unk>", "fever", "fiebre", "fiebres", "heat", "tos"))
    vectors = np.array([[0, 0], [1, 1], [4, 0], [0, 0], [2, 2], [0, 8], [5, 5]], dtype=np.float32)
    bridge = Bridge(lexicons={"es": {"fiebr": {"fever": 0.75, "heat": 0.25, "gone": 0.5}}})
    drawn = drawn_together(vectors, vocabulary, bridge)
    goal = np.array([3.0, 2.0])  # three quarters of (4, 0) and one of (0, 8)
    assert drawn[3].tolist() == pytest.approx((0.5 * goal).tolist())
    assert drawn[4].tolist() == pytest.approx((0.5 * vectors[4] + 0.5 * goal).tolist())
    for other in (0, 1, 2, 5, 6):
        assert drawn[other].tolist() == vectors[other].tolist()
    assert drawn_together(vectors, vocabulary, Bridge()).tolist() == vectors.tolist()


def test_an_unsure_translation_draws_less() -> None:
    vocabulary = Vocabulary(words=("<pad>", "<unk>", "fever", "fiebre"))
    vectors = np.array([[0, 0], [0, 0], [4, 0], [0, 0]], dtype=np.float32)
    bridge = Bridge(lexicons={"es": {"fiebr": {"fever": 0.5}}})
    assert drawn_together(vectors, vocabulary, bridge)[3].tolist() == [1.0, 0.0]


def many_phrases() -> list[Phrase]:
    return [
        Phrase(text=f"🩺 frase {code.code} e\u0301dema", code=code, source=Source.TITLE)
        for code in ALL
    ]


def test_phrase_texts_mark_every_phrase_exactly_where_it_stands() -> None:
    notes = phrase_notes(many_phrases(), texts=99, seed=1, epoch=0)
    seen = []
    for note in notes:
        assert len(note.annotations) == PHRASES_A_TEXT
        for annotation in note.annotations:
            (span,) = annotation.evidence
            assert (
                note.text[span.start : span.end] == f"🩺 frase {annotation.code.code} e\u0301dema"
            )
            seen.append(annotation.code)
    assert sorted(seen) == ALL
    assert len({note.id for note in notes}) == len(notes) == 3


def test_phrase_texts_are_the_same_for_the_same_seed_and_epoch_only() -> None:
    first = phrase_notes(many_phrases(), texts=2, seed=1, epoch=0)
    assert phrase_notes(many_phrases(), texts=2, seed=1, epoch=0) == first
    assert phrase_notes(many_phrases(), texts=2, seed=1, epoch=1) != first
    assert phrase_notes(many_phrases(), texts=2, seed=2, epoch=0) != first
    assert len(first) == 2


def test_a_phrase_that_was_marked_often_is_drawn_no_oftener() -> None:
    (note,) = phrase_notes(many_phrases()[:2] * 50, texts=9, seed=1, epoch=0)
    assert len(note.annotations) == 2
    assert phrase_notes([], texts=9, seed=1, epoch=0) == []


def test_a_label_space_may_hold_codes_without_a_phrase() -> None:
    model = tiny_model("evicode", words=len(VOCABULARY))
    before = {name: part.clone() for name, part in model.state_dict().items()}
    spaces = {"icd": CodeSpace(name="icd", codes=tuple(ALL[:5]))}
    start_from_phrases(
        model, [], spaces, vocabulary=VOCABULARY, category=lambda code: None, fallback=None
    )
    assert all(torch.equal(part, before[name]) for name, part in model.state_dict().items())
