"""Code embeddings on their first two principal components.

A code's embedding is its row of the decoder's last layer, W_m in MARN eq. 14-15 (`weight_LD`).
ICD and CCS embeddings weigh the same hidden states, so one plane holds both.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.assembly import Model
from core.checkpoints import Checkpoint
from core.types import CodeSpace

Points = NDArray[np.float64]  # codes x 2
LAST_LAYER = "weight_LD"


@dataclass(frozen=True, kw_only=True)
class Plane:
    """Codes as points. ccs: None where the row has no such task or it lies in another space."""

    icd: CodeSpace
    icd_L2: Points
    ccs: CodeSpace | None = None
    ccs_L2: Points | None = None
    explained: tuple[float, float] = (0.0, 0.0)  # share of the variance on each component
    notes: tuple[str, ...] = ()


def plane(checkpoint: Checkpoint) -> Plane | str:
    """The plane of a checkpoint's codes, or why there is none."""
    spaces, model = checkpoint.spaces, checkpoint.model
    vectors = {task: code_vectors(model, task, labels=len(spaces[task])) for task in spaces}
    icd_LD, ccs_LD = vectors.get("icd"), vectors.get("ccs")
    if "icd" not in spaces:
        return f"Row {checkpoint.system.name!r} ranks no ICD codes."
    if icd_LD is None:
        return f"Row {checkpoint.system.name!r} keeps no vector for each ICD code."
    if icd_LD.shape[1] < 2 or len(icd_LD) < 2:
        return "Needs at least two codes and two numbers a code."
    notes = [f"An embedding is the code's row of {_layer(checkpoint)}, {icd_LD.shape[1]} numbers."]
    if ccs_LD is None or ccs_LD.shape[1] != icd_LD.shape[1]:
        lacks = "ranks no CCS codes" if "ccs" not in spaces else "keeps CCS codes in another space"
        notes.append(f"Row {checkpoint.system.name!r} {lacks}: no CCS codes in the plane.")
        points, explained = principal(icd_LD)
        return Plane(icd=spaces["icd"], icd_L2=points, explained=explained, notes=tuple(notes))
    points, explained = principal(np.concatenate([icd_LD, ccs_LD]))
    return Plane(
        icd=spaces["icd"],
        icd_L2=points[: len(icd_LD)],
        ccs=spaces["ccs"],
        ccs_L2=points[len(icd_LD) :],
        explained=explained,
        notes=tuple(notes),
    )


def code_vectors(model: Model, task: str, *, labels: int) -> NDArray[np.float64] | None:
    """One vector for each code of a task (L x D): the decoder's last layer; None if it has none."""
    found = [
        part
        for name, part in model.decoder(task).named_parameters()
        if name.split(".")[-1] == LAST_LAYER and part.dim() == 2 and len(part) == labels
    ]
    return found[-1].detach().cpu().double().numpy() if found else None


def principal(vectors_LD: NDArray[np.float64]) -> tuple[Points, tuple[float, float]]:
    """(points_L2, share of the variance on each axis) by principal component analysis.

    From the D x D covariance, so that 9,000 codes cost no more memory than their vectors. A
    component may point either way; its largest number is made positive, so that pictures agree.
    """
    centred_LD = vectors_LD - vectors_LD.mean(axis=0)
    variances_D, axes_DD = np.linalg.eigh(centred_LD.T @ centred_LD)
    axes_D2 = axes_DD[:, [-1, -2]]
    largest_2 = axes_D2[np.abs(axes_D2).argmax(axis=0), [0, 1]]
    total = float(variances_D.sum()) or 1.0
    first, second = (max(0.0, float(variances_D[-k])) / total for k in (1, 2))
    return centred_LD @ (axes_D2 * np.where(largest_2 < 0, -1.0, 1.0)), (first, second)


def _layer(checkpoint: Checkpoint) -> str:
    decoder = type(checkpoint.system.decoder).__name__
    if decoder == "LabelAttention":
        return "W, the decoder's weights of what label attention gathered (MARN eq. 14-15)"
    if decoder == "Pooled":
        return "the linear layer over the pooled note (this row has no label attention)"
    return f"the last layer of its decoder, {decoder}"
