"""RAdam against its equation in Python floats."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import minitorch
from minitorch.optim import RAdam
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
    lr: float = 1e-3,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8,
    weight_decay: float = 0.0,
    decoupled_weight_decay: bool = False,
    maximize: bool = False,
) -> float:
    """The averages as weighted sums over all gradients."""
    beta1, beta2 = betas
    weight = start
    past: list[float] = []
    for derivative in derivatives:
        gradient = -derivative if maximize else derivative
        past.append(gradient if decoupled_weight_decay else gradient + weight_decay * weight)
        if decoupled_weight_decay:
            weight -= lr * weight_decay * weight
        ages = range(len(past) - 1, -1, -1)
        # 1 - βᵗ is (1 - β)(1 + β + ... + βᵗ⁻¹): the mean is over weights that add up to 1.
        mean = sum(beta1**age * g for age, g in zip(ages, past, strict=True))
        mean /= sum(beta1**age for age in ages)
        square = sum((1 - beta2) * beta2**age * g**2 for age, g in zip(ages, past, strict=True))
        certainty = rectified(beta2, len(past))
        if certainty:
            mean *= certainty * math.sqrt(1 - beta2 ** len(past)) / (math.sqrt(square) + eps)
        weight -= lr * mean
    return weight


def rectified(beta2: float, step: int) -> float:
    """r_t of the paper, or 0 if ρ_t ≤ 5."""
    most = (1 + beta2) / (1 - beta2)
    now = most - 2 * step / (beta2**-step - 1)
    if now <= 5:
        return 0.0
    return math.sqrt((now - 4) / (most - 4)) * math.sqrt((now - 2) / (most - 2) * most / now)


@pytest.mark.parametrize(
    "options",
    [
        *product(
            lr=[0.05],
            weight_decay=[0, 0.1],
            decoupled_weight_decay=[False, True],
            maximize=[False, True],
        ),
        {"betas": (0.3, 0.5), "eps": 0.1},
        {"betas": (0.0, 0.8), "eps": 0.1},
        {},
    ],
)
def test_every_option_follows_the_equation(options: Options, rng: np.random.Generator) -> None:
    check_equation(RAdam, textbook, options, rng)


@pytest.mark.parametrize("decoupled", [False, True])
def test_any_layout_and_dtype(decoupled: bool, rng: np.random.Generator) -> None:
    options = {"lr": 0.1, "weight_decay": 0.1, "decoupled_weight_decay": decoupled}
    check_layouts(RAdam, textbook, options, rng)


@pytest.mark.parametrize(("beta2", "first"), [(0.999, 6), (0.9, 6), (0.7, 10)])
def test_the_root_is_divided_by_from_a_certain_step_on(beta2: float, first: int) -> None:
    """Until then a step is in proportion to the gradient, afterwards hardly depends on it."""
    small, large = leaf([0.0]), leaf([0.0])
    optimizer = RAdam([small, large], betas=(0.0, beta2), eps=0.0)
    for step in range(1, 13):
        before = small.item(), large.item()
        small.grad, large.grad = leaf([1.0]), leaf([100.0])
        optimizer.step()
        ratio = (large.item() - before[1]) / (small.item() - before[0])
        assert ratio == pytest.approx(100.0 if step < first else 1.0, rel=1e-9)


def test_the_root_is_never_divided_by_if_the_average_is_short() -> None:
    weight = leaf([0.0])
    run(RAdam([weight], lr=0.5, betas=(0.0, 2 / 3)), [[3.0]] * 200)
    assert weight.item() == pytest.approx(-0.5 * 3.0 * 200, rel=1e-12)


def test_the_sixth_step_by_hand() -> None:
    """ρ_6 is 5.99 if β₂ = 0.999, and a constant gradient makes m̂ / √v̂ = ±1."""
    weight = leaf([0.0])
    optimizer = RAdam([weight], lr=1.0, eps=0.0)
    run(optimizer, [[-4.0]] * 5)
    assert weight.item() == pytest.approx(20.0, rel=1e-12)
    run(optimizer, [[-4.0]])
    most, now = 1999.0, 1999 - 12 * 0.999**6 / (1 - 0.999**6)
    assert now == pytest.approx(5.99, abs=0.005)
    expected = math.sqrt((now - 4) * (now - 2) * most / ((most - 4) * (most - 2) * now))
    assert weight.item() - 20 == pytest.approx(expected, rel=1e-9)


def test_state_begins_with_the_first_step() -> None:
    weight, idle = leaf([1.0, 2.0], np.float32), leaf([5.0])
    weight.grad = minitorch.ones(2)
    optimizer = RAdam([weight, idle], betas=(0.5, 0.75))
    assert optimizer.state_dict()["state"] == {}
    optimizer.step()
    optimizer.step()
    assert list(optimizer.state) == [weight]
    state = optimizer.state[weight]
    assert list(state) == ["step", "exp_avg", "exp_avg_sq"]
    assert state["step"].shape == () and state["step"].dtype == minitorch.float32
    assert state["exp_avg"].tolist() == [0.75, 0.75]  # 1 - ½²
    assert state["exp_avg_sq"].tolist() == [0.4375, 0.4375]  # 1 - ¾², though unused so far
    assert idle.array.tolist() == [5.0]


def test_a_diverging_run_does_not_warn() -> None:
    check_silence(RAdam)
    check_silence(RAdam, betas=(0.9, 0.9))


def test_choices_of_an_implementation_make_no_difference() -> None:
    check_choices(RAdam, "capturable", "foreach", "differentiable")


@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        ({"lr": -0.1}, ValueError, "Invalid learning rate: -0.1; lr must be at least 0"),
        ({"lr": "0.1"}, TypeError, "lr must be a number, got str"),
        ({"lr": minitorch.ones(2)}, ValueError, "Tensor lr must be 1-element"),
        ({"eps": float("nan")}, ValueError, "Invalid epsilon value: nan; eps must be at least 0"),
        ({"betas": (0.9, 1.0)}, ValueError, "index 1: 1.0; betas.1. must be at least 0 and below"),
        ({"betas": 0.9}, TypeError, "betas must be a pair of numbers, got 0.9"),
        ({"weight_decay": -1}, ValueError, "Invalid weight_decay value: -1; weight_decay must"),
    ],
)
def test_wrong_options_are_refused(options: Options, kind: Any, message: str) -> None:
    with pytest.raises(kind, match=message):
        RAdam([leaf([1.0])], **options)
