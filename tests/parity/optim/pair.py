"""The same optimizer in both libraries, step by step: what the parity tests share."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch

import minitorch

Options = dict[str, Any]
LIBRARIES = (minitorch, torch)
TOLERANCE = {"float32": 2e-6, "float64": 1e-9}
SHAPES: list[tuple[int, ...]] = [(3, 4), (5,), (), (1, 2, 3), (0, 2), (7, 1)]


def product(**choices: list[Any]) -> list[Options]:
    """All combinations of the given values."""
    return [
        dict(zip(choices, values, strict=True)) for values in itertools.product(*choices.values())
    ]


def named(value: Any) -> str:
    if isinstance(value, dict):
        return ",".join(f"{key}={item}" for key, item in value.items()) or "defaults"
    return str(value)


class Pair:
    """The same optimizer over the same parameters in both libraries."""

    def __init__(
        self, name: str, options: Options, arrays: list[Any], group: Callable[..., Any] = list
    ) -> None:
        self.parameters = [
            [library.tensor(array.copy(), requires_grad=True) for array in arrays]
            for library in LIBRARIES
        ]
        self.optimizers = [
            getattr(library.optim, name)(group(parameters), **options)
            for library, parameters in zip(LIBRARIES, self.parameters, strict=True)
        ]
        self.largest: dict[Any, float] = {}

    def step(self, grads: list[Any]) -> None:
        """One step of both with the same gradients, of which some may be None."""
        for library, parameters, optimizer in zip(
            LIBRARIES, self.parameters, self.optimizers, strict=True
        ):
            for parameter, grad in zip(parameters, grads, strict=True):
                parameter.grad = None if grad is None else library.tensor(grad)
            optimizer.step()

    def check(self) -> None:
        """Parameters and state agree."""
        ours, theirs = self.optimizers
        for index, (mine, other) in enumerate(zip(*self.parameters, strict=True)):
            self.check_near(mine, other, index)
            if other in theirs.state:
                self.check_state(ours.state[mine], theirs.state[other], index)

    def check_state(self, mine: Any, other: Any, index: int) -> None:
        assert list(mine) == list(other)
        for key, value in other.items():
            self.check_near(mine[key], value, index, key)

    def exchange_states(self) -> None:
        """Load each one's state, which must agree key for key, into the other."""
        ours, theirs = (optimizer.state_dict() for optimizer in self.optimizers)
        assert ours["param_groups"] == theirs["param_groups"]
        assert list(map(list, ours["param_groups"])) == list(map(list, theirs["param_groups"]))
        assert list(ours["state"]) == list(theirs["state"])
        for key, entry in theirs["state"].items():
            self.check_state(ours["state"][key], entry, key)
        self.optimizers[0].load_state_dict(convert(theirs, minitorch.tensor))
        self.optimizers[1].load_state_dict(convert(ours, torch.tensor))

    def check_near(self, mine: Any, other: Any, *place: Any) -> None:
        """Relative to each element, or to the largest there ever was: sums cancel."""
        found, expected = mine.detach().numpy(), other.detach().numpy()
        assert found.dtype == expected.dtype and found.shape == expected.shape
        finite = np.abs(expected[np.isfinite(expected)])
        self.largest[place] = max(self.largest.get(place, 0.0), float(finite.max(initial=0)))
        if np.array_equal(found, expected):  # found out in a fraction of the time
            return
        tolerance = TOLERANCE[expected.dtype.name]
        absolute = tolerance * self.largest[place] / 4
        if not (np.abs(found - expected) <= absolute + tolerance * np.abs(expected)).all():
            np.testing.assert_allclose(found, expected, rtol=tolerance, atol=absolute)


def arrays(dtype: str, rng: np.random.Generator, shapes: Any = SHAPES) -> list[Any]:
    return [np.asarray(rng.normal(size=shape), dtype) for shape in shapes]


def gradients(
    count: int, dtype: str, rng: np.random.Generator, shapes: Any = SHAPES
) -> Iterator[list[Any]]:
    """Gradients for some steps; every now and then some are None, for a while or once."""
    for step in range(count):
        grads: list[Any] = arrays(dtype, rng, shapes)
        if step % 10 == 4:
            grads[rng.integers(len(grads))] = None
        if step % 30 in (17, 18, 19):
            grads[0] = grads[3] = None
        yield grads


def convert(state_dict: Any, tensor: Callable[[Any], Any]) -> Any:
    """A state dict with its Tensors made by `tensor` from arrays."""
    state = {
        key: {name: tensor(np.array(value.detach().numpy())) for name, value in entry.items()}
        for key, entry in state_dict["state"].items()
    }
    return {"state": state, "param_groups": copy.deepcopy(state_dict["param_groups"])}
