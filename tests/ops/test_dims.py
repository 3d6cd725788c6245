"""Tests of `minitorch.ops.dims`."""

import inspect
from typing import Any

import numpy as np
import pytest

from minitorch.ops.dims import normalize_dim, normalize_dims, numpy_names


@pytest.mark.parametrize(
    ("dim", "ndim", "expected"),
    [(0, 3, 0), (2, 3, 2), (-1, 3, 2), (-3, 3, 0), (0, 0, 0), (-1, 0, 0), (np.int64(-1), 2, 1)],
)
def test_normalize_dim(dim: Any, ndim: int, expected: int) -> None:
    result = normalize_dim(dim, ndim)
    assert result == expected
    assert type(result) is int


@pytest.mark.parametrize(
    ("dim", "ndim", "message"),
    [
        (3, 3, r"expected to be in range of \[-3, 2\], but got 3"),
        (-4, 3, r"expected to be in range of \[-3, 2\], but got -4"),
        (1, 0, r"expected to be in range of \[-1, 0\], but got 1"),
        (-2, 0, r"expected to be in range of \[-1, 0\], but got -2"),
    ],
)
def test_out_of_range(dim: int, ndim: int, message: str) -> None:
    with pytest.raises(IndexError, match=message):
        normalize_dim(dim, ndim)


@pytest.mark.parametrize("dim", [1.0, "a", None, True, (0,)])
def test_not_an_integer(dim: Any) -> None:
    with pytest.raises(TypeError, match=f"must be int, not {type(dim).__name__}"):
        normalize_dim(dim, 3)


@pytest.mark.parametrize(
    ("dim", "ndim", "expected"),
    [
        (None, 3, (0, 1, 2)),
        (None, 0, ()),
        (-1, 3, (2,)),
        ((), 3, ()),
        ([2, -3], 3, (2, 0)),
        ((0,), 0, (0,)),
        (-1, 0, (0,)),
    ],
)
def test_normalize_dims(dim: Any, ndim: int, expected: tuple[int, ...]) -> None:
    assert normalize_dims(dim, ndim) == expected


@pytest.mark.parametrize(("dim", "ndim"), [((1, 1), 2), ((0, -2), 2), ((0, -1), 0)])
def test_named_twice(dim: Any, ndim: int) -> None:
    twice = dim[0] if ndim else 0
    with pytest.raises(RuntimeError, match=f"dim {twice} appears multiple times"):
        normalize_dims(dim, ndim)


def test_numpy_names() -> None:
    @numpy_names
    def function(input: int, dim: int = 5, keepdim: bool = False) -> tuple[int, int, bool]:
        return input, dim, keepdim

    assert function(1, axis=2, keepdims=True) == (1, 2, True)
    assert function(1, dim=2) == (1, 2, False)
    assert list(inspect.signature(function).parameters) == ["input", "dim", "keepdim"]
    with pytest.raises(TypeError, match="axis"):
        function(1, dim=2, axis=3)
