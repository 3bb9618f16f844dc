"""Methods that score every token of a note for one code; one row each in METHODS.

All answer the same question about a code's logit. Which of them the app offers is another matter
(OFFERED): that is decided by how they measure up.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from core.assembly import Model
from core.errors import BadSettings
from core.explanations.floors import chance, title_words
from core.explanations.gradients import gradient_shap, input_x_gradient, integrated_gradients
from core.explanations.looking import attention, attention_x_gradient, blind
from core.explanations.reading import Progress, Question, Reading, TokenScores, nobody
from core.explanations.removing import kernel_shap, occlusion

__all__ = ["METHODS", "OFFERED", "Method", "Reading", "TokenScores", "default_method", "explain"]


@dataclass(frozen=True, kw_only=True)
class Method:
    """A way to answer, and the models it cannot answer for."""

    answer: Callable[[Question], list[TokenScores]]
    lacks: Callable[[Model], str] = lambda _: ""  # why not; empty: it can

    def supports(self, model: Model) -> bool:
        """Whether codes of this model can be explained so; `lacks` says why not."""
        return not self.lacks(model)


METHODS: Mapping[str, Method] = {
    "attention": Method(answer=attention, lacks=blind),
    "attention_x_gradient": Method(answer=attention_x_gradient, lacks=blind),
    "input_x_gradient": Method(answer=input_x_gradient),
    "integrated_gradients": Method(answer=integrated_gradients),
    "gradient_shap": Method(answer=gradient_shap),
    "occlusion": Method(answer=partial(occlusion, unit="word")),
    "occlusion_sentences": Method(answer=partial(occlusion, unit="sentence")),
    "kernel_shap": Method(answer=partial(kernel_shap, unit="word")),
    "kernel_shap_sentences": Method(answer=partial(kernel_shap, unit="sentence")),
    "random": Method(answer=chance),
    "title_words": Method(answer=title_words),
}
# in the app, the first that a model has as default; why these: docs/benchmarks/evidence.md
OFFERED = ("attention_x_gradient", "attention", "integrated_gradients")


def explain(
    reading: Reading,
    *,
    task: str,
    codes: Sequence[int],
    method: str,
    progress: Progress = nobody,
) -> list[TokenScores]:
    """Score the note's tokens for each of `codes` (positions among the task's logits).

    progress: is told the share that is done; raises `Cancelled` to stop. BadSettings if there is no
    such method, or none for this model.
    """
    if method not in METHODS:
        raise BadSettings(f"{method!r} is not a method; use one of {', '.join(METHODS)}")
    if why := METHODS[method].lacks(reading.model):
        raise BadSettings(f"{method!r} cannot explain row {reading.model.system.name!r}: {why}")
    if not codes:
        return []
    question = Question(reading=reading, task=task, codes=codes, progress=progress)
    return METHODS[method].answer(question)


def offered(model: Model) -> tuple[str, ...]:
    """The methods the app offers for a model, the one shown first in front."""
    return tuple(name for name in OFFERED if METHODS[name].supports(model))


def default_method(model: Model) -> str:
    """The method shown first for a model."""
    return offered(model)[0]
