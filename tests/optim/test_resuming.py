"""Saving and loading in the middle of training changes no bit of what follows."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import minitorch
from minitorch import nn

OPTIONS: dict[str, dict[str, Any]] = {
    "Adagrad": {"lr_decay": 0.1},
    "Adam": {"amsgrad": True},
    "ASGD": {"t0": 5},
    "LBFGS": {"max_iter": 3, "line_search_fn": "strong_wolfe"},
    "RMSprop": {"momentum": 0.9, "centered": True},
    "SGD": {"lr": 0.1, "momentum": 0.9, "nesterov": True},
}
NAMES = sorted(
    set(minitorch.optim.__all__) - {"Optimizer", "SparseAdam", "lr_scheduler", "swa_utils"}
)


class Training:
    """A network, its optimizer and a step of training on batches that its number decides."""

    def __init__(self, name: str, seed: int) -> None:
        minitorch.manual_seed(seed)
        layers = [nn.Linear(4, 8, bias=False), nn.Sigmoid(), nn.Linear(8, 8, bias=False)]
        self.model = nn.Sequential(*layers, nn.Sigmoid(), nn.Linear(8, 1, bias=False))
        kind = getattr(minitorch.optim, name)
        self.optimizer = kind(self.model.parameters(), **OPTIONS.get(name, {}))

    def run(self, start: int, stop: int) -> None:
        for number in range(start, stop):
            rng = np.random.default_rng(number)
            x = minitorch.from_numpy(rng.normal(size=(16, 4)).astype(np.float32))
            y = minitorch.from_numpy(rng.normal(size=(16, 1)).astype(np.float32))

            def closure(x: Any = x, y: Any = y, number: int = number) -> Any:
                self.optimizer.zero_grad()
                loss = nn.functional.mse_loss(self.model(x), y)
                loss.backward()
                if number % 4 == 3:
                    self.model[0].weight.grad = None
                return loss

            self.optimizer.step(closure)

    def weights(self) -> list[Any]:
        return [parameter.array.copy() for parameter in self.model.parameters()]


def through_state_dicts(name: str, training: Training) -> Training:
    resumed = Training(name, seed=1)
    resumed.model.load_state_dict(training.model.state_dict())
    resumed.optimizer.load_state_dict(training.optimizer.state_dict())
    return resumed


def through_pickled_state_dicts(name: str, training: Training) -> Training:
    resumed = Training(name, seed=1)
    resumed.model.load_state_dict(pickle.loads(pickle.dumps(training.model.state_dict())))
    saved = pickle.loads(pickle.dumps(training.optimizer.state_dict()))
    resumed.optimizer.load_state_dict(saved)
    return resumed


def through_pickle(name: str, training: Training) -> Training:
    resumed: Training = pickle.loads(pickle.dumps(training))
    return resumed


def through_deepcopy(name: str, training: Training) -> Training:
    return copy.deepcopy(training)


def in_place(name: str, training: Training) -> Training:
    """The state is loaded into the optimizer itself, after it went on for some steps."""
    model, state = copy.deepcopy((training.model.state_dict(), training.optimizer.state_dict()))
    training.run(100, 103)
    training.model.load_state_dict(model)
    training.optimizer.load_state_dict(state)
    return training


WAYS = [
    through_state_dicts,
    through_pickled_state_dicts,
    through_pickle,
    through_deepcopy,
    in_place,
]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", NAMES)
def test_resumed_training_goes_on_bit_for_bit(
    name: str, way: Callable[[str, Training], Training]
) -> None:
    straight, stopped = Training(name, seed=0), Training(name, seed=0)
    straight.run(0, 12)
    stopped.run(0, 6)
    resumed = way(name, stopped)
    resumed.run(6, 12)
    before = Training(name, seed=0).weights()
    for expected, found, first in zip(straight.weights(), resumed.weights(), before, strict=True):
        np.testing.assert_array_equal(found, expected)
        assert (found != first).any()


@pytest.mark.parametrize("name", NAMES)
def test_saving_changes_nothing(name: str) -> None:
    straight, saving = Training(name, seed=0), Training(name, seed=0)
    straight.run(0, 8)
    for number in range(8):
        saving.run(number, number + 1)
        copy.deepcopy(saving.optimizer.state_dict())
    for expected, found in zip(straight.weights(), saving.weights(), strict=True):
        np.testing.assert_array_equal(found, expected)
