"""SGD against its equation in Python floats."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

import minitorch
from minitorch.optim import SGD


def leaf(values: Any, dtype: Any = np.float64) -> Any:
    return minitorch.tensor(np.array(values, dtype), requires_grad=True)


def textbook(
    start: float,
    derivatives: list[float | None],
    lr: float = 1e-3,
    momentum: float = 0.0,
    dampening: float = 0.0,
    weight_decay: float = 0.0,
    nesterov: bool = False,
    maximize: bool = False,
) -> float:
    """One weight after the given derivatives; the momentum as a sum over all of them."""
    weight = start
    past: list[float] = []
    for derivative in derivatives:
        if derivative is None:
            continue
        past.append((-derivative if maximize else derivative) + weight_decay * weight)
        last = len(past) - 1
        velocity = sum(
            momentum ** (last - age) * (1.0 if age == 0 else 1.0 - dampening) * term
            for age, term in enumerate(past)
        )
        direction = past[-1] + momentum * velocity if nesterov else velocity
        weight -= lr * (direction if momentum else past[-1])
    return weight


OPTIONS = [
    {
        "momentum": momentum,
        "dampening": dampening,
        "weight_decay": weight_decay,
        "nesterov": nesterov,
        "maximize": maximize,
    }
    for momentum, dampening, weight_decay, nesterov, maximize in itertools.product(
        [0, 0.9], [0, 0.3], [0, 0.1], [False, True], [False, True]
    )
    if not nesterov or (momentum and not dampening)
]


@pytest.mark.parametrize("options", OPTIONS)
def test_every_option_follows_the_equation(
    options: dict[str, Any], rng: np.random.Generator
) -> None:
    start, derivatives = rng.normal(size=(2, 3)), rng.normal(size=(20, 2, 3))
    weight = leaf(start)
    optimizer = SGD([weight], lr=0.05, **options)
    for derivative in derivatives:
        weight.grad = minitorch.tensor(derivative)
        optimizer.step()
        np.testing.assert_array_equal(weight.grad.array, derivative)  # only read
    for place in np.ndindex(2, 3):
        expected = textbook(
            float(start[place]), derivatives[(slice(None), *place)].tolist(), lr=0.05, **options
        )
        assert weight.array[place] == pytest.approx(expected, rel=1e-12)


def test_nesterov_and_dampening_in_a_group(rng: np.random.Generator) -> None:
    derivatives = rng.normal(size=10).tolist()
    weight = leaf(1.0)
    group = {"params": weight, "nesterov": True, "dampening": 0.3, "momentum": 0.9}
    optimizer = SGD([group], lr=0.05, weight_decay=0.1)
    for derivative in derivatives:
        weight.grad = minitorch.tensor(np.array(derivative))
        optimizer.step()
    expected = textbook(1.0, derivatives, 0.05, 0.9, 0.3, 0.1, nesterov=True)
    assert weight.array == pytest.approx(expected, rel=1e-12)


def test_a_missing_gradient_pauses_the_momentum() -> None:
    derivatives = [1.0, None, 2.0, None, None, -3.0]
    weight, idle = leaf(1.0), leaf(5.0)
    optimizer = SGD([idle, weight], lr=0.1, momentum=0.9, weight_decay=0.1)
    for derivative in derivatives:
        weight.grad = None if derivative is None else minitorch.tensor(np.array(derivative))
        optimizer.step()
    expected = textbook(1.0, derivatives, lr=0.1, momentum=0.9, weight_decay=0.1)
    assert weight.array == pytest.approx(expected, rel=1e-12)
    assert idle.array == 5.0
    assert list(optimizer.state_dict()["state"]) == [1]


def test_groups_have_their_own_options() -> None:
    a, b = leaf(1.0), leaf(1.0)
    optimizer = SGD(
        [{"params": a, "momentum": 0.5}, {"params": b, "maximize": True, "lr": 1.0}], lr=0.1
    )
    for derivative in (1.0, 2.0, 4.0):
        a.grad = minitorch.tensor(np.array(derivative))
        b.grad = minitorch.tensor(np.array(derivative))
        optimizer.step()
    assert a.array == pytest.approx(1.0 - 0.1 * (1.0 + 2.5 + 5.25), rel=1e-15)
    assert b.array == 8.0
    assert list(optimizer.state) == [a]


def test_the_default_learning_rate_is_a_thousandth() -> None:
    weight = leaf(1.0)
    weight.grad = minitorch.tensor(np.array(1.0))
    SGD([weight]).step()
    assert weight.array == 0.999


def test_the_learning_rate_may_change_between_steps() -> None:
    weight = leaf(1.0)
    optimizer = SGD([weight], lr=0.5)
    for lr in (0.5, 0.25, 2):
        optimizer.param_groups[0]["lr"] = lr
        weight.grad = minitorch.tensor(np.array(1.0))
        optimizer.step()
    assert weight.array == 1.0 - 2.75


@pytest.mark.parametrize("shape", [(), (1,)])
def test_the_learning_rate_may_be_a_tensor(shape: tuple[int, ...]) -> None:
    lr = minitorch.tensor(np.full(shape, 0.5, np.float32))
    weight = leaf([1.0])
    optimizer = SGD([weight], lr=lr, weight_decay=minitorch.tensor(np.array(1.0)))
    weight.grad = minitorch.tensor(np.zeros(1))
    optimizer.step()
    assert weight.array.tolist() == [0.5]
    lr.array[...] = 0.25  # changed in place, as a scheduler does
    optimizer.step()
    assert weight.array.tolist() == [0.375]


def test_the_first_momentum_is_a_copy_of_the_gradient() -> None:
    weight = leaf([1.0, 2.0])
    grad = weight.grad = minitorch.tensor(np.array([3.0, 4.0]))
    optimizer = SGD([weight], lr=0.1, momentum=0.9, dampening=0.5)
    optimizer.step()
    buffer = optimizer.state[weight]["momentum_buffer"]
    assert buffer.array.tolist() == [3.0, 4.0]
    assert not np.shares_memory(buffer.array, grad.array)
    assert not buffer.requires_grad
    optimizer.step()
    assert optimizer.state[weight]["momentum_buffer"] is buffer
    assert buffer.array.tolist() == pytest.approx([3.0 * 1.4, 4.0 * 1.4])
    assert grad.array.tolist() == [3.0, 4.0]


def test_a_recorded_momentum_is_guarded() -> None:
    weight, other = leaf([1.0]), leaf([2.0])
    weight.grad = minitorch.tensor(np.ones(1))
    optimizer = SGD([weight], lr=0.1, momentum=0.9)
    optimizer.step()
    loss = (optimizer.state[weight]["momentum_buffer"] * other).sum()
    optimizer.step()
    with pytest.raises(RuntimeError, match="inplace operation"):
        loss.backward()


def test_options_of_a_group_must_be_numbers() -> None:
    weight = leaf([1.0])
    weight.grad = minitorch.tensor(np.ones(1))
    optimizer = SGD([weight])
    optimizer.param_groups[0]["lr"] = "0.1"
    with pytest.raises(TypeError, match="must be a number, got str"):
        optimizer.step()


def test_ever_new_learning_rates_take_no_memory() -> None:
    weight = leaf([1.0])
    weight.grad = minitorch.tensor(np.zeros(1))
    optimizer = SGD([weight])
    for step in range(3000):
        optimizer.param_groups[0]["lr"] = 1 / (1 + step)
        optimizer.step()
    weight.grad = minitorch.tensor(np.ones(1))
    optimizer.param_groups[0]["lr"] = 0.25
    optimizer.step()
    assert weight.array.tolist() == [0.75]
    (work,) = optimizer._plans[0].works
    assert len(work.constants) <= 1024


def test_without_momentum_nothing_is_remembered() -> None:
    weight = leaf([1.0])
    weight.grad = minitorch.tensor(np.ones(1))
    optimizer = SGD([weight], lr=0.1, weight_decay=0.1)
    optimizer.step()
    assert optimizer.state_dict()["state"] == {}


@pytest.mark.parametrize("momentum", [0, 0.9])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_any_layout_and_dtype(momentum: float, dtype: Any, rng: np.random.Generator) -> None:
    start = rng.normal(size=(4, 6)).astype(dtype)
    derivatives = rng.normal(size=(3, 4, 6)).astype(dtype)
    columns, strided = leaf(start, dtype), leaf(start, dtype)
    columns.array = np.asfortranarray(start)
    strided.array = np.repeat(start, 2, axis=1)[:, ::2]
    plain = leaf(start, dtype)
    optimizer = SGD([columns, strided, plain], lr=0.1, momentum=momentum, weight_decay=0.1)
    for derivative in derivatives:
        for weight in (columns, strided, plain):
            grad = np.repeat(derivative, 2, axis=0)[::2]
            weight.grad = minitorch.tensor(derivative)
            weight.grad.array = grad
        optimizer.step()
    expected = [
        textbook(float(w), [float(d) for d in ds], 0.1, momentum, weight_decay=0.1)
        for w, ds in zip(start.reshape(-1), derivatives.reshape(3, -1).T, strict=True)
    ]
    for weight in (columns, strided, plain):
        assert weight.array.dtype == dtype
        tolerance = 4 * float(np.finfo(dtype).eps)
        np.testing.assert_allclose(
            weight.array.reshape(-1), expected, rtol=tolerance, atol=tolerance
        )
    if momentum:
        assert optimizer.state[columns]["momentum_buffer"].array.dtype == dtype


def test_a_small_learning_rate_acts_on_float16() -> None:
    weight = leaf(0.0, np.float16)
    weight.grad = minitorch.tensor(np.array(1000.0, np.float16))
    SGD([weight], lr=1e-9).step()  # float16 has no 1e-9, but it has 1e-6
    assert float(weight.array) == pytest.approx(-1e-6, rel=0.03)


def test_scalars_and_empty_parameters() -> None:
    scalar, empty = leaf(1.0), leaf(np.ones((0, 3)))
    scalar.grad = minitorch.tensor(np.array(2.0))
    empty.grad = minitorch.tensor(np.ones((0, 3)))
    array = scalar.array
    optimizer = SGD([scalar, empty], lr=0.5, momentum=0.9, nesterov=True, weight_decay=1.0)
    optimizer.step()
    assert scalar.array is array
    assert array == pytest.approx(1.0 - 0.5 * 3.0 * 1.9)
    assert type(optimizer.state[scalar]["momentum_buffer"].array) is np.ndarray
    assert empty.array.shape == (0, 3)


def test_a_diverging_run_does_not_warn() -> None:
    weight = leaf([1e38, 1.0], np.float32)
    weight.grad = minitorch.tensor(np.array([3e38, np.inf], np.float32))
    optimizer = SGD([weight], lr=10.0, momentum=0.9)
    for _ in range(3):
        optimizer.step()
    assert np.isneginf(weight.array).all() or not np.isfinite(weight.array).any()


def test_the_printed_run_of_a_parabola() -> None:
    """w ← w - 0.1 · 2w shrinks by 0.8 in each step."""
    weight = leaf([1.0, -2.0])
    optimizer = SGD([weight], lr=0.1)
    for _ in range(10):
        optimizer.zero_grad()
        (weight * weight).sum().backward()
        optimizer.step()
    assert weight.array.tolist() == pytest.approx([0.8**10, -2 * 0.8**10], rel=1e-14)


@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        ({"lr": -0.1}, ValueError, "Invalid learning rate: -0.1"),
        ({"lr": float("nan")}, ValueError, "Invalid learning rate: nan"),
        ({"lr": "0.1"}, TypeError, "lr must be a number, got str"),
        ({"lr": None}, TypeError, "lr must be a number, got NoneType"),
        ({"lr": 1j}, TypeError, "lr must be a number, got complex"),
        ({"momentum": -0.1}, ValueError, "Invalid momentum value: -0.1"),
        ({"momentum": float("nan")}, ValueError, "Invalid momentum value: nan"),
        ({"momentum": [0.9]}, TypeError, "momentum must be a number, got list"),
        ({"dampening": "0"}, TypeError, "dampening must be a number, got str"),
        ({"dampening": float("nan")}, ValueError, "Invalid dampening value: nan"),
        ({"weight_decay": -1}, ValueError, "Invalid weight_decay value: -1"),
        ({"weight_decay": float("nan")}, ValueError, "Invalid weight_decay value: nan"),
        ({"weight_decay": "x"}, TypeError, "weight_decay must be a number, got str"),
        ({"nesterov": True}, ValueError, "Nesterov momentum requires a momentum and zero"),
        (
            {"nesterov": True, "momentum": 0.9, "dampening": 0.1},
            ValueError,
            "Nesterov momentum requires a momentum and zero",
        ),
        ({"fused": True, "foreach": True}, RuntimeError, "cannot be `True` together"),
        ({"fused": True, "differentiable": True}, RuntimeError, "does not support"),
    ],
)
def test_wrong_options_are_refused(
    options: dict[str, Any], kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind, match=message):
        SGD([leaf([1.0])], **options)


def test_a_learning_rate_of_two_elements_is_refused() -> None:
    with pytest.raises(ValueError, match="Tensor lr must be 1-element"):
        SGD([leaf([1.0])], lr=minitorch.tensor(np.ones(2)))


@pytest.mark.parametrize("option", ["foreach", "fused", "differentiable"])
def test_choices_of_an_implementation_make_no_difference(option: str) -> None:
    weight = leaf([1.0])
    weight.grad = minitorch.tensor(np.ones(1))
    optimizer = SGD([weight], lr=0.5, **{option: True})
    optimizer.step()
    assert weight.array.tolist() == [0.5]
    assert optimizer.param_groups[0][option] is True


@pytest.mark.parametrize("lr", [np.float32(0.5), np.float64(0.5), np.int64(1), True, 0])
def test_any_real_number_is_a_learning_rate(lr: Any) -> None:
    weight = leaf([1.0])
    weight.grad = minitorch.tensor(np.ones(1))
    SGD([weight], lr=lr).step()
    assert weight.array.tolist() == [1.0 - float(lr)]
