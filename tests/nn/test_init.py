"""Initial values: what they are by definition; their streams are compared with PyTorch's."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest

import minitorch
from minitorch import nn
from minitorch.nn import init

DTYPES = [minitorch.float32, minitorch.float64, minitorch.float16]

# Every function that fills, with arguments for a tensor of shape (6, 3).
FILLS = {
    "constant_": lambda x, **g: init.constant_(x, 0.5),
    "dirac_": lambda x, **g: init.dirac_(x[..., None])[..., 0],
    "eye_": lambda x, **g: init.eye_(x),
    "kaiming_normal_": init.kaiming_normal_,
    "kaiming_uniform_": init.kaiming_uniform_,
    "normal_": init.normal_,
    "ones_": lambda x, **g: init.ones_(x),
    "orthogonal_": init.orthogonal_,
    "sparse_": lambda x, **g: init.sparse_(x, 0.4, **g),
    "trunc_normal_": init.trunc_normal_,
    "trunc_normal_ far out": lambda x, **g: init.trunc_normal_(x, a=1.0, b=2.0, **g),
    "uniform_": init.uniform_,
    "xavier_normal_": init.xavier_normal_,
    "xavier_uniform_": init.xavier_uniform_,
    "zeros_": lambda x, **g: init.zeros_(x),
}
CONSTANT = ["constant_", "dirac_", "eye_", "ones_", "zeros_"]
DRAWN = [name for name in FILLS if name not in CONSTANT]


def normal_density(x: float) -> float:
    return math.exp(-x * x / 2) / math.sqrt(2 * math.pi)


def normal_probability(x: float) -> float:
    return math.erfc(-x / math.sqrt(2)) / 2


def check_distribution(values: np.ndarray, probability) -> None:
    """Compare with a distribution function: 20,000 numbers leave it by 0.015 once in 4,000 times.

    Source: Kolmogorov's limit, P(√n max |F - Fₙ| > t) ≈ 2 exp(-2 t²).
    """
    ordered = np.sort(values.astype(np.float64).ravel())
    expected = np.array([probability(x) for x in ordered.tolist()])
    reached = np.arange(1, ordered.size + 1) / ordered.size
    assert np.abs(reached - expected).max() < 0.015


# -- what all of them share ---------------------------------------------------------------


def test_every_function_is_in_the_table():
    names = {name.split()[0] for name in FILLS}
    assert names == {name for name in init.__all__ if name.endswith("_")}


@pytest.mark.parametrize("name", FILLS)
def test_parameters_are_filled_in_place(name):
    parameter = nn.Parameter(minitorch.full((6, 3), 7.0))
    buffer, version = parameter.array, parameter._version
    result = FILLS[name](parameter)
    assert result is parameter or name == "dirac_"
    assert parameter.array is buffer
    assert parameter.is_leaf and parameter.requires_grad and parameter.grad is None
    assert parameter._version > version
    assert not (buffer == 7.0).any()


@pytest.mark.parametrize("name", FILLS)
def test_filling_is_noticed_before_backward(name):
    x = minitorch.ones(6, 3, requires_grad=True)
    loss = (x * x).sum()
    FILLS[name](x)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        loss.backward()


@pytest.mark.parametrize("name", FILLS)
def test_a_view_is_filled_and_nothing_else(name):
    whole = minitorch.full((6, 6), 7.0)
    FILLS[name](whole[:, ::2])
    assert (whole.array[:, 1::2] == 7.0).all()
    assert not (whole.array[:, ::2] == 7.0).any()


@pytest.mark.parametrize("name", DRAWN)
def test_a_generator_of_ones_own(name):
    def filled(seed):
        generator = minitorch.Generator().manual_seed(seed)
        return FILLS[name](minitorch.zeros(6, 3), generator=generator).tolist()

    minitorch.manual_seed(0)
    first = filled(5)
    minitorch.manual_seed(0)
    assert filled(5) == first
    assert filled(6) != first
    if name != "sparse_":  # which draws the places of its zeros from the default generator
        minitorch.manual_seed(0)
        expected = minitorch.rand(1).item()
        minitorch.manual_seed(0)
        filled(5)
        assert minitorch.rand(1).item() == expected


@pytest.mark.parametrize("name", DRAWN)
@pytest.mark.parametrize("dtype", [minitorch.int64, minitorch.bool])
def test_integers_cannot_be_drawn(name, dtype):
    x = minitorch.ones(6, 3, dtype=dtype)
    with pytest.raises(NotImplementedError, match=str(dtype).rpartition(".")[2]):
        FILLS[name](x)
    assert (x.array == 1).all()


@pytest.mark.parametrize("name", FILLS)
def test_nothing_to_fill(name):
    x = minitorch.zeros(0, 3)
    state = minitorch.get_rng_state()
    if "kaiming" in name:
        with pytest.warns(UserWarning, match="zero-element tensors is a no-op") as caught:
            assert FILLS[name](x) is x
        assert [item.filename for item in caught] == [__file__]
    else:
        assert FILLS[name](x).shape == (0, 3)
    if name != "sparse_":
        assert minitorch.equal(minitorch.get_rng_state(), state)


# -- values that are not drawn ------------------------------------------------------------


@pytest.mark.parametrize("dtype", [*DTYPES, minitorch.int64])
@pytest.mark.parametrize(
    ("fill", "value"), [(init.zeros_, 0), (init.ones_, 1), (lambda x: init.constant_(x, 5), 5)]
)
def test_constants(fill, value, dtype):
    x = fill(minitorch.full((2, 3), 7, dtype=dtype))
    assert x.tolist() == [[value] * 3] * 2
    assert x.dtype is dtype


def test_a_constant_is_rounded_to_the_dtype():
    assert init.constant_(minitorch.zeros(1), 0.1).item() == np.float32(0.1)
    assert init.constant_(minitorch.zeros(1, dtype=minitorch.int64), 3.7).item() == 3
    with pytest.raises(RuntimeError, match="300"):
        init.constant_(minitorch.zeros(1, dtype=minitorch.uint8), 300)


@pytest.mark.parametrize("dtype", [*DTYPES, minitorch.int64, minitorch.bool])
@pytest.mark.parametrize("shape", [(3, 3), (2, 4), (4, 2), (1, 1), (0, 2)])
def test_eye(shape, dtype):
    x = init.eye_(minitorch.ones(shape, dtype=dtype))
    expected = [[int(row == column) for column in range(shape[1])] for row in range(shape[0])]
    assert x.tolist() == expected
    assert x.dtype is dtype


def test_eye_makes_a_linear_layer_hand_on_its_inputs():
    layer = nn.Linear(3, 2, bias=False)
    init.eye_(layer.weight)
    assert layer(minitorch.tensor([4.0, 5.0, 6.0])).tolist() == [4.0, 5.0]


@pytest.mark.parametrize("shape", [(3,), (2, 2, 2), ()])
def test_eye_needs_a_matrix(shape):
    x = minitorch.ones(shape)
    with pytest.raises(ValueError, match="2 dimensions"):
        init.eye_(x)
    assert (x.array == 1).all()


@pytest.mark.parametrize("kernel", [(3,), (4,), (3, 5), (2, 1), (3, 3, 3), (1, 2, 5)])
@pytest.mark.parametrize(("channels", "groups"), [((4, 2), 1), ((4, 6), 1), ((6, 2), 3)])
def test_dirac(channels, groups, kernel):
    outputs, inputs = channels
    x = init.dirac_(minitorch.full((*channels, *kernel), 7.0), groups)
    middle = tuple(length // 2 for length in kernel)
    for output in range(outputs):
        for input in range(inputs):
            expected = np.zeros(kernel)
            expected[middle] = output % (outputs // groups) == input
            np.testing.assert_array_equal(x.array[output, input], expected)


def test_dirac_hands_on_the_channels_of_a_convolution(rng):
    weight = init.dirac_(minitorch.zeros(2, 3, 3, dtype=minitorch.float64)).array
    signal = rng.standard_normal((3, 8))
    output = [
        sum(np.convolve(signal[i], weight[o, i][::-1], "same") for i in range(3)) for o in range(2)
    ]
    np.testing.assert_array_equal(output, signal[:2])


@pytest.mark.parametrize(
    ("shape", "groups", "error", "message"),
    [
        ((2, 2), 1, ValueError, "3, 4 or 5 dimensions"),
        ((1,) * 6, 1, ValueError, "3, 4 or 5 dimensions"),
        ((3, 1, 2), 2, ValueError, "3 and 2"),
        ((3, 1, 2), 0, ZeroDivisionError, "zero"),
        ((4, 1, 2), 2.0, TypeError, "float"),
    ],
)
def test_what_dirac_refuses(shape, groups, error, message):
    x = minitorch.ones(shape)
    with pytest.raises(error, match=message):
        init.dirac_(x, groups)
    assert (x.array == 1).all()


# -- the usual distributions --------------------------------------------------------------


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (-2.0, 3.0)])
def test_uniform(low, high, dtype):
    minitorch.manual_seed(0)
    values = init.uniform_(minitorch.zeros(20000, dtype=dtype), low, high).array
    assert values.min() >= low
    assert values.max() < high
    check_distribution(values, lambda x: (x - low) / (high - low))


def test_uniform_between_equal_bounds():
    assert init.uniform_(minitorch.zeros(3), 5.0, 5.0).tolist() == [5.0] * 3


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
    with pytest.raises(RuntimeError, match="found from=3 > to=2"):
        init.trunc_normal_(x, mean=2.5, a=3, b=2)
    assert x.tolist() == [1.0, 1.0]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("mean", "std"), [(0.0, 1.0), (3.0, 0.5)])
def test_normal(mean, std, dtype):
    minitorch.manual_seed(0)
    values = init.normal_(minitorch.zeros(20000, dtype=dtype), mean, std).array
    check_distribution(values, lambda x: normal_probability((x - mean) / std))


def test_a_negative_deviation():
    x = minitorch.ones(2, 2)
    for fill in (lambda: init.normal_(x, 0, -1), lambda: init.sparse_(x, 0.5, -1)):
        with pytest.raises(RuntimeError, match="std >= 0"):
            fill()
    assert x.tolist() == [[1.0, 1.0]] * 2


TRUNCATED = [  # mean, std, a, b; the last four hold less than 0.3 of the normal distribution
    (0.0, 1.0, -2.0, 2.0), (0.0, 0.5, -0.25, 5.0), (1.0, 2.0, -math.inf, 1.0),
    (0.0, 1.0, -0.1, 0.2), (0.0, 1.0, 1.0, 2.5), (2.0, 0.5, 0.5, 1.5), (0.0, 3.0, 0.5, 1.0),
]  # fmt: skip


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("mean", "std", "a", "b"), TRUNCATED)
def test_truncated_normal(mean, std, a, b, dtype):
    minitorch.manual_seed(0)
    values = init.trunc_normal_(minitorch.zeros(200, 100, dtype=dtype), mean, std, a, b).array
    low, high = np.array([a, b]).astype(values.dtype)
    assert values.min() >= low
    assert values.max() <= high
    below, above = (normal_probability((bound - mean) / std) for bound in (a, b))
    check_distribution(
        values, lambda x: (normal_probability((x - mean) / std) - below) / (above - below)
    )


def test_both_bounds_of_a_truncated_normal_distribution_are_drawn():
    minitorch.manual_seed(0)
    values = init.trunc_normal_(minitorch.zeros(20000, dtype=minitorch.float16), a=-1, b=1).array
    assert (values == -1).any()
    assert (values == 1).any()


def test_moments_of_a_truncated_normal_distribution():
    """With α = (a - μ)/σ and β likewise, the mean is μ + σ (φ(α) - φ(β)) / (Φ(β) - Φ(α))."""
    minitorch.manual_seed(1)
    x = minitorch.zeros(100_000, dtype=minitorch.float64)
    for mean, std, a, b in TRUNCATED:
        alpha, beta = (a - mean) / std, (b - mean) / std
        share = normal_probability(beta) - normal_probability(alpha)
        shift = (normal_density(alpha) - normal_density(beta)) / share
        values = init.trunc_normal_(x, mean, std, a, b).array
        tolerance = 5 * values.std() / math.sqrt(values.size)
        assert values.mean() == pytest.approx(mean + std * shift, abs=tolerance)


def test_equal_bounds_of_a_truncated_normal_distribution():
    assert init.trunc_normal_(minitorch.zeros(3), a=0.5, b=0.5).tolist() == [0.5] * 3
    assert init.trunc_normal_(minitorch.tensor(0.0), a=1.5, b=1.5).item() == 1.5


@pytest.mark.parametrize(("mean", "warned"), [(-2.1, True), (3.1, True), (-1.9, False), (0, False)])
def test_a_mean_far_outside_the_bounds(mean, warned):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        values = init.trunc_normal_(minitorch.zeros(10), mean, 1.0, 0.0, 1.0).array
    assert [item.category for item in caught] == [UserWarning] * warned
    assert all(str(mean) in str(item.message) and item.filename == __file__ for item in caught)
    assert ((values >= 0) & (values <= 1)).all()


def test_no_deviation_of_a_truncated_normal_distribution():
    x = minitorch.ones(2)
    with pytest.raises(ZeroDivisionError):
        init.trunc_normal_(x, std=0)
    assert x.tolist() == [1.0, 1.0]


# -- distributions that keep variances through layers -------------------------------------


@pytest.mark.parametrize(
    ("name", "gain"),
    [
        ("linear", 1),
        ("sigmoid", 1),
        *((f"conv{n}d", 1) for n in (1, 2, 3)),
        *((f"conv_transpose{n}d", 1) for n in (1, 2, 3)),
        ("tanh", 5 / 3),
        ("relu", math.sqrt(2)),
        ("selu", 0.75),
        ("leaky_relu", math.sqrt(2 / 1.0001)),
    ],
)
def test_gains(name, gain):
    assert init.calculate_gain(name) == pytest.approx(gain, rel=1e-12)


@pytest.mark.parametrize("slope", [0, 0.2, 2])
def test_the_gain_of_relu_keeps_the_second_moment(slope):
    """E[f(x)²] gain² = 1 for x of variance 1, f(x) = x for x > 0 and slope · x for x < 0."""
    gain = init.calculate_gain("leaky_relu", slope)
    assert (1 + slope**2) / 2 * gain**2 == pytest.approx(1)


def test_what_calculate_gain_refuses():
    for slope in ("0.2", True, [1]):
        with pytest.raises(ValueError, match="not a valid number"):
            init.calculate_gain("leaky_relu", slope)
    with pytest.raises(ValueError, match="Unsupported nonlinearity swish"):
        init.calculate_gain("swish")


@pytest.mark.parametrize(
    ("shape", "fans"),
    [((2, 3), (3, 2)), ((2, 3, 5), (15, 10)), ((4, 1, 3, 3), (9, 36)), ((0, 3), (3, 0))],
)
def test_fans(shape, fans):
    found = init._calculate_fan_in_and_fan_out(minitorch.zeros(shape))
    assert found == fans
    assert [type(fan) for fan in found] == [int, int]


# What is drawn, with a gain and the fan that it is divided by: std = gain / sqrt(fan).
SCALED = [
    ("xavier", (50, 200), {}, 1, 125),
    ("xavier", (200, 50), {"gain": 2.5}, 2.5, 125),
    ("xavier", (20, 30, 5), {}, 1, 125),
    ("kaiming", (50, 200), {}, math.sqrt(2), 200),
    ("kaiming", (50, 200), {"mode": "fan_out"}, math.sqrt(2), 50),
    ("kaiming", (50, 200), {"mode": "FAN_OUT"}, math.sqrt(2), 50),
    ("kaiming", (50, 200), {"mode": "FAN_IN"}, math.sqrt(2), 200),
    ("kaiming", (50, 200), {"a": math.sqrt(5)}, 1 / math.sqrt(3), 200),
    ("kaiming", (50, 200), {"nonlinearity": "linear"}, 1, 200),
    ("kaiming", (50, 200), {"nonlinearity": "tanh"}, 5 / 3, 200),
    ("kaiming", (50, 40, 5), {"nonlinearity": "relu"}, math.sqrt(2), 200),
    ("kaiming", (40, 50, 5), {"mode": "fan_out"}, math.sqrt(2), 200),
]


@pytest.mark.parametrize(("family", "shape", "options", "gain", "fan"), SCALED)
def test_uniform_with_the_variance_of_a_fan(family, shape, options, gain, fan):
    minitorch.manual_seed(0)
    values = getattr(init, f"{family}_uniform_")(minitorch.zeros(shape), **options).array
    bound = math.sqrt(3) * gain / math.sqrt(fan)  # a uniform variable's variance is bound² / 3
    largest = float(np.abs(values).max())
    assert bound * 0.998 < largest <= bound * (1 + 1e-6)
    assert values.mean() == pytest.approx(0.0, abs=bound * 0.05)


@pytest.mark.parametrize(("family", "shape", "options", "gain", "fan"), SCALED)
def test_normal_with_the_variance_of_a_fan(family, shape, options, gain, fan):
    minitorch.manual_seed(0)
    values = getattr(init, f"{family}_normal_")(minitorch.zeros(shape), **options).array
    std = gain / math.sqrt(fan)
    assert values.std() == pytest.approx(std, rel=5 / math.sqrt(2 * values.size))
    assert values.mean() == pytest.approx(0.0, abs=5 * std / math.sqrt(values.size))


@pytest.mark.parametrize("name", ["xavier_uniform_", "xavier_normal_", "kaiming_normal_"])
@pytest.mark.parametrize("shape", [(), (3,)])
def test_fewer_than_two_dimensions(name, shape):
    x = minitorch.ones(shape)
    with pytest.raises(ValueError, match="fewer than 2 dimensions"):
        getattr(init, name)(x)
    assert (x.array == 1).all()


@pytest.mark.parametrize("fill", [init.kaiming_uniform_, init.kaiming_normal_])
def test_what_kaiming_refuses(fill):
    x = minitorch.ones(2, 2)
    with pytest.raises(ValueError, match="Mode other not supported"):
        fill(x, mode="other")
    with pytest.raises(ValueError, match="Unsupported nonlinearity other"):
        fill(x, nonlinearity="other")
    assert x.tolist() == [[1.0, 1.0]] * 2


# -- matrices of a kind -------------------------------------------------------------------


@pytest.mark.parametrize(("dtype", "tolerance"), [("float32", 2e-6), ("float64", 1e-14)])
@pytest.mark.parametrize("gain", [1, 2.5])
@pytest.mark.parametrize(
    "shape", [(5, 5), (7, 3), (3, 7), (1, 4), (4, 1), (4, 3, 2, 2), (20, 2, 3)]
)
def test_orthogonal(shape, gain, dtype, tolerance):
    x = minitorch.zeros(shape, dtype=getattr(minitorch, dtype))
    matrix = init.orthogonal_(x, gain).array.reshape(shape[0], -1)
    if shape[0] < matrix.shape[1]:
        matrix = matrix.T
    products = matrix.T.astype(np.float64) @ matrix
    np.testing.assert_allclose(products, gain**2 * np.eye(len(products)), atol=tolerance * gain**2)


@pytest.mark.parametrize("shape", [(6, 6), (6, 4), (4, 6)])
def test_orthogonal_is_the_q_of_the_numbers_drawn(shape):
    """Qᵀ A = R is a triangle with a positive diagonal: that makes Q unique, and fair."""
    minitorch.manual_seed(0)
    drawn = minitorch.empty(shape, dtype=minitorch.float64).normal_().array
    minitorch.manual_seed(0)
    matrix = init.orthogonal_(minitorch.empty(shape, dtype=minitorch.float64)).array
    if shape[0] < shape[1]:
        drawn, matrix = drawn.T, matrix.T
    triangle = matrix.T @ drawn
    np.testing.assert_allclose(np.tril(triangle, -1), 0, atol=1e-14)
    assert (np.diagonal(triangle) > 0).all()


def test_what_orthogonal_refuses():
    x = minitorch.ones(3)
    with pytest.raises(ValueError, match=r"2 or more dimensions.*\[3\]"):
        init.orthogonal_(x)
    half = minitorch.ones(3, 2, dtype=minitorch.float16)
    with pytest.raises(NotImplementedError, match="float16"):
        init.orthogonal_(half)
    permuted = minitorch.ones(3, 2, 4).permute(0, 2, 1)
    with pytest.raises(RuntimeError, match="view"):
        init.orthogonal_(permuted)
    for tensor in (x, half, permuted):
        assert (tensor.array == 1).all()


@pytest.mark.parametrize(
    ("rows", "sparsity", "zeros"), [(10, 0.1, 1), (10, 0.11, 2), (7, 0.5, 4), (5, 0, 0), (5, 1, 5)]
)
def test_sparse(rows, sparsity, zeros):
    minitorch.manual_seed(0)
    values = minitorch.empty(rows, 300).normal_(0, 0.01).array
    minitorch.manual_seed(0)
    matrix = init.sparse_(minitorch.empty(rows, 300), sparsity).array
    assert ((matrix == 0).sum(axis=0) == zeros).all()
    np.testing.assert_array_equal(matrix[matrix != 0], values[matrix != 0])
    if 0 < zeros < rows:  # every row has its share
        share = (matrix == 0).mean(axis=1)
        np.testing.assert_allclose(share, zeros / rows, atol=5 * math.sqrt(0.25 / 300))


def test_sparse_needs_a_matrix():
    x = minitorch.ones(2, 2, 2)
    with pytest.raises(ValueError, match="sparse_ fills a matrix"):
        init.sparse_(x, 0.5)
    assert (x.array == 1).all()


# -- former names -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", [name for name in init.__all__ if not name.endswith("_") and name != "calculate_gain"]
)
def test_former_names(name):
    options = {"constant": {"val": 0.5}, "sparse": {"sparsity": 0.5}}.get(name, {})
    shape = (6, 3, 3) if name == "dirac" else (6, 3)
    minitorch.manual_seed(0)
    x = minitorch.zeros(shape)
    with pytest.warns(FutureWarning, match=rf"`nn.init.{name}` .* `nn.init.{name}_`"):
        assert getattr(init, name)(x, **options) is x
    minitorch.manual_seed(0)
    expected = getattr(init, f"{name}_")(minitorch.zeros(shape), **options)
    assert x.tolist() == expected.tolist()
    assert getattr(init, name).__name__ == name
    assert f"{name}_" in getattr(init, name).__doc__
