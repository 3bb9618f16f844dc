"""A trained model as a folder, and back: complete, unaltered, or refused with the reason.

    weights.safetensors  the numbers          vocab.json   words in the order of their ids, or
                                              tokenizer.json  the subwords of a BERT row
    labels.json          codes of each task   spec.json    the row, sizes, thresholds, file hashes
    metrics.json         dev figures          MODEL_CARD.md
    memory.json.gz  combiner.safetensors  fusion.json    where phrase memory is part of it
    knowledge.safetensors    texts, hierarchy and graph of codes, where the row needs them

`spec.json` carries the SHA-256 of all files but metrics and card, so its own SHA-256 names the
checkpoint: the same hash gives the same scores. Weights are read as safetensors only.
"""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load, save

from core.assembly import Model, assemble
from core.errors import BadCheckpoint, EvicodeError
from core.fusion import FUSION_FILES, Fusion, fusion_files, load_fusion
from core.knowledge import KNOWLEDGE_FILE, dump_knowledge, load_knowledge
from core.systems import System
from core.text import Subwords, Tokenizer, Vocabulary
from core.types import Code, CodeSpace, CodeSystem

FORMAT = 1
WEIGHTS, LABELS = "weights.safetensors", "labels.json"
VOCABULARY, TOKENIZER = "vocab.json", "tokenizer.json"  # a checkpoint has one of them
SPEC, METRICS, CARD = "spec.json", "metrics.json", "MODEL_CARD.md"


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """A model with all it needs to read a note and to name what it ranks."""

    name: str
    model: Model
    vocabulary: Tokenizer
    spaces: Mapping[str, CodeSpace]
    thresholds: Mapping[str, float]  # per task: a suggestion at or above is likely
    max_length: int  # tokens read
    fallback: str = "unknown"  # how unknown words are read; a key of core.text.FALLBACKS
    metrics: Mapping[str, Any] = field(default_factory=dict)  # Any: JSON as training wrote it
    card: str = ""
    hash: str = ""  # of the folder it was loaded from
    fusion: Fusion | None = None  # phrase memory and combiner; None: the network alone
    shown_from: Mapping[str, float] = field(default_factory=dict)  # method -> see explanations.tune

    @property
    def system(self) -> System:
        return self.model.system


