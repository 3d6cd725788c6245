"""Schedulers made of schedulers."""

from __future__ import annotations

from typing import Any

import pytest

from minitorch.optim.lr_scheduler import (
    ChainedScheduler,
    ConstantLR,
    ExponentialLR,
    LambdaLR,
    LinearLR,
    MultiplicativeLR,
    ReduceLROnPlateau,
    SequentialLR,
    StepLR,
)
from tests.optim.lr_scheduler.training import option, schedule, sgd


def parts(optimizer: Any) -> list[Any]:
    return [
        LinearLR(optimizer, start_factor=0.25, total_iters=3),
        ExponentialLR(optimizer, gamma=0.5),
        LambdaLR(optimizer, lambda epoch: 1 + epoch),
    ]


# -- one after another --------------------------------------------------------------------


def test_each_from_its_milestone_on() -> None:
    optimizer = sgd(4.0, 8.0)
    scheduler = SequentialLR(optimizer, parts(optimizer), milestones=[2, 5])
    assert schedule(scheduler, 8) == [1.0, 2.0, 4.0, 2.0, 1.0, 4.0, 8.0, 12.0]
    assert scheduler.last_epoch == 8
    assert scheduler.get_last_lr() == [16.0, 32.0]


def test_a_sequence_of_one() -> None:
    optimizer = sgd(4.0)
    scheduler = SequentialLR(optimizer, [ConstantLR(optimizer, 0.25, 2)], milestones=[])
    assert scheduler.get_last_lr() == [1.0]
    assert schedule(scheduler, 3) == [1.0, 1.0, 4.0]


def test_a_schedule_without_closed_form_goes_on_from_there() -> None:
    optimizer = sgd(4.0)
    halving = MultiplicativeLR(optimizer, lambda epoch: 0.5)
    scheduler = SequentialLR(optimizer, [ConstantLR(optimizer, 0.25, 9), halving], milestones=[2])
    assert schedule(scheduler, 5) == [1.0, 1.0, 0.5, 0.25, 0.125]


def test_a_sequence_may_begin_later() -> None:
    optimizer = sgd(4.0)
    scheduler = SequentialLR(optimizer, parts(optimizer)[1:], milestones=[2], last_epoch=0)
    assert scheduler.last_epoch == 1
    assert schedule(scheduler, 3) == [4.0, 4.0, 8.0]


def test_that_the_schedulers_were_made_is_undone() -> None:
    optimizer = sgd(4.0)
    made = [ConstantLR(optimizer, 0.5, 2), ConstantLR(optimizer, 0.25, 2)]
    assert option(made[0], "lr") == 0.5
    scheduler = SequentialLR(optimizer, made, [2])
    assert option(scheduler, "lr") == 2.0
    assert [each.last_epoch for each in made] == [0, -1]
    scheduler.recursive_undo()
    assert [each.last_epoch for each in made] == [-1, -2]
    scheduler.recursive_undo(made[1])
    assert [each.last_epoch for each in made] == [-1, -3]


# -- all at once --------------------------------------------------------------------------


def test_factors_multiply() -> None:
    optimizer = sgd(4.0, 8.0)
    warm_up = LinearLR(optimizer, start_factor=0.25, total_iters=3)
    scheduler = ChainedScheduler([warm_up, ExponentialLR(optimizer, gamma=0.5)])
    assert schedule(scheduler, 5) == pytest.approx([1.0, 1.0, 0.75, 0.5, 0.25], rel=1e-14)
    assert scheduler.get_last_lr() == pytest.approx([0.125, 0.25], rel=1e-14)
    assert scheduler.optimizer is optimizer


def test_a_chain_of_sequences() -> None:
    optimizer = sgd(4.0)
    sequence = SequentialLR(optimizer, parts(optimizer)[:2], milestones=[3])
    scheduler = ChainedScheduler((sequence, StepLR(optimizer, 2, 0.5)), optimizer)
    # The sequence starts its second part at the initial learning rate, whatever the chain did.
    assert schedule(scheduler, 6) == pytest.approx([1.0, 2.0, 1.5, 4.0, 1.0, 0.5], rel=1e-14)


# -- saving -------------------------------------------------------------------------------


def composites(optimizer: Any) -> list[Any]:
    sequence = SequentialLR(optimizer, parts(optimizer), milestones=[2, 5])
    return [sequence, ChainedScheduler([sequence, StepLR(optimizer, 4, 0.5)])]


@pytest.mark.parametrize("index", [0, 1])
def test_state_dicts_contain_those_of_the_schedulers(index: int) -> None:
    first, second = (composites(sgd(4.0))[index] for _ in range(2))
    schedule(first, 3)
    saved = first.state_dict()
    assert "optimizer" not in saved
    assert saved["_schedulers"] == [each.state_dict() for each in first._schedulers]
    own = second._schedulers
    second.load_state_dict(saved)
    second.load_state_dict(saved)  # what was given is as before
    assert second._schedulers is own
    second.optimizer.load_state_dict(first.optimizer.state_dict())
    assert schedule(second, 5) == schedule(first, 5)


def test_loading_another_number_of_schedulers_changes_nothing() -> None:
    optimizer = sgd(4.0)
    scheduler = ChainedScheduler([StepLR(optimizer, 2)])
    saved = {**scheduler.state_dict(), "_last_lr": [77.0], "_schedulers": []}
    with pytest.raises(ValueError, match="has 0 schedulers, but the ChainedScheduler has 1"):
        scheduler.load_state_dict(saved)
    assert scheduler.get_last_lr() == [4.0]


# -- errors -------------------------------------------------------------------------------

WRONG: dict[str, tuple[type[Exception], str, Any]] = {
    "no schedulers": (ValueError, "at least one", lambda o, s: (o, [], [])),
    "no scheduler": (TypeError, "str at index 1", lambda o, s: (o, [s, "StepLR"], [3])),
    "a plateau": (
        ValueError,
        "`ReduceLROnPlateau`.* at index 1",
        lambda o, s: (o, [s, ReduceLROnPlateau(o)], [3]),
    ),
    "another optimizer": (
        ValueError,
        "same optimizer.* StepLR at index 1",
        lambda o, s: (o, [s, StepLR(sgd(1.0), 3)], [3]),
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_schedulers_are_refused(name: str) -> None:
    kind, message, arguments = WRONG[name]
    optimizer = sgd(4.0)
    step = ConstantLR(optimizer, 0.5)
    optimizer, schedulers, milestones = arguments(optimizer, step)
    with pytest.raises(kind, match=rf"SequentialLR.*{message}|{message}"):
        SequentialLR(optimizer, schedulers, milestones)
    with pytest.raises(kind, match=message):
        ChainedScheduler(schedulers)
    assert (step.last_epoch, option(step, "lr")) == (0, 2.0)


def test_milestones_have_to_fit() -> None:
    optimizer = sgd(4.0)
    with pytest.raises(ValueError, match="2 milestones for 2 schedulers"):
        SequentialLR(optimizer, parts(optimizer)[:2], [1, 2])


def test_a_composite_cannot_start_anew_at_a_milestone() -> None:
    optimizer = sgd(4.0)
    chain = ChainedScheduler([ExponentialLR(optimizer, 0.5)])
    scheduler = SequentialLR(optimizer, [StepLR(optimizer, 3), chain], [1])
    optimizer.step()
    with pytest.raises(NotImplementedError, match=r"ChainedScheduler .* at a milestone"):
        scheduler.step()
