"""Filling tensors with random numbers in place.

A tensor gets its numbers in the order of its elements in memory, so the transpose of a matrix is
filled column by column. What is drawn, and in which order, is PyTorch's: the rules stand in
`minitorch/streams.py`. No gradient passes through a draw: the old values get zeros.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import streams
from ..autograd.inplace import apply_in_place, changed, check_in_place
from ..autograd.variable import Array, buffer
from ..quiet import quiet
from ..random import Generator, source
from .conversion import Copy
from .creation import number_of
from .layout import axes_in_memory, dense_like
from .shape import as_integer

if TYPE_CHECKING:
    from ..tensor import Tensor

Draw = Callable[[int, bool], Array]  # of how many, for memory that is contiguous or is not


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
    dtype, generator = buffer(input).dtype, source(generator)
    low, high = number_of(from_, "uniform_", "from"), number_of(to, "uniform_", "to")
    _check_floating("uniform_", dtype)
    _check_range(dtype, low, high)
    return _write(input, drawing(streams.uniform, generator, low, high, dtype))


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
    dtype, generator = buffer(input).dtype, source(generator)
    mean, std = number_of(mean, "normal_", "mean"), number_of(std, "normal_", "std")
    if not std >= 0:
        raise RuntimeError(f"normal expects std >= 0.0, but found std {std}")
    return _write(input, normal_draw("normal_", dtype, generator, mean, std))


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
    return _write(input, bernoulli_draw(buffer(input), buffer(p), source(generator)))


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
    dtype, generator = buffer(input).dtype, source(generator)
    if not bounds and to is None:
        if dtype.kind == "u" and dtype.itemsize > 1:
            raise NotImplementedError(f"random_ without bounds is not there for {dtype}")
        return _write(input, drawing(streams.integers_of_dtype, generator, dtype))
    if len(bounds) == 2 and bounds[1] is None and to is None:
        low, high = as_integer(bounds[0], "random_(): 'from'"), streams.whole_numbers(dtype)[1] + 1
    else:
        low, high = whole_bounds("random_", bounds, None, to)
    return _write(input, integer_draw(dtype, low, high, generator))


def exponential_(
    input: Tensor, lambd: float = 1.0, *, generator: Generator | None = None
) -> Tensor:
    """Fill from the exponential distribution of rate `lambd`, as `streams.exponential` does.

    Up to 2¹⁹ numbers are PyTorch's to the last bit.

    Args:
        input: what is filled.
        lambd: the rate, the reciprocal of the mean. Default: 1.
        generator: where to draw from. Default: the default generator.

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
    dtype, generator = buffer(input).dtype, source(generator)
    lambd = number_of(lambd, "exponential_", "lambd")
    _check_positive("exponential_", "lambda", lambd)
    _check_floating("exponential_", dtype, RuntimeError)
    return _write(input, drawing(streams.exponential, generator, lambd, dtype))


def log_normal_(
    input: Tensor, mean: float = 1.0, std: float = 2.0, *, generator: Generator | None = None
) -> Tensor:
    """Fill with exp(n), n of the normal distribution, as `streams.log_normal` does.

    Up to 2¹⁹ numbers are PyTorch's to the last bit.

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
    dtype, generator = buffer(input).dtype, source(generator)
    mean, std = number_of(mean, "log_normal_", "mean"), number_of(std, "log_normal_", "std")
    _check_positive("log_normal_", "std", std)
    _check_floating("log_normal_", dtype)
    return _write(input, drawing(streams.log_normal, generator, mean, std, dtype))


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
    dtype, generator = buffer(input).dtype, source(generator)
    p = number_of(p, "geometric_", "p")
    if not 0 < p < 1:
        raise RuntimeError(f"geometric_ expects p to be in (0, 1), but got p={p}")
    if dtype.kind == "b":
        raise NotImplementedError("geometric_ counts trials, which booleans cannot hold")
    return _write(input, drawing(streams.geometric, generator, p, dtype))


def cauchy_(
    input: Tensor, median: float = 0.0, sigma: float = 1.0, *, generator: Generator | None = None
) -> Tensor:
    """Fill from the Cauchy distribution, as `streams.cauchy` does.

    Up to 2¹⁹ numbers are PyTorch's to the last bit.

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
    dtype, generator = buffer(input).dtype, source(generator)
    median, sigma = number_of(median, "cauchy_", "median"), number_of(sigma, "cauchy_", "sigma")
    _check_positive("cauchy_", "sigma", sigma)
    _check_floating("cauchy_", dtype, RuntimeError)
    return _write(input, drawing(streams.cauchy, generator, median, sigma, dtype))


