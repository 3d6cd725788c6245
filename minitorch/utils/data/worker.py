"""What runs in a worker process."""

from __future__ import annotations

import pickle
import queue
import random
import threading
import traceback
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...random import manual_seed
from .channel import Channel, Parts, pack, unpack
from .dataset import IterableDataset
from .fetch import CollateFunction, make_fetcher
from .worker_info import WorkerInfo, set_worker_info

# Seconds. A Control-C that comes while Python switches threads, just before it waits, is not seen
# until it stops waiting.
_LOOK_UP = 1.0


@dataclass(frozen=True)
class Job:
    """What all workers of an iterator are told."""

    dataset: Any
    batched: bool
    collate_fn: CollateFunction
    drop_last: bool
    base_seed: int
    num_workers: int
    init_fn: Callable[[int], Any] | None


class WorkerError:
    """What is sent in place of a batch: the error that was raised.

    Args:
        error: what was caught.
        worker_id: where.
    """

    def __init__(self, error: Exception, worker_id: int) -> None:
        self.kind: type[Exception] = type(error)
        text = "".join(traceback.format_exception(error))
        self.message = (
            f"Caught {self.kind.__name__} in DataLoader worker process {worker_id}.\n"
            f"In the worker: {text}"
        )
        try:
            pickle.dumps(self.kind)
        except (pickle.PicklingError, AttributeError):  # a class that was made in a function
            self.kind = RuntimeError

    def error(self) -> Exception:
        """The error to raise here: of the same type if that can be made of a message."""
        if self.kind is KeyError:  # it shows the repr of what it is given
            return KeyError(_ShownAsItIs(self.message))
        try:
            return self.kind(self.message)
        except Exception:  # whatever a constructor of other arguments makes of it
            return RuntimeError(self.message)


class _ShownAsItIs(str):
    def __repr__(self) -> str:
        return str(self)


def run_worker(channel: Channel, worker_id: int, job: Job) -> None:
    """Do what the main process asks for, until it closes its end of the channel.

    A task is the number of an epoch and an index. It is answered by the number and the batch, or
    a `WorkerError`, or nothing if the dataset has no more samples in this epoch.
    """
    with closing(channel), suppress(KeyboardInterrupt):  # the main process is interrupted too
        _set_up(worker_id, job)
        answers: queue.SimpleQueue[tuple[int, Parts]] = queue.SimpleQueue()
        # A thread sends, so that the next batches are made while the main process does not read.
        threading.Thread(target=_send, args=(channel, answers), daemon=True).start()
        maker = _BatchMaker(worker_id, job)
        for epoch, index in _tasks(channel):
            answers.put((epoch, maker.answer(epoch, index)))


def _set_up(worker_id: int, job: Job) -> None:
    """Start the random streams as PyTorch does, NumPy's from a seed that looks unlike."""
    seed = job.base_seed + worker_id
    random.seed(seed)
    manual_seed(seed)
    low, high = job.base_seed & 0xFFFFFFFF, job.base_seed >> 32
    np.random.seed(np.random.SeedSequence([worker_id, low, high]).generate_state(4))
    set_worker_info(WorkerInfo(worker_id, job.num_workers, seed, job.dataset))


def _send(channel: Channel, answers: queue.SimpleQueue[tuple[int, Parts]]) -> None:
    with suppress(OSError):  # one of the ends is closed
        while True:
            channel.send(*answers.get())


def _tasks(channel: Channel) -> Iterator[tuple[int, Any]]:
    """The tasks as they come, those of a past epoch left out, until there will be no more."""
    waiting: deque[tuple[int, Parts]] = deque()
    while True:
        try:
            # Everything that has come is read before the next task, so that the end of the
            # channel is seen at once, and the main process never waits long to write.
            while not waiting or channel.has_message():
                while not channel.has_message(_LOOK_UP):
                    pass
                waiting.append(channel.receive())
        except EOFError:
            return
        epoch, parts = waiting.popleft()
        if not waiting or epoch == waiting[-1][0]:
            yield epoch, unpack(parts)


class _BatchMaker:
    """Makes the batches of one worker.

    Args:
        worker_id: its number.
        job: what all workers are told.
    """

    def __init__(self, worker_id: int, job: Job) -> None:
        self._worker_id = worker_id
        self._job = job
        self._epoch = -1
        self._failure: WorkerError | None = None
        try:
            if job.init_fn is not None:
                job.init_fn(worker_id)
        except Exception as error:  # of any kind: the main process raises it
            self._failure = WorkerError(error, worker_id)

    def answer(self, epoch: int, index: Any) -> Parts:
        """What is to be sent: a batch or an error, or no parts at the end of the dataset."""
        try:
            return pack(self._failure or self._fetched(epoch, index))
        except Exception as error:  # of any kind: the main process raises it
            if isinstance(error, StopIteration) and isinstance(self._job.dataset, IterableDataset):
                return []
            return pack(WorkerError(error, self._worker_id))

    def _fetched(self, epoch: int, index: Any) -> Any:
        if epoch != self._epoch:
            job = self._job
            self._fetch = make_fetcher(job.dataset, job.batched, job.collate_fn, job.drop_last)
            self._epoch = epoch
        return self._fetch(index)
