"""Average pooling, with windows of a fixed size or adaptive, and the norms made of it."""

from __future__ import annotations

import functools
import math
from typing import Any, ClassVar

import numpy as np

from ....ops import elementwise
from ....ops.activation import relu
from ....quiet import Silence
from ...module import Module
from ...stateless import run, stateless
from ..checks import not_implemented
from ..spatial import per_dimension
from .arguments import (
    Options,
    Sizes,
    adaptive_bounds,
    as_numbers,
    as_planes,
    options_of,
    output_sizes,
    window_counts,
)
from .means import Means, Spans, give_to_all, means

# -- where the windows lie ----------------------------------------------------------------


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
    counts = window_counts(layer, sizes, options, ceil_mode)
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
def _adaptive_means(sizes: Sizes, counts: Sizes) -> Means:
    """The windows of adaptive average pooling."""
    spans = []
    for size, count in zip(sizes, counts, strict=True):
        starts, ends = adaptive_bounds(size, count)
        lengths = tuple(end - start for start, end in zip(starts, ends, strict=True))
        kernel = size // max(count, 1)
        regular = (0, kernel, kernel) if count and size % count == 0 else None
        spans.append(Spans(size, starts, ends, lengths, regular))
    return Means(tuple(spans))


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
            raise not_implemented(self, planes)
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
        options = options_of(self)
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
        return _adaptive_means(sizes, output_sizes(self, sizes))

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
        places = math.prod(as_numbers(layer, "kernel_size", self.kernel_size, n))
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
