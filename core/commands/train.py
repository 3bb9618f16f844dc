"""`python -m core train`: a row of the systems table and a corpus in, a checkpoint out."""

import argparse
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from core import ranks
from core.aggregators import RAM, SelfAttention
from core.assembly import Model
from core.checkpoints import SPEC, Checkpoint, save_checkpoint
from core.codes import shared_tables
from core.commands.card import model_card
from core.commands.data import examples_of, tell
from core.commands.material import Material, gather, network_plan
from core.commands.report import fused_table, table
from core.encoders import LSTM, Bert, BiGRU, Dilated, GatedConv, MultiRes
from core.errors import BadSettings
from core.fusion import CombinerSettings, Fusion
from core.inference import Coder, fused_figures, tuned
from core.memory import NO_ABBREVIATIONS, Abbreviations, Listed, read_abbreviations
from core.systems import System, system
from core.text import FALLBACKS, fallback
from core.training import (
    Examples,
    FusionPlan,
    Network,
    NetworkPlan,
    Pretrained,
    calibrate,
    figures,
    fuse,
    held_out_scores,
    read_pretrained,
    score,
    scores_of,
    thresholds_of,
    train_network,
    watched,
)
from core.types import CodeSpace, Note

UNFINISHED = ".training"  # the folder in OUT that a killed run goes on from
WITH_DEV = "with-dev"
Json = dict[str, Any]  # Any: plain JSON


def train(options: argparse.Namespace) -> int:
    """Train, tune thresholds on dev, save the checkpoint at once; resume after a kill.

    Under `torchrun` the processes train one model together, and the first of them writes it.
    """
    with ranks.joined(options.device) as device:
        options.device = device
        return _train(options)


def _train(options: argparse.Namespace) -> int:
    row = _row(options)
    check_out(options)
    pretrained = None
    if isinstance(row.encoder, Bert) or options.bert:
        pretrained = _pretrained(options, row)
        row = pretrained.fitted(row)
    if options.threads:
        torch.set_num_threads(options.threads)
    started = time.monotonic()
    material = gather(options, row, pretrained)
    plan = network_plan(options, row, material)
    # a fused row tunes nothing on dev: its combiner and cuts come from cross-validation
    watch = None if row.fusion or not material.dev else _watching(material, row, options)
    folder = options.out / UNFINISHED
    network = train_network(
        material.train, plan, folder=folder, watch=watch, overwrite=options.overwrite
    )
    _tell_described(plan, network)
    if row.fusion:
        checkpoint = _fused(options, row, material, plan, network)
    else:
        checkpoint = _checkpoint(options, row, material, network=network, fusion=None)
        checkpoint = _showing(checkpoint, material)
    checkpoint = replace(checkpoint, card=model_card(checkpoint, options))
    if not ranks.first():
        return 0
    saved = save_checkpoint(checkpoint, options.out, overwrite=True)
    tell(table(checkpoint.metrics["figures"]))
    if "fused" in checkpoint.metrics:
        tell(fused_table(checkpoint.metrics["fused"]))
    minutes = (time.monotonic() - started) / 60
    tell(f"saved {options.out} ({saved[:12]}) after {minutes:.1f} minutes")
    return 0


def _tell_described(plan: NetworkPlan, network: Network) -> None:
    """How far the user's texts go: a file for another code system would describe nothing."""
    ranked = [code for space in network.spaces.values() for code in space]
    if plan.texts:
        described = sum(code in plan.texts for code in ranked)
        tell(
            f"--knowledge describes {described} of {len(ranked)} codes; the code tables the others"
        )


def _row(options: argparse.Namespace) -> System:
    """The row with the sizes and the recipe the command line asks for."""
    row = system(options.row)
    if options.fallback not in FALLBACKS:
        raise BadSettings(f"--fallback {options.fallback!r}: use one of {', '.join(FALLBACKS)}")
    if options.epochs < 1 or options.min_count < 1:
        raise BadSettings("--epochs and --min-count are at least 1")
    asked = {
        "batch_size": options.batch_size,
        "accumulate": options.accumulate,
        "learning_rate": options.learning_rate,
        "max_length": options.max_length,
        "patience": options.patience,
    }
    given = {name: value for name, value in asked.items() if value is not None}
    if any(value <= 0 for value in given.values()):
        raise BadSettings(f"{', '.join(given)}: give numbers above 0")
    row = replace(row, recipe=replace(row.recipe, **given))
    if options.knowledge and not (row.knowledge and row.knowledge.words):
        raise BadSettings(f"--knowledge: row {row.name} reads no texts on codes; leave it out")
    if options.hidden is not None:
        if not isinstance(row.encoder, BiGRU | LSTM | Dilated):
            raise BadSettings(
                f"--hidden is a setting of BiGRU, LSTM and Dilated; {row.name} has none"
            )
        row = replace(row, encoder=replace(row.encoder, hidden=options.hidden))
    if options.dropout is not None:
        if isinstance(row.encoder, Bert):
            return replace(row, encoder=replace(row.encoder, dropout=options.dropout))
        row = replace(row, embedding=replace(row.embedding, dropout=options.dropout))
        if isinstance(row.aggregator, RAM | SelfAttention):
            row = replace(row, aggregator=replace(row.aggregator, dropout=options.dropout))
        if isinstance(row.encoder, MultiRes | Dilated | GatedConv):
            row = replace(row, encoder=replace(row.encoder, dropout=options.dropout))
    return row


def _pretrained(options: argparse.Namespace, row: System) -> Pretrained:
    if options.bert is None:
        raise BadSettings(
            f"row {row.name} starts from a pretrained BERT: name its folder with --bert DIR"
        )
    return read_pretrained(options.bert)


