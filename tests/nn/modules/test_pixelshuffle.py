"""Pixel and channel shuffles: that they undo each other, empty inputs, higher derivatives."""

from __future__ import annotations

import numpy as np
import pytest

import minitorch
from minitorch import nn


def test_each_pixel_goes_where_the_equation_says() -> None:
    x = np.arange(2 * 9 * 2 * 3.0).reshape(18, 2, 3)
    y = nn.PixelShuffle(3)(x)
    for c, i, j, h, w in np.ndindex(2, 3, 3, 2, 3):
        assert y[c, h * 3 + i, w * 3 + j] == x[c * 9 + i * 3 + j, h, w]
    np.testing.assert_array_equal(nn.PixelUnshuffle(3)(y), x)


def test_channels_go_where_the_equation_says() -> None:
    x = np.arange(6.0).reshape(1, 6, 1)
    assert nn.ChannelShuffle(3)(x).ravel().tolist() == [0, 2, 4, 1, 3, 5]
    np.testing.assert_array_equal(nn.ChannelShuffle(2)(nn.ChannelShuffle(3)(x)), x)


@pytest.mark.parametrize("shape", [(0, 4, 2, 2), (2, 0, 2, 2), (1, 4, 0, 2)])
@pytest.mark.parametrize(
    "layer", [nn.PixelShuffle(2), nn.PixelUnshuffle(2), nn.ChannelShuffle(2)], ids=repr
)
def test_empty_inputs(layer: nn.Module, shape: tuple[int, ...]) -> None:
    x = minitorch.zeros(*shape, requires_grad=True)
    output = layer(x)
    output.sum().backward()
    assert x.grad.shape == shape
    batch, channels, height, width = shape
    if isinstance(layer, nn.PixelShuffle):
        assert output.shape == (batch, channels // 4, height * 2, width * 2)
    elif isinstance(layer, nn.PixelUnshuffle):
        assert output.shape == (batch, channels * 4, height // 2, width // 2)


@pytest.mark.parametrize(
    "layer",
    [nn.PixelShuffle(2), nn.PixelUnshuffle(2), nn.ChannelShuffle(2), nn.Unflatten(1, (2, -1)),
     nn.Flatten()],
    ids=repr,
)  # fmt: skip
def test_second_derivatives(layer: nn.Module) -> None:
    rng = np.random.default_rng(0)
    x = minitorch.tensor(rng.standard_normal((1, 4, 2, 2)), requires_grad=True)
    assert minitorch.autograd.gradgradcheck(lambda input: layer(input) ** 3, (x,))


@pytest.mark.parametrize(
    "layer", [nn.PixelShuffle(1), nn.PixelUnshuffle(1), nn.ChannelShuffle(1)], ids=repr
)
def test_the_output_is_always_new(layer: nn.Module) -> None:
    x = np.ones((1, 2, 3, 3))
    assert not np.shares_memory(layer(x), x)
