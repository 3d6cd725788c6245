"""RMSprop against its equation in Python floats."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import minitorch
from minitorch.optim import RMSprop
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
    alpha: float = 0.99,
    eps: float = 1e-8,
    weight_decay: float = 0.0,
    momentum: float = 0.0,
    centered: bool = False,
    maximize: bool = False,
) -> float:
    """The averages as weighted sums over all gradients so far, the momentum likewise."""
    weight = start
    past: list[float] = []
    ratios: list[float] = []
    for derivative in derivatives:
        past.append((-derivative if maximize else derivative) + weight_decay * weight)
        shares = [(1 - alpha) * alpha**age for age in reversed(range(len(past)))]
        spread = sum(share * g**2 for share, g in zip(shares, past, strict=True))
        if centered:
            spread -= sum(share * g for share, g in zip(shares, past, strict=True)) ** 2
        ratios.append(past[-1] / (math.sqrt(spread) + eps))
        velocity = sum(momentum**age * ratio for age, ratio in enumerate(reversed(ratios)))
        weight -= lr * velocity
    return weight


@pytest.mark.parametrize(
    "options",
    [
        *product(
            lr=[0.02],
            weight_decay=[0, 0.1],
            momentum=[0, 0.9],
            centered=[False, True],
            maximize=[False, True],
        ),
        {"alpha": 0.3, "eps": 0.1},
    ],
)
def test_every_option_follows_the_equation(options: Options, rng: np.random.Generator) -> None:
    check_equation(RMSprop, textbook, options, rng)


@pytest.mark.parametrize("options", [{}, {"momentum": 0.9, "centered": True, "alpha": 0.5}])
def test_any_layout_and_dtype(options: Options, rng: np.random.Generator) -> None:
    check_layouts(RMSprop, textbook, {"lr": 0.1, "weight_decay": 0.1, **options}, rng)


def test_the_first_steps_by_hand() -> None:
    weight = leaf([8.0])
    optimizer = RMSprop([weight], lr=1.0, alpha=0.75, eps=0.0)
    run(optimizer, [[2.0]])  # v = ¼ 2² = 1
    assert weight.array.tolist() == [6.0]
    run(optimizer, [[1.0]])  # v = ¾ + ¼ = 1
    assert weight.array.tolist() == [5.0]


def test_centered_steps_with_momentum_by_hand() -> None:
    weight = leaf([8.0])
    optimizer = RMSprop([weight], lr=1.0, alpha=0.5, eps=1.0, momentum=0.5, centered=True)
    run(optimizer, [[2.0]])  # v = 2, m = 1, b = 2 / (√1 + 1)
    assert weight.array.tolist() == [7.0]
    run(optimizer, [[5.0]])  # v = 27/2, m = 3, b = ½ + 5 / (√(9/2) + 1)
    assert weight.array.tolist() == pytest.approx([6.5 - 5 / (math.sqrt(4.5) + 1)], rel=1e-15)
    state = optimizer.state[weight]
    assert list(state) == ["step", "square_avg", "momentum_buffer", "grad_avg"]
    assert state["square_avg"].tolist() == [13.5]
    assert state["grad_avg"].tolist() == [3.0]


def test_the_first_step_is_ten_learning_rates_whatever_the_gradient() -> None:
    weight = leaf([0.0, 0.0, 0.0])
    run(RMSprop([weight]), [[1e-3, -5.0, 1e6]])
    assert weight.array.tolist() == pytest.approx([-0.1, 0.1, -0.1], rel=1e-3)


def test_state_begins_with_the_first_step() -> None:
    weight, idle = leaf([1.0, 2.0], np.float32), leaf([5.0])
    weight.grad = minitorch.ones(2)
    optimizer = RMSprop([weight, idle])
    assert optimizer.state_dict()["state"] == {}
    optimizer.step()
    assert list(optimizer.state) == [weight]
    state = optimizer.state[weight]
    assert list(state) == ["step", "square_avg"]
    assert state["step"].shape == () and state["step"].dtype == minitorch.float32
    assert idle.array.tolist() == [5.0]


def test_momentum_may_be_switched_on_later() -> None:
    weight = leaf([1.0])
    optimizer = RMSprop([weight], lr=0.1, alpha=0.0, eps=0.0)
    run(optimizer, [[2.0]])
    optimizer.param_groups[0]["momentum"] = 0.5
    run(optimizer, [[2.0], [2.0]])
    assert weight.array.tolist() == pytest.approx([1 - 0.1 - 0.1 - 0.15], rel=1e-14)


@pytest.mark.parametrize("options", [{}, {"momentum": 0.9, "centered": True}])
def test_a_diverging_run_does_not_warn(options: Options) -> None:
    check_silence(RMSprop, **options)


def test_choices_of_an_implementation_make_no_difference() -> None:
    check_choices(RMSprop, "capturable", "foreach", "differentiable")


@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        ({"lr": -0.1}, ValueError, "Invalid learning rate: -0.1; lr must be at least 0"),
        ({"lr": "0.1"}, TypeError, "lr must be a number, got str"),
        ({"lr": minitorch.ones(2)}, ValueError, "Tensor lr must be 1-element"),
        ({"alpha": float("nan")}, ValueError, "Invalid alpha value: nan; alpha must be at"),
        ({"eps": -1e-8}, ValueError, "Invalid epsilon value: -1e-08; eps must be at least 0"),
        ({"weight_decay": -1}, ValueError, "Invalid weight_decay value: -1; weight_decay must"),
        ({"momentum": -0.5}, ValueError, "Invalid momentum value: -0.5; momentum must be at"),
        ({"momentum": [0.9]}, TypeError, "momentum must be a number, got list"),
    ],
)
def test_wrong_options_are_refused(options: Options, kind: Any, message: str) -> None:
    with pytest.raises(kind, match=message):
        RMSprop([leaf([1.0])], **options)
