"""Arithmetic and functions: values from mathematics, derivatives by central differences."""

import math
import statistics

import numpy as np
import pytest

import minitorch
from minitorch.autograd.gradcheck import gradcheck, gradgradcheck
from minitorch.ops import elementwise

INF, NAN = math.inf, math.nan

# The function, and for each operand an interval inside which it is smooth.
SMOOTH = {
    "abs": [(0.1, 2)],
    "acos": [(-0.9, 0.9)],
    "acosh": [(1.2, 4)],
    "add": [(-2, 2), (-2, 2)],
    "addcdiv": [(-2, 2), (-2, 2), (0.5, 2)],
    "addcmul": [(-2, 2), (-2, 2), (-2, 2)],
    "asin": [(-0.9, 0.9)],
    "asinh": [(-2, 2)],
    "atan": [(-2, 2)],
    "atan2": [(0.2, 2), (-2, 2)],
    "atanh": [(-0.9, 0.9)],
    "copysign": [(0.1, 2), (-2, -0.1)],
    "cos": [(-4, 4)],
    "cosh": [(-2, 2)],
    "deg2rad": [(-90, 90)],
    "div": [(-2, 2), (0.5, 2)],
    "erf": [(-2, 2)],
    "erfinv": [(-0.9, 0.9)],
    "exp": [(-2, 2)],
    "exp2": [(-2, 2)],
    "expm1": [(-2, 2)],
    "fmod": [(0.1, 0.9), (1, 2)],
    "frac": [(0.1, 0.9)],
    "hypot": [(0.2, 2), (-2, 2)],
    "lerp": [(-2, 2), (-2, 2), (-1, 2)],
    "log": [(0.2, 3)],
    "log10": [(0.2, 3)],
    "log1p": [(-0.5, 3)],
    "log2": [(0.2, 3)],
    "logaddexp": [(-3, 3), (-3, 3)],
    "mul": [(-2, 2), (-2, 2)],
    "neg": [(-2, 2)],
    "pow": [(0.3, 2), (-2, 3)],
    "rad2deg": [(-2, 2)],
    "reciprocal": [(0.3, 2)],
    "remainder": [(-0.9, -0.1), (1, 2)],
    "rsqrt": [(0.3, 2)],
    "rsub": [(-2, 2), (-2, 2)],
    "sin": [(-4, 4)],
    "sinh": [(-2, 2)],
    "sqrt": [(0.3, 2)],
    "square": [(-2, 2)],
    "sub": [(-2, 2), (-2, 2)],
    "tan": [(-1, 1)],
    "true_divide": [(-2, 2), (-2, -0.5)],
    "xlogy": [(-2, 2), (0.3, 2)],
}
# Constant between jumps, or not differentiable at all; and the input itself.
WITHOUT_DERIVATIVE = {"ceil", "floor", "floor_divide", "positive", "round", "sign", "trunc"}
ALIASES = {
    "absolute": "abs", "arccos": "acos", "arccosh": "acosh", "arcsin": "asin",
    "arcsinh": "asinh", "arctan": "atan", "arctan2": "atan2", "arctanh": "atanh",
    "divide": "div", "fix": "trunc", "multiply": "mul", "negative": "neg", "sgn": "sign",
    "subtract": "sub",
}  # fmt: skip


def double(values):
    return minitorch.tensor(values, dtype=minitorch.float64, requires_grad=True)


def leaf(rng, interval, shape):
    return double(np.asarray(rng.uniform(*interval, shape)))


def gradient(function, *values):
    """The gradients of the sum of a function's results, at points of float64."""
    points = [double(value) for value in values]
    function(*points).sum().backward()
    found = [point.grad.array.tolist() for point in points]
    return found[0] if len(found) == 1 else found


def test_every_function_is_in_a_table():
    public = {
        name
        for name, value in vars(elementwise).items()
        if callable(value) and getattr(value, "__module__", "") == elementwise.__name__
        and name.islower() and not name.startswith("_")
    }  # fmt: skip
    assert public == SMOOTH.keys() | WITHOUT_DERIVATIVE | ALIASES.keys()


