"""CMC 2007, cross-validated: what each part finds, alone and together, and how coders agree.

    python -m benchmarks.cmc [--dir CMC] [--seeds 5] [--workers 2] [--without-network]

Writes docs/benchmarks/cmc.md, and goes on after a kill (`--runs`; remove it after a change).
Nothing is learned or cut with a look at the fold that is measured: opinions on the notes of a
training part come from an inner cross-validation of it, and the cuts are the best on that part.
No weights are kept: the corpus is for evaluation only.
"""

import argparse
import json
import multiprocessing
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import f1_score
from sklearn.svm import LinearSVC

from benchmarks.report import header
from core.codes import shared_tables
from core.corpora import cmc, load
from core.encoders import BiGRU
from core.fusion.stacking import Opinions, fit_stack, named
from core.memory import Listed, PhraseMemory
from core.memory.borrowed import borrowed_phrases
from core.memory.mining import Phrases, mine, phrases_of
from core.systems import SYSTEMS, Embedding
from core.text import Vocabulary, word_vectors
from core.training import NetworkPlan, own_category, scores_of, train_network
from core.types import Code, Note

REPORT = Path(__file__).parents[1] / "docs" / "benchmarks" / "cmc.md"
FOLDS, INNER, CUT_FOLDS = 5, 5, 3
NETWORK = "MARN (`marn`, ICD-9-CM + CCS)"
RARE = 3  # notes that carry a code
CUTS = np.linspace(0.05, 0.95, 91)
Floats = NDArray[np.float32]
Rows = NDArray[np.intp]


@dataclass(frozen=True, kw_only=True)
class Material:
    """Everything about the corpus that is no choice: L codes, K coders."""

    notes: tuple[Note, ...]
    codes: tuple[Code, ...]
    gold_NL: Floats
    coders: Mapping[str, Floats]  # coder -> N x L
    named_NLF: Floats
    phrases: tuple[Phrases, ...]
    given: Mapping[str, Mapping[str, frozenset[Code]]]  # coder -> note id -> all they gave
    unlabelled: tuple[Note, ...]


Method = Callable[[Material, Rows, Rows], tuple[Floats, float | Floats]]  # -> scores, cut


def main() -> None:
    options = _options()
    material = _material(options.dir)
    known: dict[str, tuple[float, float]] = {}
    if options.runs.exists():
        known = {key: tuple(found) for key, found in json.loads(options.runs.read_text()).items()}
    asked = [
        (name, seed)
        for name, (_, most) in sorted(METHODS.items(), key=lambda item: _order(item[0]))
        for seed in range(min(most, options.seeds))
        if not (name == NETWORK and options.without_network)
    ]
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(options.workers, mp_context=fresh) as pool:
        tasks = {
            f"{name} / {seed}": pool.submit(_measure, options.dir, name, seed)
            for name, seed in asked
            if f"{name} / {seed}" not in known
        }
        for key, task in tasks.items():
            known[key] = task.result()
            options.runs.write_text(json.dumps(known))
            _write(material, known)  # after each, so that one sees how far it is
    _write(material, known)


def _order(name: str) -> int:
    """Quick rows first, then the row that matters most; the network last."""
    names = list(METHODS)
    quick = {"code priors": 0, "TF-IDF + linear SVM": 1, "mined phrases": 2}
    last = 2 * len(names) if name == NETWORK else len(names) - names.index(name) + len(quick)
    return quick.get(name, last)


def _write(material: Material, known: Mapping[str, tuple[float, float]]) -> None:
    figures = {
        name: np.array([found for key, found in known.items() if key.rpartition(" / ")[0] == name])
        for name in METHODS
    }
    command = f"python -m benchmarks.cmc --seeds {max(map(len, figures.values()))}"
    rows = [_row(name, found) for name, found in figures.items() if len(found)]
    parts = [header("CMC 2007, 5-fold cross-validation", command), _INTRODUCTION, *rows]
    parts += [_AGREEMENT, *_agreement(material), _NOTES]
    REPORT.write_text("".join(parts))


