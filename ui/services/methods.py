"""Methods of evidence in a reader's words: their names, what they find, what they depend on."""

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
OF_MEMORY = frozenset({"phrases", "phrases_and_network"})  # those that ask it for phrases
SLOW = frozenset(SETTINGS)  # many passes over the note: seconds for each code

_NAMES: Mapping[str, str] = {
    "phrases_and_network": "Phrases and network",
    "phrases": "Phrases",
    "attention": "Attention",
    "attention_x_gradient": "Attention × gradient",
    "input_x_gradient": "Input × gradient",
    "integrated_gradients": "Integrated gradients",
    "gradient_shap": "Gradient SHAP",
    "occlusion": "Occlusion",
    "occlusion_sentences": "Occlusion sentences",
    "kernel_shap": "Kernel SHAP",
    "kernel_shap_sentences": "Kernel SHAP sentences",
    "title_words": "Title words",
    "random": "Random",
}
_FINDS: Mapping[str, str] = {
    "phrases_and_network": "phrases known for this code, and the words that moved the model to it",
    "phrases": "what coders marked for this code before, or its titles, found in this note",
    "attention": "where the model looked for this code; a strong mark is not a reason by itself",
    "attention_x_gradient": "where the model looked, weighed by how much each word moved the score",
    "input_x_gradient": "which words would move the score of this code most",
    "integrated_gradients": "which words raised the score of this code, compared with an empty "
    "note",
    "gradient_shap": "which words raised this code's score, compared with notes of random words",
    "occlusion": "which words the score of this code falls without, one at a time",
    "occlusion_sentences": "which sentences the score of this code falls without, one at a time",
    "kernel_shap": "each word's fair share of the score of this code",
    "kernel_shap_sentences": "each sentence's fair share of the score of this code",
    "title_words": "words of the code's title, found in this note",
    "random": "words drawn by chance: what any method must beat",
}


def name(method: str) -> str:
    """The method as a reader knows it: "Attention × gradient"."""
    return _NAMES.get(method, method.replace("_", " ").capitalize())


def finds(method: str) -> str:
    """What its marks in the note stand for."""
    return _FINDS.get(method, "what this method found")


def settings(method: str, coder: Coder | None) -> Mapping[str, str]:
    """Name -> value; none for phrases, which memory finds without a threshold."""
    if method == "phrases" or coder is None:
        return {}
    shown_from = f"{coder.shown_from(method):.0%} of the strongest word"
    return {**SETTINGS.get(method, {}), "shown from": shown_from}
