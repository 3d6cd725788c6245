"""Which worker this process is, if it is one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = ["WorkerInfo", "get_worker_info"]


@dataclass(frozen=True)
class WorkerInfo:
    """What a worker process knows of itself.

    Attributes:
        id: its number, from 0 to `num_workers` - 1.
        num_workers: how many workers there are.
        seed: what its random streams were started from.
        dataset: its copy of the dataset.
    """

    id: int
    num_workers: int
    seed: int
    dataset: Any


_here: WorkerInfo | None = None


def get_worker_info() -> WorkerInfo | None:
    """Return what this worker process knows of itself, or None in the main process.

    To be called in a dataset's `__iter__` or `__getitem__`, in `collate_fn` or `worker_init_fn`.

    Example:
        >>> from minitorch.utils.data import get_worker_info
        >>> print(get_worker_info())
        None
    """
    return _here


def set_worker_info(info: WorkerInfo) -> None:
    """Make this process the worker that `info` describes."""
    global _here
    _here = info
