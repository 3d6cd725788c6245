"""Maximum pooling, with windows of a fixed size or adaptive, and its inverse."""

from __future__ import annotations

import functools
import math
from typing import Any, ClassVar

import numpy as np

from ....autograd.variable import Array
from ...module import Module
from ..checks import check_array, check_floating, not_implemented
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
from .maxima import PoolingWindows, give_to_winners, maxima

# -- where the windows lie ----------------------------------------------------------------


@functools.lru_cache(maxsize=64)
def _windows(layer: str, sizes: Sizes, options: Options, ceil_mode: bool) -> PoolingWindows:
    """The windows of maximum pooling."""
    kernel, stride, padding, dilation = options
    counts = window_counts(layer, sizes, options, ceil_mode)
    over = PoolingWindows(sizes, counts, kernel, stride, dilation, padding)
    if over.has_empty:
        raise RuntimeError(
            f"{layer}: a window has no number of the input, only padding: an input of size {sizes} "
            f"is too small for padding={padding} and dilation={dilation}"
        )
    return over


@functools.lru_cache(maxsize=64)
def _adaptive_windows(sizes: Sizes, counts: Sizes) -> PoolingWindows:
    """The windows of adaptive maximum pooling."""
    none = (0,) * len(sizes)
    one = (1,) * len(sizes)
    if 0 in counts or all(size % count == 0 for size, count in zip(sizes, counts, strict=True)):
        kernel = tuple(size // max(count, 1) for size, count in zip(sizes, counts, strict=True))
        return PoolingWindows(sizes, counts, kernel, kernel, one, none)
    kernel, repeated = (), []
    for size, count in zip(sizes, counts, strict=True):
        starts, ends = (np.array(bound)[:, None] for bound in adaptive_bounds(size, count))
        longest = int((ends - starts).max())
        repeated.append(np.minimum(starts + np.arange(longest), ends - 1).reshape(-1))
        kernel = (*kernel, longest)
    return PoolingWindows(sizes, counts, kernel, kernel, one, none, repeated=tuple(repeated))


# -- maxima -------------------------------------------------------------------------------


class _MaximumPooling(Module):
    """The pair of the layers that take maxima; a subclass says over which windows.

    Only the number that is a window's maximum has a share in it: its gradient is the sum of those
    of the windows in which it is the maximum.
    """

    dimensions: ClassVar[int]
    fixed: ClassVar[bool] = True  # windows have a size of their own

    return_indices: bool

    def _over(self, sizes: Sizes) -> PoolingWindows:
        raise NotImplementedError

    def forward(self, input: Any) -> Any:
        planes = as_planes(self, input, self.fixed)
        if planes.dtype.kind not in ("fiu" if self.fixed else "f"):
            raise not_implemented(self, planes)
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

    def _over(self, sizes: Sizes) -> PoolingWindows:
        options = options_of(self, self.dilation)
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

    def _over(self, sizes: Sizes) -> PoolingWindows:
        return _adaptive_windows(sizes, output_sizes(self, sizes))

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
        check_floating(self, planes)
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
        kernel = as_numbers(layer, "kernel_size", self.kernel_size, n)
        stride = kernel if self.stride is None else as_numbers(layer, "stride", self.stride, n)
        padding = as_numbers(layer, "padding", self.padding, n)
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
