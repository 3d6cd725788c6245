"""Comparisons, logic, bits and choices: values by definition, derivatives by differences."""

import math

import numpy as np
import pytest

import minitorch
from minitorch.autograd.gradcheck import gradcheck, gradgradcheck
from minitorch.ops import comparison

INF, NAN = math.inf, math.nan
BOOL = [True, False]

DIFFERENTIABLE = {
    "clamp", "clamp_max", "clamp_min", "fmax", "fmin", "maximum", "minimum", "nan_to_num",
    "where",
}  # fmt: skip
WITHOUT_DERIVATIVE = {
    "allclose", "bitwise_and", "bitwise_left_shift", "bitwise_not", "bitwise_or",
    "bitwise_right_shift", "bitwise_xor", "eq", "equal", "ge", "gt", "heaviside", "isclose",
    "isfinite", "isinf", "isnan", "le", "logical_and", "logical_not", "logical_or",
    "logical_xor", "lt", "ne",
}  # fmt: skip
ALIASES = {
    "clip": "clamp", "greater": "gt", "greater_equal": "ge", "less": "lt", "less_equal": "le",
    "not_equal": "ne",
}  # fmt: skip


def F(*values):
    return minitorch.tensor(values, dtype=minitorch.float64)


def T(*values):
    return minitorch.tensor(values)


def gradient(function, *values):
    """The gradients of the sum of a function's results, at points of float64."""
    points = [F(*value).requires_grad_() for value in values]
    function(*points).sum().backward()
    found = [point.grad.array.tolist() for point in points]
    return found[0] if len(found) == 1 else found


def test_every_function_is_in_a_table():
    public = {
        name
        for name, value in vars(comparison).items()
        if callable(value) and getattr(value, "__module__", "") == comparison.__name__
        and name.islower() and not name.startswith("_")
    }  # fmt: skip
    assert public == DIFFERENTIABLE | WITHOUT_DERIVATIVE | ALIASES.keys() | {"select", "zero_where"}


@pytest.mark.parametrize("alias", ALIASES)
def test_aliases(alias):
    assert getattr(comparison, alias) is getattr(comparison, ALIASES[alias])


# -- comparisons --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("eq", [False, True, False, False]),
        ("ne", [True, False, True, True]),
        ("lt", [True, False, False, False]),
        ("le", [True, True, False, False]),
        ("gt", [False, False, True, False]),
        ("ge", [False, True, True, False]),
    ],
)
def test_comparisons(name, expected):
    function = getattr(comparison, name)
    output = function(F(1, 2, 3, NAN), 2)
    assert output.dtype is minitorch.bool
    assert output.tolist() == expected
    assert function(F(1, 2, 3, NAN), F(2)).tolist() == expected
    assert function(T(1, 2, 3), 2).tolist() == expected[:3]
    column = function(F(1, 2, 3, NAN).reshape(4, 1), F(2, 2))
    assert column.tolist() == [[each, each] for each in expected]
    arrays = function(np.array([1, 2, 3]), np.array(2))
    assert type(arrays) is np.ndarray and arrays.tolist() == expected[:3]
    assert not function(F(1.0).requires_grad_(), 2).requires_grad


def test_an_integer_tensor_is_compared_with_a_fraction_as_numbers():
    assert comparison.lt(T(2, 3), 2.5).tolist() == [True, False]


def test_isclose():
    first, second = F(1, 1, 0, INF, INF, NAN), F(1 + 0.9e-5, 1 + 1.1e-5, 1e-8, INF, -INF, NAN)
    expected = [True, False, True, True, False, False]
    assert comparison.isclose(first, second).tolist() == expected
    assert comparison.isclose(first, second, equal_nan=True).tolist() == [*expected[:-1], True]
    assert comparison.isclose(T(10, 10), T(11, 12), rtol=0, atol=1).tolist() == [True, False]
    assert comparison.isclose(F(1.0), F(1.5), rtol=0.4).tolist() == [True]
    assert comparison.isclose(F(1.5), F(1.0), rtol=0.4).tolist() == [False]


def test_allclose_and_equal():
    assert comparison.allclose(F(1, 2), F(1, 2 + 1e-6)) is True
    assert comparison.allclose(F(1, 2), F(1, 2.1)) is False
    assert comparison.allclose(F(1, 1), F(1)) is True
    assert comparison.allclose(np.ones(2), np.ones(2)) is True
    assert comparison.equal(F(1, 2), T(1, 2)) is True
    assert comparison.equal(F(1, 2), F(1, 3)) is False
    assert comparison.equal(F(1, 1), F(1)) is False
    assert comparison.equal(F(NAN), F(NAN)) is False