@pytest.mark.parametrize("alias", ALIASES)
def test_aliases(alias):
    assert getattr(elementwise, alias) is getattr(elementwise, ALIASES[alias])


# -- derivatives --------------------------------------------------------------------------


@pytest.mark.parametrize("name", SMOOTH)
def test_derivatives(name, rng):
    function = getattr(elementwise, name)
    for shapes in ([(2, 3)] * 3, [(2, 1), (3,), (1, 3)], [(), (2,), ()], [()] * 3, [(0, 2)] * 3):
        points = [leaf(rng, *pair) for pair in zip(SMOOTH[name], shapes, strict=False)]
        assert gradcheck(function, points, atol=1e-7, rtol=1e-6)
        assert gradgradcheck(function, points, atol=1e-6, rtol=1e-6)


@pytest.mark.parametrize("name", SMOOTH)
def test_derivatives_of_strided_operands(name, rng):
    function = getattr(elementwise, name)
    points = []
    for interval in SMOOTH[name]:
        array = rng.uniform(*interval, (6, 4))[::2].T
        point = minitorch.from_numpy(array).requires_grad_()
        assert not point.array.flags.c_contiguous
        points.append(point)
    assert gradcheck(function, points, atol=1e-7, rtol=1e-6)


@pytest.mark.parametrize("options", [{"alpha": 2.5}, {"alpha": -1}])
@pytest.mark.parametrize("name", ["add", "sub", "rsub"])
def test_derivatives_with_alpha(name, options, rng):
    points = [leaf(rng, (-2, 2), (2, 3)), leaf(rng, (-2, 2), (3,))]
    assert gradcheck(lambda a, b: getattr(elementwise, name)(a, b, **options), points)


@pytest.mark.parametrize("exponent", [0, 1, 2, 3, -1, -2, 0.5, -0.5, 2.5])
def test_derivatives_of_powers_with_a_number(exponent, rng):
    point = leaf(rng, (0.3, 2), (3,))
    assert gradcheck(lambda x: elementwise.pow(x, exponent), point)
    assert gradgradcheck(lambda x: elementwise.pow(x, exponent), point, atol=1e-4)
    assert gradcheck(lambda x: elementwise.pow(1.5, x), point)
    assert gradgradcheck(lambda x: elementwise.pow(1.5, x), point, atol=1e-4)


@pytest.mark.parametrize("name", ["pow", "xlogy", "div", "atan2", "logaddexp", "mul", "remainder"])
@pytest.mark.parametrize("dtype", ["int64", "bool", "uint8"])
def test_derivatives_beside_integers(name, dtype, rng):
    function = getattr(elementwise, name)
    point = leaf(rng, (0.2, 0.8), (2, 3))
    others = minitorch.tensor(rng.integers(1, 4, (3,)).astype(dtype))
    for call in (lambda x: function(x, others), lambda x: function(others, x)):
        assert gradcheck(call, point, atol=1e-7, rtol=1e-6)
        assert gradgradcheck(call, point, atol=1e-6, rtol=1e-6)


@pytest.mark.parametrize(
    "function",
    [
        elementwise.ceil, elementwise.floor, elementwise.round, elementwise.sign,
        elementwise.trunc, lambda x: elementwise.div(x, 2, rounding_mode="floor"),
        lambda x: elementwise.div(7, x, rounding_mode="trunc"),
    ],
)  # fmt: skip
def test_steps_have_zero_gradients(function):
    assert gradient(function, [0.5, -1.25, NAN]) == [0, 0, 0]


