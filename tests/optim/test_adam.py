"""Adam and AdamW against their equations in Python floats."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest

import minitorch
from minitorch.optim import Adam, AdamW


def leaf(values: Any, dtype: Any = np.float64) -> Any:
    return minitorch.tensor(np.array(values, dtype), requires_grad=True)


def textbook(
    start: float,
    derivatives: list[float | None],
    lr: float = 1e-3,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8,
    weight_decay: float = 0.0,
    amsgrad: bool = False,
    maximize: bool = False,
    decoupled: bool = False,
) -> float:
    """One weight after the given derivatives; the averages as weighted sums over all of them."""
    weight, past, largest = start, [], 0.0
    for derivative in derivatives:
        if derivative is None:
            continue
        past.append(-derivative if maximize else derivative)
        if decoupled:
            weight *= 1 - lr * weight_decay
        else:
            past[-1] += weight_decay * weight
        beta1, beta2 = betas
        age = range(len(past) - 1, -1, -1)
        mean = sum(beta1**k * g for k, g in zip(age, past, strict=True))
        square = sum(beta2**k * g * g for k, g in zip(age, past, strict=True)) * (1 - beta2)
        largest = max(largest, square)
        # 1 - βᵗ is (1 - β)(1 + β + ... + βᵗ⁻¹): the mean is over weights that add up to 1.
        mean /= sum(beta1**k for k in age)
        square = (largest if amsgrad else square) / (1 - beta2 ** len(past))
        weight -= lr * mean / (math.sqrt(square) + eps)
    return weight


OPTIONS = [
    dict(zip(("weight_decay", "amsgrad", "maximize", "betas"), values, strict=True))
    for values in itertools.product(
        [0, 0.1], [False, True], [False, True], [(0.9, 0.999), (0.2, 0.0)]
    )
]


@pytest.mark.parametrize("decoupled", [False, True])
@pytest.mark.parametrize("options", OPTIONS)
def test_every_option_follows_the_equation(
    options: dict[str, Any], decoupled: bool, rng: np.random.Generator
) -> None:
    starts, derivatives = rng.normal(size=5), rng.normal(size=(20, 5))
    weights = [leaf(start) for start in starts]
    optimizer = (AdamW if decoupled else Adam)(weights, lr=0.05, **options)
    for row in derivatives:
        for weight, derivative in zip(weights, row, strict=True):
            weight.grad = minitorch.tensor(derivative)
        optimizer.step()
        assert [float(weight.grad.array) for weight in weights] == row.tolist()  # only read
    for weight, start, column in zip(weights, starts, derivatives.T, strict=True):
        expected = textbook(start, column.tolist(), lr=0.05, decoupled=decoupled, **options)
        assert float(weight.array) == pytest.approx(expected, rel=1e-12)


def test_the_first_step_is_as_large_as_the_learning_rate() -> None:
    weight = leaf([0.0, 0.0, 0.0])
    weight.grad = minitorch.tensor(np.array([1e-3, -5.0, 1e6]))
    Adam([weight], lr=0.25).step()
    assert weight.array.tolist() == pytest.approx([-0.25, 0.25, -0.25], rel=1e-4)


def test_state_has_the_count_and_both_averages() -> None:
    weight = leaf([1.0, 2.0], np.float32)
    weight.grad = minitorch.tensor(np.array([2.0, -4.0], np.float32))
    optimizer = Adam([weight], betas=(0.5, 0.75), amsgrad=True)
    assert optimizer.state_dict()["state"] == {}
    optimizer.step()
    optimizer.step()
    state = optimizer.state[weight]
    assert list(state) == ["step", "exp_avg", "exp_avg_sq", "max_exp_avg_sq"]
    assert state["step"].array == 2.0 and state["step"].shape == ()
    assert state["step"].dtype == minitorch.float32
    assert state["exp_avg"].tolist() == [1.5, -3.0]  # (1 - ½²) g
    assert state["exp_avg_sq"].tolist() == [1.75, 7.0]  # (1 - ¾²) g²
    assert state["max_exp_avg_sq"].tolist() == [1.75, 7.0]


def test_a_missing_gradient_pauses_the_count() -> None:
    derivatives = [1.0, None, 2.0, None, None, -3.0]
    weight, idle = leaf(1.0), leaf(5.0)
    optimizer = Adam([idle, weight], lr=0.1, weight_decay=0.1)
    for derivative in derivatives:
        weight.grad = None if derivative is None else minitorch.tensor(np.array(derivative))
        optimizer.step()
    expected = textbook(1.0, derivatives, lr=0.1, weight_decay=0.1)
    assert float(weight.array) == pytest.approx(expected, rel=1e-12)
    assert optimizer.state[weight]["step"].array == 3.0
    assert idle.array == 5.0 and idle not in optimizer.state


def test_a_beta_of_zero_forgets_what_was_however_large() -> None:
    weight = leaf([0.0], np.float32)
    optimizer = Adam([weight], lr=0.1, betas=(0.0, 0.5))
    for derivative in (1e20, 1e-3):
        weight.grad = minitorch.tensor(np.array([derivative], np.float32))
        optimizer.step()
    assert optimizer.state[weight]["exp_avg"].array[0] == np.float32(1e-3)


def test_tensors_as_betas() -> None:
    weights = [leaf([1.0]), leaf([1.0])]
    betas = (minitorch.tensor(0.5), minitorch.tensor(0.75))
    for weight, rates in zip(weights, ((0.5, 0.75), betas), strict=True):
        optimizer = Adam([weight], lr=0.1, betas=rates)
        for derivative in (1.0, -3.0, 0.5):
            weight.grad = minitorch.tensor(np.array([derivative]))
            optimizer.step()
    assert weights[0].array == pytest.approx(weights[1].array, rel=1e-6)


def test_adamw_keeps_its_kind_of_decay_with_a_state_of_adam() -> None:
    weight = leaf([1.0])
    weight.grad = minitorch.tensor(np.zeros(1))
    optimizer = AdamW([weight], lr=0.1)
    optimizer.load_state_dict(Adam([leaf([1.0])], lr=0.1, weight_decay=0.5).state_dict())
    optimizer.step()
    assert weight.array.tolist() == [0.95]


@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        ({"lr": float("nan")}, ValueError, "Invalid learning rate: nan; lr must be at least 0"),
        ({"lr": "0.1"}, TypeError, "lr must be a number, got str"),
        ({"eps": -1e-8}, ValueError, "Invalid epsilon value: -1e-08; eps must be at least 0"),
        ({"betas": (1.0, 0.9)}, ValueError, "index 0: 1.0; betas.0. must be at least 0 and below"),
        ({"betas": (0.9, float("nan"))}, ValueError, "index 1: nan; betas.1. must be"),
        ({"betas": 0.9}, TypeError, "betas must be a pair of numbers, got 0.9"),
        ({"betas": (0.9,)}, ValueError, "betas must be a pair of numbers, got .0.9,."),
        ({"betas": (0.9, minitorch.tensor(0.9))}, ValueError, "both floats or both Tensors"),
        ({"weight_decay": -0.1}, ValueError, "weight_decay value: -0.1; weight_decay must be"),
        ({"lr": minitorch.ones(2)}, ValueError, "Tensor lr must be 1-element"),
        ({"fused": True, "foreach": True}, RuntimeError, "cannot be `True` together"),
    ],
)
@pytest.mark.parametrize("optimizer", [Adam, AdamW])
def test_wrong_options_are_refused(
    optimizer: Any, options: dict[str, Any], kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind, match=message):
        optimizer([leaf([1.0])], **options)
