"""Collation: which samples make which batch."""

from __future__ import annotations

import collections
import types
from typing import Any

import numpy as np
import pytest

import minitorch
from minitorch.utils.data import default_collate, default_convert
from minitorch.utils.data.collate import collate, default_collate_fn_map

Point = collections.namedtuple("Point", ["x", "y"])


class Named(dict):
    label = "none"


def check(batch: Any, values: Any, dtype: Any) -> None:
    assert type(batch) is minitorch.Tensor
    assert batch.tolist() == values
    assert batch.dtype is dtype


@pytest.mark.parametrize(
    "samples, values, dtype",
    [
        ([1, 2], [1, 2], minitorch.int64),
        ([True, False], [True, False], minitorch.bool),
        ([0.5, 1.5], [0.5, 1.5], minitorch.float64),
        ([np.float32(0.5), np.float32(1)], [0.5, 1.0], minitorch.float32),
        ([np.int16(5), np.int16(6)], [5, 6], minitorch.int16),
        ([np.array([1, 2]), np.array([3, 4])], [[1, 2], [3, 4]], minitorch.int64),
        ([np.float16([[1]]), np.float16([[2]])], [[[1.0]], [[2.0]]], minitorch.float16),
    ],
)
def test_numbers_and_arrays(samples, values, dtype):
    check(default_collate(samples), values, dtype)


@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (0, 2)])
@pytest.mark.parametrize("dtype", [minitorch.float32, minitorch.int64, minitorch.bool])
def test_tensors(shape, dtype, rng):
    arrays = [(rng.random(shape) * 3).astype(dtype.dtype) for _ in range(4)]
    batch = default_collate([minitorch.from_numpy(np.array(array)) for array in arrays])
    assert batch.shape == (4, *shape)
    assert batch.dtype is dtype
    for row, array in zip(batch.array, arrays, strict=True):
        np.testing.assert_array_equal(row, array)


def test_a_batch_shares_no_memory():
    x = minitorch.zeros(2)
    assert not np.shares_memory(default_collate([x]).array, x.array)
    assert not np.shares_memory(default_collate([x.array]).array, x.array)


def test_gradients_reach_the_samples():
    x, y = minitorch.ones(2, requires_grad=True), minitorch.ones(2)
    batch = default_collate([x, y])
    (batch * minitorch.tensor([[1.0, 2.0], [3.0, 4.0]])).sum().backward()
    assert x.grad.tolist() == [1.0, 2.0]


def test_dtypes_beside_one_another():
    check(default_collate([minitorch.tensor([1]), minitorch.tensor([0.5])]), [[1], [0.5]],
          minitorch.float32)  # fmt: skip


def test_what_is_nested():
    batch = default_collate([{"a": (1, "x"), "b": [0.5]}, {"a": (2, "y"), "b": [1.5]}])
    assert list(batch) == ["a", "b"]
    assert type(batch["a"]) is list  # tuples become lists
    check(batch["a"][0], [1, 2], minitorch.int64)
    assert batch["a"][1] == ("x", "y")
    check(batch["b"][0], [0.5, 1.5], minitorch.float64)


def test_classes_are_kept():
    first, second = Named(a=1), Named(a=2)
    first.label = "mine"
    batch = default_collate([first, second])
    assert type(batch) is Named
    assert batch.label == "mine"
    check(batch["a"], [1, 2], minitorch.int64)
    assert first == {"a": 1}  # the sample itself is not touched
    point = default_collate([Point(1, "a"), Point(2, "b")])
    assert type(point) is Point
    check(point.x, [1, 2], minitorch.int64)
    frozen = default_collate([types.MappingProxyType({"a": 1})])
    assert type(frozen) is types.MappingProxyType
    assert type(default_collate([collections.deque([1])])) is collections.deque
    assert type(default_collate([range(2)])) is list  # a range of tensors cannot be


def test_samples_that_are_not_alike():
    with pytest.raises(RuntimeError, match=r"equal length, got \[1, 2\]; pad"):
        default_collate([[1], [2, 3]])
    with pytest.raises(RuntimeError, match=r"\[2\].*\[3\]"):
        default_collate([minitorch.zeros(2), minitorch.zeros(3)])
    with pytest.raises(KeyError):
        default_collate([{"a": 1}, {}])
    with pytest.raises(TypeError):
        default_collate([minitorch.zeros(()), 1])


@pytest.mark.parametrize(
    "sample", [None, {1}, object(), 1j, np.array(["a"]), np.array([None])], ids=repr
)
def test_samples_of_no_batch(sample):
    with pytest.raises(TypeError, match="collate_fn"):
        default_collate([sample, sample])


def test_an_empty_batch():
    with pytest.raises(IndexError):
        default_collate([])


def test_conversion_of_one_sample():
    array = np.arange(3)
    converted = default_convert({"x": array, "y": (1, "a"), "z": [np.float32(2)], "p": Point(1, 2)})
    assert np.shares_memory(converted["x"].array, array)
    assert converted["y"] == [1, "a"]
    check(converted["z"][0], 2.0, minitorch.float32)
    assert converted["p"] == Point(1, 2)
    text = np.array(["a"])
    assert default_convert(text) is text


def test_a_table_of_types():
    def longest(batch: Any, *, collate_fn_map: Any) -> Any:
        return max(batch, key=len)

    table = {**default_collate_fn_map, str: longest}
    letters, numbers = collate([("a", 1), ("bc", 2)], collate_fn_map=table)
    assert letters == "bc"
    check(numbers, [1, 2], minitorch.int64)
    with pytest.raises(TypeError):
        collate([1, 2], collate_fn_map={str: longest})
    with pytest.raises(TypeError):
        collate([1, 2])
    assert default_collate(["a", "bc"]) == ["a", "bc"]


def test_the_type_itself_is_looked_up_before_its_bases():
    def name(kind: str) -> Any:
        return lambda batch, *, collate_fn_map: kind

    table: Any = {int: name("int"), bool: name("bool"), (str, bytes): name("text")}
    assert collate([True], collate_fn_map=table) == "bool"
    assert collate([1], collate_fn_map=table) == "int"
    assert collate([b""], collate_fn_map=table) == "text"
