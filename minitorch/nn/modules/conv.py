"""Convolution and transposed convolution, over one, two or three spatial dimensions."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from ...autograd.variable import Array, Variable
from ...ops.creation import empty
from ...ops.promotion import ones
from ...quiet import Silence
from ...tensor import Tensor
from .. import init
from ..module import Module
from ..parameter import Parameter
from ..stateless import as_weight, on_tensors, run, stateless
from .checks import check_array, check_dtype
from .columns import correlate, correlate_transposed, weight_gradient
from .padding import pad, pad_gradient
from .spatial import (
    Sides,
    Windows,
    by,
    check_integers,
    check_options,
    per_dimension,
    stretched,
    windows_over,
)

PADDING_MODES = ("zeros", "reflect", "replicate", "circular")


class _ConvNd(Module):
    """What all convolutions share: their arguments, parameters and repr.

    Attributes:
        dimensions: the number of spatial dimensions.
    """

    dimensions: ClassVar[int]
    transposed: bool = False

    in_channels: int
    out_channels: int
    kernel_size: tuple[int, ...]
    stride: tuple[int, ...]
    padding: str | tuple[int, ...]
    dilation: tuple[int, ...]
    output_padding: tuple[int, ...]
    groups: int
    padding_mode: str
    weight: Tensor
    bias: Tensor | None

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any,
        padding: Any,
        dilation: Any,
        output_padding: Any,
        groups: int,
        bias: bool,
        padding_mode: str,
        device: Any,
        dtype: Any,
    ) -> None:
        super().__init__()
        check_groups(self, in_channels, out_channels, groups)
        count = self.dimensions
        self.in_channels = in_channels
        self.out_channels = out_channels
        self.kernel_size = per_dimension(kernel_size, count)
        self.stride = per_dimension(stride, count)
        self.padding = padding if isinstance(padding, str) else per_dimension(padding, count)
        self.dilation = per_dimension(dilation, count)
        self.output_padding = per_dimension(output_padding, count)
        self.groups = groups
        self.padding_mode = padding_mode
        check_padding(self, ValueError)
        outer, inner = out_channels, in_channels
        if self.transposed:
            outer, inner = in_channels, out_channels
        shape = (outer, inner // groups, *self.kernel_size)
        self.weight = Parameter(empty(*shape, device=device, dtype=dtype))
        if bias:
            self.bias = Parameter(empty(out_channels, device=device, dtype=dtype))
        else:
            self.register_parameter("bias", None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw weight and bias afresh."""
        init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        fan_in = math.prod(self.weight.shape[1:])
        if self.bias is not None and fan_in:
            bound = 1 / math.sqrt(fan_in)
            init.uniform_(self.bias, -bound, bound)

    def extra_repr(self) -> str:
        zeros, parts = (0,) * self.dimensions, [f"{self.in_channels}, {self.out_channels}"]
        parts += [f"kernel_size={self.kernel_size}", f"stride={self.stride}"]
        if self.padding != zeros:
            parts.append(f"padding={self.padding}")
        if self.dilation != (1,) * self.dimensions:
            parts.append(f"dilation={self.dilation}")
        if self.output_padding != zeros:
            parts.append(f"output_padding={self.output_padding}")
        if self.groups != 1:
            parts.append(f"groups={self.groups}")
        if self.bias is None:
            parts.append("bias=False")
        if self.padding_mode != "zeros":
            parts.append(f"padding_mode={self.padding_mode}")
        return ", ".join(parts)


# -- convolution --------------------------------------------------------------------------


