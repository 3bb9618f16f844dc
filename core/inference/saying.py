"""What was found of evidence and of what-ifs, in a sentence: English and Spanish."""

from collections.abc import Mapping

from core.errors import BadSettings
from core.inference.confidence import Confidence

_SENTENCES: Mapping[str, Mapping[str, str]] = {
    "en": {
        "point": ".",
        "drops": "Removing these words drops the score from {before} to {after}.",
        "raises": "Removing these words raises the score from {before} to {after}.",
        "stays": "Removing these words leaves the score at {before}.",
        "vanishes": "Removing these words takes the code off the list; its score was {before}.",
        "none": "No words are shown for this code.",
        "all": "Attention and gradients both point at all of these words.",
        "some": "Attention and gradients both point at {agreed} of these {words} words.",
        "elsewhere": "Attention and gradients do not agree on any of these words.",
        "plainly": "{number}",
        "under": "less than {number}",
        "over": "more than {number}",
    },
    "es": {
        "point": ",",
        "drops": "Sin estas palabras, la puntuación baja de {before} a {after}.",
        "raises": "Sin estas palabras, la puntuación sube de {before} a {after}.",
        "stays": "Sin estas palabras, la puntuación se queda en {before}.",
        "vanishes": "Sin estas palabras, el código sale de la lista; su puntuación era {before}.",
        "none": "No se muestra ninguna palabra para este código.",
        "all": "La atención y los gradientes señalan todas estas palabras.",
        "some": "La atención y los gradientes señalan {agreed} de estas {words} palabras.",
        "elsewhere": "La atención y los gradientes no coinciden en ninguna de estas palabras.",
        "plainly": "{number}",
        "under": "menos de {number}",
        "over": "más de {number}",
    },
}


def removal(found: Confidence, language: str = "en") -> str:
    """What removing the shown words does: "... drops the score from 0.91 to 0.12." """
    if not found.words:
        return _said(language, "none")
    before = _number(found.before, language)
    if found.after is None:
        return _said(language, "vanishes", before=before)
    after = _number(found.after, language)
    if before == after:  # no change that could be read
        return _said(language, "stays", before=before)
    kind = "drops" if found.after < found.before else "raises"
    return _said(language, kind, before=before, after=after)


def agreement(found: Confidence, language: str = "en") -> str:
    """Which of the shown words attention and gradients agree on; empty where that is not known."""
    if found.agreed is None or not found.words:
        return ""
    if not found.agreed:
        return _said(language, "elsewhere")
    kind = "all" if found.agreed == found.words else "some"
    return _said(language, kind, agreed=str(found.agreed), words=str(found.words))


def _said(language: str, kind: str, **values: str) -> str:
    if language not in _SENTENCES:
        raise BadSettings(f"no sentences in {language!r}; use one of {', '.join(_SENTENCES)}")
    return _SENTENCES[language][kind].format(**values)


def _number(probability: float, language: str) -> str:
    """Two decimals; what rounds to 0 or 1 is neither, and is said so."""
    rounded = f"{probability:.2f}"
    kind, shown = {"0.00": ("under", "0.01"), "1.00": ("over", "0.99")}.get(
        rounded, ("plainly", rounded)
    )
    return _said(language, kind, number=shown.replace(".", _said(language, "point")))
