"""Datasets: which sample is where."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import minitorch
from minitorch.utils.data import (
    ChainDataset,
    ConcatDataset,
    Dataset,
    IterableDataset,
    StackDataset,
    Subset,
    TensorDataset,
    random_split,
)


class Letters(IterableDataset):
    def __init__(self, letters: str) -> None:
        self.letters = letters

    def __iter__(self) -> Any:
        return iter(self.letters)

    def __len__(self) -> int:
        return len(self.letters)


class Noting(Dataset):
    """Ten times the index; notes what it was asked for at once."""

    def __init__(self) -> None:
        self.asked: list[Any] = []

    def __len__(self) -> int:
        return 5

    def __getitem__(self, index: int) -> int:
        return 10 * index

    def __getitems__(self, indices: Any) -> Any:
        self.asked.append(indices)
        return [10 * index for index in indices]


def test_a_dataset_without_getitem_or_length():
    class Nothing(Dataset):
        pass

    with pytest.raises(NotImplementedError, match="Nothing has no __getitem__"):
        Nothing()[0]
    with pytest.raises(TypeError):
        len(Nothing())


def test_an_iterable_dataset_needs_iter():
    with pytest.raises(TypeError):
        IterableDataset()


def test_rows_of_tensors():
    x, y = minitorch.arange(6).reshape(3, 2), minitorch.tensor([7.0, 8.0, 9.0])
    dataset = TensorDataset(x, y)
    assert len(dataset) == 3
    first, second = dataset[1]
    assert first.tolist() == [2, 3]
    assert second.item() == 8.0
    assert np.shares_memory(first.array, x.array)
    assert [each.tolist() for each in dataset[-2:]] == [[[2, 3], [4, 5]], [8.0, 9.0]]


@pytest.mark.parametrize("sizes", [(3, 2), (3, 3, 4), (0, 1)])
def test_tensors_of_different_lengths(sizes):
    with pytest.raises(AssertionError, match=str(list(sizes)).replace("[", r"\[")):
        TensorDataset(*(minitorch.zeros(size, 2) for size in sizes))


def test_a_tensor_dataset_says_how_to_make_tensors_of_arrays():
    with pytest.raises(TypeError, match="from_numpy"):
        TensorDataset(np.zeros(3))  # type: ignore[arg-type]


def test_stacked_samples():
    assert StackDataset("abc", range(3))[1] == ("b", 1)
    assert StackDataset(letter="abc", number=range(3))[1] == {"letter": "b", "number": 1}
    assert len(StackDataset("abc", range(3))) == 3


@pytest.mark.parametrize("given, named", [((), {}), (("a",), {"b": "b"}), (("ab", "c"), {})])
def test_stacks_that_make_no_sense(given, named):
    with pytest.raises(ValueError):
        StackDataset(*given, **named)


def test_batches_are_asked_for_at_once_where_that_is_offered():
    noting = Noting()
    assert StackDataset(noting, "abcde").__getitems__([4, 0]) == [(40, "e"), (0, "a")]
    assert StackDataset(n=noting, c="abcde").__getitems__([1]) == [{"n": 10, "c": "b"}]
    assert Subset(noting, [3, 2, 1]).__getitems__([0, 2]) == [30, 10]
    assert noting.asked == [[4, 0], [1], [3, 1]]
    assert Subset("abcde", [3, 2, 1]).__getitems__([0, 2]) == ["d", "b"]


def test_a_wrong_number_of_samples_at_once():
    class Short(Noting):
        def __getitems__(self, indices: Any) -> Any:
            return [0]

    with pytest.raises(ValueError, match="Short was asked for 2 samples and returned 1"):
        StackDataset(Short(), "abcde").__getitems__([0, 1])


def test_datasets_one_after_another():
    joined = ConcatDataset(["abc", "", "de"])
    assert [joined[index] for index in range(5)] == list("abcde")
    assert [joined[index] for index in range(-5, 0)] == list("abcde")
    assert joined.cumulative_sizes == [3, 3, 5]
    with pytest.raises(IndexError):
        joined[5]
    with pytest.raises(ValueError, match="-6"):
        joined[-6]


def test_sums_of_datasets():
    joined = Noting() + Noting() + Noting()
    assert isinstance(joined, ConcatDataset)
    assert [joined[index] for index in (4, 5, 14)] == [40, 0, 40]
    streams = Letters("ab") + Letters("c")
    assert isinstance(streams, ChainDataset)
    assert list(streams) == list("abc")
    assert len(streams) == 3


def test_the_old_name_of_the_cumulative_sizes():
    with pytest.warns(FutureWarning, match="cumulative_sizes"):
        assert ConcatDataset(["ab"]).cummulative_sizes == [2]


def test_what_cannot_be_joined():
    with pytest.raises(AssertionError, match="at least one"):
        ConcatDataset([])
    with pytest.raises(AssertionError, match="ChainDataset"):
        ConcatDataset(["ab", Letters("c")])
    mixed = ChainDataset([Letters("ab"), "c"])  # type: ignore[list-item]
    letters = iter(mixed)
    assert [next(letters), next(letters)] == ["a", "b"]
    with pytest.raises(AssertionError, match="not str"):
        next(letters)
    with pytest.raises(AssertionError, match="not str"):
        len(mixed)


def test_subsets():
    subset = Subset("abcdef", [5, 0, 2])
    assert [subset[index] for index in range(3)] == ["f", "a", "c"]
    assert subset[-1] == "c"
    assert len(subset) == 3
    rows = Subset(TensorDataset(minitorch.arange(6) * 10), [5, 0, 2])
    assert rows[[2, 0]][0].tolist() == [20, 50]


def test_a_subset_that_loaders_would_go_past():
    class Doubled(Subset):
        def __getitem__(self, idx: Any) -> Any:
            return 2 * super().__getitem__(idx)

    with pytest.raises(NotImplementedError, match="Doubled overrides __getitem__"):
        Doubled(range(3), [0])

    class Whole(Doubled):
        def __getitems__(self, indices: Any) -> Any:
            return [self[index] for index in indices]

    assert Whole(range(3), [2]).__getitems__([0]) == [4]


@pytest.mark.parametrize(
    "lengths, sizes",
    [
        ([3, 7], [3, 7]),
        ([0.3, 0.7], [3, 7]),
        ([0.25, 0.75], [3, 7]),  # 2.5 and 7.5 rounded down, and the one left to the first
        ([0.33, 0.33, 0.34], [4, 3, 3]),
        ([0.1] * 10, [1] * 10),
        ([10, 0], [10, 0]),
    ],
)
def test_every_sample_is_in_one_part(lengths, sizes):
    minitorch.manual_seed(0)
    parts = random_split(range(10), lengths)  # type: ignore[arg-type]
    assert [len(part) for part in parts] == sizes
    assert sorted(sample for part in parts for sample in part) == list(range(10))


def test_a_split_is_drawn_from_its_generator():
    def split(seed: int) -> Any:
        generator = minitorch.Generator().manual_seed(seed)
        return [list(part) for part in random_split(range(20), [0.5, 0.5], generator)]  # type: ignore[arg-type]

    assert split(1) == split(1) != split(2)


def test_empty_parts():
    with pytest.warns(UserWarning, match=r"part 1 .* 0.05"):
        random_split(range(10), [0.95, 0.05])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "lengths, text",
    [
        ([3, 3], r"10 samples .* add up to 6"),
        ([0.2, 0.2], "add up to"),
        ([-1, 2.0], "fraction 0"),
        ([0.5, 0.5 + 2**-52], "as fractions"),
    ],
)
def test_lengths_that_do_not_fit(lengths, text):
    state = minitorch.Generator().manual_seed(3)
    with pytest.raises(ValueError, match=text):
        random_split(range(10), lengths, state)  # type: ignore[arg-type]
    fresh = minitorch.Generator().manual_seed(3)
    assert minitorch.rand(1, generator=state).item() == minitorch.rand(1, generator=fresh).item()
