"""A local Hugging Face checkpoint folder of a BERT, read once, when a row starts from it.

Nothing is fetched and nothing is unpickled. What a row takes from the folder goes with the row: its
sizes into the row's settings, its words and weights into the checkpoint that training writes.
"""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from torch import Tensor

from core.encoders import Bert
from core.errors import BadFile, BadSettings
from core.systems import System
from core.text import Subwords
from core.text.subwords import EXTRA

CONFIG, WEIGHTS = "config.json", ("model.safetensors", "model.safetensors.index.json")
WORDS = ("tokenizer.json", "vocab.txt")
CAPITALS = 0.01  # share of words with capitals that no lower-case model has
CONVERT = (
    "on a machine where you may open it, run AutoModel.from_pretrained(OLD).save_pretrained(NEW) "
    "and the same with AutoTokenizer, then name NEW"
)


@dataclass(frozen=True, kw_only=True)
class Pretrained:
    """What a row starts from; `digest` is the SHA-256 of its weights' file.

    Of several files, of their digests.
    """

    name: str
    digest: str
    subwords: Subwords
    vectors: NDArray[np.float32]  # the words' embeddings, subwords x width
    weights: Mapping[str, Tensor]  # the rest, under the names of the row's encoder
    sizes: Mapping[str, Any]  # Any: settings of `Bert` of several types

    def fitted(self, row: System) -> System:
        """The row with this checkpoint's sizes; BadSettings if its encoder is no BERT."""
        if not isinstance(row.encoder, Bert):
            raise BadSettings(f"--bert is for BERT rows; {row.name} reads words")
        segment = min(row.encoder.segment, self.sizes["positions"])
        return replace(
            row,
            encoder=replace(row.encoder, segment=segment, **self.sizes),
            embedding=replace(row.embedding, width=self.vectors.shape[1]),
        )


def read_pretrained(folder: Path) -> Pretrained:
    """Read a folder; BadFile says what it lacks, BadSettings that the extra is not installed."""
    try:
        from transformers import AutoTokenizer
        from transformers.models.bert import BertConfig, BertModel
    except ImportError as error:
        raise BadSettings(EXTRA) from error
    _check(folder)
    try:
        with _quiet():
            config = BertConfig.from_pretrained(folder, local_files_only=True)
            _check_kind(folder, config)
            bert, report = BertModel.from_pretrained(
                folder,
                local_files_only=True,
                use_safetensors=True,
                add_pooling_layer=False,
                dtype=torch.float32,
                output_loading_info=True,
            )
            tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
        said = str(error).strip().split("\n")[0]
        raise BadFile(f"{folder} cannot be read as a BERT checkpoint: {said}") from error
    if report["missing_keys"] or report["mismatched_keys"]:
        lacking = sorted(map(str, {*report["missing_keys"], *report["mismatched_keys"]}))
        raise BadFile(f"{folder} lacks {len(lacking)} of BERT's tensors, such as {lacking[0]}")
    return _pretrained(folder, bert, tokenizer)


def _pretrained(folder: Path, bert: Any, tokenizer: Any) -> Pretrained:  # Any: optional extra
    subwords = Subwords(json=tokenizer.backend_tokenizer.to_str())
    words_VE = bert.get_input_embeddings().weight.detach()
    _check_words(folder, subwords, tokenizer, known=len(words_VE))
    special = torch.tensor([tokenizer.cls_token_id, tokenizer.sep_token_id])
    weights = {
        f"bert.{name}": part
        for name, part in bert.state_dict().items()
        if name != "embeddings.word_embeddings.weight"
    }
    config = bert.config
    return Pretrained(
        name=folder.resolve().name,
        digest=_digest(folder),
        subwords=subwords,
        vectors=words_VE[: len(subwords)].numpy(),
        weights={**weights, "special_2E": words_VE[special]},
        sizes={
            "layers": config.num_hidden_layers,
            "heads": config.num_attention_heads,
            "inner": config.intermediate_size,
            "positions": config.max_position_embeddings,
            "kinds": config.type_vocab_size,
            "activation": config.hidden_act,
            "epsilon": config.layer_norm_eps,
        },
    )


def _digest(folder: Path) -> str:
    found = []
    for path in sorted(folder.glob("*.safetensors")):
        with path.open("rb") as file:
            found.append(hashlib.file_digest(file, "sha256").hexdigest())
    return found[0] if len(found) == 1 else hashlib.sha256("".join(found).encode()).hexdigest()


def _check(folder: Path) -> None:
    """BadFile unless the files are there that a BERT checkpoint has, and none must be unpickled."""
    if not folder.is_dir():
        raise BadFile(f"there is no folder {folder}; name a Hugging Face checkpoint folder")
    inside = {path.name for path in folder.iterdir()}
    if CONFIG not in inside:
        raise BadFile(f"{folder} has no {CONFIG}; name a Hugging Face checkpoint folder")
    if not inside.intersection(WEIGHTS):
        pickles = sorted(name for name in inside if name.endswith((".bin", ".pt", ".pth", ".ckpt")))
        found = f"only {pickles[0]}, which may run code when it is opened" if pickles else "none"
        raise BadFile(f"{folder} has no {WEIGHTS[0]} (weights there: {found}); {CONVERT}")
    if not inside.intersection(WORDS):
        raise BadFile(f"{folder} has neither {' nor '.join(WORDS)}; copy its tokenizer there too")


def _check_kind(folder: Path, config: Any) -> None:  # Any: optional extra
    kind, places = config.model_type, getattr(config, "position_embedding_type", "absolute")
    if kind != "bert" or config.is_decoder or places not in (None, "absolute"):
        raise BadFile(
            f"{folder} holds a {kind!r} (positions {places!r}, decoder {config.is_decoder}); "
            "BERT rows read encoders of type 'bert' with absolute positions"
        )


def _check_words(folder: Path, subwords: Subwords, tokenizer: Any, *, known: int) -> None:
    """BadFile unless the tokenizer is this model's; Any: optional extra."""
    if len(subwords) > known or None in (tokenizer.cls_token_id, tokenizer.sep_token_id):
        raise BadFile(
            f"{folder}: its tokenizer has {len(subwords)} words ([CLS] and [SEP] are numbers "
            f"{tokenizer.cls_token_id} and {tokenizer.sep_token_id}) and its model {known}; "
            "the files belong to different checkpoints"
        )
    normal = tokenizer.backend_tokenizer.normalizer
    capitals = sum(word != word.lower() and not word.startswith("[") for word in subwords.words)
    if normal is not None and normal.normalize_str("A") == "a" and capitals > CAPITALS * known:
        raise BadFile(
            f"{folder}: {capitals} of its {known} words have capitals, but its tokenizer reads "
            f'lower case; write {{"do_lower_case": false}} to its tokenizer_config.json'
        )


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the library's progress bars and reports: what matters is checked here."""
    from transformers.utils import logging

    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()