def test_gradients_at_kinks_and_ends():
    assert gradient(elementwise.abs, [0.0, -3.0]) == [0, -1]
    assert gradient(elementwise.sqrt, [0.0, 4.0]) == [INF, 0.25]
    assert gradient(elementwise.rsqrt, [0.0, 4.0]) == [-INF, -1 / 16]
    assert gradient(elementwise.reciprocal, [0.0, 2.0]) == [-INF, -0.25]
    assert gradient(elementwise.log, [0.0, 4.0]) == [INF, 0.25]
    assert gradient(elementwise.asin, [1.0, 0.0]) == [INF, 1]
    assert gradient(elementwise.erfinv, [1.0, 0.0, -1.0]) == [INF, math.sqrt(math.pi) / 2, INF]
    assert gradient(elementwise.atan2, [0.0, 0.0], [0.0, 2.0]) == [[0, 0.5], [0, 0]]
    assert gradient(elementwise.div, [1.0], [0.0]) == [[INF], [-INF]]
    assert gradient(elementwise.copysign, [0.0, -2.0], [1.0, 1.0]) == [[0, -1], [0, 0]]
    assert gradient(elementwise.xlogy, [0.0], [2.0]) == [[math.log(2)], [0]]
    assert gradient(lambda x: elementwise.xlogy(x, 0.0), [0.0]) == [0]


def test_gradients_of_powers_at_zero():
    # d(x^y)/dx = y x^(y-1), and 0 for y = 0; d(x^y)/dy = x^y log x, and 0 at x = 0 for y >= 0
    input, exponent = gradient(
        elementwise.pow, [0.0, 0.0, 0.0, 0.0, 2.0], [0.0, 1.0, 2.0, -1.0, 0.0]
    )
    assert input == [0, 1, 0, -INF, 0]
    assert exponent == [0, 0, 0, -INF, math.log(2)]
    assert gradient(lambda x: elementwise.pow(x, 0), [0.0, NAN]) == [0, 0]
    assert gradient(lambda y: elementwise.pow(0.0, y), [0.0, 1.0, -1.0]) == [0, 0, -INF]


@pytest.mark.parametrize("name", ["floor_divide"])
def test_no_derivative(name):
    output = getattr(elementwise, name)(double([5.0]), 2)
    with pytest.raises(RuntimeError, match=f"derivative for {name} is not implemented"):
        output.backward()


def test_only_what_needs_a_gradient_gets_one():
    for name in ("mul", "div", "sub", "pow", "xlogy", "remainder", "fmod"):
        first, second = minitorch.tensor([2.0, 3.0]), minitorch.tensor([4.0, 5.0])
        first.requires_grad_()
        getattr(elementwise, name)(first, second).sum().backward()
        assert first.grad is not None and second.grad is None
        first.grad = None
        first.requires_grad_(False)
        second.requires_grad_()
        getattr(elementwise, name)(first, second).sum().backward()
        assert first.grad is None and second.grad is not None


# -- values -------------------------------------------------------------------------------

