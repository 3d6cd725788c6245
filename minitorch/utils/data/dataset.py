"""Datasets: samples by number or one after another, joined, cut into parts and stacked."""

from __future__ import annotations

import itertools
import math
import warnings
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Generic, TypeVar

from ...ops.sampling import randperm
from ...random import Generator
from ...tensor import Tensor

__all__ = [
    "ChainDataset",
    "ConcatDataset",
    "Dataset",
    "IterableDataset",
    "StackDataset",
    "Subset",
    "TensorDataset",
    "random_split",
]

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Dataset(Generic[T_co]):
    """Samples by number: the base of what has `dataset[index]`.

    A subclass writes `__getitem__`, which returns one sample, and `__len__`, which most samplers
    and `DataLoader` ask for. It may also write `__getitems__`, which takes the list of a batch's
    indices and returns the list of its samples, where that is quicker than one by one.
    `a + b` is the `ConcatDataset` of both.

    Raises:
        NotImplementedError: by `dataset[index]`, if the subclass has no `__getitem__`.

    Example:
        >>> from minitorch.utils.data import Dataset
        >>> class Squares(Dataset):
        ...     def __getitem__(self, index):
        ...         return index * index
        ...
        ...     def __len__(self):
        ...         return 10
        >>> Squares()[3]
        9
        >>> len(Squares() + Squares())
        20
    """

    # There is no __len__ here: a subclass without one must be without one for len() and list().

    def __getitem__(self, index: Any) -> T_co:
        raise NotImplementedError(
            f"{type(self).__name__} has no __getitem__: write one that returns a sample"
        )

    def __add__(self, other: Dataset[Any]) -> Dataset[Any]:
        return ConcatDataset([self, other])


class IterableDataset(Dataset[T_co], Iterable[T_co]):
    """Samples one after another: the base of what is a stream.

    A subclass writes `__iter__`, which returns an iterator of samples. With workers each of them
    has a copy of the dataset, and each copy is iterated over: ask `get_worker_info()` in
    `__iter__` which share is this worker's, or every sample comes once from each worker.
    `a + b` is the `ChainDataset` of both.

    Raises:
        TypeError: it is made without an `__iter__`.

    Example:
        >>> from minitorch.utils.data import DataLoader, IterableDataset, get_worker_info
        >>> class Count(IterableDataset):
        ...     def __init__(self, end):
        ...         self.end = end
        ...
        ...     def __iter__(self):
        ...         worker = get_worker_info()
        ...         first, step = (worker.id, worker.num_workers) if worker else (0, 1)
        ...         return iter(range(first, self.end, step))
        >>> list(DataLoader(Count(5), batch_size=2))
        [tensor([0, 1]), tensor([2, 3]), tensor([4])]
    """

    def __add__(self, other: Dataset[Any]) -> Dataset[Any]:
        return ChainDataset([self, other])


class TensorDataset(Dataset[tuple[Tensor, ...]]):
    """Tensors side by side: sample i is the tuple of their i-th rows.

    Args:
        tensors: of any shapes whose first dimension is the same.

    Attributes:
        tensors: the tuple of them.

    Raises:
        AssertionError: the first dimensions differ.
        TypeError: one is no Tensor.

    Example:
        >>> import minitorch
        >>> from minitorch.utils.data import TensorDataset
        >>> dataset = TensorDataset(minitorch.eye(2), minitorch.arange(2))
        >>> dataset[1]
        (tensor([0., 1.]), tensor(1))
    """

    tensors: tuple[Tensor, ...]

    def __init__(self, *tensors: Tensor) -> None:
        for tensor in tensors:
            if not isinstance(tensor, Tensor):
                raise TypeError(
                    f"TensorDataset takes Tensors, got {type(tensor).__name__}; "
                    "minitorch.from_numpy makes one of an array"
                )
        sizes = [tensor.size(0) for tensor in tensors]
        if any(size != sizes[0] for size in sizes):
            raise AssertionError(f"the tensors must have the same first dimension, got {sizes}")
        self.tensors = tensors

    def __getitem__(self, index: Any) -> tuple[Tensor, ...]:
        return tuple(tensor[index] for tensor in self.tensors)

    def __len__(self) -> int:
        return int(self.tensors[0].size(0))


