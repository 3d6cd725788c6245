"""Windows of images as columns, and columns added up to images."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ...autograd.variable import Array
from ...quiet import Silence
from ..module import Module
from .checks import check_array, not_implemented
from .columns import add_at_places
from .spatial import (
    Windows,
    by,
    check_integers,
    per_dimension,
    window_view,
    windows_over,
)

SPATIAL = 2  # dimensions, and no other number, as in PyTorch


class _Sliding(Module):
    """What both share: their windows.

    Attributes:
        kernel_size: a number, or a tuple of two; the others likewise.
    """

    kernel_size: Any
    dilation: Any
    padding: Any
    stride: Any

    def _windows(self, sizes: tuple[int, ...]) -> Windows:
        """The windows over images of these sizes.

        Raises:
            RuntimeError: an option is out of range, or no window fits.
            TypeError: an option is no integer.
        """
        layer = type(self).__name__
        kernel, stride = per_dimension(self.kernel_size, 2), per_dimension(self.stride, 2)
        padding, dilation = per_dimension(self.padding, 2), per_dimension(self.dilation, 2)
        for name, value in (("kernel_size", kernel), ("output_size", sizes)):
            if len(value) != SPATIAL:
                raise RuntimeError(f"{layer}: {name} must be a number or a tuple of 2, got {value}")
        check_integers(layer, kernel_size=kernel, stride=stride, padding=padding, dilation=dilation)
        sides = tuple((width, width) for width in padding)
        return windows_over(layer, sizes, kernel, stride, sides, dilation)


class Unfold(_Sliding):
    """Makes each window of an image a column: (N, C, H, W) becomes (N, C·∏ kernel_size, L).

    y[n, (c, k, l), (i, j)] = x[n, c, i·stride + k·dilation - padding, ...]: a convolution is then a
    product of matrices. `Fold` adds the columns up again, and is its derivative.

    Shapes: input (N, C, H, W) or (C, H, W), output (N, C·∏ kernel_size, L) or without the N, where
    L is the number of windows, ∏ (⌊(size + 2·padding - dilation·(kernel_size - 1) - 1) / stride⌋ +
    1).

    Args:
        kernel_size: the sizes of a window, a number or a tuple of two; so are the others.
        dilation: the step within a window. Default: 1.
        padding: how far the input is extended with zeros on each side. Default: 0.
        stride: the step from window to window. Default: 1.

    Raises:
        RuntimeError: the input has another number of dimensions or is smaller than a window, or an
            option is out of range.
        TypeError: the input is neither an array nor a Tensor.
        NotImplementedError: the input holds integers.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> nn.Unfold((2, 3))(minitorch.ones(2, 5, 3, 4)).shape
        minitorch.Size([2, 30, 4])

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.Unfold.html
    """

    def __init__(
        self,
        kernel_size: int | Sequence[int],
        dilation: int | Sequence[int] = 1,
        padding: int | Sequence[int] = 0,
        stride: int | Sequence[int] = 1,
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.dilation = dilation
        self.padding = padding
        self.stride = stride

    def forward(self, input: Any) -> Any:
        check_sliding(self, input, 4)
        self.save_for_backward(input.shape)
        return unfold(input, self._windows(input.shape[-SPATIAL:]))

    def backward(self, grad_output: Any) -> Any:
        # Each number went to a place in several windows: it gets the sum of their gradients.
        (shape,) = self.saved_tensors
        return fold(grad_output, self._windows(shape[-SPATIAL:]))

    def extra_repr(self) -> str:
        return (
            f"kernel_size={self.kernel_size}, dilation={self.dilation}, padding={self.padding}, "
            f"stride={self.stride}"
        )


class Fold(_Sliding):
    """Adds columns up to images: (N, C·∏ kernel_size, L) becomes (N, C, *output_size).

    Each column is a window of the output, at the place at which `Unfold` would have taken it; where
    windows overlap, their numbers are added.

    Shapes: input (N, C·∏ kernel_size, L) or without the N, output (N, C, *output_size) or without
    the N; L is the number of windows over an image of `output_size`, as in `Unfold`.

    Args:
        output_size: height and width of the output, a number or a tuple of two.
        kernel_size: the sizes of a window; this and the others as in `Unfold`.
        dilation: the step within a window. Default: 1.
        padding: how much is cut off from each side of the output. Default: 0.
        stride: the step from window to window. Default: 1.

    Raises:
        RuntimeError: the input has another shape than the windows ask for, or an option is out of
            range.
        TypeError: the input is neither an array nor a Tensor.
        NotImplementedError: the input holds integers.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> nn.Fold((3, 3), 2)(minitorch.ones(1, 4, 4))
        tensor([[[[1., 2., 1.],
                  [2., 4., 2.],
                  [1., 2., 1.]]]])

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.Fold.html
    """

    output_size: Any

    def __init__(
        self,
        output_size: int | Sequence[int],
        kernel_size: int | Sequence[int],
        dilation: int | Sequence[int] = 1,
        padding: int | Sequence[int] = 0,
        stride: int | Sequence[int] = 1,
    ) -> None:
        super().__init__()
        self.output_size = output_size
        self.kernel_size = kernel_size
        self.dilation = dilation
        self.padding = padding
        self.stride = stride

    def forward(self, input: Any) -> Any:
        check_sliding(self, input, 3)
        over = self._windows(per_dimension(self.output_size, SPATIAL))
        check_columns(self, input, over)
        self.save_for_backward(over)
        with Silence():
            return fold(input, over)

    def backward(self, grad_output: Any) -> Any:
        # Each number was added to one place of the output: it gets that place's gradient.
        (over,) = self.saved_tensors
        return unfold(grad_output, over)

    def extra_repr(self) -> str:
        return (
            f"output_size={self.output_size}, kernel_size={self.kernel_size}, "
            f"dilation={self.dilation}, padding={self.padding}, stride={self.stride}"
        )


# -- on arrays ----------------------------------------------------------------------------


def unfold(images: Array, over: Windows) -> Array:
    """The windows of images (*, C, *sizes) as columns, (*, C · ∏ kernel, ∏ counts)."""
    *batch, channels = images.shape[:-SPATIAL]
    frame = images
    if over.inside is not None:
        target, source = over.inside
        frame = np.zeros((*batch, channels, *over.frame), images.dtype)
        frame[target] = images[source]
    view = window_view(frame, over.kernel, over.stride, over.dilation)
    first, n = images.ndim - SPATIAL, SPATIAL
    of_kernel, of_counts = range(first + n, first + 2 * n), range(first, first + n)
    columns = view.transpose(*range(first), *of_kernel, *of_counts).copy()
    return columns.reshape(*batch, channels * math.prod(over.kernel), math.prod(over.counts))


def fold(columns: Array, over: Windows) -> Array:
    """Columns (*, C · ∏ kernel, ∏ counts), added up to images, (*, C, *sizes)."""
    *batch, height, _ = columns.shape
    places = math.prod(over.kernel)
    by_place = np.moveaxis(
        columns.reshape(*batch, height // places, places, *over.counts), len(batch) + 1, 0
    )
    frame = np.zeros((*batch, height // places, *over.frame), columns.dtype)
    add_at_places(by_place, over, frame)
    if over.inside is None:
        return frame
    target, source = over.inside
    output = np.zeros((*batch, height // places, *over.sizes), columns.dtype)
    output[source] = frame[target]
    return output


def check_sliding(module: _Sliding, input: Any, ndim: int) -> None:
    """Refuse anything but floating-point arrays of `ndim` dimensions, or one fewer.

    Raises:
        TypeError: it is no array.
        NotImplementedError: it holds integers.
        RuntimeError: it has another number of dimensions, or is empty but for its batch.
    """
    check_array(module, input)
    if input.dtype.kind in "iu":
        raise not_implemented(module, input)
    if input.ndim not in (ndim - 1, ndim) or 0 in input.shape[-(ndim - 1) :]:
        raise RuntimeError(
            f"{type(module).__name__} expected an input of {ndim} dimensions, or {ndim - 1} "
            "without a batch, of which only the batch may be empty, got shape "
            f"{list(input.shape)}"
        )


def check_columns(module: Fold, input: Array, over: Windows) -> None:
    """Refuse columns that are no windows over an image of `output_size`.

    Raises:
        RuntimeError: their number or their height is another.
    """
    height, length = input.shape[-2:]
    places, count = math.prod(over.kernel), math.prod(over.counts)
    if height % places:
        raise RuntimeError(
            f"Fold: a column's height must be divisible by the numbers of a window, {places} for "
            f"kernel_size={over.kernel}, got {height} in an input of shape {list(input.shape)}"
        )
    if length != count:
        raise RuntimeError(
            f"Fold: expected {count} columns, {by(over.counts)} windows over an output of "
            f"{by(over.sizes)} (kernel_size={over.kernel}, stride={over.stride}, "
            f"padding={over.padding}, dilation={over.dilation}), got {length} in an input of shape "
            f"{list(input.shape)}"
        )
