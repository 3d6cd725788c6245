"""What layers over n spatial dimensions share: their arguments, their sizes, and windows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from ...autograd.variable import Array


def per_dimension(value: Any, count: int) -> tuple[int, ...]:
    """A number for each of `count` dimensions: several numbers as a tuple, one repeated.

    Example:
        >>> per_dimension(3, 2)
        (3, 3)
    """
    if isinstance(value, Iterable):
        return tuple(value)
    return (value,) * count


def window_count(
    size: int, kernel: int, stride: int, padding: int, dilation: int, ceil_mode: bool = False
) -> int:
    """How many windows fit: floor((size + 2 padding - dilation (kernel - 1) - 1) / stride) + 1.

    With `ceil_mode` a last window may stand out, unless it would begin in the padding on the
    right. The count is 0 or less where the kernel is larger than the padded input.
    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.MaxPool2d.html

    Example:
        >>> window_count(5, 2, 2, 0, 1), window_count(5, 2, 2, 0, 1, ceil_mode=True)
        (2, 3)
    """
    room = size + 2 * padding - dilation * (kernel - 1) - 1
    if not ceil_mode:
        return room // stride + 1
    count = -(-room // stride) + 1
    return count - 1 if (count - 1) * stride >= size + padding else count


def windows(
    array: Array, kernel: Sequence[int], stride: Sequence[int], dilation: Sequence[int]
) -> Array:
    """A view of all windows over the last dimensions: shape (*, *counts, *kernel).

    The windows overlap in memory: do not write to the view.

    Args:
        array: (*, *sizes), padded already.
        kernel: the window's size in each of the last dimensions.
        stride: the step from window to window.
        dilation: the step within a window.

    Example:
        >>> windows(np.arange(5), (2,), (2,), (1,))
        array([[0, 1],
               [2, 3]])
    """
    first = array.ndim - len(kernel)
    sizes, steps = array.shape[first:], array.strides[first:]
    counts = [
        window_count(size, extent, step, 0, spread)
        for size, extent, step, spread in zip(sizes, kernel, stride, dilation, strict=True)
    ]
    shape = (*array.shape[:first], *counts, *kernel)
    strides = (
        *array.strides[:first],
        *(step * each for step, each in zip(steps, stride, strict=True)),
        *(step * each for step, each in zip(steps, dilation, strict=True)),
    )
    if not array.flags.c_contiguous:
        view: Array = np.lib.stride_tricks.as_strided(array, shape, strides, writeable=False)
        return view
    view = np.ndarray(shape, array.dtype, array, 0, strides)  # the same in a fifth of the time
    view.flags.writeable = False
    return view
