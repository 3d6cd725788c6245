"""Averaged models against means computed at once, statistics and learning rates by equation."""

from __future__ import annotations

import copy
import math
import pickle
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import minitorch
from minitorch import nn
from minitorch.optim import SGD
from minitorch.optim.swa_utils import (
    SWALR,
    AveragedModel,
    get_ema_avg_fn,
    get_ema_multi_avg_fn,
    get_swa_avg_fn,
    get_swa_multi_avg_fn,
    update_bn,
)
from tests.helpers import check_gradients

SHAPES = [(), (1,), (0, 2), (3, 4), (1100,), (130, 140)]


class Weights(nn.Module):
    """Parameters of several shapes and memory orders, and buffers."""

    def __init__(self, dtype: Any = np.float64, **buffers: Any) -> None:
        super().__init__()
        for index, shape in enumerate(SHAPES):
            array = np.zeros(shape, dtype)
            setattr(self, f"w{index}", nn.Parameter(minitorch.tensor(array)))
        turned = nn.Parameter(minitorch.tensor(np.zeros((90, 100), dtype)).t())
        assert turned.array.flags.f_contiguous
        self.turned = turned
        self.frozen = nn.Parameter(minitorch.tensor(np.zeros(3, dtype)), requires_grad=False)
        for name, array in buffers.items():
            self.register_buffer(name, minitorch.tensor(np.asarray(array)))

    def fill(self, rng: np.random.Generator) -> list[np.ndarray]:
        """Put random numbers into all parameters, and return copies of them."""
        for parameter in self.parameters():
            parameter.array[...] = rng.standard_normal(parameter.shape)
        return values(self)


def values(module: nn.Module) -> list[np.ndarray]:
    return [parameter.array.copy() for parameter in module.parameters()]


def linear(weight: float, dtype: Any = np.float64) -> nn.Module:
    model = nn.Linear(1, 1, bias=False)
    model.weight = nn.Parameter(minitorch.tensor(np.full((1, 1), weight, dtype)))
    return model


# -- averages -----------------------------------------------------------------------------

EQUAL: dict[str, Callable[[], dict[str, Any]]] = {
    "default": lambda: {},
    "avg_fn": lambda: {"avg_fn": get_swa_avg_fn()},
    "multi_avg_fn": lambda: {"multi_avg_fn": get_swa_multi_avg_fn()},
}
MOVING: dict[str, Callable[[float], dict[str, Any]]] = {
    "avg_fn": lambda decay: {"avg_fn": get_ema_avg_fn(decay)},
    "multi_avg_fn": lambda decay: {"multi_avg_fn": get_ema_multi_avg_fn(decay)},
}


