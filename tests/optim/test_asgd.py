"""ASGD against its equation in Python floats."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import minitorch
from minitorch.optim import ASGD
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
    lambd: float = 1e-4,
    alpha: float = 0.75,
    t0: float = 1e6,
    weight_decay: float = 0.0,
    maximize: bool = False,
) -> float:
    """The last of `path`."""
    return path(start, derivatives, lr, lambd, alpha, weight_decay, maximize)[-1]


def path(
    start: float,
    derivatives: list[float],
    lr: float = 1e-2,
    lambd: float = 1e-4,
    alpha: float = 0.75,
    weight_decay: float = 0.0,
    maximize: bool = False,
) -> list[float]:
    """A weight after each step, the decays as gradients of penalties; η is kept in float32."""
    weights = [start]
    for count, derivative in enumerate(derivatives):
        rate = float(np.float32(lr * math.exp(-alpha * math.log1p(lambd * lr * count))))
        gradient = (-derivative if maximize else derivative) + weight_decay * weights[-1]
        weights.append(weights[-1] - rate * (gradient + lambd * weights[-1]))
    return weights


@pytest.mark.parametrize(
    "options",
    [
        *product(lr=[0.05], weight_decay=[0, 0.1], maximize=[False, True]),
        {"lr": 0.1, "lambd": 0.2, "alpha": 0.3, "t0": 5},
        {},
    ],
)
def test_every_option_follows_the_equation(options: Options, rng: np.random.Generator) -> None:
    check_equation(ASGD, textbook, options, rng)


@pytest.mark.parametrize("t0", [0, 1e6])
def test_any_layout_and_dtype(t0: float, rng: np.random.Generator) -> None:
    check_layouts(ASGD, textbook, {"lr": 0.1, "weight_decay": 0.1, "lambd": 0.1, "t0": t0}, rng)


@pytest.mark.parametrize("t0", [0, 7, 1e6])
def test_the_average_is_the_mean_since_its_start(t0: float, rng: np.random.Generator) -> None:
    start, derivatives = rng.normal(size=2)[0], rng.normal(size=20).tolist()
    weight = leaf(start)
    optimizer = ASGD([weight], lr=0.1, lambd=0.2, t0=t0)
    weights = path(start, derivatives, lr=0.1, lambd=0.2)
    for step, derivative in enumerate(derivatives, 1):
        run(optimizer, [derivative])
        averaged = weights[min(step, int(t0) + 2) : step + 1]
        expected = sum(averaged) / len(averaged)
        # The share of the newest weight is kept in float32.
        assert optimizer.state[weight]["ax"].item() == pytest.approx(expected, rel=1e-5)


def test_the_average_is_the_weight_itself_at_first() -> None:
    weight = leaf([1e20])
    optimizer = ASGD([weight], lr=1.0, lambd=1.0, alpha=0.0)
    run(optimizer, [[-1e20], [-1.0]])  # 1 - κ η = 0 leaves nothing of the weight before
    assert weight.array.tolist() == optimizer.state[weight]["ax"].tolist() == [1.0]


def test_the_first_steps_by_hand() -> None:
    weight = leaf([8.0])
    optimizer = ASGD([weight], lr=0.5, lambd=0.5, alpha=1.0, t0=0)
    run(optimizer, [[4.0]])  # η = ½: 8 (1 - ¼) - 2
    assert weight.array.tolist() == [4.0]
    optimizer.param_groups[0]["lr"] = 6.0  # acts after the next step
    run(optimizer, [[1.0]])  # η = ½ / (1 + ¼) = 0.4: 4 (1 - 0.2) - 0.4
    assert weight.array.tolist() == pytest.approx([2.8], rel=1e-7)
    run(optimizer, [[0.0]])  # η = 6 / (1 + ½ 6 2) = 6/7: 2.8 (1 - 3/7)
    assert weight.array.tolist() == pytest.approx([1.6], rel=1e-7)
    assert optimizer.state[weight]["ax"].tolist() == pytest.approx([2.2], rel=1e-7)


def test_state_has_the_numbers_of_the_next_step() -> None:
    weight, idle = leaf([1.0, 2.0], np.float32), leaf([5.0])
    weight.grad = minitorch.ones(2)
    optimizer = ASGD([weight, idle], lr=0.5, lambd=1.0, alpha=2.0, t0=-1)
    assert optimizer.state_dict()["state"] == {}
    optimizer.step()
    assert list(optimizer.state) == [weight]
    state = optimizer.state[weight]
    assert list(state) == ["step", "eta", "mu", "ax"]
    assert [state[name].item() for name in ("step", "mu")] == [1.0, 0.5]
    assert state["eta"].item() == pytest.approx(0.5 / 1.5**2, rel=1e-7)
    for name in ("step", "eta", "mu"):
        assert state[name].shape == () and state[name].dtype == minitorch.float32
    assert idle.array.tolist() == [5.0]


def test_numbers_of_a_loaded_state_have_the_dtype_of_the_parameter() -> None:
    """As in PyTorch; but what is new in them is rounded to float32 still."""
    weight = leaf([1.0])
    optimizer = ASGD([weight], lr=0.1)
    run(optimizer, [[1.0]])
    optimizer.load_state_dict(optimizer.state_dict())
    run(optimizer, [[1.0]])
    state = optimizer.state[weight]
    assert state["step"].dtype == minitorch.float32
    assert state["eta"].dtype == state["mu"].dtype == minitorch.float64
    assert state["eta"].item() == float(np.float32(0.1 * (1 + 2e-5) ** -0.75))


def test_a_decay_that_divides_by_zero_makes_the_next_step_infinite() -> None:
    weight = leaf([1.0])
    optimizer = ASGD([weight], lr=1.0, lambd=-1.0)
    run(optimizer, [[0.0]])  # 1 + κ γ t = 0
    assert optimizer.state[weight]["eta"].array == np.inf
    run(optimizer, [[0.0]])  # 1 + κ γ t = -1
    assert np.isnan(optimizer.state[weight]["eta"].array)


def test_a_diverging_run_does_not_warn() -> None:
    check_silence(ASGD)


def test_choices_of_an_implementation_make_no_difference() -> None:
    check_choices(ASGD, "foreach", "capturable", "differentiable")


@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        ({"lr": -0.1}, ValueError, "Invalid learning rate: -0.1; lr must be at least 0"),
        ({"lr": "0.1"}, TypeError, "lr must be a number, got str"),
        ({"lr": minitorch.ones(2)}, ValueError, "Tensor lr must be 1-element"),
        ({"lambd": float("nan")}, ValueError, "Invalid lambd value: nan"),
        ({"alpha": "x"}, TypeError, "alpha must be a number, got str"),
        ({"t0": None}, TypeError, "t0 must be a number, got NoneType"),
        ({"weight_decay": -1}, ValueError, "Invalid weight_decay value: -1; weight_decay must"),
    ],
)
def test_wrong_options_are_refused(options: Options, kind: Any, message: str) -> None:
    with pytest.raises(kind, match=message):
        ASGD([leaf([1.0])], **options)
