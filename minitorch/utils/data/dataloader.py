"""DataLoader: the batches of a dataset."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterable
from typing import Any, Generic, TypeVar

from ...random import Generator
from .collate import default_collate, default_convert
from .dataset import Dataset, IterableDataset
from .iterator import LoaderIterator, SingleProcessIterator
from .sampler import BatchSampler, RandomSampler, Sampler, SequentialSampler
from .worker_info import get_worker_info

__all__ = ["DataLoader", "default_collate", "default_convert", "get_worker_info"]

T_co = TypeVar("T_co", covariant=True)

_FIXED = frozenset(
    {"batch_size", "batch_sampler", "sampler", "drop_last", "dataset", "persistent_workers"}
)


class DataLoader(Generic[T_co]):
    """The batches of a dataset, made in this process or by workers.

    For each batch the sampler gives a list of indices, the dataset a list of samples, and
    `collate_fn` makes the batch of them::

        batch = collate_fn([dataset[index] for index in indices])

    Each iteration over the loader is an epoch of its own. At its start a seed is drawn, also
    without workers; worker w starts `minitorch`'s and `random`'s streams from seed + w and NumPy's
    from another one. With workers the batches are the same and in the same order.

    Args:
        dataset: anything with `dataset[index]`, and a length unless the sampler knows better; or
            an `IterableDataset`.
        batch_size: samples to a batch. None: no batches, each sample is loaded by itself.
            Default: 1.
        shuffle: take the samples in a new random order in each epoch. Default: False.
        sampler: an iterable of indices instead of that.
        batch_sampler: an iterable of lists of indices instead of `batch_size`, `shuffle`,
            `sampler` and `drop_last`.
        num_workers: how many processes load. 0: this one. Default: 0.
        collate_fn: from a list of samples to a batch. Default: `default_collate`, or without
            batches `default_convert`.
        pin_memory: accepted for PyTorch's signature; warns when True.
        drop_last: leave out the last batch if it is smaller. Default: False.
        timeout: seconds to wait for a batch from the workers. Default: 0, for ever.
        worker_init_fn: called with the worker's number in each worker as it starts.
        multiprocessing_context: a start method ("fork", "spawn", "forkserver") or a context of
            `multiprocessing`. Where it is not "fork", dataset and functions are pickled.
            Default: Python's default.
        generator: where the order and the seed are drawn from. Default: the default generator.
        prefetch_factor: how many batches each worker loads ahead. Default: 2 with workers.
        persistent_workers: keep the workers for the next epoch. Default: False.
        pin_memory_device: accepted for PyTorch's signature.
        in_order: return the batches in the order of the sampler, else as they are ready.
            Default: True.

    Attributes:
        dataset, batch_size, sampler, batch_sampler, drop_last, persistent_workers: as given or
            chosen; they cannot be assigned afterwards.
        num_workers, collate_fn, timeout, worker_init_fn, generator, prefetch_factor, in_order:
            as given or chosen.

    Raises:
        ValueError: a number is negative, options contradict one another, or a fixed attribute is
            assigned.
        TypeError: `multiprocessing_context` is no context, or `len(loader)` is asked for where
            the length is not known.
        RuntimeError: while iterating, if a worker was killed, or none answered within `timeout`.
            An error that the dataset raises in a worker is raised again here, with the worker's
            traceback in its message.
        AssertionError: while iterating, if there is a `timeout` but no worker, or
            `prefetch_factor` is 0.

    Warns:
        UserWarning: more workers than processors, or an iterable dataset has more samples than
            it said.

    Source: https://docs.pytorch.org/docs/stable/data.html

    Example:
        >>> import minitorch
        >>> from minitorch.utils.data import DataLoader, TensorDataset
        >>> x = minitorch.arange(10.0).reshape(5, 2)
        >>> y = minitorch.arange(5)
        >>> loader = DataLoader(TensorDataset(x, y), batch_size=2)
        >>> len(loader)
        3
        >>> for inputs, targets in loader:
        ...     print(inputs.shape, targets)
        minitorch.Size([2, 2]) tensor([0, 1])
        minitorch.Size([2, 2]) tensor([2, 3])
        minitorch.Size([1, 2]) tensor([4])
    """

    dataset: Dataset[T_co]
    batch_size: int | None
    num_workers: int
    drop_last: bool
    timeout: float
    sampler: Sampler[Any] | Iterable[Any]
    batch_sampler: Sampler[Any] | Iterable[Any] | None
    prefetch_factor: int | None
    _is_complete = False

    def __init__(
        self,
        dataset: Dataset[T_co],
        batch_size: int | None = 1,
        shuffle: bool | None = None,
        sampler: Sampler[Any] | Iterable[Any] | None = None,
        batch_sampler: Sampler[Any] | Iterable[Any] | None = None,
        num_workers: int = 0,
        collate_fn: Callable[[Any], Any] | None = None,
        pin_memory: bool = False,
        drop_last: bool = False,
        timeout: float = 0,
        worker_init_fn: Callable[[int], Any] | None = None,
        multiprocessing_context: Any = None,
        generator: Generator | None = None,
        *,
        prefetch_factor: int | None = None,
        persistent_workers: bool = False,
        pin_memory_device: str = "",
        in_order: bool = True,
    ) -> None:
        _check_worker_options(num_workers, timeout, prefetch_factor, persistent_workers)
        self.dataset = dataset
        self.num_workers = num_workers
        self.prefetch_factor = 2 if num_workers > 0 and prefetch_factor is None else prefetch_factor
        self.pin_memory = pin_memory
        self.pin_memory_device = pin_memory_device
        self.timeout = timeout
        self.worker_init_fn = worker_init_fn
        self.multiprocessing_context = multiprocessing_context
        self.in_order = in_order

        if isinstance(dataset, IterableDataset):
            _check_options_of_iterable(shuffle, sampler, batch_sampler)
        _check_sampling_options(batch_size, shuffle, sampler, batch_sampler, drop_last)
        if batch_sampler is not None:
            batch_size = None
        if sampler is None:
            sampler = _default_sampler(dataset, shuffle, generator)
        if batch_size is not None:
            batch_sampler = BatchSampler(sampler, batch_size, drop_last)
        self.batch_size = batch_size
        self.drop_last = drop_last
        self.sampler = sampler
        self.batch_sampler = batch_sampler
        self.generator = generator
        if collate_fn is None:
            collate_fn = default_collate if self._batched else default_convert
        self.collate_fn = collate_fn
        self.persistent_workers = persistent_workers
        self._is_complete = True

        self._reported_length: int | None = None  # of an iterable dataset, by len(loader)
        self._iterator: Any = None  # kept for persistent workers
        self.check_worker_number_rationality()

    def __setattr__(self, name: str, value: Any) -> None:
        if self._is_complete and name in _FIXED:
            raise ValueError(
                f"{name} cannot be changed after the {type(self).__name__} was made; make a new one"
            )
        super().__setattr__(name, value)

    @property
    def multiprocessing_context(self) -> Any:
        """The context of `multiprocessing` that the workers are started in; None for Python's."""
        return self._multiprocessing_context

    @multiprocessing_context.setter
    def multiprocessing_context(self, context: Any) -> None:
        if context is not None:
            context = _checked_context(context, self.num_workers)
        self._multiprocessing_context = context

    @property
    def _batched(self) -> bool:
        """Whether samples are collated to batches."""
        return self.batch_sampler is not None

    @property
    def _index_sampler(self) -> Any:
        """What gives the index, or the list of indices, of one task."""
        return self.sampler if self.batch_sampler is None else self.batch_sampler

    def __iter__(self) -> LoaderIterator:
        if not (self.persistent_workers and self.num_workers > 0):
            return self._make_iterator()
        if self._iterator is None or not self._iterator.is_alive:
            self._iterator = self._make_iterator()
        else:
            self._iterator.restart(self)
        return self._iterator  # type: ignore[no-any-return]

    def _make_iterator(self) -> LoaderIterator:
        if self.num_workers == 0:
            return SingleProcessIterator(self)
        from .multiprocess import WorkerIterator  # only now, since multiprocessing takes its time

        self.check_worker_number_rationality()
        return WorkerIterator(self)

    def __len__(self) -> int:
        if not isinstance(self.dataset, IterableDataset):
            return len(self._index_sampler)
        count = len(self.dataset)  # type: ignore[arg-type]
        self._reported_length = count
        if self.batch_size is None:
            return count
        return count // self.batch_size if self.drop_last else -(-count // self.batch_size)

    def check_worker_number_rationality(self) -> None:
        """Warn if there are more workers than processors that this process may use.

        Warns:
            UserWarning: there are.
        """
        if self.num_workers == 0:
            return
        if hasattr(os, "sched_getaffinity"):
            processors: int | None = len(os.sched_getaffinity(0))
        else:
            processors = os.cpu_count()
        if processors is None or self.num_workers > processors:
            warnings.warn(
                f"{self.num_workers} workers are more than the {processors or 'unknown number of'} "
                "processors here; that may be slower than fewer workers",
                stacklevel=3,
            )


