"""Adadelta against its equation in Python floats."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import minitorch
from minitorch.optim import Adadelta
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
    lr: float = 1.0,
    rho: float = 0.9,
    eps: float = 1e-6,
    weight_decay: float = 0.0,
    maximize: bool = False,
) -> float:
    """The averages as weighted sums over all gradients and steps so far."""

    def mean_square(values: list[float]) -> float:
        return sum((1 - rho) * rho**age * value**2 for age, value in enumerate(reversed(values)))

    weight = start
    past: list[float] = []
    steps: list[float] = []
    for derivative in derivatives:
        past.append((-derivative if maximize else derivative) + weight_decay * weight)
        ratio = (mean_square(steps) + eps) / (mean_square(past) + eps)
        steps.append(past[-1] * math.sqrt(ratio))
        weight -= lr * steps[-1]
    return weight


@pytest.mark.parametrize(
    "options",
    [
        *product(lr=[1.0, 0.5], rho=[0.9, 0.3], weight_decay=[0, 0.1], maximize=[False, True]),
        {"eps": 0.1},
    ],
)
def test_every_option_follows_the_equation(options: Options, rng: np.random.Generator) -> None:
    check_equation(Adadelta, textbook, options, rng)


def test_any_layout_and_dtype(rng: np.random.Generator) -> None:
    check_layouts(Adadelta, textbook, {"lr": 0.5, "weight_decay": 0.1, "eps": 0.01}, rng)


def test_the_first_steps_by_hand() -> None:
    weight = leaf([8.0])
    optimizer = Adadelta([weight], rho=0.5, eps=1.0)
    run(optimizer, [[4.0]])  # v = 8, d = 4 √1 / √9
    assert weight.array.tolist() == pytest.approx([8 - 4 / 3], rel=1e-15)
    assert optimizer.state[weight]["acc_delta"].tolist() == pytest.approx([8 / 9], rel=1e-15)
    run(optimizer, [[2.0]])  # v = 4 + 2, d = 2 √(17/9) / √7
    assert weight.array.tolist() == pytest.approx([8 - 4 / 3 - 2 * math.sqrt(17 / 63)], rel=1e-15)


def test_steps_do_not_depend_on_the_unit_of_the_loss() -> None:
    gradients = [3.0, -1.0, 2.0, 5.0]
    weight = leaf([0.0, 0.0])
    run(Adadelta([weight]), [[1e3 * gradient, 1e6 * gradient] for gradient in gradients])
    assert weight.array[0] == pytest.approx(weight.array[1], rel=1e-6)


def test_averages_that_never_change_make_it_gradient_descent() -> None:
    weight = leaf([8.0])
    run(Adadelta([weight], lr=0.5, rho=1.0), [[4.0], [-2.0]])
    assert weight.array.tolist() == [7.0]


def test_state_begins_with_the_first_step() -> None:
    weight, idle = leaf([1.0, 2.0], np.float32), leaf([5.0])
    weight.grad = minitorch.ones(2)
    optimizer = Adadelta([weight, idle])
    assert optimizer.state_dict()["state"] == {}
    optimizer.step()
    assert list(optimizer.state) == [weight]
    state = optimizer.state[weight]
    assert list(state) == ["step", "square_avg", "acc_delta"]
    assert state["step"].shape == () and state["step"].dtype == minitorch.float32
    assert idle.array.tolist() == [5.0]


def test_a_diverging_run_does_not_warn() -> None:
    check_silence(Adadelta)


def test_choices_of_an_implementation_make_no_difference() -> None:
    check_choices(Adadelta, "foreach", "capturable", "differentiable")


@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        ({"lr": -0.1}, ValueError, "Invalid learning rate: -0.1; lr must be at least 0"),
        ({"lr": "0.1"}, TypeError, "lr must be a number, got str"),
        ({"lr": minitorch.ones(2)}, ValueError, "Tensor lr must be 1-element"),
        ({"rho": 1.1}, ValueError, "Invalid rho value: 1.1; rho must be at least 0 and at most 1"),
        ({"rho": float("nan")}, ValueError, "Invalid rho value: nan; rho must be"),
        ({"rho": "0.9"}, TypeError, "rho must be a number, got str"),
        ({"eps": -1e-8}, ValueError, "Invalid epsilon value: -1e-08; eps must be at least 0"),
        ({"weight_decay": -1}, ValueError, "Invalid weight_decay value: -1; weight_decay must"),
    ],
)
def test_wrong_options_are_refused(options: Options, kind: Any, message: str) -> None:
    with pytest.raises(kind, match=message):
        Adadelta([leaf([1.0])], **options)
