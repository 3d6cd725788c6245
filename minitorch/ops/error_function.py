"""The error function, which NumPy lacks."""

from __future__ import annotations

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

_BLOCK = 8192  # elements whose intermediate results stay in the processor's cache


def erf(array: Array) -> Array:
    """Compute the error function of floating-point numbers.

    The relative error is below 7e-16 in float64. Lower precisions are computed in float64 and
    rounded once; in float32 the relative error is below 8e-8.
    """
    function = _double if array.dtype == np.float64 else _single
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


def _polynomial(coefficients: tuple[float, ...], x: Array) -> Array:
    """Evaluate by Horner's rule."""
    value = np.full_like(x, coefficients[0])
    for coefficient in coefficients[1:]:
        value *= x
        value += coefficient
    return value
