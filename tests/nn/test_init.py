"""Initial values: ranges, gains and errors; the streams are tested against PyTorch."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest

import minitorch
from minitorch import nn
from minitorch.nn import init

DTYPES = [minitorch.float32, minitorch.float64, minitorch.float16]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("fill", "value"), [(init.zeros_, 0.0), (init.ones_, 1.0)])
def test_zeros_and_ones(fill, value, dtype):
    x = minitorch.full((2, 3), 7.0, dtype=dtype, requires_grad=True)
    assert fill(x) is x
    assert x.tolist() == [[value] * 3] * 2
    assert x.dtype is dtype
    assert x.is_leaf


def test_constant():
    x = nn.Parameter(minitorch.zeros(2))
    assert init.constant_(x, 0.1).tolist() == [np.float32(0.1)] * 2
    assert init.constant_(minitorch.tensor([1, 2]), 3).tolist() == [3, 3]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (-2.0, 3.0), (5.0, 5.0)])
def test_uniform_fills_the_range_evenly(low, high, dtype):
    minitorch.manual_seed(0)
    x = minitorch.zeros(20000, dtype=dtype)
    assert init.uniform_(x, low, high) is x
    values = x.array.astype(np.float64)
    assert values.min() >= low
    assert values.max() < high or low == high
    assert values.mean() == pytest.approx((low + high) / 2, abs=0.05)
    assert values.var() == pytest.approx((high - low) ** 2 / 12, abs=0.05)  # of a uniform variable


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_upper_bound_is_never_drawn(dtype):
    """Rounding would give it often between bounds that are so close."""
    minitorch.manual_seed(0)
    x = init.uniform_(minitorch.zeros(1000, dtype=dtype), 1.0, 1.0 + 2 * minitorch.finfo(dtype).eps)
    assert set(x.tolist()) == {1.0, 1.0 + minitorch.finfo(dtype).eps}


def test_bounds_in_the_wrong_order():
    x = minitorch.ones(2)
    with pytest.raises(RuntimeError, match="found from=3 > to=2"):
        init.uniform_(x, 3, 2)
    assert x.tolist() == [1.0, 1.0]


@pytest.mark.parametrize("fill", [init.uniform_, init.kaiming_uniform_])
@pytest.mark.parametrize("dtype", [minitorch.int64, minitorch.uint8, minitorch.bool])
def test_integers_cannot_be_drawn(dtype, fill):
    x = minitorch.ones(2, 2, dtype=dtype)
    with pytest.raises(NotImplementedError, match=str(dtype)):
        fill(x)
    assert x.tolist() == [[1, 1], [1, 1]]


@pytest.mark.parametrize(
    ("shape", "options", "bound"),
    [
        ((50, 200), {}, math.sqrt(2) * math.sqrt(3 / 200)),
        ((50, 200), {"mode": "fan_out"}, math.sqrt(2) * math.sqrt(3 / 50)),
        ((50, 200), {"mode": "FAN_OUT"}, math.sqrt(2) * math.sqrt(3 / 50)),
        ((50, 200), {"a": math.sqrt(5)}, 1 / math.sqrt(200)),
        ((50, 200), {"nonlinearity": "linear"}, math.sqrt(3 / 200)),
        ((50, 200), {"nonlinearity": "tanh"}, 5 / 3 * math.sqrt(3 / 200)),
        ((50, 40, 5), {"nonlinearity": "relu"}, math.sqrt(2) * math.sqrt(3 / 200)),
        ((40, 50, 5), {"mode": "fan_out"}, math.sqrt(2) * math.sqrt(3 / 200)),
    ],
)
def test_bounds_of_kaiming_uniform(shape, options, bound):
    minitorch.manual_seed(0)
    x = minitorch.zeros(shape)
    assert init.kaiming_uniform_(x, **options) is x
    largest = float(np.abs(x.array).max())
    assert largest <= bound * (1 + 1e-6)
    assert largest > bound * 0.999
    assert x.array.mean() == pytest.approx(0.0, abs=bound * 0.05)


def test_what_kaiming_uniform_refuses():
    with pytest.raises(ValueError, match="Mode other not supported"):
        init.kaiming_uniform_(minitorch.zeros(2, 2), mode="other")
    with pytest.raises(ValueError, match="Unsupported nonlinearity other"):
        init.kaiming_uniform_(minitorch.zeros(2, 2), nonlinearity="other")
    for shape in ((), (3,)):
        with pytest.raises(ValueError, match="fewer than 2 dimensions"):
            init.kaiming_uniform_(minitorch.zeros(shape))


@pytest.mark.parametrize("shape", [(0,), (0, 3), (3, 0)])
def test_nothing_to_initialize(shape):
    x = minitorch.zeros(shape)
    with pytest.warns(UserWarning, match="Initializing zero-element tensors is a no-op"):
        assert init.kaiming_uniform_(x) is x
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        init.uniform_(x)
        init.zeros_(x)


@pytest.mark.parametrize(
    ("name", "gain"),
    [
        ("linear", 1),
        ("sigmoid", 1),
        ("conv2d", 1),
        ("conv_transpose3d", 1),
        ("tanh", 5 / 3),
        ("relu", math.sqrt(2)),
        ("selu", 0.75),
        ("leaky_relu", math.sqrt(2 / 1.0001)),
    ],
)
def test_gains(name, gain):
    assert init.calculate_gain(name) == pytest.approx(gain, rel=1e-12)


def test_gain_of_a_leaky_relu():
    assert init.calculate_gain("leaky_relu", 2) == pytest.approx(math.sqrt(2 / 5))
    for slope in ("0.2", True, [1]):
        with pytest.raises(ValueError, match="not a valid number"):
            init.calculate_gain("leaky_relu", slope)
    with pytest.raises(ValueError, match="Unsupported nonlinearity swish"):
        init.calculate_gain("swish")


def test_a_generator_of_ones_own():
    minitorch.manual_seed(0)
    expected = minitorch.rand(1).item()
    minitorch.manual_seed(0)
    generator = minitorch.Generator().manual_seed(5)
    first = init.uniform_(minitorch.zeros(3), generator=generator).tolist()
    init.kaiming_uniform_(minitorch.zeros(2, 2), generator=generator)
    assert minitorch.rand(1).item() == expected
    again = init.uniform_(minitorch.zeros(3), generator=minitorch.Generator().manual_seed(5))
    assert again.tolist() == first


@pytest.mark.parametrize("fill", [init.zeros_, init.uniform_])
def test_filling_is_noticed_before_backward(fill):
    x = minitorch.ones(2, requires_grad=True)
    loss = (x * x).sum()
    fill(x)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        loss.backward()


def test_views_are_filled_in_place():
    x = minitorch.zeros(2, 3)
    init.ones_(x[:, 1])
    assert x.tolist() == [[0.0, 1.0, 0.0]] * 2
