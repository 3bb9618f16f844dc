"""What a method's evidence depends on besides note, code and model, in a reader's words."""

from collections.abc import Mapping

from core.explanations.gradients import SAMPLES, STEPS
from core.explanations.removing import PASSES
from core.inference import Coder

_EMPTY = "an empty note (padding)"
SETTINGS: Mapping[str, Mapping[str, str]] = {
    "integrated_gradients": {"steps": str(STEPS), "starting from": _EMPTY},
    "gradient_shap": {"samples": str(SAMPLES), "starting from": _EMPTY},
    "occlusion": {"removed": "one word at a time", "variants": f"{PASSES} at most"},
    "occlusion_sentences": {"removed": "one sentence at a time", "variants": f"{PASSES} at most"},
    "kernel_shap": {"removed": "sets of words", "variants": f"{PASSES} at most"},
    "kernel_shap_sentences": {"removed": "sets of sentences", "variants": f"{PASSES} at most"},
}


def settings(method: str, coder: Coder | None) -> Mapping[str, str]:
    """Name -> value; none for phrases, which memory finds without a threshold."""
    if method == "phrases" or coder is None:
        return {}
    shown_from = f"{coder.shown_from(method):.0%} of the strongest word"
    return {**SETTINGS.get(method, {}), "shown from": shown_from}
