"""The processes that train one model together, as `torchrun` starts them; without it, just one.

Rank 0 writes and speaks. What only one process should compute it computes and hands to the others.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TypeVar

import torch
from torch import Tensor
from torch import distributed as dist
from torch.distributed.nn.functional import all_reduce

from core.errors import BadSettings

PATIENCE = timedelta(hours=12)  # others wait for rank 0's word vectors; if one fails, all end
Value = TypeVar("Value")


@contextmanager
def joined(device: str) -> Iterator[str]:
    """Join the other processes, if torchrun started several; the device of this one.

    gloo joins CPUs, NCCL one GPU a process. BadSettings if there are more processes than GPUs.
    """
    if int(os.environ.get("WORLD_SIZE", "1")) < 2:
        yield device
        return
    if device.startswith("cuda"):
        place = int(os.environ["LOCAL_RANK"])
        if place >= torch.cuda.device_count():
            raise BadSettings(
                f"torchrun started more processes than the {torch.cuda.device_count()} CUDA "
                "devices here; lower --nproc-per-node"
            )
        device = f"cuda:{place}"
        torch.cuda.set_device(place)
    dist.init_process_group("nccl" if device.startswith("cuda") else "gloo", timeout=PATIENCE)
    yield device
    dist.destroy_process_group()  # not after an error: the others may never answer


def count() -> int:
    """How many processes there are."""
    return dist.get_world_size() if dist.is_available() and dist.is_initialized() else 1


def rank() -> int:
    """This process's number, from 0."""
    return dist.get_rank() if count() > 1 else 0


def first() -> bool:
    """Whether this process is the one that writes and speaks."""
    return rank() == 0


def from_first(compute: Callable[[], Value]) -> Value:
    """What `compute` gives rank 0, on every rank."""
    if count() == 1:
        return compute()
    found = [compute() if first() else None]
    dist.broadcast_object_list(found, src=0)
    return found[0]  # type: ignore[return-value]  # rank 0 put a Value there


def agree(value: object, complaint: str) -> None:
    """BadSettings with `complaint` unless every process holds the same value."""
    if count() > 1:
        held: list[object] = [None] * count()
        dist.all_gather_object(held, value)
        if any(each != value for each in held):
            raise BadSettings(complaint)


def summed(part: Tensor) -> Tensor:
    """The sum of every process's tensor, differentiable."""
    if count() == 1:
        return part
    total: Tensor = all_reduce(part)  # type: ignore[no-untyped-call]  # torch leaves it untyped
    return total
