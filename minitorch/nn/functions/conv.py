"""Convolutions as functions."""

from __future__ import annotations

from typing import Any

from ..modules.conv import (
    Conv1d,
    Conv2d,
    Conv3d,
    ConvTranspose1d,
    ConvTranspose2d,
    ConvTranspose3d,
    convolve,
)


def conv1d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Any:
    """Convolution over sequences: see `minitorch.nn.Conv1d`.

    Args:
        input: (N, C, L) or (C, L).
        weight: (O, C / groups, K).
        bias: (O,), or None.
        stride: the step from window to window. Default: 1.
        padding: a number, "same" or "valid". Default: 0.
        dilation: the step within a window. Default: 1.
        groups: of channels. Default: 1.

    Raises:
        TypeError: an argument is neither an array nor a Tensor.
        RuntimeError: shapes, dtypes or options do not fit.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> F.conv1d(minitorch.tensor([[1.0, 2.0, 4.0]]), minitorch.tensor([[[-1.0, 1.0]]]))
        tensor([[1., 2.]])
    """
    return convolve(Conv1d, input, weight, bias, stride, padding, dilation, groups)


def conv2d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Any:
    """Convolution over images: see `minitorch.nn.Conv2d`.

    The arguments and errors are those of `conv1d`, with one spatial dimension more.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> F.conv2d(minitorch.ones(1, 3, 3), minitorch.ones(1, 1, 3, 3), padding=1)
        tensor([[[4., 6., 4.],
                 [6., 9., 6.],
                 [4., 6., 4.]]])
    """
    return convolve(Conv2d, input, weight, bias, stride, padding, dilation, groups)


def conv3d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Any:
    """Convolution over volumes: see `minitorch.nn.Conv3d`.

    The arguments and errors are those of `conv1d`, with two spatial dimensions more.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> F.conv3d(minitorch.ones(1, 2, 2, 2), minitorch.ones(1, 1, 2, 2, 2))
        tensor([[[[8.]]]])
    """
    return convolve(Conv3d, input, weight, bias, stride, padding, dilation, groups)


def conv_transpose1d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
) -> Any:
    """Transposed convolution over sequences: see `minitorch.nn.ConvTranspose1d`.

    Args:
        input: (N, C, L) or (C, L).
        weight: (C, O / groups, K).
        bias: (O,), or None.
        stride: the step from window to window. Default: 1.
        padding: how much is cut off from both ends of the output. Default: 0.
        output_padding: how much longer the output is at its end. Default: 0.
        groups: of channels. Default: 1.
        dilation: the step within a window. Default: 1.

    Raises:
        TypeError: an argument is neither an array nor a Tensor.
        RuntimeError: shapes, dtypes or options do not fit.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> F.conv_transpose1d(minitorch.tensor([[1.0, 2.0]]), minitorch.tensor([[[3.0, 1.0]]]))
        tensor([[3., 7., 2.]])
    """
    options = (stride, padding, dilation, groups, output_padding)
    return convolve(ConvTranspose1d, input, weight, bias, *options)


def conv_transpose2d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
) -> Any:
    """Transposed convolution over images: see `minitorch.nn.ConvTranspose2d`.

    The arguments and errors are those of `conv_transpose1d`, with one spatial dimension more.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> F.conv_transpose2d(minitorch.ones(1, 2, 2), minitorch.ones(1, 1, 2, 2))
        tensor([[[1., 2., 1.],
                 [2., 4., 2.],
                 [1., 2., 1.]]])
    """
    options = (stride, padding, dilation, groups, output_padding)
    return convolve(ConvTranspose2d, input, weight, bias, *options)


def conv_transpose3d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
) -> Any:
    """Transposed convolution over volumes: see `minitorch.nn.ConvTranspose3d`.

    The arguments and errors are those of `conv_transpose1d`, with two spatial dimensions more.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> F.conv_transpose3d(minitorch.ones(1, 1, 1, 1), minitorch.ones(1, 2, 2, 2, 2)).shape
        minitorch.Size([2, 2, 2, 2])
    """
    options = (stride, padding, dilation, groups, output_padding)
    return convolve(ConvTranspose3d, input, weight, bias, *options)
