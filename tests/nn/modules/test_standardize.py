"""Blocks, sums and the gradient of standardizing, against NumPy in float64."""

from __future__ import annotations

import numpy as np
import pytest

from minitorch.nn.modules import standardize
from minitorch.nn.modules.standardize import (
    blocks,
    center,
    go_through,
    inverse_deviation,
    spread,
    sums,
    sums_of_products,
)

SHAPES = [(1, 3, 4), (5, 3, 1), (1, 3, 1), (4, 3, 200), (4, 7, 5), (0, 3, 4), (2, 3, 0), (4, 0, 3)]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("part", [slice(None), slice(1, 2)])
def test_sums(shape: tuple[int, ...], part: slice, rng: np.random.Generator) -> None:
    x, y = rng.standard_normal((2, *shape))[:, :, part]
    np.testing.assert_allclose(sums(x), x.sum((0, 2)), atol=1e-12)
    np.testing.assert_allclose(sums_of_products(x, y), (x * y).sum((0, 2)), atol=1e-12)


@pytest.mark.parametrize("shape", SHAPES)
def test_spread(shape: tuple[int, ...], rng: np.random.Generator) -> None:
    x, values = rng.standard_normal(shape), rng.standard_normal(shape[1])
    np.testing.assert_array_equal(x * 0 + spread(values, x), x * 0 + values[:, None])


@pytest.mark.parametrize("shape", [(1, 10, 3), (4, 10, 3), (4, 10, 100), (1, 8, 0), (3, 0, 2)])
@pytest.mark.parametrize("size", [1, 7, 30, 1000])
def test_blocks_are_all_sets_in_order(
    shape: tuple[int, ...], size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standardize, "_BLOCK", size)
    parts = [np.arange(shape[1])[block] for block in blocks(shape)]
    np.testing.assert_array_equal(np.concatenate(parts), np.arange(shape[1]))


@pytest.mark.parametrize("offset", [0.0, 0.5, 2.0, 7.0, 1e2, 1e4, -1e6])
@pytest.mark.parametrize("shape", [(1, 4, 1000), (8, 4, 125), (20000, 4, 1), (50, 4, 20)])
def test_large_offsets(offset: float, shape: tuple[int, ...], rng: np.random.Generator) -> None:
    """Single precision: as exact as the numbers that come in, whatever their mean."""
    x = (rng.standard_normal(shape) + offset).astype(np.float32)
    exact = x.astype(np.float64)
    expected = exact - exact.mean((0, 2))[:, None]
    out = np.empty_like(x)
    mean, variance = center(x, out)
    np.testing.assert_allclose(mean, exact.mean((0, 2)), rtol=3e-7, atol=1e-5)
    np.testing.assert_allclose(variance, exact.var((0, 2)), rtol=2e-5)
    np.testing.assert_allclose(out, expected, atol=1e-5)


@pytest.mark.parametrize("value", [0.1, 1e4, -12345.678, 1e-10])
@pytest.mark.parametrize("shape", [(1, 2, 1000), (64, 2, 784), (25000, 2, 1), (100000, 3, 1)])
def test_equal_numbers_do_not_vary(value: float, shape: tuple[int, ...]) -> None:
    x = np.full(shape, value, np.float32)
    out = np.empty_like(x)
    mean, variance = center(x, out)
    np.testing.assert_allclose(mean, x[0, :, 0], rtol=2e-7)
    assert np.abs(out * inverse_deviation(variance, 1e-5)[:, None]).max() < 1e-6


def test_gradient_is_the_jacobian(rng: np.random.Generator) -> None:
    """dL/dx = J g with the Jacobian of x̂ = (x - μ) s, written out as a matrix."""
    x, g = rng.standard_normal((2, 2, 1, 3))
    out = np.empty_like(x)
    mean, variance = center(x, out)
    s = inverse_deviation(variance, 1e-3)
    normal = (x.ravel() - mean) * s
    jacobian = s * (np.eye(6) - 1 / 6 - np.outer(normal, normal) / 6)
    total, product = go_through(g, x - mean, s, s, out)
    np.testing.assert_allclose(out.ravel(), jacobian @ g.ravel(), rtol=1e-12)
    np.testing.assert_allclose(total, g.sum())
    np.testing.assert_allclose(product, (g.ravel() * normal).sum())
