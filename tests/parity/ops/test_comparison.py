"""Comparisons, logic, bits and choices, element by element, beside PyTorch."""

import math

import numpy as np
import pytest
import torch

import minitorch
from minitorch.autograd.engine import grad as minitorch_grad
from minitorch.ops import comparison
from minitorch.ops.creation import tensor

ALL = ["bool", "uint8", "int8", "int32", "int64", "float16", "float32", "float64"]
SHAPES = [
    ((3, 4), (3, 4)),
    ((2, 3, 4), (3, 1)),
    ((1, 4), (3, 1)),
    ((), (3,)),
    ((), ()),
    ((0, 2), (2,)),
]
SPECIAL = np.array([0.0, -0.0, 1.0, -1.0, 2.5, math.inf, -math.inf, math.nan], np.float32)

COMPARISONS = [
    "eq", "ne", "not_equal", "lt", "less", "le", "less_equal", "gt", "greater", "ge",
    "greater_equal", "logical_and", "logical_or", "logical_xor",
]  # fmt: skip
BITS = ["bitwise_and", "bitwise_or", "bitwise_xor", "bitwise_left_shift", "bitwise_right_shift"]
EXTREMA = ["maximum", "minimum", "fmax", "fmin"]
PREDICATES = ["isnan", "isinf", "isfinite", "logical_not"]
# name of the case: the function's name and keyword arguments
UNARY = {
    "relu": ("relu", {}),
    "nan_to_num": ("nan_to_num", {}),
    "nan_to_num numbers": ("nan_to_num", {"nan": 1.0, "posinf": 2.0, "neginf": -3.0}),
    "clamp": ("clamp", {"min": -1, "max": 1.5}),
    "clip": ("clip", {"min": -1.0, "max": 1}),
    "clamp crossed": ("clamp", {"min": 1, "max": 0}),
    "clamp from": ("clamp", {"min": 0.5}),
    "clamp to": ("clamp", {"max": 0.5}),
    "clamp_min": ("clamp_min", {"min": -1}),
    "clamp_max": ("clamp_max", {"max": 1}),
}


def compare(ours, theirs):
    ours = getattr(ours, "array", ours)
    theirs = theirs.detach().numpy(force=True)
    assert ours.dtype == theirs.dtype
    np.testing.assert_array_equal(ours, theirs, strict=True)


def both(name):
    return getattr(minitorch, name), getattr(torch, name)


def check(name, here, there, **options):
    """The values, or the type of the exception, are PyTorch's."""
    ours, theirs = both(name)
    try:
        expected = theirs(*there, **options)
    except TypeError:  # PyTorch takes no number here
        return
    except RuntimeError as error:
        with pytest.raises(type(error)):
            ours(*here, **options)
    else:
        compare(ours(*here, **options), expected)


@pytest.mark.parametrize("name", COMPARISONS + BITS + EXTREMA)
@pytest.mark.parametrize("dtype", ALL)
def test_promotion(name, dtype, rng):
    array = rng.integers(0, 5, (2, 3)).astype(dtype)
    for other in ALL:
        for shape in ((3,), ()):
            second = rng.integers(0, 5, shape).astype(other)
            check(name, (tensor(array), tensor(second)), map(torch.tensor, (array, second)))
    for number in (True, 2, 1.5, -1, 300):
        check(name, (tensor(array), number), (torch.tensor(array), number))


@pytest.mark.parametrize("name", COMPARISONS + EXTREMA)
@pytest.mark.parametrize("shapes", SHAPES)
def test_shapes(name, shapes, rng):
    first, second = (rng.integers(-2, 2, shape).astype("float32") for shape in shapes)
    check(name, (tensor(first), tensor(second)), map(torch.tensor, (first, second)))


@pytest.mark.parametrize("name", COMPARISONS + EXTREMA + ["heaviside", "isclose"])
def test_special_pairs(name):
    first, second = np.meshgrid(SPECIAL, SPECIAL)
    check(name, (tensor(first), tensor(second)), map(torch.tensor, (first, second)))


@pytest.mark.parametrize("name", [*PREDICATES, "bitwise_not"])
@pytest.mark.parametrize("dtype", ALL)
def test_predicates(name, dtype):
    array = (SPECIAL if dtype.startswith("float") else np.arange(6)).astype(dtype)
    check(name, [tensor(array)], [torch.tensor(array)])


@pytest.mark.parametrize("dtype", ALL)
@pytest.mark.parametrize("case", UNARY)
def test_one_operand(case, dtype):
    name, options = UNARY[case]
    if dtype == "uint8" and -1 in options.values():
        return  # PyTorch wraps the bound around and clamps to it; here it is an error
    array = (SPECIAL if dtype.startswith("float") else np.arange(-2, 4)).astype(dtype)
    check(name, [tensor(array)], [torch.tensor(array)], **options)
    if not dtype.startswith("float"):
        return
    here, there = tensor(array, requires_grad=True), torch.tensor(array, requires_grad=True)
    ours, theirs = both(name)
    ours(here, **options).sum().backward()
    theirs(there, **options).sum().backward()
    compare(here.grad, there.grad)


@pytest.mark.parametrize("name", EXTREMA)
def test_gradients_of_extrema(name):
    ours, theirs = both(name)
    pair = np.meshgrid(SPECIAL, SPECIAL)
    here = [tensor(array, requires_grad=True) for array in pair]
    there = [torch.tensor(array, requires_grad=True) for array in pair]
    ours(*here).sum().backward()
    theirs(*there).sum().backward()
    for one, other in zip(here, there, strict=True):
        compare(one.grad, other.grad)