@pytest.mark.parametrize("rule", EQUAL)
@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-7), (np.float32, 1e-5)])
def test_equal_average_is_the_mean(
    rule: str, dtype: Any, tolerance: float, rng: np.random.Generator
) -> None:
    if rule != "multi_avg_fn" and dtype == np.float64:
        tolerance = 1e-13  # its factor is no float32
    model = Weights(dtype)
    averaged = AveragedModel(model, **EQUAL[rule]())
    history = []
    for count in range(1, 10):
        history.append(model.fill(rng))
        averaged.update_parameters(model)
        assert averaged.n_averaged.item() == count
        for mean, *past in zip(averaged.parameters(), *history, strict=True):
            assert mean.array.dtype == dtype
            expected = np.mean(np.array(past, np.float64), axis=0)
            np.testing.assert_allclose(mean.array, expected, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("rule", MOVING)
@pytest.mark.parametrize("decay", [0.0, 0.25, 0.5, 0.75, 0.999, 1.0])
def test_moving_average_is_a_weighted_sum(
    rule: str, decay: float, rng: np.random.Generator
) -> None:
    model = Weights()
    averaged = AveragedModel(model, **MOVING[rule](decay))
    history = []
    for _ in range(8):
        history.append(model.fill(rng))
        averaged.update_parameters(model)
    last = len(history) - 1
    factors = [decay**last] + [(1 - decay) * decay ** (last - n) for n in range(1, last + 1)]
    for mean, *past in zip(averaged.parameters(), *history, strict=True):
        expected = sum(factor * each for factor, each in zip(factors, past, strict=True))
        np.testing.assert_allclose(mean.array, expected, rtol=1e-12, atol=1e-12)


def test_default_decay() -> None:
    mean = minitorch.tensor([0.0])
    get_ema_multi_avg_fn()([mean], [minitorch.tensor([1000.0])], 1)
    assert mean.item() == pytest.approx(1.0)
    assert get_ema_avg_fn()(0.0, 1000.0, 1) == pytest.approx(1.0)


@pytest.mark.parametrize("options", [{}, MOVING["multi_avg_fn"](0.5)])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_parameter_without_dimensions_alone(options: Any, dtype: Any) -> None:
    model = nn.Module()
    model.scale = nn.Parameter(minitorch.tensor(np.array(1.0, dtype)))
    averaged = AveragedModel(model, **options)
    averaged.update_parameters(model)
    model.scale.array[...] = 4.0
    averaged.update_parameters(model)
    assert averaged.module.scale.item() == 2.5
    assert averaged.module.scale.array.dtype == dtype


def test_a_weight_of_one_gives_the_value() -> None:
    mean, value = minitorch.tensor([1e16, 0.1], dtype=minitorch.float64), minitorch.ones(2).double()
    get_ema_multi_avg_fn(0.0)([mean], [value], 1)
    assert mean.tolist() == [1.0, 1.0]


@pytest.mark.parametrize(
    "options", [*(EQUAL[rule]() for rule in EQUAL), MOVING["multi_avg_fn"](0.9)]
)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_overflow_is_silent(options: Any, dtype: Any) -> None:
    largest = np.finfo(dtype).max
    model = linear(-largest, dtype)
    averaged = AveragedModel(model, **options)
    averaged.update_parameters(model)
    model.weight.array[...] = largest
    averaged.update_parameters(model)
    assert math.isinf(averaged.module.weight.item())


@pytest.mark.parametrize("number", [math.inf, -math.inf, math.nan])
def test_moving_average_of_no_number(number: float) -> None:
    mean = minitorch.tensor([1.0, 2.0], dtype=minitorch.float64)
    value = minitorch.tensor([number, 4.0], dtype=minitorch.float64)
    get_ema_multi_avg_fn(0.75)([mean], [value], 1)
    np.testing.assert_array_equal(mean.array, [number, 2.5])


ORDERS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "rows": lambda wide: wide[:, :100].copy(),
    "columns": lambda wide: wide[:, :100].copy("F"),
    "with gaps": lambda wide: wide[:, ::2],
}


@pytest.mark.parametrize("held", ORDERS)
@pytest.mark.parametrize("given", ORDERS)
@pytest.mark.parametrize("options", [{}, MOVING["multi_avg_fn"](0.5)])
def test_arrays_in_any_memory_order(
    held: str, given: str, options: Any, rng: np.random.Generator
) -> None:
    wide, other = rng.standard_normal((2, 120, 200))
    first, second = linear(0.0), linear(0.0)
    first.weight.data, second.weight.data = ORDERS[held](wide), ORDERS[given](other)
    expected = (first.weight.array + second.weight.array) / 2
    averaged = AveragedModel(first, **options)
    averaged.update_parameters(first)
    averaged.module.weight.data = ORDERS[held](wide)
    averaged.update_parameters(second)
    np.testing.assert_allclose(averaged.module.weight.array, expected, rtol=1e-12, atol=1e-15)


