"""Arithmetic and functions, element by element, beside PyTorch."""

import math

import numpy as np
import pytest
import torch

import minitorch
from minitorch.autograd.engine import grad as minitorch_grad
from minitorch.ops import elementwise
from minitorch.ops.creation import tensor

FLOATS = ["float32", "float64"]
ALL = ["bool", "uint8", "int8", "int32", "int64", "float16", "float32", "float64"]
TOLERANCE = {"float16": 2e-3, "float32": 2e-6, "float64": 1e-13}
SHAPES = [
    ((3, 4), (3, 4)),
    ((2, 3, 4), (3, 1)),
    ((1, 4), (3, 1)),
    ((), (3,)),
    ((), ()),
    ((0, 2), (2,)),
]

# name: the interval from which arguments are drawn
UNARY = {
    "abs": (-2, 2), "absolute": (-2, 2), "acos": (-0.9, 0.9), "acosh": (1.1, 4),
    "arccos": (-0.9, 0.9), "arccosh": (1.1, 4), "arcsin": (-0.9, 0.9), "arcsinh": (-2, 2),
    "arctan": (-2, 2), "arctanh": (-0.9, 0.9), "asin": (-0.9, 0.9), "asinh": (-2, 2),
    "atan": (-2, 2), "atanh": (-0.9, 0.9), "ceil": (-3, 3), "cos": (-4, 4), "cosh": (-3, 3),
    "deg2rad": (-360, 360), "erf": (-4, 4), "erfinv": (-0.9, 0.9), "exp": (-3, 3),
    "exp2": (-3, 3), "expm1": (-3, 3), "fix": (-3, 3), "floor": (-3, 3), "frac": (-3, 3),
    "log": (0.1, 4), "log10": (0.1, 4),
    "log1p": (-0.9, 4), "log2": (0.1, 4), "neg": (-3, 3), "negative": (-3, 3),
    "positive": (-3, 3), "rad2deg": (-4, 4), "reciprocal": (0.2, 3), "round": (-3, 3),
    "rsqrt": (0.2, 3), "sgn": (-3, 3), "sign": (-3, 3), "sin": (-4, 4), "sinh": (-3, 3),
    "sqrt": (0.2, 3), "square": (-3, 3), "tan": (-1.2, 1.2), "tanh": (-3, 3), "trunc": (-3, 3),
}  # fmt: skip
# name: the intervals of both operands, and keyword arguments
BINARY = {
    "add": [(-2, 2), (-2, 2), {}],
    "add alpha": [(-2, 2), (-2, 2), {"alpha": 2.5}],
    "sub": [(-2, 2), (-2, 2), {}],
    "sub alpha": [(-2, 2), (-2, 2), {"alpha": -0.5}],
    "subtract": [(-2, 2), (-2, 2), {}],
    "rsub": [(-2, 2), (-2, 2), {}],
    "rsub alpha": [(-2, 2), (-2, 2), {"alpha": 3}],
    "mul": [(-2, 2), (-2, 2), {}],
    "multiply": [(-2, 2), (-2, 2), {}],
    "div": [(-2, 2), (0.5, 2), {}],
    "divide": [(-2, 2), (-2, -0.5), {}],
    "true_divide": [(-2, 2), (0.5, 2), {}],
    "div trunc": [(-9, 9), (0.5, 2), {"rounding_mode": "trunc"}],
    "div floor": [(-9, 9), (-2, -0.5), {"rounding_mode": "floor"}],
    "remainder": [(-9, 9), (0.5, 2), {}],
    "fmod": [(-9, 9), (-2, -0.5), {}],
    "pow": [(0.2, 3), (-2, 3), {}],
    "atan2": [(-2, 2), (-2, 2), {}],
    "arctan2": [(-2, 2), (-2, 2), {}],
    "hypot": [(-2, 2), (-2, 2), {}],
    "logaddexp": [(-9, 9), (-9, 9), {}],
    "xlogy": [(-2, 2), (0.2, 3), {}],
    "copysign": [(-2, 2), (-2, 2), {}],
}
TERNARY = {
    "lerp": [(-2, 2), (-2, 2), (-1, 2), {}],
    "addcmul": [(-2, 2), (-2, 2), (-2, 2), {"value": 0.5}],
    "addcdiv": [(-2, 2), (-2, 2), (0.5, 2), {"value": 2}],
}
INTERVALS = {
    **{name: ([interval], {}) for name, interval in UNARY.items()},
    **{name: (case[:-1], case[-1]) for name, case in (BINARY | TERNARY).items()},
}


