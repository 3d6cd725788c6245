"""Functions of arrays that are rounded as PyTorch rounds them, to the last bit.

PyTorch makes normal numbers in float32 with the polynomials of the Cephes library, products and
sums rounded together; in float64, and where it makes one number at a time, with the C library's
functions, from which NumPy's differ in the last bit on some processors.

Source of the polynomials: Moshier, Methods and Programs for Mathematical Functions (1989).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from .autograd.variable import Array

_LOG = tuple(
    np.float32(coefficient)
    for coefficient in (
        7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1, 1.4249322787e-1,
        -1.6668057665e-1, 2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1,
    )
)  # fmt: skip
_LOG_2_HIGH, _LOG_2_LOW = np.float32(0.693359375), np.float32(-2.12194440e-4)
_HALF_ROOT_BITS = np.array(math.sqrt(0.5), np.float32).view(np.int32)
_SINE = tuple(map(np.float32, (-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1)))
_COSINE = tuple(
    map(np.float32, (2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2))
)
_QUARTER_PI = tuple(map(np.float32, (0.78515625, 2.4187564849853515625e-4, 3.77489497744594108e-8)))


# -- products and sums that are rounded once ----------------------------------------------


def multiply_add(factor: Array, by: float, plus: float) -> Array:
    """`factor * by + plus` in float64, rounded once: what roundings lose is computed as well.

    Source: Dekker, A floating-point technique for extending the available precision (1971).
    """
    product = factor * by
    total = product + plus
    if not (abs(by) < 1e290 and abs(plus) < 1e290):  # too large to be split
        return total
    (high, low), (wide, narrow) = _halves(factor), _halves(by)
    lost_in_product = ((high * wide - product) + high * narrow + low * wide) + low * narrow
    back = total - product
    lost_in_sum = (product - (total - back)) + (plus - back)
    return total + (lost_in_sum + lost_in_product)  # type: ignore[no-any-return]


def _halves(number: Any) -> tuple[Any, Any]:
    """A float64 as a sum of two of 26 bits each."""
    scaled = number * 134217729.0  # 2²⁷ + 1
    high = scaled - (scaled - number)
    return high, number - high


def multiply_add_single(value: Array, by: Any, plus: Any) -> Array:
    """`value * by + plus` of float32 numbers, rounded once: float64 holds the product exactly."""
    result = value.astype(np.float64)
    result *= by
    result += plus
    return result.astype(np.float32)


# -- functions ---------------------------------------------------------------------------


def c_function(function: Callable[[float], float], ufunc: np.ufunc, x: Array, exact: bool) -> Array:
    """A function of float64 numbers: the C library's where the last bit counts."""
    if not exact:
        return ufunc(x)  # type: ignore[no-any-return]
    values = map(function, x.reshape(-1).tolist())
    return np.fromiter(values, np.float64, x.size).reshape(x.shape)


def log_single(x: Array) -> Array:
    """The natural logarithm of positive float32 numbers.

    x = 2ᵉ(1 + r) with 1 + r from √½ to √2; log x = r - r²/2 + r³P(r) + e log 2.
    """
    bits = x.view(np.int32) - _HALF_ROOT_BITS
    exponent = (bits >> 23).astype(np.float32)
    bits &= 0x7FFFFF
    bits += _HALF_ROOT_BITS
    r = bits.view(np.float32)
    r -= np.float32(1)
    square = r * r
    polynomial = _horner(_LOG, r)
    polynomial *= r
    polynomial = multiply_add_single(polynomial, square, exponent * _LOG_2_LOW)
    square *= np.float32(0.5)
    polynomial -= square
    r += polynomial
    exponent *= _LOG_2_HIGH  # exact, so that the sum is rounded once
    r += exponent
    return r


def sine_and_cosine_single(x: Array) -> tuple[Array, Array]:
    """Sine and cosine of float32 numbers from [0, 2π].

    x = j π/4 + r with an even j and r from -π/4 to π/4; sin r = r + r³S(r²) and
    cos r = 1 - r²/2 + r⁴C(r²), exchanged and negated as j says.
    """
    octant = (x * np.float32(4 / math.pi)).astype(np.int32)
    octant += 1
    octant &= ~1
    j = octant.astype(np.float32)
    r = x - j * _QUARTER_PI[0]  # π/4 in three parts; the first two products are exact
    r -= j * _QUARTER_PI[1]
    r = multiply_add_single(j, -_QUARTER_PI[2], r)
    square = r * r
    cosine = _horner(_COSINE, square)
    cosine *= square
    cosine = multiply_add_single(cosine, square, square * np.float32(-0.5))
    cosine += np.float32(1)
    sine = _horner(_SINE, square)
    sine *= square
    sine = multiply_add_single(sine, r, r)
    _turn(sine.view(np.int32), cosine.view(np.int32), octant)
    return sine, cosine


def _turn(sine: Array, cosine: Array, octant: Array) -> None:
    """Exchange and negate, in place, the bits of sine and cosine for angles past π/4."""
    exchanged = octant >> 1
    exchanged &= 1
    np.negative(exchanged, out=exchanged)  # all bits where j is 2 or 6
    exchanged &= sine ^ cosine
    sine ^= exchanged
    cosine ^= exchanged
    sine ^= (octant & 4) << 29  # the sign bit
    cosine ^= (octant + 2 & 4) << 29


def _horner(coefficients: tuple[Any, ...], x: Array) -> Array:
    """A polynomial, its highest coefficient first."""
    by = x.astype(np.float64)
    value = np.full_like(x, coefficients[0])
    for coefficient in coefficients[1:]:
        value = multiply_add_single(value, by, coefficient)
    return value
