"""Adafactor against its equations in Python floats."""

from __future__ import annotations

import math
from statistics import fmean
from typing import Any

import numpy as np
import pytest

import minitorch
from minitorch.optim import Adafactor
from tests.optim.textbook import Options, check_choices, check_silence, leaf, product, run

Matrix = list[list[float]]


def root_mean_square(matrix: Matrix) -> float:
    return math.sqrt(fmean(value * value for row in matrix for value in row))


def textbook(
    start: Matrix,
    derivatives: list[Matrix],
    lr: float = 1e-2,
    beta2_decay: float = -0.8,
    eps: tuple[float | None, float] = (None, 1e-3),
    d: float = 1.0,
    weight_decay: float = 0.0,
    maximize: bool = False,
    factored: bool = True,
) -> Matrix:
    """A matrix after the given gradients; the averages as weighted sums over all of them."""
    weights = start
    smallest = 2.0**-52 if eps[0] is None else eps[0]
    squares: list[Matrix] = []
    shares: list[float] = []
    for step, derivative in enumerate(derivatives, 1):
        share = step**beta2_decay
        shares = [old * (1 - share) for old in shares] + [share]
        squares.append([[value**2 for value in row] for row in derivative])
        # The average of the squares, as if it were all remembered.
        whole = [
            [sum(s * q[i][j] for s, q in zip(shares, squares, strict=True)) for j in range(width)]
            for i, width in enumerate(map(len, start))
        ]
        rows = [fmean(row) for row in whole]
        columns = [fmean(column) for column in zip(*whole, strict=True)]
        total = max(fmean(rows), smallest)
        update = [
            [
                (-value if maximize else value)
                / max(
                    math.sqrt(rows[i] * columns[j] / total if factored else whole[i][j]), smallest
                )
                for j, value in enumerate(row)
            ]
            for i, row in enumerate(derivative)
        ]
        size = max(eps[1], root_mean_square(weights)) * min(lr, 1 / math.sqrt(step))
        size /= max(1.0, root_mean_square(update) / d)
        weights = [
            [w - lr * weight_decay * w - size * u for w, u in zip(*pair, strict=True)]
            for pair in zip(weights, update, strict=True)
        ]
    return weights


@pytest.mark.parametrize("factored", [False, True])
@pytest.mark.parametrize(
    "options",
    [
        *product(
            lr=[0.05],
            weight_decay=[0, 0.1],
            maximize=[False, True],
            beta2_decay=[-0.8, 0.0],
            d=[1.0, 1.2],
        ),
        {"eps": (0.8, 0.5), "lr": 2.0},
        {"weight_decay": 2.0, "lr": 0.5},
        {},
    ],
)
def test_every_option_follows_the_equation(
    options: Options, factored: bool, rng: np.random.Generator
) -> None:
    start, derivatives = rng.normal(size=(3, 4)), rng.normal(size=(12, 3, 4))
    shape = (3, 4) if factored else (12,)
    weight = leaf(start.reshape(shape))
    run(Adafactor([weight], **options), derivatives.reshape(12, *shape))
    expected = textbook(start.tolist(), derivatives.tolist(), factored=factored, **options)
    np.testing.assert_allclose(weight.array.reshape(3, 4), expected, rtol=1e-11, atol=1e-12)


def test_a_stack_of_matrices_has_a_step_size_of_its_own(rng: np.random.Generator) -> None:
    """Rows and columns are those of each matrix; sizes are the whole stack's."""
    weight = leaf(np.stack([np.full((2, 3), 3.0), np.full((2, 3), 1.0)]))
    gradient = np.stack([np.full((2, 3), 1e-2), np.full((2, 3), -1e2)])
    run(Adafactor([weight], lr=0.5), [gradient])
    size = 0.5 * math.sqrt((9 + 1) / 2)
    np.testing.assert_allclose(weight.array, [np.full((2, 3), 3 - size), np.full((2, 3), 1 + size)])
    state = rng.normal(size=(2, 1, 4, 5, 3))
    optimizer = Adafactor([leaf(state)])
    run(optimizer, [state])
    (record,) = optimizer.state.values()
    np.testing.assert_allclose(record["row_var"].array, (state**2).mean(-1, keepdims=True))
    np.testing.assert_allclose(record["col_var"].array, (state**2).mean(-2, keepdims=True))


def test_the_first_step_by_hand() -> None:
    """R = (1, 16)·½, C = (½, 16 / 2): V = G² where rows and columns say all."""
    weight = leaf([[3.0, 4.0], [0.0, 0.0]])
    gradient = np.outer([1.0, -4.0], [1.0, 1.0])
    run(Adafactor([weight], lr=0.1), [gradient])
    size = 0.1 * 2.5  # RMS(W) is 2.5, and all of U is ±1
    expected = np.array([[3.0, 4.0], [0.0, 0.0]]) - size * np.sign(gradient)
    np.testing.assert_allclose(weight.array, expected, rtol=1e-14)