# -- how a tensor is filled ---------------------------------------------------------------


def _write(tensor: Tensor, draw: Draw) -> Tensor:
    """Fill a tensor in place with what is drawn, once it is known that it may be changed."""
    recorded = check_in_place(tensor)
    if not tensor.array.flags.writeable:
        raise ValueError("the tensor lies on a read-only array: fill a copy of it, by .clone()")
    if recorded:
        values = dense_like(tensor.array)
        fill_with(values, draw)
        return apply_in_place(Copy.apply, tensor, values)
    fill_with(tensor.array, draw)
    changed(tensor)
    return tensor


def fill_with(array: Array, draw: Draw) -> None:
    """Write what is drawn in the order of the elements in memory."""
    contiguous = array.flags.c_contiguous
    place = array if contiguous else array.transpose(axes_in_memory(array))
    place[...] = draw(array.size, contiguous).reshape(place.shape)


# -- what is drawn ------------------------------------------------------------------------
#
# The generator comes from `source`, which callers ask before all else: what is no generator is a
# TypeError, as in PyTorch, whatever else may be wrong.


def drawing(rule: Callable[..., Array], generator: Generator, *parameters: Any) -> Draw:
    """Numbers by a rule of `streams`, which is called as `rule(generator, count, *parameters)`."""
    return lambda count, contiguous: rule(generator, count, *parameters)


def unit_draw(function: str, dtype: np.dtype[Any], generator: Generator) -> Draw:
    """Numbers from [0, 1)."""
    _check_floating(function, dtype)
    return drawing(streams.unit, generator, dtype)


def normal_draw(
    function: str, dtype: np.dtype[Any], generator: Generator, mean: float, std: float
) -> Draw:
    """Numbers of the normal distribution, which depend on how they will lie in memory."""
    _check_floating(function, dtype)
    return lambda count, contiguous: streams.normal(generator, count, mean, std, dtype, contiguous)


def bernoulli_draw(array: Array, p: Any, generator: Generator) -> Draw:
    """0 and 1 for an array, by one probability or by an array of them."""
    if not isinstance(p, np.ndarray):
        p = number_of(p, "bernoulli_", "p")
        if not 0 <= p <= 1:
            raise RuntimeError(f"bernoulli_ expects p to be in [0, 1], but got p={p}")
        return drawing(streams.bernoulli, generator, p)
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
    return drawing(streams.bernoulli_each, generator, ordered)


def integer_draw(dtype: np.dtype[Any], low: int, high: int, generator: Generator) -> Draw:
    """Whole numbers from [low, high)."""
    if dtype.kind == "f":
        low, high = _held_bounds(dtype, low, high)
    _check_bounds(dtype, low, high)
    return drawing(streams.integers, generator, low, high - low, dtype)


def whole_bounds(function: str, given: tuple[Any, ...], low: Any, high: Any) -> tuple[int, int]:
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


def _check_positive(function: str, name: str, value: float) -> None:
    if not value > 0:
        raise RuntimeError(f"{function} expects {name} > 0.0, but found {name}={value}")


def _check_floating(
    function: str, dtype: np.dtype[Any], error: type[Exception] = NotImplementedError
) -> None:
    """Refuse a dtype that is not floating point."""
    if dtype.kind != "f":
        raise error(f"{function} draws floating-point numbers, but the dtype is {dtype}")