def both(name):
    name = name.split()[0]
    return getattr(minitorch, name), getattr(torch, name)


def compare(ours, theirs, **options):
    ours = getattr(ours, "array", ours)
    theirs = theirs.detach().numpy(force=True)
    assert ours.dtype == theirs.dtype
    assert ours.shape == theirs.shape
    tolerance = TOLERANCE.get(theirs.dtype.name, 0)
    np.testing.assert_allclose(ours, theirs, **{"rtol": tolerance, "atol": tolerance, **options})


def draw(rng, interval, shape, dtype="float64"):
    return rng.uniform(*interval, shape).astype(dtype)


def shapes_for(count):
    if count == 1:
        return [[shape] for shape, _ in SHAPES]
    return [[first, second, first][:count] for first, second in SHAPES]


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("name", INTERVALS)
def test_values_and_gradients(name, dtype, rng):
    ours, theirs = both(name)
    intervals, options = INTERVALS[name]
    for shapes in shapes_for(len(intervals)):
        arrays = [
            draw(rng, interval, shape, dtype)
            for interval, shape in zip(intervals, shapes, strict=True)
        ]
        here = [tensor(array, requires_grad=True) for array in arrays]
        there = [torch.tensor(array, requires_grad=True) for array in arrays]
        output, expected = ours(*here, **options), theirs(*there, **options)
        compare(output, expected)
        seed = rng.standard_normal(expected.shape).astype(dtype)
        if name == "positive":  # the input itself
            assert output is here[0]
        grads = minitorch_grad([output], here, [tensor(seed)])
        expected_grads = torch.autograd.grad([expected], there, [torch.tensor(seed)])
        for grad, expected_grad in zip(grads, expected_grads, strict=True):
            compare(grad, expected_grad, rtol=20 * TOLERANCE[dtype], atol=20 * TOLERANCE[dtype])


STEPS = ["ceil", "fix", "floor", "round", "sgn", "sign", "trunc", "div trunc", "div floor"]


@pytest.mark.parametrize("name", [name for name in INTERVALS if name not in STEPS])
def test_second_derivatives(name, rng):
    ours, theirs = both(name)
    intervals, options = INTERVALS[name]
    for shapes in shapes_for(len(intervals)):
        arrays = [draw(rng, *pair) for pair in zip(intervals, shapes, strict=True)]
        seeds = [draw(rng, (-1, 1), shape) for shape in shapes]

        def second(function, grad, tensors, make, seeds=seeds, options=options):
            factor = make(np.float64(1.5), requires_grad=True)  # so that nothing is a constant
            output = (function(*tensors, **options) * factor).sum()
            first = grad([output], tensors, create_graph=True)
            total = sum((g * make(s)).sum() for g, s in zip(first, seeds, strict=True))
            return grad([total], [*tensors, factor], allow_unused=True, materialize_grads=True)

        here = second(ours, minitorch_grad, [tensor(a, requires_grad=True) for a in arrays], tensor)
        there = second(
            theirs, torch.autograd.grad, [torch.tensor(a, requires_grad=True) for a in arrays],
            torch.tensor,
        )  # fmt: skip
        for grad, expected in zip(here, there, strict=True):
            compare(grad, expected, rtol=1e-10, atol=1e-11)


@pytest.mark.parametrize("dtype", ALL)
@pytest.mark.parametrize("name", UNARY)
def test_dtypes_of_one_operand(name, dtype, rng):
    ours, theirs = both(name)
    array = draw(rng, (1, 4), (2, 3)).astype(dtype)
    try:
        expected = theirs(torch.tensor(array))
    except RuntimeError as error:
        with pytest.raises(type(error)):
            ours(tensor(array))
    else:
        compare(ours(tensor(array)), expected)


def quarters(rng, shape):
    """Numbers that every floating-point dtype holds exactly."""
    return rng.integers(4, 20, shape) / 4


def operands(rng, dtype, number, other):
    """Operands of two dtypes with the second as an array, a 0-d array or a Python number."""
    first = quarters(rng, (2, 3)).astype(dtype)
    if number == "number":
        second = {"b": True, "u": 3, "i": 3, "f": 2.5}[np.dtype(other).kind]
        return (tensor(first), second), (torch.tensor(first), second)
    second = quarters(rng, () if number == "0-d" else (3,)).astype(other)
    return (tensor(first), tensor(second)), (torch.tensor(first), torch.tensor(second))


