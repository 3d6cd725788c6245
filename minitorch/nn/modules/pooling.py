"""Pooling: the largest or the mean number of each window that slides over the last dimensions.

Where the windows lie, and how maxima and means are computed, is in `windows.py`.
"""

from __future__ import annotations

import functools
import math
import operator
from typing import Any, ClassVar

import numpy as np

from ...autograd.variable import Array
from ...ops import elementwise
from ...ops.activation import relu
from ...quiet import Silence
from ..module import Module
from ..stateless import run, stateless
from .checks import check_array
from .spatial import per_dimension, window_count
from .windows import Means, Spans, Windows, give_to_all, give_to_winners, maxima, means

Sizes = tuple[int, ...]
Options = tuple[Sizes, Sizes, Sizes, Sizes]  # kernel, stride, padding, dilation

# -- what a layer is given ----------------------------------------------------------------


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


def _numbers(layer: str, name: str, value: Any, n: int) -> Sizes:
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


def _options(module: Any, dilation: Any = 1) -> Options:
    """Kernel, stride, padding and dilation for each dimension.

    Raises:
        TypeError: one of them is no whole number.
        RuntimeError: there are too few or too many.
    """
    layer, n = type(module).__name__, module.dimensions
    kernel = _numbers(layer, "kernel_size", module.kernel_size, n)
    stride = module.stride
    no_stride = stride is None or (isinstance(stride, (tuple, list)) and len(stride) == 0)
    return (
        kernel,
        kernel if no_stride else _numbers(layer, "stride", stride, n),
        _numbers(layer, "padding", module.padding, n),
        _numbers(layer, "dilation", dilation, n),
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


def _counts(layer: str, sizes: Sizes, options: Options, ceil_mode: bool) -> Sizes:
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


def _output_sizes(module: Any, sizes: Sizes) -> Sizes:
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
    outputs = _numbers(layer, "output_size", output_size, n)
    if min(outputs) < 0:
        raise RuntimeError(f"{layer}: output_size must not be negative, got {output_size}")
    return outputs


def _bounds(size: int, count: int) -> tuple[Sizes, Sizes]:
    """Where adaptive windows start and end: floor(i size / count), ceil((i + 1) size / count)."""
    starts = tuple(i * size // count for i in range(count))
    return starts, tuple(-(-(i + 1) * size // count) for i in range(count))


# -- where the windows lie ----------------------------------------------------------------


@functools.lru_cache(maxsize=64)
def _windows(layer: str, sizes: Sizes, options: Options, ceil_mode: bool) -> Windows:
    """The windows of maximum pooling."""
    kernel, stride, padding, dilation = options
    counts = _counts(layer, sizes, options, ceil_mode)
    over = Windows(sizes, counts, kernel, stride, dilation, padding)
    if over.has_empty:
        raise RuntimeError(
            f"{layer}: a window has no number of the input, only padding: an input of size {sizes} "
            f"is too small for padding={padding} and dilation={dilation}"
        )
    return over


@functools.lru_cache(maxsize=64)
def _means(
    layer: str,
    sizes: Sizes,
    options: Options,
    ceil_mode: bool,
    count_include_pad: bool,
    divisor_override: int | None,
) -> Means:
    """The windows of average pooling."""
    if divisor_override == 0:
        raise RuntimeError(f"{layer}: divisor_override must not be zero; None divides by the size")
    counts = _counts(layer, sizes, options, ceil_mode)
    spans = []
    for size, count, kernel, stride, padding in zip(sizes, counts, *options[:3], strict=True):
        firsts = [stride * i - padding for i in range(count)]
        starts = tuple(max(first, 0) for first in firsts)
        ends = tuple(min(first + kernel, size) for first in firsts)
        if count_include_pad:
            lengths = tuple(min(kernel, size + padding - first) for first in firsts)
        else:
            lengths = tuple(end - start for start, end in zip(starts, ends, strict=True))
        spans.append(Spans(size, starts, ends, lengths, (-padding, kernel, stride)))
    return Means(tuple(spans), divisor_override)


@functools.lru_cache(maxsize=64)
def _adaptive_windows(sizes: Sizes, counts: Sizes) -> Windows:
    """The windows of adaptive maximum pooling."""
    none = (0,) * len(sizes)
    one = (1,) * len(sizes)
    if 0 in counts or all(size % count == 0 for size, count in zip(sizes, counts, strict=True)):
        kernel = tuple(size // max(count, 1) for size, count in zip(sizes, counts, strict=True))
        return Windows(sizes, counts, kernel, kernel, one, none)
    kernel, repeated = (), []
    for size, count in zip(sizes, counts, strict=True):
        starts, ends = (np.array(bound)[:, None] for bound in _bounds(size, count))
        longest = int((ends - starts).max())
        repeated.append(np.minimum(starts + np.arange(longest), ends - 1).reshape(-1))
        kernel = (*kernel, longest)
    return Windows(sizes, counts, kernel, kernel, one, none, tuple(repeated))


@functools.lru_cache(maxsize=64)
def _adaptive_means(sizes: Sizes, counts: Sizes) -> Means:
    """The windows of adaptive average pooling."""
    spans = []
    for size, count in zip(sizes, counts, strict=True):
        starts, ends = _bounds(size, count)
        lengths = tuple(end - start for start, end in zip(starts, ends, strict=True))
        kernel = size // max(count, 1)
        regular = (0, kernel, kernel) if count and size % count == 0 else None
        spans.append(Spans(size, starts, ends, lengths, regular))
    return Means(tuple(spans))


# -- maxima -------------------------------------------------------------------------------


class _MaximumPooling(Module):
    """The pair of the layers that take maxima; a subclass says over which windows.

    Only the number that is a window's maximum has a share in it: its gradient is the sum of those
    of the windows in which it is the maximum.
    """

    dimensions: ClassVar[int]
    fixed: ClassVar[bool] = True  # windows have a size of their own

    return_indices: bool

    def _over(self, sizes: Sizes) -> Windows:
        raise NotImplementedError

    def forward(self, input: Any) -> Any:
        planes = as_planes(self, input, self.fixed)
        if planes.dtype.kind not in ("fiu" if self.fixed else "f"):
            raise _not_implemented(self, planes)
        over = self._over(planes.shape[1:])
        output = np.empty((*input.shape[: -self.dimensions], *over.counts), planes.dtype)
        winners = maxima(planes, over, output.reshape(len(planes), *over.counts))
        self.save_for_backward(winners, over, input.shape)
        if self.return_indices:
            return output, over.indices(winners).astype(np.int64, copy=False).reshape(output.shape)
        return output

    def backward(self, grad_output: Any, grad_indices: Any = None) -> Any:
        winners, over, shape = self.saved_tensors
        grad = np.zeros(shape, grad_output.dtype)
        planes = grad.reshape(len(winners), *over.sizes)
        give_to_winners(grad_output.reshape(winners.shape), winners, over, planes)
        return grad


def _not_implemented(module: Module, input: Array) -> NotImplementedError:
    return NotImplementedError(
        f"{type(module).__name__} is not implemented for {input.dtype}: convert the input with "
        ".float()"
    )


class _MaxPoolNd(_MaximumPooling):
    """What the layers share: their arguments."""

    kernel_size: Any
    stride: Any
    padding: Any
    dilation: Any
    ceil_mode: bool

    def __init__(
        self,
        kernel_size: int | Sizes,
        stride: int | Sizes | None = None,
        padding: int | Sizes = 0,
        dilation: int | Sizes = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding = padding
        self.dilation = dilation
        self.return_indices = return_indices
        self.ceil_mode = ceil_mode

    def _over(self, sizes: Sizes) -> Windows:
        options = _options(self, self.dilation)
        return _windows(type(self).__name__, sizes, options, self.ceil_mode)

    def extra_repr(self) -> str:
        return (
            f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}, "
            f"dilation={self.dilation}, ceil_mode={self.ceil_mode}"
        )


class MaxPool1d(_MaxPoolNd):
    """The largest number of each window: y[i] = max over j < kernel_size of x[stride i + j].

    With padding p and dilation d, of x[stride i - p + d j]; what lies in the padding never wins.
    Of equal numbers the first wins; not-a-number wins over all others. The winner alone gets the
    window's gradient.

    Shapes: input (N, C, L) or (C, L), output (N, C, M) or (C, M) with
    M = floor((L + 2 padding - dilation (kernel_size - 1) - 1) / stride) + 1. The dtype stays.

    Args:
        kernel_size: how many numbers a window has.
        stride: the step from window to window. Default: kernel_size.
        padding: how far the first window begins before the input, and the last one may end behind
            it; at most half of kernel_size. Default: 0.
        dilation: the step from one number of a window to the next. Default: 1.
        return_indices: return the indices of the winners in L too, as `MaxUnpool1d` takes them.
            Default: False.
        ceil_mode: round M up, so that a last window may stand out. Default: False.

    Raises:
        RuntimeError: the input has another number of dimensions or is smaller than the kernel, or
            an argument makes no sense; at the first call.
        TypeError: the input is neither an array nor a Tensor, or an argument is no integer.
        NotImplementedError: the input is boolean.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> nn.MaxPool1d(2)(minitorch.tensor([[1.0, 3.0, 2.0, 0.0]]))
        tensor([[3., 2.]])

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.MaxPool1d.html
    """

    dimensions = 1


class MaxPool2d(_MaxPoolNd):
    """The largest number of each window: y[i, k] = max over j, l of x[stride i + j, stride k + l].

    Everything is as in `MaxPool1d`, for each of two dimensions; of equal numbers the first in the
    order of rows wins.

    Shapes: input (N, C, H, W) or (C, H, W), output (N, C, H', W') or (C, H', W').

    Args:
        kernel_size: the window's size, one integer for both dimensions or a tuple (height, width);
            so are stride, padding and dilation.
        stride: the step from window to window. Default: kernel_size.
        padding: how far windows may stand out on each side. Default: 0.
        dilation: the step within a window. Default: 1.
        return_indices: return the winners' indices in the flat H W too. Default: False.
        ceil_mode: round the output's size up. Default: False.

    Raises:
        RuntimeError, TypeError, NotImplementedError: as `MaxPool1d`.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> x = minitorch.arange(16.0).reshape(1, 4, 4)
        >>> output, indices = nn.MaxPool2d(2, return_indices=True)(x)
        >>> output
        tensor([[[ 5.,  7.],
                 [13., 15.]]])
        >>> indices
        tensor([[[ 5,  7],
                 [13, 15]]])

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.MaxPool2d.html
    """

    dimensions = 2


class MaxPool3d(_MaxPoolNd):
    """The largest number of each window over three dimensions: see `MaxPool1d`.

    Shapes: input (N, C, D, H, W) or (C, D, H, W), output (N, C, D', H', W') or (C, D', H', W').

    Args:
        kernel_size: the window's size, one integer for all dimensions or a tuple of three; so are
            stride, padding and dilation.
        stride: the step from window to window. Default: kernel_size.
        padding: how far windows may stand out on each side. Default: 0.
        dilation: the step within a window. Default: 1.
        return_indices: return the winners' indices in the flat D H W too. Default: False.
        ceil_mode: round the output's size up. Default: False.

    Raises:
        RuntimeError, TypeError, NotImplementedError: as `MaxPool1d`.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> nn.MaxPool3d((1, 2, 2))(minitorch.arange(8.0).reshape(1, 2, 2, 2)).flatten()
        tensor([3., 7.])

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.MaxPool3d.html
    """

    dimensions = 3


class _AdaptiveMaxPoolNd(_MaximumPooling):
    """What the layers share: their arguments."""

    fixed = False
    output_size: Any

    def __init__(self, output_size: Any, return_indices: bool = False) -> None:
        super().__init__()
        self.output_size = output_size
        self.return_indices = return_indices

    def _over(self, sizes: Sizes) -> Windows:
        return _adaptive_windows(sizes, _output_sizes(self, sizes))

    def extra_repr(self) -> str:
        return f"output_size={self.output_size}"


class AdaptiveMaxPool1d(_AdaptiveMaxPoolNd):
    """The largest number of each of M windows that share out the input.

    Window i goes from floor(i L / M) to ceil((i + 1) L / M) - 1, so that windows overlap where M
    does not divide L. Which number wins, and what becomes of gradients, is as in `MaxPool1d`.

    Shapes: input (N, C, L) or (C, L), output (N, C, M) or (C, M).

    Args:
        output_size: M, an integer or a tuple of one.
        return_indices: return the indices of the winners too. Default: False.

    Raises:
        RuntimeError: the input has another number of dimensions or is empty, or there are too many
            output sizes, or negative ones.
        TypeError: the input is neither an array nor a Tensor, or a size is no integer.
        NotImplementedError: the input is not floating point.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> nn.AdaptiveMaxPool1d(2)(minitorch.tensor([[1.0, 3.0, 2.0]]))
        tensor([[3., 3.]])

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveMaxPool1d.html
    """

    dimensions = 1


class AdaptiveMaxPool2d(_AdaptiveMaxPoolNd):
    """The largest number of each of H' x W' windows that share out the input.

    The windows are those of `AdaptiveMaxPool1d` in each of two dimensions.

    Shapes: input (N, C, H, W) or (C, H, W), output (N, C, H', W') or (C, H', W').

    Args:
        output_size: (H', W'), where None keeps the input's size; an integer is both.
        return_indices: return the winners' indices in the flat H W too. Default: False.

    Raises:
        RuntimeError, TypeError, NotImplementedError: as `AdaptiveMaxPool1d`.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> nn.AdaptiveMaxPool2d((None, 1))(minitorch.arange(6.0).reshape(1, 2, 3))
        tensor([[[2.],
                 [5.]]])

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveMaxPool2d.html
    """

    dimensions = 2


class AdaptiveMaxPool3d(_AdaptiveMaxPoolNd):
    """The largest number of each of D' x H' x W' windows that share out the input.

    The windows are those of `AdaptiveMaxPool1d` in each of three dimensions.

    Shapes: input (N, C, D, H, W) or (C, D, H, W), output (N, C, D', H', W') or (C, D', H', W').

    Args:
        output_size: (D', H', W'), where None keeps the input's size; an integer is all three.
        return_indices: return the winners' indices in the flat D H W too. Default: False.

    Raises:
        RuntimeError, TypeError, NotImplementedError: as `AdaptiveMaxPool1d`.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> nn.AdaptiveMaxPool3d(1)(minitorch.arange(8.0).reshape(1, 2, 2, 2)).item()
        7.0

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveMaxPool3d.html
    """

    dimensions = 3


# -- means --------------------------------------------------------------------------------


class _MeanPooling(Module):
    """The pair of the layers that take means; a subclass says over which windows.

    Each number of a window of n gets 1/n of the window's gradient.
    """

    dimensions: ClassVar[int]
    fixed: ClassVar[bool] = True  # windows have a size of their own

    def _over(self, sizes: Sizes) -> Means:
        raise NotImplementedError

    def forward(self, input: Any) -> Any:
        planes = as_planes(self, input, self.fixed)
        if planes.dtype.kind != "f" and not (self.fixed and planes.dtype == np.int64):
            raise _not_implemented(self, planes)
        over = self._over(planes.shape[1:])
        output = np.empty((*input.shape[: -self.dimensions], *over.counts), planes.dtype)
        with Silence():
            means(planes, over, output.reshape(len(planes), *over.counts))
        self.save_for_backward(over, input.shape)
        return output

    def backward(self, grad_output: Any) -> Any:
        over, shape = self.saved_tensors
        grad = np.empty(shape, grad_output.dtype)
        count = math.prod(shape[: -self.dimensions])
        planes = grad.reshape(count, *over.sizes)
        give_to_all(grad_output.reshape(count, *over.counts), over, planes)
        return grad


class _AvgPoolNd(_MeanPooling):
    """What the layers share: their arguments."""

    kernel_size: Any
    stride: Any
    padding: Any
    ceil_mode: bool
    count_include_pad: bool
    divisor_override: int | None = None

    def __init__(
        self,
        kernel_size: int | Sizes,
        stride: int | Sizes | None = None,
        padding: int | Sizes = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding = padding
        self.ceil_mode = ceil_mode
        self.count_include_pad = count_include_pad
        self.divisor_override = divisor_override

    def _over(self, sizes: Sizes) -> Means:
        layer, divisor = type(self).__name__, self.divisor_override
        if divisor is not None and (isinstance(divisor, bool) or not hasattr(divisor, "__index__")):
            raise TypeError(
                f"{layer}: divisor_override must be an integer or None, not {divisor!r}"
            )
        options = _options(self)
        return _means(layer, sizes, options, self.ceil_mode, self.count_include_pad, divisor)

    def extra_repr(self) -> str:
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class AvgPool1d(_AvgPoolNd):
    """The mean of each window: y[i] = (sum over j < kernel_size of x[stride i + j]) / kernel_size.

    With padding p, of x[stride i - p + j], where what lies in the padding is 0. Each number of a
    window gets the same share of its gradient.

    Shapes: input (N, C, L) or (C, L), output (N, C, M) or (C, M) with
    M = floor((L + 2 padding - kernel_size) / stride) + 1. The dtype stays; means of int64 are
    rounded towards zero.

    Args:
        kernel_size: how many numbers a window has.
        stride: the step from window to window. Default: kernel_size.
        padding: how far the first window begins before the input, and the last one may end behind
            it; at most half of kernel_size. Default: 0.
        ceil_mode: round M up, so that a last window may stand out; it is divided by the number of
            its places in the input and its padding. Default: False.
        count_include_pad: False divides by the number of the window's places in the input alone.
            Default: True.

    Raises:
        RuntimeError: the input has another number of dimensions or is smaller than the kernel, or
            an argument makes no sense; at the first call.
        TypeError: the input is neither an array nor a Tensor, or an argument is no integer.
        NotImplementedError: the input is neither floating point nor int64.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> nn.AvgPool1d(3, stride=2)(minitorch.tensor([[1.0, 2, 3, 4, 5, 6, 7]]))
        tensor([[2., 4., 6.]])

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.AvgPool1d.html
    """

    dimensions = 1

    def __init__(
        self,
        kernel_size: int | tuple[int],
        stride: int | tuple[int] | None = None,
        padding: int | tuple[int] = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        super().__init__(
            per_dimension(kernel_size, 1),
            per_dimension(kernel_size if stride is None else stride, 1),
            per_dimension(padding, 1),
            ceil_mode,
            count_include_pad,
        )


class AvgPool2d(_AvgPoolNd):
    """The mean of each window over two dimensions: see `AvgPool1d`.

    Shapes: input (N, C, H, W) or (C, H, W), output (N, C, H', W') or (C, H', W').

    Args:
        kernel_size: the window's size, one integer for both dimensions or a tuple (height, width);
            so are stride and padding.
        stride: the step from window to window. Default: kernel_size.
        padding: how far windows may stand out on each side. Default: 0.
        ceil_mode: round the output's size up. Default: False.
        count_include_pad: what lies in the padding counts for the mean. Default: True.
        divisor_override: what every sum is divided by. Default: None, the window's size.

    Raises:
        RuntimeError, TypeError, NotImplementedError: as `AvgPool1d`.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> nn.AvgPool2d(2)(minitorch.arange(16.0).reshape(1, 4, 4))
        tensor([[[ 2.5000,  4.5000],
                 [10.5000, 12.5000]]])

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.AvgPool2d.html
    """

    dimensions = 2


class AvgPool3d(_AvgPoolNd):
    """The mean of each window over three dimensions: see `AvgPool1d`.

    Shapes: input (N, C, D, H, W) or (C, D, H, W), output (N, C, D', H', W') or (C, D', H', W').

    Args:
        kernel_size: the window's size, one integer for all dimensions or a tuple of three; so are
            stride and padding.
        stride: the step from window to window. Default: kernel_size.
        padding: how far windows may stand out on each side. Default: 0.
        ceil_mode: round the output's size up. Default: False.
        count_include_pad: what lies in the padding counts for the mean. Default: True.
        divisor_override: what every sum is divided by. Default: None, the window's size.

    Raises:
        RuntimeError, TypeError, NotImplementedError: as `AvgPool1d`.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> nn.AvgPool3d(2)(minitorch.arange(8.0).reshape(1, 2, 2, 2)).item()
        3.5

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.AvgPool3d.html
    """

    dimensions = 3


class _AdaptiveAvgPoolNd(_MeanPooling):
    """What the layers share: their argument."""

    fixed = False
    output_size: Any

    def __init__(self, output_size: Any) -> None:
        super().__init__()
        self.output_size = output_size

    def _over(self, sizes: Sizes) -> Means:
        return _adaptive_means(sizes, _output_sizes(self, sizes))

    def extra_repr(self) -> str:
        return f"output_size={self.output_size}"


class AdaptiveAvgPool1d(_AdaptiveAvgPoolNd):
    """The mean of each of M windows that share out the input.

    Window i goes from floor(i L / M) to ceil((i + 1) L / M) - 1, so that windows overlap where M
    does not divide L.

    Shapes: input (N, C, L) or (C, L), output (N, C, M) or (C, M).

    Args:
        output_size: M, an integer or a tuple of one.

    Raises:
        RuntimeError: the input has another number of dimensions or is empty, or there are too many
            output sizes, or negative ones.
        TypeError: the input is neither an array nor a Tensor, or a size is no integer.
        NotImplementedError: the input is not floating point.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> nn.AdaptiveAvgPool1d(2)(minitorch.tensor([[1.0, 3.0, 2.0]]))
        tensor([[2.0000, 2.5000]])

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool1d.html
    """

    dimensions = 1


class AdaptiveAvgPool2d(_AdaptiveAvgPoolNd):
    """The mean of each of H' x W' windows that share out the input.

    The windows are those of `AdaptiveAvgPool1d` in each of two dimensions. With output_size=1 it is
    the mean of each channel.

    Shapes: input (N, C, H, W) or (C, H, W), output (N, C, H', W') or (C, H', W').

    Args:
        output_size: (H', W'), where None keeps the input's size; an integer is both.

    Raises:
        RuntimeError, TypeError, NotImplementedError: as `AdaptiveAvgPool1d`.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> nn.AdaptiveAvgPool2d((None, 1))(minitorch.arange(6.0).reshape(1, 2, 3))
        tensor([[[1.],
                 [4.]]])

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool2d.html
    """

    dimensions = 2


class AdaptiveAvgPool3d(_AdaptiveAvgPoolNd):
    """The mean of each of D' x H' x W' windows that share out the input.

    The windows are those of `AdaptiveAvgPool1d` in each of three dimensions.

    Shapes: input (N, C, D, H, W) or (C, D, H, W), output (N, C, D', H', W') or (C, D', H', W').

    Args:
        output_size: (D', H', W'), where None keeps the input's size; an integer is all three.

    Raises:
        RuntimeError, TypeError, NotImplementedError: as `AdaptiveAvgPool1d`.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> nn.AdaptiveAvgPool3d(1)(minitorch.arange(8.0).reshape(1, 2, 2, 2)).item()
        3.5

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool3d.html
    """

    dimensions = 3


# -- back from maxima ---------------------------------------------------------------------


class _MaxUnpoolNd(Module):
    """What the layers share: their arguments and their pair."""

    dimensions: ClassVar[int]

    kernel_size: Any
    stride: Any
    padding: Any

    def __init__(
        self,
        kernel_size: int | tuple[int, ...],
        stride: int | tuple[int, ...] | None = None,
        padding: int | tuple[int, ...] = 0,
    ) -> None:
        super().__init__()
        self.kernel_size = per_dimension(kernel_size, self.dimensions)
        self.stride = per_dimension(kernel_size if stride is None else stride, self.dimensions)
        self.padding = per_dimension(padding, self.dimensions)

    def forward(self, input: Any, indices: Any, output_size: Any = None) -> Any:
        planes = as_planes(self, input, fixed=True)
        if planes.dtype.kind != "f":
            raise _not_implemented(self, planes)
        places = self._places(input, indices)
        sizes = self._sizes(planes.shape[1:], output_size)
        output = np.zeros((*input.shape[: -self.dimensions], *sizes), planes.dtype)
        rows = output.reshape(len(planes), math.prod(sizes))
        wrong = places[(places < 0) | (places >= rows.shape[1])]
        if wrong.size:
            raise RuntimeError(
                f"{type(self).__name__}: there is an index {wrong[0]}, which is outside an output "
                f"of size {sizes}: output_size must be the size of what was pooled"
            )
        np.put_along_axis(rows, places, planes.reshape(places.shape), 1)
        self.save_for_backward(places, input.shape)
        return output

    def backward(self, grad_output: Any) -> Any:
        places, shape = self.saved_tensors
        size = math.prod(grad_output.shape[-self.dimensions :])
        rows = grad_output.reshape(len(places), size)
        return np.take_along_axis(rows, places, 1).reshape(shape), None

    def _places(self, input: Array, indices: Any) -> Array:
        """The indices as (planes, numbers).

        Raises:
            TypeError: they are no array.
            RuntimeError: they are not int64, or of another shape than the input.
        """
        check_array(self, indices, "indices")
        if indices.dtype != np.int64 or indices.shape != input.shape:
            raise RuntimeError(
                f"{type(self).__name__}: indices must be int64 and have the input's shape "
                f"{list(input.shape)}, got {indices.dtype} of shape {list(indices.shape)}"
            )
        leading = input.shape[: -self.dimensions]
        planes: Array = indices.reshape(
            math.prod(leading), math.prod(input.shape[-self.dimensions :])
        )
        return planes

    def _sizes(self, sizes: Sizes, output_size: Any) -> Sizes:
        """The sizes of the output: what would be pooled to the input's.

        Raises:
            ValueError: `output_size` has another length, or would not be pooled to that.
            RuntimeError: there are too few or too many numbers in another argument.
        """
        layer, n = type(self).__name__, self.dimensions
        kernel = _numbers(layer, "kernel_size", self.kernel_size, n)
        stride = kernel if self.stride is None else _numbers(layer, "stride", self.stride, n)
        padding = _numbers(layer, "padding", self.padding, n)
        usual = tuple(
            (size - 1) * step - 2 * pad + k
            for size, step, pad, k in zip(sizes, stride, padding, kernel, strict=True)
        )
        if output_size is None:
            return usual
        if len(output_size) not in (n, n + 2):
            raise ValueError(
                f"{layer}: output_size must have {n} or {n + 2} numbers, got {tuple(output_size)}"
            )
        wanted = tuple(output_size[-n:])
        for size, expected, step in zip(wanted, usual, stride, strict=True):
            if not expected - step < size < expected + step:
                raise ValueError(
                    f"{layer}: an output_size of {wanted} would not be pooled to the input's "
                    f"{sizes}: {size} must be between {expected - step} and {expected + step}"
                )
        return wanted

    def extra_repr(self) -> str:
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class MaxUnpool1d(_MaxUnpoolNd):
    """Puts maxima back where `MaxPool1d` found them, and 0 elsewhere: y[indices[i]] = x[i].

    Where an index comes twice the last one counts.

    Shapes: input and indices (N, C, L) or (C, L), output (N, C, M) or (C, M) with
    M = (L - 1) stride - 2 padding + kernel_size. Since several sizes are pooled to the same one,
    the call takes `output_size`, which is then the output's: its last size or its whole shape.

    Args:
        kernel_size: of the pooling.
        stride: of the pooling. Default: kernel_size.
        padding: of the pooling. Default: 0.

    Raises:
        RuntimeError: the input has another number of dimensions, the indices are not int64, have
            another shape or lie outside the output.
        ValueError: `output_size` would not be pooled to the input's size.
        TypeError: the input or the indices are neither an array nor a Tensor.
        NotImplementedError: the input is not floating point.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> x = minitorch.tensor([[1.0, 3.0, 2.0, 0.0]])
        >>> nn.MaxUnpool1d(2)(*nn.MaxPool1d(2, return_indices=True)(x))
        tensor([[0., 3., 2., 0.]])

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.MaxUnpool1d.html
    """

    dimensions = 1


class MaxUnpool2d(_MaxUnpoolNd):
    """Puts maxima back where `MaxPool2d` found them, and 0 elsewhere: see `MaxUnpool1d`.

    Shapes: input and indices (N, C, H, W) or (C, H, W), output (N, C, H', W') or (C, H', W').

    Args:
        kernel_size: of the pooling, an integer or a tuple of two.
        stride: of the pooling. Default: kernel_size.
        padding: of the pooling. Default: 0.

    Raises:
        RuntimeError, ValueError, TypeError, NotImplementedError: as `MaxUnpool1d`.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> x = minitorch.arange(4.0).reshape(1, 2, 2)
        >>> nn.MaxUnpool2d(2)(*nn.MaxPool2d(2, return_indices=True)(x))
        tensor([[[0., 0.],
                 [0., 3.]]])

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.MaxUnpool2d.html
    """

    dimensions = 2


class MaxUnpool3d(_MaxUnpoolNd):
    """Puts maxima back where `MaxPool3d` found them, and 0 elsewhere: see `MaxUnpool1d`.

    Shapes: input and indices (N, C, D, H, W) or (C, D, H, W), output (N, C, D', H', W') or
    (C, D', H', W').

    Args:
        kernel_size: of the pooling, an integer or a tuple of three.
        stride: of the pooling. Default: kernel_size.
        padding: of the pooling. Default: 0.

    Raises:
        RuntimeError, ValueError, TypeError, NotImplementedError: as `MaxUnpool1d`.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> x = minitorch.arange(4.0).reshape(1, 1, 2, 2)
        >>> nn.MaxUnpool3d((1, 2, 2))(*nn.MaxPool3d((1, 2, 2), return_indices=True)(x)).flatten()
        tensor([0., 0., 0., 3.])

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.MaxUnpool3d.html
    """

    dimensions = 3


# -- norms --------------------------------------------------------------------------------


class _LPPoolNd(Module):
    """What the layers share: their arguments, and a norm made of a mean; backward is derived."""

    dimensions: ClassVar[int]
    average: ClassVar[type[_AvgPoolNd]]

    norm_type: float
    kernel_size: Any
    stride: Any
    ceil_mode: bool

    def __init__(
        self,
        norm_type: float,
        kernel_size: int | tuple[int, ...],
        stride: int | tuple[int, ...] | None = None,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__()
        self.norm_type = norm_type
        self.kernel_size = kernel_size
        self.stride = stride
        self.ceil_mode = ceil_mode

    def forward(self, input: Any) -> Any:
        layer, n = type(self).__name__, self.dimensions
        places = math.prod(_numbers(layer, "kernel_size", self.kernel_size, n))
        mean = stateless(
            self.average,
            kernel_size=self.kernel_size,
            stride=self.stride,
            padding=0,
            ceil_mode=self.ceil_mode,
            count_include_pad=True,
        )
        power = run(mean, elementwise.pow(input, self.norm_type))
        # The same number, but with a derivative of 0 where it is 0, as in PyTorch: there the
        # root's is infinite.
        power = elementwise.mul(elementwise.sign(power), relu(elementwise.abs(power)))
        return elementwise.pow(elementwise.mul(power, places), 1.0 / self.norm_type)

    def extra_repr(self) -> str:
        return (
            f"norm_type={self.norm_type}, kernel_size={self.kernel_size}, stride={self.stride}, "
            f"ceil_mode={self.ceil_mode}"
        )


class LPPool1d(_LPPoolNd):
    """The power mean of each window, without its division: y = (sum over the window of x^p)^(1/p).

    p = 1 is the sum, and a large p comes near the maximum. Where the sum of an odd p is negative,
    the result is not a number. Where it is 0, the gradient is 0.

    Shapes: input (N, C, L) or (C, L), output (N, C, M) or (C, M) as in `AvgPool1d`.

    Args:
        norm_type: p.
        kernel_size: how many numbers a window has.
        stride: the step from window to window. Default: kernel_size.
        ceil_mode: round M up; the sum of a window that stands out is scaled up as if it were
            complete. Default: False.

    Raises:
        RuntimeError, TypeError: as `AvgPool1d`.
        ZeroDivisionError: `norm_type` is 0.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> nn.LPPool1d(2, 2)(minitorch.tensor([[3.0, 4.0]]))
        tensor([[5.]])

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.LPPool1d.html
    """

    dimensions = 1
    average = AvgPool1d


class LPPool2d(_LPPoolNd):
    """The power mean of each window over two dimensions, without its division: see `LPPool1d`.

    Shapes: input (N, C, H, W) or (C, H, W), output (N, C, H', W') or (C, H', W').

    Args:
        norm_type: p.
        kernel_size: the window's size, an integer or a tuple of two; so is stride.
        stride: the step from window to window. Default: kernel_size.
        ceil_mode: round the output's size up. Default: False.

    Raises:
        RuntimeError, TypeError, ZeroDivisionError: as `LPPool1d`.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> nn.LPPool2d(2, (1, 2))(minitorch.tensor([[[3.0, 4.0]]]))
        tensor([[[5.]]])

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.LPPool2d.html
    """

    dimensions = 2
    average = AvgPool2d


class LPPool3d(_LPPoolNd):
    """The power mean of each window over three dimensions, without its division: see `LPPool1d`.

    Shapes: input (N, C, D, H, W) or (C, D, H, W), output (N, C, D', H', W') or (C, D', H', W').

    Args:
        norm_type: p.
        kernel_size: the window's size, an integer or a tuple of three; so is stride.
        stride: the step from window to window. Default: kernel_size.
        ceil_mode: round the output's size up. Default: False.

    Raises:
        RuntimeError, TypeError, ZeroDivisionError: as `LPPool1d`.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> nn.LPPool3d(2, (1, 1, 2))(minitorch.tensor([[[[3.0, 4.0]]]]))
        tensor([[[[5.]]]])

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.LPPool3d.html
    """

    dimensions = 3
    average = AvgPool3d
