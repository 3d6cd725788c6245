"""Subtracting the mean and dividing by the standard deviation, set by set, and the gradient of it.

Batch, instance, layer and group normalization are the same mathematics on different sets of
numbers. Here the sets are those of an array (batch, sets, length): everything with the same index
in the middle is one set. With the mean μ, the variance v, s = 1/√(v + ε) and n numbers in a set::

    x̂ = (x - μ) s                             dL/dx = s (g - mean(g) - x̂ mean(g x̂))

where g = dL/dx̂ and the means are those of the set. Everything is done in blocks of whole sets
that stay in the processor's cache from one step to the next, and in place on arrays that the
layers made.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...autograd.variable import Array
from ...ops.creation import empty
from ...ops.promotion import constant, ones
from ...tensor import Tensor
from .. import init
from ..module import Module
from ..parameter import Parameter

_BLOCK = 2**17  # numbers: larger ones leave the processor's cache, smaller ones cost calls
_WHOLE = (slice(None),)
_CORRECTIONS = 3  # of a mean, at most


# -- sets ---------------------------------------------------------------------------------


def blocks(shape: tuple[int, ...]) -> tuple[slice, ...]:
    """Slices of the middle dimension, each small enough.

    Example:
        >>> blocks((1, 6, 2**16))
        (slice(0, 2, None), slice(2, 4, None), slice(4, 6, None))
    """
    batch, sets, length = shape
    size = _BLOCK if batch == 1 else 2 * _BLOCK  # of pieces far apart, which should be long
    if batch * sets * length <= size:
        return _WHOLE
    step = max(size // (batch * length), 1)
    return tuple(slice(start, start + step) for start in range(0, sets, step))


def is_short(batch: int, length: int) -> bool:
    """Whether NumPy spends more on starting a line of this length than on its numbers.

    Lines that follow one another are started sooner than those of a batch.
    """
    return length < (64 if batch < 4 else 1024)


def count(x: Array) -> int:
    """How many numbers a set has; 1 for empty sets, so that their means are 0."""
    return x.shape[0] * x.shape[2] or 1


def sums(x: Array) -> Array:
    """Σ x of each set: (sets,). It may be a view of `x`."""
    batch, sets, length = x.shape
    if batch == 1:
        lines = x[0]
    else:
        lines = ones(batch, x.dtype).dot(x.reshape(batch, sets * length)).reshape(sets, length)
    total: Array = lines[:, 0] if length == 1 else lines.dot(ones(length, x.dtype))
    return total


def sums_of_products(x: Array, y: Array) -> Array:
    """Σ x y of each set: (sets,)."""
    batch, _, length = x.shape
    if is_short(batch, length):
        return sums(x * y)
    lines: Array = np.vecdot(x, y)
    total: Array = lines[0] if batch == 1 else ones(batch, x.dtype).dot(lines)
    return total


def spread(values: Array, x: Array) -> Array:
    """A number for each set, in a shape that broadcasts to `x`."""
    batch, _, length = x.shape
    if length > 1 and is_short(batch, length):
        return values.repeat(length).reshape(len(values), length)
    return values[:, None]


# -- the pair -----------------------------------------------------------------------------


def center(x: Array, out: Array) -> tuple[Array, Array]:
    """Write x - μ into `out`.

    Where μ is large beside the deviation, so is its rounding: in single precision a mean of 10⁴
    is off by 10⁻³, and a constant input would seem to vary. There the mean of what is left is
    subtracted too; in very long sets of equal numbers what then is left is still large.

    Returns:
        The mean and the variance (not the unbiased one) of each set.
    """
    number = constant(count(x), x.dtype)
    mean = sums(x) / number
    np.subtract(x, spread(mean, x), out)
    variance = sums_of_products(out, out) / number
    # A sum's rounding grows with the additions that come one after another: by samples, and of a
    # line some 64 at a time.
    additions = x.shape[0] + x.shape[2] // 64
    bound = constant(4096 / max(additions, 64), x.dtype)
    subtracted = mean
    for _ in range(_CORRECTIONS):
        if not (subtracted * subtracted > variance * bound).any():
            break
        subtracted = sums(out) / number
        mean += subtracted
        out -= spread(subtracted, x)
        variance = sums_of_products(out, out) / number
    return mean, variance


def inverse_deviation(variance: Array, eps: float) -> Array:
    """1 / √(v + ε) as a new array."""
    result: Array = variance + constant(eps, variance.dtype)
    np.sqrt(result, result)
    np.reciprocal(result, result)
    return result


def scale(centered: Array, factor: Array, shift: Array | None, out: Array) -> None:
    """Write centered · factor + shift into `out`; both are for each set. `centered` is used up."""
    if shift is None:
        np.multiply(centered, spread(factor, centered), out)
    else:
        centered *= spread(factor, centered)
        np.add(centered, spread(shift, centered), out)


def go_through(
    grad: Array,
    centered: Array,
    inverse_std: Array,
    factor: Array,
    out: Array,
) -> tuple[Array, Array]:
    """Write factor · (g - mean(g) - x̂ mean(g x̂)) into `out`: dL/dx, if s is in the factor.

    Args:
        grad: g = dL/dx̂, up to what of it stands in `factor`.
        centered: x - μ, in an array of the caller's own, which is used up.
        inverse_std: s, for each set.
        factor: for each set.
        out: where the result goes.

    Returns:
        Σ g and Σ g x̂ of each set.
    """
    number = constant(count(grad), grad.dtype)
    total = sums(grad)
    product = sums_of_products(grad, centered)
    product *= inverse_std
    centered *= spread(product * inverse_std / number, grad)
    np.subtract(grad, centered, centered)
    centered -= spread(total / number, grad)
    np.multiply(centered, spread(factor, grad), out)
    return total, product


# -- the channels' weights ----------------------------------------------------------------


def for_sets(weight: Tensor | None, sets: int, dtype: np.dtype[Any]) -> Any:
    """A number for each channel as one for each set, in a given dtype; never a view."""
    if weight is None:
        return None
    values = weight.array.astype(dtype)
    if len(values) != sets:
        values = values[None].repeat(sets // (len(values) or 1), 0).ravel()
    return values


def over_sets(values: Array, weight: Tensor) -> Array:
    """Add up what belongs to the sets of each channel."""
    channels = len(weight.array)
    return values if len(values) == channels else values.reshape(-1, channels).sum(0)


# -- what the layers share besides --------------------------------------------------------


class Affine(Module):
    """A layer with a weight that is 1 and a bias that is 0 at first; either may be None."""

    weight: Tensor | None
    bias: Tensor | None

    def _register_affine(self, shape: Any, device: Any, dtype: Any, **wanted: bool) -> None:
        """Register the parameters that are named; None for those that are not wanted."""
        for name, made in wanted.items():
            parameter = Parameter(empty(shape, device=device, dtype=dtype)) if made else None
            self.register_parameter(name, parameter)

    def reset_parameters(self) -> None:
        """Set the weight to 1 and the bias to 0."""
        if self.weight is not None:
            init.ones_(self.weight)
        if self.bias is not None:
            init.zeros_(self.bias)


def as_working(array: Array) -> Array:
    """An array with its numbers side by side, in the precision to compute in: at least single."""
    return np.ascontiguousarray(array, np.float32 if array.dtype == np.float16 else None)


def check_parameter(
    module: Module,
    name: str,
    tensor: Any,
    shape: tuple[int, ...],
    input: Array,
    any_dtype: bool = False,
) -> None:
    """Refuse a weight or a statistic that does not fit the input.

    Raises:
        RuntimeError: its shape is not `shape`; or, unless it may be of any, its dtype is not the
            input's. Beside an input of half precision it may be of single precision.
    """
    if tensor is None:
        return
    array, dtype = tensor.array, input.dtype
    if array.shape != shape:
        raise RuntimeError(
            f"{type(module).__name__}: {name} has shape {list(array.shape)}, but an input of shape "
            f"{list(input.shape)} needs shape {list(shape)}"
        )
    if array.dtype is dtype or array.dtype == dtype or any_dtype:
        return
    if dtype != np.float16 or array.dtype != np.float32:
        raise RuntimeError(
            f"{type(module).__name__} got mixed dtypes: the input is {dtype} and {name} is "
            f"{array.dtype}; convert the input (.to(minitorch.{array.dtype}) or "
            f".astype('{array.dtype}')) or the module (.to(minitorch.{dtype}))"
        )