class StackDataset(Dataset[Any]):
    """Datasets side by side: sample i is the tuple, or the dict, of their i-th samples.

    Args:
        args: the datasets, for tuples.
        kwargs: or the datasets by name, for dicts.

    Attributes:
        datasets: the tuple or dict of them.

    Raises:
        ValueError: there are both kinds or none, the lengths differ, or `__getitems__` of one of
            them returns a wrong number of samples.

    Example:
        >>> from minitorch.utils.data import StackDataset
        >>> StackDataset("abc", [1, 2, 3])[2]
        ('c', 3)
        >>> StackDataset(letter="abc", number=[1, 2, 3])[2]
        {'letter': 'c', 'number': 3}
    """

    datasets: tuple[Any, ...] | dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if args and kwargs:
            raise ValueError("give the datasets either by position or by name, not both")
        if not args and not kwargs:
            raise ValueError("at least one dataset is needed")
        lengths = [len(dataset) for dataset in args or kwargs.values()]
        if any(length != lengths[0] for length in lengths):
            raise ValueError(f"the datasets must be of the same length, got {lengths}")
        self._length = lengths[0]
        self.datasets = args or kwargs

    def __getitem__(self, index: Any) -> Any:
        if isinstance(self.datasets, dict):
            return {name: dataset[index] for name, dataset in self.datasets.items()}
        return tuple(dataset[index] for dataset in self.datasets)

    def __getitems__(self, indices: Sequence[Any]) -> list[Any]:
        """The samples of these indices."""
        if isinstance(self.datasets, dict):
            columns = [_same_number(dataset, indices) for dataset in self.datasets.values()]
            return [
                dict(zip(self.datasets, row, strict=True)) for row in zip(*columns, strict=True)
            ]
        columns = [_same_number(dataset, indices) for dataset in self.datasets]
        return list(zip(*columns, strict=True))

    def __len__(self) -> int:
        return self._length


def get_items(dataset: Any, indices: Sequence[Any]) -> Any:
    """The samples of a batch: by the dataset's `__getitems__` if it has one, else one by one."""
    at_once = getattr(dataset, "__getitems__", None)
    if callable(at_once):
        return at_once(indices)
    return [dataset[index] for index in indices]


def _same_number(dataset: Any, indices: Sequence[Any]) -> Any:
    samples = get_items(dataset, indices)
    if len(samples) != len(indices):
        raise ValueError(
            f"__getitems__ of {type(dataset).__name__} was asked for {len(indices)} samples and "
            f"returned {len(samples)}"
        )
    return samples


class ConcatDataset(Dataset[T_co]):
    """Datasets one after another, by number: what `a + b` is.

    Args:
        datasets: an iterable of datasets that have a length.

    Attributes:
        datasets: the list of them.
        cumulative_sizes: the length up to and including each of them.

    Raises:
        AssertionError: there is none, or one is an `IterableDataset`.
        ValueError: by `dataset[index]`, if a negative index reaches below the beginning.
        IndexError: by `dataset[index]`, if the index is beyond the end.

    Example:
        >>> from minitorch.utils.data import ConcatDataset
        >>> dataset = ConcatDataset(["abc", "de"])
        >>> dataset.cumulative_sizes, dataset[3], dataset[-1]
        ([3, 5], 'd', 'e')
    """

    datasets: list[Dataset[T_co]]
    cumulative_sizes: list[int]

    @staticmethod
    def cumsum(sequence: Iterable[Any]) -> list[int]:
        """The length up to and including each of the datasets."""
        return list(itertools.accumulate(len(each) for each in sequence))

    def __init__(self, datasets: Iterable[Any]) -> None:
        self.datasets = list(datasets)
        if not self.datasets:
            raise AssertionError("ConcatDataset needs at least one dataset")
        if any(isinstance(dataset, IterableDataset) for dataset in self.datasets):
            raise AssertionError(
                "ConcatDataset needs datasets with indices; join an IterableDataset to others "
                "with ChainDataset"
            )
        self.cumulative_sizes = self.cumsum(self.datasets)

    def __len__(self) -> int:
        return self.cumulative_sizes[-1]

    def __getitem__(self, idx: int) -> T_co:
        if idx < 0:
            if -idx > len(self):
                raise ValueError(f"index {idx} is below the beginning of {len(self)} samples")
            idx += len(self)
        place = bisect_right(self.cumulative_sizes, idx)
        start = self.cumulative_sizes[place - 1] if place else 0
        return self.datasets[place][idx - start]

    @property
    def cummulative_sizes(self) -> list[int]:
        """The old name of `cumulative_sizes`."""
        warnings.warn(
            "cummulative_sizes is spelt cumulative_sizes now", FutureWarning, stacklevel=2
        )
        return self.cumulative_sizes


