"""What is known about the codes as one file of a checkpoint, and back."""

from collections.abc import Mapping
from dataclasses import fields

from safetensors.torch import load, save

from core.parts import Knowledge

KNOWLEDGE_FILE = "knowledge.safetensors"
_PARTS = tuple(part.name for part in fields(Knowledge))


def dump_knowledge(knowledge: Mapping[str, Knowledge]) -> bytes:
    """The knowledge of every task, as safetensors."""
    return save(
        {
            f"{task}.{part}": getattr(known, part).clone()  # tasks may share one
            for task, known in knowledge.items()
            for part in _PARTS
        }
    )


def load_knowledge(data: bytes) -> dict[str, Knowledge]:
    """Read what `dump_knowledge` wrote; KeyError or SafetensorError if it is anything else."""
    parts = load(data)
    tasks = sorted({name.partition(".")[0] for name in parts})
    return {task: Knowledge(**{part: parts[f"{task}.{part}"] for part in _PARTS}) for task in tasks}