@pytest.mark.parametrize("second", ["array", "0-d", "number"])
@pytest.mark.parametrize(
    "name", sorted({case.split(" alpha")[0] for case in BINARY} | {"floor_divide"})
)
def test_promotion_of_two_operands(name, second, rng):
    ours, theirs = both(name)
    options = BINARY[name][-1] if name in BINARY else {}
    for dtype in ALL:
        for other in ["bool", "int64", "float64"] if second == "number" else ALL:
            here, there = operands(rng, dtype, second, other)
            try:
                expected = theirs(*there, **options)
            except TypeError:  # PyTorch takes no number here
                continue
            except RuntimeError as error:
                if name == "pow":  # of booleans, where PyTorch knows special exponents
                    continue
                with pytest.raises(type(error)):
                    ours(*here, **options)
            else:
                if name == "pow" and dtype == "bool" and expected.dtype == torch.bool:
                    continue
                half = {"rtol": 4e-3} if expected.dtype == torch.float16 else {}
                compare(ours(*here, **options), expected, **half)


@pytest.mark.parametrize("name", ["add", "sub", "rsub", "mul", "div", "remainder", "pow",
                                  "floor_divide", "xlogy"])  # fmt: skip
@pytest.mark.parametrize("number", [True, 3, 2.5, -1.5])
def test_number_first(name, number, rng):
    ours, theirs = both(name)
    for dtype in ALL[1:]:
        array = draw(rng, (1, 5), (2, 3)).astype(dtype)
        try:
            expected = theirs(number, torch.tensor(array))
        except TypeError:
            continue
        except RuntimeError as error:
            with pytest.raises(type(error)):
                ours(number, tensor(array))
        else:
            half = {"rtol": 4e-3} if expected.dtype == torch.float16 else {}
            compare(ours(number, tensor(array)), expected, **half)


SPECIAL = [0.0, -0.0, 1.0, -1.0, 0.5, -2.5, math.inf, -math.inf, math.nan, 1e30, 1e-30]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", [*INTERVALS, "floor_divide"])
def test_special_values(name):
    ours, theirs = both(name)
    options = INTERVALS.get(name, ((), {}))[1]
    count = len(INTERVALS[name][0]) if name in INTERVALS else 2
    values = SPECIAL[:-2] if name == "addcmul" else SPECIAL  # PyTorch's does not round in between
    grid = np.meshgrid(*[np.array(values, np.float32)] * count)
    expected = theirs(*map(torch.tensor, grid), **options)
    output = ours(*map(tensor, grid), **options)
    if name in ("sin", "cos", "tan", "logaddexp", "log1p", "hypot"):
        compare(output, expected, rtol=1e-5)  # PyTorch's own accuracy at 1e30
    else:
        compare(output, expected)


KINKS = [
    name for name in INTERVALS
    if name.split()[0] not in ("lerp", "addcmul", "addcdiv", "positive")
]  # fmt: skip


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", KINKS)
def test_gradients_at_special_values(name):
    ours, theirs = both(name)
    intervals, options = INTERVALS[name]
    values = np.array([v for v in SPECIAL if abs(v) != 1e30 and abs(v) != 1e-30], np.float32)
    grid = np.meshgrid(*[values] * len(intervals))
    here = [tensor(array, requires_grad=True) for array in grid]
    there = [torch.tensor(array, requires_grad=True) for array in grid]
    ours(*here, **options).sum().backward()
    theirs(*there, **options).sum().backward()
    for one, other in zip(here, there, strict=True):
        compare(one.grad, other.grad)


@pytest.mark.parametrize("exponent", [0, 1, 2, 3, -1, -2, 0.5, -0.5, 2.5, -3.0, 2.0, True])
@pytest.mark.parametrize("dtype", FLOATS)
def test_power_with_a_number(exponent, dtype):
    array = np.array([v for v in SPECIAL if abs(v) != 1e30 and abs(v) != 1e-30], dtype)
    here = tensor(array, requires_grad=True)
    there = torch.tensor(array, requires_grad=True)
    output, expected = elementwise.pow(here, exponent), torch.pow(there, exponent)
    compare(output, expected)
    output.sum().backward()
    expected.sum().backward()
    compare(here.grad, there.grad)


