"""Pooling as functions."""

from __future__ import annotations

from typing import Any

from ..modules.pooling import (
    AdaptiveAvgPool1d,
    AdaptiveAvgPool2d,
    AdaptiveAvgPool3d,
    AdaptiveMaxPool1d,
    AdaptiveMaxPool2d,
    AdaptiveMaxPool3d,
    AvgPool1d,
    AvgPool2d,
    AvgPool3d,
    LPPool1d,
    LPPool2d,
    LPPool3d,
    MaxPool1d,
    MaxPool2d,
    MaxPool3d,
    MaxUnpool1d,
    MaxUnpool2d,
    MaxUnpool3d,
)
from ..stateless import as_weight, on_tensors, run, stateless

# -- maxima -------------------------------------------------------------------------------


def _max_pool(layer: Any, input: Any, kernel_size: Any, stride: Any, *others: Any) -> Any:
    """Run a layer's pair with what its function was given."""
    padding, dilation, ceil_mode, return_indices = others
    module = stateless(
        layer,
        kernel_size=kernel_size,
        stride=stride,
        padding=padding,
        dilation=dilation,
        ceil_mode=ceil_mode,
        return_indices=return_indices,
    )
    return run(module, input)


def max_pool1d(
    input: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """The largest number of each window: see `minitorch.nn.MaxPool1d`.

    Args:
        input: (N, C, L) or (C, L).
        kernel_size: how many numbers a window has.
        stride: the step from window to window. Default: kernel_size.
        padding: how far windows may stand out on each side. Default: 0.
        dilation: the step within a window. Default: 1.
        ceil_mode: round the output's size up. Default: False.
        return_indices: return the winners' indices too. Default: False.

    Raises:
        RuntimeError, TypeError, NotImplementedError: as `minitorch.nn.MaxPool1d`.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> F.max_pool1d(minitorch.arange(4.0).reshape(1, 4), 2).flatten()
        tensor([1., 3.])
    """
    options = padding, dilation, ceil_mode, return_indices
    return _max_pool(MaxPool1d, input, kernel_size, stride, *options)


def max_pool1d_with_indices(
    input: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """`max_pool1d` that always returns the winners' indices too.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> x = minitorch.arange(4.0).reshape(1, 4)
        >>> output, indices = F.max_pool1d_with_indices(x, 2)
        >>> indices.flatten()
        tensor([1, 3])
    """
    options = padding, dilation, ceil_mode, True
    return _max_pool(MaxPool1d, input, kernel_size, stride, *options)


def max_pool2d(
    input: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """The largest number of each window: see `minitorch.nn.MaxPool2d`.

    The input is (N, C, H, W) or (C, H, W); the arguments are those of `max_pool1d`, where a
    tuple of two has a number for each dimension. Errors as `minitorch.nn.MaxPool2d`.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> F.max_pool2d(minitorch.arange(4.0).reshape(1, 2, 2), 2).flatten()
        tensor([3.])
    """
    options = padding, dilation, ceil_mode, return_indices
    return _max_pool(MaxPool2d, input, kernel_size, stride, *options)


def max_pool2d_with_indices(
    input: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """`max_pool2d` that always returns the winners' indices too.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> x = minitorch.arange(4.0).reshape(1, 2, 2)
        >>> output, indices = F.max_pool2d_with_indices(x, 2)
        >>> indices.flatten()
        tensor([3])
    """
    options = padding, dilation, ceil_mode, True
    return _max_pool(MaxPool2d, input, kernel_size, stride, *options)


def max_pool3d(
    input: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """The largest number of each window: see `minitorch.nn.MaxPool3d`.

    The input is (N, C, D, H, W) or (C, D, H, W); the arguments are those of `max_pool1d`, where a
    tuple of three has a number for each dimension. Errors as `minitorch.nn.MaxPool3d`.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> F.max_pool3d(minitorch.arange(4.0).reshape(1, 1, 2, 2), (1, 2, 2)).flatten()
        tensor([3.])
    """
    options = padding, dilation, ceil_mode, return_indices
    return _max_pool(MaxPool3d, input, kernel_size, stride, *options)


def max_pool3d_with_indices(
    input: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """`max_pool3d` that always returns the winners' indices too.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> x = minitorch.arange(4.0).reshape(1, 1, 2, 2)
        >>> output, indices = F.max_pool3d_with_indices(x, (1, 2, 2))
        >>> indices.flatten()
        tensor([3])
    """
    options = padding, dilation, ceil_mode, True
    return _max_pool(MaxPool3d, input, kernel_size, stride, *options)


def adaptive_max_pool1d(input: Any, output_size: Any, return_indices: bool = False) -> Any:
    """The largest number of each window that shares out the input: see `AdaptiveMaxPool1d`.

    Args:
        input: (N, C, L) or (C, L).
        output_size: how many windows, an integer or a tuple of one.
        return_indices: return the winners' indices too. Default: False.

    Raises:
        RuntimeError, TypeError, NotImplementedError: as `minitorch.nn.AdaptiveMaxPool1d`.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> F.adaptive_max_pool1d(minitorch.tensor([[1.0, 3.0, 2.0]]), 2).flatten()
        tensor([3., 3.])
    """
    module = stateless(AdaptiveMaxPool1d, output_size=output_size, return_indices=return_indices)
    return run(module, input)


def adaptive_max_pool1d_with_indices(
    input: Any, output_size: Any, return_indices: bool = False
) -> Any:
    """`adaptive_max_pool1d` that always returns the winners' indices too.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> x = minitorch.tensor([[1.0, 3.0, 2.0]])
        >>> output, indices = F.adaptive_max_pool1d_with_indices(x, 2)
        >>> indices.flatten()
        tensor([1, 1])
    """
    return adaptive_max_pool1d(input, output_size, True)


def adaptive_max_pool2d(input: Any, output_size: Any, return_indices: bool = False) -> Any:
    """The largest number of each window that shares out the input: see `AdaptiveMaxPool2d`.

    The input is (N, C, H, W) or (C, H, W); `output_size` is an integer or a tuple of
    two, where None keeps the input's size. Errors as `minitorch.nn.AdaptiveMaxPool2d`.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> F.adaptive_max_pool2d(minitorch.tensor([[[1.0, 3.0, 2.0]]]), (1, 2)).flatten()
        tensor([3., 3.])
    """
    module = stateless(AdaptiveMaxPool2d, output_size=output_size, return_indices=return_indices)
    return run(module, input)


def adaptive_max_pool2d_with_indices(
    input: Any, output_size: Any, return_indices: bool = False
) -> Any:
    """`adaptive_max_pool2d` that always returns the winners' indices too.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> x = minitorch.tensor([[[1.0, 3.0, 2.0]]])
        >>> output, indices = F.adaptive_max_pool2d_with_indices(x, (1, 2))
        >>> indices.flatten()
        tensor([1, 1])
    """
    return adaptive_max_pool2d(input, output_size, True)


def adaptive_max_pool3d(input: Any, output_size: Any, return_indices: bool = False) -> Any:
    """The largest number of each window that shares out the input: see `AdaptiveMaxPool3d`.

    The input is (N, C, D, H, W) or (C, D, H, W); `output_size` is an integer or a tuple of
    three, where None keeps the input's size. Errors as `minitorch.nn.AdaptiveMaxPool3d`.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> F.adaptive_max_pool3d(minitorch.tensor([[[[1.0, 3.0, 2.0]]]]), (1, 1, 2)).flatten()
        tensor([3., 3.])
    """
    module = stateless(AdaptiveMaxPool3d, output_size=output_size, return_indices=return_indices)
    return run(module, input)


def adaptive_max_pool3d_with_indices(
    input: Any, output_size: Any, return_indices: bool = False
) -> Any:
    """`adaptive_max_pool3d` that always returns the winners' indices too.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> x = minitorch.tensor([[[[1.0, 3.0, 2.0]]]])
        >>> output, indices = F.adaptive_max_pool3d_with_indices(x, (1, 1, 2))
        >>> indices.flatten()
        tensor([1, 1])
    """
    return adaptive_max_pool3d(input, output_size, True)


# -- means --------------------------------------------------------------------------------


def _avg_pool(layer: Any, input: Any, kernel_size: Any, stride: Any, *others: Any) -> Any:
    """Run a layer's pair with what its function was given."""
    padding, ceil_mode, count_include_pad, divisor_override = others
    module = stateless(
        layer,
        kernel_size=kernel_size,
        stride=stride,
        padding=padding,
        ceil_mode=ceil_mode,
        count_include_pad=count_include_pad,
        divisor_override=divisor_override,
    )
    return run(module, input)


def avg_pool1d(
    input: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Any:
    """The mean of each window: see `minitorch.nn.AvgPool1d`.

    Args:
        input: (N, C, L) or (C, L).
        kernel_size: how many numbers a window has.
        stride: the step from window to window. Default: kernel_size.
        padding: how far windows may stand out on each side. Default: 0.
        ceil_mode: round the output's size up. Default: False.
        count_include_pad: what lies in the padding counts for the mean. Default: True.

    Raises:
        RuntimeError, TypeError, NotImplementedError: as `minitorch.nn.AvgPool1d`.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> F.avg_pool1d(minitorch.arange(4.0).reshape(1, 4), 2).flatten()
        tensor([0.5000, 2.5000])
    """
    options = padding, ceil_mode, count_include_pad, None
    return _avg_pool(AvgPool1d, input, kernel_size, stride, *options)


def avg_pool2d(
    input: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Any:
    """The mean of each window: see `minitorch.nn.AvgPool2d`.

    The input is (N, C, H, W) or (C, H, W); the arguments are those of `avg_pool1d`, where a
    tuple of two has a number for each dimension, and `divisor_override`, what every sum is
    divided by instead of the window's size. Errors as `minitorch.nn.AvgPool2d`.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> F.avg_pool2d(minitorch.arange(4.0).reshape(1, 1, 4), (1, 2)).flatten()
        tensor([0.5000, 2.5000])
    """
    options = padding, ceil_mode, count_include_pad, divisor_override
    return _avg_pool(AvgPool2d, input, kernel_size, stride, *options)


def avg_pool3d(
    input: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Any:
    """The mean of each window: see `minitorch.nn.AvgPool3d`.

    The input is (N, C, D, H, W) or (C, D, H, W); the arguments are those of `avg_pool1d`, where a
    tuple of three has a number for each dimension, and `divisor_override`, what every sum is
    divided by instead of the window's size. Errors as `minitorch.nn.AvgPool3d`.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> F.avg_pool3d(minitorch.arange(4.0).reshape(1, 1, 1, 4), (1, 1, 2)).flatten()
        tensor([0.5000, 2.5000])
    """
    options = padding, ceil_mode, count_include_pad, divisor_override
    return _avg_pool(AvgPool3d, input, kernel_size, stride, *options)


def adaptive_avg_pool1d(input: Any, output_size: Any) -> Any:
    """The mean of each window that shares out the input: see `AdaptiveAvgPool1d`.

    Args:
        input: (N, C, L) or (C, L).
        output_size: how many windows, an integer or a tuple of one.

    Raises:
        RuntimeError, TypeError, NotImplementedError: as `minitorch.nn.AdaptiveAvgPool1d`.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> F.adaptive_avg_pool1d(minitorch.tensor([[1.0, 3.0, 2.0]]), 2).flatten()
        tensor([2.0000, 2.5000])
    """
    return run(stateless(AdaptiveAvgPool1d, output_size=output_size), input)


def adaptive_avg_pool2d(input: Any, output_size: Any) -> Any:
    """The mean of each window that shares out the input: see `AdaptiveAvgPool2d`.

    The input is (N, C, H, W) or (C, H, W); `output_size` is an integer or a tuple of
    two, where None keeps the input's size. Errors as `minitorch.nn.AdaptiveAvgPool2d`.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> F.adaptive_avg_pool2d(minitorch.tensor([[[1.0, 3.0, 2.0]]]), (1, 2)).flatten()
        tensor([2.0000, 2.5000])
    """
    return run(stateless(AdaptiveAvgPool2d, output_size=output_size), input)


def adaptive_avg_pool3d(input: Any, output_size: Any) -> Any:
    """The mean of each window that shares out the input: see `AdaptiveAvgPool3d`.

    The input is (N, C, D, H, W) or (C, D, H, W); `output_size` is an integer or a tuple of
    three, where None keeps the input's size. Errors as `minitorch.nn.AdaptiveAvgPool3d`.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> F.adaptive_avg_pool3d(minitorch.tensor([[[[1.0, 3.0, 2.0]]]]), (1, 1, 2)).flatten()
        tensor([2.0000, 2.5000])
    """
    return run(stateless(AdaptiveAvgPool3d, output_size=output_size), input)


# -- back from maxima, and norms ----------------------------------------------------------


def _max_unpool(layer: Any, input: Any, indices: Any, kernel_size: Any, *others: Any) -> Any:
    """Run a layer's pair with what its function was given."""
    stride, padding, output_size = others
    if on_tensors(input, indices):
        input, indices = as_weight(input), as_weight(indices)
    module = stateless(layer, kernel_size=kernel_size, stride=stride, padding=padding)
    return run(module, input, indices, output_size)


def max_unpool1d(
    input: Any,
    indices: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    output_size: Any = None,
) -> Any:
    """Put maxima back where they were found: see `minitorch.nn.MaxUnpool1d`.

    Args:
        input: (N, C, L) or (C, L).
        indices: of the input's shape, from `max_pool1d`.
        kernel_size: of the pooling.
        stride: of the pooling. Default: kernel_size.
        padding: of the pooling. Default: 0.
        output_size: the output's last size, or its shape. Default: what follows from the others.

    Raises:
        RuntimeError, ValueError, TypeError, NotImplementedError: as `minitorch.nn.MaxUnpool1d`.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> x, indices = minitorch.tensor([[3.0, 2.0]]), minitorch.tensor([[1, 2]])
        >>> F.max_unpool1d(x, indices, 2).flatten()
        tensor([0., 3., 2., 0.])
    """
    return _max_unpool(MaxUnpool1d, input, indices, kernel_size, stride, padding, output_size)


def max_unpool2d(
    input: Any,
    indices: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    output_size: Any = None,
) -> Any:
    """Put maxima back where they were found: see `minitorch.nn.MaxUnpool2d`.

    The input is (N, C, H, W) or (C, H, W); the arguments are those of `max_unpool1d`, where a
    tuple of two has a number for each dimension. Errors as `minitorch.nn.MaxUnpool2d`.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> x, indices = minitorch.tensor([[[3.0, 2.0]]]), minitorch.tensor([[[1, 2]]])
        >>> F.max_unpool2d(x, indices, (1, 2)).flatten()
        tensor([0., 3., 2., 0.])
    """
    return _max_unpool(MaxUnpool2d, input, indices, kernel_size, stride, padding, output_size)


def max_unpool3d(
    input: Any,
    indices: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    output_size: Any = None,
) -> Any:
    """Put maxima back where they were found: see `minitorch.nn.MaxUnpool3d`.

    The input is (N, C, D, H, W) or (C, D, H, W); the arguments are those of `max_unpool1d`, where a
    tuple of three has a number for each dimension. Errors as `minitorch.nn.MaxUnpool3d`.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> x, indices = minitorch.tensor([[[[3.0, 2.0]]]]), minitorch.tensor([[[[1, 2]]]])
        >>> F.max_unpool3d(x, indices, (1, 1, 2)).flatten()
        tensor([0., 3., 2., 0.])
    """
    return _max_unpool(MaxUnpool3d, input, indices, kernel_size, stride, padding, output_size)


def lp_pool1d(
    input: Any, norm_type: float, kernel_size: Any, stride: Any = None, ceil_mode: bool = False
) -> Any:
    """(sum of x^p)^(1/p) over each window: see `minitorch.nn.LPPool1d`.

    Args:
        input: (N, C, L) or (C, L).
        norm_type: p.
        kernel_size: how many numbers a window has.
        stride: the step from window to window. Default: kernel_size.
        ceil_mode: round the output's size up. Default: False.

    Raises:
        RuntimeError, TypeError, ZeroDivisionError: as `minitorch.nn.LPPool1d`.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> F.lp_pool1d(minitorch.tensor([[3.0, 4.0]]), 2, 2).flatten()
        tensor([5.])
    """
    module = LPPool1d(norm_type, kernel_size, stride, ceil_mode)
    return run(module, input)


def lp_pool2d(
    input: Any, norm_type: float, kernel_size: Any, stride: Any = None, ceil_mode: bool = False
) -> Any:
    """(sum of x^p)^(1/p) over each window: see `minitorch.nn.LPPool2d`.

    The input is (N, C, H, W) or (C, H, W); the arguments are those of `lp_pool1d`, where a
    tuple of two has a number for each dimension. Errors as `minitorch.nn.LPPool2d`.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> F.lp_pool2d(minitorch.tensor([[[3.0, 4.0]]]), 2, (1, 2)).flatten()
        tensor([5.])
    """
    module = LPPool2d(norm_type, kernel_size, stride, ceil_mode)
    return run(module, input)


def lp_pool3d(
    input: Any, norm_type: float, kernel_size: Any, stride: Any = None, ceil_mode: bool = False
) -> Any:
    """(sum of x^p)^(1/p) over each window: see `minitorch.nn.LPPool3d`.

    The input is (N, C, D, H, W) or (C, D, H, W); the arguments are those of `lp_pool1d`, where a
    tuple of three has a number for each dimension. Errors as `minitorch.nn.LPPool3d`.

    Example:
        >>> import minitorch
        >>> from minitorch.nn import functional as F
        >>> F.lp_pool3d(minitorch.tensor([[[[3.0, 4.0]]]]), 2, (1, 1, 2)).flatten()
        tensor([5.])
    """
    module = LPPool3d(norm_type, kernel_size, stride, ceil_mode)
    return run(module, input)