def save_checkpoint(checkpoint: Checkpoint, folder: Path, *, overwrite: bool = False) -> str:
    """Write the folder at once (all of it or nothing) and give its hash."""
    if folder.exists() and any(folder.iterdir()) and not overwrite:
        raise BadCheckpoint(f"{folder} exists and is not empty; choose another folder")
    contents = _contents(checkpoint)
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    draft.chmod(0o755)
    try:
        for name, data in contents.items():
            _write_through(draft / name, data)
        _swap(draft, folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return _sha256(contents[SPEC])


def load_checkpoint(folder: Path, *, device: str = "cpu") -> Checkpoint:
    """Read a folder that `save_checkpoint` wrote; BadCheckpoint says what is wrong with it."""
    files = {SPEC: _read(folder, SPEC)}
    try:
        spec = json.loads(files[SPEC])
        words = TOKENIZER if TOKENIZER in spec["sha256"] else VOCABULARY
        fused = FUSION_FILES if FUSION_FILES[0] in spec["sha256"] else ()
        known = (KNOWLEDGE_FILE,) if KNOWLEDGE_FILE in spec["sha256"] else ()
        files |= {name: _read(folder, name) for name in (WEIGHTS, words, LABELS, *fused, *known)}
        _check_pins(folder, spec, files)
        checkpoint = _assembled(folder, spec, files)
    except (ValueError, KeyError, TypeError, EvicodeError, SafetensorError, RuntimeError) as error:
        if isinstance(error, BadCheckpoint):
            raise
        raise BadCheckpoint(f"{folder} is not a usable checkpoint: {error}") from error
    checkpoint.model.to(device).eval()
    return checkpoint


def _contents(checkpoint: Checkpoint) -> dict[str, bytes]:
    weights = {name: tensor.contiguous() for name, tensor in checkpoint.model.state_dict().items()}
    labels = {
        task: [[code.system.value, code.code] for code in space]
        for task, space in checkpoint.spaces.items()
    }
    files = {
        WEIGHTS: save(weights),
        LABELS: _json(labels),
        **_words(checkpoint.vocabulary),
    }
    if checkpoint.fusion is not None:
        files |= fusion_files(checkpoint.fusion)
    if checkpoint.model.knowledge:
        files[KNOWLEDGE_FILE] = dump_knowledge(checkpoint.model.knowledge)
    spec = {
        "format": FORMAT,
        "name": checkpoint.name,
        "system": json.loads(checkpoint.system.to_json()),
        "max_length": checkpoint.max_length,
        "fallback": checkpoint.fallback,
        "thresholds": dict(checkpoint.thresholds),
        "sha256": {name: _sha256(data) for name, data in files.items()},
    }
    if checkpoint.shown_from:  # a checkpoint without keeps the hash it had
        spec["shown_from"] = dict(checkpoint.shown_from)
    card = checkpoint.card.encode()
    return files | {SPEC: _json(spec), METRICS: _json(checkpoint.metrics), CARD: card}


def _words(vocabulary: Tokenizer) -> dict[str, bytes]:
    if isinstance(vocabulary, Subwords):
        return {TOKENIZER: vocabulary.json.encode()}
    return {VOCABULARY: _json(vocabulary.words)}


def _read_words(files: Mapping[str, bytes]) -> Tokenizer:
    if TOKENIZER in files:
        return Subwords(json=files[TOKENIZER].decode())
    return Vocabulary(words=tuple(json.loads(files[VOCABULARY])))


def _swap(draft: Path, folder: Path) -> None:
    """Put `draft` in the place of `folder`; whatever stood there goes only after that."""
    old = draft.with_name(f"{draft.name}-old")
    if folder.exists():
        folder.rename(old)
    draft.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def _check_pins(folder: Path, spec: Mapping[str, Any], files: Mapping[str, bytes]) -> None:
    if spec["format"] != FORMAT:
        raise BadCheckpoint(
            f"{folder} has format {spec['format']}, this version reads {FORMAT}; upgrade Evicode"
        )
    for name in sorted(files.keys() - {SPEC}):
        if _sha256(files[name]) != spec["sha256"][name]:
            raise BadCheckpoint(
                f"{folder / name} is not the file this checkpoint was saved with: it was altered "
                "or belongs to another checkpoint or label set. Restore the whole folder."
            )


def _assembled(folder: Path, spec: Mapping[str, Any], files: Mapping[str, bytes]) -> Checkpoint:
    vocabulary = _read_words(files)
    spaces = {
        task: CodeSpace(name=task, codes=tuple(Code(CodeSystem.parse(s), c) for s, c in codes))
        for task, codes in json.loads(files[LABELS]).items()
    }
    system = System.from_json(json.dumps(spec["system"]))
    if set(spaces) != set(system.tasks):
        raise BadCheckpoint(
            f"{folder / LABELS} has codes for {sorted(spaces)}, "
            f"the row ranks {sorted(system.tasks)}"
        )
    model = assemble(
        system,
        vocabulary_size=len(vocabulary),
        labels={task: len(space) for task, space in spaces.items()},
        knowledge=load_knowledge(files[KNOWLEDGE_FILE]) if KNOWLEDGE_FILE in files else None,
    )
    model.load_state_dict(load(files[WEIGHTS]))
    return Checkpoint(
        name=spec["name"],
        model=model,
        vocabulary=vocabulary,
        spaces=spaces,
        thresholds=spec["thresholds"],
        max_length=spec["max_length"],
        fallback=spec["fallback"],
        metrics=json.loads(_read(folder, METRICS)),
        card=_read(folder, CARD).decode(),
        hash=_sha256(files[SPEC]),
        fusion=load_fusion(files) if FUSION_FILES[0] in files else None,
        shown_from=spec.get("shown_from", {}),
    )


def _read(folder: Path, name: str) -> bytes:
    if not folder.is_dir():
        raise BadCheckpoint(f"there is no checkpoint folder {folder}")
    try:
        return (folder / name).read_bytes()
    except OSError as error:
        raise BadCheckpoint(
            f"checkpoint {folder} has no readable {name}; restore the whole folder or retrain it"
        ) from error


def _write_through(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _json(value: Any) -> bytes:  # Any: plain JSON
    return (json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