# -- buffers ------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [{}, {"multi_avg_fn": get_ema_multi_avg_fn(0.5)}])
def test_buffers_follow_the_model(options: Any) -> None:
    model = Weights(number=[1.0, 2.0], whole=[3, 5], flag=[True, False])
    averaged = AveragedModel(model, **options)
    for step in range(3):
        model.number.array[...] = step
        model.whole.array[...] = 10 * step
        model.flag.array[...] = [step == 1, True]
        averaged.update_parameters(model)
        held = averaged.module
        assert held.number.tolist() == [step, step]
        assert held.whole.tolist() == [10 * step, 10 * step]
        assert held.flag.tolist() == [step == 1, True]
        assert held.whole is not model.whole


def test_averaged_buffers() -> None:
    model = Weights(number=[1.0, 2.0], whole=[3, 5])
    averaged = AveragedModel(model, use_buffers=True)
    averaged.update_parameters(model)
    model.number.array[...] = [5.0, 6.0]
    model.whole.array[...] = [6, 6]
    averaged.update_parameters(model)
    assert averaged.module.number.tolist() == [3.0, 4.0]
    assert averaged.module.whole.tolist() == [4, 5]  # 4.5 and 5.5 without their fractions
    assert averaged.module.whole.dtype == minitorch.int64


def test_moving_averages_of_integers_and_booleans() -> None:
    for options in (MOVING["avg_fn"](0.75), MOVING["multi_avg_fn"](0.75)):
        model = Weights(whole=[8, -8], flag=[True, False])
        averaged = AveragedModel(model, use_buffers=True, **options)
        averaged.update_parameters(model)
        model.whole.array[...] = [0, 1]
        model.flag.array[...] = [False, False]
        averaged.update_parameters(model)
        assert averaged.module.whole.tolist() == [6, -5]
        assert averaged.module.flag.tolist() == [True, False]  # 0.75 is not zero


# -- rules of one's own -------------------------------------------------------------------


def test_own_rule() -> None:
    seen = []

    def largest(mean: Any, value: Any, count: Any) -> Any:
        seen.append((mean.requires_grad, value.requires_grad, count.item()))
        return minitorch.maximum(mean, value)

    model = linear(2.0)
    averaged = AveragedModel(model, avg_fn=largest)
    for weight in (2.0, 7.0, 3.0):
        model.weight.array[...] = weight
        averaged.update_parameters(model)
    assert averaged.module.weight.item() == 7.0
    assert averaged.module.weight.requires_grad
    assert seen == [(False, False, 1), (False, False, 2)]


def test_own_rule_for_many() -> None:
    seen = []

    def add(means: Any, values: Any, count: Any) -> None:
        seen.append((str(means[0].dtype), len(means), len(values), count.item()))
        for mean, value in zip(means, values, strict=True):
            mean.add_(value)

    model = Weights(np.float32, number=[1.0], whole=[2], other=[3.0])
    averaged = AveragedModel(model, multi_avg_fn=add, use_buffers=True)
    averaged.update_parameters(model)
    averaged.update_parameters(model)
    assert sorted(seen) == [
        ("minitorch.float32", 8, 8, 1),
        ("minitorch.float64", 2, 2, 1),
        ("minitorch.int64", 1, 1, 1),
    ]
    assert averaged.module.whole.tolist() == [4]


# -- the averaged model -------------------------------------------------------------------


def test_parameters_of_the_copy() -> None:
    model = Weights(number=[1.0])
    model.w1.grad = minitorch.zeros(1).double()
    averaged = AveragedModel(model.eval())
    for _ in range(2):
        before = [(each, each.array) for each in averaged.parameters()]
        averaged.update_parameters(model)
        for (each, array), own in zip(before, model.parameters(), strict=True):
            assert each.array is array  # changed in place
            assert not np.shares_memory(array, own.array)
            assert each.is_leaf
            assert each.requires_grad == own.requires_grad
            assert each.grad is None
    assert averaged.training
    assert not averaged.module.training
    assert averaged.n_averaged.dtype == minitorch.int64
    assert list(averaged.state_dict()) == [
        "n_averaged",
        *(f"module.w{index}" for index in range(len(SHAPES))),
        "module.turned",
        "module.frozen",
        "module.number",
    ]