VALUES = [
    (lambda: elementwise.add(F(1, 2), F(10, 20)), [11, 22]),
    (lambda: elementwise.add(F(1, 2), 10, alpha=0.5), [6, 7]),
    (lambda: elementwise.sub(F(1, 2), F(10, 20)), [-9, -18]),
    (lambda: elementwise.sub(F(1, 2), 3, alpha=2), [-5, -4]),
    (lambda: elementwise.rsub(F(1, 2), 3), [2, 1]),
    (lambda: elementwise.mul(F(1, 2), F(10, 20)), [10, 40]),
    (lambda: elementwise.div(F(1, 9), F(4, -2)), [0.25, -4.5]),
    (lambda: elementwise.div(F(7, -7), 2, rounding_mode="trunc"), [3, -3]),
    (lambda: elementwise.div(F(7, -7), 2, rounding_mode="floor"), [3, -4]),
    (lambda: elementwise.div(F(7, -7), 0.0), [INF, -INF]),
    (lambda: elementwise.floor_divide(F(7, -7), -2), [-4, 3]),
    (lambda: elementwise.remainder(F(7, -7), 3), [1, 2]),
    (lambda: elementwise.remainder(F(7, -7), -3), [-2, -1]),
    (lambda: elementwise.fmod(F(7, -7), 3), [1, -1]),
    (lambda: elementwise.fmod(F(7, -7), -3), [1, -1]),
    (lambda: elementwise.neg(F(1, -2)), [-1, 2]),
    (lambda: elementwise.positive(F(1, -2)), [1, -2]),
    (lambda: elementwise.reciprocal(F(4, -0.5)), [0.25, -2]),
    (lambda: elementwise.addcmul(F(1, 2), F(3, 4), F(5, 6), value=0.5), [8.5, 14]),
    (lambda: elementwise.addcdiv(F(1, 2), F(3, 4), F(2, 8), value=2), [4, 3]),
    (lambda: elementwise.lerp(F(1, 2), F(3, 8), 0.75), [2.5, 6.5]),
    (lambda: elementwise.lerp(F(1, 2), F(3, 8), F(0, 1)), [1, 8]),
    (lambda: elementwise.pow(F(2, 3), F(3, -2)), [8, 1 / 9]),
    (lambda: elementwise.pow(F(4, 9), 0.5), [2, 3]),
    (lambda: elementwise.pow(F(-8, 2), 3), [-512, 8]),
    (lambda: elementwise.pow(2, F(3, -1)), [8, 0.5]),
    (lambda: elementwise.pow(F(-8, 0), F(0.5, 0)), [NAN, 1]),
    (lambda: elementwise.square(F(3, -4)), [9, 16]),
    (lambda: elementwise.sqrt(F(9, -1)), [3, NAN]),
    (lambda: elementwise.rsqrt(F(16, 0)), [0.25, INF]),
    (lambda: elementwise.hypot(F(3, 3e200), F(4, 4e200)), [5, 5e200]),
    (lambda: elementwise.exp(F(0, 1, 1000, -INF)), [1, math.e, INF, 0]),
    (lambda: elementwise.exp2(F(10, -1)), [1024, 0.5]),
    (lambda: elementwise.expm1(F(1e-20, 1)), [1e-20, math.e - 1]),
    (lambda: elementwise.log(F(math.e, 0, -1)), [1, -INF, NAN]),
    (lambda: elementwise.log2(F(8, 0.5)), [3, -1]),
    (lambda: elementwise.log10(F(1000, 0.1)), [3, -1]),
    (lambda: elementwise.log1p(F(1e-20, -1)), [1e-20, -INF]),
    (lambda: elementwise.logaddexp(F(1000, -INF), F(1000, -INF)), [1000 + math.log(2), -INF]),
    (lambda: elementwise.xlogy(F(0, 0, 2), F(0, NAN, math.e)), [0, NAN, 2]),
    (lambda: elementwise.sin(F(0, math.pi / 6)), [0, 0.5]),
    (lambda: elementwise.cos(F(0, math.pi / 3)), [1, 0.5]),
    (lambda: elementwise.tan(F(0, math.pi / 4)), [0, 1]),
    (lambda: elementwise.asin(F(0.5, 2)), [math.pi / 6, NAN]),
    (lambda: elementwise.acos(F(0.5, -1)), [math.pi / 3, math.pi]),
    (lambda: elementwise.atan(F(1, -INF)), [math.pi / 4, -math.pi / 2]),
    (lambda: elementwise.atan2(F(1, -1), F(-1, -1)), [math.pi * 3 / 4, -math.pi * 3 / 4]),
    (lambda: elementwise.deg2rad(F(180, -90)), [math.pi, -math.pi / 2]),
    (lambda: elementwise.rad2deg(F(math.pi, -1)), [180, -180 / math.pi]),
    (lambda: elementwise.sinh(F(math.log(2), 0)), [0.75, 0]),
    (lambda: elementwise.cosh(F(math.log(2), 0)), [1.25, 1]),
    (lambda: minitorch.tanh(F(math.log(2), 1000)), [0.6, 1]),
    (lambda: elementwise.asinh(F(0.75, 0)), [math.log(2), 0]),
    (lambda: elementwise.acosh(F(1.25, 0)), [math.log(2), NAN]),
    (lambda: elementwise.atanh(F(0.6, 1)), [math.log(2), INF]),
    (lambda: elementwise.abs(F(-1, 2, -INF)), [1, 2, INF]),
    (lambda: elementwise.sign(F(-3, 0, 2, NAN)), [-1, 0, 1, 0]),
    (lambda: elementwise.copysign(F(1, -2), -0.0), [-1, -2]),
    (lambda: elementwise.floor(F(1.5, -1.5)), [1, -2]),
    (lambda: elementwise.ceil(F(1.5, -1.5)), [2, -1]),
    (lambda: elementwise.trunc(F(1.5, -1.5)), [1, -1]),
    (lambda: elementwise.round(F(0.5, 1.5, 2.5, -0.5)), [0, 2, 2, 0]),
    (lambda: elementwise.round(F(1.25, 21.5), decimals=1), [1.2, 21.5]),
    (lambda: elementwise.round(F(25, 36), decimals=-1), [20, 40]),
    (lambda: elementwise.frac(F(1.25, -1.25)), [0.25, -0.25]),
]  # fmt: skip


