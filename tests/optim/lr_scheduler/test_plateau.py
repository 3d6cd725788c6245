"""Reducing the learning rate when a metric stays where it is."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import minitorch
from minitorch.optim.lr_scheduler import ReduceLROnPlateau
from tests.optim.lr_scheduler.training import sgd, weight


def rates(scheduler: Any, metrics: Any) -> list[Any]:
    """The first group's learning rate after each metric."""
    values = []
    for metric in metrics:
        scheduler.step(metric)
        values.append(scheduler.get_last_lr()[0])
    return values


def test_patience() -> None:
    scheduler = ReduceLROnPlateau(sgd(1.0), factor=0.5, patience=2)
    assert rates(scheduler, [5.0] * 8) == [1.0, 1.0, 1.0, 0.5, 0.5, 0.5, 0.25, 0.25]
    assert (scheduler.best, scheduler.num_bad_epochs, scheduler.last_epoch) == (5.0, 1, 8)


def test_defaults() -> None:
    scheduler = ReduceLROnPlateau(sgd(1.0))
    assert rates(scheduler, [5.0] * 12) == [1.0] * 11 + [0.1]


def test_an_improvement_starts_the_count_anew() -> None:
    scheduler = ReduceLROnPlateau(sgd(1.0), factor=0.5, patience=1)
    assert rates(scheduler, [5.0, 6.0, 4.0, 5.0, 3.0, 3.0, 3.0]) == [1.0] * 6 + [0.5]


# A metric that is just not enough better, and one that is.
@pytest.mark.parametrize(
    ("mode", "threshold_mode", "first", "bad", "good"),
    [
        ("min", "rel", 8.0, 6.0, 5.9),
        ("min", "abs", 8.0, 7.75, 7.7),
        ("max", "rel", 8.0, 10.0, 10.1),
        ("max", "abs", 8.0, 8.25, 8.3),
    ],
)
def test_thresholds(mode: Any, threshold_mode: Any, first: float, bad: float, good: float) -> None:
    scheduler = ReduceLROnPlateau(
        sgd(1.0), mode, 0.5, patience=0, threshold=0.25, threshold_mode=threshold_mode
    )
    assert scheduler.best == (math.inf if mode == "min" else -math.inf)
    assert rates(scheduler, [first, bad, good]) == [1.0, 0.5, 0.5]
    assert scheduler.best == good


def test_cooldown() -> None:
    scheduler = ReduceLROnPlateau(sgd(1.0), factor=0.5, patience=1, cooldown=2)
    # Good, two bad, two that are not counted, two bad.
    assert rates(scheduler, [5.0] * 7) == [1.0, 1.0, 0.5, 0.5, 0.5, 0.5, 0.25]
    assert scheduler.in_cooldown
    rates(scheduler, [5.0] * 2)
    assert not scheduler.in_cooldown


def test_least_learning_rates() -> None:
    scheduler = ReduceLROnPlateau(sgd(1.0, 1.0, 1.0), factor=0.5, patience=0, min_lr=[0.0, 0.7, 2])
    rates(scheduler, [5.0] * 3)
    assert scheduler.get_last_lr() == [0.25, 0.7, 1.0]
    scheduler = ReduceLROnPlateau(sgd(1.0), factor=0.5, patience=0, min_lr=0.3)
    assert rates(scheduler, [5.0] * 4) == [1.0, 0.5, 0.3, 0.3]


def test_too_small_a_difference_is_not_made() -> None:
    scheduler = ReduceLROnPlateau(sgd(1.0), factor=0.5, patience=0, eps=0.3)
    assert rates(scheduler, [5.0] * 4) == [1.0, 0.5, 0.5, 0.5]
    scheduler = ReduceLROnPlateau(sgd(1.0), factor=0.5, patience=0, eps=0.25)
    assert rates(scheduler, [5.0] * 4) == [1.0, 0.5, 0.5, 0.5]


def test_numbered_epochs() -> None:
    scheduler = ReduceLROnPlateau(sgd(1.0))
    assert (scheduler.get_last_lr(), scheduler.num_bad_epochs) == ([1.0], 0)
    with pytest.warns(UserWarning, match="^The epoch parameter") as caught:
        scheduler.step(5.0, 7)
    assert caught[0].filename == __file__
    scheduler.step(5.0)
    assert scheduler.last_epoch == 8


def test_a_learning_rate_that_is_a_tensor() -> None:
    rate = minitorch.tensor(np.array(1.0, np.float32))
    scheduler = ReduceLROnPlateau(sgd(rate), factor=0.5, patience=0)
    found = rates(scheduler, [minitorch.tensor(5.0), np.float32(5.0), minitorch.tensor([5.0])])
    assert [value.item() for value in found] == [1.0, 0.5, 0.25]
    assert scheduler.optimizer.param_groups[0]["lr"] is rate
    assert rate.item() == 0.25


def test_nan_is_never_better() -> None:
    scheduler = ReduceLROnPlateau(sgd(1.0), factor=0.5, patience=0)
    assert rates(scheduler, [math.nan, 5.0, math.nan]) == [0.5, 0.5, 0.25]


def test_groups_added_later() -> None:
    for min_lr in (0.25, [0.25]):
        scheduler = ReduceLROnPlateau(sgd(1.0), factor=0.5, patience=1, min_lr=min_lr)
        scheduler.optimizer.add_param_group({"params": weight(), "lr": 0.3})
        rates(scheduler, [5.0, 5.0])
        if min_lr == 0.25:
            scheduler.step(5.0)
        else:
            with pytest.raises(RuntimeError, match=r"min_lr had 1 values.* 2 parameter groups"):
                scheduler.step(5.0)
            scheduler.min_lrs = [0.25, 0.25]
            scheduler.step(5.0)
        assert scheduler.get_last_lr() == [0.5, 0.25]


def test_saving_and_loading() -> None:
    first = ReduceLROnPlateau(sgd(1.0), "max", 0.5, patience=2)
    rates(first, [5.0, 4.0, 4.0])
    second = ReduceLROnPlateau(sgd(1.0))
    saved = first.state_dict()
    assert (saved["best"], saved["num_bad_epochs"], saved["mode_worse"]) == (5.0, 2, -math.inf)
    second.load_state_dict(saved)
    assert rates(second, [4.0]) == [0.5]
    saved = {**saved, "mode": "least"}
    with pytest.raises(ValueError, match="mode must be"):
        second.load_state_dict(saved)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"factor": 1.0}, "^factor must be less than 1"),
        ({"mode": "least"}, "^mode must be 'min' or 'max', but got 'least'"),
        ({"threshold_mode": "relative"}, "^threshold_mode must be 'rel' or 'abs'"),
        ({"min_lr": [0.1, 0.2]}, "^min_lr .* 1 parameter groups, but got 2"),
    ],
)
def test_wrong_options_are_refused(options: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ReduceLROnPlateau(sgd(1.0), **options)
    with pytest.raises(TypeError, match="is not an Optimizer"):
        ReduceLROnPlateau(None)  # type: ignore[arg-type]