class _Conv(_ConvNd):
    """Convolution over `dimensions` spatial dimensions."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | Sequence[int],
        stride: int | Sequence[int] = 1,
        padding: str | int | Sequence[int] = 0,
        dilation: int | Sequence[int] = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(
            in_channels,
            out_channels,
            kernel_size,
            stride,
            padding,
            dilation,
            0,
            groups,
            bias,
            padding_mode,
            device,
            dtype,
        )

    def forward(self, input: Any) -> Any:
        if getattr(self._conv_forward, "__func__", None) is not _Conv._conv_forward:
            raise NotImplementedError(
                f"{type(self).__name__} replaces _conv_forward, which super().forward would not "
                "call: in its forward write self._conv_forward(input, self.weight, self.bias)"
            )
        weight, bias = self.weight, self.bias
        self.save_for_backward(input, weight, bias)
        matrix = weight.array
        images = batch_of(self, input, weight, bias, matrix.shape[1] * self.groups, len(matrix))
        images, over, _ = self._with_borders(images, matrix.shape[2:])
        with Silence():
            output = correlate(images, matrix, over, self.groups, array_of(bias))
        return output if images.ndim == input.ndim else output[0]

    def backward(self, grad_output: Any) -> Any:
        # With y[o] = b[o] + ∑ W[o, c] ⋆ x[c]: dL/db sums g, dL/dW correlates the windows of x with
        # g, and dL/dx spreads each number of g over its window, multiplied by the weight.
        input, weight, bias = self.saved_tensors
        grad, images = grad_output, input
        if input.ndim == self.dimensions + 1:
            grad, images = grad_output[None], input[None]
        shape = images.shape
        images, over, sides = self._with_borders(images, weight.shape[2:])
        if bias is not None and bias.requires_grad:
            bias.accumulate_grad(sum_per_channel(grad))
        with Silence():
            if weight.requires_grad:
                weight.accumulate_grad(
                    weight_gradient(images, grad, over, self.groups, weight.array.shape)
                )
            if not self.needs_input_grad[0]:
                return None
            result = correlate_transposed(grad, weight.array, over, self.groups)
        if sides is not None:
            result = pad_gradient(result, shape, sides, self.padding_mode)
        return result if input.ndim == result.ndim else result[0]

    def _with_borders(
        self, images: Array, kernel: tuple[int, ...]
    ) -> tuple[Array, Windows, list[int] | None]:
        """The images as convolved, the windows over them, and the borders added to them.

        Borders of zeros come with the columns, so that no padded images are made; others are
        added here.
        """
        layer, count = type(self).__name__, self.dimensions
        stride, dilation = stretched(self.stride, count), stretched(self.dilation, count)
        sides = padding_on_sides(self.padding, kernel, dilation)
        over = windows_over(layer, images.shape[2:], kernel, stride, sides, dilation)
        if self.padding_mode == "zeros" or not any(map(any, sides)):
            return images, over, None
        borders = [width for pair in reversed(sides) for width in pair]
        images, none = pad(images, borders, self.padding_mode), ((0, 0),) * count
        over = windows_over(layer, images.shape[2:], kernel, stride, none, dilation)
        return images, over, borders

    def _conv_forward(self, input: Any, weight: Any, bias: Any) -> Any:
        """The convolution with this layer's options and another weight and bias, as a function."""
        layer = (Conv1d, Conv2d, Conv3d)[self.dimensions - 1]
        return convolve(
            layer,
            input,
            weight,
            bias,
            self.stride,
            self.padding,
            self.dilation,
            self.groups,
            padding_mode=self.padding_mode,
        )

    def __init_subclass__(cls, **options: Any) -> None:
        # As in PyTorch, a subclass that writes `_conv_forward` alone has changed forward.
        if cls.forward is _Conv.forward and cls._conv_forward is not _Conv._conv_forward:
            cls.forward = _forward_by_conv_forward  # type: ignore[method-assign]
        super().__init_subclass__(**options)


def _forward_by_conv_forward(self: _Conv, input: Any) -> Any:
    return self._conv_forward(input, self.weight, self.bias)


class Conv1d(_Conv):
    r"""Convolution over sequences: each output is a weighted sum of a window of the input.

    y[n, o, i] = b[o] + ∑_c ∑_k W[o, c, k] · x[n, c, i·stride + k·dilation - padding], where c runs
    over the channels of o's group. (Mathematics calls it cross-correlation: the kernel is not
    mirrored.)

    Shapes: input (N, in_channels, L) or (in_channels, L), output (N, out_channels, L') or
    (out_channels, L') with L' = ⌊(L + 2·padding - dilation·(kernel_size - 1) - 1) / stride⌋ + 1.
    The dtype of the input must be the weight's, and is the output's.

    Args:
        in_channels: channels of the input.
        out_channels: channels of the output.
        kernel_size: the length of a window, a number or a tuple of one.
        stride: the step from window to window. Default: 1.
        padding: how far the input is extended on both sides: a number, "same" for as much as keeps
            the length (with a stride of 1), or "valid" for nothing. Default: 0.
        dilation: the step within a window. Default: 1.
        groups: both kinds of channels are divided into so many groups, and each group of the output
            sees its group of the input only. Default: 1.
        bias: add a learnt bias. Default: True.
        padding_mode: what the input is extended with: "zeros", "reflect" (mirrored), "replicate"
            (the outermost numbers) or "circular" (the opposite end). Default: "zeros".
        device: accepted for PyTorch's signature; everything is on the CPU.
        dtype: of weight and bias. Default: the default dtype, float32.

    Attributes:
        weight: (out_channels, in_channels / groups, kernel_size), drawn from U(-k, k) with
            k = sqrt(groups / (in_channels · kernel_size)).
        bias: (out_channels,), drawn likewise, or None.

    Raises:
        ValueError: `groups` does not divide the channels, "same" is asked for with a stride, or
            `padding` or `padding_mode` is unknown.
        RuntimeError: the input has another number of dimensions or channels or another dtype, or
            is smaller than a window.
        TypeError: the input is neither an array nor a Tensor.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> nn.Conv1d(16, 33, 3, stride=2)(minitorch.ones(20, 16, 50)).shape
        minitorch.Size([20, 33, 24])

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv1d.html
    """

    dimensions = 1


