"""What layers over n spatial dimensions share: their arguments, their sizes, and windows."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from ...autograd.variable import Array

Sides = tuple[tuple[int, int], ...]  # how far each dimension is extended before and after
Index = tuple[Any, ...]

# -- arguments ----------------------------------------------------------------------------


def per_dimension(value: Any, count: int) -> tuple[int, ...]:
    """A number for each of `count` dimensions: several numbers as a tuple, one repeated.

    Example:
        >>> per_dimension(3, 2)
        (3, 3)
    """
    if isinstance(value, Iterable):
        return tuple(value)
    return (value,) * count


def stretched(option: Any, count: int) -> Any:
    """An option for each of `count` dimensions: a tuple of one number stands for all of them."""
    return option * count if len(option) == 1 else option


def by(sizes: Sequence[int]) -> str:
    """Sizes as they are read: 3 x 3."""
    return " x ".join(map(str, sizes))


def check_integers(layer: str, **options: Any) -> None:
    """Refuse options that are no tuples of integers.

    This comes before caches of what follows from options: to them 2.0 is the same as 2.

    Raises:
        TypeError: one is none.
    """
    for name, values in options.items():
        for value in values:
            if type(value) is not int and not isinstance(value, (int, np.integer)):
                raise TypeError(f"{layer}: {name} must be integers, got {values!r}")


def check_options(
    layer: str, kernel: Any, stride: Any, padding: Any, dilation: Any, output_padding: Any = ()
) -> None:
    """Refuse integers that are out of range or of the wrong number.

    Raises:
        RuntimeError: they are.
    """
    for name, values, least in (
        ("kernel_size", kernel, 1),
        ("stride", stride, 1),
        ("padding", padding, 0),
        ("dilation", dilation, 1),
        ("output_padding", output_padding, 0),
    ):
        if len(values) != len(kernel) and values != ():
            raise RuntimeError(
                f"{layer}: {name} must be a number or a tuple of {len(kernel)}, got {values}"
            )
        if min(values, default=least) < least:
            kind = "negative" if least == 0 else "non-positive"
            raise RuntimeError(
                f"{layer}: {name} must be at least {least}, {kind} numbers are not supported: got "
                f"{values}"
            )


# -- windows ------------------------------------------------------------------------------


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


def window_view(
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
        >>> window_view(np.arange(5), (2,), (2,), (1,))
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


class Windows:
    """Windows over a plane (one channel of one sample), as places in what is called the frame.

    The frame is the plane with its padding, as far as windows reach.

    Args:
        sizes: of the plane.
        counts: of windows, in each dimension.
        kernel: the window's size in each dimension.
        stride: the step from window to window.
        dilation: the step within a window.
        padding: how far the frame begins before the plane.

    Attributes:
        sizes, counts, kernel, stride, dilation, padding: the arguments.
    """

    def __init__(
        self,
        sizes: tuple[int, ...],
        counts: tuple[int, ...],
        kernel: tuple[int, ...],
        stride: tuple[int, ...],
        dilation: tuple[int, ...],
        padding: tuple[int, ...],
    ) -> None:
        self.sizes = sizes
        self.counts = counts
        self.kernel = kernel
        self.stride = stride
        self.dilation = dilation
        self.padding = padding

    @functools.cached_property
    def frame(self) -> tuple[int, ...]:
        """The frame's sizes."""
        spans = zip(self.counts, self.stride, self.dilation, self.kernel, strict=True)
        return tuple((count - 1) * step + spread * (k - 1) + 1 for count, step, spread, k in spans)

    @functools.cached_property
    def inside(self) -> tuple[Index, Index] | None:
        """Where in the frame the plane lies, and which part of it; None if it is all of both."""
        if not any(self.padding) and self.frame == self.sizes:
            return None
        ends = [
            min(pad + size, extent)
            for pad, size, extent in zip(self.padding, self.sizes, self.frame, strict=True)
        ]
        target = tuple(slice(pad, end) for pad, end in zip(self.padding, ends, strict=True))
        source = tuple(
            slice(0, max(end - pad, 0)) for pad, end in zip(self.padding, ends, strict=True)
        )
        return (..., *target), (..., *source)

    @functools.cached_property
    def places(self) -> list[Index]:
        """For each place in the kernel, which numbers of the frame all windows have there."""
        per_dimension = [
            [slice(j * spread, j * spread + (count - 1) * step + 1, step) for j in range(k)]
            for count, step, spread, k in zip(
                self.counts, self.stride, self.dilation, self.kernel, strict=True
            )
        ]
        return [(..., *place) for place in itertools.product(*per_dimension)]


@functools.lru_cache(maxsize=256)
def windows_over(
    layer: str,
    sizes: tuple[int, ...],
    kernel: tuple[int, ...],
    stride: tuple[int, ...],
    sides: Sides,
    dilation: tuple[int, ...],
) -> Windows:
    """The windows over planes of these sizes, with places that are worked out once.

    Args:
        layer: its name, for errors.
        sizes: of the planes, without padding.
        kernel: the sizes of a window; this and the other options are integers.
        stride: the step from window to window.
        sides: the padding before and after, in each dimension.
        dilation: the step within a window.

    Raises:
        RuntimeError: an option is out of range, or a window is larger than the padded planes.
    """
    befores = tuple(before for before, _ in sides)
    check_options(layer, kernel, stride, befores, dilation)
    padded = tuple(size + sum(pair) for size, pair in zip(sizes, sides, strict=True))
    counts = tuple(map(window_count, padded, kernel, stride, (0,) * len(kernel), dilation))
    if min(counts) < 1:
        reach = tuple(gap * (k - 1) + 1 for gap, k in zip(dilation, kernel, strict=True))
        raise RuntimeError(
            f"{layer}: the kernel is larger than the padded input: it spans {by(reach)} "
            f"(kernel_size={kernel}, dilation={dilation}), the input with its padding is "
            f"{by(padded)}; give a larger input, a smaller kernel or more padding"
        )
    return Windows(sizes, counts, kernel, stride, dilation, befores)