def test_calls_go_to_the_copy(rng: np.random.Generator) -> None:
    model = nn.Sequential(nn.Linear(3, 4), nn.Sigmoid(), nn.Linear(4, 2)).double()
    averaged = AveragedModel(model)
    averaged.update_parameters(model)
    x = rng.standard_normal((5, 3))
    np.testing.assert_array_equal(averaged(x), model(x))
    np.testing.assert_array_equal(averaged(input=minitorch.tensor(x)).array, model(x))
    check_gradients(rng, averaged, x)
    last = averaged(minitorch.tensor(x)).grad_fn
    assert last.name() == "LinearBackward0"  # the copy's layers are recorded, each on its own


def test_saving_copying_and_going_on(rng: np.random.Generator) -> None:
    model = Weights(number=[1.0])
    averaged = AveragedModel(model)
    for _ in range(3):
        model.fill(rng)
        averaged.update_parameters(model)
    loaded = AveragedModel(Weights(number=[5.0]))
    loaded.load_state_dict(averaged.state_dict())
    others = [loaded, copy.deepcopy(averaged), pickle.loads(pickle.dumps(averaged))]
    model.fill(rng)
    averaged.update_parameters(model)
    for other in others:
        other.update_parameters(model)
        assert other.n_averaged.item() == 4
        for mine, its in zip(averaged.parameters(), other.parameters(), strict=True):
            np.testing.assert_array_equal(its.array, mine.array)


def test_training_with_an_average() -> None:
    """The iterates of w ← w - 0.5 · 4 w, which alternate, average out to the minimum."""
    model = linear(1.0)
    optimizer = SGD(model.parameters(), lr=0.5)
    averaged = AveragedModel(model)
    for _ in range(4):
        averaged.update_parameters(model)
        optimizer.zero_grad()
        (2 * model(minitorch.ones(1, 1).double()) ** 2).sum().backward()
        optimizer.step()
    assert abs(model.weight.item()) == 1.0
    assert averaged.module.weight.item() == pytest.approx(0.0, abs=1e-15)


@pytest.mark.parametrize("options", [{}, {"multi_avg_fn": get_ema_multi_avg_fn()}])
@pytest.mark.parametrize("order", ["C", "F"])
def test_an_update_needs_little_memory(options: Any, order: Any) -> None:
    model = nn.Module()
    model.weight = nn.Parameter(minitorch.zeros(1))
    model.weight.data = np.zeros((1000, 500), np.float64, order)
    averaged = AveragedModel(model, **options)
    averaged.update_parameters(model)
    tracemalloc.start()
    try:
        averaged.update_parameters(model)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 0.4 * model.weight.array.nbytes


# -- errors -------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [get_ema_avg_fn, get_ema_multi_avg_fn])
@pytest.mark.parametrize("decay", [-0.001, 1.001, math.nan, math.inf])
def test_decay_out_of_range(make: Any, decay: float) -> None:
    with pytest.raises(ValueError, match="decay"):
        make(decay)


def test_two_rules() -> None:
    with pytest.raises(AssertionError, match="avg_fn and multi_avg_fn"):
        AveragedModel(linear(1.0), avg_fn=get_swa_avg_fn(), multi_avg_fn=get_swa_multi_avg_fn())


def test_another_device() -> None:
    AveragedModel(linear(1.0), device="cpu")
    AveragedModel(linear(1.0), minitorch.device("cpu"))
    with pytest.raises(RuntimeError, match="cuda"):
        AveragedModel(linear(1.0), device="cuda")


def with_other(**changes: Any) -> nn.Module:
    """Weights with something replaced; None takes it out."""
    module = Weights(number=[9.0, 9.0], flag=[True])
    for name, value in changes.items():
        if value is None:
            delattr(module, name)
        else:
            setattr(module, name, value)
    return module