class Conv2d(_Conv):
    r"""Convolution over images: each output is a weighted sum of a window of the input.

    y[n, o, i, j] = b[o] + ∑_c ∑_k,l W[o, c, k, l] · x[n, c, i·stride + k·dilation - padding, ...],
    where c runs over the channels of o's group.

    Shapes: input (N, in_channels, H, W) or (in_channels, H, W), output (N, out_channels, H', W') or
    (out_channels, H', W'), each size as in `Conv1d`; weight (out_channels, in_channels / groups,
    *kernel_size).

    Args:
        in_channels: as in `Conv1d`, and so are all arguments; `kernel_size`, `stride`, `padding`
            and `dilation` are numbers or tuples of two, for height and width.
        out_channels: channels of the output.
        kernel_size: the sizes of a window.
        stride: the step from window to window. Default: 1.
        padding: how far the input is extended on each side, "same" or "valid". Default: 0.
        dilation: the step within a window. Default: 1.
        groups: of channels. Default: 1.
        bias: add a learnt bias. Default: True.
        padding_mode: "zeros", "reflect", "replicate" or "circular". Default: "zeros".
        device: accepted for PyTorch's signature; everything is on the CPU.
        dtype: of weight and bias. Default: the default dtype, float32.

    Raises:
        ValueError, RuntimeError, TypeError: as `Conv1d`.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> nn.Conv2d(16, 33, (3, 5), stride=(2, 1), padding=(4, 2))(
        ...     minitorch.ones(20, 16, 50, 100)
        ... ).shape
        minitorch.Size([20, 33, 28, 100])

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv2d.html
    """

    dimensions = 2


class Conv3d(_Conv):
    r"""Convolution over volumes: each output is a weighted sum of a window of the input.

    The equation is `Conv2d`'s with one dimension more.

    Shapes: input (N, in_channels, D, H, W) or (in_channels, D, H, W), output (N, out_channels, D',
    H', W') or (out_channels, D', H', W'), each size as in `Conv1d`; weight (out_channels,
    in_channels / groups, *kernel_size).

    Args:
        in_channels: as in `Conv1d`, and so are all arguments; `kernel_size`, `stride`, `padding`
            and `dilation` are numbers or tuples of three, for depth, height and width.
        out_channels: channels of the output.
        kernel_size: the sizes of a window.
        stride: the step from window to window. Default: 1.
        padding: how far the input is extended on each side, "same" or "valid". Default: 0.
        dilation: the step within a window. Default: 1.
        groups: of channels. Default: 1.
        bias: add a learnt bias. Default: True.
        padding_mode: "zeros", "reflect", "replicate" or "circular". Default: "zeros".
        device: accepted for PyTorch's signature; everything is on the CPU.
        dtype: of weight and bias. Default: the default dtype, float32.

    Raises:
        ValueError, RuntimeError, TypeError: as `Conv1d`.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> nn.Conv3d(2, 4, 3, padding="same")(minitorch.ones(1, 2, 5, 6, 7)).shape
        minitorch.Size([1, 4, 5, 6, 7])

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv3d.html
    """

    dimensions = 3


# -- transposed convolution ---------------------------------------------------------------


