"""Learning rates and momenta beside PyTorch's: the same numbers to the last bit."""

from __future__ import annotations

import warnings
from typing import Any

import pytest

import minitorch
from tests.parity.optim.lr_scheduler.cases import (
    CASES,
    LEARNING_RATES,
    ON_PLATEAU,
    ONE_OF_EACH,
    SINGLE,
    STEPS,
    advance,
    exact,
    groups,
    sgd,
    with_betas,
)
from tests.parity.side_by_side import outcome, side_by_side

CYCLIC = [name for name in SINGLE if name.startswith(("CyclicLR", "OneCycleLR"))]


def test_every_scheduler_is_in_the_table() -> None:
    schedulers = set(minitorch.optim.lr_scheduler.__all__)
    made = {name.split()[0] for name in CASES}
    assert schedulers - made == {"LRScheduler", "SequentialLR", "ChainedScheduler"}


@side_by_side
def test_the_same_names_are_exported(torch: Any) -> Any:
    return sorted(torch.optim.lr_scheduler.__all__)


@pytest.mark.parametrize("name", CASES)
@side_by_side
def test_many_steps(torch: Any, name: str) -> Any:
    optimizer = sgd(torch)
    scheduler = CASES[name](torch, optimizer)
    return groups(optimizer), scheduler.get_last_lr(), advance(optimizer, scheduler, range(STEPS))


@pytest.mark.parametrize("name", CYCLIC)
@side_by_side
def test_the_first_of_the_betas_is_the_momentum(torch: Any, name: str) -> Any:
    optimizer = with_betas(torch)
    scheduler = SINGLE[name](torch, optimizer)
    return groups(optimizer), advance(optimizer, scheduler, range(STEPS))


@pytest.mark.parametrize(
    ("name", "shape", "dtype"),
    [
        *((name, (), "float32") for name in CASES),
        *((name, (1,), "float64") for name in ONE_OF_EACH),
    ],
)
@side_by_side
def test_tensors_are_changed_in_place(torch: Any, name: str, shape: Any, dtype: str) -> Any:
    kind = getattr(torch, dtype)
    rates = [torch.full(shape, lr, dtype=kind) for lr in LEARNING_RATES]
    optimizer = sgd(torch, rates)
    scheduler = CASES[name](torch, optimizer)
    log = advance(optimizer, scheduler, range(STEPS))
    assert all(g["lr"] is lr for g, lr in zip(optimizer.param_groups, rates, strict=True))
    return log, exact(rates), exact(getattr(scheduler, "base_lrs", None))


@side_by_side
def test_learning_rates_that_were_got_do_not_change(torch: Any) -> Any:
    optimizer = sgd(torch, [torch.tensor(0.5)])
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.5)
    log = []
    for _ in range(3):
        optimizer.step()
        scheduler.step()
        log.append(scheduler.get_last_lr())
    return exact(log), exact(scheduler.base_lrs)


@pytest.mark.parametrize("name", ["CyclicLR", "OneCycleLR"])
@side_by_side
def test_bounds_that_are_tensors(torch: Any, name: str) -> Any:
    optimizer = sgd(torch, [torch.tensor(0.5), torch.tensor(0.25), torch.tensor(0.125)])
    schedulers = torch.optim.lr_scheduler
    if name == "CyclicLR":
        low = torch.tensor(0.1)
        scheduler = schedulers.CyclicLR(optimizer, low, [torch.tensor(1.0)] * 3, step_size_up=7)
        low.fill_(7.0)  # it has copies
    else:
        high = torch.tensor(0.7)
        scheduler = schedulers.OneCycleLR(optimizer, high, total_steps=130)
        high.fill_(7.0)
    return advance(optimizer, scheduler, range(STEPS))


# -- going on -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", SINGLE)
@pytest.mark.parametrize("start", [0, 36])
@side_by_side
def test_a_scheduler_made_to_continue(torch: Any, name: str, start: int) -> Any:
    optimizer = sgd(torch)
    first = SINGLE[name](torch, optimizer)
    advance(optimizer, first, range(start))
    second = SINGLE[name](torch, optimizer, last_epoch=first.last_epoch)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        restarted = outcome(second.get_lr)
    made = groups(optimizer), exact(restarted)
    return made, advance(optimizer, second, range(30)), exact(second.state_dict())


@pytest.mark.parametrize("name", sorted(set(ONE_OF_EACH) & set(SINGLE)))
@side_by_side
def test_initial_learning_rates_are_needed_to_continue(torch: Any, name: str) -> Any:
    return outcome(SINGLE[name], torch, sgd(torch), last_epoch=3)


@side_by_side
def test_an_initial_learning_rate_in_the_group_wins(torch: Any) -> Any:
    log = []
    for name in ONE_OF_EACH:
        optimizer = sgd(torch)
        optimizer.param_groups[1]["initial_lr"] = 5.0
        scheduler = CASES[name](torch, optimizer)
        log.append([name, groups(optimizer), advance(optimizer, scheduler, range(10))])
    return log


@pytest.mark.parametrize("name", SINGLE)
@side_by_side
def test_jumps_to_an_epoch(torch: Any, name: str) -> Any:
    optimizer = sgd(torch)
    scheduler = SINGLE[name](torch, optimizer)
    log = [hasattr(scheduler, "_get_closed_form_lr")]
    optimizer.step()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for epoch in [0, 1, 50, 7, 7, 100, 3, None, None]:
            scheduler.step(epoch)
            log.append([groups(optimizer), exact(scheduler.get_last_lr()), scheduler.last_epoch])
    log.append([(w.category, "epoch" in str(w.message)) for w in caught])
    return log


