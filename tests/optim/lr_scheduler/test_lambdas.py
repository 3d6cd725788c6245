"""Learning rates from functions."""

from __future__ import annotations

from typing import Any

import pytest

from minitorch.optim.lr_scheduler import LambdaLR, MultiplicativeLR
from tests.optim.lr_scheduler.training import Falling, schedule, sgd


def test_the_initial_learning_rate_times_the_function() -> None:
    scheduler = LambdaLR(sgd(3.0), lambda epoch: epoch * epoch + 1)
    assert schedule(scheduler, 4) == [3.0, 6.0, 15.0, 30.0]


def test_the_function_alone_decides() -> None:
    scheduler = LambdaLR(sgd(3.0), lambda epoch: epoch + 1)
    scheduler.optimizer.param_groups[0]["lr"] = 77.0
    assert schedule(scheduler, 3) == [77.0, 6.0, 9.0]


def test_the_previous_learning_rate_times_the_function() -> None:
    scheduler = MultiplicativeLR(sgd(3.0), lambda epoch: epoch + 1)
    assert schedule(scheduler, 4) == [3.0, 6.0, 18.0, 72.0]
    scheduler.optimizer.param_groups[0]["lr"] = 2.0
    assert schedule(scheduler, 2) == [2.0, 12.0]


@pytest.mark.parametrize("kind", [list, tuple])
def test_a_function_for_each_group(kind: Any) -> None:
    functions = kind([lambda epoch: 1 - epoch, lambda epoch: 2**epoch])
    first = LambdaLR(sgd(1.0, 3.0), functions)
    second = MultiplicativeLR(sgd(1.0, 3.0), functions)
    for _ in range(2):
        for scheduler in (first, second):
            scheduler.optimizer.step()
            scheduler.step()
    assert first.get_last_lr() == [-1.0, 12.0]
    assert second.get_last_lr() == [0.0, 24.0]
    assert isinstance(first.lr_lambdas, list)


@pytest.mark.parametrize("cls", [LambdaLR, MultiplicativeLR])
def test_wrong_functions_are_refused(cls: Any) -> None:
    optimizer = sgd(1.0, 2.0)
    with pytest.raises(ValueError, match=r"lr_lambda .* 2 parameter groups, but got 3"):
        cls(optimizer, [Falling(0.5)] * 3)
    with pytest.raises(TypeError, match=r"lr_lambda should be a function.* float"):
        cls(optimizer, 0.5)
    with pytest.raises(TypeError, match=r"lr_lambda .* NoneType"):
        cls(optimizer, [Falling(0.5), None])
    assert "initial_lr" not in optimizer.param_groups[0]


@pytest.mark.parametrize("cls", [LambdaLR, MultiplicativeLR])
def test_callable_objects_are_saved_and_functions_are_not(cls: Any) -> None:
    def half(epoch: int) -> float:
        return 0.5

    first, second = Falling(0.5), Falling(0.25)
    scheduler = cls(sgd(8.0, 8.0, 8.0), [first, half, abs])
    schedule(scheduler, 2)
    saved = scheduler.state_dict()
    assert saved["lr_lambdas"] == [{"rate": 0.5}, None, {}]
    assert list(saved)[-1] == "lr_lambdas"
    other = cls(sgd(8.0, 8.0, 8.0), [second, half, abs])
    other.load_state_dict(saved)
    assert second.rate == 0.5
    assert other.lr_lambdas == [second, half, abs]
    assert saved["lr_lambdas"] == [{"rate": 0.5}, None, {}]
    other.optimizer.load_state_dict(scheduler.optimizer.state_dict())
    assert schedule(other, 3) == schedule(scheduler, 3)


def test_loading_another_number_of_functions_changes_nothing() -> None:
    saved = LambdaLR(sgd(1.0, 2.0), [Falling(0.5), Falling(0.25)]).state_dict()
    function = Falling(0.125)
    scheduler = LambdaLR(sgd(1.0), function)
    with pytest.raises(ValueError, match="has 2 functions, but the LambdaLR has 1"):
        scheduler.load_state_dict(saved)
    assert (function.rate, scheduler.base_lrs) == (0.125, [1.0])
