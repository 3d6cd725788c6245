"""The error function and its inverse, which NumPy lacks."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from ..autograd.variable import Array
from .comparison import select

# In double precision, rational approximations by W. J. Cody, "Rational Chebyshev approximations
# for the error function", Mathematics of Computation 23 (1969), 631-637; coefficients here and
# below start with the highest power. Up to 0.5: erf(x) = x P(x^2) / Q(x^2).
_NEAR_P = (
    1.85777706184603153e-1, 3.16112374387056560, 1.13864154151050156e2, 3.77485237685302021e2,
    3.20937758913846947e3,
)  # fmt: skip
_NEAR_Q = (
    1.0, 2.36012909523441209e1, 2.44024637934444173e2, 1.28261652607737228e3,
    2.84423683343917062e3,
)  # fmt: skip
# Above: erf(x) = 1 - exp(-x^2) P(x) / Q(x).
_FAR_P = (
    2.15311535474403846e-8, 5.64188496988670089e-1, 8.88314979438837594, 6.61191906371416295e1,
    2.98635138197400131e2, 8.81952221241769090e2, 1.71204761263407058e3, 2.05107837782607147e3,
    1.23033935479799725e3,
)  # fmt: skip
_FAR_Q = (
    1.0, 1.57449261107098347e1, 1.17693950891312499e2, 5.37181101862009858e2,
    1.62138957456669019e3, 3.29079923573345963e3, 4.36261909014324716e3, 3.43936767414372164e3,
    1.23033935480374942e3,
)  # fmt: skip
_BORDER = 0.5
_LARGEST = 6.0  # from here on erf(x) is 1 in double precision

# In single precision, erf(x) = x P(x^2) / Q(x^2) throughout: a least-squares fit on [0, 3.92],
# reweighted (Lawson's algorithm) until its relative error was level, at 1.9e-8.
_SINGLE_P = (
    2.05003535113782e-6, 2.8487149908215805e-4, 3.7654036831183926e-3, 5.274805384373378e-2,
    1.9040236745209418e-1, 1.128379146229227,
)  # fmt: skip
_SINGLE_Q = (
    3.8090589285547594e-5, 1.1624716078491924e-3, 1.496879847190553e-2, 1.141073004887548e-1,
    5.020724476300221e-1, 1.0,
)  # fmt: skip
_SINGLE_LARGEST = 3.92  # from here on erf(x) is 1 in single precision

# The inverse, y = erf^-1(x): up to |x| = 27/32, y = x + x R((27/32)^2 - x^2); beyond, where
# w = sqrt(-log(1 - |x|)), |y| = w + R(w - w0), with one R from w0 = 1.36 and another from w0 = 3
# to 6.07, which belongs to the largest number below 1. So R, where rounding errors gather, is only
# a correction. Each R = P / Q takes the exact values, computed to 60 digits, at the Chebyshev
# points of its interval; between them it differs by less than 5e-17.
_INVERSE_BORDER = 27 / 32
_INVERSE_NEAR = (
    (
        -0.1025327578965133, -2.39584950069781, -13.685469961241006, -29.35108725882117,
        -26.55197879378307, -8.432689662289432, 1.34310238939921, 1.2771033483981316,
        0.18818840962849173,
    ),
    (
        0.1201087616974591, 3.7439279345592578, 29.51920347175958, 93.64266271350608,
        144.27030485652432, 117.43643475138626, 51.39477363254558, 11.388245660720631, 1.0,
    ),
)  # fmt: skip
_INVERSE_MIDDLE_START = 1.36
_INVERSE_MIDDLE = (
    (
        -3.3770221315622945e-07, -0.00019846190946105154, -0.006847524711260661,
        -0.0733520041269269, -0.3337225448558416, -0.7425059827829746, -0.8192571303058832,
        -0.36000208791388827,
    ),
    (
        7.389740886635423e-05, 0.003726207400265612, 0.05636184240395115, 0.37296003082778734,
        1.2685050986339579, 2.373698744772187, 2.3609991893643616, 1.0,
    ),
)  # fmt: skip
_INVERSE_FAR_START = 3.0
_INVERSE_FAR = (
    (
        -4.461010836731033e-09, -5.421130964328534e-06, -0.00034711709141450897,
        -0.006787531505761697, -0.05633827850274224, -0.2226523158501397, -0.41255545536922217,
        -0.2852390020607151,
    ),
    (
        1.8156653303468463e-06, 0.00016499015331408674, 0.004439808733729881, 0.0522789934688767,
        0.3129615878646232, 0.99464242814502, 1.5927277593407385, 1.0,
    ),
)  # fmt: skip
_INVERSE_LARGEST = 6.07

_BLOCK = 8192  # elements whose intermediate results stay in the processor's cache


def erf(array: Array) -> Array:
    """Compute the error function of floating-point numbers.

    The relative error is below 7e-16 in float64. Lower precisions are computed in float64 and
    rounded once; in float32 the relative error is below 8e-8.
    """
    return _in_blocks(_double if array.dtype == np.float64 else _single, array)


def erfinv(array: Array) -> Array:
    """Compute the inverse of the error function: ±inf at ±1, and NaN beyond.

    The result differs from the exact one by less than 2 units in its last place in float64. Lower
    precisions are computed in float64 and rounded once.
    """
    return _in_blocks(_inverse, array)


def normal_probability(x: Array) -> Array:
    """P(X ≤ x) of a standard normal X: (1 + erf(x / √2)) / 2, in float32 throughout for float32.

    In float32 the error is below 2e-7, relative to 1.
    """
    if x.dtype != np.float32:
        return 0.5 + 0.5 * erf(x * math.sqrt(0.5))
    output = np.empty(x.shape, x.dtype)
    flat, results = x.reshape(-1), output.reshape(-1)
    for start in range(0, flat.size, _BLOCK):
        block = slice(start, start + _BLOCK)
        _normal_probability(flat[block], results[block])
    return output


def _normal_probability(x: Array, output: Array) -> None:
    scaled = x * np.float32(math.sqrt(0.5))
    np.minimum(scaled, np.float32(_SINGLE_LARGEST), out=scaled)
    np.maximum(scaled, np.float32(-_SINGLE_LARGEST), out=scaled)
    square = scaled * scaled
    np.multiply(scaled, _polynomial(_SINGLE_P, square), output)
    output /= _polynomial(_SINGLE_Q, square)
    output *= np.float32(0.5)
    output += np.float32(0.5)
    output *= scaled > np.float32(-_SINGLE_LARGEST)  # 0, where rounding would leave 1e-7


def _in_blocks(function: Callable[[Array], Array], array: Array) -> Array:
    """Apply a function of float64 numbers to an array of any floating-point dtype."""
    flat = array.reshape(-1)
    output = np.empty(flat.shape, array.dtype)
    for start in range(0, flat.size, _BLOCK):
        block = slice(start, start + _BLOCK)
        output[block] = function(flat[block].astype(np.float64))
    return output.reshape(array.shape)


def _double(x: Array) -> Array:
    size = np.minimum(np.abs(x), _LARGEST)
    square = size * size
    near = x * _polynomial(_NEAR_P, square) / _polynomial(_NEAR_Q, square)
    far = 1 - np.exp(-square) * _polynomial(_FAR_P, size) / _polynomial(_FAR_Q, size)
    return select(size <= _BORDER, near, np.copysign(far, x))  # type: ignore[no-any-return]


def _single(x: Array) -> Array:
    x = np.minimum(np.maximum(x, -_SINGLE_LARGEST), _SINGLE_LARGEST)
    square = x * x
    return x * _polynomial(_SINGLE_P, square) / _polynomial(_SINGLE_Q, square)


def _inverse(x: Array) -> Array:
    size = np.abs(x)
    near = size + size * _ratio(_INVERSE_NEAR, _INVERSE_BORDER**2 - size * size)
    root = np.sqrt(-np.log(1 - size))
    w = np.minimum(root, _INVERSE_LARGEST)
    middle = _ratio(_INVERSE_MIDDLE, w - _INVERSE_MIDDLE_START)
    far = _ratio(_INVERSE_FAR, w - _INVERSE_FAR_START)
    beyond = root + select(w < _INVERSE_FAR_START, middle, far)
    return np.copysign(select(size <= _INVERSE_BORDER, near, beyond), x)  # type: ignore[no-any-return]


def _ratio(coefficients: tuple[tuple[float, ...], tuple[float, ...]], x: Array) -> Array:
    """A rational function: P(x) / Q(x)."""
    numerator, denominator = coefficients
    return _polynomial(numerator, x) / _polynomial(denominator, x)


def _polynomial(coefficients: tuple[float, ...], x: Array) -> Array:
    """Evaluate by Horner's rule."""
    value = np.full_like(x, coefficients[0])
    for coefficient in coefficients[1:]:
        value *= x
        value += coefficient
    return value