def test_predicates():
    x = F(1, INF, -INF, NAN)
    assert comparison.isnan(x).tolist() == [False, False, False, True]
    assert comparison.isinf(x).tolist() == [False, True, True, False]
    assert comparison.isfinite(x).tolist() == [True, False, False, False]
    assert comparison.isfinite(T(1)).tolist() == [True]
    assert comparison.logical_not(F(0, NAN, 2)).tolist() == [True, False, False]


def test_logic():
    first, second = T(0, 1, 0, 2), F(0, 0, 0.5, 3)
    assert comparison.logical_and(first, second).tolist() == [False, False, False, True]
    assert comparison.logical_or(first, second).tolist() == [False, True, True, True]
    assert comparison.logical_xor(first, second).tolist() == [False, True, True, False]


def test_bits():
    assert comparison.bitwise_and(T(6, -1), 3).tolist() == [2, 3]
    assert comparison.bitwise_or(T(6, -1), 3).tolist() == [7, -1]
    assert comparison.bitwise_xor(T(6, -1), 3).tolist() == [5, -4]
    assert comparison.bitwise_not(T(0, 5)).tolist() == [-1, -6]
    assert comparison.bitwise_not(T(*BOOL)).tolist() == [False, True]
    assert comparison.bitwise_and(T(*BOOL), T(True, True)).tolist() == BOOL
    assert comparison.bitwise_left_shift(T(1, -3, 1), T(4, 1, 64)).tolist() == [16, -6, 0]
    assert comparison.bitwise_right_shift(T(17, -3, -3), T(4, 1, 64)).tolist() == [1, -2, -1]


# -- choosing -----------------------------------------------------------------------------


@pytest.mark.parametrize("size", [4, 10_000])
@pytest.mark.parametrize("dtype", ["bool", "uint8", "int64", "float16", "float32", "float64"])
def test_select_is_exact(size, dtype, rng):
    condition = rng.random((2, size)) < 0.5
    first, second = (rng.integers(0, 256, (2, size)).astype(dtype) for _ in range(2))
    if dtype.startswith("float"):
        first[condition] *= -1
        first[~condition], second[condition] = NAN, INF  # not chosen
    expected = [
        [a if c else b for a, b, c in zip(*rows, strict=True)]
        for rows in zip(first.tolist(), second.tolist(), condition.tolist(), strict=True)
    ]
    for options in ((condition, first, second), (condition, first, second[:, ::-1][:, ::-1])):
        output = comparison.select(*options)
        assert output.dtype == dtype
        assert output.tolist() == expected
    zero = comparison.select(condition, first, np.zeros((), dtype))
    assert zero.tolist() == np.where(condition, first, 0).tolist()


def test_where():
    condition = T(True, False, True)
    assert comparison.where(condition, F(1, 2, 3), F(4, 5, 6)).tolist() == [1, 5, 3]
    assert comparison.where(condition, F(1, 2, 3), 0).tolist() == [1, 0, 3]
    assert comparison.where(condition, 0, F(1, 2, 3)).tolist() == [0, 2, 0]
    numbers = comparison.where(condition, 1, 2)
    assert numbers.dtype is minitorch.int64 and numbers.tolist() == [1, 2, 1]
    assert comparison.where(condition, 1.5, 2).dtype is minitorch.float32
    column = comparison.where(T([True], [False]), F(1, 2), F(7))
    assert column.tolist() == [[1, 2], [7, 7]]
    array = comparison.where(np.array([True, False]), np.array([1.0, 2.0]), 0.5)
    assert type(array) is np.ndarray and array.tolist() == [1, 0.5]


def test_where_alone_finds_indices():
    rows, columns = comparison.where(T([0, 2], [3, 0]))
    assert rows.tolist() == [0, 1] and columns.tolist() == [1, 0]
    assert rows.dtype is minitorch.int64
    assert [each.tolist() for each in comparison.where(minitorch.tensor(5.0))] == [[0]]
    found = comparison.where(np.array([False, True]))
    assert type(found[0]) is np.ndarray and found[0].tolist() == [1]


