"""The shipped checkpoint beside simple baselines on CodiEsp, in the same label space.

    python -m benchmarks.baseline [--dir CODIESP]       writes docs/benchmarks/codiesp.md

Baselines learn from the train notes of one language; everything is measured on dev, where each
also has its decision threshold tuned. Gold codes outside the label space count as missed.
"""

import argparse
from collections.abc import Callable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from benchmarks.report import header
from core.checkpoints import Checkpoint, load_checkpoint
from core.corpora import load
from core.inference import shipped_checkpoint
from core.text import fallback, tokenize
from core.training import Examples, examples, figures, score, thresholds_of

REPORT = Path(__file__).parents[1] / "docs" / "benchmarks" / "codiesp.md"
LANGUAGES = {"es": "Spanish", "en": "English (machine-translated)"}
COLUMNS = ("MAP", "P@5", "micro-F1", "macro-F1", "micro AUC")
Scores = NDArray[np.float32]
Scorer = Callable[[Examples, Examples], Scores]  # train, dev -> dev notes x codes


def main() -> None:
    options = _options()
    checkpoint = load_checkpoint(shipped_checkpoint())
    parts = [header("CodiEsp, train to dev", "python -m benchmarks.baseline")]
    parts.append(
        f"Label space: the {len(checkpoint.spaces['icd'])} ICD codes of checkpoint "
        f"`{checkpoint.name}` ({checkpoint.hash[:12]}); gold codes outside it count as missed. "
        "In %. Every row has its threshold tuned on dev; the checkpoint's epoch was chosen there "
        "too. Baselines learn from the 500 train notes of the language they are measured on, the "
        "checkpoint from both languages. Diagnoses (CodiEsp-D) and procedures (CodiEsp-P) are "
        "ranked apart, as published.\n"
    )
    for language, name in LANGUAGES.items():
        train, dev = (_read(options.dir, split, language, checkpoint) for split in ("train", "dev"))
        parts.append(f"\n## {name}, {len(dev.notes)} notes\n\n{_HEAD}")
        for scorer, measure in _scorers(checkpoint).items():
            parts.append(_rows(scorer, dev, measure(train, dev), checkpoint))
    parts.append(_SETTINGS)
    REPORT.write_text("".join(parts))


def _scorers(checkpoint: Checkpoint) -> Mapping[str, Scorer]:
    return {
        "code priors": lambda train, dev: np.tile(_gold(train).mean(0), (len(dev.notes), 1)),
        "TF-IDF + logistic regression": _linear(
            lambda: LogisticRegression(C=10, solver="liblinear", class_weight="balanced")
        ),
        "TF-IDF + linear SVM": _linear(lambda: LinearSVC(C=1, class_weight="balanced")),
        f"`{checkpoint.name}`": lambda _, dev: score(checkpoint.model, dev)["icd"].numpy(),
    }


def _linear(classifier: Callable[[], Any]) -> Scorer:  # Any: scikit-learn is untyped
    """One classifier a code over words and word pairs."""

    def measure(train: Examples, dev: Examples) -> Scores:
        words = TfidfVectorizer(
            analyzer=words_and_pairs, min_df=2, sublinear_tf=True, dtype=np.float32
        )
        seen = words.fit_transform(note.text for note in train.notes)
        new = words.transform(note.text for note in dev.notes)
        gold = _gold(train)
        scores = np.full((len(dev.notes), gold.shape[1]), -np.inf, dtype=np.float32)
        for code in range(gold.shape[1]):
            if 0 < gold[:, code].sum() < len(gold):
                scores[:, code] = classifier().fit(seen, gold[:, code]).decision_function(new)
        return scores

    return measure


def words_and_pairs(text: str) -> list[str]:
    words = [token.word for token in tokenize(text)]
    return words + [f"{a} {b}" for a, b in pairwise(words)]


def _rows(name: str, dev: Examples, scores: Scores, checkpoint: Checkpoint) -> str:
    """One line for all codes, one for diagnoses, one for procedures."""
    of_icd = {"icd": torch.from_numpy(np.asarray(scores, dtype=np.float32))}
    space = {"icd": checkpoint.spaces["icd"]}
    found = figures(
        of_icd, dev, space, thresholds=thresholds_of(of_icd, dev), category=lambda _: None
    )["icd"]
    return "".join(
        f"| {name} | {codes} | {' | '.join(_cells(part['all gold']))} |\n"
        for codes, part in {"all": found, **found["systems"]}.items()
    )


def _cells(metrics: Mapping[str, Any]) -> list[str]:  # Any: plain JSON
    values = (
        metrics["mean_average_precision"],
        metrics["precision_at"]["P@5"],
        metrics["micro_f1"],
        metrics["macro_f1"],
        metrics["micro_auc"],
    )
    return ["–" if value is None else f"{100 * value:.1f}" for value in values]


def _read(folder: Path, split: str, language: str, checkpoint: Checkpoint) -> Examples:
    return examples(
        load("codiesp", folder, split=split, language=language).notes,
        checkpoint.vocabulary,
        checkpoint.spaces,
        category=lambda _: None,
        max_length=checkpoint.max_length,
        fallback=fallback(checkpoint.fallback, checkpoint.vocabulary),
    )


def _gold(coded: Examples) -> Scores:
    gold: Scores = coded.targets["icd"].numpy()
    return gold


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    default = Path(__file__).parents[2] / "shared" / "data" / "codiesp"
    parser.add_argument("--dir", type=Path, default=default, help="CodiEsp's official folder")
    return parser.parse_args()


_HEAD = (
    f"| | codes | {' | '.join(COLUMNS)} |\n|---|---|" + "---|" * len(COLUMNS) + "\n"
)  # fmt: skip
_SETTINGS = (
    "\nTF-IDF: words and word pairs of at least two train notes, sublinear counts. Logistic "
    "regression: C = 10, balanced classes. Linear SVM: C = 1, balanced classes. One classifier "
    "a code; settings fixed beforehand.\n"
)

if __name__ == "__main__":
    main()
