"""Padding: worked examples, the array functions that convolutions use, higher derivatives."""

from __future__ import annotations

import numpy as np
import pytest

import minitorch
from minitorch import nn
from minitorch.nn import functional as F
from minitorch.nn.modules.padding import MODES, crop, pad, pad_gradient

IMAGE = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("constant", [[9, 9, 9, 9, 9], [9, 1, 2, 3, 9], [9, 4, 5, 6, 9]]),
        ("reflect", [[5, 4, 5, 6, 5], [2, 1, 2, 3, 2], [5, 4, 5, 6, 5]]),
        ("replicate", [[1, 1, 2, 3, 3], [1, 1, 2, 3, 3], [4, 4, 5, 6, 6]]),
        ("circular", [[6, 4, 5, 6, 4], [3, 1, 2, 3, 1], [6, 4, 5, 6, 4]]),
    ],
)
def test_an_image_by_hand(mode: str, expected: list[list[int]]) -> None:
    np.testing.assert_array_equal(pad(IMAGE, (1, 1, 1, 0), mode, 9), expected)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("padding", [(1, 2), (0, 1, 1, 0), (-1, 2, 1, -1), (1, -1, 0, 1)])
def test_the_gradient_is_the_transposed_map(mode: str, padding: tuple[int, ...]) -> None:
    """For every x and g: pad(x) · g = x · pad_gradient(g)."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((4, 4))
    output = pad(x, padding, mode)
    grad = rng.standard_normal(output.shape)
    before = grad.copy()
    grad_input = pad_gradient(grad, x.shape, padding, mode)
    assert grad_input.shape == x.shape
    np.testing.assert_allclose((output * grad).sum(), (x * grad_input).sum(), rtol=1e-12)
    np.testing.assert_array_equal(grad, before)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("padding", [(0, 0), (), (-1, 0)])
def test_the_output_is_always_new(mode: str, padding: tuple[int, ...]) -> None:
    assert not np.shares_memory(pad(IMAGE, padding, mode), IMAGE)


def test_crop_refuses_more_than_there_is() -> None:
    with pytest.raises(RuntimeError, match="2 \\+ 2 elements cannot be taken from the 3"):
        crop(IMAGE, (2, 2))


@pytest.mark.parametrize(
    "layer",
    [nn.ConstantPad2d((1, -1, 2, 0), 3.0), nn.ReflectionPad2d(1), nn.ReplicationPad2d(2),
     nn.CircularPad2d((1, 0, 0, 2))],
    ids=repr,
)  # fmt: skip
def test_second_derivatives(layer: nn.Module) -> None:
    rng = np.random.default_rng(0)
    x = minitorch.tensor(rng.standard_normal((1, 1, 3, 3)), requires_grad=True)
    assert minitorch.autograd.gradgradcheck(lambda input: layer(input) ** 3, (x,))


def test_zero_padding_is_constant_padding() -> None:
    assert isinstance(nn.ZeroPad2d(1), nn.ConstantPad2d)
    assert nn.ZeroPad3d((1, 2, 3, 4, 5, 6)).padding == (1, 2, 3, 4, 5, 6)
    assert nn.ZeroPad1d(2).value == 0.0


def test_half_precision_stays() -> None:
    assert F.pad(np.ones((1, 2, 3), np.float16), (1, 1), "reflect").dtype == np.float16
