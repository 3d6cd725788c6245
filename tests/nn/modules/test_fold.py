"""Unfold and Fold: worked examples, and each as the other's transpose."""

from __future__ import annotations

import numpy as np
import pytest

import minitorch
from minitorch import nn
from minitorch.nn import functional as F

OPTIONS = [
    {"kernel_size": 2},
    {"kernel_size": (3, 2), "dilation": 2, "padding": (1, 2), "stride": (2, 1)},
    {"kernel_size": 1, "stride": 3, "padding": 2},
]


def test_columns_are_windows():
    image = np.arange(12.0).reshape(1, 1, 3, 4)
    np.testing.assert_array_equal(
        F.unfold(image, (2, 3)),
        [[[0, 1, 4, 5], [1, 2, 5, 6], [2, 3, 6, 7], [4, 5, 8, 9], [5, 6, 9, 10], [6, 7, 10, 11]]],
    )


@pytest.mark.parametrize("options", OPTIONS)
def test_each_is_the_transpose_of_the_other(options, rng):
    """⟨unfold(x), y⟩ = ⟨x, fold(y)⟩ for every x and y."""
    x = rng.standard_normal((2, 3, 5, 6))
    columns = F.unfold(x, **options)
    y = rng.standard_normal(columns.shape)
    image = F.fold(y, (5, 6), **options)
    np.testing.assert_allclose((columns * y).sum(), (x * image).sum(), rtol=1e-10)


def test_convolution_is_a_product_of_matrices(rng):
    x, weight = rng.standard_normal((2, 3, 5, 6)), rng.standard_normal((4, 3, 2, 3))
    product = weight.reshape(4, -1) @ F.unfold(x, (2, 3), padding=1)
    np.testing.assert_allclose(
        product.reshape(2, 4, 6, 6), F.conv2d(x, weight, padding=1), rtol=1e-10, atol=1e-12
    )


def test_fold_counts_how_often_unfold_took_each_number():
    ones = minitorch.ones(1, 1, 4, 4)
    counts = nn.Fold(4, 3)(nn.Unfold(3)(ones))
    assert counts[0, 0].tolist() == [[1, 2, 2, 1], [2, 4, 4, 2], [2, 4, 4, 2], [1, 2, 2, 1]]


def test_columns_of_single_numbers_are_a_copy():
    image = np.zeros((1, 2, 2, 2))
    F.unfold(image, 1)[...] = 1
    assert not image.any()
