"""What a pooling layer is given: its input as planes, and where its windows begin and end."""

from __future__ import annotations

import math
import operator
from typing import Any

from ....autograd.variable import Array
from ..checks import check_array
from ..spatial import window_count

Sizes = tuple[int, ...]
Options = tuple[Sizes, Sizes, Sizes, Sizes]  # kernel, stride, padding, dilation


def as_planes(module: Any, input: Any, fixed: bool) -> Array:
    """The input as (planes, *sizes), a plane for each channel of each sample.

    Args:
        module: whose `dimensions` is the number of sizes.
        input: (N, C, *sizes) or (C, *sizes).
        fixed: windows have a fixed size, and there must be channels, as in PyTorch.

    Raises:
        TypeError: the input is no array.
        RuntimeError: it has another number of dimensions, or one that is empty.
    """
    check_array(module, input)
    shape, n = input.shape, module.dimensions
    if not n < len(shape) < n + 3:
        raise RuntimeError(
            f"{type(module).__name__} expected an input of {n + 1} dimensions {_shape_text(n)} or "
            f"of {n + 2} {_shape_text(n, 'N, ')}, got shape {list(shape)}"
        )
    checked = shape[-n - 1 :] if fixed else shape[-n:]
    if 0 in checked:
        raise RuntimeError(
            f"{type(module).__name__} cannot pool an input of shape {list(shape)}: only the batch "
            "may be empty"
        )
    planes: Array = input.reshape(math.prod(shape[:-n]), *shape[-n:])
    return planes


def _shape_text(n: int, batch: str = "") -> str:
    return f"({batch}C, {', '.join('DHW'[-n:] if n > 1 else 'L')})"


def as_numbers(layer: str, name: str, value: Any, n: int) -> Sizes:
    """An option's whole number for each of n dimensions.

    Raises:
        TypeError: it is something else than whole numbers.
        RuntimeError: there are too few or too many.
    """
    if type(value) is int:
        return (value,) * n
    items = value if isinstance(value, (tuple, list)) else (value,)
    try:
        numbers = tuple([operator.index(item) for item in items])
    except TypeError:
        raise TypeError(
            f"{layer}: {name} must be an integer or a tuple of {n}, not {value!r}"
        ) from None
    if len(numbers) not in (1, n):
        raise RuntimeError(
            f"{layer}: {name} must be an integer or a tuple of {n}, one for each dimension that "
            f"is pooled, got {value}"
        )
    return numbers * n if len(numbers) == 1 else numbers


def options_of(module: Any, dilation: Any = 1) -> Options:
    """Kernel, stride, padding and dilation for each dimension.

    Raises:
        TypeError: one of them is no whole number.
        RuntimeError: there are too few or too many.
    """
    layer, n = type(module).__name__, module.dimensions
    kernel = as_numbers(layer, "kernel_size", module.kernel_size, n)
    stride = module.stride
    no_stride = stride is None or (isinstance(stride, (tuple, list)) and len(stride) == 0)
    return (
        kernel,
        kernel if no_stride else as_numbers(layer, "stride", stride, n),
        as_numbers(layer, "padding", module.padding, n),
        as_numbers(layer, "dilation", dilation, n),
    )


def _check_options(layer: str, options: Options) -> None:
    """Refuse numbers that make no sense.

    Raises:
        RuntimeError: they do not.
    """
    kernel, stride, padding, dilation = options
    for name, numbers in (("kernel_size", kernel), ("stride", stride), ("dilation", dilation)):
        if min(numbers) < 1:
            raise RuntimeError(f"{layer}: {name} must be greater than zero, got {numbers}")
    if min(padding) < 0 or any(2 * pad > k for pad, k in zip(padding, kernel, strict=True)):
        raise RuntimeError(
            f"{layer}: padding must be between 0 and half of kernel_size, got padding={padding} "
            f"and kernel_size={kernel}"
        )


def window_counts(layer: str, sizes: Sizes, options: Options, ceil_mode: bool) -> Sizes:
    """How many windows fit in each dimension.

    Raises:
        RuntimeError: none, or the options make no sense.
    """
    _check_options(layer, options)
    counts = tuple(
        window_count(size, kernel, stride, padding, dilation, ceil_mode)
        for size, kernel, stride, padding, dilation in zip(sizes, *options, strict=True)
    )
    if min(counts) < 1:
        kernel, _, padding, dilation = options
        raise RuntimeError(
            f"{layer}: the kernel is larger than the padded input: an input of size {sizes} with "
            f"kernel_size={kernel}, padding={padding} and dilation={dilation} would give an output "
            f"of size {tuple(max(count, 0) for count in counts)}, which is too small"
        )
    return counts


def output_sizes(module: Any, sizes: Sizes) -> Sizes:
    """What an adaptive layer's `output_size` means for an input of these sizes.

    Raises:
        TypeError: it holds something else than whole numbers and None.
        RuntimeError: there are too few or too many, or negative ones.
    """
    layer, output_size, n = type(module).__name__, module.output_size, len(sizes)
    if isinstance(output_size, (tuple, list)) and len(output_size) != n:
        raise RuntimeError(
            f"{layer}: output_size must be an integer or a tuple of {n}, one for each dimension "
            f"that is pooled, got {output_size}"
        )
    if n > 1 and isinstance(output_size, (tuple, list)):
        output_size = [
            size if wanted is None else wanted
            for wanted, size in zip(output_size, sizes, strict=True)
        ]
    outputs = as_numbers(layer, "output_size", output_size, n)
    if min(outputs) < 0:
        raise RuntimeError(f"{layer}: output_size must not be negative, got {output_size}")
    return outputs


def adaptive_bounds(size: int, count: int) -> tuple[Sizes, Sizes]:
    """Where adaptive windows start and end: floor(i size / count), ceil((i + 1) size / count)."""
    starts = tuple(i * size // count for i in range(count))
    return starts, tuple(-(-(i + 1) * size // count) for i in range(count))