def F(*values):
    return minitorch.tensor(values, dtype=minitorch.float64)


@pytest.mark.parametrize("index", range(len(VALUES)))
def test_values(index):
    compute, expected = VALUES[index]
    output = compute()
    assert output.dtype is minitorch.float64
    np.testing.assert_allclose(output.array, expected, rtol=1e-15, atol=1e-15)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_erf(dtype):
    numbers = np.concatenate(
        [np.linspace(-7, 7, 50_001), 10.0 ** np.arange(-5, 1), [0.0, -INF, INF]]
    ).astype(dtype)
    expected = np.array([math.erf(number) for number in numbers.tolist()])
    output = elementwise.erf(numbers)
    assert output.dtype == dtype
    tolerance = {2: 5e-4, 4: 8e-8, 8: 7e-16}[output.itemsize]
    smallest = np.finfo(dtype).smallest_subnormal
    np.testing.assert_allclose(output, expected, rtol=tolerance, atol=smallest)
    assert np.isnan(elementwise.erf(np.array([NAN], dtype)))[0]
    np.testing.assert_array_equal(elementwise.erf(numbers.reshape(3, -1).T).T.ravel(), output)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_erfinv(dtype):
    """Beside the normal quantile z of probability (1 + x) / 2, which is sqrt(2) erfinv(x)."""
    tails = 1 - 2.0 ** -np.arange(1, 54)
    sizes = np.concatenate(
        [np.linspace(0, 1, 50_001)[1:-1], 10.0 ** np.arange(-5, 0), [0.84375, 0.9], tails]
    ).astype(dtype)
    sizes = sizes[sizes < 1]
    quantile = statistics.NormalDist().inv_cdf
    # in the lower tail, where (1 - x) / 2 is exact
    expected = [-quantile((1 - size) / 2) / math.sqrt(2) for size in sizes.tolist()]
    output = elementwise.erfinv(sizes)
    assert output.dtype == dtype
    tolerance = {2: 5e-4, 4: 6e-8, 8: 3e-15}[output.itemsize]
    # near 0 the quantile keeps its absolute error, and float16 loses digits
    smallest = max(1e-15, float(np.finfo(dtype).smallest_subnormal))
    np.testing.assert_allclose(output, expected, rtol=tolerance, atol=smallest)
    np.testing.assert_array_equal(elementwise.erfinv(-sizes), -output)
    strided = np.stack([sizes, -sizes]).T
    np.testing.assert_array_equal(elementwise.erfinv(strided), np.stack([output, -output]).T)


def test_erfinv_to_the_last_digits():
    half = 0.47693627620446987338  # erf(half) = 1/2
    np.testing.assert_allclose(elementwise.erfinv(F(0.5, -0.5)).array, [half, -half], rtol=3e-16)
    # erfinv(x) = (sqrt(pi) / 2) (x + pi x^3 / 12 + ...)
    small = np.array([1e-300, 1e-20, 1e-9, -1e-9])
    expected = math.sqrt(math.pi) / 2 * small
    np.testing.assert_allclose(elementwise.erfinv(small), expected, rtol=3e-16)


def test_erfinv_at_the_ends_and_beyond():
    for dtype in (minitorch.float16, minitorch.float32, minitorch.float64):
        x = minitorch.tensor([1, -1, 1.5, -INF, INF, NAN], dtype=dtype)
        np.testing.assert_array_equal(x.erfinv().array, [INF, -INF, NAN, NAN, NAN, NAN])
        zeros = minitorch.tensor([0.0, -0.0], dtype=dtype).erfinv_()
        assert zeros.tolist() == [0, 0]
        assert np.signbit(zeros.array).tolist() == [False, True]
    assert minitorch.erfinv(minitorch.tensor([True, False])).tolist() == [INF, 0]