@pytest.mark.parametrize("bounds", ["min", "max", "both", "crossed"])
def test_clamp_between_tensors(bounds, rng):
    arrays = [rng.integers(-3, 3, shape).astype("float64") for shape in ((4, 5), (5,), (4, 1))]
    arrays[0].flat[:3] = math.nan, math.inf, -math.inf
    if bounds == "both":
        arrays[1:] = [np.full(5, -1.0), np.full((4, 1), 1.0)]
    here = [tensor(array, requires_grad=True) for array in arrays]
    there = [torch.tensor(array, requires_grad=True) for array in arrays]

    def run(function, tensors):
        input, low, high = tensors
        if bounds == "min":
            return function(input, min=low)
        if bounds == "max":
            return function(input, max=high)
        return function(input, low, high)

    output, expected = run(comparison.clamp, here), run(torch.clamp, there)
    compare(output, expected)
    seed = rng.standard_normal(expected.shape)
    grads = minitorch_grad([output], here, [tensor(seed)], allow_unused=True)
    expected_grads = torch.autograd.grad([expected], there, [torch.tensor(seed)], allow_unused=True)
    for grad, expected_grad in zip(grads, expected_grads, strict=True):
        if expected_grad is None:
            assert grad is None
        else:
            np.testing.assert_allclose(grad.array, expected_grad.numpy(), rtol=1e-14)


@pytest.mark.parametrize("size", [3, 100_000])  # `select` takes another way for large arrays
@pytest.mark.parametrize("dtype", ALL)
def test_where(dtype, size, rng):
    condition = rng.random(size) < 0.5
    first, second = (rng.integers(0, 9, size).astype(dtype) for _ in range(2))
    for other in ("bool", "int64", "float32", "float64"):
        third = second.astype(other)
        compare(
            comparison.where(tensor(condition), tensor(first), tensor(third)),
            torch.where(*map(torch.tensor, (condition, first, third))),
        )
    for number in (True, 2, 1.5):
        expected = torch.where(torch.tensor(condition), torch.tensor(first), number)
        compare(comparison.where(tensor(condition), tensor(first), number), expected)
        expected = torch.where(torch.tensor(condition), number, torch.tensor(first))
        compare(comparison.where(tensor(condition), number, tensor(first)), expected)
    expected = torch.where(torch.tensor(condition), 1, 2.5)
    compare(comparison.where(tensor(condition), 1, 2.5), expected)


@pytest.mark.parametrize(
    "shapes", [((2, 3), (2, 3), (2, 3)), ((3, 1), (4,), (2, 1, 1)), ((), (), (2,))]
)
def test_where_broadcasts(shapes, rng):
    condition = rng.random(shapes[0]) < 0.5
    first, second = (rng.standard_normal(shape) for shape in shapes[1:])
    here = [tensor(array, requires_grad=True) for array in (first, second)]
    there = [torch.tensor(array, requires_grad=True) for array in (first, second)]
    output = comparison.where(tensor(condition), *here)
    expected = torch.where(torch.tensor(condition), *there)
    compare(output, expected)
    seed = rng.integers(-9, 9, expected.shape).astype("float64")
    grads = minitorch_grad([output], here, [tensor(seed)])
    expected_grads = torch.autograd.grad([expected], there, [torch.tensor(seed)])
    for grad, expected_grad in zip(grads, expected_grads, strict=True):
        compare(grad, expected_grad)


@pytest.mark.parametrize("shape", [(), (5,), (3, 4), (0, 2)])
def test_where_finds_indices(shape, rng):
    array = rng.integers(0, 2, shape)
    found = comparison.where(tensor(array))
    expected = torch.where(torch.tensor(array))
    assert len(found) == len(expected)
    for one, other in zip(found, expected, strict=True):
        compare(one, other)


@pytest.mark.parametrize("dtype", ["bool", "int64", "float16", "float32", "float64"])
@pytest.mark.parametrize(
    "options", [{}, {"rtol": 0.2}, {"atol": 1, "rtol": 0}, {"equal_nan": True}, {"rtol": math.inf}]
)
def test_isclose(dtype, options):
    values = SPECIAL if dtype.startswith("float") else np.arange(5)
    first, second = (array.astype(dtype) for array in np.meshgrid(values, values))
    ours = [tensor(first), tensor(second)]
    theirs = [torch.tensor(first), torch.tensor(second)]
    compare(comparison.isclose(*ours, **options), torch.isclose(*theirs, **options))
    assert comparison.allclose(*ours, **options) == torch.allclose(*theirs, **options)
    assert comparison.equal(*ours) == torch.equal(*theirs)


@pytest.mark.parametrize("name", ["maximum", "minimum", "fmax", "fmin", "where", "clamp", "relu"])
def test_second_derivatives(name, rng):
    arrays = [rng.standard_normal((3, 4)), rng.standard_normal((4,))]
    mask = rng.random((3, 4)) < 0.5

    def second(module, grad, make):
        first, other = (make(array, requires_grad=True) for array in arrays)
        calls = {
            "where": lambda a, b: module.where(make(mask), a, b),
            "clamp": lambda a, b: module.clamp(a, max=b),
            "relu": lambda a, b: module.relu(a * b),
        }
        call = calls.get(name, getattr(module, name))
        output = call(first * first * other, other * other).sum()
        grads = grad([output], [first, other], create_graph=True)
        total = (grads[0] * grads[0]).sum() + (grads[1] * grads[1]).sum()
        return grad([total], [first, other])

    ours = second(minitorch, minitorch_grad, tensor)
    theirs = second(torch, torch.autograd.grad, torch.tensor)
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(one.array, other.numpy(), rtol=1e-12, atol=1e-13)
