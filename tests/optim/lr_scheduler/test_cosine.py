"""Along the cosine: at the angles whose cosine everybody knows."""

from __future__ import annotations

import math
from typing import Any

import pytest

from minitorch.optim.lr_scheduler import CosineAnnealingLR, CosineAnnealingWarmRestarts
from tests.optim.lr_scheduler.training import schedule, sgd

# ½ (1 + cos x) at 0°, 30°, ..., 180°.
HALF_WAVE = [
    1.0,
    0.5 + math.sqrt(3) / 4,
    0.75,
    0.5,
    0.25,
    0.5 - math.sqrt(3) / 4,
    0.0,
]


def between(low: float, high: float, heights: list[float]) -> Any:
    return pytest.approx([low + (high - low) * height for height in heights], rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("eta_min", [0.0, 0.5, 3.0])
def test_down_and_up_again(eta_min: float) -> None:
    wave = HALF_WAVE + HALF_WAVE[-2:0:-1]
    scheduler = CosineAnnealingLR(sgd(2.0), T_max=6, eta_min=eta_min)
    assert schedule(scheduler, 30) == between(eta_min, 2.0, (wave * 3)[:30])


def test_each_group_from_its_own_learning_rate() -> None:
    scheduler = CosineAnnealingLR(sgd(2.0, 5.0), T_max=6, eta_min=1.0)
    assert schedule(scheduler, 7, group=1) == between(1.0, 5.0, HALF_WAVE)


@pytest.mark.filterwarnings("ignore:The epoch parameter:UserWarning")
def test_jumps_along_the_cosine() -> None:
    scheduler = CosineAnnealingLR(sgd(2.0), T_max=6, eta_min=0.5)
    scheduler.optimizer.step()
    found = []
    for epoch in (6, 3, 0, 12, 4):
        scheduler.step(epoch)
        found += scheduler.get_last_lr()
    assert found == between(0.5, 2.0, [0.0, 0.5, 1.0, 1.0, 0.25])


def test_the_cosine_is_chainable() -> None:
    scheduler = CosineAnnealingLR(sgd(2.0), T_max=6)
    schedule(scheduler, 2)
    scheduler.optimizer.param_groups[0]["lr"] /= 2
    assert schedule(scheduler, 5) == between(0.0, 1.0, HALF_WAVE[2:])


def test_a_scheduler_made_to_continue_computes_from_the_start() -> None:
    optimizer = sgd(2.0)
    optimizer.param_groups[0]["initial_lr"] = 2.0
    optimizer.param_groups[0]["lr"] = 77.0
    scheduler = CosineAnnealingLR(optimizer, T_max=6, last_epoch=3)
    assert optimizer.param_groups[0]["lr"] == 77.0
    with pytest.warns(UserWarning, match="get_last_lr"):
        assert scheduler.get_lr() == between(0.0, 2.0, [0.25])


@pytest.mark.parametrize("eta_min", [0.0, 1])
def test_warm_restarts(eta_min: float) -> None:
    scheduler = CosineAnnealingWarmRestarts(sgd(2.0), T_0=6, eta_min=eta_min)
    assert schedule(scheduler, 14) == between(
        eta_min, 2.0, HALF_WAVE[:6] + HALF_WAVE[:6] + HALF_WAVE[:2]
    )


def test_longer_and_longer_between_restarts() -> None:
    scheduler = CosineAnnealingWarmRestarts(sgd(2.0), T_0=3, T_mult=2)
    first, second = HALF_WAVE[0:6:2], HALF_WAVE[:6]
    third = [0.5 + 0.5 * math.cos(math.pi * k / 12) for k in range(12)]
    assert schedule(scheduler, 22) == between(0.0, 2.0, [*first, *second, *third, 1.0])
    assert (scheduler.T_i, scheduler.T_cur, scheduler.last_epoch) == (24, 1, 22)


# After 3, 3 + 6, 3 + 6 + 12 epochs it starts again.
@pytest.mark.parametrize(
    ("epoch", "since", "period"),
    [
        (0, 0, 3),
        (1.5, 1.5, 3),
        (2.5, 2.5, 3),
        (3, 0, 6),
        (6, 3, 6),
        (9, 0, 12),
        (20.5, 11.5, 12),
        (22, 1, 24),
    ],
)
def test_any_time(epoch: float, since: float, period: int) -> None:
    scheduler = CosineAnnealingWarmRestarts(sgd(2.0), T_0=3, T_mult=2)
    scheduler.step(10)
    scheduler.step(epoch)
    assert (scheduler.T_cur, scheduler.T_i) == (since, period)
    assert scheduler.last_epoch == math.floor(epoch)
    height = 0.5 + 0.5 * math.cos(math.pi * since / period)
    assert scheduler.get_last_lr() == between(0.0, 2.0, [height])


def test_any_time_between_equal_restarts() -> None:
    scheduler = CosineAnnealingWarmRestarts(sgd(2.0), T_0=6)
    scheduler.step(15.0)
    assert scheduler.get_last_lr() == between(0.0, 2.0, [0.5])
    assert (scheduler.T_cur, scheduler.T_i, scheduler.last_epoch) == (3.0, 6, 15)


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"T_0": 0}, "T_0"),
        ({"T_0": 2.0}, "T_0"),
        ({"T_0": 2, "T_mult": 0}, "T_mult"),
        ({"T_0": 2, "T_mult": 1.5}, "T_mult"),
        ({"T_0": 2, "eta_min": "low"}, "eta_min"),
    ],
)
def test_wrong_restarts_are_refused(options: Any, name: str) -> None:
    optimizer = sgd(1.0)
    with pytest.raises(ValueError, match=f"^{name} must be"):
        CosineAnnealingWarmRestarts(optimizer, **options)
    assert "initial_lr" not in optimizer.param_groups[0]


def test_a_negative_time_is_refused() -> None:
    scheduler = CosineAnnealingWarmRestarts(sgd(2.0), T_0=3)
    scheduler.step(1)
    before = scheduler.state_dict()
    with pytest.raises(ValueError, match=r"epoch must not be negative, but got -1"):
        scheduler.step(-1)
    assert scheduler.state_dict() == before
