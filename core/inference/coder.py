"""The coder's object: a note in, ranked suggestions and their evidence out.

    coder = Coder.load()
    for suggestion in coder.suggest(Note(id="1", text=text)).of("icd"): ...
    explanation, = coder.explain(note, [suggestion.code])

One `Coder` may be shared by any number of threads: the model keeps no state between calls, and
the readings of the last few notes are kept aside, so that evidence after suggestions is fast.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import torch
from torch import Tensor

from core.checkpoints import Checkpoint, load_checkpoint
from core.codes import shared_tables
from core.errors import UnknownCode
from core.explanations import Reading, explain, spans
from core.explanations.methods import TokenScores, default_method
from core.inference.recent import Recent
from core.inference.shipped import shipped_checkpoint
from core.text import Encoded, fallback, pad
from core.types import Code, CodeSpace, Evidence, Explanation, Note, Suggestion, Suggestions

NOTES_KEPT = 8  # readings kept for evidence; a 4,000-token note takes some megabytes


class Titles(Protocol):
    """What the coder asks of the code tables."""

    def title(self, code: Code) -> str | None: ...

    def category(self, code: Code) -> Code | None: ...


class Coder:
    """Ranks codes for notes with one checkpoint."""

    def __init__(self, checkpoint: Checkpoint, titles: Titles) -> None:
        self._checkpoint = checkpoint
        self._titles = titles
        self._fallback = fallback(checkpoint.fallback, checkpoint.vocabulary)
        self._recent = Recent[tuple[Encoded, Reading]](NOTES_KEPT)

    @classmethod
    def load(cls, folder: str | Path | None = None, *, device: str = "cpu") -> "Coder":
        """Load a checkpoint folder (default: the shipped one); BadCheckpoint if it is unusable."""
        checkpoint = load_checkpoint(Path(folder or shipped_checkpoint()), device=device)
        checkpoint.model.requires_grad_(requires_grad=False)
        return cls(checkpoint, shared_tables())

    @property
    def checkpoint(self) -> str:
        """The checkpoint's hash: the same hash gives the same scores."""
        return self._checkpoint.hash

    @property
    def name(self) -> str:
        return self._checkpoint.name

    @property
    def spaces(self) -> Mapping[str, CodeSpace]:
        return self._checkpoint.spaces

    @property
    def thresholds(self) -> Mapping[str, float]:
        """Per task, the probability from which a suggestion is likely (tuned on dev)."""
        return self._checkpoint.thresholds

    @property
    def default_method(self) -> str:
        return default_method(self._checkpoint.model)

    def suggest(
        self, note: Note, *, top: int | None = None, evidence: str | None = None
    ) -> Suggestions:
        """Rank the codes of every task for a note, the most probable first.

        top: how many at most, over all tasks. evidence: a method whose spans each suggestion
        carries. BadNote if the note has no words.
        """
        encoded, reading = self._read(note.text)
        ranked = [
            self._suggestion(task, code, probability)
            for task, probabilities in self._probabilities(reading).items()
            for code, probability in zip(self.spaces[task], probabilities, strict=True)
        ]
        ranked.sort(key=lambda s: (-s.probability, s.task, s.code))
        if evidence is not None:
            ranked = self._with_evidence(note, ranked[:top], evidence)
        return Suggestions(
            note_id=note.id,
            checkpoint=self.checkpoint,
            truncated_at=encoded.truncated_at,
            ranked=tuple(
                replace(s, title=self._title(s.code), category=self._titles.category(s.code))
                for s in ranked[:top]
            ),
        )

    def explain(
        self, note: Note, codes: Sequence[Code], *, method: str | None = None
    ) -> tuple[Explanation, ...]:
        """Evidence for each of `codes`, in their order; UnknownCode if the model ranks it not."""
        encoded, reading = self._read(note.text)
        method = method or self.default_method
        found: dict[Code, Explanation] = {}
        for task, space in self.spaces.items():
            asked = [code for code in codes if code in space]
            if not asked:
                continue
            positions = [space.index(code) for code in asked]
            scores = explain(reading, task=task, codes=positions, method=method)
            for code, score in zip(asked, scores, strict=True):
                found[code] = _explanation(code, method, score, encoded)
        for code in codes:
            if code not in found:
                raise UnknownCode(f"{code} is not among the codes of checkpoint {self.name!r}")
        return tuple(found[code] for code in codes)

    def _read(self, text: str) -> tuple[Encoded, Reading]:
        return self._recent.get(text, self._read_afresh)

    def _read_afresh(self, text: str) -> tuple[Encoded, Reading]:
        checkpoint = self._checkpoint
        encoded = checkpoint.vocabulary.encode(
            text, max_length=checkpoint.max_length, fallback=self._fallback
        )
        device = checkpoint.model.embedding.weight.device
        tokens_BT, mask_BT = (part.to(device) for part in pad([encoded.ids]))
        with torch.inference_mode():
            hidden_BSD, mask_BS = checkpoint.model.read(tokens_BT, mask_BT)
        return encoded, Reading(
            model=checkpoint.model,
            tokens_BT=tokens_BT,
            mask_BT=mask_BT,
            hidden_BSD=hidden_BSD,
            mask_BS=mask_BS,
        )

    def _probabilities(self, reading: Reading) -> dict[str, list[float]]:
        with torch.inference_mode():
            return {
                task: _listed(
                    reading.model.decoder(task)(reading.hidden_BSD, reading.mask_BS)[0].sigmoid()
                )
                for task in self.spaces
            }

    def _suggestion(self, task: str, code: Code, probability: float) -> Suggestion:
        return Suggestion(code=code, title="", task=task, probability=probability)

    def _with_evidence(
        self, note: Note, ranked: Sequence[Suggestion], method: str
    ) -> list[Suggestion]:
        codes = [suggestion.code for suggestion in ranked]
        name = None if method == "default" else method
        explanations = self.explain(note, codes, method=name)
        return [
            replace(suggestion, evidence=explanation.spans)
            for suggestion, explanation in zip(ranked, explanations, strict=True)
        ]

    def _title(self, code: Code) -> str:
        return self._titles.title(code) or "not in the code tables"


def _listed(probabilities_L: Tensor) -> list[float]:
    return [float(p) for p in probabilities_L.cpu()]


def _explanation(code: Code, method: str, scored: TokenScores, encoded: Encoded) -> Explanation:
    raw = [float(score) for score in scored.scores_T]
    peak = max((abs(score) for score in raw), default=0.0) or 1.0
    tokens = tuple(
        Evidence(start, end, score / peak)
        for (start, end), score in zip(encoded.spans, raw, strict=True)
    )
    return Explanation(
        code=code, method=method, tokens=tokens, spans=spans(tokens), peak=peak, delta=scored.delta
    )
