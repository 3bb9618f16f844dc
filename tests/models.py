"""Tiny models and checkpoints for tests: every row of the table, small enough to run in a blink."""

from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from core.assembly import Model, assemble
from core.checkpoints import Checkpoint, load_checkpoint, save_checkpoint
from core.codes import shared_tables
from core.decoders import CondensedMemory, Interaction, LabelAttention, Pooled
from core.encoders import Bert
from core.fusion import FEATURES, Combiner, CombinerSettings, Fusion, fit
from core.knowledge import gather
from core.memory import Listed, Phrase, PhraseMemory, Source
from core.parts import Knowledge
from core.systems import SYSTEMS, Embedding, System
from core.text import Subwords, Tokenizer, Vocabulary
from core.types import Annotation, Code, CodeSpace, CodeSystem, Note, Span

LABELS = {"icd": 5, "ccs": 3}
TINY = {
    "hidden": 4,
    "outputs": 3,
    "filters": 8,
    "kernels": (3, 5),
    "projection": 7,
    "feedforward": 5,
}
TINY_BERT = {"layers": 2, "heads": 2, "inner": 8, "inner_above": 8, "positions": 8}
WORDS = (
    *("acute", "and", "appendicitis", "chest", "cough", "diabetes", "dolor", "fever", "fiebre"),
    *("fractura", "history", "hipertensión", "hypertension", "left", "neumonía", "no", "of"),
    *("paciente", "pain", "patient", "right", "the", "was", "with"),
)
ICD = ("I10", "R07.9", "R50.9", "J18.9", "E11.9")
CCSR = ("CIR007", "CIR012", "SYM001")
NAMES = {  # texts on these codes
    "I10": "high blood pressure",
    "R07.9": "pain in the chest",
    "R50.9": "fever",
    "J18.9": "inflamed lungs",
    "E11.9": "high blood sugar",
    "CIR007": "high blood pressure",
    "CIR012": "pain in the chest",
    "SYM001": "fever",
}


def tiny(name: str, *, dropout: float = 0.0) -> System:
    """The row called `name` with small sizes, and without dropout unless asked for."""
    row = SYSTEMS[name]
    sizes = TINY | {"dropout": dropout}
    if isinstance(row.encoder, Bert):
        needs_bert()
        sizes |= TINY_BERT | {"segment": 8 if row.encoder.segment == 512 else 4}
    return replace(
        row,
        embedding=Embedding(width=6, dropout=dropout),
        encoder=shrunk(row.encoder, sizes),
        aggregator=shrunk(row.aggregator, sizes),
        decoder=shrunk(row.decoder, sizes),
        cascade=shrunk(row.cascade, {"width": 3}),
    )


def shrunk(brick: Any, sizes: Mapping[str, Any]) -> Any:  # Any: the settings of any brick, or None
    """The brick with those of the sizes that it has (a projection that is None stays None)."""
    if brick is None:
        return None
    known = {size.name for size in fields(brick) if getattr(brick, size.name) is not None}
    return replace(brick, **{name: size for name, size in sizes.items() if name in known})


def needs_bert() -> None:
    """Skip the test where the optional extra is not installed."""
    reason = "BERT rows need the optional extra: pip install '.[bert]'"
    pytest.importorskip("transformers", reason=reason)


def tiny_subwords() -> Subwords:
    """A WordPiece tokenizer that knows some of WORDS whole and spells the others in pieces."""
    needs_bert()
    from tokenizers.implementations import BertWordPieceTokenizer

    letters = sorted(set("".join(WORDS)) | set("0123456789.,;<>&/-'") | set("ñ"))
    known = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS[::2], *letters]
    known += ["##tension", "##itis", "##ia", *(f"##{letter}" for letter in letters)]
    words = {word: number for number, word in enumerate(dict.fromkeys(known))}
    return Subwords(json=BertWordPieceTokenizer(words).to_str())


def looks(row: System) -> bool:
    """Whether every code looks at the note for itself."""
    return not isinstance(row.decoder, Pooled | Interaction | CondensedMemory)


def weighs(row: System) -> bool:
    """Whether a code's logit is its own weights times what its own query found."""
    return isinstance(row.decoder, LabelAttention)


def tiny_model(name: str, *, words: int = 20, seed: int = 1) -> Model:
    row = tiny(name)
    labels = {task: LABELS[task] for task in row.tasks}
    knowledge = tiny_knowledge(row, words=words)
    model = assemble(row, vocabulary_size=words, labels=labels, knowledge=knowledge, seed=seed)
    if isinstance(row.encoder, Bert):  # words start as BERT's do, no longer than its positions
        with torch.no_grad():
            model.embedding.weight.mul_(0.02)
    return model


def tiny_knowledge(row: System, *, words: int = 20) -> dict[str, Knowledge]:
    """What is known about the codes of `tiny_spaces`, gathered from `NAMES` and made-up notes."""
    if row.knowledge is None:
        return {}
    known = [word for name in NAMES.values() for word in name.split()]
    vocabulary = Vocabulary(words=("<pad>", "<unk>", *dict.fromkeys(known))[:words])
    return {
        task: gather(
            row.knowledge,
            space,
            tables=shared_tables(),
            texts={code: NAMES[code.code] for code in space},
            vocabulary=vocabulary,
            fallback=None,
            targets_NL=torch.eye(LABELS[task]).repeat(2, 1).cumsum(dim=0).clamp(max=1)[: 2 * 4],
        )
        for task, space in tiny_spaces(row).items()
    }


