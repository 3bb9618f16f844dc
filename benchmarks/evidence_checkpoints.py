"""Networks for the evidence benchmark: MARN with and without evidence supervision, on train alone.

    python -m benchmarks.evidence_checkpoints [--dir CODIESP] [--runs FOLDER] [--epochs N]

writes build/evidence/checkpoints/marn-plain and marn-evidence: minutes each, one recipe, Spanish
texts. Neither is trained on phrases, since those are what humans marked. Dev decides nothing but
the thresholds, that is, which codes count as suggested. The fused row is trained with
`python -m core train evicode`, without --with-dev, into a folder beside them.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from core.checkpoints import SPEC, Checkpoint, save_checkpoint
from core.codes import shared_tables
from core.corpora import load, unlabelled
from core.encoders import BiGRU
from core.losses import BinaryCrossEntropy, EvidenceLoss
from core.systems import Recipe, System, system
from core.text import Vocabulary, fallback, word_vectors
from core.training import (
    NetworkPlan,
    calibrate,
    examples,
    own_category,
    score,
    thresholds_of,
    train_network,
)
from core.types import Note

FALLBACK = "nearest"
EPOCHS = 10
PLAIN = replace(
    system("marn"),
    encoder=BiGRU(hidden=64),
    loss=BinaryCrossEntropy(),
    recipe=Recipe(learning_rate=4e-3, decay=True, sampled_codes=300, patience=EPOCHS),
)
ROWS: dict[str, System] = {
    "marn-plain": PLAIN,
    "marn-evidence": replace(PLAIN, evidence=EvidenceLoss(weight=0.5)),
}


@dataclass(frozen=True, kw_only=True)
class Material:
    """What both learn from."""

    train: Sequence[Note]
    dev: Sequence[Note]
    vocabulary: Vocabulary
    vectors: NDArray[np.float32]


def main() -> None:
    options = _options()
    torch.set_num_threads(options.threads)
    material = cache(lambda: gather(options.dir))
    for name, row in ROWS.items():
        out = options.runs / "checkpoints" / name
        if not (out / SPEC).exists():
            made = trained(name, row, material(), epochs=options.epochs, folder=options.runs / name)
            save_checkpoint(made, out)


def gather(folder: Path) -> Material:
    """CodiEsp in Spanish; words also of its unlabelled notes."""
    train, dev = (load("codiesp", folder, split=split).notes for split in ("train", "dev"))
    texts = list(dict.fromkeys([*(n.text for n in train), *unlabelled(folder / "background")]))
    vocabulary = Vocabulary.build(texts)
    vectors = word_vectors(texts, vocabulary, epochs=10)
    return Material(train=train, dev=dev, vocabulary=vocabulary, vectors=vectors)


def trained(name: str, row: System, material: Material, *, epochs: int, folder: Path) -> Checkpoint:
    """One network; goes on from `folder` after a kill."""
    look_up = fallback(FALLBACK, material.vocabulary)
    plan = NetworkPlan(
        system=row,
        vocabulary=material.vocabulary,
        vectors=material.vectors,
        fallback=look_up,
        tables=shared_tables(),
        category=cache(own_category(shared_tables().category)),
        min_count=1,
        epochs=epochs,
        seed=0,
    )
    network = train_network(material.train, plan, folder=folder)
    coded = examples(
        material.dev,
        material.vocabulary,
        network.spaces,
        max_length=row.recipe.max_length,
        category=plan.category,
        fallback=look_up,
    )
    calibrate(network.model, coded)
    return Checkpoint(
        name=name,
        model=network.model,
        vocabulary=material.vocabulary,
        spaces=network.spaces,
        thresholds=thresholds_of(score(network.model, coded), coded),
        max_length=row.recipe.max_length,
        fallback=FALLBACK,
        metrics={"corpus": "codiesp", "language": "es", "seed": 0},
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    shared = Path(__file__).parents[2] / "shared" / "data"
    parser.add_argument("--dir", type=Path, default=shared / "codiesp")
    parser.add_argument("--runs", type=Path, default=Path("build") / "evidence")
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    main()
