"""The analyses of the papers for the checkpoint in use: what it came with, and what charts show."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from core.analysis import ANALYSES, Material, Result, Scored, Subject, analyse
from core.analysis.subject import Decided
from core.codes import CodeTables
from core.inference import Coder
from core.types import Annotation, Code, CodeSystem, Note
from ui.services.insights import Frames

__all__ = ["Analysing", "Result", "Shipped"]

ENOUGH = 30  # finished charts below which nothing is drawn of them
OF_CHECKPOINT = ("embeddings", "neighbours")
OF_CHARTS = ("frequency", "bins")
ELSEWHERE = {  # analyses this page cannot make, and why
    "loss": "It needs the score of every code on a coded corpus; lists of charts hold a part.",
    "sweeps": "It compares trainings that differ in one setting: runs of experiments.",
    "blocks": "It compares trainings with parts left out: runs of experiments.",
    "seeds": "It compares trainings that differ in their seed: runs of experiments.",
}
_FIGURES = {
    "micro_f1": "micro-F1",
    "micro_precision": "precision",
    "micro_recall": "recall",
    "macro_f1": "macro-F1",
    "mean_average_precision": "MAP",
    "micro_auc": "micro-AUC",
    "macro_auc": "macro-AUC",
}


@dataclass(frozen=True, kw_only=True)
class Shipped:
    """What was measured when the checkpoint was trained, on a gold corpus."""

    name: str
    checkpoint: str  # hash
    corpus: str
    measured_on: str  # split
    notes: int
    figures: pd.DataFrame  # task, counted, codes, and a column for each figure
    reliability: pd.DataFrame  # suggestions, expected, observed; empty: not measured
    card: str


@dataclass(frozen=True, kw_only=True)
class Analysing:
    """What a lead asks of the checkpoint in use."""

    coder: Coder
    tables: CodeTables

    def shipped(self) -> Shipped:
        """The figures in the checkpoint's folder."""
        loaded = self.coder.loaded
        measured = loaded.metrics
        found = measured.get("with_dev") or measured.get("cross_validated") or {}
        return Shipped(
            name=loaded.name,
            checkpoint=loaded.hash,
            corpus=str(measured.get("corpus", "")),
            measured_on=str(measured.get("measured_on", "")),
            notes=int(measured.get("notes", 0)),
            figures=pd.DataFrame(list(_figures(measured.get("figures", {})))),
            reliability=pd.DataFrame(
                found.get("reliability", []), columns=["suggestions", "expected", "observed"]
            ),
            card=loaded.card,
        )

    def of_checkpoint(self) -> tuple[Result, ...]:
        """The pictures that need the checkpoint alone."""
        subject = Subject(name=self.coder.name, checkpoint=self.coder.loaded)
        return tuple(analyse(Material(tables=self.tables, subjects=(subject,)), OF_CHECKPOINT))

    def of_charts(self, frames: Frames) -> tuple[Result, ...]:
        """The pictures that need coded notes, of these charts as their coders saw them.

        Only charts whose list this checkpoint made count, and none are scored again: memory has
        learned from them since. Empty where they are fewer than ENOUGH.
        """
        charts = frames.charts[frames.charts["checkpoint"] == self.coder.checkpoint]
        if len(charts) < ENOUGH:
            return ()
        ids = [int(note) for note in charts["note"]]
        finals = _by_note(frames.finals)
        likely = _by_note(frames.suggested[frames.suggested["likely"]])
        notes = tuple(_note(note, finals[note]) for note in ids)
        shown = Decided(
            name="lists as shown", codes={"icd": [frozenset(likely[note]) for note in ids]}
        )
        subject = Subject(
            name=self.coder.name,
            checkpoint=self.coder.loaded,
            scored=Scored(notes=notes, scores={}, targets={}, decided=(shown,)),
        )
        material = Material(
            tables=self.tables,
            subjects=(subject,),
            notes=notes,
            counted=notes,
            scored_in="finished charts",
            counted_in="finished charts",
        )
        return tuple(analyse(material, OF_CHARTS))

    def elsewhere(self) -> dict[str, str]:
        """The analyses that are not made here, each with the reason."""
        made = (*OF_CHECKPOINT, *OF_CHARTS)
        return {name: ELSEWHERE[name] for name in ANALYSES if name not in made}


def _figures(measured: dict[str, dict[str, dict[str, float]]]) -> Iterator[dict[str, object]]:
    for task, kinds in measured.items():
        for counted, figures in kinds.items():
            if counted == "systems" or "codes" not in figures:
                continue
            row: dict[str, object] = {"task": task, "counted": counted, "codes": figures["codes"]}
            yield row | {said: figures.get(name) for name, said in _FIGURES.items()}


def _by_note(frame: pd.DataFrame) -> defaultdict[int, set[Code]]:
    found: defaultdict[int, set[Code]] = defaultdict(set)
    known: dict[str, Code] = {}
    for note, said in zip(frame["note"], frame["code"], strict=True):
        if said not in known:
            system, _, code = said.partition(" ")
            known[said] = Code(CodeSystem(system), code)
        found[note].add(known[said])
    return found


def _note(note: int, codes: set[Code]) -> Note:
    annotations = tuple(Annotation(code=code) for code in sorted(codes))
    return Note(id=str(note), text="", annotations=annotations)