def test_integers_stay_integers():
    x = minitorch.tensor([-7, 0, 7], dtype=minitorch.int32)
    for output, expected in [
        (elementwise.add(x, 2), [-5, 2, 9]),
        (elementwise.mul(x, 2), [-14, 0, 14]),
        (elementwise.pow(x, 2), [49, 0, 49]),
        (elementwise.floor_divide(x, 2), [-4, 0, 3]),
        (elementwise.remainder(x, 4), [1, 0, 3]),
        (elementwise.fmod(x, 4), [-3, 0, 3]),
        (elementwise.div(x, 2, rounding_mode="trunc"), [-3, 0, 3]),
        (elementwise.abs(x), [7, 0, 7]),
        (elementwise.sign(x), [-1, 0, 1]),
        (elementwise.floor(x), [-7, 0, 7]),
        (elementwise.round(x), [-7, 0, 7]),
        (elementwise.neg(x), [7, 0, -7]),
        (elementwise.square(x), [49, 0, 49]),
    ]:
        assert output.dtype is minitorch.int32
        assert output.tolist() == expected


def test_integers_into_floating_functions():
    x = minitorch.tensor([1, 4])
    for output in (elementwise.sqrt(x), elementwise.div(x, x), elementwise.mul(x, 0.5)):
        assert output.dtype is minitorch.float32
    minitorch.set_default_dtype(minitorch.float64)
    try:
        assert elementwise.exp(x).dtype is minitorch.float64
        assert elementwise.add(x, 0.5).dtype is minitorch.float64
    finally:
        minitorch.set_default_dtype(minitorch.float32)


def test_integer_powers():
    base = minitorch.tensor([2, 1, -1, -1, 0, 3])
    exponent = minitorch.tensor([-1, -5, -3, -2, 0, 4])
    assert elementwise.pow(base, exponent).tolist() == [0, 1, -1, 1, 1, 81]
    assert elementwise.pow(base, 2.0).dtype is minitorch.float32


def test_booleans():
    x, y = minitorch.tensor([True, True, False]), minitorch.tensor([True, False, False])
    assert elementwise.add(x, y).tolist() == [True, True, False]
    assert elementwise.mul(x, y).tolist() == [True, False, False]
    assert elementwise.square(x).dtype is minitorch.int64
    assert elementwise.sign(x).tolist() == [True, True, False]


# -- arrays -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(SMOOTH.keys() | WITHOUT_DERIVATIVE))
def test_arrays_in_arrays_out(name, rng):
    function = getattr(elementwise, name)
    for shape in ((3,), ()):
        intervals = SMOOTH.get(name, [(1, 2)] * (2 if name == "floor_divide" else 1))
        arrays = [np.asarray(rng.uniform(*interval, shape)) for interval in intervals]
        copies = [array.copy() for array in arrays]
        output = function(*arrays)
        assert type(output) is np.ndarray and output.shape == shape
        np.testing.assert_array_equal(output, function(*map(minitorch.tensor, arrays)).array)
        for array, copy in zip(arrays, copies, strict=True):
            np.testing.assert_array_equal(array, copy)


def test_a_tensor_beside_an_array_gives_a_tensor():
    output = elementwise.mul(minitorch.ones(2), np.array([2.0, 3.0], np.float32))
    assert isinstance(output, minitorch.Tensor)
    assert output.tolist() == [2, 3]


def test_results_are_new():
    x = minitorch.tensor([1, 2])
    for name in ("floor", "round", "trunc", "abs", "sign"):
        output = getattr(elementwise, name)(x)
        assert not np.shares_memory(output.array, x.array)


# -- errors -------------------------------------------------------------------------------