class ChainDataset(IterableDataset[T_co]):
    """Streams one after another: what `a + b` is for iterable datasets.

    Args:
        datasets: an iterable of `IterableDataset`.

    Attributes:
        datasets: as given.

    Raises:
        AssertionError: when one that is no `IterableDataset` is reached, or its length asked for.

    Example:
        >>> from minitorch.utils.data import ChainDataset, IterableDataset
        >>> class Letters(IterableDataset):
        ...     def __init__(self, letters):
        ...         self.letters = letters
        ...
        ...     def __iter__(self):
        ...         return iter(self.letters)
        >>> list(Letters("ab") + Letters("c"))
        ['a', 'b', 'c']
    """

    def __init__(self, datasets: Iterable[Dataset[T_co]]) -> None:
        self.datasets = datasets

    def _checked(self) -> Iterator[IterableDataset[T_co]]:
        for dataset in self.datasets:
            if not isinstance(dataset, IterableDataset):
                raise AssertionError(
                    f"ChainDataset joins IterableDatasets, not {type(dataset).__name__}"
                )
            yield dataset

    def __iter__(self) -> Iterator[T_co]:
        for dataset in self._checked():
            yield from dataset

    def __len__(self) -> int:
        lengths: Iterator[int] = (len(dataset) for dataset in self._checked())  # type: ignore[arg-type]
        return sum(lengths)


class Subset(Dataset[T_co]):
    """The samples of a dataset at the given indices.

    Args:
        dataset: the whole.
        indices: which samples, in which order. `subset[i]` is `dataset[indices[i]]`.

    Attributes:
        dataset: as given.
        indices: as given.

    Raises:
        NotImplementedError: a subclass overrides `__getitem__` but not `__getitems__`, by which
            `DataLoader` would go past it.

    Example:
        >>> from minitorch.utils.data import Subset
        >>> subset = Subset("abcdef", [4, 0])
        >>> len(subset), subset[0], subset[1]
        (2, 'e', 'a')
    """

    dataset: Dataset[T_co]
    indices: Sequence[Any]

    def __init__(self, dataset: Any, indices: Sequence[Any]) -> None:
        own = type(self)
        if own.__getitem__ is not Subset.__getitem__ and own.__getitems__ is Subset.__getitems__:
            raise NotImplementedError(
                f"{own.__name__} overrides __getitem__ but not __getitems__, which DataLoader "
                "calls; override it too: return [self[index] for index in indices]"
            )
        self.dataset = dataset
        self.indices = indices

    def __getitem__(self, idx: Any) -> T_co:
        if isinstance(idx, list):
            return self.dataset[[self.indices[each] for each in idx]]
        return self.dataset[self.indices[idx]]

    def __getitems__(self, indices: Sequence[Any]) -> list[T_co]:
        """The samples of these indices."""
        return get_items(  # type: ignore[no-any-return]
            self.dataset, [self.indices[each] for each in indices]
        )

    def __len__(self) -> int:
        return len(self.indices)


def random_split(
    dataset: Dataset[T],
    lengths: Sequence[int | float],
    generator: Generator | None = None,
) -> list[Subset[T]]:
    """Deal the samples of a dataset out at random to parts that share none.

    Of n samples, a fraction f gets ⌊f n⌋; those left over are dealt one each to the parts from
    the first on.

    Args:
        dataset: with a length.
        lengths: of the parts. If they add up to 1, they are fractions.
        generator: where to draw from. Default: the default generator.

    Returns:
        A `Subset` for each length.

    Raises:
        ValueError: the lengths do not add up to the dataset's, or a fraction is not in [0, 1].

    Warns:
        UserWarning: a fraction came to no sample at all.

    Example:
        >>> import minitorch
        >>> from minitorch.utils.data import random_split
        >>> generator = minitorch.Generator().manual_seed(42)
        >>> train, test = random_split(range(10), [0.8, 0.2], generator)
        >>> len(train), list(test)
        (8, [3, 7])
    """
    counts: Sequence[Any] = lengths
    if math.isclose(sum(lengths), 1) and sum(lengths) <= 1:
        counts = _counts_of_fractions(lengths, len(dataset))  # type: ignore[arg-type]
        for place, count in enumerate(counts):
            if count == 0:
                warnings.warn(
                    f"part {place} of the split, a fraction of {lengths[place]}, has no samples",
                    stacklevel=2,
                )
    total = sum(counts)
    if total != len(dataset):  # type: ignore[arg-type]
        raise ValueError(
            f"the lengths must add up to the {len(dataset)} samples "  # type: ignore[arg-type]
            f"of the dataset, or to 1 as fractions; {list(lengths)} add up to {total}"
        )
    order = randperm(total, generator=generator).tolist()
    ends = itertools.accumulate(counts)
    return [
        Subset(dataset, order[end - count : end]) for end, count in zip(ends, counts, strict=True)
    ]


def _counts_of_fractions(fractions: Sequence[float], total: int) -> list[int]:
    """How many of `total` samples each fraction gets; all are dealt out."""
    for place, fraction in enumerate(fractions):
        if not 0 <= fraction <= 1:
            raise ValueError(f"fraction {place} must be from 0 to 1, got {fraction}")
    counts = [math.floor(total * fraction) for fraction in fractions]
    for left_over in range(total - sum(counts)):
        counts[left_over % len(counts)] += 1
    return counts