def some_notes(*lengths: int, words: int = 20, seed: int = 2) -> list[list[int]]:
    """Notes of the given lengths as random word ids."""
    generator = torch.Generator().manual_seed(seed)
    return [torch.randint(2, words, (n,), generator=generator).tolist() for n in lengths]


def some_targets(model: Model, notes: int, seed: int = 3) -> dict[str, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return {
        task: (torch.rand(notes, LABELS[task], generator=generator) < 0.4).float()
        for task in model.system.tasks
    }


def tiny_spaces(row: System) -> dict[str, CodeSpace]:
    codes = {
        "icd": tuple(Code(CodeSystem.ICD10CM, code) for code in ICD),
        "ccs": tuple(Code(CodeSystem.CCSR, code) for code in CCSR),
    }
    return {task: CodeSpace(name=task, codes=codes[task]) for task in row.tasks}


def coded(text: str, *marked: tuple[str, str], id: str = "n1") -> Note:
    """A note that carries ICD-10-CM codes, each marked at the words it is given with.

    Words with " ... " between them are marked as one discontinuous mention.
    """
    annotations = []
    for code, words in marked:
        spans, start = [], 0
        for part in words.split(" ... "):
            start = text.index(part, start)
            spans.append(Span(start, start + len(part)))
            start += len(part)
        annotations.append(Annotation(code=Code(CodeSystem.ICD10CM, code), evidence=tuple(spans)))
    return Note(id=id, text=text, annotations=tuple(annotations))


CODED_NOTES = (
    coded("The patient has arterial hypertension.", ("I10", "arterial hypertension"), id="t1"),
    coded("Arterial hypertension. High fever.", ("R50.9", "fever"), id="t2"),
    coded(
        "Fever, and pain in the chest.", ("R50.9", "Fever"), ("R07.9", "pain in the chest"), id="t3"
    ),
    coded("Paciente con fiebre y neumonía.", ("R50.9", "fiebre"), ("J18.9", "neumonía"), id="t4"),
)
TITLES = (
    ("I10", "Essential (primary) hypertension"),
    ("J18.9", "Pneumonia, unspecified organism"),
    ("Z99.2", "Dependence on renal dialysis"),  # outside the label space of `tiny_spaces`
)


def tiny_memory() -> PhraseMemory:
    """What `CODED_NOTES` and `TITLES` teach."""
    phrases = [
        Phrase(text=title, code=Code(CodeSystem.ICD10CM, code), source=Source.TITLE)
        for code, title in TITLES
    ]
    memory = PhraseMemory(listed=Listed.of(phrases))
    memory.learn(CODED_NOTES)
    return memory


def tiny_combiner() -> Combiner:
    """Taught that a code is right where a marked phrase usually stood for it."""
    features = np.random.default_rng(0).random((200, len(FEATURES)), dtype=np.float32)
    right = (features[:, FEATURES.index("marked_share")] > 0.5).astype(np.float32)
    return fit(features, right, settings=CombinerSettings(members=2, hidden=4, epochs=3))


def tiny_fused_checkpoint(folder: Path, *, sharpness: float = 5.0) -> Checkpoint:
    """A tiny untrained network with `tiny_memory` and a combiner that believes the memory."""
    fusion = Fusion(
        memory=tiny_memory(),
        combiner=tiny_combiner(),
        shifts={CodeSystem.ICD10CM: 0.25},
        cuts={0.8: 0.2, 0.9: 0.1},
    )
    return tiny_checkpoint(folder, "evicode", sharpness=sharpness, fusion=fusion)


def tiny_checkpoint(
    folder: Path,
    name: str = "marn",
    *,
    max_length: int = 4000,
    sharpness: float = 1.0,
    fusion: Fusion | None = None,
) -> Checkpoint:
    """A saved and reloaded checkpoint of an untrained tiny row.

    `sharpness` multiplies the attention queries, so that evidence is not spread evenly.
    """
    vocabulary: Tokenizer = Vocabulary(words=("<pad>", "<unk>", *sorted(WORDS)))
    if isinstance(SYSTEMS[name].encoder, Bert):
        vocabulary = tiny_subwords()
    model = tiny_model(name, words=len(vocabulary))
    with torch.no_grad():
        for task in model.system.tasks if weighs(model.system) else ():
            model.get_parameter(f"decoders.{task}.query_LD").mul_(sharpness)
    checkpoint = Checkpoint(
        name=f"tiny-{name}",
        model=model.eval(),
        vocabulary=vocabulary,
        spaces=tiny_spaces(model.system),
        thresholds=dict.fromkeys(model.system.tasks, 0.5),
        max_length=max_length,
        metrics={"note": "untrained"},
        card="An untrained model for tests.",
        fusion=fusion,
    )
    save_checkpoint(checkpoint, folder)
    return load_checkpoint(folder)


def changed_checkpoint(folder: Path, *, of: Path, by: float = 0.5) -> Checkpoint:
    """A checkpoint like another but for its weights and its lineage, as fine-tuning leaves it."""
    parent = load_checkpoint(of)
    with torch.no_grad():
        for parameter in parent.model.parameters():
            parameter.mul_(1.0 + by)
    lineage = {"parent": parent.hash, "lessons": 12, "settings": {"epochs": 1}}
    metrics = {**parent.metrics, "lineage": [lineage]}
    save_checkpoint(replace(parent, name=folder.name, metrics=metrics), folder)
    return load_checkpoint(folder)