class _ConvTransposeNd(_ConvNd):
    """Transposed convolution over `dimensions` spatial dimensions."""

    transposed = True

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | Sequence[int],
        stride: int | Sequence[int] = 1,
        padding: int | Sequence[int] = 0,
        output_padding: int | Sequence[int] = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: int | Sequence[int] = 1,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        if padding_mode != "zeros":
            raise ValueError(
                f"{type(self).__name__}: padding_mode must be 'zeros', got {padding_mode!r}: what "
                "is cut off has no borders"
            )
        super().__init__(
            in_channels,
            out_channels,
            kernel_size,
            stride,
            padding,
            dilation,
            output_padding,
            groups,
            bias,
            padding_mode,
            device,
            dtype,
        )

    def forward(self, input: Any, output_size: Sequence[int] | None = None) -> Any:
        weight, bias = self.weight, self.bias
        matrix = weight.array
        images = batch_of(self, input, weight, bias, len(matrix), matrix.shape[1] * self.groups)
        over = self._windows(images.shape, matrix.shape[2:], output_size, input.ndim)
        self.save_for_backward(input, weight, bias, over)
        with Silence():
            output = correlate_transposed(images, matrix, over, self.groups, array_of(bias))
        return output if images.ndim == input.ndim else output[0]

    def backward(self, grad_output: Any) -> Any:
        # The transposed map: forward spreads x over windows of y, so the gradient by x is the
        # convolution of g with the same weight, and that by the weight has x and g exchanged.
        input, weight, bias, over = self.saved_tensors
        grad, images = grad_output, input
        if input.ndim == self.dimensions + 1:
            grad, images = grad_output[None], input[None]
        if bias is not None and bias.requires_grad:
            bias.accumulate_grad(sum_per_channel(grad))
        with Silence():
            if weight.requires_grad:
                weight.accumulate_grad(
                    weight_gradient(grad, images, over, self.groups, weight.array.shape)
                )
            if self.needs_input_grad[0]:
                result = correlate(grad, weight.array, over, self.groups)
                return result if input.ndim == result.ndim else result[0]
        return None

    def _windows(
        self,
        shape: tuple[int, ...],
        kernel: tuple[int, ...],
        output_size: Sequence[int] | None,
        ndim: int,
    ) -> Windows:
        """The windows over the output, one for each number of the input."""
        count = self.dimensions
        stride, dilation = stretched(self.stride, count), stretched(self.dilation, count)
        padding = stretched(self.padding, count)
        places = (type(self).__name__, shape[2:], kernel, stride, padding, dilation)
        output_padding = stretched(self.output_padding, count)
        if output_size is not None:
            least = transposed_windows(*places, (0,) * count).sizes
            output_padding = output_padding_for(self, least, tuple(output_size), ndim)
        return transposed_windows(*places, output_padding)


class ConvTranspose1d(_ConvTransposeNd):
    r"""Transposed convolution over sequences: each input is spread over a window of the output.

    y[n, o, i·stride + k·dilation - padding] = b[o] + ∑_c ∑_k x[n, c, i] · W[c, o, k]: the map that
    takes gradients back through a `Conv1d`. (It does not undo one.)

    Shapes: input (N, in_channels, L) or (in_channels, L), output (N, out_channels, L') or
    (out_channels, L') with
    L' = (L - 1)·stride - 2·padding + dilation·(kernel_size - 1) + output_padding + 1.

    Args:
        in_channels: channels of the input.
        out_channels: channels of the output.
        kernel_size: the length of a window.
        stride: the step from window to window. Default: 1.
        padding: how much is cut off from both ends of the output. Default: 0.
        output_padding: how much longer the output is at its end, less than stride or dilation:
            several lengths of a `Conv1d`'s input give the same length of output, and this says
            which is meant. Default: 0.
        groups: of channels, as in `Conv1d`. Default: 1.
        bias: add a learnt bias. Default: True.
        dilation: the step within a window. Default: 1.
        padding_mode: only "zeros".
        device: accepted for PyTorch's signature; everything is on the CPU.
        dtype: of weight and bias. Default: the default dtype, float32.

    `forward(input, output_size=None)` takes the output's sizes in place of `output_padding`.

    Attributes:
        weight: (in_channels, out_channels / groups, kernel_size), drawn from U(-k, k) with
            k = sqrt(groups / (out_channels · kernel_size)).
        bias: (out_channels,), drawn likewise, or None.

    Raises:
        ValueError: `groups` does not divide the channels, `padding_mode` is another, or
            `output_size` is out of reach.
        RuntimeError: the input has another number of dimensions or channels or another dtype, the
            output would be empty, or `output_padding` is too large.
        TypeError: the input is neither an array nor a Tensor.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> nn.ConvTranspose1d(16, 33, 3, stride=2)(minitorch.ones(20, 16, 50)).shape
        minitorch.Size([20, 33, 101])

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.ConvTranspose1d.html
    """

    dimensions = 1


