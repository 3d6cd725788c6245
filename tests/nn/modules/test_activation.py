"""Sigmoid: exact and silent over the whole range, with derivatives of any order."""

from __future__ import annotations

import math
import warnings
from decimal import Decimal, getcontext

import numpy as np
import pytest

import minitorch
from minitorch import nn
from minitorch.nn import functional as F
from tests.helpers import central_difference, check_gradients

FLOATS = ["float32", "float64"]


def exact(x: float) -> float:
    """σ(x) in 60 digits."""
    getcontext().prec = 60
    return float(1 / (1 + (-Decimal(float(x))).exp()))


def silent(module, x):
    """What a module makes of an array; whatever NumPy could report is an error."""
    with warnings.catch_warnings(), np.errstate(all="raise"):  # underflow, too
        warnings.simplefilter("error")
        return module(x)


# -- values -------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", FLOATS)
def test_values_to_the_last_digits(dtype):
    x = np.concatenate([np.linspace(-80, 80, 801), np.linspace(-1, 1, 201), [1e-8, -1e-8, 0.0]])
    x = x.astype(dtype)
    expected = np.array([exact(each) for each in x])
    found = silent(nn.Sigmoid(), x)
    assert found.dtype == dtype
    np.testing.assert_allclose(found, expected, rtol=4 * np.finfo(dtype).eps)


@pytest.mark.parametrize("dtype", FLOATS)
def test_the_whole_range_from_minus_to_plus_ten_thousand(dtype):
    x = np.sort(np.concatenate([np.linspace(-1e4, 1e4, 20001), np.linspace(-800, 800, 16001)]))
    y = silent(nn.Sigmoid(), x.astype(dtype))
    assert np.isfinite(y).all()
    assert (np.diff(y) >= 0).all()
    assert y[0] == 0.0
    assert y[-1] == 1.0
    smallest = np.finfo(dtype).tiny
    expected = np.array([exact(each) for each in x[::100].astype(dtype)])
    np.testing.assert_allclose(y[::100], expected, rtol=1e-6, atol=smallest)


@pytest.mark.parametrize(
    ("x", "expected"),
    [
        (-709.0, 1.2167807506234229e-308),  # e⁻⁷⁰⁹
        (709.0, 1.0),
        (-88.0, 6.054601895401186e-39),  # e⁻⁸⁸
        (88.0, 1.0),
        (-1e4, 0.0),
        (1e4, 1.0),
        (0.0, 0.5),
        (math.log(3), 0.75),
        (-math.log(3), 0.25),
        (-math.inf, 0.0),
        (math.inf, 1.0),
    ],
)
def test_known_values(x, expected):
    assert silent(nn.Sigmoid(), np.array([x]))[0] == pytest.approx(expected, rel=1e-15)
    single = silent(nn.Sigmoid(), np.array([x], np.float32))[0]
    assert single == pytest.approx(expected, rel=1e-6, abs=1.2e-38)


def test_not_a_number_stays_so():
    assert np.isnan(silent(nn.Sigmoid(), np.array([np.nan]))).all()


@pytest.mark.parametrize("dtype", FLOATS)
def test_symmetry(dtype):
    """σ(-x) = 1 - σ(x)."""
    x = np.linspace(0, 1000, 5001, dtype=dtype)
    layer = nn.Sigmoid()
    np.testing.assert_allclose(
        silent(layer, -x), 1 - silent(layer, x), rtol=0, atol=np.finfo(dtype).eps
    )


def test_half_precision():
    x = np.array([-16.0, -12.0, -8.0, 0.0, 8.0, 100.0, -100.0], np.float16)
    y = silent(nn.Sigmoid(), x)
    assert y.dtype == np.float16
    np.testing.assert_allclose(y, [exact(each) for each in x], rtol=1e-3, atol=6e-8)


@pytest.mark.parametrize("dtype", ["int64", "int32", "uint8", "bool"])
def test_integers_become_the_default_dtype(dtype):
    x = np.array([0, 1, 1], dtype)
    for y in (nn.Sigmoid()(x), nn.Sigmoid()(minitorch.tensor(x)).array):
        assert y.dtype == np.float32
        np.testing.assert_allclose(y, [0.5, exact(1), exact(1)], rtol=1e-6)


@pytest.mark.parametrize("shape", [(), (0,), (1,), (2, 0, 3), (2, 3)])
def test_shapes(shape, rng):
    x = rng.standard_normal(shape)
    y = nn.Sigmoid()(x)
    assert type(y) is np.ndarray
    assert y.shape == shape
    assert nn.Sigmoid()(minitorch.tensor(x)).shape == shape


