"""Tests of `minitorch.ops.forms`: functions as operators and in place."""

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import minitorch
from minitorch import Tensor


def leaf(*values: float) -> Tensor:
    return minitorch.tensor(values, dtype=minitorch.float64, requires_grad=True)


# -- operators ----------------------------------------------------------------------------

ARITHMETIC = [
    (operator.add, [8.0, 5.0]),
    (operator.sub, [6.0, -1.0]),
    (operator.mul, [7.0, 6.0]),
    (operator.truediv, [7.0, 2 / 3]),
    (operator.floordiv, [7.0, 0.0]),
    (operator.mod, [0.0, 2.0]),
    (operator.pow, [7.0, 8.0]),
]


@pytest.mark.parametrize(("function", "expected"), ARITHMETIC)
def test_arithmetic(function: Callable[[Any, Any], Any], expected: list[float]) -> None:
    first, second = [7.0, 2.0], [1.0, 3.0]
    for pair in (
        (minitorch.tensor(first), minitorch.tensor(second)),
        (minitorch.tensor(first), np.array(second, np.float32)),
        (np.array(first, np.float32), minitorch.tensor(second)),
    ):
        result = function(*pair)
        assert isinstance(result, Tensor)
        np.testing.assert_allclose(result.array, expected, rtol=1e-6)


@pytest.mark.parametrize(("function", "expected"), ARITHMETIC)
def test_numbers_on_either_side(function: Callable[[Any, Any], Any], expected: list[float]) -> None:
    left = function(7.0, minitorch.tensor([1.0]))
    right = function(minitorch.tensor([7.0]), np.float64(1.0))
    assert left.dtype is right.dtype is minitorch.float32
    assert left.tolist() == right.tolist() == expected[:1]


def test_reflected_operators_keep_the_gradient() -> None:
    x = leaf(2.0)
    for result, derivative in [(3 - x, -1.0), (3 / x, -0.75), (3**x, 9 * np.log(3)), (3 + x, 1.0)]:
        (grad,) = minitorch.autograd.grad(result.sum(), x)
        assert grad.item() == pytest.approx(derivative, rel=1e-15)


def test_comparisons_are_boolean_tensors() -> None:
    x = minitorch.tensor([1.0, 2.0, 3.0])
    for result, expected in [
        (x < 2, [True, False, False]),
        (x <= 2, [True, True, False]),
        (x > 2, [False, False, True]),
        (x >= 2, [False, True, True]),
        (x == 2, [False, True, False]),
        (x != 2, [True, False, True]),
        (operator.lt(2, x), [False, False, True]),
    ]:
        assert result.dtype is minitorch.bool
        assert result.tolist() == expected


def test_bits() -> None:
    x = minitorch.tensor([6, 3])
    assert (x & 2).tolist() == (2 & x).tolist() == [2, 2]
    assert (x | 8).tolist() == (8 | x).tolist() == [14, 11]
    assert (x ^ 1).tolist() == (1 ^ x).tolist() == [7, 2]
    assert (x << 1).tolist() == [12, 6]
    assert (x >> 1).tolist() == [3, 1]
    assert (1 << x).tolist() == [64, 8]
    assert (64 >> x).tolist() == [1, 8]
    assert (~x).tolist() == [-7, -4]
    mask = minitorch.tensor([True, False])
    assert (~mask).tolist() == [False, True]


class Stranger:
    """An object that knows what to do with tensors, which they do not with it."""

    def __radd__(self, other: Any) -> str:
        return "added"

    def __rmatmul__(self, other: Any) -> str:
        return "multiplied"

    def __eq__(self, other: object) -> Any:
        return "compared"

    __hash__ = None  # type: ignore[assignment]


def test_strangers_have_a_say() -> None:
    x: Any = minitorch.ones(2)
    assert x + Stranger() == "added"
    assert x @ Stranger() == "multiplied"
    assert (x == Stranger()) == "compared"
    x += Stranger()
    assert x == "added"


