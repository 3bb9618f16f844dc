"""How a model should read words it never saw: strategies on dev notes, as they are and damaged.

    python -m benchmarks.unknown_words --checkpoint C [--dir CODIESP]

writes docs/benchmarks/unknown_words.md. C must not have learned dev: the shipped one has.

"subword" is not part of the product: gensim's FastText, learned from the train and background
texts, gives an unknown word a vector from its letters, and the most similar known word is read.
"""

import argparse
import random
import string
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from gensim.models import FastText

from benchmarks.report import header
from core.checkpoints import Checkpoint, load_checkpoint
from core.corpora import load, unlabelled
from core.metrics import Metrics, evaluate
from core.text import FALLBACKS, UNK, Fallback, Vocabulary, fallback, tokenize
from core.text.fallback import MIN_LETTERS, MIN_SIMILARITY
from core.training import Examples, examples, score
from core.types import Note

REPORT = Path(__file__).parents[1] / "docs" / "benchmarks" / "unknown_words.md"
LANGUAGES = {"es": "Spanish", "en": "English (machine-translated)"}
SLIPS = 0.1  # share of the words of five letters or more that are misspelt


def main() -> None:
    options = _options()
    torch.set_num_threads(1)
    checkpoint = load_checkpoint(options.checkpoint)
    strategies = {name: fallback(name, checkpoint.vocabulary) for name in FALLBACKS}
    strategies["subword"] = _subword(checkpoint.vocabulary, _texts(options.dir))
    rows: list[str] = []
    found: dict[str, list[float]] = {strategy: [] for strategy in strategies}
    for language, name in LANGUAGES.items():
        notes = load("codiesp", options.dir, split="dev", language=language).notes
        for damage, change in DAMAGES.items():
            changed = [replace(note, text=change(note.text)) for note in notes]
            for strategy, look_up in strategies.items():
                coded = _read(changed, checkpoint, look_up)
                metrics = _measured(coded, checkpoint)
                found[strategy].append(metrics.mean_average_precision or 0.0)
                rows.append(f"| {name} | {damage} | {strategy} | {_cells(coded, metrics)} |\n")
    said = header("Words a model never saw", "python -m benchmarks.unknown_words --checkpoint C")
    REPORT.write_text(said + _explained(checkpoint) + _HEAD + "".join(rows) + _verdict(found))


def without_accents(text: str) -> str:
    """Every letter without its marks, as on a keyboard that lacks them."""
    decomposed = unicodedata.normalize("NFD", text)
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def misspelt(text: str) -> str:
    """One letter left out, doubled, swapped or replaced in every tenth longer word."""
    slips = random.Random(len(text))  # noqa: S311 - the same slips for the same text
    parts, done = [], 0
    for token in tokenize(text):
        if token.end - token.start >= MIN_LETTERS and slips.random() < SLIPS:
            parts += [text[done : token.start], _slip(text[token.start : token.end], slips)]
            done = token.end
    return "".join([*parts, text[done:]])


DAMAGES: Mapping[str, Callable[[str], str]] = {
    "as they are": str,
    "without accents": without_accents,
    "misspelt": misspelt,
}


def _slip(word: str, slips: random.Random) -> str:
    place = slips.randrange(1, len(word) - 1)
    letter, after = word[place], word[place + 1]
    wrong = slips.choice(["", letter * 2, after + letter, slips.choice(string.ascii_lowercase)])
    rest = place + 2 if wrong == after + letter else place + 1
    return word[:place] + wrong + word[rest:]


def _read(notes: list[Note], checkpoint: Checkpoint, look_up: Fallback | None) -> Examples:
    return examples(
        notes,
        checkpoint.vocabulary,
        checkpoint.spaces,
        category=lambda _: None,
        max_length=checkpoint.max_length,
        fallback=look_up,
    )


def _cells(coded: Examples, metrics: Metrics) -> str:
    words = [word for ids in coded.ids for word in ids]
    unread = words.count(UNK) / len(words)
    shares = (unread, metrics.mean_average_precision or 0.0, metrics.micro_f1)
    return " | ".join(f"{100 * share:.2f}" for share in shares)


def _measured(coded: Examples, checkpoint: Checkpoint) -> Metrics:
    return evaluate(
        score(checkpoint.model, coded)["icd"].numpy(),
        coded.targets["icd"].numpy(),
        threshold=checkpoint.thresholds["icd"],
        missed_N=coded.missed["icd"].numpy(),
    )


def _subword(vocabulary: Vocabulary, texts: Iterable[str]) -> Fallback:
    sentences = [[token.word for token in tokenize(text)] for text in texts]
    learned = FastText(
        sentences, vector_size=50, min_count=3, epochs=3, bucket=100_000, seed=0, workers=1
    ).wv
    known_VE = np.stack([learned[word] for word in vocabulary.words])
    known_VE /= np.linalg.norm(known_VE, axis=1, keepdims=True) + 1e-9
    known_VE[:2] = 0  # padding and UNK are no words

    @lru_cache(maxsize=50_000)
    def look_up(word: str) -> int | None:
        vector_E = learned[word]
        alike_V = known_VE @ (vector_E / (np.linalg.norm(vector_E) + 1e-9))
        best = int(alike_V.argmax())
        return best if alike_V[best] >= MIN_SIMILARITY else None

    return look_up


def _texts(folder: Path) -> list[str]:
    return [text for split in ("train", "background") for text in unlabelled(folder / split)]


def _explained(checkpoint: Checkpoint) -> str:
    return (
        f"Checkpoint `{checkpoint.name}` ({checkpoint.hash[:12]}), which ships with "
        f"`{checkpoint.fallback}`; CodiEsp dev, ICD codes, gold codes outside the label space "
        "counted as missed, the checkpoint's own threshold; in %.\n\n"
        "- unknown: every unknown word reads as UNK (the papers).\n"
        "- folded: a word that differs only by accents reads as the known one.\n"
        "- nearest: folded, then the known word that shares most of its groups of three letters "
        f"(Dice overlap of at least {MIN_SIMILARITY}).\n"
        "- subword: the known word whose FastText vector is most similar (cosine of at least "
        f"{MIN_SIMILARITY}); it would need that model shipped.\n\n"
        f"Misspelt: one letter left out, doubled, swapped or replaced in {SLIPS:.0%} of the words "
        f"of {MIN_LETTERS} letters or more, the same slips for every strategy.\n\n"
    )


def _verdict(found: Mapping[str, list[float]]) -> str:
    """The mean over all conditions, best first."""
    means = {strategy: 100 * sum(maps) / len(maps) for strategy, maps in found.items()}
    ranked = sorted(means, key=lambda strategy: -means[strategy])
    said = ", ".join(f"{strategy} {means[strategy]:.2f}" for strategy in ranked)
    return f"\nMean MAP over all conditions: {said}.\n"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    default = Path(__file__).parents[2] / "shared" / "data" / "codiesp"
    parser.add_argument("--checkpoint", type=Path, required=True, help="trained on train alone")
    parser.add_argument("--dir", type=Path, default=default, help="CodiEsp's official folder")
    return parser.parse_args()


_HEAD = (
    "| notes | damage | strategy | words read as UNK | MAP | micro-F1 |\n"
    "|---|---|---|---|---|---|\n"
)

if __name__ == "__main__":
    main()