def test_the_input_is_left_alone(rng):
    x = rng.standard_normal((3, 4))
    kept = x.copy()
    layer = nn.Sigmoid()
    layer(x)
    layer.backward(np.ones((3, 4)))
    np.testing.assert_array_equal(x, kept)


def test_every_form_is_the_same(rng):
    x = rng.standard_normal((3, 4))
    expected = nn.Sigmoid()(x)
    for function in (minitorch.sigmoid, F.sigmoid):
        np.testing.assert_array_equal(function(x), expected)
        np.testing.assert_array_equal(function(minitorch.tensor(x)).array, expected)


# -- derivatives --------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (0, 2)])
def test_gradients(shape, rng):
    check_gradients(rng, nn.Sigmoid(), rng.standard_normal(shape))


@pytest.mark.parametrize("layout", [lambda x: x.T, lambda x: x[:, ::2], lambda x: x[::-1]])
def test_gradients_of_views(layout, rng):
    check_gradients(rng, nn.Sigmoid(), layout(rng.standard_normal((4, 4))))


@pytest.mark.parametrize("dtype", FLOATS)
def test_the_derivative_is_silent_and_right_far_out(dtype):
    """dσ/dx = σ(x) (1 - σ(x)); it is 0 on both ends."""
    x = np.array([-1e4, -709, -88, -20, 0, 20, 88, 709, 1e4], dtype)
    layer = nn.Sigmoid()
    silent(layer, x)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        grad = layer.backward(np.ones_like(x))
    expected = [exact(each) * exact(-each) for each in x]
    np.testing.assert_allclose(
        grad, expected, rtol=1e-5, atol=max(np.finfo(dtype).tiny, 3 * np.finfo(dtype).eps * 1e-1)
    )
    assert grad[0] == grad[-1] == 0


def test_higher_derivatives():
    """σ' = σ(1-σ), σ'' = σ'(1-2σ), σ''' = σ'(1-6σ+6σ²)."""
    points = [-20.0, -1.0, 0.0, 0.5, 3.0]
    x = minitorch.tensor(points, dtype=minitorch.float64, requires_grad=True)
    found = [nn.Sigmoid()(x)]
    for _ in range(3):
        found.append(minitorch.autograd.grad(found[-1].sum(), x, create_graph=True)[0])
    s = np.array([exact(point) for point in points])
    slope = s * (1 - s)
    expected = [s, slope, slope * (1 - 2 * s), slope * (1 - 6 * s + 6 * s * s)]
    for order, (mine, right) in enumerate(zip(found, expected, strict=True)):
        np.testing.assert_allclose(mine.array, right, rtol=1e-12, err_msg=f"order {order}")


def test_second_derivatives_inside_a_network(rng):
    """The derivative of |dL/dx|² by x, against central differences of it."""
    x = minitorch.tensor(rng.standard_normal((2, 3)), requires_grad=True)
    weight = minitorch.tensor(rng.standard_normal((3, 3)), requires_grad=True)
    layer = nn.Sigmoid()

    def penalty():
        output = (layer(x @ weight) * layer(x)).sum()
        grads = minitorch.autograd.grad(output, (x, weight), create_graph=True)
        return sum((grad * grad).sum() for grad in grads)

    found = minitorch.autograd.grad(penalty(), (x, weight))
    for grad, leaf in zip(found, (x, weight), strict=True):
        expected = central_difference(lambda: penalty().item(), leaf.array)
        np.testing.assert_allclose(grad.array, expected, rtol=1e-6, atol=1e-8)


def test_a_change_of_the_output_is_noticed():
    x = minitorch.ones(2, requires_grad=True)
    y = nn.Sigmoid()(x)
    y.mul_(2)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        y.sum().backward()


# -- bad input ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ("text", "Sigmoid: argument 'input' must be a Tensor or a NumPy array, not str"),
        (None, "not NoneType"),
        (1.0, "not float"),
        ([1.0], "not list; convert it with minitorch.tensor"),
        (np.ones(2, object), "must be an array of real numbers, not of dtype object"),
        (np.array(["a"]), "not of dtype <U1"),
        (np.ones(2, complex), "not of dtype complex128"),
    ],
)
def test_bad_input(bad, message):
    model = nn.Sequential(nn.Identity(), nn.Sigmoid())
    with pytest.raises(TypeError) as caught:
        model(bad)
    assert message in str(caught.value)
    assert any("'1': Sigmoid()" in note for note in caught.value.__notes__)


def test_constructor():
    assert repr(nn.Sigmoid()) == "Sigmoid()"
    with pytest.raises(TypeError):
        nn.Sigmoid(5)