@pytest.mark.parametrize("keywords", [{"T_0": 3}, {"T_0": 3, "T_mult": 2}, {"T_0": 5, "T_mult": 3}])
@side_by_side
def test_warm_restarts_between_epochs(torch: Any, keywords: Any) -> Any:
    optimizer = sgd(torch)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(optimizer, **keywords)
    log = []
    for epoch in [*(k / 7 for k in range(300)), None, None, 2.5, 0, 40.75, None]:
        scheduler.step(epoch)
        log.append([groups(optimizer), exact(scheduler.state_dict())])
    return log


@pytest.mark.parametrize("name", ON_PLATEAU)
@side_by_side
def test_numbered_epochs_on_a_plateau(torch: Any, name: str) -> Any:
    optimizer = sgd(torch)
    scheduler = ON_PLATEAU[name](torch, optimizer)
    log = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for epoch in [3, 4, None, 9, 1]:
            scheduler.step(1.0, epoch)
            log.append([groups(optimizer), exact(scheduler.state_dict())])
    return log, [(w.category, "epoch" in str(w.message)) for w in caught]


@side_by_side
def test_metrics_of_several_kinds(torch: Any) -> Any:
    optimizer = sgd(torch)
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, patience=0)
    log = []
    for value in [torch.tensor(2.0), torch.tensor([1.5]), 1, True, float("nan"), float("inf")]:
        scheduler.step(value)
        log.append([groups(optimizer), exact(scheduler.state_dict()), scheduler.in_cooldown])
    return log, outcome(scheduler.step, "high"), outcome(scheduler.step, torch.ones(2))


# -- groups added later -------------------------------------------------------------------


@pytest.mark.parametrize("name", ONE_OF_EACH)
@side_by_side
def test_a_group_added_later(torch: Any, name: str) -> Any:
    optimizer = sgd(torch)
    scheduler = CASES[name](torch, optimizer)
    advance(optimizer, scheduler, range(3))
    group = {"params": torch.ones(1, requires_grad=True), "lr": 0.3, "momentum": 0.5}
    optimizer.add_param_group(group)
    results = []
    for time in range(3, 33):
        result = outcome(advance, optimizer, scheduler, [time])
        results.append(result)
        if isinstance(result, Exception):
            break
    return results


# -- on their own -------------------------------------------------------------------------


def quietly(call: Any) -> Any:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        value = outcome(call)
    return exact(value), [(w.category, "get_last_lr" in str(w.message)) for w in caught]


@pytest.mark.parametrize("name", ONE_OF_EACH)
@side_by_side
def test_computing_without_a_step(torch: Any, name: str) -> Any:
    optimizer = sgd(torch)
    scheduler = CASES[name](torch, optimizer)
    result = outcome(scheduler.get_lr)  # its warning is an error here
    if isinstance(result, NotImplementedError):
        return result
    first = quietly(scheduler.get_lr)
    advance(optimizer, scheduler, range(5))
    closed = getattr(scheduler, "_get_closed_form_lr", None)
    return result, first, quietly(scheduler.get_lr), closed and exact(closed())


@side_by_side
def test_the_scale_of_a_cycle(torch: Any) -> Any:
    log = []
    for keywords in (
        {"mode": "triangular"},
        {"mode": "triangular2"},
        {"mode": "exp_range", "gamma": 0.9},
        {"scale_fn": lambda x: x + 3},
    ):
        scheduler = torch.optim.lr_scheduler.CyclicLR(sgd(torch), 0.1, 0.2, **keywords)
        log.append([exact(scheduler.scale_fn(x)) for x in (1, 2, 7)])
    return log


@side_by_side
def test_a_scheduler_written_by_a_user(torch: Any) -> Any:
    schedulers = torch.optim.lr_scheduler

    class Noam(schedulers._LRScheduler):
        def __init__(self, optimizer: Any, warm_up: int, last_epoch: int = -1) -> None:
            self.warm_up = warm_up
            super().__init__(optimizer, last_epoch)

        def get_lr(self) -> Any:
            step = max(self.last_epoch, 1)
            return [lr * min(step**-0.5, step * self.warm_up**-1.5) for lr in self.base_lrs]

    class Half(schedulers.StepLR):
        def get_lr(self) -> Any:
            return [lr / 2 if self.last_epoch == 4 else lr for lr in super().get_lr()]

    class Generated(schedulers.LRScheduler):
        def get_lr(self) -> Any:
            return (lr * 0.5 for lr in self.base_lrs)

        def _get_closed_form_lr(self) -> Any:
            return [lr * 0.25 for lr in self.base_lrs]

    log = []
    for make in (lambda o: Noam(o, 5), lambda o: Half(o, 3), Generated):
        optimizer = sgd(torch)
        scheduler = make(optimizer)
        log.append(advance(optimizer, scheduler, range(20)))
        with pytest.warns(UserWarning, match="epoch"):
            scheduler.step(2)
        log.append([groups(optimizer), exact(scheduler.state_dict())])
    return log, issubclass(schedulers.StepLR, schedulers._LRScheduler)