def test_extrema():
    first, second = F(1, 5, NAN, 2), F(3, 4, 1, NAN)
    np.testing.assert_array_equal(comparison.maximum(first, second).array, [3, 5, NAN, NAN])
    np.testing.assert_array_equal(comparison.minimum(first, second).array, [1, 4, NAN, NAN])
    np.testing.assert_array_equal(comparison.fmax(first, second).array, [3, 5, 1, 2])
    np.testing.assert_array_equal(comparison.fmin(first, second).array, [1, 4, 1, 2])
    assert comparison.maximum(T(1), F(0.5)).dtype is minitorch.float64


def test_clamp():
    x = F(-2, 0, 2)
    assert comparison.clamp(x, -1, 1).tolist() == [-1, 0, 1]
    assert comparison.clamp(x, min=0.5).tolist() == [0.5, 0.5, 2]
    assert comparison.clamp(x, max=0.5).tolist() == [-2, 0, 0.5]
    assert comparison.clamp(x, 1, 0).tolist() == [0, 0, 0]
    assert comparison.clamp(x, F(-1, 1, 0), F(0, 3, 1)).tolist() == [-1, 1, 1]
    assert comparison.clamp_min(x, 0).tolist() == [0, 0, 2]
    assert comparison.clamp_max(x, 0).tolist() == [-2, 0, 0]
    assert comparison.clamp(T(1, 5), max=2).dtype is minitorch.int64
    assert comparison.clamp(T(1, 5), max=2.5).dtype is minitorch.float32
    assert np.isnan(comparison.clamp(F(NAN), 0, 1).item())


def test_relu_and_heaviside():
    assert minitorch.relu(F(-1, 0, 2)).tolist() == [0, 0, 2]
    assert minitorch.relu(T(-1, 0, 2)).dtype is minitorch.int64
    assert np.isnan(minitorch.relu(F(NAN)).item())
    assert comparison.heaviside(F(-1, 0, 2), F(0.5)).tolist() == [0, 0.5, 1]


def test_nan_to_num():
    largest = float(np.finfo(np.float64).max)
    x = F(NAN, INF, -INF, 1)
    assert comparison.nan_to_num(x).tolist() == [0, largest, -largest, 1]
    assert comparison.nan_to_num(x, 1, 2, 3).tolist() == [1, 2, 3, 1]
    assert comparison.nan_to_num(T(1, 2), nan=5.0).tolist() == [1, 2]
    assert np.isnan(x.array[0])


# -- derivatives --------------------------------------------------------------------------

CALLS = {
    "relu": lambda a, b, c: minitorch.relu(a * b),
    "maximum": lambda a, b, c: comparison.maximum(a * a, b * c),
    "minimum": lambda a, b, c: comparison.minimum(a * a, b * c),
    "fmax": lambda a, b, c: comparison.fmax(a * a, b * c),
    "fmin": lambda a, b, c: comparison.fmin(a * a, b * c),
    "clamp": lambda a, b, c: comparison.clamp(a * a, b * b, c * c + 2),
    "clamp numbers": lambda a, b, c: comparison.clamp(a * b, -0.5, 0.5),
    "clamp_min": lambda a, b, c: comparison.clamp_min(a * a, b * c),
    "clamp_max": lambda a, b, c: comparison.clamp_max(a * a, b * c),
    "where": lambda a, b, c: comparison.where(a > 0, b * c, a * a),
    "nan_to_num": lambda a, b, c: comparison.nan_to_num(a * b),
}


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("shapes", [[(2, 3)] * 3, [(2, 1), (3,), (1, 3)], [()] * 3, [(0, 2)] * 3])
def test_derivatives(name, shapes, rng):
    points = [
        minitorch.tensor(np.asarray(rng.uniform(-2, 2, shape))).requires_grad_()
        for shape in shapes
    ]  # fmt: skip
    assert gradcheck(CALLS[name], points, atol=1e-7, rtol=1e-6)
    assert gradgradcheck(CALLS[name], points, atol=1e-7, rtol=1e-6)