def _measure(folder: Path, name: str, seed: int) -> tuple[float, float]:
    """Micro- and macro-F1 of all notes, each judged by a model that did not see it."""
    torch.set_num_threads(1)
    material, (method, _) = _material(folder), METHODS[name]
    given_NL = np.zeros(material.gold_NL.shape, dtype=bool)
    for train, test in _folds(len(material.notes), FOLDS, seed):
        scores, cut = method(material, train, test)
        given_NL[test] = scores > cut
    return _f1(material.gold_NL, given_NL)


def _priors(material: Material, train: Rows, test: Rows) -> tuple[Floats, float]:
    prior_L = material.gold_NL[train].mean(axis=0)
    everywhere = np.tile(prior_L, (len(train), 1))
    return np.tile(prior_L, (len(test), 1)), _best_cut(material.gold_NL[train], everywhere)


def _svm(material: Material, train: Rows, test: Rows) -> tuple[Floats, float]:
    words = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
    seen = words.fit_transform(material.notes[row].text for row in train)
    new = words.transform(material.notes[row].text for row in test)
    scores = np.full((len(test), len(material.codes)), -np.inf, dtype=np.float32)
    for code, gold in enumerate(material.gold_NL[train].T):
        if gold.any():
            scores[:, code] = LinearSVC(C=1).fit(seen, gold).decision_function(new)
    return scores, 0.0


