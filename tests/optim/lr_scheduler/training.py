"""Optimizers to schedule, and epochs without training."""

from __future__ import annotations

from typing import Any

import numpy as np

import minitorch
from minitorch.optim import SGD, Optimizer


def weight() -> Any:
    return minitorch.tensor(np.ones(1, np.float32), requires_grad=True)


def sgd(*lrs: Any, momentum: float = 0.9) -> SGD:
    """SGD with a group for each learning rate."""
    return SGD([{"params": [weight()], "lr": lr} for lr in lrs], momentum=momentum)


class Betas(Optimizer):
    """An optimizer with the options of Adam, whose `step` is written by a user."""

    def __init__(self, lr: float) -> None:
        super().__init__([weight()], {"lr": lr, "betas": (0.5, 0.999)})
        self.steps = 0

    def step(self, closure: Any = None) -> None:
        self.steps += 1


class Falling:
    """A function of the epoch with a state of its own: rate^epoch."""

    def __init__(self, rate: float) -> None:
        self.rate = rate

    def __call__(self, epoch: float) -> float:
        return self.rate**epoch


def option(scheduler: Any, name: str, group: int = 0) -> Any:
    return scheduler.optimizer.param_groups[group][name]


def schedule(scheduler: Any, epochs: int, name: str = "lr", group: int = 0) -> list[Any]:
    """An option of a group in each of the next epochs, this one included."""
    values = []
    for _ in range(epochs):
        values.append(option(scheduler, name, group))
        scheduler.optimizer.step()
        scheduler.step()
    return values