@pytest.mark.parametrize("base", [0, 1, 2, 0.0, 2.5, -2.0])
def test_power_of_a_number(base):
    array = np.array([0.0, 1, -1, 2, 0.5, math.nan, math.inf, -math.inf], np.float32)
    here = tensor(array, requires_grad=True)
    there = torch.tensor(array, requires_grad=True)
    output, expected = elementwise.pow(base, here), torch.pow(base, there)
    compare(output, expected)
    output.sum().backward()
    expected.sum().backward()
    compare(here.grad, there.grad)


def test_integer_powers():
    base, power = np.meshgrid(np.arange(-3, 4), np.arange(-4, 5))
    compare(
        elementwise.pow(tensor(base), tensor(power)),
        torch.pow(torch.tensor(base), torch.tensor(power)),
    )
    compare(elementwise.pow(2, tensor(power)), torch.pow(2, torch.tensor(power)))


@pytest.mark.parametrize("name", ["remainder", "fmod", "floor_divide", "div trunc", "div floor"])
@pytest.mark.parametrize("dtype", ["int8", "int64", "uint8", "float32"])
def test_signs_of_divisions(name, dtype):
    ours, theirs = both(name)
    options = BINARY[name][-1] if name in BINARY else {}
    numbers = np.array([7, 5, 3, 2, 1]) if dtype == "uint8" else np.array([-7, -3, -1, 1, 2, 5])
    first, second = (array.astype(dtype) for array in np.meshgrid(numbers, numbers))
    compare(
        ours(tensor(first), tensor(second), **options),
        theirs(torch.tensor(first), torch.tensor(second), **options),
    )


@pytest.mark.parametrize(("dtype", "bits"), [("float32", np.int32), ("float64", np.int64)])
def test_last_digits_of_erfinv(dtype, bits, rng):
    array = np.concatenate(
        [
            draw(rng, (-1, 1), (200_000,)),
            draw(rng, (0.8, 1), (100_000,)),
            1 - 2.0 ** -draw(rng, (1, 53), (100_000,)),
            10.0 ** -draw(rng, (0, 300), (10_000,)),
        ]
    ).astype(dtype)
    array = array[np.abs(array) < 1]
    output, expected = elementwise.erfinv(array), torch.erfinv(torch.tensor(array)).numpy()
    assert output.dtype == expected.dtype
    distance = np.abs(output.view(bits).astype(np.int64) - expected.view(bits))
    assert distance.max() <= (1 if dtype == "float32" else 2)
    assert (distance == 0).mean() > 0.7


@pytest.mark.parametrize("decimals", [-2, -1, 0, 1, 2, 3])
@pytest.mark.parametrize("dtype", FLOATS)
def test_round(decimals, dtype, rng):
    array = np.concatenate([draw(rng, (-300, 300), (50,)), [2.5, 3.5, -0.5, 25, 35]]).astype(dtype)
    compare(
        elementwise.round(tensor(array), decimals=decimals),
        torch.round(torch.tensor(array), decimals=decimals),
    )


@pytest.mark.parametrize(
    ("dtype", "number"), [("int8", 300), ("uint8", -1), ("uint8", 300), ("int64", 2**63)]
)
@pytest.mark.parametrize("name", ["add", "mul"])
def test_integers_wrap_around(name, dtype, number):
    ours, theirs = both(name)
    array = np.array([1, 2, 100], dtype)
    compare(ours(tensor(array), number), theirs(torch.tensor(array), number))


@pytest.mark.parametrize("alpha", [2, 1.0, 0.5, True])
@pytest.mark.parametrize("dtype", ["bool", "uint8", "int64", "float32", "float64"])
@pytest.mark.parametrize("name", ["add", "sub", "rsub"])
def test_alpha(name, dtype, alpha, rng):
    ours, theirs = both(name)
    first, second = (draw(rng, (1, 5), (3,)).astype(dtype) for _ in range(2))
    try:
        expected = theirs(torch.tensor(first), torch.tensor(second), alpha=alpha)
    except RuntimeError as error:
        if name != "add" and alpha is True:
            return
        with pytest.raises(type(error)):
            ours(tensor(first), tensor(second), alpha=alpha)
    else:
        compare(ours(tensor(first), tensor(second), alpha=alpha), expected)


def test_lerp_is_exact_at_both_ends(rng):
    start, end = draw(rng, (-5, 5), (100,), "float32"), draw(rng, (-5, 5), (100,), "float32")
    for weight in (0, 0.3, 0.5, 1):
        compare(
            elementwise.lerp(tensor(start), tensor(end), weight),
            torch.lerp(torch.tensor(start), torch.tensor(end), weight),
        )
    np.testing.assert_array_equal(elementwise.lerp(start, end, 1), end)