REFUSED: dict[str, Any] = {
    "shape": (RuntimeError, r"\[3\] .* \[4\]", {}, {"frozen": nn.Parameter(minitorch.ones(4))}),
    "dimensions": (
        RuntimeError,
        r"\[3\] .* \[1, 3\]",
        {},
        {"frozen": nn.Parameter(minitorch.ones(1, 3))},
    ),
    "buffer's shape": (RuntimeError, r"\[2\] .* \[5\]", {}, {"number": minitorch.ones(5)}),
    "number of buffers": (ValueError, "zip", {}, {"number": None}),
    "dtype": (RuntimeError, "float16", {}, {"frozen": nn.Parameter(minitorch.ones(3).half())}),
    "dtype of many": (
        RuntimeError,
        "one dtype, float64, but got .*float64 and .*float32",
        {"multi_avg_fn": get_ema_multi_avg_fn()},
        {"frozen": nn.Parameter(minitorch.ones(3).float())},
    ),
    "booleans": (RuntimeError, "booleans have no mean", {"use_buffers": True}, {}),
    "booleans of many": (
        RuntimeError,
        "floating-point tensors only, but got minitorch.bool",
        {"use_buffers": True, "multi_avg_fn": get_swa_multi_avg_fn()},
        {},
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused_changes_nothing(case: str, rng: np.random.Generator) -> None:
    error, match, options, changes = REFUSED[case]
    model = Weights(number=[1.0, 2.0], flag=[False])
    model.fill(rng)
    averaged = AveragedModel(model, **options)
    averaged.update_parameters(model)
    before = copy.deepcopy(averaged.state_dict())
    versions = [each._version for each in averaged.parameters()]
    with pytest.raises(error, match=match):
        averaged.update_parameters(with_other(**changes))
    assert [each._version for each in averaged.parameters()] == versions
    for name, value in averaged.state_dict().items():
        np.testing.assert_array_equal(value.array, before[name].array)


def test_lists_of_different_length() -> None:
    with pytest.raises(RuntimeError, match="2 averages cannot take 1 values"):
        get_ema_multi_avg_fn()([minitorch.ones(1)] * 2, [minitorch.ones(1)], 1)


def test_a_changed_weight_spoils_no_gradient() -> None:
    model = nn.Sequential(nn.Linear(1, 1), nn.Linear(1, 1))
    for options in ({}, {"multi_avg_fn": get_ema_multi_avg_fn()}):
        averaged = AveragedModel(model, **options)
        for _ in range(2):
            loss = averaged(minitorch.ones(1, 1)).sum()
            averaged.update_parameters(model)
            with pytest.raises(RuntimeError, match="modified"):
                loss.backward()


# -- batch normalization ------------------------------------------------------------------


def batch_norm(momentum: float | None = 0.1) -> nn.BatchNorm1d:
    return nn.BatchNorm1d(2, momentum=momentum, dtype=minitorch.float64)


def normalized() -> nn.Sequential:
    return nn.Sequential(batch_norm(), nn.Sequential(nn.Sigmoid(), batch_norm(None)))


WAYS: dict[str, Callable[[np.ndarray], Any]] = {
    "tensor": minitorch.tensor,
    "array": lambda array: array,
    "tuple": lambda array: (minitorch.tensor(array), "label"),
    "list": lambda array: [minitorch.tensor(array)],
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("device", [None, "cpu"])
@pytest.mark.parametrize("training", [True, False])
def test_statistics_are_means_over_batches(
    way: str, device: Any, training: bool, rng: np.random.Generator
) -> None:
    batches = [rng.standard_normal((size, 2)) for size in (3, 5, 8)]
    model = normalized()
    model(minitorch.tensor(100 * batches[0]))  # statistics that are to be forgotten
    model.train(training)
    update_bn((WAYS[way](batch) for batch in batches), model, device)
    first, second = model[0], model[1][1]
    np.testing.assert_allclose(
        first.running_mean.array, np.mean([batch.mean(0) for batch in batches], axis=0), rtol=1e-12
    )
    np.testing.assert_allclose(
        first.running_var.array,
        np.mean([batch.var(0, ddof=1) for batch in batches], axis=0),
        rtol=1e-12,
    )
    inner = []
    for batch in batches:
        standard = (batch - batch.mean(0)) / np.sqrt(batch.var(0) + 1e-5)
        inner.append((1 / (1 + np.exp(-standard))).mean(0))
    np.testing.assert_allclose(second.running_mean.array, np.mean(inner, axis=0), rtol=1e-12)
    assert (first.momentum, second.momentum) == (0.1, None)
    assert {module.training for module in model.modules()} == {training}
    assert first.num_batches_tracked.item() == 3
    assert not first.running_mean.requires_grad


def test_momenta_and_mode_come_back_after_an_error() -> None:
    model = normalized().eval()

    def broken() -> Any:
        yield minitorch.ones(2, 2).double()
        raise OSError("no more data")

    with pytest.raises(OSError, match="no more data"):
        update_bn(broken(), model)
    assert model[0].momentum == 0.1
    assert not any(module.training for module in model.modules())


def test_nothing_is_recorded() -> None:
    recording = []

    class Noted(nn.BatchNorm1d):
        def forward(self, input: Any) -> Any:
            recording.append(minitorch.is_grad_enabled())
            return super().forward(input)

    update_bn([minitorch.ones(2, 2)], Noted(2))
    assert recording == [False]
    assert minitorch.is_grad_enabled()


def test_another_device_resets_nothing() -> None:
    model = normalized()
    model[0].running_mean.fill_(3)
    with pytest.raises(RuntimeError, match="cuda"):
        update_bn([], model, device="cuda")
    assert model[0].running_mean.tolist() == [3, 3]


def test_nothing_to_update() -> None:
    loader = iter([minitorch.ones(2, 3)])
    model = nn.Linear(3, 2).eval()
    update_bn(loader, model)
    assert len(list(loader)) == 1  # not even loaded
    assert not model.training


def test_the_average_gets_its_own_statistics(rng: np.random.Generator) -> None:
    model = nn.Sequential(nn.Linear(2, 2).double(), batch_norm())
    averaged = AveragedModel(model)
    averaged.update_parameters(model)
    model[0].weight.array[...] += 1
    averaged.update_parameters(model)
    batch = rng.standard_normal((6, 2))
    update_bn([batch], averaged)
    linear = averaged.module[0]
    expected = (batch @ linear.weight.array.T + linear.bias.array).mean(0)
    np.testing.assert_allclose(averaged.module[1].running_mean.array, expected, rtol=1e-12)
    assert model[1].running_mean.tolist() == [0, 0]


# -- learning rates -----------------------------------------------------------------------


def optimizer_of(*rates: Any) -> SGD:
    return SGD([{"params": [minitorch.ones(1, requires_grad=True)], "lr": lr} for lr in rates])


def rates_of(scheduler: Any, optimizer: SGD, epochs: int) -> list[list[float]]:
    rates = []
    for _ in range(epochs):
        rates.append([float(lr) for lr in scheduler.get_last_lr()])
        assert rates[-1] == [float(group["lr"]) for group in optimizer.param_groups]
        optimizer.step()
        scheduler.step()
    return rates


ANNEALING: dict[str, Callable[[float], float]] = {
    "cos": lambda t: math.sin(math.pi * t / 2) ** 2,
    "linear": lambda t: t,
}


@pytest.mark.parametrize("strategy", ANNEALING)
@pytest.mark.parametrize("epochs", [1, 4, 10])
@pytest.mark.parametrize("swa_lr", [0.05, [0.05, 2.0], (3, 0)])
def test_rates_lead_to_the_constant_one(strategy: str, epochs: int, swa_lr: Any) -> None:
    optimizer = optimizer_of(0.1, 1.5)
    scheduler = SWALR(optimizer, swa_lr, epochs, strategy)
    ends = swa_lr if isinstance(swa_lr, (list, tuple)) else [swa_lr] * 2
    for epoch, rates in enumerate(rates_of(scheduler, optimizer, epochs + 3)):
        portion = ANNEALING[strategy](min(epoch / epochs, 1))
        for lr, start, end in zip(rates, (0.1, 1.5), ends, strict=True):
            assert lr == pytest.approx(portion * end + (1 - portion) * start, rel=1e-9, abs=1e-12)
    assert [group["swa_lr"] for group in optimizer.param_groups] == list(ends)


def test_default_strategy_and_length() -> None:
    optimizer = optimizer_of(1.0)
    rates = rates_of(SWALR(optimizer, 0.0), optimizer, 12)
    assert rates[5][0] == pytest.approx(0.5)
    assert rates[9][0] > 1e-3
    assert rates[10] == [pytest.approx(0.0, abs=1e-15)]


def test_no_annealing() -> None:
    optimizer = optimizer_of(0.1)
    assert rates_of(SWALR(optimizer, 0.5, anneal_epochs=0), optimizer, 3) == [[0.5]] * 3


def test_rates_that_are_tensors() -> None:
    lr, swa_lr = minitorch.tensor(1.0), minitorch.tensor(0.5)
    optimizer = optimizer_of(lr)
    scheduler = SWALR(optimizer, swa_lr, 2, "linear")
    assert rates_of(scheduler, optimizer, 4) == [[1.0], [0.75], [0.5], [0.5]]
    assert optimizer.param_groups[0]["lr"] is lr
    assert optimizer.param_groups[0]["swa_lr"] is not swa_lr


def test_another_schedule_first() -> None:
    """The learning rate that is annealed is the one there is, not the initial one."""
    optimizer = optimizer_of(8.0)
    scheduler = SWALR(optimizer, 0.0, 4, "linear")
    optimizer.param_groups[0]["lr"] = 1.0
    optimizer.step()
    scheduler.step()
    assert scheduler.get_last_lr() == [0.75]


def test_saved_schedule_goes_on() -> None:
    optimizer, other = optimizer_of(1.0), optimizer_of(1.0)
    scheduler = SWALR(optimizer, 0.0, 4, "linear")
    rates_of(scheduler, optimizer, 2)
    state = pickle.loads(pickle.dumps(scheduler.state_dict()))
    assert "optimizer" not in state
    loaded = SWALR(other, 0.7, 9)
    other.load_state_dict(optimizer.state_dict())
    loaded.load_state_dict(state)
    assert loaded.anneal_func(0.25) == 0.25
    assert rates_of(loaded, other, 4) == [[0.5], [0.25], [0.0], [0.0]]


@pytest.mark.parametrize(
    ("options", "error", "match"),
    [
        ({"anneal_strategy": "cosine"}, ValueError, "anneal_strategy must be .* cosine"),
        ({"anneal_epochs": -1}, ValueError, "anneal_epochs must be .* -1"),
        ({"anneal_epochs": 1.5}, ValueError, "anneal_epochs must be .* 1.5"),
        ({"swa_lr": [0.1]}, ValueError, "swa_lr must be .* 2 parameter groups, but got 1"),
        ({"last_epoch": 3}, KeyError, "initial_lr"),
        ({"optimizer": "SGD"}, TypeError, "str is not an Optimizer"),
    ],
)
def test_refused_options_change_nothing(options: Any, error: Any, match: str) -> None:
    optimizer = optimizer_of(0.1, 0.2)
    before = [set(group) for group in optimizer.param_groups]
    with pytest.raises(error, match=match):
        SWALR(**{"optimizer": optimizer, "swa_lr": 0.5, **options})
    assert [set(group) for group in optimizer.param_groups] == before
    assert [group["lr"] for group in optimizer.param_groups] == [0.1, 0.2]


def test_get_lr_outside_step_warns() -> None:
    scheduler = SWALR(optimizer_of(0.1), 0.5)
    with pytest.warns(UserWarning, match="get_last_lr"):
        scheduler.get_lr()
