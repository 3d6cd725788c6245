"""Up and down, with the momentum against the learning rate."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from minitorch.optim import Optimizer
from minitorch.optim.lr_scheduler import CyclicLR, ExponentialLR, OneCycleLR
from tests.optim.lr_scheduler.training import Betas, Falling, option, schedule, sgd, weight


def close(values: list[float]) -> Any:
    return pytest.approx(values, rel=1e-12, abs=1e-12)


# -- cycles -------------------------------------------------------------------------------

# Heights of two cycles of 2 steps up and 4 down.
TRIANGLES = [0, 1 / 2, 1, 3 / 4, 1 / 2, 1 / 4] * 2
SCALES = {
    "triangular": [1.0] * 12,
    "triangular2": [1.0] * 6 + [0.5] * 6,
    "exp_range": [0.5**step for step in range(12)],
}


@pytest.mark.parametrize("mode", SCALES)
def test_triangles(mode: Any) -> None:
    heights = [height * scale for height, scale in zip(TRIANGLES, SCALES[mode], strict=True)]
    for name, expected in {
        "lr": [1.0 + 4.0 * height for height in heights],
        "momentum": [0.9 - 0.1 * height for height in heights],
    }.items():
        optimizer = sgd(77.0)
        scheduler = CyclicLR(optimizer, 1.0, 5.0, 2, 4, mode=mode, gamma=0.5)
        assert schedule(scheduler, 12, name) == close(expected)


def test_down_as_long_as_up() -> None:
    scheduler = CyclicLR(sgd(77.0), 0.0, 1.0, step_size_up=2)
    assert schedule(scheduler, 6) == [0.0, 0.5, 1.0, 0.5, 0.0, 0.5]
    scheduler = CyclicLR(sgd(77.0), 0.0, 2000.0)
    assert schedule(scheduler, 3) == close([0.0, 1.0, 2.0])


def test_bounds_of_each_group() -> None:
    scheduler = CyclicLR(
        sgd(7.0, 7.0), [1.0, 2.0], (3.0, 6.0), 2, base_momentum=[0.5, 0.0], max_momentum=(0.75, 1)
    )
    assert scheduler.base_lrs == [1.0, 2.0] == scheduler.get_last_lr()
    assert (scheduler.base_momentums, scheduler.max_momentums) == ([0.5, 0.0], [0.75, 1])
    schedule(scheduler, 1)
    groups = scheduler.optimizer.param_groups
    assert [group["lr"] for group in groups] == [2.0, 4.0]
    assert [group["momentum"] for group in groups] == [0.625, 0.5]
    assert [group["max_momentum"] for group in groups] == [0.75, 1]


@pytest.mark.parametrize(
    ("scale_mode", "scales"),
    [("cycle", [0.5, 0.5, 0.5, 0.25, 0.25]), ("iterations", [1, 0.5, 0.25, 0.125, 0.0625])],
)
def test_a_scale_of_ones_own(scale_mode: Any, scales: list[float]) -> None:
    scheduler = CyclicLR(
        sgd(77.0), 0.0, 1.0, 1, 2, mode="own", scale_fn=Falling(0.5), scale_mode=scale_mode
    )
    heights = [0.0, 1.0, 0.5, 0.0, 1.0]
    expected = [height * scale for height, scale in zip(heights, scales, strict=True)]
    assert schedule(scheduler, 5) == close(expected)
    assert scheduler.scale_fn(3) == 0.125


def test_the_momentum_may_be_left_alone() -> None:
    scheduler = CyclicLR(sgd(1.0, momentum=0.3), 0.1, 0.2, 2, cycle_momentum=False)
    assert schedule(scheduler, 3, "momentum") == [0.3] * 3
    assert "max_momentum" not in scheduler.optimizer.param_groups[0]


def test_the_first_beta_is_the_momentum() -> None:
    scheduler = CyclicLR(Betas(1.0), 0.1, 0.2, 2, base_momentum=0.5, max_momentum=0.75)
    assert schedule(scheduler, 3, "betas") == [(0.75, 0.999), (0.625, 0.999), (0.5, 0.999)]


def test_a_cycle_that_continues() -> None:
    optimizer = sgd(1.0, momentum=0.3)
    first = CyclicLR(optimizer, 0.0, 1.0, 2)
    schedule(first, 2)
    second = CyclicLR(optimizer, 0.0, 1.0, 2, last_epoch=2)
    assert schedule(second, 3) == [0.5, 0.0, 0.5]


def test_a_cycle_goes_from_its_base_whatever_was_initial() -> None:
    optimizer = sgd(1.0)
    ExponentialLR(optimizer, 0.5)
    scheduler = CyclicLR(optimizer, 0.0, 4.0, 2)
    assert scheduler.base_lrs == [0.0]
    assert schedule(scheduler, 4)[1:] == [2.0, 4.0, 2.0]


def test_a_state_dict_of_cycles() -> None:
    first = CyclicLR(sgd(1.0), 0.0, 1.0, 2, mode="exp_range", gamma=0.5)
    schedule(first, 3)
    saved = first.state_dict()
    assert saved["_scale_fn_custom"] is None
    second = CyclicLR(sgd(1.0), 0.0, 9.0, 7)
    second.load_state_dict(saved)
    second.optimizer.load_state_dict(first.optimizer.state_dict())
    second.load_state_dict(saved)  # a state dict may be loaded again
    assert (second.mode, second.scale_mode) == ("exp_range", "iterations")
    assert schedule(second, 4) == schedule(first, 4)


def test_a_scale_that_is_an_object_is_saved() -> None:
    first = CyclicLR(sgd(1.0), 0.0, 1.0, 2, scale_fn=Falling(0.5))
    scale = Falling(0.25)
    second = CyclicLR(sgd(1.0), 0.0, 1.0, 2, scale_fn=scale)
    saved = first.state_dict()
    assert saved["_scale_fn_custom"] == {"rate": 0.5}
    second.load_state_dict(saved)
    assert scale.rate == 0.5
    function = CyclicLR(sgd(1.0), 0.0, 1.0, 2, scale_fn=lambda x: x)
    assert function.state_dict()["_scale_fn_custom"] is None
    function.load_state_dict(function.state_dict())
    assert function.scale_fn(3) == 3


# -- one cycle ----------------------------------------------------------------------------


def test_one_cycle_in_two_phases() -> None:
    options: Any = {"max_lr": 8.0, "total_steps": 9, "pct_start": 1 / 3, "div_factor": 4}
    for strategy, rates in {
        "linear": [2.0, 5.0, 8.0, 41 / 6, 34 / 6, 27 / 6, 20 / 6, 13 / 6, 1.0],
        "cos": [
            2.0,
            5.0,
            8.0,
            4.5 + 3.5 * 3**0.5 / 2,
            6.25,
            4.5,
            2.75,
            4.5 - 3.5 * 3**0.5 / 2,
            1.0,
        ],
    }.items():
        scheduler = OneCycleLR(sgd(77.0), **options, final_div_factor=2, anneal_strategy=strategy)
        assert schedule(scheduler, 9) == close(rates)
    scheduler = OneCycleLR(
        sgd(77.0), **options, anneal_strategy="linear", base_momentum=0.5, max_momentum=1.1
    )
    momenta = [1.1, 0.8, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1]
    assert schedule(scheduler, 9, "momentum") == close(momenta)


def test_one_cycle_in_three_phases() -> None:
    options: Any = {
        "max_lr": 8.0, "epochs": 2, "steps_per_epoch": 5, "pct_start": 0.4, "div_factor": 4,
        "final_div_factor": 4, "anneal_strategy": "linear", "three_phase": True,
    }  # fmt: skip
    scheduler = OneCycleLR(sgd(77.0), **options)
    assert scheduler.total_steps == 10
    assert schedule(scheduler, 10) == close([2, 4, 6, 8, 6, 4, 2, 1.5, 1.0, 0.5])
    scheduler = OneCycleLR(sgd(77.0), **options, base_momentum=0.6, max_momentum=0.9)
    momenta = [0.9, 0.8, 0.7, 0.6, 0.7, 0.8, 0.9, 0.9, 0.9, 0.9]
    assert schedule(scheduler, 10, "momentum") == close(momenta)


def test_one_cycle_by_default() -> None:
    scheduler = OneCycleLR(sgd(77.0), max_lr=1.0, total_steps=10)
    group = scheduler.optimizer.param_groups[0]
    assert (group["initial_lr"], group["max_lr"], group["min_lr"]) == (0.04, 1.0, 0.04 / 1e4)
    assert (group["max_momentum"], group["base_momentum"]) == (0.95, 0.85)
    rates = schedule(scheduler, 10)
    assert [rates[0], rates[2], rates[9]] == close([0.04, 1.0, 4e-6])


def test_one_cycle_of_one_step_ends_where_it_begins() -> None:
    scheduler = OneCycleLR(sgd(77.0), max_lr=1.0, total_steps=1, div_factor=4, final_div_factor=2)
    assert scheduler.get_last_lr() == close([0.125])


def test_one_cycle_of_each_group() -> None:
    scheduler = OneCycleLR(
        sgd(7.0, 7.0), [1.0, 2.0], 10, base_momentum=(0.5, 0.0), max_momentum=[0.75, 1]
    )
    assert [option(scheduler, "max_lr", group) for group in (0, 1)] == [1.0, 2.0]
    assert [option(scheduler, "momentum", group) for group in (0, 1)] == [0.75, 1]
    assert [option(scheduler, "base_momentum", group) for group in (0, 1)] == [0.5, 0.0]


def test_one_cycle_without_momentum_and_with_betas() -> None:
    scheduler = OneCycleLR(sgd(1.0, momentum=0.3), 1.0, 10, cycle_momentum=False)
    assert schedule(scheduler, 5, "momentum") == [0.3] * 5
    scheduler = OneCycleLR(Betas(1.0), 1.0, 10, base_momentum=0.5, max_momentum=0.75)
    assert schedule(scheduler, 3, "betas")[::2] == [(0.75, 0.999), (0.5, 0.999)]


def test_one_cycle_that_continues() -> None:
    optimizer = sgd(1.0)
    options: Any = {"max_lr": 1.0, "total_steps": 11, "pct_start": 1.0, "anneal_strategy": "linear"}
    first = OneCycleLR(optimizer, **options, div_factor=2)
    assert schedule(first, 3) == close([0.5, 0.55, 0.6])
    second = OneCycleLR(optimizer, **options, last_epoch=3)
    assert schedule(second, 2) == close([0.7, 0.75])


def test_more_steps_than_announced_are_refused() -> None:
    scheduler = OneCycleLR(sgd(1.0), 1.0, total_steps=3)
    schedule(scheduler, 3)  # the step after the last one is still allowed
    group = copy.copy(scheduler.optimizer.param_groups[0])
    with pytest.raises(ValueError, match=r"has 3 steps, but this is step 4"):
        scheduler.step()
    assert scheduler.optimizer.param_groups[0] == group


# -- errors -------------------------------------------------------------------------------


class Plain(Optimizer):
    """Without momentum or betas."""

    def __init__(self) -> None:
        super().__init__([weight()], {"lr": 1.0})


WRONG: list[tuple[type[Exception], str, Any]] = [
    (ValueError, "mode", lambda o: CyclicLR(o, 0.1, 0.2, mode="square")),  # type: ignore[arg-type]
    (ValueError, "base_lr", lambda o: CyclicLR(o, [0.1] * 2, 0.2)),
    (ValueError, "max_lr", lambda o: CyclicLR(o, 0.1, [0.2] * 2)),
    (ValueError, "base_momentum", lambda o: CyclicLR(o, 0.1, 0.2, base_momentum=[0.1] * 2)),
    (ValueError, "max_momentum", lambda o: CyclicLR(o, 0.1, 0.2, max_momentum=[0.1] * 2)),
    (ValueError, "give either total_steps", lambda o: OneCycleLR(o, 0.1)),
    (ValueError, "give either total_steps", lambda o: OneCycleLR(o, 0.1, steps_per_epoch=3)),
    (ValueError, "total_steps must be", lambda o: OneCycleLR(o, 0.1, 0)),
    (ValueError, "total_steps must be", lambda o: OneCycleLR(o, 0.1, 2.5)),  # type: ignore[arg-type]
    (ValueError, "epochs must be", lambda o: OneCycleLR(o, 0.1, None, -1, 3)),
    (ValueError, "steps_per_epoch must be", lambda o: OneCycleLR(o, 0.1, None, 3, 0)),
    (ValueError, "pct_start must be", lambda o: OneCycleLR(o, 0.1, 10, pct_start=1.5)),
    (ValueError, "pct_start must be", lambda o: OneCycleLR(o, 0.1, 10, pct_start=1)),
    (ZeroDivisionError, "pct_start", lambda o: OneCycleLR(o, 0.1, 10, pct_start=0.1)),
    (ValueError, "anneal_strategy", lambda o: OneCycleLR(o, 0.1, 10, anneal_strategy="sine")),  # type: ignore[arg-type]
    (ValueError, "max_lr", lambda o: OneCycleLR(o, [0.1] * 2, 10)),
    (ValueError, "base_momentum", lambda o: OneCycleLR(o, 0.1, 10, base_momentum=[0.1] * 2)),
    (ValueError, "max_momentum", lambda o: OneCycleLR(o, 0.1, 10, max_momentum=[0.1] * 2)),
]


@pytest.mark.parametrize(("kind", "message", "make"), WRONG)
def test_wrong_options_are_refused_and_change_nothing(
    kind: type[Exception], message: str, make: Any
) -> None:
    optimizer = sgd(1.0)
    group = copy.copy(optimizer.param_groups[0])
    with pytest.raises(kind, match=message):
        make(optimizer)
    assert optimizer.param_groups[0] == group


def test_an_optimizer_without_momentum_is_refused() -> None:
    for make in (
        lambda o, **k: CyclicLR(o, 0.1, 0.2, **k),
        lambda o, **k: OneCycleLR(o, 1, 9, **k),
    ):
        optimizer = Plain()
        group = copy.copy(optimizer.param_groups[0])
        with pytest.raises(ValueError, match=r"must support momentum.*Plain.*cycle_momentum=False"):
            make(optimizer)
        assert optimizer.param_groups[0] == group
        make(optimizer, cycle_momentum=False)
