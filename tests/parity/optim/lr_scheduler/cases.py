"""Every scheduler with every option, and what the tests need to run one."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from typing import Any

import torch

import minitorch
import minitorch.optim.lr_scheduler

STEPS = 120
LEARNING_RATES = (0.1, 0.37, 3.0)  # one for each of the optimizer's groups
# What schedulers read and write in a group.
OPTIONS = (
    "lr", "initial_lr", "max_lr", "min_lr", "momentum", "betas", "max_momentum", "base_momentum",
)  # fmt: skip


class Decay:
    """A function of the epoch with a state of its own."""

    def __init__(self, rate: float) -> None:
        self.rate = rate

    def __call__(self, epoch: float) -> float:
        return 1 / (1 + self.rate * epoch)


def wave(epoch: float) -> float:
    return 1.0 + math.sin(epoch) / 3


def options(**choices: Any) -> Iterator[dict[str, Any]]:
    """Every combination of the choices for each keyword."""
    for values in itertools.product(*choices.values()):
        yield dict(zip(choices, values, strict=True))


# Per class, the keywords that it is made with. Every option stands beside its default.
KEYWORDS: dict[str, list[dict[str, Any]]] = {
    "LambdaLR": [
        {"lr_lambda": wave},
        {"lr_lambda": [wave, lambda epoch: 0.95**epoch, Decay(0.1)]},
        {"lr_lambda": (Decay(1.0), Decay(0.2), Decay(0.3))},
        {"lr_lambda": lambda epoch: epoch // 30},
    ],
    "MultiplicativeLR": [
        {"lr_lambda": wave},
        {"lr_lambda": [wave, lambda epoch: 0.95, Decay(0.01)]},
    ],
    "StepLR": [{"step_size": 30}, *options(step_size=[1, 7], gamma=[0.9, 1.3, 2])],
    "MultiStepLR": [
        {"milestones": [30, 80]},
        *options(milestones=[(), (5, 3, 5, 0, 100), range(0, 90, 9)], gamma=[0.7]),
    ],
    "ConstantLR": [{}, *options(factor=[0.3, 1], total_iters=[0, 1, 50])],
    "LinearLR": [{}, *options(start_factor=[0.1, 1], end_factor=[0.0, 0.5], total_iters=[7, 110])],
    "ExponentialLR": [{"gamma": gamma} for gamma in (0.1, 0.97, 1.01, 1)],
    "PolynomialLR": [{}, *options(total_iters=[1, 30, 200], power=[0.9, 2])],
    "CosineAnnealingLR": [
        *options(T_max=[1, 7, 50, 500, 12.5]),
        *options(T_max=[10, 33], eta_min=[0.02, 5]),
    ],
    "CosineAnnealingWarmRestarts": [
        *options(T_0=[1, 7, 50], T_mult=[1, 2, 3]),
        *options(T_0=[10], T_mult=[1, 2], eta_min=[0.02, 5]),
    ],
    "CyclicLR": [
        {"base_lr": 0.1, "max_lr": 0.7},
        {"base_lr": 0.01, "max_lr": 0.1, "step_size_up": 10, "cycle_momentum": False},
        *options(
            base_lr=[[0.1, 0.2, 0.3]],
            max_lr=[(0.5, 0.6, 0.9)],
            step_size_up=[7],
            step_size_down=[None, 12],
            mode=["triangular", "triangular2", "exp_range"],
            gamma=[0.97],
            base_momentum=[[0.1, 0.2, 0.3]],
            max_momentum=[(0.7, 0.8, 0.95)],
        ),
        *options(
            base_lr=[0.1],
            max_lr=[0.7],
            step_size_up=[5],
            scale_fn=[wave, Decay(0.3)],
            scale_mode=["cycle", "iterations"],
            mode=["exp_range", "own"],
        ),
    ],
    "OneCycleLR": [
        {"max_lr": 0.5, "total_steps": STEPS},
        {"max_lr": [0.5, 0.1, 1], "epochs": 5, "steps_per_epoch": 30},
        {"max_lr": 0.5, "total_steps": 130, "cycle_momentum": False},
        *options(
            max_lr=[0.5],
            total_steps=[125],
            pct_start=[0.0, 0.25, 1.0],
            anneal_strategy=["cos", "linear"],
            three_phase=[False, True],
        ),
        *options(
            max_lr=[(0.5, 0.1, 1)],
            total_steps=[200],
            base_momentum=[[0.1, 0.2, 0.3]],
            max_momentum=[(0.5, 0.6, 0.7)],
            div_factor=[10],
            final_div_factor=[3.0],
            three_phase=[False, True],
        ),
    ],
}

PLATEAU: list[dict[str, Any]] = [
    {},
    *options(
        mode=["min", "max"],
        threshold=[1e-4, 0.2],
        threshold_mode=["rel", "abs"],
        patience=[3],
        cooldown=[0, 5],
    ),
    *options(factor=[0.5], min_lr=[0.01, [0.001, 0.3, 0], (0, 1, 2)], patience=[0, 1], eps=[1e-3]),
]

Build = Callable[..., Any]


def single(name: str, keywords: dict[str, Any]) -> Build:
    """Builds one scheduler of `torch.optim.lr_scheduler`, given the package `torch`."""

    def build(torch: Any, optimizer: Any, **more: Any) -> Any:
        return getattr(torch.optim.lr_scheduler, name)(optimizer, **keywords, **more)

    return build


SINGLE: dict[str, Build] = {
    f"{name} {number}": single(name, keywords)
    for name, several in KEYWORDS.items()
    for number, keywords in enumerate(several)
}
ON_PLATEAU: dict[str, Build] = {
    f"ReduceLROnPlateau {number}": single("ReduceLROnPlateau", keywords)
    for number, keywords in enumerate(PLATEAU)
}


def warm_up(schedulers: Any, optimizer: Any) -> Any:
    return schedulers.LinearLR(optimizer, start_factor=0.01, total_iters=10)


def sequence_of_all(torch: Any, optimizer: Any) -> Any:
    """Every kind of scheduler for ten epochs."""
    schedulers = torch.optim.lr_scheduler
    parts = [
        schedulers.ConstantLR(optimizer, 0.25, total_iters=4),
        schedulers.LinearLR(optimizer, 0.1, total_iters=8),
        schedulers.StepLR(optimizer, 3, 0.5),
        schedulers.MultiStepLR(optimizer, [0, 2, 4, 5], 0.7),
        schedulers.ExponentialLR(optimizer, 0.9),
        schedulers.PolynomialLR(optimizer, 12, 2.0),
        schedulers.CosineAnnealingLR(optimizer, 7, eta_min=0.01),
        schedulers.CosineAnnealingWarmRestarts(optimizer, 3, T_mult=2),
        schedulers.LambdaLR(optimizer, [wave, Decay(0.2), wave]),
        schedulers.MultiplicativeLR(optimizer, [wave, Decay(0.02), wave]),
        schedulers.CyclicLR(optimizer, 0.1, 0.9, step_size_up=4),
        schedulers.OneCycleLR(optimizer, 0.6, total_steps=40),
    ]
    return schedulers.SequentialLR(optimizer, parts, [10 * k for k in range(1, len(parts))])


def sequence_from_zero(torch: Any, optimizer: Any) -> Any:
    """Milestones that skip the first scheduler."""
    schedulers = torch.optim.lr_scheduler
    parts = [warm_up(schedulers, optimizer), schedulers.ExponentialLR(optimizer, 0.9)]
    return schedulers.SequentialLR(optimizer, parts, milestones=[0])


def sequence_resumed(torch: Any, optimizer: Any) -> Any:
    schedulers = torch.optim.lr_scheduler
    parts = [warm_up(schedulers, optimizer), schedulers.ExponentialLR(optimizer, 0.9)]
    return schedulers.SequentialLR(optimizer, parts, milestones=[10], last_epoch=4)


def chain(torch: Any, optimizer: Any) -> Any:
    schedulers = torch.optim.lr_scheduler
    parts = [
        warm_up(schedulers, optimizer),
        schedulers.ExponentialLR(optimizer, 0.99),
        schedulers.StepLR(optimizer, 13, 0.5),
        schedulers.MultiplicativeLR(optimizer, wave),
        schedulers.CosineAnnealingLR(optimizer, 30),
    ]
    return schedulers.ChainedScheduler(parts, optimizer)


def nested(torch: Any, optimizer: Any) -> Any:
    """A chain in a sequence in a chain."""
    schedulers = torch.optim.lr_scheduler
    optimizer.step()  # the chain takes its first step again, as in training
    inner = schedulers.ChainedScheduler(
        (warm_up(schedulers, optimizer), schedulers.ExponentialLR(optimizer, 0.9))
    )
    optimizer.step()
    sequence = schedulers.SequentialLR(
        optimizer, [inner, schedulers.LambdaLR(optimizer, Decay(0.5))], [20]
    )
    return schedulers.ChainedScheduler([sequence, schedulers.StepLR(optimizer, 25)])


COMPOSITE: dict[str, Build] = {
    build.__name__: build
    for build in (sequence_of_all, sequence_from_zero, sequence_resumed, chain, nested)
}
CASES = {**SINGLE, **ON_PLATEAU, **COMPOSITE}
# Where the options make no difference.
ONE_OF_EACH = [name for name in CASES if name.endswith(" 0") or name in COMPOSITE]


# -- running them -------------------------------------------------------------------------


def parameters(torch: Any) -> list[Any]:
    return [torch.ones(1, requires_grad=True) for _ in LEARNING_RATES]


def sgd(torch: Any, lrs: Any = LEARNING_RATES, momentum: float = 0.9) -> Any:
    """SGD with a group for each learning rate."""
    groups = [{"params": p, "lr": lr} for p, lr in zip(parameters(torch), lrs, strict=False)]
    return torch.optim.SGD(groups, momentum=momentum)


def with_betas(torch: Any, lrs: Any = LEARNING_RATES) -> Any:
    """An optimizer written by a user that has betas, as Adam."""

    class Betas(torch.optim.Optimizer):
        def __init__(self, params: Any) -> None:
            super().__init__(params, {"lr": 0.1, "betas": (0.9, 0.999)})

        def step(self, closure: Any = None) -> None:
            pass

    return Betas([{"params": p, "lr": lr} for p, lr in zip(parameters(torch), lrs, strict=False)])


def exact(value: Any) -> Any:
    """A value with every number as text, so that nothing but the same is equal."""
    if isinstance(value, dict):
        return {key: exact(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [type(value).__name__, *(exact(item) for item in value)]
    if isinstance(value, (torch.Tensor, minitorch.Tensor)):
        return str(value.dtype).rpartition(".")[2], list(value.shape), repr(value.tolist())
    return repr(value)


def groups(optimizer: Any) -> Any:
    """What schedulers set in each group."""
    return [
        {name: exact(group[name]) for name in OPTIONS if name in group}
        for group in optimizer.param_groups
    ]


def metric(time: int) -> float:
    """A metric that improves at first, then goes up and down."""
    return 3.0 / (1 + time) + math.sin(time / 3) * math.cos(time)


def advance(optimizer: Any, scheduler: Any, times: Any) -> list[Any]:
    """Train from epoch to epoch; the groups and learning rates after each."""
    log = []
    for time in times:
        optimizer.step()
        if hasattr(scheduler, "num_bad_epochs"):
            scheduler.step(metric(time))
        else:
            scheduler.step()
        log.append([groups(optimizer), exact(scheduler.get_last_lr())])
    return log
