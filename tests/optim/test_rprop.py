"""Rprop against its equation in Python floats."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import minitorch
from minitorch.optim import Rprop
from tests.optim.textbook import (
    Options,
    check_choices,
    check_equation,
    check_layouts,
    check_silence,
    leaf,
    product,
    run,
)


def textbook(
    start: float,
    derivatives: list[float],
    lr: float = 1e-2,
    etas: tuple[float, float] = (0.5, 1.2),
    step_sizes: tuple[float, float] = (1e-6, 50),
    maximize: bool = False,
) -> float:
    """The rule as in a story: the same direction, the other one, or none to compare with."""
    weight, size, direction = start, lr, 0
    for derivative in derivatives:
        turn = direction * (1 if derivative > 0 else -1)
        if turn:
            size *= etas[1] if turn > 0 else etas[0]
        size = min(max(size, step_sizes[0]), step_sizes[1])
        direction = 0 if turn < 0 else int(math.copysign(1, derivative))
        weight += (size if maximize else -size) * direction
    return weight


@pytest.mark.parametrize(
    "options",
    [
        *product(lr=[0.01, 0.3], maximize=[False, True]),
        {"etas": (0.3, 2.7), "step_sizes": (1e-3, 0.05)},
        {},
    ],
)
def test_every_option_follows_the_equation(options: Options, rng: np.random.Generator) -> None:
    check_equation(Rprop, textbook, options, rng)


def test_any_layout_and_dtype(rng: np.random.Generator) -> None:
    check_layouts(Rprop, textbook, {"lr": 0.1}, rng)


def test_the_first_steps_by_hand() -> None:
    weight = leaf([8.0])
    optimizer = Rprop([weight], lr=1.0, etas=(0.25, 2.0))
    expected = [7.0, 5.0, 5.0, 5.5, 5.5, 5.0]  # step sizes 1, 2, ½, ½, ½, ½
    for derivative, result in zip([0.1, 30.0, -2.0, -1e-9, 0.0, 7.0], expected, strict=True):
        run(optimizer, [[derivative]])
        assert weight.array.tolist() == [result]


def test_step_sizes_stay_between_their_bounds() -> None:
    weight = leaf([0.0, 0.0, 0.0])
    optimizer = Rprop([weight], lr=1.0, step_sizes=(0.75, 1.25))
    run(optimizer, [[1.0, 1.0, 0.0], [1.0, -1.0, 0.0], [1.0, 1.0, 0.0]])
    assert optimizer.state[weight]["step_size"].tolist() == [1.25, 0.75, 1.0]
    run(Rprop([weight], lr=10.0, step_sizes=(0.75, 1.25)), [[1.0, 1.0, 0.0]])
    assert weight.array.tolist() == pytest.approx([-3.45 - 1.25, -1.75 - 1.25, 0.0])


def test_the_learning_rate_counts_in_the_first_step_only() -> None:
    weight = leaf([0.0])
    optimizer = Rprop([weight], lr=minitorch.tensor(0.5), etas=(0.5, 2.0))
    run(optimizer, [[1.0]])
    optimizer.param_groups[0]["lr"] = 100.0
    run(optimizer, [[1.0]])
    assert weight.array.tolist() == [-1.5]


def test_a_gradient_that_is_no_number_is_passed_over() -> None:
    """As in PyTorch: its sign counts as 0. An infinite one has a sign like any other."""
    weight = leaf([0.0, 0.0])
    optimizer = Rprop([weight], lr=1.0, etas=(0.5, 2.0))
    run(optimizer, [[1.0, 1.0], [np.nan, -np.inf], [1.0, 1.0]])
    assert weight.array.tolist() == [-2.0, -1.5]
    run(optimizer, [[np.nan, -np.inf]])
    state = optimizer.state[weight]
    np.testing.assert_array_equal(state["prev"].array, [np.nan, 0.0])
    assert state["step_size"].tolist() == [1.0, 0.25]


def test_state_begins_with_the_first_step() -> None:
    weight, idle = leaf([1.0, 2.0], np.float32), leaf([5.0])
    weight.grad = minitorch.ones(2)
    optimizer = Rprop([weight, idle])
    assert optimizer.state_dict()["state"] == {}
    optimizer.step()
    assert list(optimizer.state) == [weight]
    state = optimizer.state[weight]
    assert list(state) == ["step", "prev", "step_size"]
    assert state["step"].shape == () and state["step"].dtype == minitorch.float32
    assert not np.shares_memory(state["prev"].array, weight.grad.array)
    assert idle.array.tolist() == [5.0]


def test_a_diverging_run_does_not_warn() -> None:
    check_silence(Rprop)


def test_choices_of_an_implementation_make_no_difference() -> None:
    check_choices(Rprop, "foreach", "capturable", "differentiable")


@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        ({"lr": -0.1}, ValueError, "Invalid learning rate: -0.1; lr must be at least 0"),
        ({"lr": "0.1"}, TypeError, "lr must be a number, got str"),
        ({"lr": minitorch.ones(2)}, ValueError, "Tensor lr must be 1-element"),
        ({"etas": (1.0, 1.2)}, ValueError, "Invalid eta values: 1.0, 1.2; etas must be a number"),
        ({"etas": (0.5, float("inf"))}, ValueError, "Invalid eta values: 0.5, inf; etas must be"),
        ({"etas": 0.5}, TypeError, "etas must be a pair of numbers, got 0.5"),
        ({"etas": ("a", 1.2)}, TypeError, r"etas.0. must be a number, got str"),
        ({"step_sizes": (1, 2, 3)}, ValueError, "step_sizes must be a pair of numbers, got"),
        ({"step_sizes": (1, None)}, TypeError, "step_sizes.1. must be a number, got NoneType"),
    ],
)
def test_wrong_options_are_refused(options: Options, kind: Any, message: str) -> None:
    with pytest.raises(kind, match=message):
        Rprop([leaf([1.0])], **options)
