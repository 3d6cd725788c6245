"""What schedulers warn of and refuse, beside PyTorch's."""

from __future__ import annotations

import functools
import types
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.parity.optim.lr_scheduler.cases import (
    CASES,
    KEYWORDS,
    ONE_OF_EACH,
    SINGLE,
    groups,
    metric,
    sgd,
    with_betas,
)
from tests.parity.side_by_side import outcome, side_by_side

# What each warning's text begins with, so that a filter written for PyTorch works.
BEGINNINGS = (
    "Detected call of `lr_scheduler.step()` before `optimizer.step()`.",
    "Seems like `optimizer.step()` has been overridden after learning rate scheduler "
    "initialization",
    "The epoch parameter in `scheduler.step()`",
    "To get the last learning rate computed by the scheduler, please use `get_last_lr()`",
)


def heard(call: Callable[[], Any]) -> list[Any]:
    """The category, the beginning and the place of each warning of a call."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        call()
    return [
        (
            w.category,
            [str(w.message).startswith(text) for text in BEGINNINGS],
            Path(w.filename).stem,
        )
        for w in caught
    ]


# -- the order of steps -------------------------------------------------------------------


def replaced(optimizer: Any) -> None:
    optimizer.step = lambda: None


def replaced_by_a_wrapper(optimizer: Any) -> None:
    step = optimizer.step
    optimizer.step = functools.wraps(step)(lambda *args: step(*args))


def replaced_by_a_method(optimizer: Any) -> None:
    optimizer.step = types.MethodType(lambda self: None, optimizer)


def nothing(optimizer: Any) -> None:
    pass


@pytest.mark.parametrize("called", [False, True])
@pytest.mark.parametrize("change", [nothing, replaced, replaced_by_a_wrapper, replaced_by_a_method])
@pytest.mark.parametrize("make_optimizer", [sgd, with_betas])
@side_by_side
def test_the_order_of_steps(torch: Any, make_optimizer: Any, change: Any, called: bool) -> Any:
    optimizer = make_optimizer(torch)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 3)
    change(optimizer)
    if called:
        optimizer.step()
    return [heard(lambda: scheduler.step()) for _ in range(3)]


@pytest.mark.parametrize("name", ONE_OF_EACH)
@side_by_side
def test_every_scheduler_knows_the_order(torch: Any, name: str) -> Any:
    optimizer = sgd(torch)
    scheduler = CASES[name](torch, optimizer)
    arguments = [metric(0)] if name.startswith("Reduce") else []
    # A composite's warning names the line in which it calls the scheduler.
    return [
        [warning[:2] for warning in heard(lambda: scheduler.step(*arguments))] for _ in range(2)
    ]


@side_by_side
def test_steps_before_the_scheduler_do_not_count(torch: Any) -> Any:
    optimizer = sgd(torch)
    optimizer.step()
    first = torch.optim.lr_scheduler.StepLR(optimizer, 3)
    log = [heard(lambda: first.step())]
    optimizer.step()
    second = torch.optim.lr_scheduler.StepLR(optimizer, 3)
    return log, heard(lambda: second.step())


@side_by_side
def test_a_method_replaced_before_is_observed(torch: Any) -> Any:
    log = []
    for called in (False, True):
        optimizer = sgd(torch)
        calls: list[Any] = []
        optimizer.step = types.MethodType(lambda self, *args, to=calls: to.append(args), optimizer)
        scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 3)
        if called:
            optimizer.step(1)
        log.append([heard(lambda: scheduler.step()), calls])  # noqa: B023 - called at once
    return log


@side_by_side
def test_one_optimizer_with_two_schedulers(torch: Any) -> Any:
    optimizer = sgd(torch)
    first = torch.optim.lr_scheduler.StepLR(optimizer, 3)
    step = optimizer.step
    second = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.5)
    log = [optimizer.step is step, hasattr(optimizer, "_opt_called")]
    log.append(heard(lambda: second.step()))
    optimizer.load_state_dict(optimizer.state_dict())
    optimizer.step()
    return log, optimizer._opt_called, heard(lambda: first.step())


@side_by_side
def test_a_composite_made_of_composites_warns_alike(torch: Any) -> Any:
    optimizer = sgd(torch)
    schedulers = torch.optim.lr_scheduler

    def build() -> None:
        inner = schedulers.ChainedScheduler([schedulers.StepLR(optimizer, 3)])
        schedulers.SequentialLR(optimizer, [inner], [])

    return [warning[:2] for warning in heard(build)], groups(optimizer)


@side_by_side
def test_the_observed_step_is_the_optimizers(torch: Any) -> Any:
    optimizer = sgd(torch)
    torch.optim.lr_scheduler.StepLR(optimizer, 3)
    calls = []
    optimizer.register_step_pre_hook(lambda *args: calls.append("pre"))
    optimizer.register_step_post_hook(lambda *args: calls.append("post"))
    loss = optimizer.step(lambda: 3)
    return loss, optimizer.step(closure=lambda: 4), calls, optimizer.step.__name__


@pytest.mark.parametrize("name", sorted(set(ONE_OF_EACH) & set(SINGLE)))
@side_by_side
def test_deprecated_epochs_and_computing_without_a_step(torch: Any, name: str) -> Any:
    optimizer = sgd(torch)
    scheduler = SINGLE[name](torch, optimizer)
    optimizer.step()
    computed = heard(lambda: scheduler.get_lr())  # PyTorch's warning names a line of its own
    return heard(lambda: scheduler.step(2)), [warning[:2] for warning in computed]


# -- errors -------------------------------------------------------------------------------


def made(name: str, *args: Any, **kwargs: Any) -> Callable[[Any], Any]:
    return lambda torch: getattr(torch.optim.lr_scheduler, name)(sgd(torch), *args, **kwargs)


def plain(torch: Any) -> Any:
    """An optimizer without momentum or betas."""
    return torch.optim.Optimizer(
        [{"params": torch.ones(1), "lr": 0.1}, {"params": torch.ones(1), "lr": 0.3}], {}
    )


def of(torch: Any) -> Any:
    return torch.optim.lr_scheduler


def too_many_steps(torch: Any) -> Any:
    optimizer = sgd(torch)
    scheduler = of(torch).OneCycleLR(optimizer, 0.1, total_steps=3)
    for _ in range(5):
        optimizer.step()
        scheduler.step()


def continued_too_far(torch: Any) -> Any:
    optimizer = sgd(torch)
    of(torch).OneCycleLR(optimizer, 0.1, total_steps=3)
    of(torch).OneCycleLR(optimizer, 0.1, total_steps=3, last_epoch=3)


def stepping(torch: Any, scheduler: Any, count: int = 10) -> None:
    scheduler.optimizer.step()
    for _ in range(count):
        scheduler.step()


def a_restarted_chain(torch: Any) -> None:
    optimizer = sgd(torch)
    inner = of(torch).ChainedScheduler([of(torch).StepLR(optimizer, 3)])
    stepping(torch, of(torch).SequentialLR(optimizer, [of(torch).StepLR(optimizer, 3), inner], [2]))


def group_added_to_minima(torch: Any) -> None:
    scheduler = made("ReduceLROnPlateau", min_lr=[0.1, 0.2, 0.3], patience=0)(torch)
    scheduler.optimizer.add_param_group({"params": torch.ones(1)})
    for _ in range(3):
        scheduler.step(1.0)


REFUSED: dict[str, Callable[[Any], Any]] = {
    **{
        f"{name} without an optimizer": lambda torch, name=name, keywords=several[0]: getattr(
            of(torch), name
        )(None, **keywords)
        for name, several in KEYWORDS.items()
        if "lr_lambda" not in several[0]  # there PyTorch has an AttributeError
    },
    "plateau without an optimizer": lambda torch: of(torch).ReduceLROnPlateau([1]),
    "base without an optimizer": lambda torch: of(torch).LRScheduler("SGD"),
    "base": made("LRScheduler"),
    "too few lambdas": made("LambdaLR", [lambda t: 1.0]),
    "too many lambdas": made("MultiplicativeLR", [lambda t: 1.0] * 4),
    "no function": made("LambdaLR", 0.5),
    "no functions": made("LambdaLR", [lambda t: 1.0, None, None]),
    "no function to multiply by": made("MultiplicativeLR", 0.5),
    "a function that fails": made("LambdaLR", lambda t: 1 / t),
    "milestones": made("MultiStepLR", 3),
    "constant factor": made("ConstantLR", 1.5),
    "negative constant factor": made("ConstantLR", -0.1),
    "text as factor": made("ConstantLR", "half"),
    "no way back from 0": lambda torch: stepping(torch, made("ConstantLR", 0.0)(torch)),
    "no start": made("LinearLR", 0),
    "start": made("LinearLR", 1.1),
    "end": made("LinearLR", 0.5, 1.1),
    "negative end": made("LinearLR", 0.5, -0.1),
    "no step size": lambda torch: stepping(torch, made("StepLR", 0)(torch)),
    "no period": lambda torch: stepping(torch, made("CosineAnnealingLR", 0)(torch)),
    "T_0": made("CosineAnnealingWarmRestarts", 0),
    "float T_0": made("CosineAnnealingWarmRestarts", 2.0),
    "T_mult": made("CosineAnnealingWarmRestarts", 2, 0),
    "float T_mult": made("CosineAnnealingWarmRestarts", 2, 1.5),
    "text as T_0": made("CosineAnnealingWarmRestarts", "2"),
    "eta_min": made("CosineAnnealingWarmRestarts", 2, 1, "low"),
    "negative epoch": lambda torch: made("CosineAnnealingWarmRestarts", 2)(torch).step(-1),
    "mode of a cycle": made("CyclicLR", 0.1, 0.2, mode="square"),
    "base_lr": made("CyclicLR", [0.1], 0.2),
    "max_lr of a cycle": made("CyclicLR", 0.1, (0.2, 0.3)),
    "base_momentum": made("CyclicLR", 0.1, 0.2, base_momentum=[0.1]),
    "max_momentum": made("CyclicLR", 0.1, 0.2, max_momentum=[0.1]),
    "step size": made("CyclicLR", 0.1, 0.2, "long"),
    "cycle without momentum": lambda torch: of(torch).CyclicLR(plain(torch), 0.1, 0.2),
    "no steps": made("OneCycleLR", 0.1),
    "epochs alone": made("OneCycleLR", 0.1, epochs=3),
    "total_steps": made("OneCycleLR", 0.1, 0),
    "float total_steps": made("OneCycleLR", 0.1, 2.5),
    "epochs": made("OneCycleLR", 0.1, epochs=0, steps_per_epoch=3),
    "float epochs": made("OneCycleLR", 0.1, epochs=1.0, steps_per_epoch=3),
    "steps_per_epoch": made("OneCycleLR", 0.1, epochs=2, steps_per_epoch=-3),
    "text as epochs": made("OneCycleLR", 0.1, epochs="2", steps_per_epoch=3),
    "pct_start": made("OneCycleLR", 0.1, 10, pct_start=1.1),
    "negative pct_start": made("OneCycleLR", 0.1, 10, pct_start=-0.1),
    "integer pct_start": made("OneCycleLR", 0.1, 10, pct_start=1),
    "a first phase of one step": made("OneCycleLR", 0.1, 10, pct_start=0.1),
    "anneal_strategy": made("OneCycleLR", 0.1, 10, anneal_strategy="sine"),
    "max_lr": made("OneCycleLR", [0.1], 10),
    "one cycle's base_momentum": made("OneCycleLR", 0.1, 10, base_momentum=[0.1]),
    "one cycle's max_momentum": made("OneCycleLR", 0.1, 10, max_momentum=[0.1]),
    "one cycle without momentum": lambda torch: of(torch).OneCycleLR(plain(torch), 0.1, 10),
    "too many steps": too_many_steps,
    "continued too far": continued_too_far,
    "plateau's factor": made("ReduceLROnPlateau", factor=1.0),
    "plateau's mode": made("ReduceLROnPlateau", "least"),
    "plateau's threshold_mode": made("ReduceLROnPlateau", threshold_mode="relative"),
    "min_lr": made("ReduceLROnPlateau", min_lr=[0.1]),
    "a group added to minima": group_added_to_minima,
    "learning rates on a plateau": lambda torch: made("ReduceLROnPlateau")(torch).get_lr(),
    "an empty sequence": made("SequentialLR", [], []),
    "an empty chain": lambda torch: of(torch).ChainedScheduler([]),
    "a sequence of something": made("SequentialLR", ["StepLR"], []),
    "a chain of something": lambda torch: of(torch).ChainedScheduler(
        [made("StepLR", 3)(torch), 3]
    ),
    "a chain that begins with something": lambda torch: of(torch).ChainedScheduler([3]),
    "a plateau in a sequence": lambda torch: of(torch).SequentialLR(
        (plateau := made("ReduceLROnPlateau")(torch)).optimizer, [plateau], []
    ),
    "a plateau in a chain": lambda torch: of(torch).ChainedScheduler(
        [made("ReduceLROnPlateau")(torch)]
    ),
    "another optimizer": lambda torch: of(torch).SequentialLR(
        sgd(torch), [made("StepLR", 3)(torch)], []
    ),
    "two optimizers": lambda torch: of(torch).ChainedScheduler(
        [made("StepLR", 3)(torch), made("StepLR", 3)(torch)]
    ),
    "an optimizer beside": lambda torch: of(torch).ChainedScheduler(
        [made("StepLR", 3)(torch)], sgd(torch)
    ),
    "milestones of a sequence": lambda torch: of(torch).SequentialLR(
        (step := made("StepLR", 3)(torch)).optimizer, [step], [3]
    ),
    "a sequence with an epoch": lambda torch: of(torch)
    .ChainedScheduler([made("StepLR", 3)(torch)])
    .step(3),
    "a restarted chain": a_restarted_chain,
    "no functions in the state": lambda torch: made("LambdaLR", lambda t: 1.0)(
        torch
    ).load_state_dict({}),
    "no schedulers in the state": lambda torch: of(torch)
    .ChainedScheduler([made("StepLR", 3)(torch)])
    .load_state_dict({}),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
@side_by_side
def test_errors(torch: Any, name: str) -> Any:
    error = outcome(REFUSED[name], torch)
    assert isinstance(error, Exception)
    return error
