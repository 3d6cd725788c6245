"""Fetching: from what a sampler gives to the collated batch."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import Any, TypeAlias

import numpy as np

from ...autograd.variable import wrap
from ...tensor import Tensor
from .collate import default_collate, default_collate_fn_map
from .dataset import IterableDataset, Subset, TensorDataset, get_items

CollateFunction: TypeAlias = Callable[[Any], Any]
Fetcher: TypeAlias = Callable[[Any], Any]


class FetchByIndex:
    """Samples of a dataset with indices, collated.

    Args:
        dataset: has `dataset[index]`.
        batched: whether what is fetched is a list of indices.
        collate_fn: makes the result of the samples.
    """

    def __init__(self, dataset: Any, batched: bool, collate_fn: CollateFunction) -> None:
        self.dataset = dataset
        self.batched = batched
        self.collate_fn = collate_fn

    def __call__(self, index: Any) -> Any:
        if not self.batched:
            return self.collate_fn(self.dataset[index])
        if self.collate_fn is default_collate and default_collate_fn_map == _USUAL_MAP:
            rows = _rows(self.dataset, index)
            if rows is not None:
                return rows
        return self.collate_fn(get_items(self.dataset, index))


_USUAL_MAP = dict(default_collate_fn_map)


def _rows(dataset: Any, indices: Any) -> list[Tensor] | None:
    """What `default_collate` makes of rows of tensors, in one step for each tensor.

    None if the samples have to be made one by one: the dataset is of another class (a subclass
    may have a `__getitem__` of its own), a gradient is wanted, or an index is no integer.
    """
    whole = dataset
    while type(whole) is Subset:
        whole = whole.dataset
    if type(whole) is not TensorDataset or any(tensor.requires_grad for tensor in whole.tensors):
        return None
    if not _are_integers(indices):
        return None
    while dataset is not whole:
        indices = [dataset.indices[index] for index in indices]
        dataset = dataset.dataset
    if not _are_integers(indices):
        return None
    places = np.array(indices, np.intp)
    return [wrap(tensor.array.take(places, 0)) for tensor in whole.tensors]


def _are_integers(indices: Any) -> bool:
    """Whether this is a list of integers, and not empty."""
    if type(indices) is not list or not indices:
        return False
    return all(type(index) is int or isinstance(index, np.integer) for index in indices)


class FetchNext:
    """The next samples of an iterable dataset, collated.

    Args:
        dataset: is iterated over once.
        batched: whether to fetch as many samples as there are places in a list.
        collate_fn: makes the result of the samples.
        drop_last: whether a last batch of fewer is left out.

    Raises:
        StopIteration: by calling it, when there are no more.
    """

    def __init__(
        self, dataset: Any, batched: bool, collate_fn: CollateFunction, drop_last: bool
    ) -> None:
        self.samples = iter(dataset)
        self.batched = batched
        self.collate_fn = collate_fn
        self.drop_last = drop_last
        self.ended = False

    def __call__(self, places: Any) -> Any:
        if not self.batched:
            return self.collate_fn(next(self.samples))
        samples = [] if self.ended else list(islice(self.samples, len(places)))
        self.ended = len(samples) < len(places)
        if not samples or (self.ended and self.drop_last):
            raise StopIteration
        return self.collate_fn(samples)


def make_fetcher(
    dataset: Any, batched: bool, collate_fn: CollateFunction, drop_last: bool
) -> Fetcher:
    """The way to fetch from this dataset."""
    if isinstance(dataset, IterableDataset):
        return FetchNext(dataset, batched, collate_fn, drop_last)
    return FetchByIndex(dataset, batched, collate_fn)