def _check_worker_options(
    num_workers: int, timeout: float, prefetch_factor: int | None, persistent_workers: bool
) -> None:
    if num_workers < 0:
        raise ValueError(f"num_workers must be 0 or more, got {num_workers}; 0 is this process")
    if timeout < 0:
        raise ValueError(f"timeout must be 0 or more seconds, got {timeout}; 0 is no limit")
    if prefetch_factor is not None and num_workers == 0:
        raise ValueError(
            f"prefetch_factor={prefetch_factor} needs num_workers > 0; without workers leave it out"
        )
    if prefetch_factor is not None and prefetch_factor < 0:
        raise ValueError(f"prefetch_factor must be 0 or more, got {prefetch_factor}")
    if persistent_workers and num_workers == 0:
        raise ValueError("persistent_workers needs num_workers > 0")


def _check_options_of_iterable(shuffle: Any, sampler: Any, batch_sampler: Any) -> None:
    """An iterable dataset gives its samples in its own order."""
    options = {"shuffle": shuffle or None, "sampler": sampler, "batch_sampler": batch_sampler}
    for name, value in options.items():
        if value is not None:
            raise ValueError(
                f"an IterableDataset decides on the order itself, got {name}={value!r}"
            )


def _check_sampling_options(
    batch_size: Any, shuffle: Any, sampler: Any, batch_sampler: Any, drop_last: Any
) -> None:
    if sampler is not None and shuffle:
        raise ValueError("give either a sampler or shuffle=True: both decide on the order")
    if batch_sampler is not None:
        if batch_size != 1 or shuffle or sampler is not None or drop_last:
            raise ValueError(
                "a batch_sampler decides on order and batches: leave out batch_size, shuffle, "
                "sampler and drop_last"
            )
    elif batch_size is None and drop_last:
        raise ValueError("drop_last needs batches, and batch_size=None makes none")


def _default_sampler(dataset: Any, shuffle: Any, generator: Generator | None) -> Any:
    if isinstance(dataset, IterableDataset):
        return _Forever()
    if shuffle:
        return RandomSampler(dataset, generator=generator)
    return SequentialSampler(dataset)


class _Forever(Sampler[None]):
    """None after None: for an iterable dataset, which says itself when it ends."""

    def __iter__(self) -> Any:
        while True:
            yield None


def _checked_context(context: Any, num_workers: int) -> Any:
    """The context of a start method, or the given one."""
    import multiprocessing.context

    if num_workers == 0:
        raise ValueError("multiprocessing_context needs num_workers > 0")
    if isinstance(context, str):
        methods = multiprocessing.get_all_start_methods()
        if context not in methods:
            raise ValueError(
                f"the start methods for multiprocessing_context are {methods} here, got {context!r}"
            )
        return multiprocessing.get_context(context)
    if not isinstance(context, multiprocessing.context.BaseContext):
        raise TypeError(
            "multiprocessing_context must be a start method or a context of multiprocessing, got "
            f"{context!r}"
        )
    return context
