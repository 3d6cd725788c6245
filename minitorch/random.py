"""Random numbers equal to PyTorch's for the same seed: what initial weights and shuffling need.

PyTorch's CPU generator is MT19937 with the seeding of NumPy's legacy `RandomState`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from . import dtypes
from .autograd.variable import Array
from .ops.creation import empty
from .tensor import Tensor

_DEFAULT_SEED = 67280421310721  # what PyTorch starts from before the first manual_seed


class Generator:
    """A stream of random numbers.

    Args:
        device: accepted for PyTorch's signature; everything is on the CPU.

    Example:
        >>> import minitorch
        >>> generator = minitorch.Generator().manual_seed(0)
        >>> minitorch.randperm(4, generator=generator)
        tensor([0, 1, 3, 2])
    """

    def __init__(self, device: Any = "cpu") -> None:
        self.manual_seed(_DEFAULT_SEED)

    def manual_seed(self, seed: int) -> Generator:
        """Start the stream afresh from a seed and return the generator.

        Args:
            seed: from -2⁶³ to 2⁶⁴ - 1; a negative one counts as 2⁶⁴ + seed.

        Raises:
            ValueError: it is beyond.
        """
        number = int(seed)
        if not -(2**63) <= number < 2**64:
            raise ValueError(f"a seed must be from -2**63 to 2**64 - 1, got {number}")
        self._seed = number % 2**64
        self._state: np.random.RandomState | None = None
        return self

    def initial_seed(self) -> int:
        """The seed that the stream was started from."""
        return self._seed

    def _bits(self, count: int) -> Array:
        """The next `count` 32-bit numbers of the stream."""
        if self._state is None:  # only now, since importing numpy.random takes its time
            self._state = np.random.RandomState(self._seed & 0xFFFFFFFF)
        return self._state.randint(0, 2**32, count, dtype=np.uint32)

    def uniform(self, low: float, high: float, shape: tuple[int, ...], dtype: Any) -> Array:
        """Numbers from [low, high).

        In float32 each is the low 24 bits of one 32-bit draw times 2⁻²⁴; in float64 53 bits of
        two draws, the first one high. The bounds are rounded to the dtype, and scaling is a
        fused multiply-add, rounded once. float16 is float32 that is rounded again. A number that
        rounding has made the upper bound becomes the lower one.
        """
        dtype, count = np.dtype(dtype), int(np.prod(shape))
        wide = np.promote_types(dtype, np.float32)
        start = np.asarray(low, wide)
        width = float(np.asarray(high, wide) - start)
        if wide == np.float64:
            pairs = self._bits(2 * count).astype(np.uint64)
            whole = (pairs[0::2] << np.uint64(32)) | pairs[1::2]
            unit = (whole & np.uint64(2**53 - 1)) * 2.0**-53
            scaled = _fused_multiply_add(unit, width, float(start))
        else:
            unit = (self._bits(count) & np.uint32(2**24 - 1)) * 2.0**-24
            scaled = (unit * width + float(start)).astype(wide)  # float64 holds the product exactly
        result: Array = scaled.astype(dtype).reshape(shape)
        result[result == np.asarray(high, dtype)] = np.asarray(low, dtype)
        return result

    def permutation(self, count: int) -> Array:
        """The numbers below `count` in random order: one draw a place, swapped forwards."""
        order = list(range(count))
        draws = self._bits(max(count - 1, 0)).tolist()
        for place, draw in enumerate(draws):
            other = place + draw % (count - place)
            order[place], order[other] = order[other], order[place]
        return np.array(order, dtype=np.int64)


default_generator = Generator()


def _fused_multiply_add(unit: Array, width: float, start: float) -> Array:
    """`unit * width + start`, for unit in [0, 1), rounded once: what is lost is computed as well.

    Source: Dekker, A floating-point technique for extending the available precision (1971).
    """
    product = unit * width
    total = product + start
    if not abs(width) < 1e290:  # too large to be split
        return total
    (high, low), (wide, narrow) = _halves(unit), _halves(width)
    lost_in_product = ((high * wide - product) + high * narrow + low * wide) + low * narrow
    back = total - product
    lost_in_sum = (product - (total - back)) + (start - back)
    return total + (lost_in_sum + lost_in_product)  # type: ignore[no-any-return]


def _halves(number: Any) -> tuple[Any, Any]:
    """A float64 as a sum of two of 26 bits each."""
    scaled = number * 134217729.0  # 2²⁷ + 1
    high = scaled - (scaled - number)
    return high, number - high


def _source(generator: Generator | None) -> Generator:
    """Where to draw from."""
    if generator is None:
        return default_generator
    if not isinstance(generator, Generator):
        raise TypeError(
            f"argument 'generator' must be a minitorch.Generator, not {type(generator).__name__}"
        )
    return generator


def manual_seed(seed: int) -> Generator:
    """Start the default generator afresh from a seed and return it.

    Example:
        >>> import minitorch
        >>> _ = minitorch.manual_seed(0)
        >>> minitorch.rand(2)
        tensor([0.4963, 0.7682])
    """
    return default_generator.manual_seed(seed)


def initial_seed() -> int:
    """The seed of the default generator."""
    return default_generator.initial_seed()


def rand(
    *sizes: Any,
    size: Any = None,
    generator: Generator | None = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Draw from the uniform distribution on [0, 1).

    Args:
        sizes: the shape, as integers or one tuple of them.
        size: the same as a keyword.
        generator: where to draw from. Default: the default generator.
        dtype: a floating-point dtype. Default: the default dtype.
        device: accepted for PyTorch's signature.
        requires_grad: whether gradients are computed for the result.

    Raises:
        TypeError: a size is no integer, or `generator` no generator.
        RuntimeError: a size is negative.
        NotImplementedError: `dtype` is not floating point.
    """
    result = empty(*sizes, size=size, dtype=dtype, device=device, requires_grad=requires_grad)
    if not result.is_floating_point():
        raise NotImplementedError(f"rand draws floating-point numbers, not {result.dtype}")
    array = result.array
    result.array = _source(generator).uniform(0.0, 1.0, array.shape, array.dtype)
    return result


def _largest_count(dtype: np.dtype[Any]) -> int:
    """How many different whole numbers from 0 a dtype is trusted with."""
    if dtype.kind == "f":
        return int(2 ** (np.finfo(dtype).nmant + 1)) + 1
    if dtype.kind == "b":
        raise NotImplementedError("randperm draws numbers, not booleans")
    return int(np.iinfo(dtype).max) + 1


def randperm(
    n: int,
    *,
    generator: Generator | None = None,
    dtype: Any = dtypes.int64,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Draw a random permutation of 0, 1, ..., n - 1.

    Args:
        n: how many.
        generator: where to draw from. Default: the default generator.
        dtype: of the result. Default: int64.
        device: accepted for PyTorch's signature.
        requires_grad: whether gradients are computed for the result.

    Raises:
        RuntimeError: `n` is negative or too large for the dtype, or a gradient is asked for
            integers.
        TypeError: `n` is no integer, or `generator` no generator.
        NotImplementedError: the dtype is bool.
    """
    if n < 0:
        raise RuntimeError(f"n must be non-negative, got {n}")
    result = empty(n, dtype=dtype, device=device, requires_grad=requires_grad)
    largest = _largest_count(result.array.dtype)
    if n > largest:
        raise RuntimeError(f"randperm: n cannot be greater than {largest} for {dtype}, got {n}")
    result.array[...] = _source(generator).permutation(n)
    return result
