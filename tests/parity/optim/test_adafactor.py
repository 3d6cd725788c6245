"""Adafactor side by side with PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

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

SHAPES = [(3, 4), (5,), (), (2, 3, 4), (7, 1), (1, 6), (2, 1, 3, 2)]  # PyTorch fails if empty
OPTIONS = [
    *product(
        lr=[0.05],
        weight_decay=[0, 0.1],
        maximize=[False, True],
        beta2_decay=[-0.8, -0.3],
        d=[1.0, 1.5],
    ),
    {"eps": (1e-3, 1e-3)},
    {"eps": (0.5, 0.5), "lr": 2.0},
    {"eps": (None, 0.0), "beta2_decay": 0.0},
    {"lr": 0.5, "weight_decay": 2.0},  # the weights become zero in every step
    {"foreach": True, "weight_decay": 0.1},
    {},
]
every_row = pytest.mark.parametrize("options", OPTIONS, ids=named)


@pytest.mark.parametrize("dtype", TOLERANCE)
@every_row
def test_a_hundred_steps(options: Options, dtype: str, rng: np.random.Generator) -> None:
    pair = Pair("Adafactor", options, arrays(dtype, rng, SHAPES))
    for grads in gradients(100, dtype, rng, SHAPES):
        pair.step(grads)
        pair.check()


@pytest.mark.parametrize("dtype", TOLERANCE)
def test_large_parameters(dtype: str, rng: np.random.Generator) -> None:
    shapes = [(300, 251), (64, 64), (3, 40, 50), (70000,)]
    pair = Pair("Adafactor", {"lr": 0.1}, arrays(dtype, rng, shapes))
    for _ in range(6):
        pair.step(arrays(dtype, rng, shapes))
        pair.check()


@pytest.mark.parametrize("scale", [1e-12, 1e-5, 1e5, 1e8])
def test_small_and_large_gradients(scale: float, rng: np.random.Generator) -> None:
    """ε₁ keeps steps along the smallest gradients in proportion to them."""
    pair = Pair("Adafactor", {}, arrays("float32", rng, SHAPES))
    for _ in range(10):
        pair.step([grad * np.float32(scale) for grad in arrays("float32", rng, SHAPES)])
        pair.check()


def test_half_precision(rng: np.random.Generator) -> None:
    """PyTorch rounds every intermediate result to float16; ε₁ is 1e-3."""
    start = arrays("float16", rng, SHAPES)
    pair = Pair("Adafactor", {"lr": 0.1}, start)
    for _ in range(3):
        pair.step(arrays("float16", rng, SHAPES))
    for mine, other in zip(*pair.parameters, strict=True):
        np.testing.assert_allclose(mine.detach().numpy(), other.detach().numpy(), atol=4e-3)
    for mine, other in zip(*(each.state.values() for each in pair.optimizers), strict=True):
        assert {key: value.numpy().dtype for key, value in mine.items()} == {
            key: value.numpy().dtype for key, value in other.items()
        }


def test_groups_have_their_own_settings(rng: np.random.Generator) -> None:
    def groups(parameters: Any) -> Any:
        return [
            {"params": parameters[:2], **OPTIONS[3]},
            {"params": parameters[2:4], **OPTIONS[-4]},
            {"params": parameters[4:], "lr": 0.5, "d": 3.0},
        ]

    pair = Pair("Adafactor", {}, arrays("float64", rng, SHAPES), groups)
    for step, grads in enumerate(gradients(30, "float64", rng, SHAPES)):
        for optimizer in pair.optimizers:
            optimizer.param_groups[0]["lr"] = 0.05 / (1 + step)
        pair.step(grads)
        pair.check()


@pytest.mark.parametrize("shape", [(), (1,)])
@pytest.mark.parametrize("dtype", TOLERANCE)
def test_a_tensor_as_learning_rate(
    dtype: str, shape: tuple[int, ...], rng: np.random.Generator
) -> None:
    """It is float32, also beside float64, and is changed in place."""
    pair = Pair("Adafactor", {"weight_decay": 0.1}, arrays(dtype, rng, SHAPES))
    for library, optimizer in zip(LIBRARIES, pair.optimizers, strict=True):
        optimizer.param_groups[0]["lr"] = library.tensor(np.full(shape, 0.3, np.float32))
    for grads in gradients(20, dtype, rng, SHAPES):
        pair.step(grads)
        pair.check()
        for optimizer in pair.optimizers:
            optimizer.param_groups[0]["lr"].mul_(0.9)


def test_strided_and_transposed_parameters(rng: np.random.Generator) -> None:
    base = rng.normal(size=(8, 6))
    pair = Pair("Adafactor", {"lr": 0.1, "weight_decay": 0.1}, [base.T, base[::2, 1]])
    for library, parameters in zip(LIBRARIES, pair.parameters, strict=True):
        parameters[0].data = library.tensor(base).T
        parameters[1].data = library.tensor(base)[::2, 1]
    for _ in range(5):
        pair.step([rng.normal(size=(6, 8)), rng.normal(size=4)])
        pair.check()


@pytest.mark.parametrize("special", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("place", [(2, 1), (3,)])
def test_not_a_number_is_not_hidden(
    place: tuple[int, ...], special: float, rng: np.random.Generator
) -> None:
    shape = (4, 5)[: len(place)]
    pair = Pair("Adafactor", {}, [rng.normal(size=shape)])
    for spoilt in (False, True, False):
        grad = rng.normal(size=shape)
        if spoilt:
            grad[place] = special
        with np.errstate(all="raise"):
            pair.step([grad])
        pair.check()


@every_row
def test_repr_and_defaults(options: Options) -> None:
    ours, theirs = Pair("Adafactor", options, [np.ones(2)]).optimizers
    assert repr(ours) == repr(theirs)
    assert list(ours.defaults) == list(theirs.defaults)
    assert ours.defaults == theirs.defaults


@pytest.mark.parametrize(
    "options",
    [
        {"lr": -1},
        {"beta2_decay": 0.5},
        {"eps": (-1, 1e-3)},
        {"eps": (None, -1)},
        {"d": 0.5},
        {"weight_decay": -1},
    ],
    ids=named,
)
def test_options_out_of_range(options: Options) -> None:
    """PyTorch's error and text, which goes on here and names the option."""
    texts = []
    for library in LIBRARIES:
        with pytest.raises(ValueError) as caught:
            library.optim.Adafactor([library.ones(2)], **options)
        texts.append(str(caught.value))
    ours, theirs = texts
    assert ours.startswith(theirs)
    assert next(iter(options)) in ours


@every_row
def test_state_dicts_are_interchangeable(options: Options, rng: np.random.Generator) -> None:
    """After ten steps each continues from the other's state."""
    pair = Pair("Adafactor", options, arrays("float64", rng, SHAPES))
    for grads in gradients(10, "float64", rng, SHAPES):
        pair.step(grads)
    pair.exchange_states()
    for grads in gradients(10, "float64", rng, SHAPES):
        pair.step(grads)
        pair.check()


def test_checkpoints_that_lack_options() -> None:
    pair = Pair("Adafactor", {}, [np.ones((2, 3))])
    pair.step([np.ones((2, 3))])
    for optimizer in pair.optimizers:
        saved = optimizer.state_dict()
        saved["state"][0]["step"] = 1.0  # as in old checkpoints
        for group in saved["param_groups"]:
            del group["foreach"]
        optimizer.load_state_dict(saved)
    assert repr(pair.optimizers[0]) == repr(pair.optimizers[1])
    pair.step([np.ones((2, 3))])
    pair.check()
