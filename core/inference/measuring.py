"""The figures of a coder's suggestions on coded notes, in the CodiEsp track's metrics."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from core.inference.blend import PHRASES
from core.inference.coder import Coder
from core.metrics.track import (
    Judged,
    Listed,
    code_score,
    evidence_score,
    mean_average_precision,
)
from core.text.language import language_of
from core.types import CodeSystem, Note

SYSTEMS = (CodeSystem.ICD10CM, CodeSystem.ICD10PCS, CodeSystem.ICD9CM, CodeSystem.ICD9PROC)


def judge(coder: Coder, note: Note) -> Judged:
    """A note's suggestions with their evidence, beside what its coders gave."""
    # the track asks for a mention's exact bounds, and those are what memory knows
    exact = PHRASES if PHRASES in coder.methods else "default"
    answer = coder.suggest(note, evidence=exact, least=0.3)
    return Judged(
        ranked=[
            Listed(
                code=each.code,
                probability=each.probability,
                mentions=tuple((span.start, span.end) for span in each.evidence),
            )
            for each in answer.of("icd")
        ],
        gold=note.codes,
        mentions=frozenset(
            (annotation.code, (annotation.evidence[0].start, annotation.evidence[-1].end))
            for annotation in note.annotations
            if annotation.evidence
        ),
    )


def fused_figures(coder: Coder, notes: Sequence[Note]) -> dict[str, Any]:  # Any: plain JSON
    """MAP and F1 of each code system, and F1 of evidence, for each language apart."""
    judged: dict[str, list[Judged]] = {}
    for note in notes:
        judged.setdefault(language_of(note.text), []).append(judge(coder, note))
    return {language: _figures(found) for language, found in sorted(judged.items())}


def _figures(judged: Sequence[Judged]) -> dict[str, Any]:  # Any: plain JSON
    found: dict[str, Any] = {"notes": len(judged)}
    for system in SYSTEMS:
        precision = mean_average_precision(judged, system)
        if precision is not None:
            found[system.value] = {"MAP": precision, **asdict(code_score(judged, system))}
    if any(note.mentions for note in judged):
        found["evidence"] = asdict(evidence_score(judged))
    return found
