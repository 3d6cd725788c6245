"""The iterator over a DataLoader with workers: who gets which task, and how workers end."""

from __future__ import annotations

import itertools
import multiprocessing
import os
import signal
import time
import warnings
from collections import deque
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from multiprocessing import util
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from pickle import PicklingError
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from .channel import Channel, Parts, pack, unpack
from .iterator import LoaderIterator
from .worker import Job, WorkerError, run_worker

if TYPE_CHECKING:
    from .dataloader import DataLoader

_PATIENCE = 5.0  # seconds in which workers may finish the batch that they are at
_PATIENCE_AT_EXIT = 0.5


@dataclass(frozen=True)
class Worker:
    """A worker as the main process sees it."""

    process: BaseProcess
    channel: Channel


# The main process' ends of all channels. A forked process inherits them and must not keep them:
# a worker learns that it is to stop, or that the main process was killed, from the end of its
# channel, which comes when nobody holds the other side any more.
_main_ends: WeakSet[Channel] = WeakSet()


def _close_inherited_ends() -> None:
    for channel in _main_ends:
        channel.close()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_close_inherited_ends)


def start_worker(context: Any, worker_id: int, job: Job) -> Worker:
    """Start a process.

    Raises:
        TypeError, AttributeError, PicklingError: the job cannot be pickled, and the start method
            is not "fork".
    """
    ours, theirs = Channel.pair()
    _main_ends.add(ours)
    process = context.Process(target=run_worker, args=(theirs, worker_id, job), daemon=True)
    with ExitStack() as undo:
        undo.callback(ours.close)
        try:
            process.start()
        except (TypeError, AttributeError, PicklingError):
            warnings.warn(
                "the dataset, collate_fn and worker_init_fn are pickled for the workers, since "
                "multiprocessing does not fork here: define them at the top level of a module, "
                "or use the start method 'fork'",
                stacklevel=5,
            )
            raise
        finally:
            theirs.close()  # so that the worker alone holds it, and its death is seen
        undo.pop_all()
    return Worker(process, ours)


def stop_workers(workers: list[Worker]) -> None:
    """End the workers: each after the batch that it is at, or by force where that takes long."""
    for worker in workers:
        worker.channel.close()
    patience = _PATIENCE_AT_EXIT if util.is_exiting() else _PATIENCE
    deadline = time.monotonic() + patience
    try:
        for worker in workers:
            worker.process.join(max(0.0, deadline - time.monotonic()))
    finally:
        for worker in workers:
            if worker.process.is_alive():
                worker.process.kill()
                worker.process.join()
        workers.clear()