def test_gradients_at_kinks():
    assert gradient(minitorch.relu, [-1.0, 0.0, 2.0]) == [0, 0, 1]
    assert gradient(lambda x: comparison.clamp(x, 0, 1), [-1, 0, 0.5, 1, 2]) == [0, 1, 1, 1, 0]
    assert gradient(comparison.maximum, [1, 2, 3], [3, 2, 1]) == [[0, 0.5, 1], [1, 0.5, 0]]
    assert gradient(comparison.minimum, [1, 2, 3], [3, 2, 1]) == [[1, 0.5, 0], [0, 0.5, 1]]
    assert gradient(comparison.fmax, [1, 2, NAN, 1], [3, 2, 1, NAN]) == [[0, 1, 0, 1], [1, 0, 1, 0]]
    assert gradient(comparison.fmin, [1, 2, NAN, 1], [3, 2, 1, NAN]) == [[1, 1, 0, 1], [0, 0, 1, 0]]
    assert gradient(comparison.clamp, [0, 0, 9], [1, 2, 2], [3, 1, 1]) == [
        [0, 0, 0],
        [1, 0, 0],
        [0, 1, 1],  # crossed bounds: the upper one is in force
    ]
    assert gradient(comparison.clamp_min, [0, 2], [1, 2]) == [[0, 1], [1, 0]]
    assert gradient(comparison.clamp_max, [1, 2], [0, 2]) == [[0, 1], [1, 0]]
    assert gradient(comparison.nan_to_num, [1, NAN, INF]) == [1, 0, 0]


def test_a_masked_gradient_is_zero_even_if_it_is_infinite():
    x = F(-1, 2).requires_grad_()
    minitorch.relu(x).backward(F(INF, 3))
    assert x.grad.tolist() == [0, 3]


def test_heaviside_has_no_derivative():
    output = comparison.heaviside(F(1.0).requires_grad_(), F(0.5))
    with pytest.raises(RuntimeError, match="derivative for heaviside is not implemented"):
        output.backward()


# -- arrays and errors --------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(3,), (), (2, 0)])
@pytest.mark.parametrize("name", ["maximum", "fmin", "eq", "logical_or", "isclose", "heaviside"])
def test_arrays_in_arrays_out(name, shape, rng):
    first, second = (np.asarray(rng.standard_normal(shape)) for _ in range(2))
    copies = first.copy(), second.copy()
    output = getattr(comparison, name)(first, second)
    assert type(output) is np.ndarray and output.shape == shape
    np.testing.assert_array_equal(first, copies[0])
    np.testing.assert_array_equal(second, copies[1])


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: comparison.eq(F(1, 2), F(1, 2, 3)), RuntimeError, r"\(2\) must match .*\(3\)"),
        (lambda: comparison.lt(F(1), "a"), TypeError, "got str"),
        (lambda: comparison.isnan(1.0), TypeError, "expected a Tensor or an array"),
        (lambda: comparison.isclose(F(1), T(1)), RuntimeError, "float64 did not match int64"),
        (lambda: comparison.isclose(F(1), F(1), rtol=-1), RuntimeError, "rtol must be"),
        (lambda: comparison.equal(F(1), 1.0), TypeError, "got float"),
        (lambda: comparison.bitwise_and(F(1), F(1)), NotImplementedError, "bitwise_and.*float64"),
        (lambda: comparison.bitwise_not(F(1)), NotImplementedError, "bitwise_not"),
        (lambda: comparison.bitwise_left_shift(T(*BOOL), T(*BOOL)), NotImplementedError, "shift"),
        (lambda: comparison.where(F(1), 1, 2), RuntimeError, "boolean tensor, but got .* float64"),
        (lambda: comparison.where(T(True), F(1)), TypeError, "only one of input and other"),
        (lambda: comparison.where(T(*BOOL), F(1, 2, 3), 0), RuntimeError, "must match"),
        (lambda: comparison.where(True, F(1), 0), TypeError, "got bool"),
        (lambda: comparison.maximum(F(1), 1.0), TypeError, "got float"),
        (lambda: comparison.fmin(F(1), 1.0), TypeError, "got float"),
        (lambda: minitorch.relu(T(*BOOL)), RuntimeError, "not implemented for booleans"),
        (lambda: comparison.clamp(F(1)), RuntimeError, "At least one of 'min' or 'max'"),
        (lambda: comparison.clamp(T(1).byte(), max=300), RuntimeError, "without overflow: 300"),
        (lambda: comparison.clamp(F(1), "0"), TypeError, "got str"),
        (lambda: comparison.heaviside(F(1), T(1)), RuntimeError, "different dtypes"),
    ],
)  # fmt: skip
def test_errors(call, error, message):
    with pytest.raises(error, match=message):
        call()