def _origin(pretrained: Pretrained | None) -> Json | None:
    return {"name": pretrained.name, "sha256": pretrained.digest} if pretrained else None


def check_out(options: argparse.Namespace) -> None:
    """BadSettings unless --out is free, holds a stopped run, or a checkpoint to be overwritten."""
    out: Path = options.out
    if out.exists() and not out.is_dir():
        raise BadSettings(f"{out} is a file; name a folder with --out")
    inside = sorted(path.name for path in out.iterdir()) if out.exists() else []
    if SPEC in inside and not options.overwrite:
        raise BadSettings(f"{out} holds a finished checkpoint; choose another --out or --overwrite")
    strangers = [name for name in inside if name != UNFINISHED]
    if strangers and SPEC not in inside:  # never overwritten: it may be anything
        raise BadSettings(f"{out} is not empty ({strangers[0]}); choose another --out")
    if options.device.startswith("cuda") and not torch.cuda.is_available():
        raise BadSettings("--device cuda: this machine has no CUDA device; use --device cpu")


def _watching(material: Material, row: System, options: argparse.Namespace):  # type: ignore[no-untyped-def]
    """Figures of the dev notes after an epoch."""
    seen: dict[str, Examples] = {}

    def watch(model: Model, spaces: Mapping[str, CodeSpace]) -> dict[str, float]:
        if "dev" not in seen:
            seen["dev"] = _examples(material.dev, material, spaces, row, options.fallback)
        return watched(score(model, seen["dev"]), seen["dev"])

    return watch


def _fused(
    options: argparse.Namespace,
    row: System,
    material: Material,
    plan: NetworkPlan,
    network: Network,
) -> Checkpoint:
    """Network, memory and combiner, measured on dev; with --with-dev then made again with dev.

    The combiner is taught by what networks say of notes they did not see: of train by the networks
    of the folds, of dev by the network of train.
    """
    folder, notes = options.out / UNFINISHED, material.train
    fusing = FusionPlan(
        listed=Listed.diagnoses(shared_tables(), _abbreviations(options)),
        bridge=material.bridge,
        settings=CombinerSettings(),
        category=plan.category,
        seed=options.seed,
    )
    folds = row.fusion.network_folds if row.fusion else 1
    scores = held_out_scores(notes, plan, count=folds, folder=folder, overwrite=options.overwrite)
    tell("teaching the combiner")
    fusion, cross_validated = fuse(notes, scores, fusing)
    checkpoint = _checkpoint(options, row, material, network=network, fusion=fusion)
    measured: Json = {"cross_validated": cross_validated}
    if material.dev:
        checkpoint = _showing(checkpoint, material)
        measured["fused"] = fused_figures(Coder(checkpoint, shared_tables()), material.dev)
    if options.with_dev and material.dev:
        scores |= scores_of(material.dev, network, plan)
        notes = material.train + material.dev
        tell("learning from dev too; the figures above are from before")
        whole = train_network(notes, plan, folder=folder / WITH_DEV, overwrite=options.overwrite)
        fusion, measured["with_dev"] = fuse(notes, scores, fusing)
        checkpoint = replace(checkpoint, model=whole.model, spaces=whole.spaces, fusion=fusion)
    return replace(checkpoint, metrics={**checkpoint.metrics, **measured})


def _showing(checkpoint: Checkpoint, material: Material) -> Checkpoint:
    """The same with the scores from which words are shown, tuned on what is marked in dev."""
    if "icd" not in checkpoint.spaces:
        return checkpoint
    coder = Coder(checkpoint, shared_tables())
    return replace(checkpoint, shown_from=tuned(coder, material.dev))


def _abbreviations(options: argparse.Namespace) -> Abbreviations:
    path = options.abbreviations
    return read_abbreviations(path) if path else NO_ABBREVIATIONS


def _examples(
    notes: tuple[Note, ...],
    material: Material,
    spaces: Mapping[str, CodeSpace],
    row: System,
    strategy: str,
) -> Examples:
    return examples_of(
        notes,
        vocabulary=material.vocabulary,
        spaces=spaces,
        max_length=row.recipe.max_length,
        fallback=fallback(strategy, material.vocabulary),
    )


def _checkpoint(
    options: argparse.Namespace,
    row: System,
    material: Material,
    *,
    network: Network,
    fusion: Fusion | None,
) -> Checkpoint:
    """The checkpoint, with the network calibrated and its thresholds tuned on dev (or on train)."""
    notes = material.dev or material.train
    scored = _examples(notes, material, network.spaces, row, options.fallback)
    calibration = {} if fusion else calibrate(network.model, scored)
    scores = score(network.model, scored)
    thresholds = dict.fromkeys(network.spaces, 0.5) if fusion else thresholds_of(scores, scored)
    metrics: Json = {
        "corpus": options.corpus,
        "language": options.language,
        "measured_on": "dev" if material.dev else "the training notes themselves",
        "notes": len(scored.ids),
        "train_notes": len(material.train),
        "min_count": options.min_count,
        "seed": options.seed,
        "pretrained": _origin(material.pretrained),
        "best_epoch": network.trained.best_epoch + 1,
        "history": network.trained.history,
        "calibration": {task: list(pair) for task, pair in calibration.items()},
        "figures": figures(
            scores, scored, network.spaces, thresholds=thresholds, category=shared_tables().category
        ),
    }
    return Checkpoint(
        name=options.out.resolve().name,
        model=network.model,
        vocabulary=material.vocabulary,
        spaces=network.spaces,
        thresholds=thresholds,
        max_length=row.recipe.max_length,
        fallback=options.fallback,
        metrics=metrics,
        fusion=fusion,
    )
