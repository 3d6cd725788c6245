"""Adamax against its equation in Python floats."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import minitorch
from minitorch.optim import Adamax
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
    lr: float = 2e-3,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8,
    weight_decay: float = 0.0,
    maximize: bool = False,
) -> float:
    """The average and the maximum over all gradients so far, by age."""
    weight = start
    past: list[float] = []
    for derivative in derivatives:
        past.insert(0, (-derivative if maximize else derivative) + weight_decay * weight)
        ages = range(len(past))
        # 1 - βᵗ is (1 - β)(1 + β + ... + βᵗ⁻¹): the mean is over weights that add up to 1.
        mean = sum(betas[0] ** age * past[age] for age in ages)
        mean /= sum(betas[0] ** age for age in ages)
        weight -= lr * mean / max(betas[1] ** age * (abs(past[age]) + eps) for age in ages)
    return weight


@pytest.mark.parametrize(
    "options",
    [
        *product(lr=[0.05], weight_decay=[0, 0.1], maximize=[False, True]),
        {"betas": (0.3, 0.5), "eps": 0.1},
        {"betas": (0.0, 0.0)},
        {},
    ],
)
def test_every_option_follows_the_equation(options: Options, rng: np.random.Generator) -> None:
    check_equation(Adamax, textbook, options, rng)


def test_any_layout_and_dtype(rng: np.random.Generator) -> None:
    check_layouts(Adamax, textbook, {"lr": 0.1, "weight_decay": 0.1, "betas": (0.9, 0.5)}, rng)


def test_the_first_steps_by_hand() -> None:
    weight = leaf([8.0])
    optimizer = Adamax([weight], lr=1.0, betas=(0.5, 0.5), eps=0.0)
    run(optimizer, [[4.0]])  # m = 2, m̂ = 4, u = 4
    assert weight.array.tolist() == [7.0]
    run(optimizer, [[1.0]])  # m = 3/2, m̂ = 2, u = 2
    assert weight.array.tolist() == [6.0]
    state = optimizer.state[weight]
    assert state["exp_avg"].tolist() == [1.5]
    assert state["exp_inf"].tolist() == [2.0]


def test_state_begins_with_the_first_step() -> None:
    weight, idle = leaf([1.0, 2.0], np.float32), leaf([5.0])
    weight.grad = minitorch.ones(2)
    optimizer = Adamax([weight, idle])
    assert optimizer.state_dict()["state"] == {}
    optimizer.step()
    assert list(optimizer.state) == [weight]
    state = optimizer.state[weight]
    assert list(state) == ["step", "exp_avg", "exp_inf"]
    assert state["step"].shape == () and state["step"].dtype == minitorch.float32
    assert idle.array.tolist() == [5.0]


def test_tensors_as_betas() -> None:
    weights = [leaf([1.0]), leaf([1.0])]
    betas = (minitorch.tensor(0.5), minitorch.tensor(0.75))
    for weight, rates in zip(weights, ((0.5, 0.75), betas), strict=True):
        run(Adamax([weight], lr=0.1, betas=rates), [[1.0], [-3.0], [0.5]])
    assert weights[0].array == pytest.approx(weights[1].array, rel=1e-6)


def test_a_gradient_that_is_not_a_number_shows() -> None:
    weight = leaf([1.0, 1.0])
    optimizer = Adamax([weight])
    run(optimizer, [[1.0, 1.0], [float("nan"), 1.0]])
    for array in (weight.array, optimizer.state[weight]["exp_inf"].array):
        assert np.isnan(array).tolist() == [True, False]


def test_a_diverging_run_does_not_warn() -> None:
    check_silence(Adamax)


def test_choices_of_an_implementation_make_no_difference() -> None:
    check_choices(Adamax, "foreach", "capturable", "differentiable")


@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        ({"lr": -0.1}, ValueError, "Invalid learning rate: -0.1; lr must be at least 0"),
        ({"lr": "0.1"}, TypeError, "lr must be a number, got str"),
        ({"lr": minitorch.ones(2)}, ValueError, "Tensor lr must be 1-element"),
        ({"eps": -1e-8}, ValueError, "Invalid epsilon value: -1e-08; eps must be at least 0"),
        ({"betas": (1.0, 0.9)}, ValueError, "index 0: 1.0; betas.0. must be at least 0 and below"),
        ({"betas": (0.9, -0.1)}, ValueError, "index 1: -0.1; betas.1. must be at least 0 and"),
        ({"betas": 0.9}, TypeError, "betas must be a pair of numbers, got 0.9"),
        ({"betas": (0.9,)}, ValueError, "betas must be a pair of numbers, got .0.9,."),
        ({"weight_decay": -1}, ValueError, "Invalid weight_decay value: -1; weight_decay must"),
    ],
)
def test_wrong_options_are_refused(options: Options, kind: Any, message: str) -> None:
    with pytest.raises(kind, match=message):
        Adamax([leaf([1.0])], **options)
