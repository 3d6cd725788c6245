"""Drawing random tensors.

What is drawn, and in which order, is PyTorch's: the rules stand in `minitorch/streams.py`. No
gradient passes through a draw: what gives the distribution gets zeros.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import dtypes, streams
from ..autograd.operator import Operator
from ..autograd.variable import Array, Variable, buffer, wrap
from ..random import Generator, source
from .creation import Device, DType, empty, empty_like, number_of, zeros_like
from .filling import (
    Draw,
    bernoulli_draw,
    drawing,
    fill_with,
    integer_draw,
    normal_,
    normal_draw,
    unit_draw,
    whole_bounds,
)
from .layout import dense_like
from .shape import as_integer

if TYPE_CHECKING:
    from ..tensor import Tensor


# -- new tensors --------------------------------------------------------------------------


def rand(
    *sizes: Any,
    size: Any = None,
    generator: Generator | None = None,
    dtype: DType = None,
    device: Device = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
) -> Tensor:
    """Draw from the uniform distribution on [0, 1), as `streams.uniform` does.

    Args:
        sizes: the shape, as integers or one tuple of them.
        size: the same as a keyword.
        generator: where to draw from. Default: the default generator.
        dtype: a floating-point dtype. Default: the default dtype.
        device: the CPU.
        requires_grad: whether gradients are computed for the result. Default: False.
        pin_memory: accepted for PyTorch's signature only.

    Raises:
        TypeError: a size is no integer, or `generator` no generator.
        RuntimeError: a size is negative.
        NotImplementedError: `dtype` is not floating point.

    Example:
        >>> import minitorch
        >>> _ = minitorch.manual_seed(0)
        >>> minitorch.rand(2)
        tensor([0.4963, 0.7682])
    """
    generator = source(generator)
    result = empty(*sizes, size=size, dtype=dtype, device=device)
    return _drawn(result, unit_draw("rand", result.array.dtype, generator), requires_grad)


def randn(
    *sizes: Any,
    size: Any = None,
    generator: Generator | None = None,
    dtype: DType = None,
    device: Device = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
) -> Tensor:
    """Draw from the normal distribution of mean 0 and variance 1, as `streams.normal` does.

    Up to 2¹⁹ numbers are PyTorch's to the last bit. The arguments and errors are those of `rand`.

    Example:
        >>> import minitorch
        >>> _ = minitorch.manual_seed(0)
        >>> minitorch.randn(2)
        tensor([ 1.5410, -0.2934])
    """
    generator = source(generator)
    result = empty(*sizes, size=size, dtype=dtype, device=device)
    draw = normal_draw("randn", result.array.dtype, generator, 0.0, 1.0)
    return _drawn(result, draw, requires_grad)


def randint(
    *bounds: Any,
    low: Any = None,
    high: Any = None,
    size: Any = None,
    generator: Generator | None = None,
    dtype: DType = dtypes.int64,
    device: Device = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
) -> Tensor:
    """Draw whole numbers from [low, high): `randint(high, size)` or `randint(low, high, size)`.

    As `streams.integers` does: a draw modulo high - low.

    Args:
        bounds: `high` or `low, high`, then perhaps `size`; each may be a keyword instead.
        low: the smallest number. Default: 0.
        high: one more than the largest.
        size: the shape: a tuple of integers.
        generator: where to draw from. Default: the default generator.
        dtype: of the result. Default: int64.
        device: the CPU.
        requires_grad: whether gradients are computed for the result. Default: False.
        pin_memory: accepted for PyTorch's signature only.

    Raises:
        TypeError: a bound is no integer, `size` no tuple of integers, `generator` no generator.
        RuntimeError: `low` is not less than `high`, a bound is beyond the dtype, a size is
            negative, or a gradient is asked for integers.

    Example:
        >>> import minitorch
        >>> _ = minitorch.manual_seed(0)
        >>> minitorch.randint(10, (4,))
        tensor([4, 9, 3, 0])
    """
    if bounds and isinstance(bounds[-1], (tuple, list)):
        if size is not None:
            raise TypeError("randint(): 'size' was given twice")
        *bounds, size = bounds  # type: ignore[assignment]
    if not isinstance(size, (tuple, list)):
        raise TypeError(f"randint(): 'size' must be a tuple of ints, not {type(size).__name__}")
    low, high = whole_bounds("randint", tuple(bounds), low, high)
    generator = source(generator)
    result = empty(tuple(size), dtype=dtype, device=device)
    draw = integer_draw(result.array.dtype, low, high, generator)
    return _drawn(result, draw, requires_grad)


def randperm(
    n: int,
    *,
    generator: Generator | None = None,
    dtype: DType = dtypes.int64,
    device: Device = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
) -> Tensor:
    """Draw a random permutation of 0, 1, ..., n - 1, as `streams.permutation` does.

    Args:
        n: how many. From 214,748,365 on, PyTorch draws by another rule.
        generator: where to draw from. Default: the default generator.
        dtype: of the result. Default: int64.
        device: the CPU.
        requires_grad: whether gradients are computed for the result. Default: False.
        pin_memory: accepted for PyTorch's signature only.

    Raises:
        RuntimeError: `n` is negative or too large for the dtype, or a gradient is asked for
            integers.
        TypeError: `n` is no integer, or `generator` no generator.
        NotImplementedError: the dtype is bool.

    Example:
        >>> import minitorch
        >>> _ = minitorch.manual_seed(0)
        >>> minitorch.randperm(4)
        tensor([0, 1, 3, 2])
    """
    n, generator = as_integer(n, "randperm(): 'n'"), source(generator)
    if n < 0:
        raise RuntimeError(f"n must be non-negative, got {n}")
    result = empty(n, dtype=dtype, device=device, requires_grad=requires_grad)
    if result.array.dtype.kind == "b":
        raise NotImplementedError("randperm draws numbers, not booleans")
    largest = streams.whole_numbers(result.array.dtype)[1] + 1
    if n > largest:
        raise RuntimeError(f"randperm: n cannot be greater than {largest} for {dtype}, got {n}")
    result.array[...] = streams.permutation(generator, n)
    return result


# -- like another tensor ------------------------------------------------------------------


def rand_like(
    input: Tensor,
    *,
    generator: Generator | None = None,
    dtype: DType = None,
    device: Device = None,
    requires_grad: bool = False,
    memory_format: Any = None,
) -> Tensor:
    """Draw from the uniform distribution on [0, 1), in the shape and dtype of `input`.

    Args:
        input: a tensor, or an array, of which an array is made.
        generator: where to draw from. Default: the default generator.
        dtype: Default: that of `input`.
        device: the CPU.
        requires_grad: whether gradients are computed for the result. Default: False.
        memory_format: accepted for PyTorch's signature; the order in memory is that of `input`.

    Raises:
        TypeError: `generator` is no generator.
        NotImplementedError: the dtype is not floating point.

    Example:
        >>> import minitorch
        >>> _ = minitorch.manual_seed(0)
        >>> minitorch.rand_like(minitorch.zeros(2))
        tensor([0.4963, 0.7682])
    """
    generator = source(generator)
    result = empty_like(input, dtype=dtype, device=device)
    return _filled(result, unit_draw("rand_like", buffer(result).dtype, generator), requires_grad)


def randn_like(
    input: Tensor,
    *,
    generator: Generator | None = None,
    dtype: DType = None,
    device: Device = None,
    requires_grad: bool = False,
    memory_format: Any = None,
) -> Tensor:
    """Draw from the normal distribution of mean 0 and variance 1, in the form of `input`.

    The arguments and errors are those of `rand_like`.

    Example:
        >>> import minitorch
        >>> _ = minitorch.manual_seed(0)
        >>> minitorch.randn_like(minitorch.zeros(2))
        tensor([ 1.5410, -0.2934])
    """
    generator = source(generator)
    result = empty_like(input, dtype=dtype, device=device)
    draw = normal_draw("randn_like", buffer(result).dtype, generator, 0.0, 1.0)
    return _filled(result, draw, requires_grad)


def randint_like(
    input: Tensor,
    *bounds: Any,
    low: Any = None,
    high: Any = None,
    generator: Generator | None = None,
    dtype: DType = None,
    device: Device = None,
    requires_grad: bool = False,
    memory_format: Any = None,
) -> Tensor:
    """Draw whole numbers from [low, high) in the form of `input`: `randint_like(input, high)`.

    The bounds and errors are those of `randint`, the other arguments those of `rand_like`.

    Example:
        >>> import minitorch
        >>> _ = minitorch.manual_seed(0)
        >>> minitorch.randint_like(minitorch.zeros(2), 10)
        tensor([4., 9.])
    """
    low, high = whole_bounds("randint_like", bounds, low, high)
    generator = source(generator)
    result = empty_like(input, dtype=dtype, device=device)
    draw = integer_draw(buffer(result).dtype, low, high, generator)
    return _filled(result, draw, requires_grad)


def _drawn(result: Tensor, draw: Draw, requires_grad: bool) -> Tensor:
    """A new tensor that holds what is drawn, in its usual order."""
    array = result.array
    result.array = draw(array.size, True).reshape(array.shape)
    if requires_grad:  # which is refused only now, after the draw, if it cannot be
        result.requires_grad = True
    return result


def _filled(result: Tensor, draw: Draw, requires_grad: bool) -> Tensor:
    """A new tensor or array filled with what is drawn, in the order of its memory."""
    fill_with(buffer(result), draw)
    if requires_grad and isinstance(result, Variable):
        result.requires_grad = True
    return result


# -- distributions given by tensors -------------------------------------------------------


def normal(
    mean: Any,
    std: Any = 1.0,
    size: Any = None,
    *,
    generator: Generator | None = None,
    dtype: DType = None,
    device: Device = None,
    requires_grad: bool = False,
) -> Tensor:
    """Draw from normal distributions, each element with its own mean and standard deviation.

    Standard normal numbers n, as `streams.normal` makes them, become n · std + mean.

    Args:
        mean: a tensor, or a number.
        std: a tensor whose shape can be broadcast with that of `mean`, or a number. Default: 1.
        size: the shape of the result, if both are numbers or tensors without dimensions.
        generator: where to draw from. Default: the default generator.
        dtype: of the result, if both are numbers. Default: the default dtype.
        device: the CPU.
        requires_grad: whether gradients are computed for the result, if both are numbers.

    Raises:
        TypeError: both are numbers and there is no `size`, or `size` beside a tensor with
            dimensions; `generator` is no generator.
        RuntimeError: a standard deviation is negative, or the shapes do not fit.
        NotImplementedError: a tensor that gives the dtype is not floating point.

    Example:
        >>> import minitorch
        >>> _ = minitorch.manual_seed(0)
        >>> minitorch.normal(minitorch.tensor([0.0, 100.0]), 0.1)
        tensor([ 0.1541, 99.9707])
    """
    generator = source(generator)
    if size is not None:
        result: Tensor = empty(size, dtype=dtype, device=device)
        normal_(result, mean, std, generator=generator)
        result.requires_grad = requires_grad
        return result
    mean, std = _parameter(mean, "mean"), _parameter(std, "std")
    tensors = [each for each in (mean, std) if not isinstance(each, (int, float))]
    if not tensors:
        raise TypeError("normal(): for a mean and a std that are numbers, give the size too")
    drawn = _normal_array(buffer(mean), buffer(std), buffer(tensors[0]).dtype, generator)
    result = Drawn.apply(*tensors, drawn=drawn)
    return result


def _parameter(value: Any, name: str) -> Any:
    """A tensor or an array as it is, anything else as a number."""
    return value if isinstance(value, (Variable, np.ndarray)) else number_of(value, "normal", name)


def _normal_array(mean: Any, std: Any, dtype: np.dtype[Any], generator: Generator) -> Array:
    if not np.greater_equal(std, 0).all():
        raise RuntimeError("normal expects all elements of std >= 0.0")
    try:
        shape = np.broadcast_shapes(np.shape(mean), np.shape(std))
    except ValueError:
        raise RuntimeError(
            f"normal(): the shapes of mean and std, {list(np.shape(mean))} and "
            f"{list(np.shape(std))}, cannot be broadcast together"
        ) from None
    scales = isinstance(std, np.ndarray)
    draw = normal_draw("normal", dtype, generator, 0.0, 1.0 if scales else std)
    drawn = draw(math.prod(shape), True).reshape(shape)
    if scales:
        drawn *= std.astype(dtype, copy=False)
    drawn += np.asarray(mean, dtype)
    return drawn


def bernoulli(
    input: Tensor, p: float | None = None, *, generator: Generator | None = None
) -> Tensor:
    """Draw 0 or 1, each 1 with the probability that stands at its place in `input`.

    As `streams.bernoulli_each` does.

    Args:
        input: probabilities, from 0 to 1.
        p: one probability for all, drawn as `bernoulli_` draws; `input` then gives only shape
            and dtype.
        generator: where to draw from. Default: the default generator.

    Raises:
        RuntimeError: a probability is not from 0 to 1.
        NotImplementedError: `input` is not floating point, without `p`.
        TypeError: `generator` is no generator.

    Example:
        >>> import minitorch
        >>> _ = minitorch.manual_seed(0)
        >>> minitorch.bernoulli(minitorch.tensor([0.2, 0.5, 0.9]))
        tensor([0., 0., 1.])
    """
    array = buffer(input)
    output = np.empty(array.shape, array.dtype)
    fill_with(output, bernoulli_draw(output, array if p is None else p, source(generator)))
    drawn: Tensor = Drawn.apply(input, drawn=output)
    return drawn


def multinomial(
    input: Tensor,
    num_samples: int,
    replacement: bool = False,
    *,
    generator: Generator | None = None,
) -> Tensor:
    """Draw indices, each with a probability in proportion to the weight at its place.

    As `streams.categories_with_replacement` and `streams.categories_without_replacement` do.

    Args:
        input: weights, (categories,) or (rows, categories); they need not add up to 1.
        num_samples: how many indices from each row.
        replacement: whether an index may be drawn again. Default: False.
        generator: where to draw from. Default: the default generator.

    Returns:
        int64, (num_samples,) or (rows, num_samples).

    Raises:
        RuntimeError: `input` has other dimensions or is not floating point, holds negative
            weights, infinities or nan, or only zeros; `num_samples` is not positive or, without
            replacement, larger than the number of categories.
        TypeError: `num_samples` is no integer, `replacement` no bool, or `generator` no generator.

    Example:
        >>> import minitorch
        >>> _ = minitorch.manual_seed(0)
        >>> minitorch.multinomial(minitorch.tensor([0.0, 10.0, 3.0, 0.0]), 2)
        tensor([1, 2])
    """
    weights, generator = buffer(input), source(generator)
    num_samples = as_integer(num_samples, "multinomial(): num_samples")
    if not isinstance(replacement, bool):
        raise TypeError(f"multinomial(): replacement must be True or False, not {replacement!r}")
    _check_weights(weights, num_samples, replacement)
    if replacement and num_samples > 1:  # one index is the same either way
        rows = weights.reshape(-1, weights.shape[-1])
        drawn = streams.categories_with_replacement(generator, rows, num_samples)
        drawn = drawn.reshape(*weights.shape[:-1], num_samples)
    else:
        clocks = dense_like(weights)
        fill_with(clocks, drawing(streams.exponential, generator, 1.0, weights.dtype))
        drawn = streams.categories_without_replacement(weights, clocks, num_samples)
    return wrap(drawn) if isinstance(input, Variable) else drawn


def _check_weights(weights: Array, count: int, replacement: bool) -> None:
    if weights.ndim not in (1, 2):
        raise RuntimeError(f"prob_dist must be 1 or 2 dim, got {weights.ndim} dimensions")
    if weights.dtype.kind != "f":
        raise RuntimeError(
            f"multinomial only supports floating-point dtypes for input, got {weights.dtype}"
        )
    if count <= 0:
        raise RuntimeError(f"cannot sample n_sample <= 0 samples, got {count}")
    if not replacement and count > weights.shape[-1]:
        raise RuntimeError(
            f"cannot sample n_sample > prob_dist.size(-1) samples without replacement: asked for "
            f"{count} of {weights.shape[-1]}"
        )
    if not (np.isfinite(weights).all() and (weights >= 0).all()):
        raise RuntimeError("probability tensor contains either `inf`, `nan` or element < 0")
    if (weights.max(axis=-1, initial=0) <= 0).any():
        raise RuntimeError("invalid multinomial distribution (sum of probabilities <= 0)")


class Drawn(Operator):
    """Random numbers in whose distribution tensors had a part; their gradients are zero."""

    def forward(self, *parameters: Any, drawn: Array) -> Any:
        return drawn

    def backward(self, grad: Any) -> Any:
        return tuple(zeros_like(grad) for _ in self.needs_input_grad)
