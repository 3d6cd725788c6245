"""Adagrad against its equation in Python floats."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import minitorch
from minitorch.optim import Adagrad
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
    lr_decay: float = 0.0,
    weight_decay: float = 0.0,
    initial_accumulator_value: float = 0.0,
    eps: float = 1e-10,
    maximize: bool = False,
) -> float:
    """The gradients so far as one vector, whose length is the root of the sum of squares."""
    weight = start
    past = [math.sqrt(initial_accumulator_value)]
    for derivative in derivatives:
        rate = lr / (1 + lr_decay * (len(past) - 1))
        past.append((-derivative if maximize else derivative) + weight_decay * weight)
        weight -= rate * past[-1] / (math.hypot(*past) + eps)
    return weight


@pytest.mark.parametrize(
    "options",
    [
        *product(
            lr=[0.1],
            lr_decay=[0, 0.1],
            weight_decay=[0, 0.1],
            initial_accumulator_value=[0, 0.5],
            maximize=[False, True],
        ),
        {"eps": 0.1},
    ],
)
def test_every_option_follows_the_equation(options: Options, rng: np.random.Generator) -> None:
    check_equation(Adagrad, textbook, options, rng)


def test_any_layout_and_dtype(rng: np.random.Generator) -> None:
    check_layouts(Adagrad, textbook, {"lr": 0.1, "weight_decay": 0.1, "lr_decay": 0.5}, rng)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, [7.0, 6.2]),  # the roots are those of 3² and 3² + 4²
        ({"lr_decay": 1.0}, [7.0, 6.6]),
        ({"initial_accumulator_value": 16.0}, [7.4, 7.4 - 4 / math.sqrt(41)]),
    ],
)
def test_the_first_steps_by_hand(options: Options, expected: list[float]) -> None:
    weight = leaf([8.0])
    optimizer = Adagrad([weight], lr=1.0, eps=0.0, **options)
    for derivative, result in zip([3.0, 4.0], expected, strict=True):
        run(optimizer, [[derivative]])
        assert weight.array.tolist() == pytest.approx([result], rel=1e-15)


def test_rare_gradients_keep_a_high_learning_rate() -> None:
    weight = leaf([0.0, 0.0])
    run(Adagrad([weight], lr=1.0), [*[[1.0, 0.0]] * 99, [1.0, 1.0]])
    assert weight.array[1] == pytest.approx(-1.0)
    assert weight.array[0] == pytest.approx(-sum(1 / math.sqrt(t) for t in range(1, 101)))


def test_state_exists_from_the_beginning() -> None:
    first, second = leaf([1.0, 2.0], np.float32), leaf([5.0])
    group = {"params": first, "initial_accumulator_value": 7.0}  # PyTorch also takes the default
    optimizer = Adagrad([group], initial_accumulator_value=0.25)
    optimizer.add_param_group({"params": [second]})
    for weight in (first, second):
        state = optimizer.state[weight]
        assert list(state) == ["step", "sum"]
        assert state["step"].shape == () and state["step"].dtype == minitorch.float32
        assert state["step"].array == 0.0
        assert state["sum"].dtype == weight.dtype
        assert state["sum"].tolist() == [0.25] * len(weight)
    total = optimizer.state[first]["sum"]
    optimizer.share_memory()
    first.grad = minitorch.tensor([2.0, 3.0])
    second.grad = None
    optimizer.step()
    assert optimizer.state[first]["sum"] is total
    assert total.tolist() == [4.25, 9.25]
    assert optimizer.state[second]["step"].array == 0.0


def test_a_refused_group_leaves_no_state() -> None:
    first, second = leaf([1.0]), leaf([2.0])
    optimizer = Adagrad([first])
    with pytest.raises(ValueError, match="more than one parameter group"):
        optimizer.add_param_group({"params": [second, first]})
    assert list(optimizer.state) == [first]


def test_loaded_state_takes_the_place_of_the_first() -> None:
    weight, other = leaf([1.0]), leaf([1.0])
    optimizer, loaded = Adagrad([weight], lr=1.0), Adagrad([other], lr=1.0)
    run(optimizer, [[3.0]])
    loaded.load_state_dict(optimizer.state_dict())
    run(loaded, [[4.0]])
    assert other.array.tolist() == pytest.approx([0.2])
    assert optimizer.state[weight]["sum"].tolist() == [9.0]


def test_a_diverging_run_does_not_warn() -> None:
    check_silence(Adagrad)


def test_choices_of_an_implementation_make_no_difference() -> None:
    check_choices(Adagrad, "foreach", "fused", "differentiable")


@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        ({"lr": -0.1}, ValueError, "Invalid learning rate: -0.1; lr must be at least 0"),
        ({"lr": "0.1"}, TypeError, "lr must be a number, got str"),
        ({"lr": minitorch.ones(2)}, ValueError, "Tensor lr must be 1-element"),
        ({"lr_decay": -1}, ValueError, "Invalid lr_decay value: -1; lr_decay must be at least 0"),
        ({"weight_decay": -1}, ValueError, "Invalid weight_decay value: -1; weight_decay must"),
        (
            {"initial_accumulator_value": -1},
            ValueError,
            "Invalid initial_accumulator_value value: -1; initial_accumulator_value must be",
        ),
        ({"eps": -1e-8}, ValueError, "Invalid epsilon value: -1e-08; eps must be at least 0"),
        ({"eps": None}, TypeError, "eps must be a number, got NoneType"),
        ({"fused": True, "foreach": True}, RuntimeError, "cannot be `True` together"),
        ({"fused": True, "differentiable": True}, RuntimeError, "does not support"),
    ],
)
def test_wrong_options_are_refused(options: Options, kind: Any, message: str) -> None:
    with pytest.raises(kind, match=message):
        Adagrad([leaf([1.0])], **options)
