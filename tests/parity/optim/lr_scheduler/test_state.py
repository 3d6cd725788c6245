"""State dicts beside PyTorch's: the same, and each library goes on with the other's."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
import torch

import minitorch
from tests.parity.optim.lr_scheduler.cases import (
    CASES,
    ONE_OF_EACH,
    Decay,
    advance,
    exact,
    groups,
    sgd,
    wave,
)
from tests.parity.side_by_side import LIBRARIES, outcome, side_by_side


def make(library: Any, name: str) -> tuple[Any, Any]:
    optimizer = sgd(library)
    return optimizer, CASES[name](library, optimizer)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("steps", [0, 17])
def test_each_library_continues_from_the_other(name: str, steps: int) -> None:
    made = {library: make(library, name) for library in LIBRARIES}
    for pair in made.values():
        advance(*pair, range(steps))
    ours, theirs = (exact(made[library][1].state_dict()) for library in LIBRARIES)
    assert list(ours.items()) == list(theirs.items())
    logs = []
    for source in LIBRARIES:
        optimizer, scheduler = made[source]
        saved = copy.deepcopy((optimizer.state_dict(), scheduler.state_dict()))
        for target in LIBRARIES:
            new_optimizer, new_scheduler = make(target, name)
            new_optimizer.step()
            new_optimizer.load_state_dict(saved[0])
            new_scheduler.load_state_dict(copy.deepcopy(saved[1]))
            assert exact(new_scheduler.state_dict()) == exact(saved[1])
            log = advance(new_optimizer, new_scheduler, range(steps, steps + 30))
            logs.append([log, exact(new_scheduler.state_dict())])
    straight = advance(*made[torch], range(steps, steps + 30))
    assert straight == logs[0][0]
    assert logs[0] == logs[1] == logs[2] == logs[3]


@side_by_side
def test_callable_objects_are_saved_and_functions_are_not(torch: Any) -> Any:
    schedulers = torch.optim.lr_scheduler
    log = []
    for build in (
        lambda rate: schedulers.LambdaLR(sgd(torch), [Decay(rate), wave, Decay(2 * rate)]),
        lambda rate: schedulers.MultiplicativeLR(sgd(torch), [Decay(rate), wave, lambda t: rate]),
        lambda rate: schedulers.CyclicLR(sgd(torch), 0.1, 0.5, 3, scale_fn=Decay(rate)),
        lambda rate: schedulers.CyclicLR(sgd(torch), 0.1, 0.5, 3, scale_fn=lambda t: rate),
    ):
        first, second = build(0.5), build(0.125)
        log.append(exact(first.state_dict()))
        second.load_state_dict(copy.deepcopy(first.state_dict()))
        log.append(exact(second.state_dict()))
        log.append(advance(second.optimizer, second, range(20)))
        first.state_dict().clear()  # the scheduler's own attributes stay
        log.append(exact(first.state_dict()))
    return log


@side_by_side
def test_a_mode_that_was_loaded_counts(torch: Any) -> Any:
    schedulers = torch.optim.lr_scheduler
    log = []
    modes = [
        {"mode": "exp_range", "gamma": 0.9},
        {"mode": "triangular2"},
        {"scale_fn": lambda x: 0.5, "scale_mode": "iterations"},
    ]
    for source in modes:
        for target in modes:
            first = schedulers.CyclicLR(sgd(torch), 0.1, 0.5, 3, **source)
            second = schedulers.CyclicLR(sgd(torch), 0.1, 0.9, 5, **target)
            second.load_state_dict(first.state_dict())
            log.append(advance(second.optimizer, second, range(20)))
            log.append(exact(second.state_dict()))
    rising = schedulers.ReduceLROnPlateau(sgd(torch), mode="max", patience=1)
    falling = schedulers.ReduceLROnPlateau(sgd(torch), threshold_mode="abs")
    falling.load_state_dict(rising.state_dict())
    return log, advance(falling.optimizer, falling, range(40)), exact(falling.state_dict())


# -- copies -------------------------------------------------------------------------------


def by_pickle(value: Any) -> Any:
    return pickle.loads(pickle.dumps(value))


# In PyTorch, a scheduler that was copied before its second step takes the copied optimizer for one
# whose `step` was replaced.
@pytest.mark.filterwarnings("ignore:Seems like `optimizer.step... has been overridden:UserWarning")
@pytest.mark.parametrize("name", ONE_OF_EACH)
@pytest.mark.parametrize("duplicate", [copy.deepcopy, by_pickle])
@side_by_side
def test_a_copied_scheduler_has_an_optimizer_of_its_own(
    torch: Any, duplicate: Any, name: str
) -> Any:
    optimizer, scheduler = make(torch, name)
    advance(optimizer, scheduler, range(5))
    twin = outcome(duplicate, scheduler)  # functions inside functions cannot be pickled
    if isinstance(twin, Exception):
        return twin
    log = advance(twin.optimizer, twin, range(20))
    return log, groups(optimizer), groups(twin.optimizer), exact(twin.state_dict())


@pytest.mark.parametrize("duplicate", [copy.deepcopy, by_pickle])
@side_by_side
def test_a_copied_optimizer_leaves_its_scheduler_behind(torch: Any, duplicate: Any) -> Any:
    optimizer = sgd(torch)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.5)
    twin = duplicate(optimizer)
    twin.step()  # this is not a step of the original
    log = [hasattr(optimizer, "_opt_called"), hasattr(twin, "_opt_called")]
    advance(optimizer, scheduler, range(2))
    again = torch.optim.lr_scheduler.ExponentialLR(twin, 0.25)
    return log, groups(optimizer), advance(twin, again, range(3)), groups(optimizer)


def test_minitorchs_optimizer_takes_pytorchs_groups_with_a_schedule() -> None:
    theirs, ours = sgd(torch), sgd(minitorch)
    torch.optim.lr_scheduler.OneCycleLR(theirs, 0.5, total_steps=50)
    ours.load_state_dict(theirs.state_dict())
    assert groups(ours) == groups(theirs)
