"""What `test_ranks` starts with torchrun: train tiny rows, and let rank 0 write what happened."""

import json
import sys
from dataclasses import replace
from pathlib import Path

import torch
from safetensors.torch import save_file

from core import ranks
from core.assembly import assemble
from core.errors import BadSettings
from core.losses import EvidenceLoss, Mark
from core.systems import Recipe, System
from core.training import Examples, Plan, train
from tests.models import LABELS, some_notes, some_targets, tiny

LENGTHS = (3, 9, 4, 7, 5, 6, 8, 2, 9, 3, 5)  # in batches of five at most: five, three and three


def rows() -> dict[str, System]:
    """Batch normalisation and focal loss; evidence, sampled codes and accumulation."""
    recipe = Recipe(learning_rate=0.01, batch_size=5)
    levers = replace(recipe, sampled_codes=2, accumulate=2)
    return {
        "norms": replace(tiny("marn"), recipe=recipe),
        "levers": replace(
            tiny("bigru_mtl"), loss=tiny("mt_ram").loss, evidence=EvidenceLoss(), recipe=levers
        ),
    }


def run(name: str, row: System, folder: Path) -> None:
    model = assemble(row, vocabulary_size=20, labels=LABELS, seed=ranks.rank())  # rank 0's counts
    targets = some_targets(model, len(LENGTHS))
    marks = [(Mark(code=note % 3, tokens=(0, 1)),) * (note % 2) for note in range(len(LENGTHS))]
    examples = Examples(
        notes=(),
        ids=tuple(tuple(note) for note in some_notes(*LENGTHS)),
        targets=targets,
        missed={task: torch.zeros(len(LENGTHS), dtype=torch.int64) for task in targets},
        marks=dict.fromkeys(targets, marks),
    )
    plan = Plan(system=row, seed=5, epochs=4, data="d")
    done = train(model, plan, examples, watch=None, folder=folder / f"{name}.part")
    (folder / f"{name}-{ranks.rank()}.json").write_text(json.dumps(done.history))
    save_file(model.state_dict(), folder / f"{name}-{ranks.rank()}.safetensors")


def fail(folder: Path) -> None:
    """Both refuse a batch that cannot be shared; then one is gone and the other waits for it."""
    row = rows()["norms"]
    small = replace(row, recipe=replace(row.recipe, batch_size=1))
    try:
        run("small", small, folder)
    except BadSettings as error:
        (folder / f"refused-{ranks.rank()}").write_text(str(error))
    if ranks.rank() == 1:
        raise BadSettings("no room on the disk")
    ranks.agree("waiting", "for a process that is gone")


def main(folder: Path, *asked: str) -> None:
    with ranks.joined("cpu"):
        if asked == ("fail",):
            fail(folder)
        else:
            for name in asked:
                run(name, rows()[name], folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
