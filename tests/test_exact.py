"""Functions rounded to the last bit: against fractions and against float64."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np

from minitorch import exact


def test_products_and_sums_are_rounded_once():
    """Against exact fractions."""
    numbers = np.random.default_rng(0).random(200)
    for by, plus in ((0.7, -0.3), (1e-3, 5.0), (-2.0, 1 / 3), (1e200, -1e199)):
        expected = [float(Fraction(float(u)) * Fraction(by) + Fraction(plus)) for u in numbers]
        assert exact.multiply_add(numbers, by, plus).tolist() == expected
    single = np.random.default_rng(1).random(200, np.float32)
    by, plus = np.float32(0.7), np.float32(-0.3)
    for u, result in zip(single, exact.multiply_add_single(single, by, plus), strict=True):
        expected = Fraction(float(u)) * Fraction(float(by)) + Fraction(float(plus))
        assert (
            abs(Fraction(float(result)) - expected) <= Fraction(float(abs(np.spacing(result)))) / 2
        )


def test_logarithms():
    """Within one unit in the last place, near 1 too, where the logarithm vanishes."""
    x = np.concatenate([2.0**-24 * np.arange(1, 5000), 1 - 2.0**-24 * np.arange(5000)])
    x = np.concatenate([x, np.linspace(1e-3, 1, 20_000)]).astype(np.float32)
    expected = np.log(x.astype(np.float64))
    distance = np.abs(exact.log_single(x) - expected)
    assert (distance <= 1.0 * np.spacing(np.abs(expected).astype(np.float32))).all()


def test_sines_and_cosines():
    """In every octant, within the spacing of numbers near 1."""
    x = np.linspace(0, 2 * math.pi, 40_001).astype(np.float32)
    sine, cosine = exact.sine_and_cosine_single(x)
    np.testing.assert_allclose(sine, np.sin(x.astype(np.float64)), atol=1.2e-7)
    np.testing.assert_allclose(cosine, np.cos(x.astype(np.float64)), atol=1.2e-7)


def test_functions_of_the_c_library():
    """log 2 and log 10, as printed in tables."""
    x = np.array([[2.0, 10.0], [1.0, 0.5]])
    expected = [[0.69314718055994530942, 2.30258509299404568402], [0.0, -0.69314718055994530942]]
    assert exact.c_function(math.log, np.log, x, exact=True).tolist() == expected
    np.testing.assert_allclose(exact.c_function(math.log, np.log, x, exact=False), expected)
