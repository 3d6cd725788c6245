"""Convolution as a product of matrices: the windows of an image are the columns of one of them.

The layers in `conv.py` are made of three functions: `correlate` is a convolution,
`correlate_transposed` its derivative by the images (and so a transposed convolution),
`weight_gradient` its derivative by the weight. Each takes a few images at a time, and builds their
columns in a buffer that the next images use again: the memory needed beside the result is that of
a few images' columns, and they stay in the processor's cache.

Images are (N, C, *sizes), weights (O, C/groups, *kernel). Where the windows lie is said by
`Windows`. Numbers of float16 are computed as float32 and rounded at the end.
Source: Chellapilla et al., High performance convolutional neural networks for document processing
(2006), for the columns.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from ...autograd.variable import Array
from .spatial import Windows, window_view

BLOCK = 2**16  # images of fewer numbers in their columns are taken several at a time
LONG = 256  # with fewer columns, the product of matrices is slow: images are taken together


class Columns:
    """The columns of some images, in buffers that can be filled again and again.

    Args:
        count: how many images at a time.
        channels: of each image.
        over: the windows.
        dtype: in which is computed.

    Attributes:
        array: (channels, *kernel, count, *counts): a row for each number of a window, a column
            for each window.
    """

    def __init__(self, count: int, channels: int, over: Windows, dtype: np.dtype[Any]) -> None:
        self.count = count
        self.over = over
        self.frame = np.zeros((channels, count, *over.frame), dtype)  # the padding stays zero
        self.target, self.source = over.inside or ((...,), (...,))
        self.array = np.empty((channels, *over.kernel, count, *over.counts), dtype)

    @functools.cached_property
    def _windows(self) -> Array:
        """The windows of the frame, in the order of `array`."""
        view = window_view(self.frame, self.over.kernel, self.over.stride, self.over.dilation)
        first, n = 2, len(self.over.kernel)
        of_kernel = range(first + n, first + 2 * n)
        return view.transpose(0, *of_kernel, 1, *range(first, first + n))

    def gather(self, images: Array, groups: int) -> Array:
        """Make the columns of images, as a matrix for each group of channels."""
        if is_pointwise(self.over):
            return rows(images, groups, self.array.dtype)
        self.frame[self.target] = images.swapaxes(0, 1)[self.source]
        np.copyto(self.array, self._windows)
        return self.matrices(groups)

    def matrices(self, groups: int) -> Array:
        """The columns as matrices, (groups, rows, columns)."""
        length = self.count * math.prod(self.over.counts)
        return self.array.reshape(groups, self.array.size // (groups * length), length)

    def scatter(self, images: Array, bias: Array | None) -> None:
        """Add every number of the columns to the place in the images that it belongs to.

        Args:
            images: (count, channels, *sizes), to be overwritten: with zeros, or with the bias.
            bias: (channels, 1, ...) or None.
        """
        frame, over = self.frame, self.over
        shape = (len(frame), math.prod(over.kernel), self.count, *over.counts)
        by_place = self.array.reshape(shape).swapaxes(0, 1)
        output = images.swapaxes(0, 1)
        output[...] = 0 if bias is None else bias
        frame.fill(0)
        add_at_places(by_place, over, frame)
        output[self.source] += frame[self.target]


def column_blocks(
    batch: int, channels: int, over: Windows, dtype: np.dtype[Any], beside: int = 0
) -> Iterator[tuple[slice, Columns]]:
    """A few images at a time: which they are, and buffers for their columns.

    Args:
        batch: the number of images.
        channels: of each.
        over: the windows.
        dtype: in which is computed.
        beside: how many rows of as many numbers are to stay in the cache too.
    """
    length = math.prod(over.counts)
    numbers = max(1, (channels * math.prod(over.kernel) + beside) * length)
    step = min(batch, max(1, BLOCK // numbers, -(-LONG // length)))
    columns = None
    for start in range(0, batch, step or 1):
        count = min(step, batch - start)
        if columns is None or columns.count != count:  # the last ones may be fewer
            columns = Columns(count, channels, over, dtype)
        yield slice(start, start + count), columns


def rows(images: Array, groups: int, dtype: np.dtype[Any]) -> Array:
    """Images (count, C, *sizes) as matrices (groups, C / groups, count · ∏ sizes).

    One image in one piece of memory is not copied.
    """
    count, channels, *sizes = images.shape
    array = np.ascontiguousarray(images.swapaxes(0, 1), dtype)
    return array.reshape(groups, channels // groups, count * math.prod(sizes))


def is_pointwise(over: Windows) -> bool:
    """Whether each window is one number of the image, and each number a window."""
    return math.prod(over.kernel) == 1 and over.counts == over.sizes and not any(over.padding)


def computing_dtype(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """In which dtype is computed: NumPy multiplies matrices of float16 slowly and inexactly."""
    return np.dtype(np.float32) if dtype == np.float16 else dtype


def per_channel(bias: Array | None, over: Windows) -> Array | None:
    """A bias that can be added to (channels, count, *)."""
    return None if bias is None else bias.reshape(-1, *(1,) * (1 + len(over.kernel)))


def add_at_places(by_place: Array, over: Windows, frame: Array) -> None:
    """Add each number of a window to the place in the frame that it belongs to.

    Args:
        by_place: (∏ kernel, *, *counts).
        over: the windows.
        frame: (*, *frame), to be added to.
    """
    for numbers, place in zip(by_place, over.places, strict=True):
        frame[place] += numbers


# -- the products -------------------------------------------------------------------------


def correlate(
    images: Array, weight: Array, over: Windows, groups: int, bias: Array | None = None
) -> Array:
    """A number for each window: y[n, o, w] = b[o] + ∑ weight[o, c, k] · x[n, c, w·stride + k].

    Returns:
        (N, O, *counts).
    """
    dtype = computing_dtype(images.dtype)
    batch, channels = images.shape[:2]
    output = np.empty((batch, len(weight), *over.counts), images.dtype)
    matrices = weight_matrices(weight, groups, dtype)
    bias = per_channel(bias, over)
    for block, columns in column_blocks(batch, channels, over, dtype):
        matrix = columns.gather(images[block], groups)
        target = output[block].swapaxes(0, 1)
        if columns.count == 1 and dtype == output.dtype:  # the product is written in its place
            product = target
            np.matmul(matrices, matrix, target.reshape(groups, -1, matrix.shape[-1]))
        else:
            product = np.matmul(matrices, matrix).reshape(target.shape)
        if bias is not None:
            np.add(product, bias, target, casting="same_kind")
        elif product is not target:
            target[...] = product
    return output


def correlate_transposed(
    grad: Array, weight: Array, over: Windows, groups: int, bias: Array | None = None
) -> Array:
    """The derivative of `correlate` by the images: each window's number spread over its window.

    Args:
        grad: (N, O, *counts).
        weight: (O, C/groups, *kernel).
        over: the windows.
        groups: of channels.
        bias: (C,), to be added, or None.

    Returns:
        (N, C, *sizes).
    """
    channels = weight.shape[1] * groups
    if gathers_better(over, channels, len(weight)):
        return correlate(grad, turned(weight, groups), mirrored(over), groups, bias)
    dtype = computing_dtype(grad.dtype)
    output = np.empty((len(grad), channels, *over.sizes), grad.dtype)
    matrices = weight_matrices(weight, groups, dtype).swapaxes(1, 2)
    bias = per_channel(bias, over)
    for block, columns in column_blocks(len(grad), channels, over, dtype):
        np.matmul(matrices, rows(grad[block], groups, dtype), columns.matrices(groups))
        columns.scatter(output[block], bias)
    return output


def weight_gradient(
    images: Array, grad: Array, over: Windows, groups: int, shape: tuple[int, ...]
) -> Array:
    """The derivative of `correlate` by the weight of this shape: ∑ grad[n, o, w] · window[n, w]."""
    dtype = computing_dtype(grad.dtype)
    batch, channels = images.shape[:2]
    outputs = grad.shape[1] // groups
    total = np.zeros((groups, math.prod(shape[1:]), outputs), dtype)
    for block, columns in column_blocks(batch, channels, over, dtype, grad.shape[1]):
        # this side of the transpose is the quicker one
        transposed = rows(grad[block], groups, dtype).swapaxes(1, 2)
        total += np.matmul(columns.gather(images[block], groups), transposed)
    return total.swapaxes(1, 2).reshape(shape).astype(grad.dtype, copy=False)


def weight_matrices(weight: Array, groups: int, dtype: np.dtype[Any]) -> Array:
    """A weight as a matrix for each group, (groups, O / groups, C / groups · ∏ kernel)."""
    shape = (groups, len(weight) // groups, math.prod(weight.shape[1:]))
    return np.ascontiguousarray(weight, dtype).reshape(shape)


# -- spreading as a convolution -----------------------------------------------------------


def gathers_better(over: Windows, channels: int, outputs: int) -> bool:
    """Whether `correlate_transposed` is to be a convolution with the weight turned around.

    That needs a stride of 1. It builds columns of the gradient's `outputs` channels instead of
    adding up columns of `channels`, which takes about twice as long for each.
    """
    return (
        all(step == 1 for step in over.stride)
        and all(before >= 0 for before in mirrored(over).padding)
        and outputs < 2 * channels
    )


@functools.lru_cache(maxsize=256)
def mirrored(over: Windows) -> Windows:
    """The windows over the gradient that end, in each dimension, where a number had its first."""
    padding = tuple(
        gap * (k - 1) - before
        for gap, k, before in zip(over.dilation, over.kernel, over.padding, strict=True)
    )
    return Windows(over.counts, over.sizes, over.kernel, over.stride, over.dilation, padding)


def turned(weight: Array, groups: int) -> Array:
    """A weight (O, C/groups, *kernel) as (C, O/groups, *kernel), mirrored in each dimension."""
    outputs, channels, *kernel = weight.shape
    grouped = weight.reshape(groups, outputs // groups, channels, *kernel).swapaxes(1, 2)
    backwards: Any = (..., *(slice(None, None, -1),) * len(kernel))
    flipped: Array = grouped[backwards].copy()
    return flipped.reshape(groups * channels, outputs // groups, *kernel)