@pytest.mark.parametrize("wrong", ["a", None, [1.0, 2.0], object(), 1j])
def test_operands_that_are_refused(wrong: Any) -> None:
    x: Any = minitorch.ones(2)
    for function, _ in ARITHMETIC:
        with pytest.raises(TypeError):
            function(x, wrong)
        if function is operator.mod and isinstance(wrong, str):
            continue  # Python formats the string
        with pytest.raises(TypeError):
            function(wrong, x)
    for function in (operator.iadd, operator.ipow, operator.matmul, operator.lt):
        with pytest.raises(TypeError):
            function(x, wrong)
    assert (x == wrong) is False
    assert (x != wrong) is True


def test_matrix_products_take_no_numbers() -> None:
    with pytest.raises(TypeError, match="unsupported operand"):
        operator.matmul(minitorch.ones(2), 2)
    with pytest.raises(TypeError, match="unsupported operand"):
        operator.matmul(2, minitorch.ones(2))
    assert (minitorch.ones(2) @ np.ones(2, np.float32)).item() == 2


def test_tensors_are_keys_by_identity() -> None:
    x, y = minitorch.ones(2), minitorch.ones(2)
    assert {x: 1, y: 2}[x] == 1


# -- in place -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda x: x.add_(minitorch.ones(2)), [5, 10]),
        (lambda x: x.add_(minitorch.ones(2), alpha=3), [7, 12]),
        (lambda x: x.sub_(1), [3, 8]),
        (lambda x: x.mul_(2.5), [10, 22.5]),
        (lambda x: x.div_(minitorch.tensor(2.0)), [2, 4.5]),
        (lambda x: x.div_(2.0, rounding_mode="floor"), [2, 4]),
        (lambda x: x.pow_(0.5), [2, 3]),
        (lambda x: x.sqrt_(), [2, 3]),
        (lambda x: x.neg_().abs_(), [4, 9]),
        (lambda x: x.square_().reciprocal_(), [1 / 16, 1 / 81]),
        (lambda x: x.clamp_(max=5), [4, 5]),
        (lambda x: x.masked_fill_(x > 5, 0), [4, 0]),
        (lambda x: x.lerp_(minitorch.zeros(2), 0.5), [2, 4.5]),
        (lambda x: x.lt_(5), [1, 0]),
    ],
)
def test_the_buffer_is_changed(change: Callable[[Tensor], Tensor], expected: list[float]) -> None:
    x = minitorch.tensor([4.0, 9.0])
    buffer = x.array
    before = x._version
    assert change(x) is x
    assert x.array is buffer
    assert x._version > before
    np.testing.assert_allclose(buffer, expected, rtol=1e-6)


@pytest.mark.parametrize(
    ("function", "operand", "expected"),
    [
        (operator.iadd, 2, [6, 11]),
        (operator.isub, 2, [2, 7]),
        (operator.imul, np.array([1, 2], np.float32), [4, 18]),
        (operator.itruediv, 4, [1, 2.25]),
        (operator.ifloordiv, 4, [1, 2]),
        (operator.imod, 4, [0, 1]),
        (operator.ipow, 2, [16, 81]),
    ],
)
def test_augmented_assignment(
    function: Callable[[Any, Any], Any], operand: Any, expected: list[float]
) -> None:
    x = minitorch.tensor([4.0, 9.0])
    assert function(x, operand) is x
    assert x.tolist() == expected


def test_augmented_assignment_of_bits() -> None:
    x = minitorch.tensor([6, 3])
    same = x
    x &= 2
    x |= 8
    x ^= 1
    x <<= 2
    x >>= 1
    assert x is same
    assert x.tolist() == [22, 22]


def test_changes_of_computed_tensors_are_recorded() -> None:
    x, factor = leaf(2.0, 3.0), leaf(5.0, 7.0)
    y = x * 1
    y.mul_(factor)
    y += x
    y.pow_(2)
    y.sum().backward()
    assert x.grad is not None
    assert factor.grad is not None
    np.testing.assert_allclose(x.grad.array, [2 * 12 * 6, 2 * 24 * 8])
    np.testing.assert_allclose(factor.grad.array, [2 * 12 * 2, 2 * 24 * 3])


def test_what_was_saved_before_a_change_is_missed() -> None:
    y = leaf(2.0, 3.0) * 1
    z = y * y
    y.add_(1)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        z.sum().backward()


