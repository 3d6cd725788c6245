"""Worked examples, extremes and blocks of layer, group and RMS normalization."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import minitorch
from minitorch import nn
from minitorch.nn import functional as F
from minitorch.nn.modules import standardize
from tests.helpers import check_gradients


def test_layer_norm_by_hand() -> None:
    """x = (1, 3, 5): μ = 3, v = 8/3, and with ε = 1/3 s = 1/√3."""
    layer = nn.LayerNorm(3, eps=1 / 3, dtype=minitorch.float64)
    layer.weight.array[:] = [1.0, 2.0, 3.0]
    layer.bias.array[:] = [0.0, 1.0, 0.0]
    s = 1 / math.sqrt(3)
    np.testing.assert_allclose(layer(np.array([[1.0, 3.0, 5.0]])), [[-2 * s, 1, 6 * s]])
    grad_input = layer.backward(np.array([[1.0, 0.0, 0.0]]))
    expected = [s * (1 - 1 / 3 - 4 / 9), s * (-1 / 3), s * (-1 / 3 + 4 / 9)]
    np.testing.assert_allclose(grad_input, [expected], rtol=1e-12)
    np.testing.assert_allclose(layer.weight.grad.array, [-2 * s, 0, 0], atol=1e-15)
    np.testing.assert_allclose(layer.bias.grad.array, [1, 0, 0])


def test_rms_norm_by_hand() -> None:
    layer = nn.RMSNorm(2, eps=0.0, dtype=minitorch.float64)
    np.testing.assert_allclose(layer(np.array([[3.0, 21.0]])), [[0.2, 1.4]])
    # dL/dx = s (g - x̂ mean(g x̂)) with s = 1/15
    np.testing.assert_allclose(
        layer.backward(np.array([[1.0, 0.0]])), [[(1 - 0.02) / 15, -0.14 / 15]]
    )


def test_group_norm_lies_between_layer_and_instance_norm(rng: np.random.Generator) -> None:
    x = rng.standard_normal((2, 6, 4, 3))
    whole = nn.LayerNorm((6, 4, 3), elementwise_affine=False)(x)
    np.testing.assert_allclose(F.group_norm(x, 1), whole, rtol=1e-12)
    np.testing.assert_allclose(F.group_norm(x, 6), F.instance_norm(x), rtol=1e-12)
    halves = [F.group_norm(half, 1) for half in np.split(x, 2, axis=1)]
    np.testing.assert_allclose(F.group_norm(x, 2), np.concatenate(halves, 1), rtol=1e-12)


@pytest.mark.parametrize("value", [0.1, 1e4, -3e4])
def test_equal_numbers_give_the_bias(value: float) -> None:
    x = minitorch.full((3, 1000), value).requires_grad_()
    layer = nn.LayerNorm(1000)
    nn.init.ones_(layer.bias)
    output = layer(x)
    output.sum().backward()
    np.testing.assert_allclose(output.array, 1, atol=1e-6)
    np.testing.assert_allclose(x.grad.array, 0, atol=1e-3)


@pytest.mark.parametrize(
    ("layer", "shape"),
    [(nn.LayerNorm(1), (3, 1)), (nn.GroupNorm(4, 4), (2, 4)), (nn.GroupNorm(2, 4), (2, 4, 0))],
)
def test_sets_of_one_number_or_none(layer: nn.Module, shape: tuple[int, ...]) -> None:
    x = minitorch.randn(*shape).requires_grad_()
    output = layer(x)
    output.sum().backward()
    assert not output.array.any()
    assert not x.grad.array.any()
    assert not layer.weight.grad.array.any()
    assert layer.bias.grad.tolist() == [len(x) * x.array.size / max(x.array.size, 1)] * len(
        layer.bias
    )


@pytest.mark.parametrize("function", [F.layer_norm, F.rms_norm])
def test_large_offset(function: Any, rng: np.random.Generator) -> None:
    x = (rng.standard_normal((5, 300)) + 1e4).astype(np.float32)
    exact = function(x.astype(np.float64), (300,))
    np.testing.assert_allclose(function(x, (300,)), exact, rtol=1e-5, atol=1e-5)


def make(kind: str) -> nn.Module:
    if kind == "layer":
        return nn.LayerNorm((6, 5), dtype=minitorch.float64)
    if kind == "rms":
        return nn.RMSNorm((6, 5), dtype=minitorch.float64)
    return nn.GroupNorm(3, 6, dtype=minitorch.float64)


@pytest.mark.parametrize("kind", ["layer", "rms", "group"])
def test_blocks_make_no_difference(
    kind: str, rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    x, grad = rng.standard_normal((2, 7, 6, 5))
    results = []
    for size in (1, 70, 10**6):
        monkeypatch.setattr(standardize, "_BLOCK", size)
        layer = make(kind)
        output = layer(x)
        results.append([output, layer.backward(grad)])
        results[-1] += [weight.grad.array for weight in layer.parameters()]
    for other in results[1:]:
        for mine, its in zip(results[0], other, strict=True):
            np.testing.assert_allclose(mine, its, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("kind", ["layer", "rms", "group"])
@pytest.mark.parametrize("name", ["weight", "bias"])
def test_frozen(kind: str, name: str, rng: np.random.Generator) -> None:
    layer = make(kind)
    if getattr(layer, name) is not None:
        getattr(layer, name).requires_grad_(False)
    check_gradients(rng, layer, rng.standard_normal((2, 6, 5)))


def test_bias_alone(rng: np.random.Generator) -> None:
    class Shifted(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.bias = nn.Parameter(minitorch.tensor(rng.standard_normal(4)))

        def forward(self, input: Any) -> Any:
            return F.group_norm(input, 2, bias=self.bias)

    check_gradients(rng, Shifted(), rng.standard_normal((2, 4, 3)))


def test_rms_norm_converts_its_weight() -> None:
    layer = nn.RMSNorm(2)
    x = minitorch.tensor([[3.0, 21.0]], dtype=minitorch.float64, requires_grad=True)
    output = layer(x)
    output.sum().backward()
    assert (output.dtype, layer.weight.grad.dtype) == (minitorch.float64, minitorch.float32)
