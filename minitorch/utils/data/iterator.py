"""Iterating over a DataLoader: what all its iterators share, and the one without workers."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NoReturn

from .fetch import make_fetcher
from .sampler import draw_seed

if TYPE_CHECKING:
    from .dataloader import DataLoader


class LoaderIterator:
    """One epoch's batches; the base of the iterators with and without workers.

    Making one starts the sampler's iterator and draws a seed for the workers, also if there are
    none, so that the random stream does not depend on their number. It holds no reference to
    the loader.

    Args:
        loader: whose batches.
    """

    def __init__(self, loader: DataLoader[Any]) -> None:
        _warn_of_pinning(loader)
        self._dataset = loader.dataset
        self._num_workers = loader.num_workers
        self._index_sampler = loader._index_sampler
        self._start(loader)
        self._base_seed = draw_seed(loader.generator)

    def _start(self, loader: DataLoader[Any]) -> None:
        """Begin an epoch."""
        self._indices = iter(self._index_sampler)
        self._reported_length = loader._reported_length
        self._count = 0

    def __iter__(self) -> Iterator[Any]:
        return self

    def __len__(self) -> int:
        return len(self._index_sampler)

    def __next__(self) -> Any:
        batch = self._next_batch()
        self._count += 1
        if self._reported_length is not None and self._count > self._reported_length:
            self._warn_of_length()
        return batch

    def _next_batch(self) -> Any:
        raise NotImplementedError

    def _warn_of_length(self) -> None:
        advice = ""
        if self._num_workers > 0:
            advice = (
                ". Each worker iterates over a copy of the dataset: take this worker's share in "
                "__iter__, by get_worker_info()"
            )
        warnings.warn(
            f"{self._dataset!r} said that its length is {self._reported_length} when len(loader) "
            f"was asked for, but {self._count} batches have come{advice}",
            stacklevel=3,
        )

    def __getstate__(self) -> NoReturn:
        raise NotImplementedError(f"{type(self).__name__} cannot be pickled: pickle the loader")


def _warn_of_pinning(loader: DataLoader[Any]) -> None:
    if not loader.pin_memory:
        return
    if loader.pin_memory_device:
        warnings.warn(
            f"pin_memory_device is deprecated and has no effect, got {loader.pin_memory_device!r}",
            stacklevel=6,
        )
    warnings.warn(
        "pin_memory=True has no effect: there is no accelerator here to pin memory for",
        stacklevel=6,
    )


class SingleProcessIterator(LoaderIterator):
    """The batches of a loader without workers.

    Args:
        loader: whose batches.

    Raises:
        AssertionError: the loader has a timeout, which only workers can miss.
    """

    def __init__(self, loader: DataLoader[Any]) -> None:
        if loader.timeout != 0:
            raise AssertionError(
                f"a timeout ({loader.timeout}) needs workers: give num_workers > 0 as well"
            )
        super().__init__(loader)
        self._fetch = make_fetcher(
            loader.dataset, loader._batched, loader.collate_fn, loader.drop_last
        )

    def _next_batch(self) -> Any:
        return self._fetch(next(self._indices))
