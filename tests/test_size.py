"""Tests of `minitorch.size`."""

import copy
import operator
import pickle

import numpy as np
import pytest

import minitorch
from minitorch import Size


def test_a_size_is_a_tuple() -> None:
    size = Size([2, 3])
    assert size == (2, 3)
    assert hash(size) == hash((2, 3))
    assert isinstance(size, tuple)
    rows, columns = size
    assert (rows, columns) == (2, 3)
    assert repr(size) == "minitorch.Size([2, 3])"
    assert repr(Size()) == "minitorch.Size([])"


def test_numel_is_the_product() -> None:
    assert Size([2, 3, 4]).numel() == 24
    assert Size([2, 0]).numel() == 0
    assert Size().numel() == 1


def test_parts_sums_and_multiples_are_sizes() -> None:
    size = Size([2, 3])
    one = (4,)
    for made in (size[:1], size + one, one + size, size * 2, 2 * size):
        assert type(made) is Size
    assert one + size == (4, 2, 3)
    assert size * 2 == (2, 3, 2, 3)
    assert type(size[0]) is int


def test_integers_of_other_types_become_pythons() -> None:
    size = Size([np.int64(3), minitorch.tensor(4)])
    assert size == (3, 4)
    assert all(type(item) is int for item in size)


def test_what_is_no_integer_is_refused() -> None:
    with pytest.raises(TypeError, match=r"item 1 is 'float'"):
        Size([2, 2.5])  # type: ignore[list-item]
    with pytest.raises(TypeError, match=r"item 0 is 'str'"):
        Size("ab")  # type: ignore[arg-type]
    for other in (("a",), [1], 1):
        with pytest.raises(TypeError):
            operator.add(Size([2]), other)
        with pytest.raises(TypeError):
            operator.add(other, Size([2]))


def test_copies_and_pickles() -> None:
    size = Size([2, 3])
    for made in (pickle.loads(pickle.dumps(size)), copy.deepcopy(size), copy.copy(size)):
        assert made == size
        assert type(made) is Size
