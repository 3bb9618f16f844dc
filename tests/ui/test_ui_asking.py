"""What the page asks for: read strictly, and answered on the page."""

import json
import time
from collections.abc import Callable
from threading import Event
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.errors import BadInput
from core.explanations.reading import Progress, nobody
from core.types import Code, CodeSystem, Explanation, Note, Span
from tests.ui.remembering import FEVER, PRESSURE, Remembering
from ui.services.asking import Asked, read_asked
from ui.services.methods import SLOW, finds, name
from ui.services.remembering import BOTH

GRADIENTS = "integrated_gradients"
I10 = Code(CodeSystem.ICD10CM, "I10")


def test_an_empty_message_asks_for_nothing() -> None:
    assert read_asked({}) == Asked()
    nothing = ("ask", "trust", "stop", "without", "query", "about", "coverage")
    assert read_asked(dict.fromkeys(nothing)) == Asked()


def test_everything_a_page_may_ask_is_read() -> None:
    sent = {
        "ask": {"rows": ["ICD-10-CM I10", "ICD-10-CM R50.9"], "method": "attention"},
        "trust": {"rows": ["ICD-10-CM I10"], "method": "phrases"},
        "stop": {"rows": ["ICD-10-CM I10"], "method": GRADIENTS},
        "without": {"note": 3, "spans": [[0, 5], [9, 12]]},
        "query": {"n": 4, "q": "append", "around": "ICD-10-CM R50.9"},
        "about": "ICD-10-CM I10",
        "coverage": 0.8,
    }
    assert read_asked(json.loads(json.dumps(sent))) == Asked(
        evidence=((I10, "attention"), (FEVER, "attention")),
        trust=(I10, "phrases"),
        called_off=(I10, GRADIENTS),
        without=(Span(0, 5), Span(9, 12)),
        of_note=3,
        query=(4, "append"),
        around=FEVER,
        about=I10,
        coverage=0.8,
    )


@pytest.mark.parametrize(
    "sent",
    [
        {"ask": "I10"},
        {"ask": {"rows": "ICD-10-CM I10", "method": "attention"}},
        {"ask": {"rows": ["ICD-10-CM I10"]}},
        {"ask": {"rows": ["ICD-10-CM I10"] * 9, "method": "attention"}},
        {"without": {"spans": [[0, 5]]}},
        {"without": {"note": 1, "spans": [[0]]}},
        {"without": {"note": 1, "spans": [[0, 5]] * 1001}},
        {"query": {"n": "one", "q": "x"}},
        {"query": {"n": 1, "q": "x", "around": 10}},
        {"about": ["ICD-10-CM I10"]},
    ],
)
def test_a_question_the_page_would_not_ask_is_refused(sent: dict[str, Any]) -> None:
    with pytest.raises(BadInput, match="reload"):
        read_asked(sent)


class Stubborn(Remembering):
    """Integrated gradients that are a quarter done for as long as nobody calls them off."""

    ended = Event()

    def explain(
        self,
        note: Note,
        codes: list[Code],  # type: ignore[override]
        *,
        method: str | None = None,
        progress: Progress = nobody,
    ) -> tuple[Explanation, ...]:
        if method != GRADIENTS:
            return super().explain(note, codes, method=method)
        try:
            for _ in range(2_000):
                progress(0.25)
                time.sleep(0.01)
        finally:
            self.ended.set()
        raise AssertionError("nobody called it off")


@pytest.fixture
def page(
    app: AppTest,
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[..., dict[str, Any]]:
    """The review page, asked for something: what its board is told."""
    Stubborn.ended.clear()
    monkeypatch.setattr("ui.services.loading.Coder", Stubborn)
    app.switch_page("ui/pages/review.py").run(timeout=60)

    def asked(until: str | None = None, **wishes: object) -> dict[str, Any]:
        app.session_state["desk"].asked = Asked(**wishes)  # type: ignore[arg-type]
        for _ in range(50):
            app.run(timeout=60)
            assert not app.exception
            (board,) = app.get("bidi_component")
            data: dict[str, Any] = json.loads(board.proto.json)
            if until is None or data[until]:
                return data
        raise AssertionError(f"the page never got {until}")

    return asked


def test_slow_evidence_shows_how_far_it_is_and_is_called_off(
    page: Callable[..., dict[str, Any]],
) -> None:
    data = page(until="computing", evidence=((PRESSURE, GRADIENTS),))
    while data["computing"]["share"] == 0:
        data = page(evidence=((PRESSURE, GRADIENTS),))
    assert data["computing"] == {"row": str(PRESSURE), "method": GRADIENTS, "share": 0.25}
    assert GRADIENTS not in data["evidence"]
    assert page(called_off=(PRESSURE, GRADIENTS))["computing"] is None
    assert Stubborn.ended.wait(20), "the work itself has ended"


def test_the_page_is_told_how_far_to_trust_the_evidence_it_shows(
    page: Callable[..., dict[str, Any]],
) -> None:
    data = page(until="said", trust=(PRESSURE, BOTH))
    assert data["said"][BOTH][str(PRESSURE)].startswith("Removing these words")
    data = page(trust=(FEVER, "attention"))
    assert data["unsaid"] == {}


def test_the_page_is_told_the_scores_without_some_words_or_why_not(
    page: Callable[..., dict[str, Any]],
) -> None:
    data = page(until="what_if", without=(Span(0, 9),), of_note=1)
    what_if = data["what_if"]
    assert (what_if["spans"], what_if["problem"]) == ([[0, 9]], None)
    assert str(PRESSURE) in what_if["changes"]
    assert {row["probability"] for row in data["rows"]} >= {0.9, 0.3}, "the real scores stay"
    far = page(until="what_if", without=(Span(10**6, 10**6 + 1),), of_note=1)["what_if"]
    assert "does not lie in the note" in far["problem"]
    assert page(without=(Span(0, 9),), of_note=2)["what_if"] is None, "words of another note"


def test_a_method_is_named_in_a_readers_words_and_says_what_it_finds() -> None:
    assert name("attention_x_gradient") == "Attention × gradient"
    assert name("kernel_shap_sentences") == "Kernel SHAP sentences"
    assert "looked" in finds("attention_x_gradient")
    assert GRADIENTS in SLOW
    assert not {"phrases", "attention", "attention_x_gradient"} & SLOW