class WorkerIterator(LoaderIterator):
    """The batches of a loader with workers.

    Worker 0 gets the first task, worker 1 the second and so on in turn; batches are returned in
    the order of their tasks. Whenever a batch is returned, a further task is given out, so that
    `prefetch_factor` for each worker are always on their way.

    Args:
        loader: whose batches.

    Raises:
        AssertionError: `prefetch_factor` is 0.
        RuntimeError: by `next`, if a worker has died, or no batch came within `timeout`.
    """

    def __init__(self, loader: DataLoader[Any]) -> None:
        if not loader.prefetch_factor:
            raise AssertionError("prefetch_factor must be at least 1 for batches to be loaded")
        super().__init__(loader)
        self._prefetch_factor = loader.prefetch_factor
        self._persistent = loader.persistent_workers
        self._in_order = loader.in_order
        self._timeout = loader.timeout
        self._epoch = 0
        self._workers: list[Worker] = []
        # Ends the workers when the iterator is garbage, or when the interpreter exits: before
        # multiprocessing itself would wait for them.
        self._stop = util.Finalize(self, stop_workers, (self._workers,), exitpriority=10)
        job = Job(
            loader.dataset,
            loader._batched,
            loader.collate_fn,
            loader.drop_last,
            self._base_seed,
            loader.num_workers,
            loader.worker_init_fn,
        )
        context = loader.multiprocessing_context or multiprocessing.get_context()
        with ExitStack() as undo:
            undo.callback(self._stop)
            for worker_id in range(loader.num_workers):
                self._workers.append(start_worker(context, worker_id, job))
            self.restart(loader)
            undo.pop_all()

    @property
    def is_alive(self) -> bool:
        """Whether the workers can be given another epoch."""
        return bool(self._workers) and all(worker.process.is_alive() for worker in self._workers)

    def restart(self, loader: DataLoader[Any]) -> None:
        """Begin an epoch, whether or not the one before came to its end.

        At the first one the sampler's iterator is made a second time, as in PyTorch: a sampler
        that draws when it is asked for an iterator draws twice.
        """
        self._start(loader)
        self._epoch += 1
        self._active = set(range(self._num_workers))  # whose dataset has not ended
        self._turns = itertools.cycle(range(self._num_workers))
        self._due: deque[int] = deque()  # the worker of each task that is not answered, in order
        for _ in range(self._prefetch_factor * self._num_workers):
            self._give_task()

    def _give_task(self) -> None:
        """Give the next index to the worker whose turn it is, if there is one."""
        try:
            index = next(self._indices)
        except StopIteration:
            return
        worker_id = self._next_worker()
        if worker_id is None:
            return
        with suppress(ConnectionError):  # a death is seen when the answer is waited for
            self._workers[worker_id].channel.send(self._epoch, pack(index))
        self._due.append(worker_id)

    def _next_worker(self) -> int | None:
        for worker_id in itertools.islice(self._turns, self._num_workers):
            if worker_id in self._active and (self._in_order or self._has_room(worker_id)):
                return worker_id
        return None

    def _has_room(self, worker_id: int) -> bool:
        share = self._prefetch_factor * self._num_workers // len(self._active)
        return self._due.count(worker_id) < share

    def _next_batch(self) -> Any:
        while self._due:
            worker_id, parts = self._receive()
            self._due.remove(worker_id)
            if not parts:  # its dataset has ended
                self._active.remove(worker_id)
                self._due = deque(each for each in self._due if each != worker_id)
            self._give_task()
            if parts:
                batch = unpack(parts)
                if isinstance(batch, WorkerError):
                    raise batch.error()  # kept in no variable: it would keep this iterator alive
                return batch
        if not self._persistent:
            self._stop()
        raise StopIteration

    def _receive(self) -> tuple[int, Parts]:
        """Wait for the answer that is due next, or for any if the order does not matter."""
        if not self._workers:
            raise RuntimeError("the workers have ended after an error: iterate anew")
        expected = {self._due[0]} if self._in_order else set(self._due)
        while True:
            worker_id = self._wait_for(expected)
            epoch, parts = self._read(self._workers[worker_id])
            if epoch == self._epoch:  # else it was made for an iteration that was given up
                return worker_id, parts

    def _wait_for(self, expected: set[int]) -> int:
        """The worker among the expected ones that has something to say first."""
        channels = {self._workers[worker_id].channel: worker_id for worker_id in expected}
        deaths = {worker.process.sentinel: worker for worker in self._workers}
        sources: list[Any] = [*channels, *deaths]
        ready: list[Any] = wait(sources, self._timeout or None)
        if not ready:
            raise RuntimeError(
                f"DataLoader timed out: no batch came within timeout={self._timeout} seconds"
            )
        for each in ready:
            if each in channels:
                return channels[each]
        raise self._death(deaths[ready[0]])

    def _read(self, worker: Worker) -> tuple[int, Parts]:
        with ExitStack() as undo:
            undo.callback(self._stop)  # the rest of a message that is broken off makes no sense
            try:
                message = worker.channel.receive()
            except EOFError:
                raise self._death(worker) from None
            undo.pop_all()
        return message

    def _death(self, worker: Worker) -> RuntimeError:
        """The error that says how a worker ended, after ending the others."""
        process = worker.process
        process.join(_PATIENCE)
        code = process.exitcode
        if code is not None and code < 0:
            how = f"was killed by signal {signal.Signals(-code).name}"
        else:
            how = f"exited unexpectedly with code {code}"
        self._stop()
        return RuntimeError(f"DataLoader worker (pid {process.pid}) {how}")
