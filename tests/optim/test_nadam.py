"""NAdam against its equation in Python floats."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import minitorch
from minitorch.optim import NAdam
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
    momentum_decay: float = 4e-3,
    decoupled_weight_decay: bool = False,
    maximize: bool = False,
    state_type: Any = np.float32,
) -> float:
    """The averages as weighted sums over all gradients; the product is kept in `state_type`."""
    beta1, beta2 = betas
    weight, product = start, state_type(1)
    past: list[float] = []

    def momentum(step: int) -> float:
        return beta1 - beta1 / 2 * math.exp(math.log(0.96) * momentum_decay * step)

    for step, derivative in enumerate(derivatives, 1):
        gradient = -derivative if maximize else derivative
        past.append(gradient if decoupled_weight_decay else gradient + weight_decay * weight)
        if decoupled_weight_decay:
            weight -= lr * weight_decay * weight
        ages = range(step - 1, -1, -1)
        mean = sum((1 - beta1) * beta1**age * g for age, g in zip(ages, past, strict=True))
        square = sum((1 - beta2) * beta2**age * g**2 for age, g in zip(ages, past, strict=True))
        now, then = momentum(step), momentum(step + 1)
        product = state_type(product * state_type(now))
        ahead = (1 - now) / (1 - float(product)) * past[-1]
        ahead += then / (1 - float(product) * then) * mean
        weight -= lr * ahead / (math.sqrt(square / (1 - beta2**step)) + eps)
    return weight


@pytest.mark.parametrize(
    "options",
    [
        *product(
            lr=[0.05],
            weight_decay=[0, 0.1],
            decoupled_weight_decay=[False, True],
            maximize=[False, True],
            momentum_decay=[4e-3, 0.5],
        ),
        {"betas": (0.0, 0.5), "eps": 0.1},
        {"betas": (0.5, 0.0), "momentum_decay": 0},
        {},
    ],
)
def test_every_option_follows_the_equation(options: Options, rng: np.random.Generator) -> None:
    check_equation(NAdam, textbook, options, rng)


@pytest.mark.parametrize("decoupled", [False, True])
def test_any_layout_and_dtype(decoupled: bool, rng: np.random.Generator) -> None:
    options = {"lr": 0.1, "weight_decay": 0.1, "decoupled_weight_decay": decoupled}
    check_layouts(NAdam, textbook, options, rng)


def test_the_first_step_by_hand() -> None:
    """With ψ = 0, μ = ½ β₁ = ¼ for ever; m = ½ 2 = 1, v̂ = 4, and ε makes the root 4."""
    weight = leaf([8.0])
    optimizer = NAdam([weight], lr=1.0, betas=(0.5, 0.75), eps=2.0, momentum_decay=0.0)
    run(optimizer, [[2.0]])
    ahead = 0.25 * 1 / (1 - 0.25**2) + 0.75 * 2 / (1 - 0.25)
    assert weight.array.tolist() == pytest.approx([8 - ahead / 4], rel=1e-15)


def test_state_begins_with_the_first_step() -> None:
    weight, idle = leaf([1.0, 2.0], np.float32), leaf([5.0])
    weight.grad = minitorch.ones(2)
    optimizer = NAdam([weight, idle], betas=(0.5, 0.75), momentum_decay=0.0)
    assert optimizer.state_dict()["state"] == {}
    optimizer.step()
    optimizer.step()
    assert list(optimizer.state) == [weight]
    state = optimizer.state[weight]
    assert list(state) == ["step", "mu_product", "exp_avg", "exp_avg_sq"]
    assert state["step"].shape == () and state["step"].dtype == minitorch.float32
    assert state["mu_product"].shape == () and state["mu_product"].item() == 0.25**2
    assert state["exp_avg"].tolist() == [0.75, 0.75]  # 1 - ½²
    assert state["exp_avg_sq"].tolist() == [0.4375, 0.4375]  # 1 - ¾²
    assert idle.array.tolist() == [5.0]


def test_a_loaded_product_is_as_precise_as_its_parameter(rng: np.random.Generator) -> None:
    """As in PyTorch, loading casts all of the state to the parameter's dtype, except "step"."""
    derivatives = rng.normal(size=6).tolist()
    weight = leaf(1.0)
    optimizer = NAdam([weight], lr=0.05)
    optimizer.load_state_dict(optimizer.state_dict())
    run(optimizer, [derivatives[0]])
    optimizer.load_state_dict(optimizer.state_dict())
    run(optimizer, derivatives[1:])
    state = optimizer.state[weight]
    assert state["step"].dtype == minitorch.float32 and state["step"].item() == 6
    assert state["mu_product"].dtype == minitorch.float64
    exact = textbook(1.0, derivatives, 0.05, state_type=np.float64)
    assert float(weight.array) == pytest.approx(exact, rel=1e-6)
    factors = [0.9 * (1 - 0.5 * 0.96 ** (0.004 * step)) for step in range(1, 7)]
    factors[0] = float(np.float32(factors[0]))  # before it was loaded
    assert state["mu_product"].item() == pytest.approx(math.prod(factors), rel=1e-15)


def test_a_diverging_run_does_not_warn() -> None:
    check_silence(NAdam)


def test_choices_of_an_implementation_make_no_difference() -> None:
    check_choices(NAdam, "capturable", "foreach", "differentiable")


@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        ({"lr": -0.1}, ValueError, "Invalid learning rate: -0.1; lr must be at least 0"),
        ({"lr": "0.1"}, TypeError, "lr must be a number, got str"),
        ({"lr": minitorch.ones(2)}, ValueError, "Tensor lr must be 1-element"),
        ({"eps": float("nan")}, ValueError, "Invalid epsilon value: nan; eps must be at least 0"),
        ({"betas": (1.0, 0.9)}, ValueError, "index 0: 1.0; betas.0. must be at least 0 and below"),
        ({"betas": 0.9}, TypeError, "betas must be a pair of numbers, got 0.9"),
        ({"weight_decay": -1}, ValueError, "Invalid weight_decay value: -1; weight_decay must"),
        ({"momentum_decay": -1}, ValueError, "momentum_decay value: -1; momentum_decay must be"),
        ({"momentum_decay": None}, TypeError, "momentum_decay must be a number, got NoneType"),
    ],
)
def test_wrong_options_are_refused(options: Options, kind: Any, message: str) -> None:
    with pytest.raises(kind, match=message):
        NAdam([leaf([1.0])], **options)