def _marn(material: Material, train: Rows, test: Rows) -> tuple[Floats, float]:
    """The row `marn` with small sizes, over ICD-9-CM and CCS; settings fixed beforehand."""
    row = SYSTEMS["marn"]
    system = replace(
        row,
        encoder=BiGRU(hidden=64),
        embedding=Embedding(width=64, dropout=0.2),
        recipe=replace(row.recipe, learning_rate=3e-3),
    )
    drawn = np.random.RandomState(0).permutation(train)
    known, aside = drawn[len(train) // 10 :], drawn[: len(train) // 10]
    notes = [material.notes[row] for row in known]
    texts = [note.text for note in (*notes, *material.unlabelled)]
    vocabulary = Vocabulary.build(texts, min_notes=2)
    tables = shared_tables()
    plan = NetworkPlan(
        system=system,
        vocabulary=vocabulary,
        vectors=word_vectors(texts, vocabulary, width=64, epochs=10, seed=0),
        fallback=None,
        tables=tables,
        category=own_category(tables.category),
        min_count=1,
        epochs=25,
        seed=0,
    )
    with tempfile.TemporaryDirectory() as folder:
        network = train_network(notes, plan, folder=Path(folder))
    scores = np.zeros((len(material.notes), len(material.codes)), dtype=np.float32)
    judged = np.concatenate([aside, test])
    found = scores_of([material.notes[row] for row in judged], network, plan)
    for row in judged:
        logits = found[material.notes[row].id].icd
        logit_L = np.array([logits.get(code, -20.0) for code in material.codes])
        scores[row] = 1 / (1 + np.exp(-logit_L))
    return scores[test], _best_cut(material.gold_NL[aside], scores[aside])


def _mined(material: Material, train: Rows, test: Rows) -> tuple[Floats, float]:
    held_out = np.zeros((len(material.notes), len(material.codes)), dtype=np.float32)
    for rest, aside in _within(train, CUT_FOLDS):
        held_out[aside] = _opinions(material, rest, aside, coders=False).opinions_NCK[:, :, 0]
    found = _opinions(material, train, test, coders=False).opinions_NCK[:, :, 0]
    return found, _best_cut(material.gold_NL[train], held_out[train])


def _together(
    material: Material, train: Rows, test: Rows, *, names: bool = True, coders: bool = True
) -> tuple[Floats, Floats]:
    """Opinions on the training part by inner cross-validation, then networks and trees on them."""
    if not names:
        material = replace(material, named_NLF=np.zeros_like(material.named_NLF))
    parts = [
        (aside, _opinions(material, rest, aside, coders=coders))
        for rest, aside in _within(train, INNER)
    ]
    order = np.argsort(np.concatenate([aside for aside, _ in parts]))
    learnt = _joined([opinions for _, opinions in parts]).rows(order)
    gold = material.gold_NL[np.sort(train)]
    held_out = np.zeros_like(gold)
    for rest, aside in _folds(len(gold), CUT_FOLDS, seed=1):
        judge = fit_stack(learnt.rows(rest), gold[rest], material.codes)
        held_out[aside] = judge.probabilities(learnt.rows(aside))
    judge = fit_stack(learnt, gold, material.codes)
    found = judge.probabilities(_opinions(material, train, test, coders=coders))
    return found, _cuts(gold, held_out)


METHODS: Mapping[str, tuple[Method, int]] = {  # and over how many seeds at most
    "code priors": (_priors, 5),
    "TF-IDF + linear SVM": (_svm, 5),
    NETWORK: (_marn, 1),
    "mined phrases": (_mined, 5),
    "mined phrases + combiner": (
        lambda *given: _together(*given, names=False, coders=False),
        1,
    ),
    "mined phrases + names + combiner": (lambda *given: _together(*given, coders=False), 1),
    "all together: mined phrases, coders' habits, names, combiner": (_together, 5),
}


def _opinions(material: Material, known: Rows, asked: Rows, *, coders: bool) -> Opinions:
    """What phrases mined from `known` say of `asked`: for the majority, and for each coder."""
    targets = [material.gold_NL, *(material.coders.values() if coders else ())]
    width = len(material.codes)
    columns = np.concatenate(targets, axis=1)
    carried = np.flatnonzero(columns[known].any(axis=0) | (np.arange(columns.shape[1]) < width))
    mined = mine([material.phrases[row] for row in known], columns[known][:, carried])
    phrases = [material.phrases[row] for row in asked]
    found = np.zeros((len(asked), columns.shape[1]), dtype=np.float32)
    found[:, carried] = mined.probabilities(phrases)
    seen = np.broadcast_to(material.gold_NL[known].sum(axis=0), (len(asked), width))
    return Opinions(
        opinions_NCK=found.reshape(len(asked), len(targets), width).transpose(0, 2, 1),
        shares_NCF=mined.shares(phrases)[:, :width],
        seen_NC=seen,
        named_NCF=material.named_NLF[asked],
    )


def _joined(parts: Sequence[Opinions]) -> Opinions:
    return Opinions(
        **{
            name: np.concatenate([getattr(part, name) for part in parts])
            for name in Opinions.__annotations__
        }
    )


def _folds(count: int, parts: int, seed: int) -> Iterator[tuple[Rows, Rows]]:
    order = np.random.RandomState(seed).permutation(count)
    for part in range(parts):
        aside = np.sort(order[part::parts])
        yield np.setdiff1d(np.arange(count), aside), aside


def _within(train: Rows, parts: int) -> Iterator[tuple[Rows, Rows]]:
    for rest, aside in _folds(len(train), parts, seed=0):
        yield train[rest], train[aside]


def _best_cut(gold: Floats, scores: Floats) -> float:
    cuts = np.unique(scores) if len(np.unique(scores)) < len(CUTS) else CUTS
    return float(max(cuts, key=lambda cut: _f1(gold, scores > cut)[0]))


def _cuts(gold: Floats, scores: Floats) -> Floats:
    """The cut that is best for micro-F1, and for rare codes a lower one if macro-F1 gains by it."""
    cut = _best_cut(gold, scores)
    rare = gold.sum(axis=0) <= RARE
    tried = [np.where(rare, low, cut).astype(np.float32) for low in CUTS[cut >= CUTS][::-1]]
    return max(tried, key=lambda cuts: _f1(gold, scores > cuts)[1])


def _f1(gold: Floats, given: NDArray[np.bool_]) -> tuple[float, float]:
    """Micro-F1, and macro-F1 over the codes that the gold has."""
    coded = gold.any(axis=0)
    macro = f1_score(gold[:, coded], given[:, coded], average="macro", zero_division=0)
    return f1_score(gold, given, average="micro", zero_division=0), macro


def _material(folder: Path) -> Material:
    notes = load("cmc", folder, split="train").notes
    given = cmc.coders(folder, "train")
    codes = tuple(sorted({code for note in notes for code in note.codes}))
    listed = Listed.of(borrowed_phrases(shared_tables(), codes))

    return Material(
        notes=notes,
        codes=codes,
        gold_NL=_matrix([note.codes for note in notes], codes),
        coders={
            coder: _matrix([own[note.id] for note in notes], codes) for coder, own in given.items()
        },
        named_NLF=named(notes, codes, PhraseMemory(listed=listed)),
        phrases=tuple(phrases_of(note) for note in notes),
        given=given,
        unlabelled=load("cmc", folder, split="unlabelled").notes,
    )


def _matrix(given: Sequence[frozenset[Code]], codes: Sequence[Code]) -> Floats:
    return np.array([[code in of_note for code in codes] for of_note in given], dtype=np.float32)


def _row(name: str, figures: Floats) -> str:
    cells = [
        f"{mean:.3f} ± {spread:.3f}" if len(figures) > 1 else f"{mean:.3f}"
        for mean, spread in zip(figures.mean(axis=0), figures.std(axis=0), strict=True)
    ]
    return f"| {name} | {' | '.join(cells)} | {len(figures)} |\n"


def _agreement(material: Material) -> list[str]:
    """Micro-F1 of each coder against the majority, and of each against each other."""
    majority = {note.id: note.codes for note in material.notes}
    views = {"majority": majority, **material.given}
    lines = []
    for coder in material.given:
        cells = [f"{_agree(views[coder], views[other]):.3f}" for other in views]
        lines.append(f"| {coder} | {' | '.join(cells)} |\n")
    return lines


def _agree(one: Mapping[str, frozenset[Code]], other: Mapping[str, frozenset[Code]]) -> float:
    both = sum(len(one[note] & other[note]) for note in one)
    return 2 * both / sum(len(one[note]) + len(other[note]) for note in one)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    default = Path(__file__).parents[2] / "shared" / "data" / "cmc2007"
    parser.add_argument("--dir", type=Path, default=default, help="the folder with train.xml")
    parser.add_argument("--seeds", type=int, default=5, help="fold splits to measure over")
    runs = Path(tempfile.gettempdir()) / "evicode-cmc.json"
    parser.add_argument("--runs", type=Path, default=runs, help="figures of splits already done")
    parser.add_argument("--workers", type=int, default=2, help="splits measured at once")
    parser.add_argument("--without-network", action="store_true", help="leave the MARN row out")
    return parser.parse_args()


_INTRODUCTION = (
    "782 radiology reports with the ICD-9-CM codes that the majority of three coders gave (44 of "
    "the corpus's 45 codes occur in them; every method knows the list). Micro-F1, and macro-F1 "
    "over the codes that the gold has, of all reports, each judged by a model that saw neither it "
    "nor, while choosing its cut, its fold. Mean ± sd over seeds of the fold split.\n\n"
    "| | micro-F1 | macro-F1 | seeds |\n|---|---|---|---|\n"
)
_AGREEMENT = (
    "\n## How coders agree\n\nMicro-F1, all codes they gave counted. The majority is made of "
    "these very coders, so their agreement with it is flattered.\n\n"
    "| | majority | COMPANY1 | COMPANY2 | COMPANY3 |\n|---|---|---|---|---|\n"
)
_NOTES = (
    "\nTF-IDF + SVM: words and word pairs of two notes or more, sublinear counts, C = 1. MARN: "
    "hidden 64, embedding 64 from word2vec over train and unlabelled reports, 25 epochs, learning "
    "rate 3e-3, cut chosen on a tenth of the training part that it did not learn. Combiner rows "
    "also see how often the mined phrases stood for a code, and the note's other codes; codes of "
    "three notes or fewer have a cut of their own, chosen on the training part too (with one cut "
    "for all codes the last row was 0.883 / 0.560 on the first seed). The best "
    "system of the challenge had 0.891 micro-F1 on its 976 test reports, learning from 978 with "
    "rules made by hand (Pestian et al. 2007); here a model learns from 625 and there is no rule "
    "for any code. No weights trained on this corpus are kept or shipped.\n"
)

if __name__ == "__main__":
    main()
