"""In which order the elements of an array lie in memory, and new arrays of the same order."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..autograd.variable import Array


def axes_in_memory(array: Array) -> list[int]:
    """The axes from the longest step in memory to the shortest.

    An expanded axis, whose step is 0, says nothing of its place: it stays where it is, and others
    are exchanged across it, as in PyTorch.
    """
    strides, shape = array.strides, array.shape
    order = list(range(array.ndim))
    for place in reversed(range(array.ndim - 1)):
        for other in range(place + 1, array.ndim):
            mine, beside = order[place], order[other]
            if strides[mine] == 0 or strides[beside] == 0:
                continue
            if abs(strides[beside]) < abs(strides[mine]):
                break
            if strides[beside] == strides[mine] and shape[beside] <= shape[mine]:
                continue
            order[place], order[other] = beside, mine
            place = other
    return order


def dense_like(array: Array, dtype: np.dtype[Any] | None = None) -> Array:
    """An uninitialised array of that shape, without gaps, its axes in the same order in memory."""
    if dtype is None:
        dtype = array.dtype
    if array.flags.c_contiguous:
        return np.empty(array.shape, dtype)
    order = axes_in_memory(array)
    result: Array = np.empty([array.shape[axis] for axis in order], dtype)
    return result.transpose(np.argsort(order))