class ConvTranspose2d(_ConvTransposeNd):
    r"""Transposed convolution over images: each input is spread over a window of the output.

    The equation is `ConvTranspose1d`'s with one dimension more.

    Shapes: input (N, in_channels, H, W) or (in_channels, H, W), output (N, out_channels, H', W') or
    (out_channels, H', W'), each size as in `ConvTranspose1d`; weight (in_channels, out_channels /
    groups, *kernel_size).

    Args:
        in_channels: as in `ConvTranspose1d`, and so are all arguments; `kernel_size`, `stride`,
            `padding`, `output_padding` and `dilation` are numbers or tuples of two.
        out_channels: channels of the output.
        kernel_size: the sizes of a window.
        stride: the step from window to window. Default: 1.
        padding: how much is cut off from each side of the output. Default: 0.
        output_padding: how much larger the output is at its ends. Default: 0.
        groups: of channels. Default: 1.
        bias: add a learnt bias. Default: True.
        dilation: the step within a window. Default: 1.
        padding_mode: only "zeros".
        device: accepted for PyTorch's signature; everything is on the CPU.
        dtype: of weight and bias. Default: the default dtype, float32.

    Raises:
        ValueError, RuntimeError, TypeError: as `ConvTranspose1d`.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> down, up = nn.Conv2d(16, 16, 3, stride=2, padding=1), nn.ConvTranspose2d(
        ...     16, 16, 3, stride=2, padding=1
        ... )
        >>> image = minitorch.ones(1, 16, 12, 12)
        >>> up(down(image), output_size=image.size()).shape
        minitorch.Size([1, 16, 12, 12])

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.ConvTranspose2d.html
    """

    dimensions = 2


class ConvTranspose3d(_ConvTransposeNd):
    r"""Transposed convolution over volumes: each input is spread over a window of the output.

    The equation is `ConvTranspose1d`'s with two dimensions more.

    Shapes: input (N, in_channels, D, H, W) or (in_channels, D, H, W), output (N, out_channels, D',
    H', W') or (out_channels, D', H', W'), each size as in `ConvTranspose1d`; weight (in_channels,
    out_channels / groups, *kernel_size).

    Args:
        in_channels: as in `ConvTranspose1d`, and so are all arguments; `kernel_size`, `stride`,
            `padding`, `output_padding` and `dilation` are numbers or tuples of three.
        out_channels: channels of the output.
        kernel_size: the sizes of a window.
        stride: the step from window to window. Default: 1.
        padding: how much is cut off from each side of the output. Default: 0.
        output_padding: how much larger the output is at its ends. Default: 0.
        groups: of channels. Default: 1.
        bias: add a learnt bias. Default: True.
        dilation: the step within a window. Default: 1.
        padding_mode: only "zeros".
        device: accepted for PyTorch's signature; everything is on the CPU.
        dtype: of weight and bias. Default: the default dtype, float32.

    Raises:
        ValueError, RuntimeError, TypeError: as `ConvTranspose1d`.

    Example:
        >>> import minitorch
        >>> from minitorch import nn
        >>> nn.ConvTranspose3d(4, 2, 2, stride=2)(minitorch.ones(1, 4, 3, 4, 5)).shape
        minitorch.Size([1, 2, 6, 8, 10])

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.ConvTranspose3d.html
    """

    dimensions = 3


# -- as a function ------------------------------------------------------------------------


