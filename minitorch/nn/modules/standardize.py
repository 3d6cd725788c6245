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

from typing import TYPE_CHECKING, Any

import numpy as np

from ...autograd.variable import Array
from ...ops.promotion import constant, ones

if TYPE_CHECKING:
    from ..module import Module

_BLOCK = 2**16  # numbers: larger ones leave the processor's own cache, smaller ones cost calls
_WHOLE = (slice(None),)
_SHORT_LINE = 1024  # below this NumPy spends more on starting a line than on its numbers


# -- sets ---------------------------------------------------------------------------------


def blocks(shape: tuple[int, ...], multiple: int = 1) -> tuple[slice, ...]:
    """Slices of the middle dimension, each a multiple of `multiple` sets and small enough.

    Example:
        >>> blocks((1, 6, 2**15))
        (slice(0, 2, None), slice(2, 4, None), slice(4, 6, None))
    """
    batch, sets, length = shape
    size = _BLOCK if batch == 1 else 4 * _BLOCK  # of pieces far apart, which should be long
    if batch * sets * length <= size:
        return _WHOLE
    step = max(size // (batch * length * multiple), 1) * multiple
    return tuple(slice(start, start + step) for start in range(0, sets, step))


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
    if batch != 1 and length < _SHORT_LINE:
        return sums(x * y)
    lines: Array = np.vecdot(x, y)
    total: Array = lines[0] if batch == 1 else ones(batch, x.dtype).dot(lines)
    return total


def spread(values: Array, x: Array) -> Array:
    """A number for each set, in a shape that broadcasts to `x`."""
    batch, _, length = x.shape
    if batch >= 4 and 1 < length < _SHORT_LINE:
        return values.repeat(length).reshape(len(values), length)
    return values[:, None]


# -- the pair -----------------------------------------------------------------------------


def center(x: Array, out: Array) -> tuple[Array, Array]:
    """Write x - μ into `out`.

    Where μ is large beside the deviation, so is its rounding: in single precision a mean of 10⁴
    is off by 10⁻³, and a constant input would seem to vary. There the mean of what is left is
    subtracted too.

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
    if (mean * mean > variance * constant(4096 / max(additions, 64), x.dtype)).any():
        rest = sums(out) / number
        mean += rest
        out -= spread(rest, x)
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
    factor: Array | None,
    out: Array,
    subtracts_mean: bool = True,
) -> tuple[Array, Array]:
    """Write factor · (g - mean(g) - x̂ mean(g x̂)) into `out`: dL/dx, if s is in factor or g.

    Args:
        grad: g = dL/dx̂, up to what of it stands in `factor`.
        centered: x - μ, in an array of the caller's own, which is used up.
        inverse_std: s, for each set.
        factor: for each set; None for 1.
        out: where the result goes.
        subtracts_mean: μ is the mean; otherwise it is a constant, and mean(g) is left out.

    Returns:
        Σ g and Σ g x̂ of each set.
    """
    number = constant(count(grad), grad.dtype)
    total = sums(grad)
    product = sums_of_products(grad, centered)
    product *= inverse_std
    centered *= spread(product * inverse_std / number, grad)
    np.subtract(grad, centered, out if factor is None else centered)
    if factor is not None:
        if subtracts_mean:
            centered -= spread(total / number, grad)
        np.multiply(centered, spread(factor, grad), out)
    elif subtracts_mean:
        out -= spread(total / number, grad)
    return total, product


# -- what the layers share besides --------------------------------------------------------


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


def check_floating(module: Module, input: Array) -> None:
    """Refuse integers and booleans.

    Raises:
        NotImplementedError: the input is one of those.
    """
    if input.dtype.kind != "f":
        raise NotImplementedError(
            f"{type(module).__name__} is not implemented for {input.dtype}: convert the input with "
            ".float()"
        )
