"""Every optimizer with every option, side by side with PyTorch.

`OPTIONS` is the table that drives all of these tests; an optimizer that is missing from it makes
one of them fail.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import minitorch
from minitorch.optim.options import YOUNGER
from tests.parity.optim.pair import (
    LIBRARIES,
    TOLERANCE,
    Options,
    Pair,
    arrays,
    gradients,
    named,
    product,
)

OPTIONS: dict[str, list[Options]] = {
    "Adadelta": [
        *product(lr=[0.5], weight_decay=[0, 0.1], maximize=[False, True], rho=[0.9, 0.3]),
        {"eps": 1e-3},
        {"capturable": False, "foreach": True},
    ],
    "Adagrad": [
        *product(
            lr=[0.1],
            lr_decay=[0, 0.1],
            weight_decay=[0, 0.1],
            initial_accumulator_value=[0, 0.5],
            maximize=[False, True],
        ),
        {"eps": 1e-2, "foreach": True},
        {"fused": True},
    ],
    "Adam": [
        *product(
            lr=[0.05],
            weight_decay=[0, 0.1],
            amsgrad=[False, True],
            maximize=[False, True],
            decoupled_weight_decay=[False, True],
        ),
        {"betas": (0.0, 0.5), "eps": 1e-3},
        {"betas": (0.4, 0.0), "lr": 0.01},
        {"foreach": True},
        {"fused": True},
    ],
    "AdamW": [
        *product(lr=[0.05], weight_decay=[0, 0.1], amsgrad=[False, True], maximize=[False, True]),
        {"betas": (0.3, 0.9)},
        {},
    ],
    "Adamax": [
        *product(lr=[0.05], weight_decay=[0, 0.1], maximize=[False, True]),
        {"betas": (0.3, 0.5), "eps": 1e-2},
        {"foreach": True},
    ],
    "ASGD": [
        *product(lr=[0.05], weight_decay=[0, 0.1], maximize=[False, True], t0=[1e6, 20.0]),
        {"lambd": 0.1, "alpha": 0.3, "t0": 5},
        {"foreach": False},  # True makes PyTorch round the next step size twice
    ],
    "NAdam": [
        *product(
            lr=[0.05],
            weight_decay=[0, 0.1],
            decoupled_weight_decay=[False, True],
            maximize=[False, True],
            momentum_decay=[4e-3, 0.1],
        ),
        {"betas": (0.3, 0.5), "eps": 1e-2},
        {"foreach": True},
    ],
    "RAdam": [
        *product(
            lr=[0.05],
            weight_decay=[0, 0.1],
            decoupled_weight_decay=[False, True],
            maximize=[False, True],
        ),
        {"betas": (0.3, 0.5), "eps": 1e-2},
        {"betas": (0.9, 0.9)},
        {"foreach": True},
    ],
    "RMSprop": [
        *product(
            lr=[0.02],
            weight_decay=[0, 0.1],
            momentum=[0, 0.9],
            centered=[False, True],
            maximize=[False, True],
        ),
        {"alpha": 0.3, "eps": 1e-2},
        {"foreach": True},
    ],
    "Rprop": [
        *product(maximize=[False, True], lr=[0.01, 0.3]),
        {"etas": (0.3, 1.5), "step_sizes": (1e-3, 0.05)},
        {"foreach": True},
    ],
    "SGD": [
        *product(
            lr=[0.05],
            momentum=[0, 0.9],
            dampening=[0, 0.3],
            weight_decay=[0, 0.1],
            maximize=[False, True],
        ),
        *product(
            lr=[0.05], momentum=[0.9], nesterov=[True], weight_decay=[0, 0.1], maximize=[True]
        ),
        {"foreach": True},
        {"fused": True},
    ],
}

# Options out of their range, one at a time, and of the wrong kind.
WRONG: dict[str, list[Options]] = {
    "Adadelta": [{"lr": -1}, {"rho": -0.1}, {"rho": 1.1}, {"eps": -1}, {"weight_decay": -1}],
    "Adagrad": [
        {"lr": -1},
        {"lr_decay": -1},
        {"weight_decay": -1},
        {"initial_accumulator_value": -1},
        {"eps": -1},
        {"fused": True, "differentiable": True},
        {"fused": True, "foreach": True},
    ],
    "Adam": [
        {"lr": -1},
        {"eps": -1},
        {"betas": (1.0, 0.9)},
        {"betas": (-0.1, 0.9)},
        {"betas": (0.9, 1.0)},
        {"betas": (0.9, -0.5)},
        {"weight_decay": -1},
        {"fused": True, "differentiable": True},
        {"fused": True, "foreach": True},
    ],
    "AdamW": [{"lr": -1}, {"eps": -1}, {"betas": (0.9, 1.0)}, {"weight_decay": -1}],
    "Adamax": [
        {"lr": -1},
        {"eps": -1},
        {"betas": (1.0, 0)},
        {"betas": (0, 1)},
        {"weight_decay": -1},
    ],
    "ASGD": [{"lr": -1}, {"weight_decay": -1}],
    "NAdam": [
        {"lr": -1},
        {"eps": -1},
        {"betas": (1.0, 0)},
        {"betas": (0, 1)},
        {"weight_decay": -1},
        {"momentum_decay": -1},
    ],
    "RAdam": [
        {"lr": -1},
        {"eps": -1},
        {"betas": (1.0, 0)},
        {"betas": (0, 1)},
        {"weight_decay": -1},
    ],
    "RMSprop": [{"lr": -1}, {"eps": -1}, {"momentum": -1}, {"weight_decay": -1}, {"alpha": -1}],
    "Rprop": [{"lr": -1}, {"etas": (1.0, 1.2)}, {"etas": (0.5, 0.9)}, {"etas": (0.0, 1.2)}],
    "SGD": [{"lr": -1}, {"momentum": -1}, {"weight_decay": -1}, {"nesterov": True}],
}

CASES = [(name, options) for name, rows in OPTIONS.items() for options in rows]
WRONG_CASES = [(name, options) for name, rows in WRONG.items() for options in rows]


every_case = pytest.mark.parametrize(("name", "options"), CASES, ids=named)
every_optimizer = pytest.mark.parametrize("name", OPTIONS)


@pytest.mark.parametrize("dtype", TOLERANCE)
@every_case
def test_a_hundred_steps(name: str, options: Options, dtype: str, rng: np.random.Generator) -> None:
    pair = Pair(name, options, arrays(dtype, rng))
    for grads in gradients(100, dtype, rng):
        pair.step(grads)
        pair.check()


@pytest.mark.parametrize("dtype", TOLERANCE)
@every_optimizer
def test_large_and_small_parameters(name: str, dtype: str, rng: np.random.Generator) -> None:
    shapes = [(300, 251), (64, 64), (64,), (3,), (70000,)]
    pair = Pair(name, OPTIONS[name][-1], arrays(dtype, rng, shapes))
    for _ in range(6):
        pair.step(arrays(dtype, rng, shapes))
        pair.check()


@every_optimizer
def test_groups_have_their_own_settings(name: str, rng: np.random.Generator) -> None:
    """Each group takes the options of another row; the learning rate changes all the time."""
    rows = OPTIONS[name]

    def groups(parameters: Any) -> Any:
        return [
            {"params": parameters[:2], **rows[0]},
            {"params": parameters[2:4], **rows[len(rows) // 2]},
            {"params": parameters[4:], **rows[-2], "lr": 0.5},
        ]

    pair = Pair(name, {}, arrays("float64", rng), groups)
    for step, grads in enumerate(gradients(30, "float64", rng)):
        for optimizer in pair.optimizers:
            optimizer.param_groups[0]["lr"] = 0.05 / (1 + step)
        pair.step(grads)
        pair.check()


@pytest.mark.parametrize("shape", [(), (1,)])
@pytest.mark.parametrize("dtype", TOLERANCE)
@every_optimizer
def test_a_tensor_as_learning_rate(
    name: str, dtype: str, shape: tuple[int, ...], rng: np.random.Generator
) -> None:
    """It is float32, also beside float64, and is changed in place."""
    pair = Pair(name, {}, arrays(dtype, rng))
    for library, optimizer in zip(LIBRARIES, pair.optimizers, strict=True):
        (group,) = optimizer.param_groups
        group["lr"] = library.tensor(np.full(shape, 0.03, np.float32))
    for grads in gradients(20, dtype, rng):
        pair.step(grads)
        pair.check()
        for optimizer in pair.optimizers:
            optimizer.param_groups[0]["lr"].mul_(0.9)


@every_optimizer
def test_a_tensor_as_learning_rate_is_accepted(name: str) -> None:
    for library in LIBRARIES:
        lr = library.tensor(0.1)
        optimizer = getattr(library.optim, name)([library.ones(2, requires_grad=True)], lr=lr)
        assert optimizer.param_groups[0]["lr"] is lr


@every_optimizer
def test_strided_and_transposed_parameters(name: str, rng: np.random.Generator) -> None:
    base = rng.normal(size=(8, 6))
    pair = Pair(name, OPTIONS[name][1], [base.T, base[::2, 1]])
    for library, parameters in zip(LIBRARIES, pair.parameters, strict=True):
        parameters[0].data = library.tensor(base).T
        parameters[1].data = library.tensor(base)[::2, 1]
    for _ in range(5):
        pair.step([rng.normal(size=(6, 8)), rng.normal(size=4)])
        pair.check()


@every_optimizer
def test_not_a_number_is_not_hidden(name: str, rng: np.random.Generator) -> None:
    pair = Pair(name, OPTIONS[name][0], [rng.normal(size=6)])
    for special in (np.nan, np.inf, -np.inf):
        grad = rng.normal(size=6)
        grad[2] = special
        with np.errstate(all="raise"):
            pair.step([grad])
        for mine, other in zip(*self_arrays(pair), strict=True):
            np.testing.assert_array_equal(np.isnan(mine), np.isnan(other))
    pair.check()


def self_arrays(pair: Pair) -> Any:
    return [[p.detach().numpy() for p in parameters] for parameters in pair.parameters]


# -- texts ------------------------------------------------------------------------------------


@every_case
def test_repr_and_defaults(name: str, options: Options) -> None:
    ours, theirs = Pair(name, options, [np.ones(2)]).optimizers
    assert repr(ours) == repr(theirs)
    assert list(ours.defaults) == list(theirs.defaults)
    assert ours.defaults == theirs.defaults


@pytest.mark.parametrize(("name", "options"), WRONG_CASES, ids=named)
def test_options_out_of_range(name: str, options: Options) -> None:
    """PyTorch's error and text, which goes on here and names the option."""
    texts = []
    for library in LIBRARIES:
        kind = RuntimeError if options.get("fused") else ValueError
        with pytest.raises(kind) as caught:
            getattr(library.optim, name)([library.ones(2)], **options)
        texts.append(str(caught.value))
    ours, theirs = texts
    assert ours.startswith(theirs)
    assert next(iter(options)) in ours.lower()