BOOL = [True, False]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: elementwise.add(F(1, 2), F(1, 2, 3)), RuntimeError, r"\(2\) must match .*\(3\)"),
        (lambda: elementwise.mul(F(1, 2), "2"), TypeError, "got str"),
        (lambda: elementwise.add(F(1, 2), [1, 2]), TypeError, "got list"),
        (lambda: elementwise.exp(1.0), TypeError, "expected a Tensor or an array, got float"),
        (lambda: elementwise.neg(1.0), TypeError, "expected a Tensor or an array, got float"),
        (lambda: elementwise.add(T(1), T(1), alpha=0.5), RuntimeError, "alpha"),
        (lambda: elementwise.add(F(1), F(1), alpha=True), RuntimeError, "Boolean alpha"),
        (lambda: elementwise.sub(T(*BOOL), T(*BOOL)), RuntimeError, "bool tensor is not supported"),
        (lambda: elementwise.sub(F(1, 2), True), RuntimeError, "bool tensor is not supported"),
        (lambda: elementwise.sub(T(*BOOL), 1, alpha=2), RuntimeError, "is not supported"),
        (lambda: elementwise.neg(T(*BOOL)), RuntimeError, "logical_not"),
        (lambda: elementwise.positive(T(*BOOL)), RuntimeError, "bool tensor"),
        (lambda: elementwise.floor_divide(T(1), 0), RuntimeError, "ZeroDivisionError"),
        (lambda: elementwise.remainder(T(1), T(0)), RuntimeError, "ZeroDivisionError"),
        (lambda: elementwise.fmod(T(1), T(0)), RuntimeError, "ZeroDivisionError"),
        (lambda: elementwise.div(T(1), 0, rounding_mode="trunc"), RuntimeError, "ZeroDivision"),
        (lambda: elementwise.div(F(1), 2, rounding_mode="up"), RuntimeError, "'up'"),
        (lambda: elementwise.remainder(T(*BOOL), T(*BOOL)), NotImplementedError, "remainder"),
        (lambda: elementwise.pow(T(2), -1), RuntimeError, "negative integer powers"),
        (lambda: elementwise.pow(T(*BOOL), T(*BOOL)), NotImplementedError, "pow"),
        (lambda: elementwise.abs(T(*BOOL)), NotImplementedError, "abs"),
        (lambda: elementwise.floor(T(*BOOL)), NotImplementedError, "floor"),
        (lambda: elementwise.round(T(*BOOL)), NotImplementedError, "round"),
        (lambda: elementwise.round(T(25), decimals=-1), NotImplementedError, "round"),
        (lambda: elementwise.frac(T(1)), NotImplementedError, "frac"),
        (lambda: elementwise.hypot(T(1), T(1)), NotImplementedError, "hypot"),
        (lambda: elementwise.logaddexp(T(1), T(1)), NotImplementedError, "logaddexp"),
        (lambda: elementwise.logaddexp(F(1), 1.0), TypeError, "got float"),
        (lambda: elementwise.atan2(F(1), 1.0), TypeError, "got float"),
        (lambda: elementwise.lerp(T(1), T(2), 0.5), NotImplementedError, "lerp"),
        (lambda: elementwise.lerp(F(1), F(2).float(), 0.5), RuntimeError, "`end`"),
        (lambda: elementwise.lerp(F(1), F(2), F(2).float()), RuntimeError, "`weight`"),
        (lambda: elementwise.addcdiv(F(1), T(2), T(2)), RuntimeError, "Integer division"),
    ],
)  # fmt: skip
def test_errors(call, error, message):
    with pytest.raises(error, match=message):
        call()


def T(*values):
    return minitorch.tensor(values)


def test_extreme_numbers_do_not_warn():
    # pytest makes errors of warnings
    huge = minitorch.tensor([3e38, -3e38, INF, NAN], requires_grad=True)
    outputs = [
        elementwise.mul(huge, 1e300), elementwise.add(huge, huge), elementwise.sub(huge, huge),
        elementwise.exp(huge), elementwise.div(huge, 0), elementwise.square(huge),
        elementwise.pow(huge, 0.5), elementwise.log(huge), elementwise.tan(huge),
        elementwise.fmod(huge, 0), elementwise.remainder(huge, 0), elementwise.asin(huge),
    ]  # fmt: skip
    for output in outputs:
        output.sum().backward()
    half = minitorch.tensor([6e4], dtype=minitorch.float16)
    assert elementwise.add(half, 1e6).tolist() == [INF]