def convolve(
    layer: type[_ConvNd],
    input: Any,
    weight: Any,
    bias: Any,
    stride: Any,
    padding: Any,
    dilation: Any,
    groups: int,
    output_padding: Any = 0,
    padding_mode: str = "zeros",
) -> Any:
    """Run the pair of `layer` with these weights and options.

    Raises:
        TypeError: the input, the weight or the bias is neither an array nor a Tensor.
        RuntimeError: shapes, dtypes or options do not fit.
    """
    count = layer.dimensions
    module = stateless(
        layer,
        weight=as_weight(weight),
        bias=as_weight(bias),
        stride=per_dimension(stride, count),
        padding=padding if isinstance(padding, str) else per_dimension(padding, count),
        dilation=per_dimension(dilation, count),
        output_padding=per_dimension(output_padding, count),
        groups=groups,
        padding_mode=padding_mode,
    )
    for name, value in (("weight", weight), ("bias", bias)):
        if value is not None or name == "weight":
            check_array(module, value.array if isinstance(value, Variable) else value, name)
    check_groups_of_weight(module, weight.shape)
    check_padding(module, RuntimeError)
    return run(module, as_weight(input) if on_tensors(input, weight, bias) else input)


# -- where the windows are ----------------------------------------------------------------


@functools.lru_cache(maxsize=256)
def padding_on_sides(
    padding: str | tuple[int, ...], kernel: tuple[int, ...], dilation: tuple[int, ...]
) -> Sides:
    """How far each dimension is extended before and after; "same" puts an odd one after."""
    if padding == "same":
        reach = [gap * (k - 1) for gap, k in zip(dilation, kernel, strict=True)]
        return tuple((total // 2, total - total // 2) for total in reach)
    if isinstance(padding, str):
        return ((0, 0),) * len(kernel)
    return tuple((width, width) for width in stretched(padding, len(kernel)))


@functools.lru_cache(maxsize=256)
def transposed_windows(
    layer: str,
    sizes: tuple[int, ...],
    kernel: tuple[int, ...],
    stride: tuple[int, ...],
    padding: tuple[int, ...],
    dilation: tuple[int, ...],
    output_padding: tuple[int, ...],
) -> Windows:
    """The windows over a transposed convolution's output, one for each number of the input.

    Raises:
        RuntimeError: an option is out of range, or the output would be empty.
    """
    check_options(layer, kernel, stride, padding, dilation, output_padding)
    for extra, step, gap in zip(output_padding, stride, dilation, strict=True):
        if extra >= max(step, gap):
            raise RuntimeError(
                f"{layer}: output padding must be smaller than either stride or dilation, but got "
                f"output_padding={output_padding}, stride={stride}, dilation={dilation}"
            )
    lengths = zip(sizes, kernel, stride, padding, dilation, output_padding, strict=True)
    result = tuple(
        (size - 1) * step - 2 * cut + gap * (k - 1) + extra + 1
        for size, k, step, cut, gap, extra in lengths
    )
    if min(result) < 1:
        raise RuntimeError(
            f"{layer}: the output would be too small, {by(result)} for an input of {by(sizes)}: "
            f"padding={padding} cuts off all of it; give less padding or a larger input"
        )
    return Windows(result, sizes, kernel, stride, dilation, padding)


def output_padding_for(
    module: _ConvTransposeNd, least: tuple[int, ...], output_size: tuple[int, ...], ndim: int
) -> tuple[int, ...]:
    """The output padding that gives an output of `output_size`, its spatial sizes or its shape.

    Raises:
        ValueError: there is none.
    """
    layer, count = type(module).__name__, module.dimensions
    if len(output_size) not in (count, ndim):
        raise ValueError(
            f"{layer}: output_size must have {count} numbers, or {ndim} for the output's shape, "
            f"got {len(output_size)}: {output_size}"
        )
    wanted = output_size[-count:]
    most = tuple(low + step - 1 for low, step in zip(least, module.stride, strict=True))
    bounds = zip(wanted, least, most, strict=True)
    if not all(low <= size <= high for size, low, high in bounds):
        raise ValueError(
            f"{layer}: requested an output size of {wanted}, but for this input the sizes range "
            f"from {list(least)} to {list(most)}"
        )
    return tuple(size - low for size, low in zip(wanted, least, strict=True))


# -- checks -------------------------------------------------------------------------------


def check_groups(module: Module, in_channels: int, out_channels: int, groups: int) -> None:
    """Refuse groups that do not divide the channels.

    Raises:
        ValueError: they do not.
    """
    layer = type(module).__name__
    if groups <= 0:
        raise ValueError(f"{layer}: groups must be a positive integer, got {groups}")
    for name, channels in (("in_channels", in_channels), ("out_channels", out_channels)):
        if channels % groups:
            raise ValueError(
                f"{layer}: {name} must be divisible by groups, got {name}={channels} and "
                f"groups={groups}"
            )


def check_groups_of_weight(module: _ConvNd, shape: tuple[int, ...]) -> None:
    """Refuse groups that do not divide a weight of this shape.

    Raises:
        RuntimeError: they do not.
    """
    layer, groups = type(module).__name__, module.groups
    if groups <= 0:
        raise RuntimeError(f"{layer}: groups must be positive, got {groups}")
    if shape and (shape[0] % groups or shape[0] < groups):
        raise RuntimeError(
            f"{layer}: the first dimension of weight must be divisible by groups="
            f"{groups}, got shape {list(shape)}"
        )


def check_padding(module: _ConvNd, error: type[Exception]) -> None:
    """Refuse words for the padding that mean nothing here.

    Raises:
        error: "same" with a stride, or an unknown word.
        ValueError: an unknown padding_mode.
    """
    layer, padding = type(module).__name__, module.padding
    if isinstance(padding, str) and not module.transposed:
        if padding not in ("same", "valid"):
            raise error(f"{layer}: padding must be numbers, 'same' or 'valid', got {padding!r}")
        if padding == "same" and any(step != 1 for step in module.stride):
            raise error(
                f"{layer}: padding='same' needs a stride of 1, got stride={module.stride}; give "
                "the padding as numbers"
            )
    if module.padding_mode not in PADDING_MODES:
        raise ValueError(
            f"{layer}: padding_mode must be one of {', '.join(PADDING_MODES)}, got "
            f"{module.padding_mode!r}"
        )


def batch_of(
    module: _ConvNd,
    input: Any,
    weight: Tensor,
    bias: Tensor | None,
    channels: int,
    outputs: int,
) -> Array:
    """The input of a convolution with a batch dimension.

    Args:
        module: the layer.
        input: what it was given.
        weight: of the layer.
        bias: of the layer, or None.
        channels: that the input must have.
        outputs: channels of the output.

    Raises:
        TypeError: the input is no array, or an option of the layer no integer.
        RuntimeError: it, the weight or the bias has another shape or dtype than is needed.
    """
    check_array(module, input)
    matrix, count, layer = weight.array, module.dimensions, type(module).__name__
    check_dtype(module, "input", input.dtype, matrix.dtype)
    if matrix.ndim != count + 2:
        raise RuntimeError(
            f"{layer}: a weight of {count + 2} dimensions is needed, got shape "
            f"{list(matrix.shape)}: kernel_size must be a number or a tuple of {count}"
        )
    if input.ndim not in (count + 1, count + 2):
        raise RuntimeError(
            f"{layer} expected an input of {count + 2} dimensions (batch, channels and {count} "
            f"spatial), or {count + 1} without a batch, got shape {list(input.shape)}"
        )
    images: Array = input if input.ndim == count + 2 else input[None]
    if images.shape[1] != channels:
        raise RuntimeError(
            f"{layer}: expected an input of {channels} channels (weight of shape "
            f"{list(matrix.shape)}, groups={module.groups}), got {images.shape[1]} in shape "
            f"{list(input.shape)}"
        )
    if 0 in images.shape[2:]:
        raise RuntimeError(
            f"{layer}: only the batch may be empty, got an input of shape {list(input.shape)}"
        )
    if bias is not None:
        check_dtype(module, "bias", bias.array.dtype, matrix.dtype)
        if bias.array.shape != (outputs,):
            raise RuntimeError(
                f"{layer}: expected bias to be 1-dimensional with {outputs} elements, got shape "
                f"{list(bias.array.shape)}"
            )
    is_word = isinstance(module.padding, str) and not module.transposed
    check_integers(
        layer,
        stride=module.stride,
        padding=() if is_word else module.padding,
        dilation=module.dilation,
        output_padding=module.output_padding,
    )
    return images


# -- the bias -----------------------------------------------------------------------------


def array_of(bias: Tensor | None) -> Array | None:
    """The bias's buffer, if there is one."""
    return None if bias is None else bias.array


def sum_per_channel(grad: Array) -> Array:
    """The sum over all but dimension 1, which is the bias's gradient."""
    batch, channels, *sizes = grad.shape
    count = math.prod(sizes)
    sums: Array = grad.reshape(batch * channels, count).dot(ones(count, grad.dtype))
    result: Array = np.add.reduce(sums.reshape(batch, channels), 0)
    return result
