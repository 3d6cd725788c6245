"""Datasets beside PyTorch's."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest

import minitorch.utils.data  # noqa: F401 - the scripts find it as an attribute
from tests.parity.side_by_side import outcome, side_by_side

SEEDS = [0, 1, 42, 2**31, 2**40]


def stream(data: Any, items: Any, length: int | None = None) -> Any:
    """An iterable dataset of the package."""

    class Stream(data.IterableDataset):
        def __iter__(self) -> Any:
            return iter(items)

    class Sized(Stream):
        def __len__(self) -> int:
            return length

    return Stream() if length is None else Sized()


@side_by_side
def test_the_bases(torch: Any) -> Any:
    data = torch.utils.data
    return (
        outcome(lambda: data.Dataset()[0]),
        outcome(lambda: len(data.Dataset())),
        outcome(data.IterableDataset),
        outcome(lambda: len(stream(data, "ab"))),
        outcome(lambda: stream(data, "ab")[0]),
        issubclass(data.IterableDataset, (data.Dataset, Iterable)),
        data.Dataset[int] is not None,
    )


@side_by_side
def test_tensor_dataset(torch: Any) -> Any:
    x, y = torch.arange(12.0).reshape(4, 3), torch.arange(4)
    dataset = torch.utils.data.TensorDataset(x, y)
    return (
        len(dataset),
        dataset[0],
        dataset[-1],
        dataset[1:3],
        dataset[[0, 2]],
        dataset[torch.tensor([3, 1])],
        dataset[np.int64(2)],
        dataset.tensors[0] is x,
        dataset[2][0].requires_grad,
        outcome(lambda: dataset[4]),
        outcome(torch.utils.data.TensorDataset, x, torch.arange(3)),
        outcome(torch.utils.data.TensorDataset, torch.tensor(1.0)),
        outcome(torch.utils.data.TensorDataset, np.zeros(3)),
        outcome(lambda: len(torch.utils.data.TensorDataset())),
    )


@side_by_side
def test_a_row_is_a_view(torch: Any) -> Any:
    x = torch.zeros(3, 2)
    dataset = torch.utils.data.TensorDataset(x)
    dataset[1][0].add_(5)
    weight = torch.ones(3, requires_grad=True)
    (row,) = torch.utils.data.TensorDataset(weight * 2)[1]
    row.backward()
    return x, weight.grad


@side_by_side
def test_stack_dataset(torch: Any) -> Any:
    stack = torch.utils.data.StackDataset
    x = torch.arange(4.0)
    pair, named = stack(x, "abcd"), stack(x=x, letter="abcd")
    return (
        len(pair),
        len(named),
        pair[1],
        named[-1],
        pair.__getitems__([2, 0]),
        named.__getitems__([2, 0]),
        pair.__getitems__([]),
        named.__getitems__([]),
        type(pair.__getitems__([1])[0]),
        type(pair.datasets),
        type(named.datasets),
        outcome(stack),
        outcome(stack, x, letter="abcd"),
        outcome(stack, x, "abc"),
        outcome(stack, a=x, b="abc"),
        outcome(lambda: pair[4]),
    )


@side_by_side
def test_get_items_of_what_is_stacked(torch: Any) -> Any:
    asked = []

    class AtOnce(torch.utils.data.Dataset):
        def __init__(self, extra: int = 0) -> None:
            self.extra = extra

        def __len__(self) -> int:
            return 4

        def __getitems__(self, indices: Any) -> Any:
            asked.append(list(indices))
            return [10 * index for index in indices] + [0] * self.extra

    stack = torch.utils.data.StackDataset
    return (
        stack(AtOnce(), range(4)).__getitems__([3, 1]),
        stack(a=AtOnce(), b=range(4)).__getitems__([3, 1]),
        torch.utils.data.Subset(AtOnce(), [3, 2, 1]).__getitems__([0, 2]),
        outcome(stack(AtOnce(1), range(4)).__getitems__, [3, 1]),
        outcome(stack(a=AtOnce(1)).__getitems__, [3, 1]),
        asked,
    )


@side_by_side
def test_concat_dataset(torch: Any) -> Any:
    data = torch.utils.data
    x = data.TensorDataset(torch.arange(3.0))
    y = data.TensorDataset(torch.arange(2.0) + 10)
    joined = x + y
    thrice = data.ConcatDataset(each for each in [x, y, [], "ab"])
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        old = joined.cummulative_sizes
    return (
        type(joined),
        len(joined),
        len(thrice),
        joined.cumulative_sizes,
        thrice.cumulative_sizes,
        [joined[index] for index in range(-5, 5)],
        [thrice[index] for index in range(7)],
        type(joined.datasets),
        old,
        [each.category for each in caught],
        data.ConcatDataset.cumsum(["ab", "", "c"]),
        outcome(lambda: joined[5]),
        outcome(lambda: joined[-6]),
        outcome(data.ConcatDataset, []),
        outcome(data.ConcatDataset, [x, stream(data, "ab")]),
        len(x + y + x),
    )


@side_by_side
def test_chain_dataset(torch: Any) -> Any:
    data = torch.utils.data
    chain = stream(data, "ab", 2) + stream(data, "c", 1)
    mixed = data.ChainDataset([stream(data, "ab"), "cd"])
    return (
        type(chain),
        list(chain),
        list(chain),
        len(chain),
        type(chain.datasets),
        outcome(list, mixed),
        outcome(len, mixed),
        outcome(len, data.ChainDataset([stream(data, "ab")])),
        isinstance(chain, data.IterableDataset),
        list(chain + chain),
    )


@side_by_side
def test_subset(torch: Any) -> Any:
    data = torch.utils.data
    dataset = data.TensorDataset(torch.arange(6.0))
    subset = data.Subset(dataset, [4, 0, 5])

    class Half(data.Subset):
        def __getitem__(self, idx: Any) -> Any:
            return 0

    class Both(Half):
        def __getitems__(self, indices: Any) -> Any:
            return [0 for _ in indices]

    return (
        len(subset),
        [subset[index] for index in range(-3, 3)],
        subset[[2, 0]],
        subset.__getitems__([2, 0]),
        subset.indices,
        subset.dataset is dataset,
        data.Subset(subset, range(1, 3))[1],
        outcome(lambda: subset[3]),
        outcome(Half, dataset, [0]),
        Both(dataset, [0])[0],
        len(subset + subset),
    )


LENGTHS: list[Any] = [
    [10], [3, 7], [7, 3, 0], [0.5, 0.5], [0.33, 0.33, 0.34], [1.0], [1], [0.1] * 10,
    [0.8, 0.1, 0.1], [1, 0], [0.25, 0.75, 0.0], (4, 6),
]  # fmt: skip


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("lengths", LENGTHS, ids=str)
@side_by_side
def test_random_split(torch: Any, lengths: Any, seed: int) -> Any:
    split = torch.utils.data.random_split
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        torch.manual_seed(seed)
        parts = split(range(10), lengths)
        own = torch.Generator().manual_seed(seed)
        again = split(range(10), lengths, generator=own)
        without = split(range(10), lengths, None)
    return (
        [list(part) for part in parts],
        [list(part) for part in again],
        [list(part) for part in without],
        [part.indices for part in parts],
        [type(part) for part in parts],
        [each.category for each in caught],
        torch.rand(1),
        torch.rand(1, generator=own),
    )


WRONG_LENGTHS: list[Any] = [
    [3, 3], [0.5, 0.6], [-0.5, 1.5], [1.5, -0.5], [0.2, 0.2], [11], [], [12, -2],
    [0.5, 0.5 + 2**-52],
]  # fmt: skip


@pytest.mark.parametrize("lengths", WRONG_LENGTHS, ids=str)
@side_by_side
def test_lengths_that_do_not_fit(torch: Any, lengths: Any) -> Any:
    torch.manual_seed(0)
    parts = outcome(torch.utils.data.random_split, range(10), lengths)
    if lengths == [12, -2]:  # it is not noticed: the sum is right
        parts = [list(part) for part in parts]
    return parts, torch.rand(1)
