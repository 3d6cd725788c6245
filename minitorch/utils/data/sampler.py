"""Samplers: in which order, and in which batches, the samples of a dataset are taken."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence, Sized
from typing import Any, Generic, TypeVar

from ... import dtypes
from ...ops.creation import as_tensor, empty
from ...ops.sampling import multinomial, randint, randperm
from ...random import Generator
from ...tensor import Tensor

__all__ = [
    "BatchSampler",
    "RandomSampler",
    "Sampler",
    "SequentialSampler",
    "SubsetRandomSampler",
    "WeightedRandomSampler",
]

T_co = TypeVar("T_co", covariant=True)


class Sampler(Generic[T_co]):
    """An order of samples: the base of what iterates over indices, or over lists of indices.

    A subclass writes `__iter__`, and `__len__` if `len(loader)` is to be known.

    Raises:
        NotImplementedError: by `iter(sampler)`, if the subclass has no `__iter__`.

    Example:
        >>> from minitorch.utils.data import DataLoader, Sampler
        >>> class Backwards(Sampler):
        ...     def __init__(self, data_source):
        ...         self.data_source = data_source
        ...
        ...     def __iter__(self):
        ...         return iter(range(len(self.data_source) - 1, -1, -1))
        ...
        ...     def __len__(self):
        ...         return len(self.data_source)
        >>> list(DataLoader("abc", sampler=Backwards("abc"), batch_size=2))
        [['c', 'b'], ['a']]
    """

    # There is no __len__ here: a subclass without one must be without one for len() and list().

    def __iter__(self) -> Iterator[T_co]:
        raise NotImplementedError(
            f"{type(self).__name__} has no __iter__: write one that returns an iterator of indices"
        )


class SequentialSampler(Sampler[int]):
    """0, 1, ..., n - 1, for n samples.

    Args:
        data_source: the dataset, or anything of its length n.

    Attributes:
        data_source: as given.

    Example:
        >>> from minitorch.utils.data import SequentialSampler
        >>> list(SequentialSampler("abc"))
        [0, 1, 2]
    """

    data_source: Sized

    def __init__(self, data_source: Sized) -> None:
        self.data_source = data_source

    def __iter__(self) -> Iterator[int]:
        return iter(range(len(self.data_source)))

    def __len__(self) -> int:
        return len(self.data_source)


_DRAWN_AT_ONCE = 32  # indices with replacement; the stream depends on it


class RandomSampler(Sampler[int]):
    """0, 1, ..., n - 1 in random order, or n numbers below n drawn with replacement.

    Without a generator, one draw from the default generator seeds a new generator for each
    iteration.

    Args:
        data_source: the dataset, or anything of its length n.
        replacement: whether a sample may come again. Default: False.
        num_samples: how many indices to draw. More than n without replacement are permutation
            after permutation. Default: n.
        generator: where to draw from.

    Attributes:
        data_source: as given.
        replacement: as given.
        num_samples: how many indices are drawn.
        generator: as given.

    Raises:
        TypeError: `replacement` is no bool.
        ValueError: `num_samples` is no positive integer, or the dataset is empty.

    Example:
        >>> import minitorch
        >>> from minitorch.utils.data import RandomSampler
        >>> list(RandomSampler("abcd", generator=minitorch.Generator().manual_seed(0)))
        [0, 1, 3, 2]
    """

    data_source: Sized
    replacement: bool

    def __init__(
        self,
        data_source: Sized,
        replacement: bool = False,
        num_samples: int | None = None,
        generator: Generator | None = None,
    ) -> None:
        if not isinstance(replacement, bool):
            raise TypeError(f"replacement must be True or False, got {replacement!r}")
        self.data_source = data_source
        self.replacement = replacement
        self.generator = generator
        self._num_samples = num_samples
        if not isinstance(self.num_samples, int) or self.num_samples <= 0:
            raise ValueError(f"num_samples must be a positive integer, got {self.num_samples!r}")

    @property
    def num_samples(self) -> int:
        """How many indices are drawn; the length of the dataset now, unless told."""
        return len(self.data_source) if self._num_samples is None else self._num_samples

    def __iter__(self) -> Iterator[int]:
        count = len(self.data_source)
        generator = self.generator
        if generator is None:
            generator = Generator().manual_seed(draw_seed())
        if self.replacement:
            whole, rest = divmod(self.num_samples, _DRAWN_AT_ONCE)
            for size in [_DRAWN_AT_ONCE] * whole + [rest]:
                drawn = randint(count, (size,), dtype=dtypes.int64, generator=generator)
                yield from drawn.tolist()
        else:
            whole, rest = divmod(self.num_samples, count)
            for size in [count] * whole + [rest]:  # the last one is drawn even if it is not used
                yield from randperm(count, generator=generator).tolist()[:size]

    def __len__(self) -> int:
        return self.num_samples


def draw_seed(generator: Generator | None = None) -> int:
    """Draw a number from 0 to 2⁶³ - 1 to start another stream from."""
    return empty((), dtype=dtypes.int64).random_(generator=generator).item()  # type: ignore[no-any-return]


class SubsetRandomSampler(Sampler[int]):
    """The given indices in random order.

    Args:
        indices: a sequence of them.
        generator: where to draw from. Default: the default generator.

    Attributes:
        indices: as given.
        generator: as given.

    Example:
        >>> import minitorch
        >>> from minitorch.utils.data import SubsetRandomSampler
        >>> list(SubsetRandomSampler([10, 20, 30, 40], minitorch.Generator().manual_seed(0)))
        [10, 20, 40, 30]
    """

    indices: Sequence[int]

    def __init__(self, indices: Sequence[int], generator: Generator | None = None) -> None:
        self.indices = indices
        self.generator = generator

    def __iter__(self) -> Iterator[int]:
        for place in randperm(len(self.indices), generator=self.generator).tolist():
            yield self.indices[place]

    def __len__(self) -> int:
        return len(self.indices)


class WeightedRandomSampler(Sampler[int]):
    """Indices drawn with probabilities in proportion to weights: P(i) = w_i / Σ_j w_j.

    Args:
        weights: w, one for each sample.
        num_samples: how many indices to draw.
        replacement: whether a sample may come again. Without, the P are those of the samples
            that are left. Default: True.
        generator: where to draw from. Default: the default generator.

    Attributes:
        weights: a Tensor of them in float64.
        num_samples: as given.
        replacement: as given.
        generator: as given.

    Raises:
        ValueError: `num_samples` is no positive integer, `replacement` no bool, or `weights` not
            of one dimension.
        RuntimeError: by `iter(sampler)`, if the weights are no probabilities, or fewer of them
            are above 0 than samples are drawn without replacement.

    Example:
        >>> import minitorch
        >>> from minitorch.utils.data import WeightedRandomSampler
        >>> list(WeightedRandomSampler([0.0, 1.0, 0.0], 4))
        [1, 1, 1, 1]
    """

    weights: Tensor
    num_samples: int
    replacement: bool

    def __init__(
        self,
        weights: Sequence[float] | Tensor,
        num_samples: int,
        replacement: bool = True,
        generator: Generator | None = None,
    ) -> None:
        _check_positive_integer(num_samples, "num_samples")
        _check_bool(replacement, "replacement")
        self.weights = as_tensor(weights, dtype=dtypes.float64)
        if self.weights.ndim != 1:
            raise ValueError(
                f"weights must have one dimension, got the shape {tuple(self.weights.shape)}"
            )
        self.num_samples = num_samples
        self.replacement = replacement
        self.generator = generator

    def __iter__(self) -> Iterator[int]:
        drawn = multinomial(
            self.weights, self.num_samples, self.replacement, generator=self.generator
        )
        yield from drawn.tolist()

    def __len__(self) -> int:
        return self.num_samples


class BatchSampler(Sampler[list[int]]):
    """The indices of another sampler in lists of `batch_size`.

    Args:
        sampler: a sampler or any other iterable.
        batch_size: the length of a list.
        drop_last: leave out the last list if it is shorter.

    Attributes:
        sampler: as given.
        batch_size: as given.
        drop_last: as given.

    Raises:
        ValueError: `batch_size` is no positive integer, or `drop_last` no bool.

    Example:
        >>> from minitorch.utils.data import BatchSampler
        >>> list(BatchSampler(range(5), batch_size=2, drop_last=False))
        [[0, 1], [2, 3], [4]]
        >>> list(BatchSampler(range(5), batch_size=2, drop_last=True))
        [[0, 1], [2, 3]]
    """

    def __init__(
        self, sampler: Sampler[int] | Iterable[int], batch_size: int, drop_last: bool
    ) -> None:
        _check_positive_integer(batch_size, "batch_size")
        _check_bool(drop_last, "drop_last")
        self.sampler = sampler
        self.batch_size = batch_size
        self.drop_last = drop_last

    def __iter__(self) -> Iterator[list[int]]:
        indices = iter(self.sampler)
        while batch := list(itertools.islice(indices, self.batch_size)):
            if self.drop_last and len(batch) < self.batch_size:
                return
            yield batch

    def __len__(self) -> int:
        count = len(self.sampler)  # type: ignore[arg-type]
        return count // self.batch_size if self.drop_last else -(-count // self.batch_size)


def _check_positive_integer(value: Any, name: str) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
        raise ValueError(f"{name} must be a positive integer, got {value!r}")


def _check_bool(value: Any, name: str) -> None:
    if not isinstance(value, bool):
        raise ValueError(f"{name} must be True or False, got {value!r}")
