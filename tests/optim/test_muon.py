"""Muon against its equations, with the singular value decomposition for the iteration."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import minitorch
from minitorch.optim import Muon
from minitorch.optim.muon import add_product, orthogonalized
from tests.optim.textbook import Options, leaf, run

COEFFICIENTS = (3.4445, -4.7750, 2.0315)
SHAPES = [(1, 1), (3, 3), (2, 7), (7, 2), (1, 5), (5, 1), (40, 60), (60, 40)]


def nearly_orthogonal(
    matrix: Any, coefficients: Any = COEFFICIENTS, steps: int = 5, eps: float = 1e-7
) -> Any:
    return orthogonalized(matrix[None], coefficients, steps, eps)[0]


def polynomial(value: Any, coefficients: Any = COEFFICIENTS, steps: int = 5) -> Any:
    """What the iteration does to a singular value."""
    a, b, c = coefficients
    for _ in range(steps):
        value = a * value + b * value**3 + c * value**5
    return value


# -- orthogonalization ------------------------------------------------------------------------


@pytest.mark.parametrize("shape", SHAPES)
def test_singular_values_follow_the_polynomial(
    shape: tuple[int, int], rng: np.random.Generator
) -> None:
    matrix = rng.normal(size=shape) * 100
    left, values, right = np.linalg.svd(matrix, full_matrices=False)
    for steps in range(3):
        result = nearly_orthogonal(matrix, steps=steps)
        expected = left * polynomial(values / np.linalg.norm(values), steps=steps) @ right
        assert result.shape == shape and result.dtype == np.float32
        np.testing.assert_allclose(result, expected, atol=0.02 * (1 + steps))


@pytest.mark.parametrize("shape", SHAPES)
def test_the_result_is_nearly_orthogonal(shape: tuple[int, int], rng: np.random.Generator) -> None:
    left, _, right = np.linalg.svd(rng.normal(size=shape), full_matrices=False)
    matrix = left * np.geomspace(1, 0.1, min(shape)) @ right
    result = nearly_orthogonal(matrix)
    values = np.linalg.svd(result, compute_uv=False)
    assert values.min() > 0.65 and values.max() < 1.25


def test_an_iteration_by_hand() -> None:
    """X = ±½ in all places, X Xᵀ = ½, (X Xᵀ)² = ¼, all times the unit matrix."""
    matrix = np.array([[3.0, 3.0], [3.0, -3.0]])
    a, b, c = 2.0, -1.5, 0.5
    result = nearly_orthogonal(matrix, (a, b, c), steps=1)
    assert result.tolist() == (matrix / 6 * (a + b / 2 + c / 4)).tolist()


@pytest.mark.parametrize(
    ("coefficients", "expected"),
    [
        ((-1.0, 1.0, 2.0**-8 + 2.0**-9), 2.0**-7),  # b Y + c Y² is rounded, up, and then added
        ((0.0, 1.0, 2.0**-8), 1.0),  # a tie, to even
        ((2.0**-8, 1.0, 2.0**-8 + 2.0**-20), 1 + 2.0**-6),  # 1 + 2⁻⁷, then a tie, to even
        ((0.0, 1 + 2.0**-8, 2.0**-9), 1 + 2.0**-7),  # neither product is rounded before the sum
    ],
)
def test_which_results_are_rounded(coefficients: Any, expected: float) -> None:
    """With X = Y = 1."""
    for shape in ((1, 1), (1, 4), (4, 1)):
        matrix = np.zeros(shape)
        matrix[0, 0] = 5.0
        assert nearly_orthogonal(matrix, coefficients, steps=1)[0, 0] == expected


def test_the_gram_matrix_is_rounded() -> None:
    """X is (0.6, 0.8), rounded, and X Xᵀ is 1.003, rounded 1, so that Y - Y² is 0."""
    assert nearly_orthogonal(np.array([[3.0, 4.0]]), (0.0, 1.0, -1.0), steps=1).tolist() == [[0, 0]]


def test_a_product_and_a_sum_are_rounded_once() -> None:
    """The product has more bits than float32; the sum, where 3 is taken away, has room for all."""
    total = np.array([[-3.0]], np.float32)
    add_product(total, np.array([[1 + 2.0**-7]], np.float32), np.array(3 + 2.0**-22), np.empty(3))
    assert total.tolist() == [[3 * 2.0**-7 + 2.0**-22 + 2.0**-29]]


@pytest.mark.parametrize("shape", SHAPES)
def test_a_stack_is_treated_one_by_one(shape: tuple[int, int], rng: np.random.Generator) -> None:
    stack = rng.normal(size=(3, *shape)) * [[[1.0]], [[1e-5]], [[1e3]]]
    results = orthogonalized(stack, COEFFICIENTS, 5, 1e-7)
    for matrix, result in zip(stack, results, strict=True):
        np.testing.assert_array_equal(result, nearly_orthogonal(matrix))


def test_the_norm_is_at_least_epsilon() -> None:
    matrix = np.array([[3.0, 0.0], [0.0, 4.0]])
    assert nearly_orthogonal(matrix, steps=0, eps=8.0).tolist() == (matrix / 8).tolist()
    assert nearly_orthogonal(matrix * 0).tolist() == [[0, 0], [0, 0]]


# -- the optimizer ----------------------------------------------------------------------------


def test_momentum_with_and_without_nesterov() -> None:
    """The sign of a direction of one number is all that NS leaves of it."""
    for nesterov, signs in ((True, [1, -1]), (False, [1, 1])):
        weight = leaf([[0.0]])
        optimizer = Muon(
            [weight], lr=1.0, momentum=0.5, nesterov=nesterov, weight_decay=0.0, ns_steps=0
        )
        run(optimizer, [[[1.0]]])  # M = ½, D = ¾ or ½
        assert weight.item() == -signs[0]
        run(optimizer, [[[-0.4]]])  # M = ¼ - ⅕ = 0.05, D = -0.175 or 0.05
        assert weight.item() == -signs[0] - signs[1]
        state = optimizer.state[weight]
        assert list(state) == ["momentum_buffer"]
        assert state["momentum_buffer"].item() == pytest.approx(0.05, rel=1e-12)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_a_run_of_matrices(dtype: Any, rng: np.random.Generator) -> None:
    shape, lr, momentum, decay = (4, 3), 0.125, 0.75, 0.5
    start = rng.normal(size=shape).astype(dtype)
    plain, columns, strided = (leaf(start, dtype) for _ in range(3))
    columns.array = np.asfortranarray(start)
    strided.array = np.repeat(start, 2, axis=1)[:, ::2]
    empty = [leaf(np.ones((0, 3)), dtype), leaf(np.ones((3, 0)), dtype)]
    weights = [plain, columns, strided]
    optimizer = Muon([*weights, *empty], lr=lr, momentum=momentum, weight_decay=decay, ns_steps=1)
    expected, average = start.astype(np.float64), np.zeros(shape)
    for _ in range(4):
        gradient = rng.normal(size=shape).astype(dtype)
        for weight in weights:
            weight.grad = minitorch.tensor(gradient)
        for weight in empty:
            weight.grad = minitorch.tensor(weight.array)
        optimizer.step()
        average = momentum * average + (1 - momentum) * gradient
        left, values, right = np.linalg.svd(
            momentum * average + (1 - momentum) * gradient, full_matrices=False
        )
        direction = left * polynomial(values / np.linalg.norm(values), steps=1) @ right
        expected = (1 - lr * decay) * expected - lr * math.sqrt(4 / 3) * direction
        for weight in weights:
            np.testing.assert_array_equal(weight.grad.array, gradient)  # only read
    for weight in weights:
        np.testing.assert_allclose(weight.array, expected, atol=0.02)
        buffer = optimizer.state[weight]["momentum_buffer"].array
        assert weight.array.dtype == buffer.dtype == dtype
        np.testing.assert_allclose(buffer, average, atol=4 * float(np.finfo(dtype).eps))


def test_matrices_of_one_shape_keep_their_own_directions(rng: np.random.Generator) -> None:
    """Without iterations a step is the gradient over its norm."""
    shapes = [(2, 3), (300, 250), (3, 2), (2, 3), (300, 250), (2, 3), (3, 2)]
    weights = [leaf(np.zeros(shape)) for shape in shapes]
    for weight in weights:
        weight.grad = minitorch.tensor(rng.normal(size=weight.shape))
    Muon(weights, lr=1.0, momentum=0.0, ns_steps=0, adjust_lr_fn="match_rms_adamw").step()
    for weight in weights:
        direction = weight.grad.array / np.linalg.norm(weight.grad.array)
        expected = -0.2 * math.sqrt(max(weight.shape)) * direction
        np.testing.assert_allclose(weight.array, expected, rtol=2**-6)


@pytest.mark.parametrize(
    ("shape", "adjust_lr_fn", "ratio"),
    [
        ((16, 1), None, 4.0),
        ((16, 1), "original", 4.0),
        ((1, 16), "original", 1.0),
        ((16, 1), "match_rms_adamw", 0.8),
        ((1, 16), "match_rms_adamw", 0.8),
    ],
)
def test_the_learning_rate_depends_on_the_shape(
    shape: tuple[int, int], adjust_lr_fn: str | None, ratio: float
) -> None:
    weight = leaf(np.zeros(shape))
    optimizer = Muon([weight], lr=0.5, ns_steps=0, adjust_lr_fn=adjust_lr_fn)
    run(optimizer, [np.full(shape, 3.0)])  # |D| = 4 · |one element|
    np.testing.assert_allclose(weight.array, np.full(shape, -0.5 * ratio / 4), rtol=1e-12)


def test_weights_shrink_without_a_gradient_in_them() -> None:
    weight, idle = leaf([[1.0, -2.0]]), leaf([[5.0]])
    weight.grad = minitorch.tensor(np.zeros((1, 2)))
    optimizer = Muon([weight, idle], lr=minitorch.tensor(0.5), weight_decay=0.5)
    assert optimizer.state_dict()["state"] == {}
    optimizer.step()
    assert weight.array.tolist() == [[0.75, -1.5]]
    assert idle.array.tolist() == [[5.0]] and list(optimizer.state) == [weight]


def test_a_diverging_run_does_not_warn() -> None:
    weight = leaf([[1e38, 1.0, 0.0]], np.float32)
    run(Muon([weight], lr=1e38), [[[3e38, 1.0, 0.0]], [[np.inf, 1.0, 0.0]]])
    assert np.isnan(weight.array).any()


@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        ({"lr": -0.1}, ValueError, "Learning rate should be >= 0 but is: -0.1; change lr"),
        ({"lr": "0.1"}, TypeError, "lr must be a number, got str"),
        ({"lr": minitorch.ones(2)}, ValueError, "Tensor lr must be 1-element"),
        ({"momentum": float("nan")}, ValueError, "momentum should be >= 0 but is: nan"),
        ({"weight_decay": -1}, ValueError, "weight decay should be >= 0 but is: -1; change weight"),
        ({"adjust_lr_fn": "x"}, ValueError, "function x is not supported; give adjust_lr_fn as"),
        ({"ns_steps": 100}, ValueError, "must be less than 100 .* but ns_steps is 100"),
        ({"ns_coefficients": (1.0,)}, ValueError, "exactly 3 values, but ns_coefficients is .1.0"),
        ({"ns_steps": 5.0}, TypeError, "ns_steps must be an integer, got float: 5.0"),
        ({"ns_coefficients": (1, "2", 3)}, TypeError, "ns_coefficients must be a number, got str"),
        ({"eps": None}, TypeError, "eps must be a number, got NoneType"),
    ],
)
def test_wrong_options_are_refused(options: Options, kind: Any, message: str) -> None:
    with pytest.raises(kind, match=message):
        Muon([leaf([[1.0]])], **options)


def test_a_wrong_option_of_a_group_changes_nothing() -> None:
    weight = leaf([[1.0]])
    optimizer = Muon([weight])
    run(optimizer, [[[1.0]]])
    before = weight.item(), optimizer.state[weight]["momentum_buffer"].item()
    optimizer.param_groups[0]["ns_steps"] = 1000
    with pytest.raises(ValueError, match="ns_steps is 1000"):
        optimizer.step()
    assert (weight.item(), optimizer.state[weight]["momentum_buffer"].item()) == before


@pytest.mark.parametrize("shape", [(), (3,), (2, 2, 2)])
def test_parameters_that_are_no_matrices_are_refused(shape: tuple[int, ...]) -> None:
    message = r"only supports 2D parameters .* size: minitorch.Size\(.*such as AdamW"
    with pytest.raises(ValueError, match=message):
        Muon([leaf(np.ones((2, 2))), leaf(np.ones(shape))])
    optimizer = Muon([leaf(np.ones((2, 2)))])
    with pytest.raises(ValueError, match=message):
        optimizer.add_param_group({"params": [leaf(np.ones(shape))]})
    assert len(optimizer.param_groups) == 1
