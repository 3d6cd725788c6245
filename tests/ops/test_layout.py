"""The order of axes in memory, by strides that are written out."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.lib.stride_tricks import as_strided

from minitorch.ops.layout import axes_in_memory, dense_like

# shape, strides in elements, strides of an array without gaps in the same order
CASES = [
    ((2, 3), (3, 1), (3, 1)),
    ((3, 2), (1, 3), (1, 3)),
    ((3, 1), (1, 6), (1, 3)),
    ((2, 3, 4), (4, 8, 1), (4, 8, 1)),
    ((3, 2), (0, 1), (2, 1)),
    ((3, 4), (1, 0), (4, 1)),
    ((4, 3, 2), (0, 1, 3), (6, 1, 3)),
    ((3, 5, 4), (1, 0, 3), (1, 3, 15)),
    ((7, 5), (0, 1), (5, 1)),
    ((4, 3), (1, 8), (1, 4)),
    ((), (), ()),
    ((5,), (3,), (1,)),
]


@pytest.mark.parametrize(("shape", "strides", "dense"), CASES)
def test_arrays_without_gaps(shape, strides, dense):
    array = as_strided(np.zeros(100, np.float32), shape, [4 * stride for stride in strides])
    like = dense_like(array)
    assert like.shape == shape
    assert like.dtype == np.float32
    steps = [
        (step, wanted)
        for step, wanted, size in zip(like.strides, dense, shape, strict=True)
        if size > 1
    ]
    assert [step for step, _ in steps] == [4 * wanted for _, wanted in steps]
    assert dense_like(array, np.dtype(np.int8)).itemsize == 1


def test_axes_from_the_longest_step_to_the_shortest():
    array = np.zeros((2, 3, 4)).transpose(2, 0, 1)
    assert axes_in_memory(array) == [1, 2, 0]
    assert axes_in_memory(array[::-1]) == [1, 2, 0]
