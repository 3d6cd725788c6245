"""The initial learning rate times a factor: each schedule by hand."""

from __future__ import annotations

from typing import Any

import pytest

from minitorch.optim.lr_scheduler import (
    ConstantLR,
    ExponentialLR,
    LinearLR,
    MultiStepLR,
    PolynomialLR,
    StepLR,
)
from tests.optim.lr_scheduler.training import option, schedule, sgd

# A scheduler, and the factors of the first epochs.
BY_HAND: dict[str, tuple[Any, list[float]]] = {
    "step": (
        lambda o: StepLR(o, step_size=3, gamma=0.5),
        [1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25],
    ),
    "step, default": (lambda o: StepLR(o, 2), [1, 1, 0.1, 0.1, 0.01]),
    "milestones": (
        lambda o: MultiStepLR(o, [5, 2, 2], gamma=0.5),
        [1, 1, 0.25, 0.25, 0.25, 0.125, 0.125],
    ),
    "milestones, default": (lambda o: MultiStepLR(o, (1,)), [1, 0.1, 0.1]),
    "milestone at 0": (lambda o: MultiStepLR(o, [0, 1], gamma=0.5), [0.5, 0.25, 0.25]),
    "exponential": (lambda o: ExponentialLR(o, 0.5), [1, 0.5, 0.25, 0.125]),
    "polynomial": (
        lambda o: PolynomialLR(o, total_iters=4, power=2),
        [1, 9 / 16, 1 / 4, 1 / 16, 0, 0, 0],
    ),
    "polynomial, default": (lambda o: PolynomialLR(o), [1, 0.8, 0.6, 0.4, 0.2, 0, 0]),
    "constant": (
        lambda o: ConstantLR(o, factor=0.25, total_iters=3),
        [0.25, 0.25, 0.25, 1, 1, 1],
    ),
    "constant, default": (lambda o: ConstantLR(o), [1 / 3] * 5 + [1, 1]),
    "no factor": (lambda o: ConstantLR(o, factor=1, total_iters=2), [1, 1, 1, 1]),
    "linear": (
        lambda o: LinearLR(o, start_factor=0.25, end_factor=0.5, total_iters=2),
        [0.25, 0.375, 0.5, 0.5, 0.5],
    ),
    "linear, falling": (
        lambda o: LinearLR(o, start_factor=1, end_factor=0, total_iters=4),
        [1, 0.75, 0.5, 0.25, 0, 0],
    ),
    "linear, default": (
        lambda o: LinearLR(o),
        [5 / 15, 7 / 15, 9 / 15, 11 / 15, 13 / 15, 1, 1],
    ),
}


@pytest.mark.parametrize("name", BY_HAND)
def test_from_epoch_to_epoch(name: str) -> None:
    make, factors = BY_HAND[name]
    optimizer = sgd(2.0, 0.5)
    found = schedule(make(optimizer), len(factors))
    assert found == pytest.approx([2.0 * factor for factor in factors], rel=1e-14, abs=1e-15)
    found = schedule(make(sgd(2.0, 0.5)), len(factors), group=1)
    assert found == pytest.approx([0.5 * factor for factor in factors], rel=1e-14, abs=1e-15)


@pytest.mark.filterwarnings("ignore:The epoch parameter:UserWarning")
@pytest.mark.parametrize("name", BY_HAND)
def test_jumps(name: str) -> None:
    make, factors = BY_HAND[name]
    scheduler = make(sgd(2.0, 0.5))
    scheduler.optimizer.step()
    for epoch in reversed(range(len(factors))):
        scheduler.step(epoch)
        expected = [2.0 * factors[epoch], 0.5 * factors[epoch]]
        assert scheduler.get_last_lr() == pytest.approx(expected, rel=1e-14, abs=1e-15)


@pytest.mark.parametrize("name", BY_HAND)
def test_a_change_from_outside_stays(name: str) -> None:
    """The schedules are chainable: a learning rate that was halved stays half as large."""
    make, factors = BY_HAND[name]
    scheduler = make(sgd(2.0))
    schedule(scheduler, 1)
    scheduler.optimizer.param_groups[0]["lr"] /= 2
    assert schedule(scheduler, len(factors) - 1) == pytest.approx(factors[1:], rel=1e-14, abs=1e-15)


@pytest.mark.parametrize(
    ("make", "option_name"),
    [
        (lambda o: ConstantLR(o, 1.5), "factor"),
        (lambda o: ConstantLR(o, -0.1), "factor"),
        (lambda o: LinearLR(o, 0), "start_factor"),
        (lambda o: LinearLR(o, 1.1), "start_factor"),
        (lambda o: LinearLR(o, 0.5, 1.1), "end_factor"),
        (lambda o: LinearLR(o, 0.5, -0.1), "end_factor"),
    ],
)
def test_factors_outside_their_range_are_refused(make: Any, option_name: str) -> None:
    optimizer = sgd(1.0)
    with pytest.raises(ValueError, match=rf"^{option_name} must be"):
        make(optimizer)
    assert "initial_lr" not in optimizer.param_groups[0]


def test_there_is_no_way_back_from_a_factor_of_0() -> None:
    scheduler = ConstantLR(sgd(1.0), factor=0.0, total_iters=2)
    assert schedule(scheduler, 1) == [0.0]
    scheduler.optimizer.step()
    with pytest.raises(ZeroDivisionError):
        scheduler.step()
    assert option(scheduler, "lr") == 0.0
