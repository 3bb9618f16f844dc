"""A fusion as files of a checkpoint: memory as JSON, the combiner as safetensors."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from safetensors.torch import load, save

from core.errors import BadCheckpoint
from core.fusion.candidates import FEATURES
from core.fusion.combiner import Combiner, CombinerSettings
from core.fusion.fusion import Fusion
from core.memory import dump_memory, load_memory
from core.types import CodeSystem

MEMORY, COMBINER, FUSION = "memory.json.gz", "combiner.safetensors", "fusion.json"
FUSION_FILES = (MEMORY, COMBINER, FUSION)


def fusion_files(fusion: Fusion) -> dict[str, bytes]:
    """The files by name; what `load_fusion` reads."""
    spec = {
        "features": list(FEATURES),
        "combiner": asdict(fusion.combiner.settings),
        "shifts": {system.value: shift for system, shift in sorted(fusion.shifts.items())},
        "cuts": [[level, least] for level, least in sorted(fusion.cuts.items())],
    }
    weights = {name: part.contiguous() for name, part in fusion.combiner.state_dict().items()}
    return {
        MEMORY: dump_memory(fusion.memory),
        COMBINER: save(weights),
        FUSION: (json.dumps(spec, indent=1) + "\n").encode(),
    }


def load_fusion(files: Mapping[str, bytes]) -> Fusion:
    """Read the files of a fusion; BadCheckpoint if its features are not this version's."""
    spec: dict[str, Any] = json.loads(files[FUSION])  # Any: JSON
    if tuple(spec["features"]) != FEATURES:
        raise BadCheckpoint("its combiner reads other features; retrain it with this version")
    combiner = Combiner(len(FEATURES), CombinerSettings(**spec["combiner"]))
    combiner.load_state_dict(load(files[COMBINER]))
    return Fusion(
        memory=load_memory(files[MEMORY]),
        combiner=combiner.eval(),
        shifts={CodeSystem(system): shift for system, shift in spec["shifts"].items()},
        cuts=dict(spec["cuts"]),
    )
