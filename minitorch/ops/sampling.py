"""Drawing random tensors, and filling tensors with random numbers in place.

What is drawn, and in which order, is PyTorch's: the rules stand in `minitorch/streams.py`. A tensor
filled in place gets its numbers in the order of its elements in memory, so the transpose of a
matrix is filled column by column. No gradient passes through a draw: the old values get zeros.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import dtypes, streams
from ..autograd.inplace import apply_in_place, changed, check_in_place
from ..autograd.operator import Operator
from ..autograd.variable import Array, Variable, buffer, wrap
from ..quiet import quiet
from ..random import Generator, source
from .conversion import Copy
from .creation import Device, DType, empty, empty_like, number_of, zeros_like
from .layout import axes_in_memory, dense_like
from .shape import as_integer

if TYPE_CHECKING:
    from ..tensor import Tensor

_ABSENT: Any = object()
Draw = Callable[[int, bool], Array]  # of how many, for memory that is contiguous or is not


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
    result = empty(*sizes, size=size, dtype=dtype, device=device, requires_grad=requires_grad)
    return _drawn(result, _unit_draw("rand", result, generator))


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
    result = empty(*sizes, size=size, dtype=dtype, device=device, requires_grad=requires_grad)
    return _drawn(result, _normal_draw("randn", result, 0.0, 1.0, generator))


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
    low, high = _bounds("randint", tuple(bounds), low, high)
    result = empty(tuple(size), dtype=dtype, device=device)
    random_(result, low, high, generator=generator)
    result.requires_grad = requires_grad
    return result


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
    n = as_integer(n, "randperm(): 'n'")
    if n < 0:
        raise RuntimeError(f"n must be non-negative, got {n}")
    result = empty(n, dtype=dtype, device=device, requires_grad=requires_grad)
    if result.array.dtype.kind == "b":
        raise NotImplementedError("randperm draws numbers, not booleans")
    largest = streams.whole_numbers(result.array.dtype)[1] + 1
    if n > largest:
        raise RuntimeError(f"randperm: n cannot be greater than {largest} for {dtype}, got {n}")
    result.array[...] = streams.permutation(source(generator), n)
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
    result = empty_like(input, dtype=dtype, device=device)
    return _filled(result, _unit_draw("rand_like", result, generator), requires_grad)


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
    result = empty_like(input, dtype=dtype, device=device)
    draw = _normal_draw("randn_like", result, 0.0, 1.0, generator)
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
    low, high = _bounds("randint_like", bounds, low, high)
    result = empty_like(input, dtype=dtype, device=device)
    draw = _integer_draw(buffer(result).dtype, low, high, generator)
    return _filled(result, draw, requires_grad)


def _drawn(result: Tensor, draw: Draw) -> Tensor:
    """A new tensor that holds what is drawn, in its usual order."""
    array = result.array
    result.array = draw(array.size, True).reshape(array.shape)
    return result


def _filled(result: Tensor, draw: Draw, requires_grad: bool) -> Tensor:
    """A new tensor or array filled with what is drawn, in the order of its memory."""
    _fill(buffer(result), draw)
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


def _normal_array(mean: Any, std: Any, dtype: np.dtype[Any], generator: Generator | None) -> Array:
    drawing = source(generator)
    _check_floating("normal", dtype)
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
    drawn = streams.normal(drawing, math.prod(shape), 0.0, 1.0 if scales else std, dtype)
    drawn = drawn.reshape(shape)
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
    _fill(output, _bernoulli_draw(output, array if p is None else p, generator))
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
    weights, num_samples = buffer(input), as_integer(num_samples, "multinomial(): num_samples")
    if not isinstance(replacement, bool):
        raise TypeError(f"multinomial(): replacement must be True or False, not {replacement!r}")
    _check_weights(weights, num_samples, replacement)
    drawing = source(generator)
    if replacement and num_samples > 1:  # one index is the same either way
        rows = weights.reshape(-1, weights.shape[-1])
        drawn = streams.categories_with_replacement(drawing, rows, num_samples)
        drawn = drawn.reshape(*weights.shape[:-1], num_samples)
    else:
        clocks = dense_like(weights)
        _fill(clocks, lambda count, _: streams.exponential(drawing, count, 1.0, weights.dtype))
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


# -- in place -----------------------------------------------------------------------------


def uniform_(
    input: Tensor, from_: float = 0.0, to: float = 1.0, *, generator: Generator | None = None
) -> Tensor:
    """Fill from the uniform distribution on [from_, to), as `streams.uniform` does.

    Args:
        input: what is filled.
        from_: the lower bound, in PyTorch `from`, which Python reserves. Default: 0.
        to: the upper bound. Default: 1.
        generator: where to draw from. Default: the default generator.

    Raises:
        RuntimeError: from_ > to, a bound or their distance is nan or beyond the dtype, or the
            tensor is a leaf that requires a gradient.
        NotImplementedError: the tensor is not floating point.
        TypeError: `generator` is no generator, or a bound no number.

    Example:
        >>> import minitorch
        >>> _ = minitorch.manual_seed(0)
        >>> minitorch.empty(2).uniform_(-1, 1)
        tensor([-0.0075,  0.5364])
    """
    dtype, drawing = buffer(input).dtype, source(generator)
    low, high = number_of(from_, "uniform_", "from"), number_of(to, "uniform_", "to")
    _check_floating("uniform_", dtype)
    _check_range(dtype, low, high)
    return _write(input, lambda count, _: streams.uniform(drawing, count, low, high, dtype))


def normal_(
    input: Tensor, mean: float = 0.0, std: float = 1.0, *, generator: Generator | None = None
) -> Tensor:
    """Fill from the normal distribution, as `streams.normal` does.

    Up to 2¹⁹ numbers are PyTorch's to the last bit.

    Args:
        input: what is filled.
        mean: its mean. Default: 0.
        std: its standard deviation. Default: 1.
        generator: where to draw from. Default: the default generator.

    Raises:
        RuntimeError: `std` is negative, or the tensor is a leaf that requires a gradient.
        NotImplementedError: the tensor is not floating point.
        TypeError: `generator` is no generator, or a parameter no number.

    Example:
        >>> import minitorch
        >>> _ = minitorch.manual_seed(0)
        >>> minitorch.empty(2).normal_(std=0.1)
        tensor([ 0.1541, -0.0293])
    """
    mean, std = number_of(mean, "normal_", "mean"), number_of(std, "normal_", "std")
    if not std >= 0:
        raise RuntimeError(f"normal expects std >= 0.0, but found std {std}")
    return _write(input, _normal_draw("normal_", input, mean, std, generator))


def bernoulli_(input: Tensor, p: Any = 0.5, *, generator: Generator | None = None) -> Tensor:
    """Fill with 0 and 1.

    Args:
        input: what is filled, of any dtype.
        p: the probability of 1, as `streams.bernoulli` draws; or a tensor of probabilities that
            can be broadcast, as `streams.bernoulli_each` does. Default: 0.5.
        generator: where to draw from. Default: the default generator.

    Raises:
        RuntimeError: a probability is not from 0 to 1, or the tensor is a leaf that requires a
            gradient.
        TypeError: `p` is neither number nor tensor, or `generator` no generator.
        NotImplementedError: `p` is a tensor that is not floating point.

    Example:
        >>> import minitorch
        >>> _ = minitorch.manual_seed(0)
        >>> minitorch.empty(5).bernoulli_(0.8)
        tensor([0., 1., 1., 0., 1.])
    """
    array = buffer(input)
    return _write(input, _bernoulli_draw(array, buffer(p), generator))


def random_(
    input: Tensor, *bounds: Any, to: Any = None, generator: Generator | None = None
) -> Tensor:
    """Fill with whole numbers: `random_()`, `random_(to)` or `random_(from, to)`.

    Without bounds from 0 to the largest number of the dtype, in floating point to 2ᵈ, d its
    digits: `streams.integers_of_dtype`. With bounds from [from, to), `from` being 0 by default:
    `streams.integers`. `to` may be None: the numbers then go up to the largest one.

    Args:
        input: what is filled.
        bounds: none, `to`, or `from, to`.
        to: the same as a keyword.
        generator: where to draw from. Default: the default generator.

    Raises:
        RuntimeError: `from` is not less than `to`, a bound is beyond the dtype, or the tensor is
            a leaf that requires a gradient.
        TypeError: a bound is no integer, or `generator` no generator.
        NotImplementedError: unsigned numbers of more than 8 bits without bounds.

    Warns:
        UserWarning: a bound is beyond the whole numbers that the floating-point dtype holds.

    Example:
        >>> import minitorch
        >>> _ = minitorch.manual_seed(0)
        >>> minitorch.empty(3).random_(1, 7)
        tensor([3., 4., 6.])
    """
    dtype, drawing = buffer(input).dtype, source(generator)
    if not bounds and to is None:
        if dtype.kind == "u" and dtype.itemsize > 1:
            raise NotImplementedError(f"random_ without bounds is not there for {dtype}")
        return _write(input, lambda count, _: streams.integers_of_dtype(drawing, count, dtype))
    if len(bounds) == 2 and bounds[1] is None and to is None:
        low, high = as_integer(bounds[0], "random_(): 'from'"), streams.whole_numbers(dtype)[1] + 1
    else:
        low, high = _bounds("random_", bounds, None, to)
    return _write(input, _integer_draw(dtype, low, high, generator))


def exponential_(
    input: Tensor, lambd: float = 1.0, *, generator: Generator | None = None
) -> Tensor:
    """Fill from the exponential distribution of rate `lambd`, as `streams.exponential` does.

    Raises:
        RuntimeError: `lambd` is not positive, the tensor is not floating point, or it is a leaf
            that requires a gradient.
        TypeError: `generator` is no generator.

    Example:
        >>> import minitorch
        >>> _ = minitorch.manual_seed(0)
        >>> minitorch.empty(2).exponential_()
        tensor([3.5083, 1.2304])
    """
    dtype, drawing = buffer(input).dtype, source(generator)
    lambd = number_of(lambd, "exponential_", "lambd")
    if not lambd > 0:
        raise RuntimeError(f"exponential_ expects lambda > 0.0, but found lambda={lambd}")
    if dtype.kind != "f":
        raise RuntimeError(
            f"the exponential distribution is one of real numbers, but the dtype is {input.dtype}"
        )
    return _write(input, lambda count, _: streams.exponential(drawing, count, lambd, dtype))


def log_normal_(
    input: Tensor, mean: float = 1.0, std: float = 2.0, *, generator: Generator | None = None
) -> Tensor:
    """Fill with exp(n), n of the normal distribution, as `streams.log_normal` does.

    Args:
        input: what is filled.
        mean: of the normal distribution. Default: 1.
        std: of the normal distribution. Default: 2.
        generator: where to draw from. Default: the default generator.

    Raises:
        RuntimeError: `std` is not positive, or the tensor is a leaf that requires a gradient.
        NotImplementedError: the tensor is not floating point.
        TypeError: `generator` is no generator.

    Example:
        >>> import minitorch
        >>> _ = minitorch.manual_seed(0)
        >>> minitorch.empty(2).log_normal_(0, 1)
        tensor([4.6692, 0.7457])
    """
    dtype, drawing = buffer(input).dtype, source(generator)
    mean, std = number_of(mean, "log_normal_", "mean"), number_of(std, "log_normal_", "std")
    if not std > 0:
        raise RuntimeError(f"log_normal_ expects std > 0.0, but found std={std}")
    _check_floating("log_normal_", dtype)
    return _write(input, lambda count, _: streams.log_normal(drawing, count, mean, std, dtype))


def geometric_(input: Tensor, p: float, *, generator: Generator | None = None) -> Tensor:
    """Fill with the number of trials until the first success, as `streams.geometric` does.

    Args:
        input: what is filled.
        p: the probability of success of a trial.
        generator: where to draw from. Default: the default generator.

    Raises:
        RuntimeError: `p` is not between 0 and 1, or the tensor is a leaf that requires a gradient.
        NotImplementedError: the tensor holds booleans.
        TypeError: `generator` is no generator.

    Example:
        >>> import minitorch
        >>> _ = minitorch.manual_seed(0)
        >>> minitorch.empty(4).geometric_(0.2)
        tensor([1., 2., 4., 1.])
    """
    dtype, drawing = buffer(input).dtype, source(generator)
    p = number_of(p, "geometric_", "p")
    if not 0 < p < 1:
        raise RuntimeError(f"geometric_ expects p to be in (0, 1), but got p={p}")
    if dtype.kind == "b":
        raise NotImplementedError("geometric_ counts trials, which booleans cannot hold")
    return _write(input, lambda count, _: streams.geometric(drawing, count, p, dtype))


def cauchy_(
    input: Tensor, median: float = 0.0, sigma: float = 1.0, *, generator: Generator | None = None
) -> Tensor:
    """Fill from the Cauchy distribution, as `streams.cauchy` does.

    Args:
        input: what is filled.
        median: its median. Default: 0.
        sigma: half the distance between its quartiles. Default: 1.
        generator: where to draw from. Default: the default generator.

    Raises:
        RuntimeError: `sigma` is not positive, the tensor is not floating point, or it is a leaf
            that requires a gradient.
        TypeError: `generator` is no generator.

    Example:
        >>> import minitorch
        >>> _ = minitorch.manual_seed(0)
        >>> minitorch.empty(2).cauchy_()
        tensor([10.5977,  0.7648])
    """
    dtype, drawing = buffer(input).dtype, source(generator)
    median = number_of(median, "cauchy_", "median")
    sigma = number_of(sigma, "cauchy_", "sigma")
    if not sigma > 0:
        raise RuntimeError(f"cauchy_ expects sigma > 0.0, but found sigma={sigma}")
    if dtype.kind != "f":
        raise RuntimeError(
            f"the Cauchy distribution is one of real numbers, but the dtype is {input.dtype}"
        )
    return _write(input, lambda count, _: streams.cauchy(drawing, count, median, sigma, dtype))


# -- how a tensor is filled ---------------------------------------------------------------


def _write(tensor: Tensor, draw: Draw) -> Tensor:
    """Fill a tensor in place with what is drawn, once it is known that it may be changed."""
    recorded = check_in_place(tensor)
    if not tensor.array.flags.writeable:
        raise ValueError("the tensor lies on a read-only array: fill a copy of it, by .clone()")
    if recorded:
        values = dense_like(tensor.array)
        _fill(values, draw)
        return apply_in_place(Copy.apply, tensor, values)
    _fill(tensor.array, draw)
    changed(tensor)
    return tensor


def _fill(array: Array, draw: Draw) -> None:
    """Write what is drawn in the order of the elements in memory."""
    contiguous = array.flags.c_contiguous
    place = array if contiguous else array.transpose(axes_in_memory(array))
    place[...] = draw(array.size, contiguous).reshape(place.shape)


def _unit_draw(function: str, tensor: Any, generator: Generator | None) -> Draw:
    dtype, drawing = buffer(tensor).dtype, source(generator)
    _check_floating(function, dtype)
    return lambda count, _: streams.unit(drawing, count, dtype)


def _normal_draw(
    function: str, tensor: Any, mean: float, std: float, generator: Generator | None
) -> Draw:
    dtype, drawing = buffer(tensor).dtype, source(generator)
    _check_floating(function, dtype)
    return lambda count, contiguous: streams.normal(drawing, count, mean, std, dtype, contiguous)


def _bernoulli_draw(array: Array, p: Any, generator: Generator | None) -> Draw:
    drawing = source(generator)
    if not isinstance(p, np.ndarray):
        p = number_of(p, "bernoulli_", "p")
        if not 0 <= p <= 1:
            raise RuntimeError(f"bernoulli_ expects p to be in [0, 1], but got p={p}")
        return lambda count, _: streams.bernoulli(drawing, count, p)
    if p.dtype.kind != "f":
        raise NotImplementedError(
            f"bernoulli draws by probabilities in floating point, not by {p.dtype}"
        )
    if not ((p >= 0) & (p <= 1)).all():
        raise RuntimeError("bernoulli expects every probability to be in [0, 1]")
    try:
        each = np.broadcast_to(p, array.shape)
    except ValueError:
        raise RuntimeError(
            f"bernoulli_: the shape of p, {list(p.shape)}, cannot be broadcast to that of the "
            f"tensor, {list(array.shape)}"
        ) from None
    ordered = each.transpose(axes_in_memory(array)).reshape(-1)
    return lambda count, _: streams.bernoulli_each(drawing, ordered)


def _integer_draw(dtype: np.dtype[Any], low: int, high: int, generator: Generator | None) -> Draw:
    drawing = source(generator)
    if dtype.kind == "f":
        low, high = _held_bounds(dtype, low, high)
    _check_bounds(dtype, low, high)
    return lambda count, _: streams.integers(drawing, count, low, high - low, dtype)


def _bounds(function: str, given: tuple[Any, ...], low: Any, high: Any) -> tuple[int, int]:
    """`low` and `high` of `f(high)`, `f(low, high)` and their keywords.

    Raises:
        TypeError: one is missing, given twice, or no integer.
    """
    if len(given) == 2 and low is None and high is None:
        low, high = given
    elif len(given) == 1 and high is None:
        high = given[0]
    elif len(given) == 1 and low is None:
        low = given[0]
    elif given or high is None:
        raise TypeError(f"{function}(): give 'high', or 'low' and 'high', once each")
    names = (f"{function}(): 'low'", f"{function}(): 'high'")
    return 0 if low is None else as_integer(low, names[0]), as_integer(high, names[1])


def _check_range(dtype: np.dtype[Any], low: float, high: float) -> None:
    """Refuse bounds of a uniform distribution that are none, or whose distance overflows."""
    largest = float(np.finfo(dtype).max)
    for name, bound in (("from", low), ("to", high)):
        if not -largest <= bound <= largest:
            raise RuntimeError(f"uniform_: {name}={bound} is out of bounds for {dtype}")
    if low > high:
        raise RuntimeError(
            f"uniform_ expects to return a [from, to) range, but found from={low} > to={high}"
        )
    if high - low > largest:
        raise RuntimeError(
            f"uniform_: the distance from {low} to {high} is more than {dtype} holds"
        )


def _held_bounds(dtype: np.dtype[Any], low: int, high: int) -> tuple[int, int]:
    """The bounds drawn in, where rounding `low` or `high - 1` would lead out of [low, high)."""
    digits = np.finfo(dtype).nmant + 1
    first = float(quiet.run(dtype.type, float(low + 1)))
    last = float(quiet.run(dtype.type, float(high - 1)))
    if first < low and math.isfinite(first):
        low = int(first) + 2 ** (abs(low + 1).bit_length() - digits)
    if last >= high and math.isfinite(last):
        high = int(last) - 2 ** (abs(high - 1).bit_length() - digits)
    return low, high


def _check_bounds(dtype: np.dtype[Any], low: int, high: int) -> None:
    """Refuse whole numbers from [low, high) that are none, or that a dtype cannot hold."""
    if low >= high:
        raise RuntimeError(
            f"random_ expects 'from' to be less than 'to', but got from={low} >= to={high}"
        )
    smallest, largest = streams.whole_numbers(dtype)
    for name, bound in (("from", low), ("to - 1", high - 1)):
        if smallest <= bound <= largest:
            continue
        if dtype.kind != "f" or abs(bound) > float(np.finfo(dtype).max):
            raise RuntimeError(f"{name} is out of bounds for {dtype}, got {bound}")
        warnings.warn(
            f"{name} is out of bounds [{smallest}, {largest}]: {dtype} does not hold all whole "
            "numbers beyond",
            stacklevel=4,
        )


def _check_floating(function: str, dtype: np.dtype[Any]) -> None:
    if dtype.kind != "f":
        raise NotImplementedError(
            f"{function} draws floating-point numbers, but the dtype is {dtype}"
        )