def test_values_without_a_derivative_have_none() -> None:
    x = leaf(2.0, 3.0)
    y = x * 1
    y.gt_(2.5)
    assert y.tolist() == [0, 1]
    y.sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [0, 0]


def test_leaves_are_changed_under_no_grad_only() -> None:
    x = leaf(2.0, 3.0)
    with pytest.raises(RuntimeError, match="leaf Variable that requires grad"):
        x.add_(1)
    assert x.tolist() == [2, 3]
    with minitorch.no_grad():
        x -= 1
    assert x.tolist() == [1, 2]
    assert x.is_leaf


def test_results_that_the_buffer_cannot_hold() -> None:
    with pytest.raises(RuntimeError, match="doesn't match the broadcast shape"):
        minitorch.ones(2).add_(minitorch.ones(3, 2))
    with pytest.raises(RuntimeError, match="can't be cast to the desired output type"):
        minitorch.ones(2, dtype=minitorch.int64).add_(0.5)
    x = minitorch.ones(2)
    x.add_(minitorch.ones(2, dtype=minitorch.float64))
    assert x.dtype is minitorch.float32


def test_direct_computation_is_silent_about_infinity() -> None:
    x = minitorch.tensor([1e38, 0.0])
    x.mul_(1e10)
    x.div_(0.0)
    assert x.tolist()[0] == np.inf
    assert np.isnan(x.tolist()[1])


def test_integers_are_rounded_before_they_are_added() -> None:
    x = minitorch.tensor([1.0])
    x.add_(minitorch.tensor([2**24 + 1]))  # which float32 rounds to 2**24, and again after + 1
    assert x.item() == 2**24


def test_overlapping_operands() -> None:
    x = minitorch.tensor([1.0, 2.0, 3.0])
    x[1:].add_(x[:-1])
    assert x.tolist() == [1, 3, 5]


def test_names_and_docstrings() -> None:
    assert Tensor.add_.__name__ == "add_"
    assert Tensor.squeeze_.__doc__ is not None


# -- shape in place -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "shape"),
    [
        (lambda x: x.t_(), (3, 2)),
        (lambda x: x.transpose_(0, 1), (3, 2)),
        (lambda x: x.swapaxes_(0, 1), (3, 2)),
        (lambda x: x.unsqueeze_(0), (1, 2, 3)),
        (lambda x: x.unsqueeze_(0).squeeze_(0), (2, 3)),
    ],
)
def test_the_tensor_itself_gets_another_shape(
    change: Callable[[Tensor], Tensor], shape: tuple[int, ...]
) -> None:
    x = minitorch.arange(6.0).reshape(2, 3)
    buffer = x.array
    assert change(x) is x
    assert x.shape == shape
    assert np.shares_memory(x.array, buffer)


def test_the_history_follows_the_shape() -> None:
    x = minitorch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], requires_grad=True)
    y = x * 2
    y.t_()
    (y * minitorch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])).sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [[2, 6, 10], [4, 8, 12]]


def test_the_history_follows_also_under_no_grad() -> None:
    x = leaf(2.0, 3.0)
    y = x * 2
    with minitorch.no_grad():
        y.unsqueeze_(0)
    y.sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [2, 2]


def test_kept_gradients_have_the_new_shape() -> None:
    y = leaf(2.0, 3.0) * 2
    y.retain_grad()
    y.unsqueeze_(0)
    (y * y).sum().backward()
    assert y.grad is not None
    assert y.grad.tolist() == [[8, 12]]


def test_leaves_keep_their_shape_unless_under_no_grad() -> None:
    x = leaf(2.0, 3.0)
    with pytest.raises(RuntimeError, match="leaf Variable that requires grad"):
        x.unsqueeze_(0)
    with minitorch.no_grad():
        x.unsqueeze_(0)
    assert x.shape == (1, 2)
    assert x.is_leaf


def test_a_view_that_changes_shape_still_reaches_its_base() -> None:
    x = leaf(1.0, 2.0, 3.0, 4.0)
    base = x * 1
    part = base[1:3]
    part.unsqueeze_(0)
    part.mul_(10)
    assert base.tolist() == [1, 20, 30, 4]
    base.sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [1, 10, 10, 1]