def test_large_steps_are_clipped_and_small_weights_move_at_all() -> None:
    weight = leaf(np.zeros(4))
    optimizer = Adafactor([weight], lr=1.0, eps=(1e-8, 0.5), beta2_decay=-10.0)
    run(optimizer, [[1.0, 1.0, 1.0, 1.0]])
    assert weight.array.tolist() == [-0.5] * 4
    run(optimizer, [[100.0, 0.0, 0.0, 0.0]])  # V = 1 + 2⁻¹⁰ (9999, -1, -1, -1), t^τ = 2⁻¹⁰
    update = 100 / math.sqrt(1 + 9999 / 1024)
    assert update / 2 > 1  # RMS(U)
    expected = [-0.5 - 0.5 / math.sqrt(2) * 2, -0.5, -0.5, -0.5]
    assert weight.array.tolist() == pytest.approx(expected, rel=1e-14)


def test_a_gradient_of_zero_leaves_the_weights() -> None:
    for eps in ((None, 1e-3), (1e-30, 1e-3)):
        weight = leaf([[1.0, 2.0]], np.float32)
        run(Adafactor([weight], eps=eps), [[[0.0, 0.0]]] * 2)
        assert weight.array.tolist() == [[1.0, 2.0]]


def test_any_layout_and_dtype(rng: np.random.Generator) -> None:
    options = {"lr": 0.1, "weight_decay": 0.1, "eps": (1e-4, 1e-3)}
    for dtype in (np.float16, np.float32, np.float64):
        start = rng.normal(size=(4, 6)).astype(dtype)
        gradients = rng.normal(size=(3, 4, 6)).astype(dtype)
        plain, columns, strided = leaf(start, dtype), leaf(start, dtype), leaf(start, dtype)
        columns.array = np.asfortranarray(start)
        strided.array = np.repeat(start, 2, axis=1)[:, ::2]
        single, empty = leaf(start[1, 2], dtype), leaf(np.ones((0, 3)), dtype)
        weights = [plain, columns, strided, single, empty]
        optimizer = Adafactor(weights, **options)
        for gradient in gradients:
            for weight in (plain, columns, strided):
                weight.grad = minitorch.tensor(gradient)
            columns.grad.array = np.repeat(gradient, 2, axis=0)[::2]
            single.grad = minitorch.tensor(gradient[1, 2])
            empty.grad = minitorch.tensor(np.ones((0, 3), dtype))
            optimizer.step()
            np.testing.assert_array_equal(columns.grad.array, gradient)  # only read
        expected = textbook(start.tolist(), gradients.tolist(), **options)
        alone = textbook([[float(start[1, 2])]], gradients[:, 1:2, 2:3].tolist(), **options)
        results = expected, expected, expected, alone[0][0], np.ones((0, 3))
        for weight, result in zip(weights, results, strict=True):
            limit = 8 * float(np.finfo(dtype).eps)
            np.testing.assert_allclose(weight.array, result, rtol=limit, atol=limit)
            assert weight.array.dtype == dtype
            names = ["variance"] if weight is single else ["row_var", "col_var"]
            state = optimizer.state[weight]
            assert list(state) == ["step", *names]
            assert all(state[name].array.dtype == dtype for name in names)
            assert all(np.isfinite(state[name].array).all() for name in names)


def test_a_missing_gradient_pauses_the_count() -> None:
    weight, idle = leaf([1.0]), leaf([[5.0]])
    optimizer = Adafactor([idle, weight])
    assert optimizer.state_dict()["state"] == {}
    for derivative in (1.0, None, 2.0, None):
        weight.grad = None if derivative is None else minitorch.tensor(np.array([derivative]))
        optimizer.step()
    assert optimizer.state[weight]["step"].item() == 2
    assert optimizer.state[weight]["step"].dtype == minitorch.float32
    assert idle.array == 5.0 and idle not in optimizer.state


@pytest.mark.parametrize("shape", [(3,), (1, 3)])
def test_a_diverging_run_does_not_warn(shape: tuple[int, ...]) -> None:
    check_silence(Adafactor)
    weight = leaf(np.full(shape, 1e38), np.float32)
    run(Adafactor([weight], lr=1e38), [np.full(shape, value) for value in (3e38, np.inf, np.nan)])
    assert not np.isfinite(weight.array).any()


def test_choices_of_an_implementation_make_no_difference() -> None:
    check_choices(Adafactor, "foreach")


@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        ({"lr": -0.1}, ValueError, "Learning rate should be >= 0 but is: -0.1; change lr"),
        ({"lr": "0.1"}, TypeError, "lr must be a number, got str"),
        ({"lr": minitorch.ones(2)}, ValueError, "Tensor lr must be 1-element"),
        ({"beta2_decay": 0.1}, ValueError, "beta2_decay should be <= 0 but is: 0.1"),
        ({"beta2_decay": float("nan")}, ValueError, "beta2_decay should be <= 0 but is: nan"),
        ({"eps": (-1.0, 0.0)}, ValueError, "epsilon1 should be >= 0 but is: -1.0; change eps.0."),
        ({"eps": (None, -1.0)}, ValueError, "epsilon2 should be >= 0 but is: -1.0; change eps.1."),
        ({"eps": (0.0, None)}, TypeError, "eps.1. must be a number, got NoneType"),
        ({"eps": 1e-3}, TypeError, "eps must be a pair of numbers, got 0.001"),
        ({"d": 0.9}, ValueError, "Clipping threshold d should be >= 1 but is: 0.9; change d"),
        ({"weight_decay": -1}, ValueError, "weight_decay should be >= 0 but is: -1; change weight"),
    ],
)
def test_wrong_options_are_refused(options: Options, kind: Any, message: str) -> None:
    with pytest.raises(kind, match=message):
        Adafactor([leaf([1.0])], **options)