# -- saving and loading -----------------------------------------------------------------------


@every_case
def test_state_dicts_are_interchangeable(
    name: str, options: Options, rng: np.random.Generator
) -> None:
    """After ten steps each continues from the other's state."""
    pair = Pair(name, options, arrays("float64", rng))
    for grads in gradients(10, "float64", rng):
        pair.step(grads)
    pair.exchange_states()
    for grads in gradients(10, "float64", rng):
        pair.step(grads)
        pair.check()


@every_optimizer
def test_checkpoints_that_lack_options(name: str) -> None:
    """Old checkpoints lack the younger options, and have the number of steps as a number."""
    pair = Pair(name, OPTIONS[name][0], [np.ones(2)])
    own = pair.optimizers[0].absent_options
    absent = [option for option in {**YOUNGER, **own} if option in pair.optimizers[0].defaults]
    pair.step([np.ones(2)])
    for optimizer in pair.optimizers:
        saved = optimizer.state_dict()
        for group in saved["param_groups"]:
            for option in absent:
                del group[option]
        optimizer.load_state_dict(saved)
    assert repr(pair.optimizers[0]) == repr(pair.optimizers[1])
    pair.step([np.ones(2)])
    pair.check()


@every_optimizer
def test_options_that_a_checkpoint_may_lack(name: str) -> None:
    """The same ones are filled in, with the same values."""
    filled_in: list[Options] = [{}, {}]
    for library, found in zip(LIBRARIES, filled_in, strict=True):
        optimizer = getattr(library.optim, name)([library.ones(2)])
        for option, default in optimizer.defaults.items():
            saved = optimizer.state_dict()
            del saved["param_groups"][0][option]
            optimizer.load_state_dict(saved)
            (group,) = optimizer.param_groups
            if option in group:
                found[option] = group[option]
            group[option] = default
    assert filled_in[0] == filled_in[1] != {}


# -- the table --------------------------------------------------------------------------------


def test_the_table_is_complete() -> None:
    optimizers = {
        name
        for name, value in vars(torch.optim).items()
        if isinstance(value, type) and issubclass(value, torch.optim.Optimizer)
    } - {"Optimizer"}
    elsewhere = {"Adafactor", "LBFGS", "Muon", "SparseAdam"}  # in files of their own
    assert set(OPTIONS) | elsewhere == optimizers
    assert set(WRONG) == set(OPTIONS)
    assert optimizers < set(minitorch.optim.__all__)
